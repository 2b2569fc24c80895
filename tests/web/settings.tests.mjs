// The settings against a real host: what is saved holds, and what is asked for
// twice is asked for twice.
import { code } from './totp.mjs';

const USING = ['core', 'mail', 'submission', 'sieve', 'vacationresponse', 'contacts'].map((n) => `urn:ietf:params:jmap:${n}`);

async function call(t, name, args) {
	const r = await fetch(`${t.about.api}/jmap/api`, {
		method: 'POST', headers: { ...t.box.headers, 'Content-Type': 'application/json' },
		body: JSON.stringify({ using: USING, methodCalls: [[name, { accountId: t.box.account, ...args }, '0']] }),
	});
	return (await r.json()).methodResponses[0][1];
}

async function open(t, path, options) {
	const p = await t.blank(options);
	await t.login(p, `/settings/${path}`);
	await p.waitForSelector('.settings-page h1');
	return p;
}

const confirmWith = async (p, password) => {
	await p.fill('.dialog [name=password]', password);
	await p.click('.dialog form .primary');
};

const mail = (t, more) => `From: Shop <news@shop.example>\r\nTo: ${t.box.address}\r\nSubject: ${more}\r\nMessage-ID: <${Math.random()}@shop.example>\r\nDate: Tue, 24 Nov 2026 10:00:00 +0100\r\n\r\nhello`;

export const tests = {
	async settings_identity(t) {
		const p = await open(t, 'identities');
		await p.click('.row-item button:has-text("Edit")');
		await p.fill('.settings-form .input >> nth=0', 'Alice <b>Jensen</b>');
		await p.check('.choices label:has-text("Formatted") input');
		await p.waitForSelector('.crich');
		await p.click('.crich');
		await p.keyboard.type('Kind regards');
		await p.waitForTimeout(600);
		await p.click('.settings-form .primary');
		await t.until(async () => (await call(t, 'Identity/get', { ids: null })).list[0].htmlSignature.includes('Kind regards'), 'not saved');
		const own = (await call(t, 'Identity/get', { ids: null })).list[0];
		t.same([own.name, own.textSignature], ['Alice <b>Jensen</b>', 'Kind regards'], 'identity');
		// New mail has it, in text as well.
		await p.keyboard.press('Escape');
		await p.goto(`${t.about.base}/mail/`);
		await p.waitForSelector('.row[data-id], .empty-state');
		await p.keyboard.press('c');
		await p.waitForSelector('.cplain');
		t.same(await p.inputValue('.cplain'), '\n\n-- \nKind regards\n', 'signature');
		t.need((await p.textContent('.cfrom')).includes('Alice <b>Jensen</b>'), 'name');
	},

	async settings_foreign_identity(t) {
		const p = await open(t, 'identities');
		await p.click('button:has-text("Add an identity")');
		await p.fill('.settings-form [type=email]', 'somebody@customer.example');
		await p.click('.settings-form .primary');
		await p.waitForSelector('.settings-error:has-text("may not send")');
	},

	async settings_contact_of_a_sender(t) {
		await t.box.put({ subject: 'First', from: '"Holm, Zelda <b>" <Zelda@partner.example>', seen: true });
		const p = await t.page();
		const add = async () => {
			await p.click('.row:has-text("First")', { button: 'right' });
			await p.click('.menu-item:has-text("Add to contacts")');
			await p.waitForSelector('.settings-form');
			return p.$$eval('.settings-form input', (l) => l.slice(0, 3).map((i) => i.value));
		};
		t.same(await add(), ['Zelda <b>', 'Holm', 'Zelda@partner.example'], 'the form');
		await t.accessible(p, 'form');
		await p.fill('.settings-form [name=organization]', 'Partner');
		await p.click('.settings-form .primary');
		await p.waitForSelector('.row-item:has-text("Holm")');
		const cards = async () => (await call(t, 'ContactCard/get', { ids: null })).list.map((c) => [c.name.components.map((x) => x.value).join('|'), Object.values(c.emails)[0].address, Object.values(c.organizations ?? {})[0]?.name]);
		t.same(await cards(), [['Zelda <b>|Holm', 'Zelda@partner.example', 'Partner']], 'the card');
		// A second time it is the same card.
		await p.click('.settings-nav .link');
		t.same(await add(), ['Zelda <b>', 'Holm', 'Zelda@partner.example'], 'the form again');
		await p.fill('.settings-form [name=organization]', 'Other');
		await p.click('.settings-form .primary');
		await p.waitForSelector('.settings-form', { state: 'detached' });
		t.same(await cards(), [['Zelda <b>|Holm', 'Zelda@partner.example', 'Other']], 'the card, changed');
	},

	async settings_contacts(t) {
		const p = await open(t, 'contacts');
		const add = async (given, emails) => {
			await p.click('button:has-text("Add a contact")');
			await p.fill('.settings-form [name=given]', given);
			await p.fill('.settings-form [name=emails]', emails);
			await p.click('.settings-form .primary');
			await p.waitForSelector(`.row-item:has-text("${given}")`);
		};
		await add('Zelda <b>', 'zelda@partner.example, z@home.example');
		await add('Zoe', 'zoe@partner.example');
		const cards = async () => (await call(t, 'ContactCard/get', { ids: null })).list;
		t.same((await cards()).map((c) => Object.values(c.emails).map((e) => e.address)), [['zelda@partner.example', 'z@home.example'], ['zoe@partner.example']], 'made');
		// What the form does not know stays.
		const [zelda] = await cards();
		await call(t, 'ContactCard/set', { update: { [zelda.id]: { keywords: { friend: true } } } });
		await p.fill('[type=search]', 'home.example zel');
		await p.waitForSelector('.row-item:has-text("Zoe")', { state: 'detached' });
		await t.accessible(p, 'contacts');
		await t.shot(p, 'contacts');
		await p.click('.row-item button:has-text("Edit")');
		await p.fill('.settings-form [name=surname]', 'Holm');
		await p.click('.settings-form .primary');
		await p.waitForSelector('.row-item:has-text("Holm")');
		const now = (await cards()).find((c) => c.id === zelda.id);
		t.same([now.name.components.map((n) => n.value), now.keywords], [['Zelda <b>', 'Holm'], { friend: true }], 'changed');
		// They are suggested while writing.
		await p.goto(`${t.about.base}/mail/`);
		await p.waitForSelector('.row[data-id], .empty-state');
		await p.keyboard.press('c');
		await p.waitForSelector('.rcpt-input');
		await t.until(async () => {
			await p.fill('.rcpt-input >> nth=0', '');
			await p.type('.rcpt-input >> nth=0', 'zel');
			return (await p.$$('.suggest li')).length === 2;
		}, 'not suggested');
		t.need((await p.textContent('.suggest li')).startsWith('Zelda <b> Holm'), 'the name');
		await p.fill('.rcpt-input >> nth=0', '');
		await p.goto(`${t.about.base}/settings/contacts`);
		await p.click('.row-item:has-text("Zoe") .tool');
		await p.click('.dialog .danger');
		await p.waitForSelector('.row-item:has-text("Zoe")', { state: 'detached' });
		t.same((await cards()).length, 1, 'removed');
	},

	async settings_vacation(t) {
		const p = await open(t, 'vacation', { timezoneId: 'Europe/Copenhagen' });
		await p.check('text=Answer automatically');
		await p.click('.settings-form .primary');
		await p.waitForSelector('.settings-error:has-text("Write what")');
		await p.fill('textarea', 'I am away.');
		await p.fill('[type=date] >> nth=0', '2026-12-20');
		await p.fill('[type=date] >> nth=1', '2026-12-19');
		await p.click('.settings-form .primary');
		await p.waitForSelector('.settings-error:has-text("before")');
		await p.fill('[type=date] >> nth=1', '2027-01-03');
		await p.click('.settings-form .primary');
		await p.waitForSelector('.settings-said:has-text("Saved")');
		const [v] = (await call(t, 'VacationResponse/get', { ids: null })).list;
		t.same([v.isEnabled, v.fromDate, v.toDate, v.textBody], [true, '2026-12-19T23:00:00Z', '2027-01-03T23:00:00Z', 'I am away.'], 'kept');
		await p.reload();
		await p.waitForSelector('textarea');
		t.same([await p.inputValue('[type=date] >> nth=0'), await p.inputValue('[type=date] >> nth=1')], ['2026-12-20', '2027-01-03'], 'days');
		t.need(await p.isChecked('[type=checkbox]'), 'off');
	},

	async settings_filters(t) {
		await t.box.put({ from: 'Shop <news@shop.example>', subject: 'old offer' }, { subject: 'other' });
		const p = await open(t, 'filters?from=news%40shop.example');
		await p.selectOption('select[aria-label=Folder]', 'Archive');
		await p.fill('.rule-form .input >> nth=0', 'Shop "news"');
		await p.click('text=Try on the last messages');
		await p.waitForSelector('.dialog:has-text("1 of the last 2")');
		await p.click('.dialog-foot .primary');
		await p.click('text=Save rule');
		await p.waitForSelector('.settings-said:has-text("Saved")');
		await t.shot(p, 'rules');
		await t.deliver(mail(t, 'new offer'));
		await t.until(async () => (await t.box.in('archive')).length === 1, 'it is not filed');
		// Off, and it stays in the inbox; the rule is kept.
		await p.uncheck('.rule [type=checkbox]');
		await t.until(async () => !(await p.isDisabled('.rule [type=checkbox]')) && (await p.$('.rule.off')), 'not off');
		await t.deliver(mail(t, 'third offer'));
		await t.until(async () => (await t.box.in('inbox')).length === 3, 'it is filed still');
		await p.reload();
		await p.waitForSelector('.rule.off:has-text("Shop")');
		// A script with a fault is refused, with its line.
		await p.click('[role=tab]:has-text("Script")');
		await p.fill('textarea', 'keep;\nfileinto "x";\n');
		await p.click('text=Check and save');
		await p.waitForSelector('.settings-error:has-text("line 2")');
		// One of our own hand is shown as it is, and kept behind new rules.
		await p.fill('textarea', 'require "fileinto";\nif header :contains "subject" "third" { fileinto "Trash"; }\n');
		await p.click('text=Check and save');
		await p.click('[role=tab]:has-text("Rules")');
		await p.waitForSelector('.notice:has-text("changed by hand")');
		await p.click('text=Keep it, and add rules');
		await p.waitForSelector('.notice:has-text("kept as it is")');
		await t.deliver(mail(t, 'the third'));
		await t.until(async () => (await t.box.in('trash')).length === 1, 'the kept script does not run');
	},

	async settings_password(t) {
		const p = await open(t, 'password');
		await p.fill('[autocomplete=current-password]', 'not mine');
		await p.fill('[autocomplete=new-password] >> nth=0', 'short');
		await p.waitForSelector('#strength:has-text("too short")');
		await p.fill('[autocomplete=new-password] >> nth=0', 'drum-violet-39-harbor');
		await p.waitForSelector('#strength:has-text("good")');
		await p.fill('[autocomplete=new-password] >> nth=1', 'drum-violet-39-harbor');
		await p.click('.settings-form .primary');
		await p.waitForSelector('.settings-error:has-text("not your password")');
		await p.fill('[autocomplete=current-password]', t.about.password);
		await p.click('.settings-form .primary');
		await p.waitForSelector('.settings-said:has-text("changed")');
		// This session stays; the old password is no good any more.
		await p.reload();
		await p.waitForSelector('.settings-page h1');
		const r = await fetch(`${t.about.api}/jmap/session`, { headers: t.box.headers });
		t.same(r.status, 401, 'the old password');
	},

	async settings_two_step(t) {
		const p = await open(t, 'two-step');
		await p.click('.settings-page button:text-is("Set up")');
		await confirmWith(p, 'not mine');
		await p.waitForSelector('.dialog .settings-error:has-text("not your password")');
		await confirmWith(p, t.about.password);
		await p.waitForSelector('.qr');
		await t.shot(p, 'qr');
		const secret = await p.textContent('.copy-strip code');
		await p.fill('.code', '000000');
		await p.click('.settings-form .primary');
		await p.waitForSelector('.settings-form .settings-error:not(:empty)');
		await p.fill('.code', code(secret));
		await p.click('.settings-form .primary');
		await p.waitForSelector('.codes');
		t.same((await p.$$('.codes li')).length, 10, 'recovery codes');
		const recovery = await p.textContent('.codes li');
		// A login asks for a code now, and a recovery code is one.
		const other = await t.blank();
		await other.goto(`${t.about.base}/mail/`);
		await other.fill('[name=username]', t.box.address);
		await other.fill('[name=password]', t.about.password);
		await other.click('form .primary');
		await other.waitForSelector('[name=totp]');
		await other.fill('[name=totp]', recovery);
		await other.click('form .primary');
		await other.waitForSelector('.shell');
		// Mail programs need an app password.
		t.same((await fetch(`${t.about.api}/jmap/session`, { headers: t.box.headers })).status, 401, 'the password for a program');
		await p.goto(`${t.about.base}/settings/app-passwords`);
		await p.click('text=New app password');
		await p.fill('.settings-form .input >> nth=0', '<b>Laptop</b>');
		await p.check('.choices label:has-text("JMAP") input');
		await p.click('.settings-form .primary');
		await confirmWith(p, t.about.password);
		await p.waitForSelector('.made code');
		const app = await p.textContent('.made code');
		const headers = { Authorization: `Basic ${Buffer.from(`${t.box.address}:${app}`).toString('base64')}` };
		t.same((await fetch(`${t.about.api}/jmap/session`, { headers })).status, 200, 'the app password');
		await t.shot(p, 'app');
		await p.click('.row-item:has-text("Laptop") button');
		await confirmWith(p, t.about.password);
		await p.waitForSelector('.row-item', { state: 'detached' });
		t.same((await fetch(`${t.about.api}/jmap/session`, { headers })).status, 401, 'the revoked one');
		// And off again.
		await p.goto(`${t.about.base}/settings/two-step`);
		await p.click('text=Switch off');
		await confirmWith(p, t.about.password);
		await p.waitForSelector('.settings-page button:text-is("Set up")');
	},

	async settings_sessions(t) {
		const p = await open(t, 'sessions');
		const other = await t.blank({ userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0' });
		await t.login(other);
		await p.reload();
		await p.waitForSelector('.row-item:has-text("Firefox, Linux")');
		t.same((await p.$$('.row-item.current')).length, 1, 'current');
		await p.waitForSelector('.table tbody tr');
		await t.shot(p, 'list');
		await p.click('.row-item:has-text("Firefox, Linux") button');
		await p.waitForSelector('.row-item:has-text("Firefox, Linux")', { state: 'detached' });
		await other.reload();
		await other.waitForSelector('[name=username]');
	},

	async settings_accessible(t) {
		const p = await open(t, '');
		for (const path of await p.$$eval('.settings-nav li a', (l) => l.map((a) => a.getAttribute('href')))) {
			await p.click(`.settings-nav a[href="${path}"]`);
			await p.waitForSelector('.settings-page h1');
			await p.waitForTimeout(250);
			await t.accessible(p, path);
			await p.emulateMedia({ colorScheme: 'dark' });
			await p.waitForTimeout(150);
			await t.accessible(p, `${path}, dark`);
			await p.emulateMedia({ colorScheme: 'light' });
		}
		await p.setViewportSize({ width: 360, height: 740 });
		await p.goto(`${t.about.base}/settings/filters`);
		await p.waitForSelector('.settings-page h1');
		t.need(await p.evaluate(() => document.scrollingElement.scrollWidth <= innerWidth), 'it scrolls sideways');
		await t.shot(p, 'phone');
	},

	// Pictures: off, on by the proxy, and always from somebody.
	async pictures(t) {
		await t.box.put({ subject: 'newsletter', type: 'text/html; charset=utf-8', body: '<p style="color:#333">offer <img src="https://img.shop.example/a.png" width="80" height="40"><img src="https://img.shop.example/open.gif" width="1" height="1"></p>' });
		const p = await t.page();
		p.expected.push(/status of [45]\d\d .*\/image\?/);
		const asked = [];
		await p.route('**/image?url=**', (r) => { asked.push(new URL(r.request().url()).searchParams.get('url')); return r.continue(); });
		await p.click('.row[data-id]');
		await p.waitForSelector('.body-images:has-text("1 picture")');
		await p.waitForTimeout(300);
		t.same(asked, [], 'before it was asked for');
		await p.click('.body-images button:has-text("Show pictures")');
		await t.until(async () => asked.length === 1, 'not asked');
		t.same(asked, ['https://img.shop.example/a.png'], 'asked');
		await p.reload();
		await p.waitForSelector('.body-images');
		await p.click('.body-images button:has-text("Always from")');
		await p.waitForSelector('.body-images:has-text("always shown")');
		await p.reload();
		await p.waitForSelector('.body-images:has-text("always shown")');
	},

	async settings_forward(t) {
		const p = await open(t, 'forward', { viewport: { width: 390, height: 844 }, hasTouch: true });
		const save = '.settings-form .primary';
		t.need(await p.isDisabled(save), 'nothing is to be saved');
		// The meter counts the addresses alone, and stops at 4000.
		await p.fill('[name=targets]', `x@far.example,\n${'a'.repeat(50)}@far.example`);
		await p.waitForSelector('#forward-meter:has-text("75 / 4,000")');
		await p.fill('[name=targets]', Array.from({ length: 80 }, (_, i) => `${'a'.repeat(50)}${i}@far.example`).join('\n'));
		await p.waitForSelector('#forward-meter.settings-error');
		t.need(await p.isDisabled(save), 'too many are saved');
		await t.accessible(p, 'too many');
		// To oneself is refused, in words, where the password is asked for.
		await p.fill('[name=targets]', t.box.address);
		await p.click(save);
		p.expected.push(/status of 400/);
		await confirmWith(p, t.about.password);
		await p.waitForSelector('.dialog .settings-error:has-text("this mailbox itself")');
		await p.keyboard.press('Escape');
		await p.waitForSelector('.dialog', { state: 'detached' });
		// Not without the password; then it waits for a yes from there.
		await p.fill('[name=targets]', 'x@far.example');
		await p.click(save);
		await confirmWith(p, 'not mine');
		await p.waitForSelector('.dialog .settings-error:has-text("not your password")');
		await confirmWith(p, t.about.password);
		await p.waitForSelector('.row-item:has-text("x@far.example"):has-text("has not agreed yet")');
		await t.accessible(p, 'waits');
		t.need(!await p.evaluate(() => document.scrollingElement.scrollWidth > innerWidth), 'flows over');
		await t.shot(p, 'phone');
		// It is so for the server too, and can be taken back.
		await p.reload();
		t.same(await p.inputValue('[name=targets]'), 'x@far.example', 'kept');
		t.need(await p.isChecked('[name=keep]'), 'a copy is kept');
		await p.fill('[name=targets]', '');
		await p.click('.settings-form .primary:has-text("Forward no more")');
		await confirmWith(p, t.about.password);
		await p.waitForSelector('.row-item', { state: 'detached' });
		await p.waitForFunction(() => document.querySelector('[name=targets]')?.value === '');
	},

	async settings_import(t) {
		const p = await open(t, 'import', { viewport: { width: 390, height: 844 }, hasTouch: true });
		t.same(await p.inputValue('[name=user]'), t.box.address, 'the own address is offered');
		await t.accessible(p, 'the form');
		t.need(!await p.evaluate(() => document.scrollingElement.scrollWidth > innerWidth), 'flows over');
		// Nobody gets at this machine's own network by it, and is told so.
		await p.fill('[name=host]', '127.0.0.1');
		await p.fill('[name=other]', 'secret there');
		await p.click('.settings-form .primary');
		await p.waitForSelector('.notice.err:has-text("private network")', { timeout: 30_000 });
		await t.accessible(p, 'it failed');
		await t.until(async () => (await p.inputValue('[name=other]')) === '', 'the password stays');
		t.same(await p.inputValue('[name=host]'), '127.0.0.1', 'the form is there again');
		await t.shot(p, 'phone');
		await p.reload();
		await p.waitForSelector('.notice.err:has-text("private network")');
	},
};
