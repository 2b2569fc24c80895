// Writing: what is kept, what goes, and what happens when something breaks.
const USING = ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:mail', 'urn:ietf:params:jmap:submission'];
const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAABAAAAAQAQMAAAAlPW0iAAAAA1BMVEX/AAAZ4gk3AAAADElEQVR4nGNgGFkAAADQAAFzq0kSAAAAAElFTkSuQmCC', 'base64');
const MARKUP = '<img src=x onerror="window.pwned=1"><script>window.pwned=1</script>';

// A page whose user wants it so.
async function page(t, prefs = {}, options, path) {
	const p = await t.blank(options);
	await p.addInitScript(([key, value]) => {
		if (!localStorage.getItem(key))
			localStorage.setItem(key, value);
	}, [`posthus:${t.box.address}`, JSON.stringify({ undoSend: 0, ...prefs })]);
	await t.login(p, path);
	await p.waitForSelector('.row[data-id], .empty-state');
	return p;
}

async function write(p) {
	await p.keyboard.press('c');
	await p.waitForSelector('.cwindow .rcpt-input:focus');
}

const PROPERTIES = ['subject', 'messageId', 'inReplyTo', 'references', 'from', 'to', 'cc', 'bcc', 'keywords', 'mailboxIds', 'textBody', 'htmlBody', 'attachments', 'bodyValues', 'headers'];

async function mails(t, role) {
	const ids = await t.box.in(role);
	const [r] = await t.box.calls(['Email/get', { ids, properties: PROPERTIES, fetchAllBodyValues: true }]);
	return r.list;
}

const words = (e) => e.textBody.map((p) => e.bodyValues[p.partId]?.value ?? '').join('').trim();
const saved = (p) => p.waitForSelector('.cstatus:has-text("Saved")');
const addresses = (list) => (list ?? []).map((a) => a.email);

async function submissions(t) {
	const r = await fetch(`${t.about.api}/jmap/api`, {
		method: 'POST', headers: { ...t.box.headers, 'Content-Type': 'application/json' },
		body: JSON.stringify({ using: USING, methodCalls: [['EmailSubmission/get', { accountId: t.box.account, ids: null }, '0']] }),
	});
	return (await r.json()).methodResponses[0][1].list;
}

const pick = (p, files) => p.setInputFiles('.cwindow > input[type=file]', files);

export const tests = {
	async compose_send(t) {
		const p = await page(t);
		await write(p);
		await p.evaluate(async ([text]) => {
			const data = new DataTransfer();
			data.setData('text/plain', text);
			document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
		}, [`"Larsen, Bo" <${t.box.address}>; nobody`]);
		await p.waitForSelector('.rcpt.bad:has-text("nobody")');
		t.same(await p.$$eval('.rcpt .clip', (l) => l.map((c) => c.textContent)), ['Larsen, Bo', 'nobody'], 'chips');
		await p.click('.cmore');
		await p.waitForSelector('.rcpts >> nth=1 >> .rcpt-input:focus');
		await p.keyboard.type('hidden@partner.example');
		await p.fill('.csubject', 'Quarterly numbers');
		await p.fill('.cplain', 'Hi Bo,\n\nhere they are.');
		await saved(p);
		const [draft] = await mails(t, 'drafts');
		t.same(addresses(draft.cc), ['hidden@partner.example'], 'Cc of the draft');
		t.need(draft.headers.some((h) => h.name === 'X-Unsent-Recipients' && h.value.includes('nobody')), 'what is no address is lost');
		// What cannot go is told, and stays.
		await p.keyboard.press('Control+Enter');
		await p.waitForSelector('.dialog:has-text("nobody")');
		await t.shot(p, 'check');
		await p.click('.dialog-foot .primary');
		await p.click('.rcpt.bad .rcpt-x');
		await p.click('.rcpt:has-text("hidden") .rcpt-x');
		await p.click('.csend .primary');
		await p.waitForSelector('.cwindow', { state: 'detached' });
		const [got] = await t.until(async () => { const l = await mails(t, 'inbox'); return l.length && l; }, 'it does not arrive');
		const [sent] = await mails(t, 'sent');
		t.same([got.subject, words(got), got.messageId], ['Quarterly numbers', 'Hi Bo,\n\nhere they are.', sent.messageId], 'what arrived');
		t.same(sent.messageId, draft.messageId, 'Message-ID of the draft');
		t.need(!got.headers.some((h) => /^(x-unsent|bcc)/i.test(h.name)), 'what is for the draft alone was sent');
		t.need(!sent.keywords.$draft, 'Sent has a draft');
		t.same(await t.box.in('drafts'), [], 'drafts');
	},

	async compose_undo(t) {
		const p = await page(t, { undoSend: 10 });
		await write(p);
		await p.keyboard.type(`${t.box.address},`);
		await p.fill('.csubject', 'Too early');
		await p.fill('.cplain', 'words that stay');
		await p.keyboard.press('Control+Enter');
		await p.waitForSelector('.csending:has-text("Sending in")');
		await t.shot(p, 'sending');
		t.same((await mails(t, 'sent')).length, 1, 'in Sent');
		t.same((await submissions(t)).map((s) => s.undoStatus), ['pending'], 'held by the server');
		// The page goes, the server still holds: a new one can undo.
		await p.reload();
		await p.waitForSelector('.csending');
		await p.keyboard.press('z');
		await p.waitForSelector('.cwindow');
		t.same(await p.inputValue('.cplain'), 'words that stay', 'text');
		t.same((await submissions(t)).map((s) => s.undoStatus), ['canceled'], 'canceled');
		t.same([(await t.box.in('sent')).length, (await t.box.in('drafts')).length, (await t.box.in('inbox')).length], [0, 1, 0], 'Sent, Drafts, Inbox');
	},

	async compose_reply(t) {
		const [id] = await t.box.put({
			subject: 'The plan', id: 'b@partner.example', refs: ['a@partner.example'], to: `Alice <${t.box.address}>, Eva <eva@partner.example>`, cc: 'Cy <cy@partner.example>',
			body: 'What do you think?\r\n-- \r\nBo',
		});
		const p = await page(t);
		await p.click('.row[data-id]:has-text("The plan")');
		await p.waitForSelector('.message-body:has-text("think")');
		await p.keyboard.press('a');
		await p.waitForSelector('.cplain:focus');
		t.same(await p.$$eval('.rcpt-name', (l) => l.map((c) => c.title)), ['bo@partner.example', 'eva@partner.example', 'cy@partner.example'], 'recipients');
		t.same(await p.inputValue('.csubject'), 'Re: The plan', 'subject');
		const quote = await p.inputValue('.cplain');
		t.need(/Bo Larsen <bo@partner\.example> wrote:\n> What do you think\?\n$/.test(quote), quote);
		// Only to ourselves, that it may go.
		for (let i = 0; i < 3; i++)
			await p.click('.rcpt-x >> nth=0');
		await p.click('.rcpt-input >> nth=0');
		await p.keyboard.type(`${t.box.address},`);
		await p.click('.cplain');
		await p.keyboard.press('Control+Home');
		await p.keyboard.type('Yes.');
		await p.keyboard.press('Control+Enter');
		await p.waitForSelector('.cwindow', { state: 'detached' });
		const [sent] = await t.until(async () => { const l = await mails(t, 'sent'); return l.length && l; }, 'not in Sent');
		t.same([sent.inReplyTo, sent.references], [['b@partner.example'], ['a@partner.example', 'b@partner.example']], 'In-Reply-To, References');
		t.need(words(sent).startsWith('Yes.'), words(sent));
		await t.until(async () => (await t.box.get(id)).keywords.$answered, 'not $answered');
	},

	async compose_rich(t) {
		const p = await page(t, { richText: true });
		// The frame in which it is cleaned says what it does not run.
		p.expected.push(/Blocked script execution in '[^']*\/frame'/);
		await write(p);
		await p.keyboard.type(`${t.box.address},`);
		await p.fill('.csubject', MARKUP);
		await p.click('.crich');
		await p.keyboard.press('Control+b');
		await p.keyboard.type('Bold words');
		await p.keyboard.press('Control+b');
		// Pasted markup is cleaned.
		await p.evaluate(() => {
			const data = new DataTransfer();
			data.setData('text/html', '<p>one</p><p><span class="menu" style="position:fixed;color:red" onclick="window.pwned=1">pasted<img src=x onerror="window.pwned=1"><script>window.pwned=1</script><style>body{display:none}</style></span></p>');
			data.setData('text/plain', 'pasted');
			document.activeElement.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
		});
		await p.waitForSelector('.crich span:has-text("pasted")');
		t.same(await p.$$eval('.crich [onclick], .crich script, .crich style, .crich .menu, .crich img', (l) => l.length), 0, 'pasted markup');
		t.same(await p.$eval('.crich span[style]', (e) => [e.style.position, e.style.color]), ['', 'red'], 'pasted style');
		await p.setInputFiles('.cwindow input[accept]', [{ name: 'pic.png', mimeType: 'image/png', buffer: PIXEL }]);
		await p.waitForSelector('.crich img[data-cid]');
		await pick(p, [{ name: `${MARKUP.slice(0, 40)}.txt`, mimeType: 'text/plain', buffer: Buffer.from('hello') }]);
		await p.waitForSelector('.cfile a:has-text(".txt")');
		await saved(p);
		// Undo goes through the sanitiser too.
		await p.click('.crich');
		await p.keyboard.type(' more');
		await p.keyboard.press('Control+z');
		await p.waitForTimeout(600);
		await t.shot(p, 'window');
		await p.keyboard.press('Escape');
		await p.waitForSelector('.cwindow', { state: 'detached' });
		const [draft] = await t.until(async () => { const l = await mails(t, 'drafts'); return l.length === 1 && l; }, 'not one draft');
		const html = draft.bodyValues[draft.htmlBody[0].partId].value;
		t.need(/<b>Bold words<\/b>/.test(html) && /<img [^>]*src="cid:/.test(html) && !/data-|onerror|jmap/.test(html), html);
		t.same(draft.attachments.map((a) => a.disposition), ['inline', 'attachment'], 'attachments');
		t.same(draft.subject, MARKUP, 'subject');
		// It is opened again as it was.
		await p.goto(`${t.about.base}/mail/drafts`);
		await p.click('.row[data-id]');
		await p.waitForSelector('.message, .cwindow');
		if (!(await p.$('.cwindow'))) {
			await p.waitForSelector('.message-body');
			await p.click('text=Edit draft');
		}
		await p.waitForSelector('.crich img[src*="/jmap/download/"]');
		t.need((await p.textContent('.crich')).includes('Bold words'), 'the text');
		await p.click('.csend .primary');
		await p.waitForSelector('.cwindow', { state: 'detached' });
		const [got] = await t.until(async () => { const l = await mails(t, 'inbox'); return l.length && l; }, 'it does not arrive');
		t.same([got.attachments.length, got.subject], [2, MARKUP], 'arrived');
		t.need(!(await p.evaluate(() => window.pwned)), 'a script ran');
	},

	async compose_crash(t) {
		const p = await page(t);
		await write(p);
		await p.keyboard.type(`${t.box.address},`);
		await p.click('.cmore');
		await p.waitForSelector('.rcpts >> nth=1 >> .rcpt-input:focus');
		await p.keyboard.type('a@partner.example,');
		await p.click('.rcpts >> nth=2 >> .rcpt-input');
		await p.keyboard.type('secret@partner.example,');
		await p.fill('.csubject', MARKUP);
		await p.fill('.cplain', 'not lost');
		await saved(p);
		await p.fill('.cplain', 'not lost, and more');
		await p.waitForTimeout(2300);
		const before = (await mails(t, 'drafts')).length;
		t.same(before, 1, 'drafts');
		await p.close();
		const next = await p.context().newPage();
		t.watch(next);
		await next.goto(`${t.about.base}/mail/`);
		await next.waitForSelector('.cleft');
		t.need((await next.textContent('.cleft')).includes('<script>'), 'the subject is not as it was');
		await t.shot(next, 'left');
		await next.click('.cleft .primary');
		await next.waitForSelector('.cwindow');
		t.same(await next.inputValue('.cplain'), 'not lost, and more', 'text');
		t.need((await next.textContent('.cfields')).includes('secret@partner.example'), 'Bcc is lost');
		await next.fill('.cplain', 'third');
		await saved(next);
		const list = await t.until(async () => { const l = await mails(t, 'drafts'); return l.length === 1 && words(l[0]) === 'third' && l; }, 'not one draft');
		t.same(addresses(list[0].bcc), ['secret@partner.example'], 'Bcc');
		t.need(!(await next.evaluate(() => window.pwned)), 'a script ran');
	},

	async compose_conflict(t) {
		const p = await page(t);
		await write(p);
		await p.fill('.csubject', 'both');
		await p.fill('.cplain', 'first');
		await saved(p);
		const [id] = await t.box.in('drafts');
		const other = await p.context().newPage();
		t.watch(other);
		await other.goto(`${t.about.base}/mail/?write=${id}`);
		await other.waitForSelector('.cplain');
		await other.fill('.cplain', 'second window');
		await saved(other);
		t.same((await t.box.in('drafts')).length, 1, 'drafts');
		await p.fill('.cplain', 'first window');
		await p.waitForSelector('.notice:has-text("another window")');
		await t.until(async () => (await mails(t, 'drafts')).map(words).sort().join() === 'first window,second window', 'not both are kept');
	},

	// The answer to a save, and to a sending, is lost on the way.
	async compose_lost(t) {
		const p = await page(t);
		p.expected.push(/ERR_FAILED|Failed to load/);
		let lose = '';
		let lost = 0;
		await p.route('**/jmap/api', async (route) => {
			const body = route.request().postData() ?? '';
			if (!lose || !body.includes(lose) || !body.includes('"create"'))
				return route.continue();
			lose = '';
			lost++;
			await route.fetch();
			return route.abort();
		});
		await write(p);
		lose = 'Email/set';
		await p.keyboard.type(`${t.box.address},`);
		await p.fill('.csubject', 'once');
		await p.fill('.cplain', 'one');
		await t.until(async () => lost === 1, 'nothing was lost');
		await t.until(async () => (await t.box.in('drafts')).length === 1, 'it did not arrive');
		await p.fill('.cplain', 'two');
		await t.until(async () => (await mails(t, 'drafts')).map(words).join() === 'two', 'not saved again, or twice', 15_000);
		lose = 'EmailSubmission/set';
		await p.keyboard.press('Control+Enter');
		await p.waitForSelector('.cwindow', { state: 'detached', timeout: 15_000 });
		t.same(lost, 2, 'lost');
		await t.until(async () => (await t.box.in('inbox')).length === 1, 'it does not arrive');
		t.same([(await t.box.in('sent')).length, (await t.box.in('drafts')).length, (await submissions(t)).length], [1, 0, 1], 'Sent, Drafts, submissions');
		// Lost before the server had it: told, and sent once when tried again.
		let before = true;
		await p.unroute('**/jmap/api');
		await p.route('**/jmap/api', (route) => {
			if (!before || !(route.request().postData() ?? '').includes('EmailSubmission/set'))
				return route.continue();
			before = false;
			return route.abort();
		});
		await write(p);
		await p.keyboard.type(`${t.box.address},`);
		await p.fill('.csubject', 'twice');
		await p.fill('.cplain', 'x');
		await p.keyboard.press('Control+Enter');
		await p.waitForSelector('.notice.err:has-text("Not sent")', { timeout: 15_000 });
		await p.keyboard.press('Control+Enter');
		await p.waitForSelector('.cwindow', { state: 'detached' });
		await t.until(async () => (await t.box.in('inbox')).length === 2, 'it does not arrive');
		t.same([(await t.box.in('sent')).length, (await t.box.in('drafts')).length], [2, 0], 'Sent, Drafts');
	},

	async compose_refused(t) {
		const p = await page(t);
		await write(p);
		await p.keyboard.type('nobody-here@customer.example,');
		await p.fill('.csubject', 'refused');
		await p.fill('.cplain', 'stays');
		await p.keyboard.press('Control+Enter');
		await p.waitForSelector('.notice.err:has-text("R-UNKNOWN")');
		await p.waitForSelector('.rcpt.bad');
		t.same(await p.inputValue('.cplain'), 'stays', 'text');
		await t.shot(p, 'refused');
		t.same([(await t.box.in('sent')).length, (await t.box.in('drafts')).length], [0, 1], 'Sent, Drafts');
		await p.click('.rcpt.bad .rcpt-x');
		await p.keyboard.type(`${t.box.address},`);
		await p.keyboard.press('Control+Enter');
		await p.waitForSelector('.cwindow', { state: 'detached' });
		t.same([(await t.box.in('sent')).length, (await t.box.in('drafts')).length], [1, 0], 'Sent, Drafts');
	},

	async compose_expired(t) {
		const p = await page(t);
		await write(p);
		await p.fill('.csubject', 'long letter');
		await p.fill('.cplain', 'Dear');
		await saved(p);
		await p.context().clearCookies();
		await p.fill('.cplain', 'Dear Bo, much more');
		await p.waitForSelector('.dialog [name=password]');
		t.same(await p.inputValue('.cplain'), 'Dear Bo, much more', 'text');
		await p.fill('.dialog [name=username]', t.box.address).catch(() => undefined);
		await p.fill('.dialog [name=password]', t.about.password);
		await p.click('.dialog form .primary');
		await t.until(async () => (await mails(t, 'drafts')).map(words).join() === 'Dear Bo, much more', 'not saved after the login');
	},

	async compose_files(t) {
		const p = await page(t);
		p.expected.push(/ERR_FAILED|ERR_INTERNET|Failed to load/);
		await write(p);
		await p.fill('.cplain', 'here is the attached plan');
		// Cut off in the middle, and by itself again.
		let cut = 2;
		await p.route('**/jmap/upload/**', (route) => (cut-- > 0 ? route.abort() : route.continue()));
		await pick(p, [{ name: 'plan.bin', mimeType: 'application/octet-stream', buffer: Buffer.alloc(5_000_000, 7) }]);
		await p.waitForSelector('.cfile a:has-text("plan.bin")', { timeout: 15_000 });
		await p.waitForSelector('.cfiles p:has-text("1 file")');
		// More than a message may have is refused before it is sent.
		const most = await p.evaluate(async () => (await (await fetch('/jmap/session')).json()).capabilities['urn:ietf:params:jmap:core'].maxSizeUpload);
		await p.evaluate((n) => {
			const data = new DataTransfer();
			data.items.add(new File([new Uint8Array(n)], 'huge.bin'));
			document.querySelector('.cwindow').dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
		}, Math.floor(most * 0.75));
		await p.waitForSelector('.notice.warn:has-text("huge.bin")');
		t.same((await p.$$('.cfile')).length, 1, 'files');
		await saved(p);
		// The file is that of the draft now, and of the next one.
		await p.fill('.cplain', 'here it is again');
		await t.until(async () => { const l = await mails(t, 'drafts'); return l.length === 1 && words(l[0]) === 'here it is again' && l[0].attachments[0]?.size === 5_000_000; }, 'the file is lost', 25_000);
		await p.click('.cfile button');
		await p.waitForSelector('.cfile', { state: 'detached' });
	},

	async compose_suggest(t) {
		await t.box.put({ box: 'sent', to: 'Gerda Holm <gerda@partner.example>', seen: true }, { box: 'sent', to: 'Gustav <gustav@partner.example>', ago: 100_000, seen: true });
		const p = await page(t);
		await write(p);
		await t.until(async () => {
			await p.fill('.rcpt-input >> nth=0', '');
			await p.type('.rcpt-input >> nth=0', 'g');
			return (await p.$$('.suggest li')).length === 2;
		}, 'no suggestions');
		t.need((await p.textContent('.suggest li')).includes('Gerda'), 'the newest is not the first');
		t.same(await p.getAttribute('.rcpt-input >> nth=0', 'aria-expanded'), 'true', 'aria-expanded');
		await t.shot(p, 'suggest');
		await p.keyboard.press('ArrowDown');
		await p.keyboard.press('Enter');
		await p.waitForSelector('.rcpt-name[title="gustav@partner.example"]');
		await p.keyboard.press('ArrowLeft');
		t.same(await p.evaluate(() => document.activeElement.title), 'gustav@partner.example', 'focus');
		await p.keyboard.press('Delete');
		await p.waitForSelector('.rcpt', { state: 'detached' });
	},

	async compose_accessible(t) {
		const p = await page(t, { richText: true });
		await write(p);
		await p.keyboard.type(`${t.box.address}, wrong,`);
		await p.click('.cmore');
		await p.waitForSelector('.crich');
		await pick(p, [{ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('x') }]);
		await p.waitForSelector('.cfile a');
		await t.accessible(p, 'compose');
		await t.shot(p, 'light');
		await p.emulateMedia({ colorScheme: 'dark' });
		await p.waitForTimeout(200);
		await t.accessible(p, 'compose, dark');
		await t.shot(p, 'dark');
		await p.setViewportSize({ width: 360, height: 740 });
		await t.shot(p, 'phone');
		await t.until(() => p.evaluate(() => document.scrollingElement.scrollWidth <= innerWidth), 'it scrolls sideways');
		t.need(await p.isVisible('.csend .primary'), 'no button to send');
	},
};
