/*
 * html/colours.ts - colours of a mail on a dark ground.
 *
 * Lightness is turned round in Oklab, where equal steps look equal, and hue
 * and colourfulness stay: white paper becomes the sheet of the dark theme,
 * dark words become light ones, a blue button stays a blue button.
 */

/** 0..255 each, and 0..1. */
export interface Colour {
	r: number;
	g: number;
	b: number;
	a: number;
}

/** The sheet that mail lies on in the dark theme, and its ink (css tokens). */
export const DARK_SHEET: Colour = { r: 0x19, g: 0x1f, b: 0x23, a: 1 };
export const DARK_INK: Colour = { r: 0xe9, g: 0xec, b: 0xea, a: 1 };

export const CONTRAST_MIN = 4.5;

/** Of what getComputedStyle gives; null when it is no plain colour. */
export function parseColour(s: string): Colour | null {
	if (s === 'transparent') return { r: 0, g: 0, b: 0, a: 0 };
	const m = /^rgba?\(([^)]*)\)$/.exec(s);
	if (!m) return null;
	const n = m[1]!.split(/[\s,/]+/).map(Number);
	if (n.length < 3 || n.some(Number.isNaN)) return null;
	return { r: n[0]!, g: n[1]!, b: n[2]!, a: n[3] ?? 1 };
}

export function colourText(c: Colour): string {
	const [r, g, b] = [c.r, c.g, c.b].map((v) => Math.round(Math.min(255, Math.max(0, v))));
	return c.a >= 1 ? `rgb(${r}, ${g}, ${b})` : `rgba(${r}, ${g}, ${b}, ${Math.round(c.a * 1000) / 1000})`;
}

/** `c` laid over `ground`, which is opaque. */
export function over(c: Colour, ground: Colour): Colour {
	const mix = (x: number, y: number): number => x * c.a + y * (1 - c.a);
	return { r: mix(c.r, ground.r), g: mix(c.g, ground.g), b: mix(c.b, ground.b), a: 1 };
}

function linear(v: number): number {
	const s = v / 255;
	return s <= 0.04045 ? s / 12.92 : ((s + 0.055) / 1.055) ** 2.4;
}

function gamma(v: number): number {
	const s = Math.min(1, Math.max(0, v));
	return 255 * (s <= 0.0031308 ? s * 12.92 : 1.055 * s ** (1 / 2.4) - 0.055);
}

/** Relative luminance as WCAG has it. */
export function luminance(c: Colour): number {
	return 0.2126 * linear(c.r) + 0.7152 * linear(c.g) + 0.0722 * linear(c.b);
}

export function contrast(a: Colour, b: Colour): number {
	const x = luminance(a),
		y = luminance(b);
	return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

type Lab = [number, number, number];

function toLab(c: Colour): Lab {
	const r = linear(c.r),
		g = linear(c.g),
		b = linear(c.b);
	const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
	const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
	const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
	return [
		0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
		1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
		0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
	];
}

function fromLab([L, A, B]: Lab, a: number): Colour {
	const l = (L + 0.3963377774 * A + 0.2158037573 * B) ** 3;
	const m = (L - 0.1055613458 * A - 0.0638541728 * B) ** 3;
	const s = (L - 0.0894841775 * A - 1.291485548 * B) ** 3;
	return {
		r: gamma(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
		g: gamma(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
		b: gamma(-0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s),
		a,
	};
}

function withLightness(c: Colour, map: (l: number) => number, tint: Lab = [0, 0, 0]): Colour {
	const [l, a, b] = toLab(c);
	const to = map(l);
	/* Very light and very dark colours have no room for much hue. */
	const keep = Math.min(1, to > 0.5 ? (1.15 - to) / 0.3 : to / 0.2);
	return fromLab([to, a * keep + tint[1] * l, b * keep + tint[2] * l], c.a);
}

const SHEET = toLab(DARK_SHEET);

/** Grounds: light ones become dark, white the sheet itself; dark ones stay. */
export function darkGround(c: Colour): Colour {
	if (c.a === 0) return c;
	if (toLab(c)[0] < 0.5) return withLightness(c, (l) => Math.max(0.16, l));
	return withLightness(c, (l) => SHEET[0] + (1 - l) * ((0.5 - SHEET[0]) / 0.5), SHEET);
}

/** Words and lines: dark ones become light, light ones stay. */
export function darkInk(c: Colour): Colour {
	if (c.a === 0) return c;
	return withLightness(c, (l) => (l >= 0.72 ? l : 0.94 - l * 0.28));
}

/** The nearest to `ink` that can be read on `ground`. */
export function readable(ink: Colour, ground: Colour): Colour {
	const solid = over(ink, ground);
	if (contrast(solid, ground) >= CONTRAST_MIN) return ink;
	const white: Colour = { r: 255, g: 255, b: 255, a: 1 };
	const black: Colour = { r: 0, g: 0, b: 0, a: 1 };
	const up = contrast(white, ground) >= contrast(black, ground);
	for (let step = 1; step < 20; step++) {
		const c = withLightness(solid, (l) => (up ? l + ((1 - l) * step) / 20 : l - (l * step) / 20));
		if (contrast(c, ground) >= CONTRAST_MIN + 0.05) return { ...c, a: 1 };
	}
	return up ? white : black;
}
