import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Email, Identity } from '../jmap/types';
import { formatAddress, isAddress, parseAddresses, parseMailTo } from './addresses';
import { type Check, STOPS, checksOf, encodedSize, limitCheck, mentionsAttachment } from './checks';
import { escapeHtml, quoteText, textToHtml, withoutSignature } from './convert';
import { type Draft, UNSENT, emptyDraft, envelopeOf, fingerprint, fromEmail, isEmpty, toEmail } from './draft';
import { People } from './people';
import { identityFor, sendeesOf, subjectOf, tieTo } from './reply';

const identity = (id: string, email: string, more = {}): Identity => ({ id, name: 'Alice', email, replyTo: null, bcc: null, textSignature: '', htmlSignature: '', mayDelete: false, ...more });
const ALICE = identity('I1', 'alice@customer.example');
const SALES = identity('I2', 'sales@customer.example');
const email = (more: Partial<Email>): Email => ({ id: 'E1', blobId: 'G1', threadId: 'T1', mailboxIds: {}, keywords: {}, size: 1, receivedAt: '', from: null, to: null, subject: '', preview: '', hasAttachment: false, ...more });
const a = (address: string, name: string | null = null) => ({ name, email: address });

test('addresses as they are pasted', () => {
	const rows: [string, string[]][] = [
		['bo@partner.example', ['|bo@partner.example']],
		['Bo <bo@partner.example>, eva@x.example;cy@y.example\nd@z.example', ['Bo|bo@partner.example', '|eva@x.example', '|cy@y.example', '|d@z.example']],
		['"Doe, Jane" <jane@x.example>', ['Doe, Jane|jane@x.example']],
		["'Bo' <bo@x.example>", ['Bo|bo@x.example']],
		['"A \\"B\\" C" <a@x.example>', ['A "B" C|a@x.example']],
		['Doe, Jane <jane@x.example>', ['|Doe!', 'Jane|jane@x.example']],
		['bo@x.example (Bo Larsen)', ['Bo Larsen|bo@x.example']],
		['a@x.example b@y.example', ['|a@x.example', '|b@y.example']],
		['mailto:bo@x.example', ['|bo@x.example']],
		['To: bo@x.example', ['|bo@x.example']],
		['bo@x.example <bo@x.example>', ['|bo@x.example']],
		['nobody', ['|nobody!']],
		['a@b', ['|a@b!']],
		['a..b@x.example', ['|a..b@x.example!']],
		['J\u00f8rgen <j\u00f8rgen@bl\u00e5b\u00e6r.example>', ['J\u00f8rgen|j\u00f8rgen@bl\u00e5b\u00e6r.example']],
		['a@[192.0.2.1]', ['|a@[192.0.2.1]']],
		['x\r\nBcc: evil@x.example', ['|x!', '|evil@x.example']],
		[' , ;; \n', []],
		['"open <a@x.example>', ['"open|a@x.example']],
		['<img src=x onerror=1> <a@x.example>', ['<img src=x onerror=1>|a@x.example']],
	];
	for (const [text, want] of rows)
		assert.deepEqual(parseAddresses(text).map((r) => `${r.name ?? ''}|${r.email}${r.bad ? '!' : ''}`), want, text);
	assert.equal(parseAddresses('a@x.example,'.repeat(5000)).length, 2000);
});

test('what is written is read back', () => {
	for (const r of [a('a@x.example'), a('a@x.example', 'A B'), a('a@x.example', 'Doe, "J" \\'), a('a@x.example', '\u00c6 \u00d8')])
		assert.deepEqual(parseAddresses(formatAddress(r)), [r]);
	assert.ok(!isAddress('a@x.example\r\nBcc: b@x.example') && !isAddress('a b@x.example') && !isAddress(`${'x'.repeat(65)}@x.example`));
});

test('mailto', () => {
	const m = parseMailTo('mailto:bo@x.example,eva@x.example?subject=A%20b%0d%0aBcc%3a%20x&cc=cy@x.example&BCC=d@x.example&body=one%0D%0Atwo&attach=/etc/passwd&x=%zz')!;
	assert.deepEqual([m.to.map((r) => r.email), m.cc[0]!.email, m.bcc[0]!.email, m.subject, m.body], [['bo@x.example', 'eva@x.example'], 'cy@x.example', 'd@x.example', 'A b Bcc: x', 'one\ntwo']);
	assert.equal(parseMailTo('javascript:1'), null);
});

test('subjects', () => {
	const rows: [Parameters<typeof subjectOf>[0], string, string][] = [
		['reply', 'Hello', 'Re: Hello'], ['reply', 'Re: Hello', 'Re: Hello'], ['reply', 'SV: Re: AW: Hello', 'Re: Hello'], ['reply', 'Re[2]: x', 'Re: x'],
		['reply', 'Fwd: x', 'Re: Fwd: x'], ['forward', 'Re: x', 'Fwd: Re: x'], ['forward', 'Fwd: WG: x', 'Fwd: x'], ['reply', 'a\r\nBcc: b', 'Re: a Bcc: b'], ['reply', 'Research', 'Re: Research'],
	];
	for (const [kind, s, want] of rows) assert.equal(subjectOf(kind, s), want, s);
});

test('whom an answer goes to', () => {
	const own = ['alice@customer.example', 'sales@customer.example'];
	const m = email({ from: [a('bo@x.example')], to: [a('alice@customer.example'), a('eva@x.example')], cc: [a('Sales@customer.example'), a('cy@x.example'), a('BO@x.example')] });
	const emails = (kind: Parameters<typeof sendeesOf>[0], e: Email) => {
		const s = sendeesOf(kind, e, own);
		return [s.to.map((x) => x.email), s.cc.map((x) => x.email)];
	};
	assert.deepEqual(emails('reply', m), [['bo@x.example'], []]);
	assert.deepEqual(emails('replyAll', m), [['bo@x.example', 'eva@x.example'], ['cy@x.example']]);
	assert.deepEqual(emails('forward', m), [[], []]);
	assert.deepEqual(emails('reply', { ...m, replyTo: [a('list@x.example')] }), [['list@x.example'], []]);
	const mine = email({ from: [a('alice@customer.example')], to: [a('bo@x.example')], cc: [a('cy@x.example')] });
	assert.deepEqual(emails('reply', mine), [['bo@x.example'], []]);
	assert.deepEqual(emails('replyAll', mine), [['bo@x.example'], ['cy@x.example']]);
	assert.deepEqual(emails('replyAll', email({ from: [a('bo@x.example')], to: [a('alice+shop@customer.example')] })), [['bo@x.example'], []]);
});

test('the identity that the mail was sent to', () => {
	const both = [ALICE, SALES];
	assert.equal(identityFor(email({ to: [a('SALES@customer.example')] }), both)!.id, 'I2');
	assert.equal(identityFor(email({ to: [a('list@x.example')], headers: [{ name: 'Delivered-To', value: ' sales@customer.example' }] }), both)!.id, 'I2');
	assert.equal(identityFor(email({ to: [a('sales+x@customer.example')] }), both)!.id, 'I2');
	assert.equal(identityFor(email({ to: [a('list@x.example')] }), both)!.id, 'I1');
	assert.equal(identityFor(email({}), []), undefined);
});

test('References', () => {
	assert.deepEqual(tieTo(email({ messageId: ['c'], references: ['a', 'b'] })), { inReplyTo: ['c'], references: ['a', 'b', 'c'] });
	assert.deepEqual(tieTo(email({ messageId: ['c'], inReplyTo: ['b'] })), { inReplyTo: ['c'], references: ['b', 'c'] });
	assert.deepEqual(tieTo(email({ messageId: ['c'], inReplyTo: ['a', 'b'] })), { inReplyTo: ['c'], references: ['c'] });
	assert.deepEqual(tieTo(email({})), { inReplyTo: null, references: null });
	const long = tieTo(email({ messageId: ['z'], references: Array.from({ length: 200 }, (_, i) => `r${i}`) })).references!;
	assert.deepEqual([long.length, long[0], long[49], long[48]], [50, 'r0', 'z', 'r199']);
});

test('text and HTML', () => {
	assert.equal(escapeHtml('<a href="x">&'), '&lt;a href=&quot;x&quot;&gt;&amp;');
	assert.equal(textToHtml('a\n\n> b\n>> c\nd'), '<div>a</div><div><br></div><blockquote type="cite"><div>b</div><blockquote type="cite"><div>c</div></blockquote></blockquote><div>d</div>');
	assert.equal(quoteText('a\n> b\n\n'), '> a\n>> b');
	assert.equal(withoutSignature('a\n-- \nme'), 'a');
});

function draft(more: Partial<Draft> = {}): Draft {
	return { ...emptyDraft(ALICE, false), messageId: 'm@x', to: [a('bo@x.example')], subject: 's', text: 'hello', ...more };
}

test('a draft as an Email, and back', () => {
	const d = draft({
		to: [a('bo@x.example', 'Bo'), { name: null, email: 'half-typ', bad: true }], bcc: [a('z@x.example')], subject: 'a\r\nb', rich: true, html: '<b>hello</b>',
		attachments: [{ key: '1', name: 'a.pdf', type: 'application/pdf', size: 3, blobId: 'U1', cid: null }, { key: '2', name: 'p.png', type: 'image/png', size: 4, blobId: 'U2', cid: 'p@x' }, { key: '3', name: 'not yet', type: '', size: 5, blobId: null, cid: null }],
		inReplyTo: ['q@x'], references: ['p@x', 'q@x'],
	});
	const e = toEmail(d, 'M1', false) as Record<string, unknown>;
	assert.deepEqual([e.mailboxIds, e.subject, e[UNSENT], (e.attachments as unknown[]).length], [{ M1: true }, 'a b', 'To: half-typ', 2]);
	assert.ok(!(UNSENT in toEmail(d, 'M1', true)));
	const back = fromEmail(email({
		messageId: ['m@x'], from: [a('alice@customer.example', 'Alice')], to: [a('bo@x.example', 'Bo')], bcc: [a('z@x.example')], subject: 'a b', inReplyTo: ['q@x'], references: ['p@x', 'q@x'],
		textBody: [{ partId: 't', type: 'text/plain' }], htmlBody: [{ partId: 'h', type: 'text/html' }], bodyValues: { t: { value: 'hello\n' }, h: { value: '<b>hello</b>' } },
		attachments: [{ blobId: 'G1-2', name: 'a.pdf', type: 'application/pdf', size: 3, disposition: 'attachment', cid: null }, { blobId: 'G1-3', name: 'p.png', type: 'image/png', size: 4, disposition: 'inline', cid: 'p@x' }],
		[UNSENT]: 'To: half-typ',
	} as never), [SALES, ALICE]);
	assert.deepEqual([back.identityId, back.to, back.bcc, back.rich, back.text, back.html, back.messageId, back.inReplyTo], ['I1', d.to, d.bcc, true, 'hello', '<b>hello</b>', 'm@x', ['q@x']]);
	assert.deepEqual(back.attachments.map((x) => [x.blobId, x.cid]), [['G1-2', null], ['G1-3', 'p@x']]);
	assert.deepEqual(envelopeOf(draft({ cc: [a('BO@x.example')], bcc: [a('c@x.example')] })), ['BO@x.example', 'c@x.example']);
	assert.ok(isEmpty(draft({ to: [], subject: ' ', text: 'sig' }), draft({ text: 'sig' })) && !isEmpty(draft(), draft()));
	assert.equal(fingerprint(draft()), fingerprint(draft()));
	assert.ok(fingerprint(draft()) !== fingerprint(draft({ bcc: [a('x@x.example')] })));
});

test('checks before sending', () => {
	const kinds = (d: Draft, uploads = { running: 0, failed: [] as string[] }, max = 1e6, all = false) => checksOf(d, uploads, max, all).map((c: Check) => c.kind);
	const file = { key: '1', name: 'x', type: '', size: 900_000, blobId: 'U', cid: null };
	assert.deepEqual(kinds(draft()), []);
	assert.deepEqual(kinds(draft({ to: [] })), ['noRecipients']);
	assert.deepEqual(kinds(draft({ cc: [a('x')] })), ['badRecipient']);
	assert.deepEqual(kinds(draft({ subject: ' ' })), ['noSubject']);
	assert.deepEqual(kinds(draft({ attachments: [file] })), ['tooLarge']);
	assert.deepEqual(kinds(draft(), { running: 1, failed: [] }), ['uploading']);
	assert.deepEqual(kinds(draft(), { running: 1, failed: ['x'] }), ['failedUpload']);
	assert.deepEqual(kinds(draft({ to: Array.from({ length: 11 }, (_, i) => a(`a${i}@x.example`)) }), undefined, undefined, true), ['many']);
	for (const t of ['See the attached plan.', 'Bilag f\u00f8lger', 'im Anhang', 'se vedlagt fil', 'anbei']) assert.deepEqual(kinds(draft({ text: t })), ['noAttachment'], t);
	for (const t of ['unattached', '> attached', 'hi\n-- \nattached', 'detachment']) assert.equal(mentionsAttachment(draft({ text: t })), null, t);
	assert.equal(mentionsAttachment(draft({ text: 'attached', attachments: [file] })), null);
	assert.ok(STOPS.has('tooLarge') && !STOPS.has('noSubject'));
	// 51 MB fit into 70 MB, 52 do not (limits.message_bytes).
	assert.ok(encodedSize(51e6) < 70 * 1024 * 1024 && encodedSize(54e6) > 70 * 1024 * 1024);
});

test('suggestions', () => {
	const p = new People();
	const now = Date.UTC(2026, 10, 24);
	p.learn([a('bo@partner.example', 'Bo Larsen')], now - 400 * 86_400_000);
	for (let i = 0; i < 3; i++) p.learn([a('bobby@x.example', 'Bobby')], now - 300 * 86_400_000);
	p.learn([a('bob@new.example', 'Bob New')], now);
	p.learn([a('jim@bo.example', 'Jim')], now);
	p.learn([a('rambo@x.example')], now);
	assert.deepEqual(p.find('bo').map((x) => x.email), ['bob@new.example', 'jim@bo.example', 'bobby@x.example', 'bo@partner.example', 'rambo@x.example']);
	assert.deepEqual(p.find('lars bo').map((x) => x.email), ['bo@partner.example']);
	assert.deepEqual(p.find('bo', 8, new Set(['bob@new.example'])).length, 4);
	assert.deepEqual(p.find(''), []);
	p.forget('BOB@new.example');
	assert.equal(p.find('bob@').length, 0);
	// A contact weighs nothing until somebody writes there; its name is the one
	// that is shown, however often it is read.
	for (let i = 0; i < 2; i++) p.add('Robert New', 'bob@new.example', 0);
	p.add('Bob Contact', 'bob@card.example', 0);
	p.learn([a('bob@new.example')], now);
	assert.deepEqual(p.find('bob').map((x) => x.name), ['Robert New', 'Bobby', 'Bob Contact']);
	p.forget('bob@new.example');
	p.forget('bob@card.example');
	for (let i = 0; i < 32_000; i++) p.add(`Person ${i}`, `p${i}@x.example`, i);
	assert.deepEqual(['p', 'person', 'zzz', 'person 31999', 'x.example'].map((s) => p.find(s).length), [8, 8, 0, 1, 8]);
	assert.equal(p.list().length, 30_000);
});

test('a limit that the mail would break', () => {
	const w = (kind: string, windowSeconds: number | null, used: number, limit: number) => ({ kind, scope: 'domain', windowSeconds, used, limit });
	assert.equal(limitCheck([w('messages', 300, 24, 25), w('recipients', 300, 248, 250), w('queued', null, 100, 100)], 2), null);
	assert.deepEqual(limitCheck([w('messages', 3600, 250, 250), w('messages', 300, 25, 25)], 1), { kind: 'limit', what: 'messages', used: 25, limit: 25, minutes: 5 });
	assert.deepEqual(limitCheck([w('recipients', 3600, 1499, 1500)], 2), { kind: 'limit', what: 'recipients', used: 1499, limit: 1500, minutes: 60 });
});
