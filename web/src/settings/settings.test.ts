import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formOf, namesOf, patchOf } from './card';
import { deviceOf } from './device';
import { qrCode, qrPath } from './qr';
import { type Rule, type Script, keepOther, matches, newRule, problemOf, readScript, sieveString, writeScript } from './rules';
import { strengthOf } from './strength';

const rule = (more: Partial<Rule> = {}): Rule => ({ ...newRule(), tests: [{ field: 'from', op: 'contains', value: 'news@' }], acts: [{ kind: 'move', folder: 'News' }], ...more });

const SCRIPTS: Script[] = [
	{ rules: [], other: null },
	{ rules: [rule()], other: null },
	{
		rules: [
			rule({ name: 'a "quoted"\n*/ name', tests: [{ field: 'subject', op: 'begins', value: 'a*b?\\"' }, { field: 'size', op: 'over', value: '10240' }], all: false }),
			rule({ on: false, acts: [{ kind: 'star' }, { kind: 'read' }, { kind: 'label', label: 'work' }] }),
			rule({ tests: [{ field: 'body', op: 'not', value: 'bl\u00e5b\u00e6r' }, { field: 'header', op: 'is', header: 'X-A', value: 'x' }], acts: [{ kind: 'copy', folder: 'A/B' }, { kind: 'trash' }, { kind: 'star' }], stop: false }),
		],
		other: null,
	},
	{ rules: [rule({ acts: [{ kind: 'move', folder: 'Archive', role: 'archive' }] })], other: { needs: ['vacation', 'variables'], code: '# mine\nif true {\n\tvacation "x";\n}\n\n#! {"no":"rule"}' } },
];

test('what is written is read back', () => {
	for (const s of SCRIPTS) {
		const text = writeScript(s);
		assert.deepEqual(readScript(text), s, text);
		assert.deepEqual(readScript(text.replace(/\n/g, '\r\n')), s, text);
	}
});

test('what was changed by hand is told from ours', () => {
	const text = writeScript(SCRIPTS[2]!);
	for (const other of [`${text}keep;\n`, text.replace('fileinto', 'discard; fileinto'), text.replace('"on":true', '"on":false'), text.replace('#! {', '#! {{'), 'keep;', ''])
		assert.equal(readScript(other), null, other);
});

test('the script', () => {
	assert.match(writeScript(SCRIPTS[1]!), /require \["fileinto", "mailbox"\];[\s\S]*if header :contains \["from", "sender"\] "news@" \{\n\tfileinto :create "News";\n\tstop;\n\}/);
	assert.match(writeScript(SCRIPTS[2]!), /anyof \(header :matches "subject" "a\\\\\*b\\\\\?\\\\\\\\\\"\*",\n\tsize :over 10240K\)/);
	assert.ok(!/addflag "work"/.test(writeScript(SCRIPTS[2]!)), 'a rule that is off has no code');
	const acts = /not body :text :comparator "i;unicode-casemap" :contains "bl\u00e5b\u00e6r"[\s\S]*addflag[\s\S]*:copy :create "A\/B"[\s\S]*:specialuse "\\\\Trash" :create "Trash"/;
	assert.match(writeScript(SCRIPTS[2]!), acts);
	assert.equal(sieveString('a"b\\c\r\nd'), '"a\\"b\\\\c d"');
	for (const line of writeScript(SCRIPTS[2]!).split('\n')) assert.ok(!line.startsWith(' name'), 'a name stays in its line');
});

test('a script of another program is kept', () => {
	const s = keepOther('/* head */\nrequire ["fileinto", "copy"];\nrequire "body";\n# x\nif true { fileinto "A"; }\n');
	assert.deepEqual(s.other, { needs: ['fileinto', 'copy', 'body'], code: '/* head */\n\n\n# x\nif true { fileinto "A"; }' });
	const text = writeScript({ ...s, rules: [rule()] });
	assert.equal(text.match(/require/g)!.length, 1);
	const back = readScript(text)!;
	assert.equal(back.other!.code, s.other!.code);
	assert.equal(writeScript(back), text);
	/* Nothing is lost when our rules go again. */
	assert.match(writeScript({ ...back, rules: [] }), /"body", "copy"/);
});

test('trying a rule', () => {
	const mail = { from: [{ name: 'Shop News', email: 'news@shop.example' }], to: [{ name: null, email: 'alice@customer.example' }], subject: 'Offers of May', size: 20_000, headers: [{ name: 'List-Id', value: ' <news.shop.example>' }], text: 'hello' };
	const rows: [Partial<Rule>, boolean][] = [
		[{}, true], [{ tests: [{ field: 'from', op: 'is', value: 'news@shop.example' }] }, false],
		[{ tests: [{ field: 'from', op: 'begins', value: 'shop' }] }, true], [{ tests: [{ field: 'subject', op: 'ends', value: 'MAY' }] }, true],
		[{ tests: [{ field: 'subject', op: 'not', value: 'june' }, { field: 'list', op: 'contains', value: 'shop.example' }] }, true],
		[{ tests: [{ field: 'subject', op: 'contains', value: 'june' }, { field: 'body', op: 'contains', value: 'hell' }] }, false],
		[{ all: false, tests: [{ field: 'subject', op: 'contains', value: 'june' }, { field: 'body', op: 'contains', value: 'hell' }] }, true],
		[{ tests: [{ field: 'size', op: 'over', value: '19' }] }, true], [{ tests: [{ field: 'size', op: 'under', value: '19' }] }, false], [{ tests: [] }, false],
		[{ tests: [{ field: 'header', op: 'contains', header: 'list-ID', value: 'news' }] }, true],
	];
	for (const [r, want] of rows) assert.equal(matches(rule(r), mail), want, JSON.stringify(r));
});

test('rules that would do harm are not taken', () => {
	assert.equal(problemOf(rule()), null);
	assert.equal(problemOf(rule({ tests: [] })), 'noTest');
	assert.equal(problemOf(rule({ tests: [{ field: 'from', op: 'contains', value: ' ' }] })), 'emptyTest');
	assert.equal(problemOf(rule({ tests: [{ field: 'header', op: 'is', header: 'a b', value: 'x' }] })), 'emptyTest');
	assert.equal(problemOf(rule({ tests: [{ field: 'size', op: 'over', value: 'x' }] })), 'emptyTest');
	assert.equal(problemOf(rule({ acts: [] })), 'noAct');
	assert.equal(problemOf(rule({ acts: [{ kind: 'move', folder: '' }] })), 'emptyAct');
	assert.equal(problemOf(rule({ acts: [{ kind: 'label', label: 'a b' }] })), 'emptyAct');
});

test('QR codes', () => {
	/* The modules of "A" at version 1, level M, as other encoders have them. */
	const q = qrCode('A')!;
	assert.equal(q.size, 21);
	for (const [x, y] of [[0, 0], [14, 0], [0, 14]] as const)
		for (let i = 0; i < 7; i++) assert.ok(q.dark(x + i, y) && q.dark(x, y + i) && q.dark(x + 6, y + i) && q.dark(x + i, y + 6), 'finder');
	for (let i = 8; i < 13; i++) assert.equal(q.dark(i, 6), i % 2 === 0, 'timing');
	assert.ok(q.dark(8, 13), 'the dark module');
	assert.deepEqual([qrCode('x'.repeat(14))!.size, qrCode('x'.repeat(15))!.size, qrCode('x'.repeat(412))!.size, qrCode('x'.repeat(413))], [21, 25, 77, null]);
	assert.ok(qrPath(q).startsWith('M0 0h1v1h-1z'));
});

test('strength', () => {
	const why = (p: string) => strengthOf(p, 'alice.jensen@customer.example').why;
	const rows: [string, string][] = [['abc', 'short'], ['Password123', 'common'], ['sommer2026', 'common'], ['jensen2026', 'own'], ['aaaaaaaaaaaa', 'simple'], ['123456789012', 'simple'], ['qwertyuiop12', 'simple'], ['drum-violet-39-harbor', 'good'], ['correct horse battery', 'good']];
	for (const [p, want] of rows) assert.equal(why(p), want, `${p} ${strengthOf(p, '').score}`);
});

test('browsers', () => {
	assert.equal(deviceOf('Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0'), 'Firefox, Linux');
	assert.equal(deviceOf('Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1'), 'Safari, iPhone');
	assert.equal(deviceOf('curl/8'), '');
});

test('a card in its form', () => {
	const card = {
		id: 'C1',
		name: { full: 'Dr Bo Berg', components: [{ kind: 'title', value: 'Dr' }, { kind: 'given', value: 'Bo', phonetic: 'x' }, { kind: 'surname', value: 'Berg' }] },
		emails: { w: { address: 'bo@work.example', pref: 1 }, h: { address: 'bo@home.example' } },
		organizations: { o: { name: 'Works', units: [] }, p: { name: 'Play' } },
	};
	const form = formOf(card);
	assert.deepEqual(form, { given: 'Bo', surname: 'Berg', emails: 'bo@work.example, bo@home.example', phones: '', organization: 'Works', note: '' });
	assert.deepEqual(patchOf(card, form), {});
	// What the form does not show stays; a full name that is wrong now does not.
	assert.deepEqual(patchOf(card, { ...form, surname: 'Holm' }), {
		name: { components: [{ kind: 'title', value: 'Dr' }, { kind: 'given', value: 'Bo', phonetic: 'x' }, { kind: 'surname', value: 'Holm' }], isOrdered: true },
	});
	assert.deepEqual(patchOf(card, { ...form, emails: 'bo@new.example; bo@home.example, c@d.example,' }).emails, {
		w: { address: 'bo@new.example', pref: 1 }, h: { address: 'bo@home.example' }, k3: { address: 'c@d.example' },
	});
	assert.deepEqual(patchOf(card, { ...form, emails: ' ' }).emails, null);
	assert.deepEqual(patchOf(card, { ...form, organization: '' }).organizations, { p: { name: 'Play' } });
	assert.deepEqual(patchOf({ id: 'C2', emails: { k2: { address: 'a@b.example' } } }, { ...formOf(null), emails: 'a@b.example,c@d.example' }).emails, {
		k2: { address: 'a@b.example' }, k20: { address: 'c@d.example' },
	});
	// A new one.
	assert.deepEqual(patchOf(null, { ...formOf(null), given: 'Eva', note: 'x' }), {
		name: { components: [{ kind: 'given', value: 'Eva' }], isOrdered: true }, notes: { k1: { note: 'x' } },
	});
});

test('names', () => {
	const rows: [string, string, string][] = [['Bo Berg', 'Bo', 'Berg'], ['Bo van Berg', 'Bo van', 'Berg'], ['Berg, Bo', 'Bo', 'Berg'], ['Bo', 'Bo', ''], ['', '', '']];
	for (const [name, given, surname] of rows)
		assert.deepEqual(namesOf(name), { given, surname }, name);
});
