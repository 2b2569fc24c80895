/* What the browser is given by html.mjs: the parts of web/src/html, by name. */
import { leastContrast } from '../../web/src/html/dark';
import { showInFrame } from '../../web/src/html/frame';
import { cleanDocument, prepare, sanitize } from '../../web/src/html/sanitize';
import type { FrameOptions } from '../../web/src/html/frame';

async function frame(width: number): Promise<HTMLIFrameElement> {
	const f = document.createElement('iframe');
	f.src = '/frame';
	f.style.cssText = `width:${width}px;border:0`;
	document.querySelector('iframe:not([hidden])')?.remove();
	document.body.append(f);
	await new Promise((done) => f.addEventListener('load', done, { once: true }));
	return f;
}

const options = (images: boolean) => ({ images, cids: new Map([['a@b', '/jmap/download/A1/G1-2/a?type=image%2Fpng']]) });

/* Everything in it that may react is made to; names in the mail may hide the
 * document's own. */
function provoke(doc: Document): void {
	for (const el of Document.prototype.querySelectorAll.call(doc, '*') as NodeListOf<Element>)
		for (const kind of ['mouseover', 'mousemove', 'focus', 'toggle', 'pointerenter', 'error', 'load'])
			el.dispatchEvent(new Event(kind, { bubbles: false }));
}

function offences(doc: Document): string[] {
	const out: string[] = [];
	const names = new Set('script iframe object embed svg math form input button base meta link video audio template'.split(' '));
	const far = (text: string): boolean => /evil\.example|\bleak\//.test(text.replace(/\/image\?url=[\w%.-]*/g, ''));
	for (const el of doc.body.querySelectorAll('*')) {
		if (el.localName === 'style' && far(el.textContent ?? '')) out.push(`sheet ${el.textContent}`);
		if (names.has(el.localName)) out.push(el.localName);
		for (const a of el.attributes) {
			if (!/^(href|title|alt)$/.test(a.name) && far(a.value)) out.push(`${a.name} ${a.value}`);
			if (/^on|^srcdoc$|^ping$|^form|^name$/i.test(a.name)) out.push(`${el.localName}[${a.name}]`);
			if (a.name === 'href' && !/^(https?:|mailto:|tel:|sms:|#)/.test(a.value)) out.push(`href ${a.value}`);
			if (a.name === 'href' && /^https?:/.test(a.value) && (el.getAttribute('target') !== '_blank' || el.getAttribute('rel') !== 'noopener noreferrer')) out.push(`target ${a.value}`);
		}
		if (/fixed|sticky/.test(getComputedStyle(el).position)) out.push(`position of ${el.localName}`);
	}
	return out;
}

const contentOf = (doc: Document): number => Math.max(doc.body.getBoundingClientRect().bottom, doc.body.lastElementChild?.getBoundingClientRect().bottom ?? 0);

const fits = (f: HTMLIFrameElement, doc: Document): boolean =>
	[...doc.images].every((i) => i.complete) && f.clientHeight >= Math.floor(contentOf(doc)) && f.clientHeight <= contentOf(doc) + 40;

const harness = {
	async attack(html: string, images: boolean) {
		const clean = sanitize(html, options(images));
		const f = await frame(800);
		const doc = f.contentDocument!;
		const once = cleanDocument(clean, doc);
		const twice = cleanDocument(sanitize(once, options(images)), doc);
		const parsed = new (f.contentWindow as unknown as typeof globalThis).DOMParser().parseFromString(once, 'text/html').documentElement.outerHTML;
		const shown = showInFrame(f, clean, {});
		provoke(shown.document);
		const found = offences(shown.document);
		const inFrame = shown.document.body.innerHTML === clean.html;
		shown.close();
		return { once, twice, parsed, found, inFrame, remote: clean.remote, trackers: clean.trackers, text: shown.document.body.innerText };
	},
	/* The frame alone: nothing is cleaned. */
	async raw(html: string) {
		const f = await frame(800);
		const doc = f.contentDocument!;
		doc.body.innerHTML = html;
		provoke(doc);
	},
	async show(html: string, width: number, o: FrameOptions) {
		const f = await frame(width);
		document.documentElement.style.background = o.dark ? 'rgb(25,31,35)' : '#fff';
		let original = false;
		const shown = showInFrame(f, sanitize(html, options(true)), { ...o, onOriginal: () => { original = true; } });
		const doc = shown.document;
		/* Pictures come when they come, and the height after them. */
		for (let i = 0; i < 100 && (i < 2 || !fits(f, doc)); i++) await new Promise((done) => setTimeout(done, 30));
		const paper = { r: 25, g: 31, b: 35, a: 1 };
		return {
			original,
			contrast: o.dark && !original ? leastContrast(doc, paper) : 21,
			page: document.documentElement.scrollWidth,
			inside: doc.documentElement.scrollWidth,
			client: doc.documentElement.clientWidth,
			height: f.clientHeight,
			content: contentOf(doc),
			scheme: getComputedStyle(f).colorScheme,
		};
	},
	prepare,
	sanitize,
};

declare global {
	interface Window {
		harness: typeof harness;
		pwned?: unknown;
	}
}
window.harness = harness;
