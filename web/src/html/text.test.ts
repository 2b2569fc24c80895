import assert from 'node:assert/strict';
import { test } from 'node:test';
import { differs, findLinks, mixesScripts } from './links';
import { cleanPreview, flowedOf, readText, unflowed, writeFlowed } from './text';
import { cidKey, isProxied, linkAddress, proxied, remoteAddress } from './address';

const flat = (text: string, o = {}) => readText(text, o).map((b) => [b.depth, b.lines.map((l) => l.map((p) => p.text).join('')).join('|'), b.signature ?? false]);

test('flowed text', () => {
	assert.deepEqual(flat('a \nb\n\nc', { flowed: true }), [[0, 'a b||c', false]]);
	assert.deepEqual(flat('>a \n>b\nc', { flowed: true }), [[1, 'a b', false], [0, 'c', false]]);
	assert.deepEqual(flat(' >a\n From b', { flowed: true }), [[0, '>a|From b', false]]);
	assert.deepEqual(flat('a \n-- \nme', { flowed: true }), [[0, 'a ', false], [0, '-- |me', true]]);
	assert.deepEqual(flat('a \nb', { flowed: true, delsp: true }), [[0, 'ab', false]]);
	assert.deepEqual(flat('a \nb'), [[0, 'a |b', false]]);
	assert.deepEqual(flat('> > a\n>> b\n> c'), [[2, 'a|b', false], [1, 'c', false]]);
	assert.deepEqual(flat('a\r\nb\rc'), [[0, 'a|b|c', false]]);
});

test('what is written flowed is read back', () => {
	const rows = ['hello', 'a b\n\nc', `${'word '.repeat(60).trim()}\nshort`, ' leading', 'From me', '>quote\nanswer', '-- \nme', `${'x'.repeat(300)} y`, '\u00e6\u00f8\u00e5 '.repeat(40).trim()];
	for (const text of rows) {
		const out = writeFlowed(text);
		assert.ok(out.split('\n').every((l) => l.length <= 78 || !/ ./.test(l.slice(0, 77))), text);
		const back = readText(out, { flowed: true }).flatMap((b) => b.lines.map((l) => '>'.repeat(b.depth) + l.map((p) => p.text).join('')));
		assert.equal(back.join('\n'), text, out);
	}
});

test('what was sent flowed can be written on', () => {
	const text = `${'long words '.repeat(30).trim()}\n\n> quoted\n>> deeper\n From here\n-- \nme`;
	assert.equal(unflowed(writeFlowed(text)), text);
	assert.deepEqual(flowedOf({ 'header:Content-Type': ' text/plain; format="Flowed"; DelSp=yes' }), { flowed: true, delsp: true });
	assert.deepEqual(flowedOf({}), { flowed: false, delsp: false });
});

test('links in text', () => {
	const rows: [string, string[]][] = [
		['see https://a.example/x.', ['https://a.example/x']],
		['(https://a.example/x_(y))', ['https://a.example/x_(y)']],
		['www.a.example, and b@c.example!', ['https://www.a.example/', 'mailto:b@c.example']],
		['javascript:alert(1) data:x file:///etc', []],
		['<https://a.example>', ['https://a.example/']],
		['https://a.example/"onclick="x', ['https://a.example/']],
		['https://', []],
		['foo@bar', []],
	];
	for (const [text, want] of rows) {
		const pieces = findLinks(text);
		assert.deepEqual(pieces.filter((p) => p.href).map((p) => p.href), want, text);
		assert.equal(pieces.map((p) => p.text).join(''), text);
	}
	const start = Date.now();
	findLinks('a.'.repeat(100_000));
	findLinks(`https://${'('.repeat(100_000)}`);
	findLinks('a@b.'.repeat(50_000));
	assert.ok(Date.now() - start < 2000, 'slow');
});

test('links that are not what they say', () => {
	assert.ok(differs('https://evil.example/', 'www.bank.example'));
	assert.ok(differs('https://bank.example.evil.test/', 'https://bank.example/login'));
	assert.ok(!differs('https://mail.bank.example/', 'bank.example'));
	assert.ok(!differs('https://evil.example/', 'click here'));
	assert.ok(!differs('mailto:a@b.example', 'bank.example'));
	assert.ok(differs('https://a.co.uk/', 'b.co.uk'));
	assert.ok(mixesScripts('p\u0430ypal.example') && !mixesScripts('paypal.example') && !mixesScripts('\u043f\u043e\u0447\u0442\u0430.example'));
});

test('addresses', () => {
	const bad = ['javascript:1', 'java\tscript:1', ' \x01javascript:1', 'data:text/html,x', '//a.example/', '/x', 'x', 'blob:x', 'vbscript:1', 'ftp://a/', 'view-source:http://a/', 'http://'];
	for (const a of bad) assert.equal(linkAddress(a), null, a);
	for (const a of ['https://a.example/', 'mailto:a@b.example', 'tel:+4512', '#here']) {
		assert.equal(linkAddress(a), a);
	}
	assert.equal(remoteAddress('//u:p@a.example/x y'), 'https://a.example/x%20y');
	assert.ok(isProxied(proxied('http://a.example/?a=1&b="')) === false);
	assert.ok(isProxied(proxied(remoteAddress('http://a.example/?a=1&b="')!)));
	assert.ok(!isProxied('/image?url=javascript%3A1') && !isProxied('/image?url=http://a.example/') && !isProxied('/image?url=%'));
	assert.equal(cidKey('<A%40b>'), cidKey('cid:a@B'));
});

test('previews', () => {
	assert.equal(cleanPreview('@media screen{.a{color:red}} Hello \u200c\u200b\u034f\u00ad there'), 'Hello there');
	assert.equal(cleanPreview('.a { color: red; } p{margin:0} Text'), 'Text');
	assert.equal(cleanPreview('Yes.\n> old\n> older\nBo'), 'Yes. Bo');
});
