/*
 * html/frame.ts - show cleaned HTML in the frame that runs no script.
 *
 * The frame is the page /frame of this host: empty, sandboxed, with a policy
 * that fetches nothing from elsewhere.  Its listeners are ours, set from
 * outside.  It is as high as its mail, and a mail that is wider than the
 * frame is scaled down to it, by half at most; beyond that it scrolls inside.
 *
 *	const shown = showInFrame(iframe, clean, { dark, onMailto, ... });
 *	...
 *	shown.close();
 */
import { darken } from './dark';
import { linkAddress } from './address';
import { differs } from './links';
import type { Clean } from './sanitize';

export interface FrameOptions {
	/** Colours of the dark theme; `original` keeps those of the mail. */
	dark?: boolean;
	original?: boolean;
	onMailto?(address: string): void;
	/** The target of what is under the mouse or has the focus. */
	onTarget?(address: string | null): void;
	/** A link whose words name another host: true lets it open. */
	onDiffers?(address: string, words: string): boolean;
	/** Its colours could not be made dark; it lies on a white card. */
	onOriginal?(): void;
	/** First time that it has its height. */
	onReady?(): void;
}

export interface ShownFrame {
	document: Document;
	close(): void;
}

const SCALE_MIN = 0.5;

const BASE = `
html{margin:0;overflow-x:auto;overflow-y:hidden;height:auto!important;-webkit-text-size-adjust:100%;
color:#1b2225;color-scheme:light}
html[data-look~=card]{background:#fff}
html[data-look~=dark]{color:#e9ecea;color-scheme:dark}
body{display:flow-root;margin:0;padding:0;height:auto!important;min-height:0!important;overflow-wrap:break-word;
font:16px/1.6 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
html[data-look~=styled] body{padding:16px}
html[data-look~=plain] a{color:#0a5a68}html[data-look~=plain][data-look~=dark] a{color:#6cc7d4}
img{max-width:100%}td img{max-width:none}img[width][height]:not(td img){height:auto}
pre{white-space:pre-wrap}table{border-spacing:0}
blockquote{margin:0 0 0 8px;padding-left:12px;border-left:2px solid #857f70}
a{text-underline-offset:2px}
::highlight(found){background:#ffe9a8;color:#1b2225}
summary[data-fold]{display:inline-block;padding:0 10px;border-radius:12px;background:rgba(128,128,128,.25);
list-style:none;cursor:pointer;font:16px/1.4 sans-serif}
`;

/* Its own colours are given to html, so that those of the mail's body, by
 * whatever attribute, lie over them. */
function fill(iframe: HTMLIFrameElement, doc: Document, clean: Clean, o: FrameOptions): void {
	const root = doc.documentElement;
	const base = doc.createElement('style');
	base.textContent = BASE;
	doc.head.replaceChildren(base);
	for (const a of [...doc.body.attributes]) doc.body.removeAttribute(a.name);
	for (const [name, value] of clean.body) doc.body.setAttribute(name, value);
	doc.body.innerHTML = clean.html;
	fold(doc);
	root.removeAttribute('style');
	/* No class: those of the mail's sheet would reach it. */
	const look = clean.coloured ? 'styled' : 'plain';
	let dark = Boolean(o.dark) && !(clean.coloured && o.original);
	root.dataset.look = clean.coloured ? 'styled card' : 'plain';
	if (dark && clean.coloured) {
		dark = darken(doc);
		if (!dark) o.onOriginal?.();
	}
	if (dark) root.dataset.look = `${look} dark`;
	/* A frame of another scheme than its page is not transparent. */
	iframe.style.colorScheme = dark ? 'dark' : 'light';
}

/* The quote at the end of an answer is folded away; words between quotes are
 * an answer to them, and stay. */
function fold(doc: Document): void {
	const all = [...doc.body.querySelectorAll('blockquote')];
	const last = all.filter((q) => !q.parentElement?.closest('blockquote')).pop();
	const r = doc.createRange();
	if (!last) return;
	r.selectNodeContents(doc.body);
	r.setStartAfter(last);
	const behind = r.toString().trim();
	r.selectNodeContents(doc.body);
	r.setEndBefore(last);
	if (behind || !r.toString().trim()) return;
	const details = doc.createElement('details');
	const summary = doc.createElement('summary');
	summary.textContent = '\u2026';
	summary.dataset.fold = '';
	last.replaceWith(details);
	details.append(summary, last);
}

/* ---- size ---- */

function fit(iframe: HTMLIFrameElement, doc: Document): void {
	const body = doc.body;
	const room = iframe.clientWidth;
	if (!room) return;
	body.style.removeProperty('transform');
	body.style.removeProperty('width');
	const wide = Math.max(body.scrollWidth, doc.documentElement.scrollWidth);
	let scale = 1;
	if (wide > room + 1) {
		scale = Math.max(SCALE_MIN, room / wide);
		body.style.setProperty('width', `${wide}px`, 'important');
		body.style.setProperty('box-sizing', 'border-box', 'important');
		body.style.setProperty('transform-origin', '0 0');
		body.style.setProperty('transform', `scale(${scale})`);
	}
	/* What is scaled leaves its old room, so nothing of it may scroll. */
	const spill = scale < 1 && room / wide >= SCALE_MIN;
	doc.documentElement.style.setProperty('overflow-x', spill ? 'hidden' : 'auto');
	const height = Math.ceil(Math.max(body.scrollHeight, body.offsetHeight) * scale);
	const bar = scale < 1 && !spill ? 16 : 0;
	iframe.style.height = `${height + bar}px`;
}

/* ---- what is done in it ---- */

function linkOf(e: Event): HTMLAnchorElement | null {
	const t = e.target as Element | null;
	return (t?.closest?.('a[href]') as HTMLAnchorElement | null) ?? null;
}

function clicked(e: Event, o: FrameOptions): void {
	const a = linkOf(e);
	const href = a ? linkAddress(a.getAttribute('href') ?? '') : null;
	if (!a) return;
	if (!href) {
		e.preventDefault();
	} else if (href.startsWith('mailto:')) {
		e.preventDefault();
		o.onMailto?.(href);
	} else if (href.startsWith('#')) {
		e.preventDefault();
		a.ownerDocument.getElementById(href.slice(1))?.scrollIntoView();
	} else if (differs(href, a.textContent ?? '') && o.onDiffers && !o.onDiffers(href, a.textContent ?? '')) {
		e.preventDefault();
	}
}

/* Keys are the app's: its shortcuts hold in the mail as well. */
function pass(iframe: HTMLIFrameElement, e: KeyboardEvent): void {
	const copy = new KeyboardEvent('keydown', {
		key: e.key,
		code: e.code,
		ctrlKey: e.ctrlKey,
		shiftKey: e.shiftKey,
		altKey: e.altKey,
		metaKey: e.metaKey,
		bubbles: true,
		cancelable: true,
	});
	if (!iframe.dispatchEvent(copy)) e.preventDefault();
}

function listen(iframe: HTMLIFrameElement, doc: Document, o: FrameOptions): void {
	doc.addEventListener('click', (e) => clicked(e, o));
	doc.addEventListener('auxclick', (e) => clicked(e, o));
	doc.addEventListener('keydown', (e) => pass(iframe, e));
	for (const kind of ['mouseover', 'focusin'])
		doc.addEventListener(kind, (e) => o.onTarget?.(linkOf(e)?.href ?? null));
	for (const kind of ['mouseleave', 'focusout']) doc.addEventListener(kind, () => o.onTarget?.(null));
}

/** The frame has loaded FRAME_URL. */
export function showInFrame(iframe: HTMLIFrameElement, clean: Clean, o: FrameOptions = {}): ShownFrame {
	const doc = iframe.contentDocument;
	if (!doc || !doc.body) throw new Error('the frame is not there');
	fill(iframe, doc, clean, o);
	listen(iframe, doc, o);
	let width = 0;
	const refit = (): void => fit(iframe, doc);
	const outside = new ResizeObserver(() => {
		if (iframe.clientWidth === width) return;
		width = iframe.clientWidth;
		refit();
	});
	const late = (): void => refit();
	doc.addEventListener('load', late, true);
	doc.addEventListener('toggle', late, true);
	outside.observe(iframe);
	refit();
	o.onReady?.();
	return {
		document: doc,
		close() {
			outside.disconnect();
		},
	};
}
