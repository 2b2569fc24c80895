import assert from 'node:assert/strict';
import { test } from 'node:test';
import { format } from './format';
import { pseudo } from './pseudo';

const MAILS = '{n, plural, =0 {No mail} one {# mail in {box}} other {# mails in {box}}}';

test('messages', () => {
	const rows: [string, string, Record<string, string | number> | undefined, string][] = [
		['en', 'plain', undefined, 'plain'],
		['en', 'to {name}', { name: 'Bo' }, 'to Bo'],
		['en', 'to {name}, {name}', { name: '{x}' }, 'to {x}, {x}'],
		['en', 'to {name}', {}, 'to {name}'],
		['en', MAILS, { n: 0, box: 'Inbox' }, 'No mail'],
		['en', MAILS, { n: 1, box: 'Inbox' }, '1 mail in Inbox'],
		['en', MAILS, { n: 4812, box: 'Inbox' }, '4,812 mails in Inbox'],
		['de', MAILS, { n: 4812, box: 'Inbox' }, '4.812 mails in Inbox'],
		['da', '{n}', { n: 1234.5 }, '1.234,5'],
		['en', 'open { brace', undefined, 'open { brace'],
		['pl', '{n, plural, one {a} few {b} many {c} other {d}}', { n: 3 }, 'b'],
	];
	for (const [lang, text, args, want] of rows)
		assert.equal(format(lang, text, args), want, text);
});

test('the pseudo language keeps arguments and grows', () => {
	const p = pseudo(MAILS);
	assert.match(format('en', p, { n: 2, box: 'Inbox' }), /2 .*Inbox/);
	assert.ok(pseudo('Move to folder').length >= 'Move to folder'.length * 1.4);
});
