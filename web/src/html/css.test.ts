import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CSS_MAX, cssTokens } from './css_tokens';
import { filterDeclarations, filterSheet } from './css';

const options = { url: (a: string) => (a.startsWith('cid:') ? `/part/${a.slice(4)}` : a.startsWith('/part/') ? a : null) };

test('declarations', () => {
	const rows: [string, string][] = [
		['color:red', 'color:red'],
		['COLOR : Red ;; ', 'color:Red'],
		['color:red !important', 'color:red !important'],
		['color:red !x', ''],
		['color:red !', ''],
		['background:#fff url(http://e/1) no-repeat', 'background:#fff no-repeat'],
		['background:\\75\\72\\6C(http://e/2)', ''],
		['background:u\\72l("http://e/3"),blue', 'background:,blue'],
		['b\\61 ckground:url(cid:x)', 'background:url("/part/x")'],
		['background-image:url( "cid:a\\"b" )', 'background-image:url("/part/a\\22 b")'],
		['background:url(cid:x', ''],
		['background:url(http://e/ x)', ''],
		['filter:url(#a)', ''],
		['list-style:url(cid:x)', ''],
		['width:calc(100% - 10px)', 'width:calc(100% - 10px)'],
		['width:expression(alert(1))', ''],
		['height:100vh;width:50vw', 'width:50vw'],
		['position:fixed', ''],
		['position:\\66ixed', ''],
		['position:relative', 'position:relative'],
		['position:relative !important', 'position:relative !important'],
		['--x:1;color:var(--x)', ''],
		['font-family:"Segoe UI",Arial', 'font-family:"Segoe UI",Arial'],
		['font-family:"</style><x>"', 'font-family:"\\3c /style\\3e \\3c x\\3e "'],
		['content:"x"', ''],
		['color:red}b{color:blue', ''],
		['color:re/**/d', 'color:red'],
		['color:red/* open', 'color:red'],
		['margin:-1px +2px .5em 1e3px', 'margin:-1px 2px 0.5em 1000px'],
		['margin:1e99px', ''],
		['background:linear-gradient(90deg,rgba(0,0,0,.5),#abc 50%)', 'background:linear-gradient(90deg,rgba(0,0,0,0.5),#abc 50%)'],
		['background:image-set("x" 1x)', ''],
		['color:rgb(1,2', 'color:rgb(1,2)'],
		['behavior:url(x);-moz-binding:url(y)', ''],
		['color:\u212a', ''],
	];
	for (const [css, want] of rows) {
		const got = filterDeclarations(css, options);
		assert.equal(got, want, css);
		assert.equal(filterDeclarations(got, options), got, `again: ${css}`);
	}
});

test('sheets', () => {
	const rows: [string, string][] = [
		['p{color:red}', 'p{color:red}'],
		['p{color:red', 'p{color:red}'],
		['@import "x";p{color:red}', 'p{color:red}'],
		['@\\69mport "x";p{color:red}', 'p{color:red}'],
		['@font-face{src:url(x)}p{color:red}', 'p{color:red}'],
		['@media screen and (max-width:600px){.a{color:red}}', '@media screen and (max-width:600px){.a{color:red}}'],
		['@media (prefers-color-scheme:dark){.a{color:red}}', ''],
		['@media print{.a{color:red}}', ''],
		['@media screen{@import "x";@media all{@media all{p{color:red}}}b{color:red}}', '@media screen{b{color:red}}'],
		['<!-- p{color:red} -->', 'p{color:red}'],
		['.a > b , a:hover::before,x::part(y){color:red}', '.a > b,a:hover::before{color:red}'],
		['p:nth-child(2n+1),q:not(.a, [b="c"]){color:red}', 'q:not(.a,[b="c"]){color:red}'],
		['body:has(p),i{color:red}', 'i{color:red}'],
		['a[href^="h"]{background:url(http://e/)}', ''],
		['a{b{color:red}}c{color:red}', 'c{color:red}'],
		['</style><script>{color:red}p{color:red}', 'p{color:red}'],
		['}p{color:red}', ''],
	];
	for (const [css, want] of rows) {
		const got = filterSheet(css, options);
		assert.equal(got.replace(/ ?, ?/g, ','), want, css);
		assert.equal(filterSheet(got, options), got, `again: ${css}`);
		assert.ok(!got.includes('<'), css);
	}
});

test('cut anywhere, nothing gets out', () => {
	const css = 'a{background:u\\72 l("cid:x") red;b:url(http://e/1);c:\\"} @media screen{p{color:red}} q{font-family:"a\\\nb"}';
	for (let i = 0; i <= css.length; i++)
		for (const piece of [css.slice(0, i), css.slice(i)]) {
			const got = filterSheet(piece, options);
			assert.ok(!/http:|</.test(got), piece);
			assert.equal(filterSheet(got, options), got, piece);
		}
});

test('noise gives itself when read again', () => {
	const bits = ['url(', 'a', '\\', '"', "'", '(', ')', '{', '}', ';', ':', 'color', 'red', '/*', '*/', '@media screen', '\n', '<', '75 ', '#f', '1px', ',', '!important', '-', 'background'];
	let seed = 7;
	for (let n = 0; n < 3000; n++) {
		let css = '';
		for (let k = 0; k < 14; k++) {
			seed = (seed * 1103515245 + 12345) % 2147483648;
			css += bits[seed % bits.length];
		}
		const sheet = filterSheet(css, options);
		assert.equal(filterSheet(sheet, options), sheet, css);
		const style = filterDeclarations(css, options);
		assert.equal(filterDeclarations(style, options), style, css);
		assert.ok(!`${sheet}${style}`.includes('<'), css);
	}
});

test('limits', () => {
	assert.equal(cssTokens('a'.repeat(CSS_MAX + 1)).length, 0);
	const deep = `width:${'calc('.repeat(100)}1px${')'.repeat(100)}`;
	assert.equal(filterDeclarations(deep, options), '');
	const start = Date.now();
	filterSheet('{('.repeat(60_000), options);
	filterSheet('a,'.repeat(60_000), options);
	filterSheet('@media('.repeat(20_000), options);
	assert.ok(Date.now() - start < 3000, 'slow');
});
