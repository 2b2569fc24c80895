// The panel, as the administrator of a domain uses it.  Each test has a domain
// of its own, NAME.example, which boss@ administers and of which anna@ is a user.
import { readFileSync } from 'node:fs';
import { Mailbox, deliver } from './mailbox.mjs';
import { code } from './totp.mjs';

const domainOf = (t) => `${t.name.replaceAll('_', '-')}.example`;
const user = (t, name) => new Mailbox({ ...t.about, domain: domainOf(t) }, name);

async function panel(t, page = 'addresses', options) {
	const p = await t.blank(options);
	await p.goto(`${t.about.base}/admin/domain/${domainOf(t)}/${page}`);
	await p.fill('[name=username]', `boss@${domainOf(t)}`);
	await p.fill('[name=password]', t.about.password);
	await p.click('form .primary');
	await p.waitForSelector('.panel-nav');
	// What the server does not have yet is no complaint of ours.
	return p;
}

async function menu(p, address, label) {
	await p.click(`tr:has-text("${address}") [aria-haspopup=menu]`);
	await p.click(`.menu-item:has-text("${label}")`);
	await p.waitForSelector('.dialog[open]');
}

// Delivered by another server to this address; the reply to RCPT and DATA.
const mail = (t, to, subject) => deliver(t.about, to, `From: x@far.example\r\nTo: ${to}\r\nSubject: ${subject}\r\n\r\nhello\r\n`);
const arrives = (t, box, subject) => t.until(async () => {
	const [r] = await box.calls(['Email/query', { filter: { subject } }]);
	return r.ids[0];
}, `${subject} did not arrive`);

export const tests = {
	async panel_new_mailbox(t) {
		const p = await panel(t);
		await p.click('button:has-text("New address")');
		await p.waitForSelector('.card');
		await t.accessible(p, 'new address');
		await p.fill('[name=local]', 'Carl');
		t.same(await p.inputValue('[name=local]'), 'carl', 'lower case as typed');
		await p.fill('[name=name]', 'Carl Holm');
		const password = await p.inputValue('[name=password]');
		await p.click('.dialog .primary');
		await p.waitForSelector('.dialog:has-text("is ready")');
		await p.click('.dialog .primary');
		await p.waitForSelector(`tr:has-text("carl@${domainOf(t)}"):has-text("Mailbox")`);
		// It works at once: mail comes, and its owner reads it.
		const address = `carl@${domainOf(t)}`;
		await mail(t, address, 'welcome');
		const box = await new Mailbox({ ...t.about, domain: domainOf(t), password }, 'carl').open();
		await arrives(t, box, 'welcome');
		// The same name again is refused in words.
		await p.click('button:has-text("New address")');
		await p.fill('[name=local]', 'carl');
		p.expected.push(/status of 409/);
		await p.click('.dialog .primary');
		await p.waitForSelector('.dialog .login-error:not(:empty)');
		await t.accessible(p, 'refused');
	},

	async panel_alias(t) {
		const p = await panel(t);
		await p.click('button:has-text("New address")');
		await p.click('.card:has-text("Alias")');
		await p.fill('[name=local]', 'info');
		await p.fill('[name=targets]', `anna@${domainOf(t)}, boss@${domainOf(t)}`);
		await p.click('.dialog .primary');
		await p.waitForSelector(`tr:has-text("info@${domainOf(t)}"):has-text("Alias")`);
		await mail(t, `info@${domainOf(t)}`, 'to all');
		for (const n of ['anna', 'boss'])
			await arrives(t, await user(t, n).open(), 'to all');
	},

	async panel_catchall(t) {
		const p = await panel(t);
		await p.click('button:has-text("New address")');
		await p.click('.card:has-text("Catch-all")');
		await p.waitForSelector('.dialog .notice.warn');
		await p.fill('[name=target]', `anna@${domainOf(t)}`);
		await p.click('.dialog .primary');
		await p.waitForSelector('tr:has-text("all other addresses")');
		await mail(t, `whoever@${domainOf(t)}`, 'for nobody');
		await arrives(t, await user(t, 'anna').open(), 'for nobody');
	},

	async panel_several_at_once(t) {
		// Two suspended with one answer, one of which is gone by then.
		const d = domainOf(t);
		const p = await panel(t);
		for (const n of ['carl', 'dora']) {
			await p.click('button:has-text("New address")');
			await p.fill('[name=local]', n);
			await p.click('.dialog .primary');
			await p.waitForSelector('.dialog:has-text("is ready")');
			await p.click('.dialog .primary');
			await p.waitForSelector(`tr:has-text("${n}@${d}")`);
		}
		t.need(!await p.$(`[aria-label="Choose boss@${d}"]`), 'they can shut themselves out');
		await p.check('[aria-label="Choose all mailboxes of this page"]');
		await p.uncheck(`[aria-label="Choose anna@${d}"]`);
		await p.waitForSelector('.bulk:has-text("2 mailboxes chosen")');
		await t.accessible(p, 'chosen');
		await t.shot(p, 'chosen');
		await p.click('.bulk button:has-text("Suspend")');
		await p.waitForSelector('.dialog li:nth-child(2)');
		await p.evaluate((a) => fetch(`/api/v1/accounts/${a}`, { method: 'DELETE' }), `dora@${d}`);
		p.expected.push(/status of 404/);
		await p.click('.dialog .button.danger');
		await p.waitForSelector('.dialog [role=status]:has-text("1 is done, 1 failed.")');
		await p.waitForSelector(`.dialog li:has-text("carl@${d}") .mark.ok`);
		await p.waitForSelector(`.dialog li:has-text("dora@${d}") .mark.err`);
		await t.accessible(p, 'result');
		await t.shot(p, 'result');
		await p.click('.dialog-foot .primary');
		await p.waitForSelector('.dialog', { state: 'detached' });
		await p.waitForSelector(`tr:has-text("carl@${d}"):has-text("suspended")`);
		t.need(await p.$(`tr:has-text("anna@${d}"):has-text("works")`), 'anna too');
		t.need(!await p.$('.bulk'), 'still chosen');
		// And back.
		await p.check(`[aria-label="Choose carl@${d}"]`);
		await p.click('.bulk button:has-text("work again")');
		await p.click('.dialog-foot .primary');
		await p.waitForSelector('.dialog [role=status]:has-text("1 is done.")');
		await p.click('.dialog-foot .primary');
		await p.waitForSelector(`tr:has-text("carl@${d}"):has-text("works")`);
	},

	async panel_forward(t) {
		// 4001 characters are one too many; 4000 are taken.
		const list = (n) => {
			const all = [];
			for (let left = n; left > 0;) {
				const size = left >= 120 ? 60 : left;
				const end = `${all.length}@far.example`;
				all.push('a'.repeat(size - end.length) + end);
				left -= size;
			}
			return all;
		};
		const p = await panel(t);
		await menu(p, `anna@${domainOf(t)}`, 'Forward');
		await p.fill('[name=targets]', list(4001).join('\n'));
		await p.waitForSelector('.meter-line.over:has-text("4,001 of 4,000")');
		p.expected.push(/status of 4\d\d/);
		await p.click('.dialog .primary');
		await p.waitForSelector('.dialog .login-error:has-text("4001")');
		await p.fill('[name=targets]', list(4000).join('\n'));
		await p.waitForSelector('.meter-line:not(.over):has-text("4,000 of 4,000")');
		await p.fill('[name=targets]', `boss@${domainOf(t)}`);
		await p.click('.dialog .primary');
		await p.waitForSelector(`tr:has-text("anna@"):has-text("boss@${domainOf(t)}")`);
		await mail(t, `anna@${domainOf(t)}`, 'forwarded');
		await arrives(t, await user(t, 'boss').open(), 'forwarded');
		await arrives(t, await user(t, 'anna').open(), 'forwarded');
	},

	async panel_vacation(t) {
		const p = await panel(t);
		await menu(p, `anna@${domainOf(t)}`, 'Vacation');
		await p.fill('[name=subject]', 'Away');
		await p.fill('[name=text]', 'Back on Monday.');
		await t.accessible(p, 'vacation');
		await p.click('.dialog .primary');
		await p.waitForSelector('.dialog', { state: 'detached' });
		const boss = await user(t, 'boss').open();
		await deliver(t.about, `anna@${domainOf(t)}`, `From: boss@${domainOf(t)}\r\nTo: anna@${domainOf(t)}\r\nSubject: are you there\r\n\r\nhello\r\n`, `boss@${domainOf(t)}`);
		await arrives(t, boss, 'Away');
		await menu(p, `anna@${domainOf(t)}`, 'Vacation');
		await p.click('.dialog button:has-text("Switch off")');
		await p.waitForSelector('.dialog', { state: 'detached' });
	},

	async panel_limits(t) {
		// 20 by one and 5 by the other: the board is full and names both.
		for (const [name, n] of [['anna', 20], ['boss', 5]]) {
			const box = await user(t, name).open();
			await box.send(n, `anna@${domainOf(t)}`);
		}
		const p = await panel(t, 'limits');
		await p.waitForSelector('.limit:has-text("Messages in 5 minutes"):has-text("25 of 25")');
		const words = (await p.textContent('.limit:has-text("Messages in 5 minutes")')).replace(/\s+/g, ' ');
		t.need(words.includes('full') && words.includes('There is room again at'), words);
		t.need(new RegExp(`anna@${domainOf(t)} ?20`).test(words) && new RegExp(`boss@${domainOf(t)} ?5`).test(words), words);
		t.need(!words.includes('Change for this domain'), 'an administrator raises limits');
		await t.accessible(p, 'limits');
		await t.shot(p, 'board');
	},

	async panel_trace(t) {
		await mail(t, `anna@${domainOf(t)}`, 'traced');
		const p = await panel(t, 'trace');
		await p.fill('[name=find]', 'bo@partner.example');
		await t.until(async () => {
			await p.click('.bar .primary');
			return p.$('.story:has-text("put into Inbox")');
		}, 'no story');
		await t.accessible(p, 'trace');
		await p.goto(`${t.about.base}/admin/domain/${domainOf(t)}/audit`);
		await p.waitForSelector('.panel-main h1:has-text("Changes")');
	},

	async panel_dns(t) {
		const p = await panel(t, 'dns');
		await p.waitForSelector('.record:has-text("v=spf1")');
		for (const words of ['MX', 'SPF', 'DKIM', 'DMARC'])
			t.need(await p.$(`.record header:has-text("${words}")`), `no ${words}`);
		await t.accessible(p, 'dns');
	},

	async panel_roles(t) {
		// Who administers nothing is told so; other domains do not exist.
		const p = await t.blank();
		await p.goto(`${t.about.base}/admin/`);
		await p.fill('[name=username]', `anna@${domainOf(t)}`);
		await p.fill('[name=password]', t.about.password);
		await p.click('form .primary');
		await p.waitForSelector('.panel .notice:has-text("You administer no domain")');
		const q = await panel(t);
		t.same(await q.$$eval('.nav-head', (l) => l.map((x) => x.textContent)), [domainOf(t)], 'areas');
		q.expected.push(/status of 404/);
		await q.goto(`${t.about.base}/admin/domain/${t.about.domain}/addresses`);
		await q.waitForSelector('.panel-main .notice.err');
	},

	async panel_phone_dark(t) {
		const p = await panel(t, 'addresses', { viewport: { width: 390, height: 844 }, colorScheme: 'dark', hasTouch: true });
		for (const page of ['addresses', 'limits', 'dns', 'trace', 'queue', 'waiting', 'removed', 'settings', 'audit']) {
			await p.goto(`${t.about.base}/admin/domain/${domainOf(t)}/${page}`);
			await p.waitForSelector('.panel-main h1');
			await p.waitForSelector('.loading', { state: 'detached' });
			await t.accessible(p, page);
			t.need(!await p.evaluate(() => document.scrollingElement.scrollWidth > innerWidth), `${page} flows over`);
			await t.shot(p, page);
		}
	},

	async panel_deleted_mailbox(t) {
		// Deleted by its name alone, and back with its mail; on a phone.
		const address = `anna@${domainOf(t)}`;
		await mail(t, address, 'kept');
		await arrives(t, await user(t, 'anna').open(), 'kept');
		const p = await panel(t, 'addresses', { viewport: { width: 390, height: 844 }, hasTouch: true });
		await menu(p, address, 'Delete');
		const yes = '.dialog .button.danger';
		for (const [words, off] of [['', true], [`boss@${domainOf(t)}`, true], [address.toUpperCase(), false]]) {
			await p.fill('[name=typed]', words);
			t.same(await p.isDisabled(yes), off, `typed ${words}`);
		}
		await t.accessible(p, 'delete');
		await p.click(yes);
		await p.waitForSelector(`tr:has-text("${address}")`, { state: 'detached' });
		await p.goto(`${t.about.base}/admin/domain/${domainOf(t)}/removed`);
		await p.waitForSelector(`tr:has-text("${address}")`);
		await t.accessible(p, 'deleted');
		await t.shot(p, 'list');
		await p.click(`button[aria-label="Restore ${address}"]`);
		await p.waitForSelector('.empty-row:has-text("No mailbox was deleted")');
		await arrives(t, await user(t, 'anna').open(), 'kept');
		// A name that was taken meanwhile is not overwritten, and that is said.
		await p.goto(`${t.about.base}/admin/domain/${domainOf(t)}/addresses`);
		await menu(p, address, 'Delete');
		await p.fill('[name=typed]', address);
		await p.click(yes);
		await p.waitForSelector(`tr:has-text("${address}")`, { state: 'detached' });
		await p.click('button:has-text("New address")');
		await p.fill('[name=local]', 'anna');
		await p.click('.dialog .primary');
		await p.waitForSelector('.dialog:has-text("is ready")');
		await p.click('.dialog .primary');
		await p.goto(`${t.about.base}/admin/domain/${domainOf(t)}/removed`);
		p.expected.push(/status of 409/);
		await p.click(`button[aria-label="Restore ${address}"]`);
		await p.waitForSelector(`.toast:has-text("${address}")`);
		t.need(await p.$(`tr:has-text("${address}")`), 'it is gone');
	},

	async panel_password_link(t) {
		const address = `anna@${domainOf(t)}`;
		const p = await panel(t, 'addresses', { viewport: { width: 390, height: 844 }, hasTouch: true });
		await menu(p, address, 'Set password');
		await t.accessible(p, 'password');
		await p.click('.dialog button:has-text("Make a link")');
		const link = await p.textContent('.dialog .strip code');
		await t.accessible(p, 'link');
		await t.shot(p, 'link');
		await p.click('.dialog .primary');
		// Its owner opens it, and is in with what was chosen there.
		const q = await t.blank({ viewport: { width: 390, height: 844 } });
		await q.goto(t.about.base + new URL(link).pathname);
		await q.fill('[name=password]', 'chosen by anna');
		await q.fill('[name=again]', 'chosen by anna');
		await q.click('button[type=submit]');
		await q.waitForSelector('.shell');
		const box = await new Mailbox({ ...t.about, domain: domainOf(t), password: 'chosen by anna' }, 'anna').open();
		await arrives(t, box, 'A link to choose a new password was made');
		// It was good once.
		q.expected.push(/status of 404/);
		await q.goto(t.about.base + new URL(link).pathname);
		await q.waitForSelector('h1:has-text("This link is over")');
	},

	async panel_two_step_off(t) {
		const address = `anna@${domainOf(t)}`;
		const p = await panel(t);
		const off = async () => {
			await menu(p, address, 'Switch off two-step login');
			await p.click('.dialog .button.danger');
		};
		// Nothing is on: that is said.
		p.expected.push(/status of 404/);
		await off();
		await p.waitForSelector('.toast:has-text("two-step login is off")');
		const headers = { 'Content-Type': 'application/json', Origin: t.about.base };
		const post = (path, body, more) => fetch(t.about.base + path, { method: 'POST', headers: { ...headers, ...more }, body: JSON.stringify(body) });
		const login = () => post('/login', { username: address, password: t.about.password });
		const cookie = { Cookie: (await login()).headers.get('set-cookie').split(';')[0] };
		const { secret } = await (await post('/account/totp/begin', { password: t.about.password }, cookie)).json();
		t.same((await post('/account/totp/confirm', { code: code(secret) }, cookie)).status, 200, 'on');
		t.same((await login()).status, 401, 'a code is asked for');
		await off();
		await p.waitForSelector(`.toast:has-text("The two-step login of ${address} is off")`);
		t.same((await login()).status, 200, 'the password alone');
		await arrives(t, await user(t, 'anna').open(), 'Two-step login is off');
		await p.goto(`${t.about.base}/admin/domain/${domainOf(t)}/audit`);
		await p.waitForSelector('.panel-main:has-text("totp.off")');
	},

	async panel_tables(t) {
		// Checked by line, made, and out again; on a phone.
		const p = await panel(t, 'addresses', { viewport: { width: 390, height: 844 }, hasTouch: true, acceptDownloads: true });
		const act = async (label) => {
			await p.click('[aria-label="Addresses as a table"]');
			await p.click(`.menu-item:has-text("${label}")`);
		};
		const give = (...lines) => p.setInputFiles('[name=file]', { name: 'x.csv', mimeType: 'text/csv', buffer: Buffer.from(`address;type;targets\n${lines.join('\n')}\n`) });
		await act('Import addresses');
		await p.waitForSelector('[name=file]');
		await give(`nils@${domainOf(t)};;`, `anna@${domainOf(t)};;`);
		await p.click('.dialog .primary:has-text("Check")');
		await p.waitForSelector('.dialog li:has-text("Line 3:"):has-text("already")');
		t.need(await p.isDisabled('.dialog .primary'), 'a wrong table goes on');
		await t.accessible(p, 'wrong');
		await t.shot(p, 'wrong');
		await give(`nils@${domainOf(t)};;`, `crew@${domainOf(t)};alias;nils@${domainOf(t)}`);
		await p.click('.dialog .primary:has-text("Check")');
		await p.click('.dialog .primary:has-text("Make 2 addresses")');
		await p.waitForSelector(`tr:has-text("crew@${domainOf(t)}"):has-text("Alias")`);
		const [file] = await Promise.all([p.waitForEvent('download'), act('Export')]);
		t.same(file.suggestedFilename(), `${domainOf(t)}.csv`, 'name');
		const words = readFileSync(await file.path(), 'utf8');
		t.need(words.includes(`crew@${domainOf(t)},alias,,nils@${domainOf(t)},,`), words);
	},

	async panel_languages(t) {
		// In each language, on a phone: the panel's own words, nothing English left
		// between them, and longer words do not push the page aside.
		for (const [locale, heads] of [
			['da-DK', ['Adresser', 'Hvor er min mail?', 'Kø', 'Nye afsendere', 'Ændringer']],
			['de-DE', ['Adressen', 'Wo ist meine Mail?', 'Warteschlange', 'Neue Absender', 'Änderungen']],
		]) {
			const p = await panel(t, 'addresses', { viewport: { width: 390, height: 844 }, hasTouch: true, locale });
			await p.waitForSelector('tr:has-text("anna@")');
			const nav = await p.$$eval('.panel-nav a span', (l) => l.map((x) => x.textContent));
			for (const h of heads)
				t.need(nav.includes(h), `${locale}: no ${h} in ${nav.join(', ')}`);
			t.need(!/Mailbox|Addresses|Limits/.test(await p.textContent('.panel')), `${locale}: English is left`);
			for (const page of ['addresses', 'limits', 'dns', 'trace', 'queue', 'waiting', 'removed', 'settings', 'audit']) {
				await p.goto(`${t.about.base}/admin/domain/${domainOf(t)}/${page}`);
				await p.waitForSelector('.panel-main h1');
				await p.waitForSelector('.loading', { state: 'detached' });
				t.need(!await p.evaluate(() => document.scrollingElement.scrollWidth > innerWidth), `${locale}: ${page} flows over`);
			}
		}
	},
};
