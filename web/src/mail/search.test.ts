import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseSearch, type Hint, type SearchContext } from './search';

const context: SearchContext = {
	here: 'M1',
	scope: 'anywhere',
	folders: [
		{ id: 'M1', name: 'Inbox', path: 'Inbox', role: 'inbox' },
		{ id: 'M2', name: 'Gesendet', path: 'Gesendet', role: 'sent' },
		{ id: 'M3', name: 'Spam', path: 'Spam', role: 'junk' },
		{ id: 'M4', name: 'Trash', path: 'Trash', role: 'trash' },
		{ id: 'M5', name: 'Projects', path: 'Projects', role: null },
		{ id: 'M6', name: 'Alpha', path: 'Projects/Alpha', role: null },
		{ id: 'M7', name: 'Two words', path: 'Two words', role: null },
	],
	now: new Date('2026-11-24T10:00:00Z'),
	// An hour ahead of UTC.
	day: (y, m, d) => new Date(Date.UTC(y, m - 1, d) - 3600_000),
};

const and = (...conditions: unknown[]) => ({ operator: 'AND', conditions });
const or = (...conditions: unknown[]) => ({ operator: 'OR', conditions });
const not = (...conditions: unknown[]) => ({ operator: 'NOT', conditions });
const text = (t: string) => ({ text: t });

const ROWS: [string, unknown, Hint[]?][] = [
	['', null],
	['   ', null],
	['boat', text('boat')],
	['Boat May', and(text('Boat'), text('May'))],
	['"two words"', text('"two words"')],
	['"one"', text('one')],
	['"not closed', text('"not closed"')],
	['from:bo', { from: 'bo' }],
	['FROM:Bo', { from: 'Bo' }],
	['from:"Bo Berg"', { from: '"Bo Berg"' }],
	['from:bo@partner.example', { from: 'bo@partner.example' }],
	['to:anna cc:eva bcc:x', and({ to: 'anna' }, { cc: 'eva' }, { bcc: 'x' })],
	['subject:invoice', { subject: 'invoice' }],
	['body:"two words"', { body: '"two words"' }],
	['in:sent', { inMailbox: 'M2' }],
	['in:Gesendet', { inMailbox: 'M2' }],
	['in:spam', { inMailbox: 'M3' }],
	['in:bin', { inMailbox: 'M4' }],
	['in:projects', { inMailbox: 'M5' }],
	['in:projects/alpha', { inMailbox: 'M6' }],
	['in:alpha', { inMailbox: 'M6' }],
	['in:"two words" x', and({ inMailbox: 'M7' }, text('x'))],
	['in:nowhere', text('nowhere'), [{ kind: 'folder', name: 'nowhere' }]],
	['in:anywhere boat', text('boat')],
	['in:all boat', and({ inMailboxOtherThan: ['M3', 'M4'] }, text('boat'))],
	['is:unread', { notKeyword: '$seen' }],
	['is:read', { hasKeyword: '$seen' }],
	['is:Starred', { hasKeyword: '$flagged' }],
	['is:answered', { hasKeyword: '$answered' }],
	['is:forwarded', { hasKeyword: '$forwarded' }],
	['is:draft', { hasKeyword: '$draft' }],
	['is:nonsense', text('nonsense'), [{ kind: 'value', name: 'is', value: 'nonsense' }]],
	['label:Work', { hasKeyword: 'work' }],
	['label:"a b"', text('"a b"'), [{ kind: 'value', name: 'label', value: 'a b' }]],
	['has:attachment', { hasAttachment: true }],
	['has:attachments', { hasAttachment: true }],
	['has:horns', text('horns'), [{ kind: 'value', name: 'has', value: 'horns' }]],
	['filename:pdf', { hasAttachment: true, text: 'pdf' }],
	['before:2026-01-31', { before: '2026-01-30T23:00:00Z' }],
	['after:2026-01-31', { after: '2026-01-30T23:00:00Z' }],
	['on:2026-01-31', { after: '2026-01-30T23:00:00Z', before: '2026-01-31T23:00:00Z' }],
	['on:2026/1/5', { after: '2026-01-04T23:00:00Z', before: '2026-01-05T23:00:00Z' }],
	['on:2026-12', { after: '2026-11-30T23:00:00Z', before: '2026-12-31T23:00:00Z' }],
	['on:2025', { after: '2024-12-31T23:00:00Z', before: '2025-12-31T23:00:00Z' }],
	['on:today', { after: '2026-11-23T23:00:00Z', before: '2026-11-24T23:00:00Z' }],
	['on:yesterday', { after: '2026-11-22T23:00:00Z', before: '2026-11-23T23:00:00Z' }],
	['on:2028-02-29', { after: '2028-02-28T23:00:00Z', before: '2028-02-29T23:00:00Z' }],
	['on:2026-02-30', text('2026-02-30'), [{ kind: 'value', name: 'on', value: '2026-02-30' }]],
	['before:2026-13-01', text('2026-13-01'), [{ kind: 'value', name: 'before', value: '2026-13-01' }]],
	['older:30d', { before: '2026-10-25T10:00:00Z' }],
	['newer:2w', { after: '2026-11-10T10:00:00Z' }],
	['newer:3h', { after: '2026-11-24T07:00:00Z' }],
	['older_than:1y', { before: '2025-11-24T10:00:00Z' }],
	['newer:6m', { after: '2026-05-24T10:00:00Z' }],
	['older:soon', text('soon'), [{ kind: 'value', name: 'older', value: 'soon' }]],
	['larger:5M', { minSize: 5242880 }],
	['larger:1.5m', { minSize: 1572864 }],
	['smaller:100K', { maxSize: 102400 }],
	['smaller:100kb', { maxSize: 102400 }],
	['larger:70', { minSize: 70 }],
	['larger:big', text('big'), [{ kind: 'value', name: 'larger', value: 'big' }]],
	['list:dev.lists.example', { header: ['List-Id', 'dev.lists.example'] }],
	['header:X-Foo:bar', { header: ['X-Foo', 'bar'] }],
	['header:X-Foo', { header: ['X-Foo'] }],
	['msgid:<a@b.example>', { header: ['Message-ID', 'a@b.example'] }],
	['msgid:a@b.example', { header: ['Message-ID', 'a@b.example'] }],
	['-boat', not(text('boat'))],
	['boat -from:bo', and(text('boat'), not({ from: 'bo' }))],
	['a OR b', or(text('a'), text('b'))],
	['a OR b OR c', or(text('a'), text('b'), text('c'))],
	['a b OR c d', and(text('a'), or(text('b'), text('c')), text('d'))],
	['(a b) OR c', or(and(text('a'), text('b')), text('c'))],
	['-(a OR b) c', and(not(or(text('a'), text('b'))), text('c'))],
	['from:bo (is:unread OR is:starred)', and({ from: 'bo' }, or({ notKeyword: '$seen' }, { hasKeyword: '$flagged' }))],
	['((a))', text('a')],
	['(a', text('a')],
	['a)', text('a')],
	['()', null],
	['a AND b', and(text('a'), text('b'))],
	['a or b', and(text('a'), text('or'), text('b'))],
	['OR', text('OR')],
	['a OR', and(text('a'), text('OR'))],
	['- a', text('a')],
	['a-b', text('a-b')],
	['well-known -x', and(text('well-known'), not(text('x')))],
	['foo:bar', text('foo:bar'), [{ kind: 'operator', name: 'foo' }]],
	['constructor:x', text('constructor:x'), [{ kind: 'operator', name: 'constructor' }]],
	['12:30', text('12:30')],
	['http://www.shop.example/x', text('http://www.shop.example/x')],
	['Re: boat', and(text('Re:'), text('boat'))],
	['from:', text('from:')],
	['from:""', text('from:""')],
	['\u00e6ble OR \u5199\u771f', or(text('\u00e6ble'), text('\u5199\u771f'))],
	['a\\b', text('a\\b')],
];

test('the grammar, row by row', () => {
	for (const [source, want, hints] of ROWS) {
		const got = parseSearch(source, context);
		assert.deepEqual(got.filter, want, source);
		assert.deepEqual(got.hints, hints ?? [], `hints of ${source}`);
	}
	assert.ok(ROWS.length >= 60);
});

test('where is looked', () => {
	const here = { ...context, scope: 'here' as const };
	const all = { ...context, scope: 'all' as const };
	assert.deepEqual(parseSearch('', here).filter, { inMailbox: 'M1' });
	assert.deepEqual(parseSearch('a', here).filter, and({ inMailbox: 'M1' }, text('a')));
	assert.deepEqual(parseSearch('a b', here).filter, and({ inMailbox: 'M1' }, text('a'), text('b')));
	assert.deepEqual(parseSearch('a OR b', here).filter, and({ inMailbox: 'M1' }, or(text('a'), text('b'))));
	assert.deepEqual(parseSearch('a in:sent', here).filter, and(text('a'), { inMailbox: 'M2' }));
	assert.deepEqual(parseSearch('a', all).filter, and({ inMailboxOtherThan: ['M3', 'M4'] }, text('a')));
	assert.deepEqual(parseSearch('in:anywhere', all).filter, null);
});

test('words to highlight', () => {
	const words = (s: string) => parseSearch(s, context).words;
	assert.deepEqual(words('from:bo boat -tree "two words" is:unread boat'), ['bo', 'boat', 'two words']);
	assert.deepEqual(words('-(a b) c'), ['c']);
});

test('whatever is written, a filter comes of it', () => {
	const parts = ['a', '"', '(', ')', '-', 'OR', ':', 'in:', 'from:', ' ', '<', '>', '\\', '-('];
	let seed = 7;
	for (let i = 0; i < 5000; i++) {
		let s = '';
		for (let n = 0; n < 12; n++) {
			seed = (seed * 1103515245 + 12345) % 2147483648;
			s += parts[seed % parts.length];
		}
		assert.ok(JSON.stringify(parseSearch(s, context)).length > 0, s);
	}
	assert.ok(parseSearch('('.repeat(5000) + 'a', context) !== undefined);
	assert.ok(parseSearch('a '.repeat(5000), context) !== undefined);
});
