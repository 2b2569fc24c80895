import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CONTRAST_MIN, DARK_SHEET, contrast, darkGround, darkInk, luminance, over, parseColour, readable } from './colours';

const steps = [0, 51, 102, 153, 204, 255];
const all = steps.flatMap((r) => steps.flatMap((g) => steps.map((b) => ({ r, g, b, a: 1 }))));

test('grounds become dark, words light, and what cannot be read is mended', () => {
	for (const c of all) {
		const ground = darkGround(c);
		assert.ok(luminance(ground) < 0.32, JSON.stringify([c, ground]));
		assert.ok(luminance(darkInk(c)) > 0.3 || contrast(darkInk(c), DARK_SHEET) >= 3, JSON.stringify(c));
		for (const ink of all) {
			const got = readable(darkInk(ink), ground);
			assert.ok(contrast(got, ground) >= CONTRAST_MIN, JSON.stringify([ink, c, got]));
		}
	}
});

test('white paper is the sheet', () => {
	const c = darkGround({ r: 255, g: 255, b: 255, a: 1 });
	for (const k of ['r', 'g', 'b'] as const) assert.ok(Math.abs(c[k] - DARK_SHEET[k]) < 3, JSON.stringify(c));
});

test('reading and laying over', () => {
	assert.deepEqual(parseColour('rgba(1, 2, 3, 0.5)'), { r: 1, g: 2, b: 3, a: 0.5 });
	assert.deepEqual(parseColour('rgb(1 2 3 / 0.5)'), { r: 1, g: 2, b: 3, a: 0.5 });
	assert.equal(parseColour('color(display-p3 1 0 0)'), null);
	assert.equal(Math.round(over({ r: 0, g: 0, b: 0, a: 0.5 }, { r: 255, g: 255, b: 255, a: 1 }).r), 128);
	assert.ok(Math.abs(contrast({ r: 0, g: 0, b: 0, a: 1 }, { r: 255, g: 255, b: 255, a: 1 }) - 21) < 0.01);
});
