/*
 * html/dark.ts - give a mail in its frame the colours of the dark theme.
 *
 * It works on what the browser computed, so it is the same whether a colour
 * came from bgcolor, <font>, a style block or an attribute.  All is read
 * first, then all is written.  At the end each text is measured against what
 * lies behind it, and mended where it cannot be read.
 *
 * What stands on a picture keeps its own colours: nobody knows the picture.
 */
import {
	DARK_INK,
	DARK_SHEET,
	colourText,
	contrast,
	darkGround,
	darkInk,
	over,
	parseColour,
	readable,
} from './colours';
import type { Colour } from './colours';

/** More elements than this, and the mail is shown as it is. */
export const ELEMENTS_MAX = 6000;

const WHITE: Colour = { r: 255, g: 255, b: 255, a: 1 };
const SIDES = ['top', 'right', 'bottom', 'left'];

interface Seen {
	el: HTMLElement;
	/* Behind the words: mapped, opaque; null on a picture. */
	ground: Colour | null;
	/* As the words are now. */
	ink: Colour;
	/* What is written, and at the end. */
	put: [string, string][];
}

function colourOf(style: CSSStyleDeclaration, property: string): Colour | null {
	return parseColour(style.getPropertyValue(property));
}

function borders(style: CSSStyleDeclaration, put: Seen['put']): void {
	for (const side of SIDES) {
		if (parseFloat(style.getPropertyValue(`border-${side}-width`)) === 0) continue;
		const c = colourOf(style, `border-${side}-color`);
		/* A light line on paper is a faint one; so it is on the dark sheet. */
		if (c && c.a > 0) put.push([`border-${side}-color`, colourText(darkGround(c))]);
	}
}

function gradient(image: string): string | null {
	if (!image.includes('gradient(') || image.includes('url(')) return null;
	return image.replace(/rgba?\([^)]*\)/g, (s) => {
		const c = parseColour(s);
		return c ? colourText(darkGround(c)) : s;
	});
}

function ground(style: CSSStyleDeclaration, behind: Colour | null, put: Seen['put']): Colour | null {
	const own = colourOf(style, 'background-color');
	const image = style.getPropertyValue('background-image');
	if (image.includes('url(')) return null;
	const turned = gradient(image);
	if (turned) put.push(['background-image', turned]);
	if (!own || own.a === 0) {
		const first = turned ? parseColour(/rgba?\([^)]*\)/.exec(turned)?.[0] ?? '') : null;
		return first && behind ? over(first, behind) : behind;
	}
	/* On a picture a sheet of its own may still lie. */
	if (!behind && own.a < 1) return null;
	const to = darkGround(own);
	put.push(['background-color', colourText(to)]);
	return over(to, behind ?? DARK_SHEET);
}

function look(el: HTMLElement, parents: Map<Element, Seen>, view: Window): Seen {
	const style = view.getComputedStyle(el);
	const parent = parents.get(el.parentElement!);
	const behind = parent ? parent.ground : DARK_SHEET;
	const put: Seen['put'] = [];
	const here = ground(style, behind, put);
	const own = colourOf(style, 'color') ?? DARK_INK;
	const ink = here ? darkInk(own) : own;
	if (here) borders(style, put);
	put.push(['color', colourText(ink)]);
	return { el, ground: here, ink, put };
}

function hasText(el: Element): boolean {
	for (let n = el.firstChild; n; n = n.nextSibling)
		if (n.nodeType === 3 && /\S/.test(n.nodeValue ?? '')) return true;
	return false;
}

/** False when it was left as it is. */
export function darken(doc: Document): boolean {
	const view = doc.defaultView;
	const all = [doc.body, ...doc.body.querySelectorAll<HTMLElement>('*')];
	const seen = new Map<Element, Seen>();
	if (!view || all.length > ELEMENTS_MAX) return false;
	for (const el of all) if (el.nodeName !== 'STYLE') seen.set(el, look(el, seen, view));
	for (const s of seen.values()) {
		if (s.ground && hasText(s.el)) {
			const ink = readable(s.ink, s.ground);
			if (ink !== s.ink) s.put.push(['color', colourText(ink)]);
		}
		for (const [name, value] of s.put) s.el.style.setProperty(name, value, 'important');
	}
	return true;
}

/** The least contrast of a text in the frame, those on pictures aside. */
export function leastContrast(doc: Document, paper: Colour = WHITE): number {
	const view = doc.defaultView!;
	let least = 21;
	for (const el of [doc.body, ...doc.body.querySelectorAll<HTMLElement>('*')]) {
		if (el.nodeName === 'STYLE' || !hasText(el)) continue;
		const chain: Colour[] = [];
		let picture = false;
		for (let e: Element | null = el; e; e = e.parentElement) {
			const style = view.getComputedStyle(e);
			const c = colourOf(style, 'background-color');
			if (style.getPropertyValue('background-image').includes('url(')) picture = true;
			if (c && c.a > 0) chain.push(c);
			if (c && c.a === 1) break;
		}
		if (picture) continue;
		const behind = chain.reverse().reduce((g, c) => over(c, g), paper);
		const ink = colourOf(view.getComputedStyle(el), 'color');
		if (ink) least = Math.min(least, contrast(over(ink, behind), behind));
	}
	return least;
}
