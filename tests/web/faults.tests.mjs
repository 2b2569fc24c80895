// Faults at each step of saving and sending: exactly one draft, exactly one
// message, no word lost, and what the window says is what happened.
async function page(t) {
	const p = await t.blank();
	await p.addInitScript(([key, value]) => localStorage.setItem(key, value), [`posthus:${t.box.address}`, JSON.stringify({ undoSend: 0 })]);
	p.expected.push(/ERR_|Failed to load|status of 50\d/);
	await t.login(p);
	await p.waitForSelector('.row[data-id], .empty-state');
	return p;
}

// What becomes of one request: done before or not, and how it is answered.
const FAULTS = {
	'cut off before': (r) => r.abort(),
	'cut off after': async (r) => {
		await r.fetch();
		await r.abort();
	},
	'500 before': (r) => r.fulfill({ status: 500, body: 'x' }),
	'502 after': async (r) => {
		await r.fetch();
		await r.fulfill({ status: 502, body: 'x' });
	},
	'503 before': (r) => r.fulfill({ status: 503, body: 'x' }),
	'half an answer': async (r) => {
		const answer = await r.fetch();
		await r.fulfill({ status: 200, contentType: 'application/json', body: (await answer.text()).slice(0, 60) });
	},
};

// The next request that holds `words` and creates something meets with it.
async function faults(p) {
	const f = { words: '', fault: undefined, met: 0 };
	await p.route('**/jmap/api', async (route) => {
		const body = route.request().postData() ?? '';
		if (!f.words || !body.includes(f.words) || !body.includes('"create"'))
			return route.continue();
		f.words = '';
		f.met++;
		return f.fault({ abort: () => route.abort(), fetch: () => route.fetch(), fulfill: (o) => route.fulfill(o) });
	});
	return f;
}

async function write(t, p, subject) {
	await p.keyboard.press('c');
	await p.waitForSelector('.cwindow .rcpt-input:focus');
	await p.keyboard.type(`${t.box.address},`);
	await p.fill('.csubject', subject);
}

// A draft that is saved between both calls is another message then: look again.
async function mails(t, role) {
	let r;
	do
		[r] = await t.box.calls(['Email/get', { ids: await t.box.in(role), properties: ['subject', 'textBody', 'bodyValues'], fetchAllBodyValues: true }]);
	while (r.notFound.length > 0);
	return r.list.map((e) => [e.subject, e.textBody.map((b) => e.bodyValues[b.partId].value).join('').trim()]);
}

const count = (list, subject) => list.filter((m) => m[0] === subject).length;

async function save(t, names) {
	const p = await page(t);
	const f = await faults(p);
	for (const name of names) {
		await write(t, p, name);
		f.fault = FAULTS[name];
		f.words = 'Email/set';
		const met = f.met;
		await p.fill('.cplain', 'one');
		await t.until(() => f.met > met, `${name}: nothing was saved`);
		// Also the next one.
		f.words = 'Email/set';
		await p.fill('.cplain', 'one, two');
		await t.until(async () => (await mails(t, 'drafts')).some((m) => m[0] === name && m[1] === 'one, two'), `${name}: not saved again`, 40_000);
		await p.waitForSelector('.cstatus:has-text("Saved")', { timeout: 40_000 });
		await t.until(async () => count(await mails(t, 'drafts'), name) === 1, `${name}: not one draft`);
		t.same(await p.inputValue('.cplain'), 'one, two', `${name}: text`);
		await p.keyboard.press('Escape');
		await p.waitForSelector('.cwindow', { state: 'detached' });
	}
	await p.waitForTimeout(1000);
	t.same((await mails(t, 'drafts')).map((m) => m[0]).sort(), [...names].sort(), 'drafts at the end');
}

async function send(t, names) {
	const p = await page(t);
	const f = await faults(p);
	for (const name of names) {
		await write(t, p, name);
		await p.fill('.cplain', 'words');
		await p.waitForSelector('.cstatus:has-text("Saved")');
		f.fault = FAULTS[name];
		f.words = 'EmailSubmission/set';
		const met = f.met;
		await p.click('.csend .primary');
		await t.until(() => f.met > met, `${name}: nothing was sent`);
		// It says one of both, and that is so.
		const gone = await t.until(async () => ((await p.$('.cwindow')) ? (await p.$('.notice.err')) && 'no' : 'yes'), `${name}: it says nothing`, 30_000);
		const sent = count(await mails(t, 'sent'), name);
		t.same([gone, sent], sent ? ['yes', 1] : ['no', 0], `${name}: said, sent`);
		if (gone === 'no') {
			t.same([await p.inputValue('.cplain'), count(await mails(t, 'drafts'), name)], ['words', 1], `${name}: text, drafts`);
			await p.click('.csend .primary');
			await p.waitForSelector('.cwindow', { state: 'detached', timeout: 30_000 });
		}
		await t.until(async () => count(await mails(t, 'inbox'), name) === 1, `${name}: it does not arrive`);
		t.same([count(await mails(t, 'sent'), name), count(await mails(t, 'drafts'), name)], [1, 0], `${name}: Sent, Drafts`);
	}
	t.same((await mails(t, 'inbox')).length, names.length, 'messages');
}

export const tests = {
	fault_save_cut: (t) => save(t, ['cut off before', 'cut off after']),
	fault_save_answer: (t) => save(t, ['502 after', 'half an answer']),
	fault_save_refused: (t) => save(t, ['500 before', '503 before']),
	fault_send_cut: (t) => send(t, ['cut off before', 'cut off after', '500 before']),
	fault_send_answer: (t) => send(t, ['502 after', 'half an answer', '503 before']),

	// A sending that seems lost is carried out only while it is sent once more.
	async fault_send_late(t) {
		const p = await page(t);
		let late;
		await p.route('**/jmap/api', async (route) => {
			const body = route.request().postData() ?? '';
			if (late === undefined && body.includes('EmailSubmission/set')) {
				late = { url: route.request().url(), body };
				return route.abort();
			}
			// Between the look and the sending it happens after all.
			if (late?.body && body.includes('EmailSubmission/set')) {
				const { body: first } = late;
				late = {};
				await fetch(`${t.about.api}/jmap/api`, { method: 'POST', headers: { ...t.box.headers, 'Content-Type': 'application/json' }, body: first });
			}
			return route.continue();
		});
		await write(t, p, 'late');
		await p.fill('.cplain', 'words');
		await p.waitForSelector('.cstatus:has-text("Saved")');
		await p.click('.csend .primary');
		await p.waitForSelector('.notice.err:has-text("Not sent")', { timeout: 15_000 });
		await p.click('.csend .primary');
		await p.waitForSelector('.cwindow', { state: 'detached', timeout: 15_000 });
		await t.until(async () => (await mails(t, 'inbox')).length > 0, 'it does not arrive');
		t.same([(await mails(t, 'inbox')).length, (await mails(t, 'sent')).length, (await mails(t, 'drafts')).length], [1, 1, 0], 'Inbox, Sent, Drafts');
	},

	// The connection is away while it is written and sent, and comes back.
	async fault_offline(t) {
		const p = await page(t);
		await write(t, p, 'away');
		await p.fill('.cplain', 'before');
		await p.waitForSelector('.cstatus:has-text("Saved")');
		await p.context().setOffline(true);
		await p.fill('.cplain', 'before, while');
		await p.waitForSelector('.cstatus:has-text("Not saved")', { timeout: 15_000 });
		// The copy of this browser has it.
		await t.until(() => p.evaluate(() => new Promise((done, failed) => {
			const r = indexedDB.open('posthus');
			r.onerror = () => failed(r.error);
			r.onsuccess = () => {
				const all = r.result.transaction('drafts').objectStore('drafts').getAll();
				all.onsuccess = () => done(all.result.some((c) => c.draft.text === 'before, while' && !c.saved));
			};
		})), 'no copy');
		await p.click('.csend .primary');
		await p.waitForTimeout(5000);
		t.need(await p.$('.cwindow'), 'it says sent');
		await p.context().setOffline(false);
		const said = await t.until(async () => ((await p.$('.cwindow')) ? (await p.$('.notice.err')) && 'no' : 'yes'), 'it says nothing', 40_000);
		// A sending that waited for the network may go when it is back.
		t.same(said, (await mails(t, 'sent')).length ? 'yes' : 'no', 'said');
		if (said === 'no') {
			t.same(await p.inputValue('.cplain'), 'before, while', 'text');
			await p.click('.csend .primary');
			await p.waitForSelector('.cwindow', { state: 'detached', timeout: 30_000 });
		}
		await t.until(async () => (await mails(t, 'inbox')).length === 1, 'it does not arrive');
		t.same([await mails(t, 'sent'), (await mails(t, 'drafts')).length], [[['away', 'before, while']], 0], 'Sent, Drafts');
	},
};
