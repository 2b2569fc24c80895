/*
 * html/sanitize.ts - the HTML of a mail, made harmless.
 *
 * An allow-list over DOMPurify: listed elements and attributes, CSS through
 * html/css.ts, addresses through html/address.ts.  It is the first of three
 * layers; the frame (html/frame.ts) runs no script and its policy fetches
 * from this host alone.  Read again the output gives itself.
 *
 *	const clean = sanitize(html, { cids, images: false });
 *	if (clean.remote) offer("Show images");
 *
 * Pictures of one pixel are never fetched: they only tell that you read.
 */
import createPurify from 'dompurify';
import type { Config, DOMPurify, WindowLike } from 'dompurify';
import { cidKey, isPictureData, isProxied, linkAddress, proxied, remoteAddress } from './address';
import { filterDeclarations, filterSheet } from './css';
import { FRAME_URL } from './frame_url';

export interface SanitizeOptions {
	/* Content-ID (cidKey) -> the address of the part on this host. */
	cids?: ReadonlyMap<string, string>;
	/* Fetch what lies elsewhere, through the proxy. */
	images?: boolean;
	/* To be edited among our own: no sheets, classes or ids, nothing that takes
	 * its place elsewhere; a picture remembers its address in data-from. */
	editing?: boolean;
}

/** The class that a signature keeps while it is edited. */
export const SIGNATURE = 'signature';

export interface Clean {
	/* What goes into the body. */
	html: string;
	/* What the body itself is given. */
	body: ReadonlyArray<readonly [string, string]>;
	/* How many pictures elsewhere were left out. */
	remote: number;
	/* How many of them were of one pixel. */
	trackers: number;
	/* Does the mail set colours of its own? */
	coloured: boolean;
	/* What is in the body, as nodes of a document that is not shown. */
	nodes: DocumentFragment;
}

/* More than this is cut: no mail for people is so long. */
export const HTML_MAX = 2 * 1024 * 1024;

const TAGS = `
a abbr acronym address article aside b bdi bdo big blockquote body br caption
center cite code col colgroup dd del details dfn dir div dl dt em figcaption
figure font footer h1 h2 h3 h4 h5 h6 head header hr html i img ins kbd li main
mark nav ol p pre q rp rt ruby s samp section small span strike strong style
sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr
`
	.trim()
	.split(/\s+/);

const ATTRIBUTES = `
abbr align alt axis background bgcolor border cellpadding cellspacing char
charoff cite class clear color cols colspan compact datetime dir face frame
headers height href hspace id lang nowrap open reversed rowspan rules scope
size span src start style summary target rel title type valign value vspace
width text link vlink alink data-from data-cid
`
	.trim()
	.split(/\s+/);

/* What stands in them is no text for people. */
const DROPPED = `
applet audio canvas embed frame frameset iframe math noembed noframes noscript
object option script select svg template textarea title video xml xmp
`
	.trim()
	.split(/\s+/);

const CONFIG: Config = {
	ALLOWED_TAGS: TAGS,
	ALLOWED_ATTR: ATTRIBUTES,
	FORBID_CONTENTS: DROPPED,
	ALLOW_DATA_ATTR: false,
	ALLOW_ARIA_ATTR: false,
	ALLOW_UNKNOWN_PROTOCOLS: false,
	/* Each address was decided on by the hook; this is what it can give. */
	ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|tel:|sms:|#|\/|data:image\/|blob:)/i,
	ADD_URI_SAFE_ATTR: ATTRIBUTES.filter((a) => a !== 'href' && a !== 'src' && a !== 'background'),
	WHOLE_DOCUMENT: true,
	RETURN_DOM: true,
	SANITIZE_DOM: true,
};

/* Of one run; the hooks of a DOMPurify are shared by all its runs. */
interface Run {
	options: SanitizeOptions;
	own: Set<string>;
	seen: Set<string>;
	trackers: number;
	coloured: boolean;
}

let run: Run;
let purify: DOMPurify | undefined;

function isPixel(el: Element): boolean {
	const w = el.getAttribute('width'),
		h = el.getAttribute('height');
	const small = (s: string | null): boolean => s !== null && /^\s*[01](px)?\s*$/.test(s);
	return (small(w) && (small(h) || h === null)) || (small(h) && w === null);
}

/* The address to fetch a picture from, or null. */
function picture(address: string, pixel: boolean): string | null {
	const s = address.trim();
	if (run.own.has(s)) return s;
	if (/^cid:/i.test(s)) return run.options.cids?.get(cidKey(s)) ?? null;
	if (isPictureData(s)) return pixel ? null : s;
	if (isProxied(s)) return run.options.images && !pixel ? s : null;
	const remote = remoteAddress(s);
	if (!remote) return null;
	if (pixel) run.trackers++;
	else if (run.options.images) return proxied(remote);
	else run.seen.add(remote);
	return null;
}

const css = { url: (address: string): string | null => picture(address, false) };

function style(text: string): string {
	const out = filterDeclarations(text, css);
	if (/(^|;)(color|background|background-color):/.test(out)) run.coloured = true;
	return out;
}

function link(el: Element, address: string): string | null {
	const to = linkAddress(address);
	if (to === null || el.nodeName !== 'A') return null;
	if (!to.startsWith('#')) {
		el.setAttribute('target', '_blank');
		el.setAttribute('rel', 'noopener noreferrer');
	}
	return to;
}

const PLACED = /^(?:position|top|right|bottom|left|z-index|float|width|max-width|min-width|height|min-height|max-height|display|opacity|overflow.*|visibility)$/;

/* Pictures that are edited: where each comes from, to be written so again. */
function edited(el: Element, value: string): string | null {
	const s = value.trim();
	const from = el.getAttribute('data-from') ?? remoteAddress(s);
	if (/^cid:/i.test(s) && run.options.cids?.has(cidKey(s))) el.setAttribute('data-cid', cidKey(s));
	const to = picture(s, isPixel(el));
	if (from && !isPixel(el) && !el.hasAttribute('data-cid')) el.setAttribute('data-from', from);
	return to;
}

function editedAttribute(el: Element, name: string, value: string): string | null | undefined {
	if (name === 'class') return value === SIGNATURE ? value : null;
	if (name === 'id' || name === 'background' || name === 'tabindex') return null;
	if (name === 'src') return el.nodeName === 'IMG' ? edited(el, value) : null;
	if (name === 'data-from') return remoteAddress(value) === value ? value : null;
	if (name === 'data-cid') return run.options.cids?.has(value) ? value : null;
	if (name === 'style')
		return (
			style(value)
				.split(';')
				.filter((d) => !PLACED.test(d.slice(0, d.indexOf(':'))))
				.join(';') || null
		);
	return undefined;
}

/* What an attribute becomes, or null when it goes. */
function attribute(el: Element, name: string, value: string): string | null {
	if (run.options.editing) {
		const to = editedAttribute(el, name, value);
		if (to !== undefined) return to;
	}
	switch (name) {
		case 'data-from':
		case 'data-cid':
			return null;
		case 'style':
			return style(value) || null;
		case 'href':
			return link(el, value);
		case 'src':
			return el.nodeName === 'IMG' ? picture(value, isPixel(el)) : null;
		case 'background':
			run.coloured = true;
			return picture(value, false);
		case 'bgcolor':
		case 'color':
		case 'text':
		case 'link':
		case 'vlink':
		case 'alink':
			run.coloured = true;
			return /^[#\w ]{1,30}$/.test(value) ? value : null;
		case 'target':
			return el.nodeName === 'A' && value === '_blank' ? value : null;
		case 'rel':
			return el.nodeName === 'A' && value === 'noopener noreferrer' ? value : null;
		case 'type':
			return /^(OL|UL|LI)$/.test(el.nodeName) ? value : null;
		case 'cite':
			return null;
		default:
			return value;
	}
}

/* An address of a link is all that need stay of its name. */
function keepAnchor(el: Element): void {
	const name = el.getAttribute('name');
	if (name && el.nodeName === 'A' && !el.id) el.id = name;
}

function sheet(el: Element): void {
	const media = el.getAttribute('media');
	if (run.options.editing) {
		el.textContent = '';
		return;
	}
	const text = media && /print|dark|speech/i.test(media) ? '' : filterSheet(el.textContent ?? '', css);
	if (/(^|[{;])(color|background|background-color):/.test(text)) run.coloured = true;
	el.textContent = text;
}

function make(view: Window): DOMPurify {
	const p = createPurify(view as unknown as WindowLike);
	p.addHook('uponSanitizeElement', (node, data) => {
		const el = node as Element;
		if (data.tagName === 'style') sheet(el);
		else if (data.tagName === 'a') keepAnchor(el);
	});
	p.addHook('uponSanitizeAttribute', (node, data) => {
		const to = attribute(node as Element, data.attrName, data.attrValue);
		if (to === null) data.keepAttr = false;
		else data.attrValue = to;
	});
	return p;
}

/* <style> of the head goes before the body, where it is read as well. */
function gather(root: Element): Pick<Clean, 'html' | 'body' | 'nodes'> {
	const doc = root.ownerDocument;
	const body = root.querySelector('body') ?? doc.createElement('body');
	const styles = [...root.querySelectorAll('style')];
	const text = styles.map((s) => s.textContent ?? '').join('');
	for (const s of styles) s.remove();
	if (text) {
		const one = doc.createElement('style');
		one.textContent = text;
		body.prepend(one);
	}
	const html = body.innerHTML;
	const nodes = doc.createDocumentFragment();
	nodes.append(...body.childNodes);
	return {
		html,
		nodes,
		body: [...body.attributes].map((a) => [a.name, a.value] as const),
	};
}

let preparing: Promise<void> | undefined;

/**
 * Let the mail be read in a frame of FRAME_URL, where no script runs and styles
 * may be: else the browser tells of each style that our page's policy refuses.
 */
export function prepare(): Promise<void> {
	preparing ??= new Promise<void>((done) => {
		const frame = document.createElement('iframe');
		frame.hidden = true;
		frame.src = FRAME_URL;
		frame.onload = () => {
			if (frame.contentWindow && frame.contentDocument?.body) purify ??= make(frame.contentWindow);
			done();
		};
		frame.onerror = () => done();
		document.body.append(frame);
	});
	return preparing;
}

export function sanitize(html: string, options: SanitizeOptions = {}): Clean {
	purify ??= make(window);
	run = { options, own: new Set(options.cids?.values()), seen: new Set(), trackers: 0, coloured: false };
	const root = purify.sanitize(html.slice(0, HTML_MAX), CONFIG) as unknown as Element;
	const made = gather(root);
	return { ...made, remote: run.seen.size, trackers: run.trackers, coloured: run.coloured };
}

/* As one document, for tests and for what is kept. */
export function cleanDocument(clean: Clean, doc: Document): string {
	const body = doc.createElement('body');
	for (const [name, value] of clean.body) body.setAttribute(name, value);
	const open = body.outerHTML.slice(0, -'</body>'.length);
	return `<html><head></head>${open}${clean.html}</body></html>`;
}
