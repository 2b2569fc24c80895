import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

/* The colours of css/tokens.css against the contrasts that they promise (WCAG 2.2,
 * 1.4.3 and 1.4.11): text 4.5, controls and icons 3. */

type Theme = Record<string, string>;

function theme(css: string, head: string): Theme {
	const from = css.indexOf(head) + head.length;
	const block = css.slice(from, css.indexOf('}', from));
	return Object.fromEntries([...block.matchAll(/--([\w-]+):\s*(#[0-9A-Fa-f]{6})/g)].map((m) => [m[1]!, m[2]!]));
}

function luminance(hex: string): number {
	const [r, g, b] = [1, 3, 5].map((i) => {
		const v = Number.parseInt(hex.slice(i, i + 2), 16) / 255;
		return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
	});
	return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
}

function contrast(a: string, b: string): number {
	const [x, y] = [luminance(a), luminance(b)];
	return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

const css = readFileSync('css/tokens.css', 'utf8');
const light = theme(css, ':root {');
const themes: Record<string, Theme> = {
	light,
	dark: { ...light, ...theme(css, ':root[data-theme=dark] {') },
	'dark by the system': { ...light, ...theme(css, ':root:not([data-theme=light]) {') },
};

const GROUNDS = ['bg', 'surface', 'surface-2', 'sel'];
const PAIRS: [string, string[], number][] = [
	...['ink', 'ink-2', 'ink-3', 'accent'].map((c): [string, string[], number] => [c, GROUNDS, 4.5]),
	['on-accent', ['accent', 'accent-hover'], 4.5],
	['accent', ['accent-soft'], 4.5],
	...['ok', 'warn', 'err', 'info'].map((c): [string, string[], number] => [c, [`${c}-soft`, 'surface'], 4.5]),
	['ink', ['mark'], 4.5],
	['line-strong', ['bg', 'surface', 'surface-2'], 3],
	['star', ['bg', 'surface', 'sel'], 3],
	['focus', GROUNDS, 3],
	['bg', ['ink'], 4.5],
	['surface', ['err'], 4.5],
];

test('every pair of colours', () => {
	for (const [name, t] of Object.entries(themes)) {
		assert.ok(Object.keys(t).length > 20, name);
		for (const [c, grounds, least] of PAIRS)
			for (const g of grounds) {
				const got = contrast(t[c]!, t[g]!);
				assert.ok(got >= least, `${name}: ${c} on ${g}: ${got.toFixed(2)}`);
			}
	}
});

test('the colours of the papers are here', () => {
	assert.deepEqual([light.bg, light.accent, themes.dark!.bg, themes.dark!.accent], ['#F6F4EE', '#0A5A68', '#12171A', '#6CC7D4']);
	assert.deepEqual(themes.dark, themes['dark by the system']);
});
