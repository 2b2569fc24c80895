import assert from 'node:assert/strict';
import { test } from 'node:test';
import { findWords, snippetParts } from './marks';

test('where words stand', () => {
	const rows: [string, string[], string[]][] = [
		['The boat in May', ['boat'], ['boat']],
		['Boat boat', ['BOAT'], ['Boat', 'boat']],
		['bl\u00e5b\u00e6r', ['blab'], ['bl\u00e5b']],
		['bla\u030ab\u00e6r', ['bla'], ['bla\u030a']],
		['aaa', ['aa'], ['aa']],
		['abcd', ['abc', 'bcd'], ['abcd']],
		['\ud83d\ude00 boat', ['boat'], ['boat']],
		['x', ['', ' '], []],
		['a.b', ['.'], ['.']],
	];
	for (const [text, words, want] of rows)
		assert.deepEqual(findWords(text, words).map(([a, b]) => text.slice(a, b)), want, text);
});

test('snippets', () => {
	assert.deepEqual(snippetParts('a &lt;b&gt; <mark>c &amp; d</mark> &amp;lt;'), [
		{ text: 'a <b> ', hit: false }, { text: 'c & d', hit: true }, { text: ' &lt;', hit: false },
	]);
	assert.deepEqual(snippetParts('<img src=x>&#60;&#x3e;&nothing;'), [{ text: '<img src=x><>&nothing;', hit: false }]);
});
