// The table of tests: a name, which is also the account's, and what is done.
const text = (s) => s?.replace(/\s+/g, ' ').trim() ?? '';
const rows = (page) => page.$$eval('.row[data-id]', (l) => l.map((r) => r.querySelector('[data-row] .sr').textContent));
const row = (subject) => `.row[data-id]:has-text("${subject}")`;
const subjectOpen = async (page) => text(await page.textContent('.reader-head h2').catch(() => ''));
const flowsOver = (page) => page.evaluate(() => document.scrollingElement.scrollWidth > innerWidth || document.body.scrollWidth > innerWidth);

export const tests = {
	async login(t) {
		const page = await t.blank();
		await page.goto(`${t.about.base}/`);
		await page.waitForSelector('[name=username]');
		t.need(new URL(page.url()).pathname === '/mail/', `/ leads to ${page.url()}`);
		t.same(await page.evaluate(() => document.activeElement.name), 'username', 'focus');
		await t.accessible(page, 'login');
		await page.fill('[name=username]', t.box.address);
		await page.fill('[name=password]', 'not it');
		await page.click('form .primary');
		await page.waitForSelector('.login-error:has-text("password")');
		await page.fill('[name=password]', t.about.password);
		await page.click('form .primary');
		await page.waitForSelector('h1:has-text("Inbox")');
		await page.waitForSelector('.empty-state:has-text("Nothing new")');
		// The login holds over a reload, and ends when it is ended.
		await page.reload();
		await page.waitForSelector('.empty-state');
		await page.click('[aria-haspopup=menu].who');
		await page.click('.menu-item:has-text("Sign out")');
		await page.waitForSelector('[name=username]');
		await page.goBack().catch(() => undefined);
		await page.waitForSelector('[name=username]');
	},

	async read(t) {
		await t.box.put({ subject: 'Old news', seen: true }, { subject: 'Quarterly numbers', body: 'Here are the figures.', from: '"Bo Larsen" <bo@partner.example>' });
		const page = await t.page();
		t.same((await rows(page))[0].replace(/\d\d:\d\d/, 'now'), 'Unread, from Bo Larsen, subject Quarterly numbers, now', 'name of the row');
		t.need((await page.title()).startsWith('(1) Inbox'), await page.title());
		await page.click(row('Quarterly'));
		await page.waitForSelector('.message-body:has-text("Here are the figures.")');
		t.same(await subjectOpen(page), 'Quarterly numbers', 'subject');
		await t.until(async () => (await rows(page))[0].startsWith('Read'), 'the row stays unread');
		await t.until(async () => !(await page.title()).startsWith('('), 'the title counts it still');
		const [id] = await t.box.in('inbox');
		await t.until(async () => (await t.box.get(id)).keywords.$seen, 'not $seen on the server');
		// A list of what is unread keeps what is being read.
		await t.box.calls(['Email/set', { update: { [id]: { 'keywords/$seen': null } } }]);
		await page.goto(`${t.about.base}/mail/inbox?only=unread`);
		await page.click(row('Quarterly'));
		await t.until(async () => (await t.box.get(id)).keywords.$seen, 'not $seen');
		await page.waitForTimeout(500);
		t.same((await rows(page)).length, 1, 'what is being read leaves the list');
		await page.keyboard.press('u');
		await page.waitForSelector('.list .empty-state');
		await page.goto(`${t.about.base}/mail/inbox`);
		await page.click(row('Quarterly'));
		await page.waitForSelector('.message-body');
		// The address leads there again; Back leads to the list.
		const deep = page.url();
		t.need(/\/mail\/inbox\/T\d+$/.test(deep), deep);
		await page.goBack();
		await page.waitForSelector('.reader.idle');
		await page.goto(deep);
		await page.waitForSelector('.message-body:has-text("Here are the figures.")');
		await page.waitForSelector('.row.open:has-text("Quarterly")');
	},

	async conversation(t) {
		const [a, b, c] = ['a@x.example', 'b@x.example', 'c@x.example'];
		const me = `Me <${t.box.address}>`;
		await t.box.put(
			{ id: a, subject: 'The plan', seen: true, body: 'first', ago: 300 },
			{ id: b, refs: [a], subject: 'Re: The plan', from: me, box: 'sent', seen: true, body: 'second', ago: 200 },
			{ id: c, refs: [a, b], subject: 'Re: The plan', box: 'archive', seen: true, body: 'third', ago: 100 },
			{ subject: 'Invoice', seen: true, from: 'shop@one.example', ago: 90 },
			{ subject: 'Invoice', seen: true, from: 'shop@two.example', ago: 80 },
			...Array.from({ length: 50 }, (_, i) => ({ id: `l${i}@x.example`, refs: i ? [`l${i - 1}@x.example`] : undefined, subject: 'Long', seen: true, body: `number ${i}.`, ago: 60 - i })),
		);
		const page = await t.page();
		const names = await rows(page);
		t.same(names.length, 4, 'rows');
		t.need(names.some((n) => /The plan.*3 messages/.test(n)), `one row of three: ${names}`);
		t.same(names.filter((n) => n.includes('Invoice')).length, 2, 'equal subjects alone never merge');
		await page.click(row('The plan'));
		await page.waitForSelector('.message-body:has-text("third")');
		t.same(await page.$$eval('.folded .folded-who', (l) => l.map((e) => e.textContent)), ['Bo Larsen', 'me'], 'oldest first');
		await page.click('.folded >> nth=1');
		await page.waitForSelector('.message-body:has-text("second")');
		await t.shot(page, 'thread');
		let bodies = 0;
		page.on('request', (r) => {
			if (r.url().endsWith('/jmap/api') && /bodyValues/.test(r.postData() ?? ''))
				bodies++;
		});
		await page.click(row('Long'));
		await page.waitForSelector('.message-body:has-text("number 49.")');
		t.need(bodies <= 2, `${bodies} requests for bodies`);
		await page.waitForSelector('.folded-many:has-text("47 older")');
		// Single messages, and that is remembered.
		await page.click('[aria-label="List options"]');
		await page.click('.menu-item:has-text("Conversations")');
		await t.until(async () => (await rows(page)).length > 12, 'no single messages');
		await page.reload();
		await page.waitForSelector(row('Long'));
		t.need((await rows(page)).length > 12, 'conversations are back');
	},

	async search(t) {
		await t.box.put(
			{ subject: 'Boat in May', body: 'the harbour', seen: true }, { subject: 'Lunch', body: 'about the boat', from: 'Eva <eva@partner.example>', seen: true },
			{ subject: 'Trees', seen: true }, { subject: 'Boat lottery', box: 'junk', seen: true });
		const page = await t.page();
		await page.click(row('Trees'));
		const before = page.url();
		await page.keyboard.press('/');
		await page.keyboard.type('from:ev');
		await page.waitForSelector('#search-options [role=option]:has-text("Eva")');
		await page.fill('#search', 'boat');
		await page.keyboard.press('Enter');
		await page.waitForSelector('.row mark');
		t.same((await rows(page)).length, 2, 'found');
		t.same(text(await page.textContent('h1 .count')), '2 found', 'count');
		t.same((await page.$$eval('.row mark', (l) => l.map((m) => m.textContent.toLowerCase()))).every((m) => m === 'boat'), true, 'marked');
		await page.selectOption('.scope select', 'anywhere');
		await t.until(async () => (await rows(page)).length === 3, 'spam is not searched');
		await page.click(row('Lunch'));
		await t.until(() => page.evaluate(() => {
			const inFrame = document.querySelector('.message-body iframe')?.contentDocument?.querySelector('mark');
			return document.querySelector('.message-body mark') ?? inFrame;
		}).then(Boolean), 'no hit is marked in the body');
		await t.shot(page, 'found');
		await page.keyboard.press('/');
		await page.keyboard.press('Escape');
		await t.until(() => page.url() === before, `Escape leads to ${page.url()}, not ${before}`);
		t.same((await rows(page)).length, 3, 'the list of before');
		// Operators, and what is no operator.
		await page.fill('#search', 'from:eva boat');
		await page.keyboard.press('Enter');
		await t.until(async () => (await rows(page)).length === 1, 'from:eva');
		await page.fill('#search', 'foo:bar');
		await page.keyboard.press('Enter');
		await page.waitForSelector('.notice:has-text("foo:")');
		await page.waitForSelector('.empty-state:has-text("Nothing matches")');
		await page.goBack();
		await t.until(async () => (await page.inputValue('#search')) === 'from:eva boat', 'Back');
	},

	async archive(t) {
		const ids = await t.box.put({ subject: 'One' }, { subject: 'Two' }, { subject: 'Three' });
		const { inbox, archive } = t.box.byRole;
		const page = await t.page();
		await page.click(row('Two'));
		await page.waitForSelector('.message-body');
		await page.keyboard.press('e');
		await page.waitForSelector('.toast:has-text("Archived")');
		// The next one is open, whole.
		await t.until(async () => (await subjectOpen(page)) === 'One', 'the next does not open');
		await page.waitForSelector('.message-body:has-text("Hello.")');
		await t.until(async () => (await t.box.get(ids[1])).mailboxIds[archive], 'not archived');
		t.same((await rows(page)).length, 2, 'rows');
		await page.keyboard.press('z');
		await t.until(async () => (await t.box.get(ids[1])).mailboxIds[inbox], 'not undone');
		await t.until(async () => (await rows(page)).length === 3, 'it does not come back');
		// By the mouse: the toolbar, the toast.
		await page.click('.reader-bar [aria-label="Delete"], .reader-bar .tool:has-text("Delete")');
		await t.until(async () => (await t.box.get(ids[0])).mailboxIds[t.box.byRole.trash], 'not in Trash');
		await page.click('.toast .button');
		await t.until(async () => (await t.box.get(ids[0])).mailboxIds[inbox], 'Undo of the toast');
		// Of several: star, read, move.
		await page.click(row('Three') + ' [type=checkbox]', { force: true });
		await page.click(row('One') + ' [type=checkbox]', { force: true });
		await page.waitForSelector('.selecting:has-text("2 selected")');
		await page.keyboard.press('s');
		await t.until(async () => (await t.box.get(ids[2])).keywords.$flagged && (await t.box.get(ids[0])).keywords.$flagged, 'no stars');
		await page.keyboard.press('z');
		await t.until(async () => !(await t.box.get(ids[2])).keywords.$flagged, 'stars stay');
	},

	async trash(t) {
		const [id] = await t.box.put({ subject: 'To be thrown away' });
		const [r] = await t.box.calls(['Mailbox/set', { destroy: [t.box.byRole.trash] }]);
		t.need(r.destroyed?.length === 1, `Trash stays: ${JSON.stringify(r.notDestroyed)}`);
		const page = await t.page();
		await page.click(row('thrown'));
		await page.waitForSelector('.message-body');
		await page.keyboard.press('#');
		await t.until(async () => {
			await t.box.boxes();
			const trash = t.box.byRole.trash ?? t.box.byName.Trash?.id;
			return trash && (await t.box.get(id))?.mailboxIds[trash];
		}, 'no new Trash has it');
		await page.waitForSelector('.folder:has-text("Trash")');
	},

	async keyboard(t) {
		await t.box.put({ subject: 'Third', seen: true }, { subject: 'Second', seen: true }, { subject: 'First' });
		const page = await t.blank();
		const press = async (...keys) => {
			for (const k of keys)
				await page.keyboard.press(k);
		};
		await page.goto(`${t.about.base}/mail/`);
		await page.waitForSelector('[name=username]');
		await page.keyboard.type(t.box.address);
		await press('Tab', 'Tab');
		await page.keyboard.type(t.about.password);
		await press('Enter');
		await page.waitForSelector('.row[data-id]');
		await press('j');
		await page.waitForSelector('.row[data-cursor]:has-text("First")');
		await press('j', 'k', 'Enter');
		await t.until(async () => (await subjectOpen(page)) === 'First', 'Enter');
		t.same(await page.evaluate(() => document.activeElement.tagName), 'H2', 'focus goes to the subject');
		await press('j');
		await t.until(async () => (await subjectOpen(page)) === 'Second', 'j goes on');
		await press('u');
		await page.waitForSelector('.reader.idle');
		await press('x');
		await page.waitForSelector('.selecting:has-text("1 selected")');
		await press('Escape');
		await t.until(async () => !(await page.$('.selecting')), 'Escape');
		await press('g', 'd');
		await page.waitForSelector('h1:has-text("Drafts")');
		await press('g', 'i');
		await page.waitForSelector('h1:has-text("Inbox")');
		await press('?');
		await page.waitForSelector('dialog:has-text("Keyboard shortcuts")');
		await press('Escape');
		await t.until(async () => !(await page.$('dialog')), 'the dialog stays');
		// The palette: by a part of the name.
		await press('Control+k');
		await page.keyboard.type('go to sent');
		await press('Enter');
		await page.waitForSelector('h1:has-text("Sent")');
		await press('g', 'i');
		await page.waitForSelector(row('First'));
		// Tab: each stop shows where it is, and is reached.
		await page.evaluate(() => document.activeElement?.blur());
		const stops = new Set();
		for (let i = 0; i < 25; i++) {
			await press('Tab');
			stops.add(await page.evaluate(() => {
				const el = document.activeElement;
				const r = el.getBoundingClientRect();
				return r.width > 0 || el.matches('.skip') ? el.id || el.getAttribute('aria-label') || el.textContent.trim() : `invisible ${el.outerHTML.slice(0, 80)}`;
			}));
		}
		t.need(![...stops].some((s) => s.startsWith('invisible')), [...stops].join(', '));
		t.need(stops.has('search') && [...stops].some((s) => /from Bo Larsen/.test(s)) && [...stops].some((s) => s.startsWith('Inbox')), `Tab reaches ${[...stops].join(', ')}`);
		// Keys can be changed, and switched off (WCAG 2.1.4).
		await page.goto(`${t.about.base}/settings/keys`);
		await page.click('[aria-label="Change: Archive"]');
		await press('j');
		await page.waitForSelector('.login-error:has-text("already used for Next")');
		await page.click('[aria-label="Change: Archive"]');
		await press('y');
		await page.waitForSelector('li:has-text("Archive") kbd:has-text("y")');
		await t.accessible(page, 'keys');
		await page.click('a:has-text("Back to mail")');
		await page.click(row('Second'));
		await page.waitForSelector('.message-body');
		await press('e', 'y');
		await page.waitForSelector('.toast:has-text("Archived.")');
		await page.goto(`${t.about.base}/settings/keys`);
		await page.click('.check:has-text("Shortcuts")');
		await page.goto(`${t.about.base}/mail/inbox`);
		await page.click(row('Third'));
		await page.waitForSelector('.message-body');
		await press('y');
		await page.waitForTimeout(200);
		t.same((await rows(page)).length, 2, 'a key that is switched off');
	},

	async layouts(t) {
		await t.box.put(
			{ subject: `A long subject ${'with many words '.repeat(12)}`, from: `"${'Long Name '.repeat(8)}" <long@partner.example>` },
			{ subject: 'Table', type: 'text/html; charset=utf-8', body: '<table width=600 bgcolor="#eeeeee"><tr><td width=600>six hundred wide</td></tr></table>' },
			{ subject: 'x'.repeat(300), body: `${'y'.repeat(400)}\n` });
		for (const [w, h] of [[360, 740], [768, 1024], [1280, 800], [1920, 1080]]) {
			const page = await t.page({ viewport: { width: w, height: h }, hasTouch: w < 700, isMobile: w < 700 });
			t.need(!(await flowsOver(page)), `${w}: the list scrolls sideways`);
			await t.shot(page, `${w}-list`);
			for (const s of ['Table', 'A long', 'xxxx']) {
				await page.click(row(s));
				await page.waitForSelector('.message');
				await page.waitForTimeout(250);
				t.need(!(await flowsOver(page)), `${w}: "${s}" scrolls sideways`);
				const wide = await page.evaluate(() => [...document.querySelectorAll('.message, .reader-head, .message-body > *')].some((e) => e.getBoundingClientRect().right > innerWidth + 1));
				t.need(!wide, `${w}: "${s}" is wider than the screen`);
				await t.shot(page, `${w}-${s.slice(0, 5)}`);
				if (w < 640) {
					await page.click('[aria-label="Back to the list"]');
					await page.waitForSelector(row('Table'));
				}
			}
			t.same(await page.$$eval('.folders, .list, .reader', (l) => l.length), w >= 1024 ? 3 : w >= 640 ? 2 : 1, `${w}: panes`);
			await page.context().close();
		}
	},

	async phone(t) {
		const ids = await t.box.put({ subject: 'One' }, { subject: 'Two' }, { subject: 'Three' });
		const page = await t.page({ viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true });
		await t.accessible(page, 'list');
		await page.tap(row('Two'));
		await page.waitForSelector('.message-body:has-text("Hello.")');
		await t.shot(page, 'message');
		await page.tap('.reader-bar [aria-label="More"]');
		await page.waitForSelector('.menu.sheet');
		await page.tap('.menu-item:has-text("Mark as unread")');
		await page.waitForSelector(row('Two'));
		await t.until(async () => !(await t.box.get(ids[1])).keywords.$seen, 'not unread');
		await page.tap('[aria-label="Folders"]');
		await page.waitForSelector('.drawer .folder:has-text("Archive")');
		await t.shot(page, 'drawer');
		await page.tap('.drawer a:has-text("Archive")');
		await page.waitForSelector('h1:has-text("Archive")');
		t.need(!(await page.$('.drawer')), 'the drawer stays');
		await page.tap('.phone-bar >> text=Search');
		await page.fill('#search', 'in:inbox one');
		await page.keyboard.press('Enter');
		await page.waitForSelector(row('One'));
		// Small targets are no targets.
		const small = await page.$$eval('button, a[href], input:not([type=checkbox])', (l) => l.filter((e) => {
			const r = e.getBoundingClientRect();
			return r.width > 0 && r.height > 0 && getComputedStyle(e).display !== 'inline' && (r.height < 24 || r.width < 24);
		}).map((e) => e.outerHTML.slice(0, 100)));
		t.same(small, [], 'targets under 24 px');
	},

	async live(t) {
		const page = await t.page();
		await page.waitForTimeout(300);
		const begun = Date.now();
		await t.deliver('From: Bo <bo@partner.example>\r\nSubject: Just now\r\nMessage-ID: <live1@partner.example>\r\n\r\nHello.');
		await page.waitForSelector(row('Just now'));
		t.need(Date.now() - begun < 5000, `after ${Date.now() - begun} ms`);
		await t.until(async () => (await page.title()).startsWith('(1)'), 'title');
		t.need(decodeURIComponent(await page.getAttribute('#favicon', 'href')).includes('>1</text>'), 'the icon does not count');
		await page.waitForSelector('.folder:has-text("Inbox") .folder-count:has-text("1")');
		// What another program does is seen, too.
		const [id] = await t.box.in('inbox');
		await t.box.calls(['Email/set', { update: { [id]: { 'keywords/$seen': true, 'keywords/$flagged': true } } }]);
		await page.waitForSelector('.row:not(.unread) .star.on');
		await t.box.calls(['Email/set', { destroy: [id] }]);
		await page.waitForSelector('.empty-state');
	},

	async offline(t) {
		const [id] = await t.box.put({ subject: 'On the train' }, { subject: 'Other' });
		const page = await t.page();
		page.expected.push(/ERR_INTERNET_DISCONNECTED/, /EventSource/);
		await page.click(row('train'));
		await page.waitForSelector('.message-body');
		await page.context().setOffline(true);
		await page.keyboard.press('e');
		await page.waitForSelector('.offline:has-text("will be sent")');
		t.need((await t.box.get(id)).mailboxIds[t.box.byRole.inbox], 'how did it get there?');
		await t.shot(page, 'strip');
		await page.context().setOffline(false);
		await t.until(async () => (await t.box.get(id)).mailboxIds[t.box.byRole.archive], 'it is not sent later');
		await t.until(async () => text(await page.textContent('.offline')) === '', 'the strip stays');
	},

	async bulk(t) {
		const n = 1200;
		await t.box.many(n);
		const page = await t.page();
		t.need((await page.$$('.row')).length <= 120, 'too many rows');
		await page.evaluate(() => {
			globalThis.long = 0;
			new PerformanceObserver((l) => {
				for (const e of l.getEntries())
					globalThis.long = Math.max(globalThis.long, e.duration);
			}).observe({ type: 'longtask' });
		});
		// To the middle and to the end.
		const scroll = (to) => page.evaluate((y) => {
			const el = document.getElementById('messages');
			el.scrollTop = y * el.scrollHeight;
		}, to);
		await scroll(0.5);
		await page.waitForSelector(row('Message 59'));
		await scroll(1);
		await page.waitForSelector(row('Message 0'));
		t.need((await page.$$('.row')).length <= 120, 'too many rows');
		await t.shot(page, 'end');
		await page.click('.list [aria-label="Select"]');
		await page.click('.menu-item:has-text("Select all")');
		await page.click(`.link:has-text("Select all ${n.toLocaleString('en')} matching")`);
		await page.keyboard.press('e');
		await page.waitForSelector(`.toast:has-text("${n.toLocaleString('en')} archived")`, { timeout: 30_000 });
		t.same((await t.box.in('archive')).length, n, 'archived');
		await page.waitForSelector('.empty-state');
		await page.keyboard.press('z');
		await page.waitForSelector(row('Message 1199'), { timeout: 30_000 });
		await t.until(async () => (await t.box.in('inbox')).length === n, 'undone', 30_000);
	},

	async folders(t) {
		const [id] = await t.box.put({ subject: 'For the project' }, { subject: 'Other', seen: true });
		const page = await t.page();
		const menu = async (folder, item) => {
			await page.click(`.folder:has-text("${folder}")`, { button: 'right' });
			await page.click(`.menu-item:has-text("${item}")`);
		};
		const name = async (words, button) => {
			await page.fill('dialog input[name=line]', words);
			await page.click(`dialog .primary:has-text("${button}")`);
		};
		await page.click('.new-folder');
		await name('Projects', 'Create folder');
		await page.waitForSelector('.folder:has-text("Projects")');
		await menu('Projects', 'New folder in Projects');
		await name('Alpha', 'Create folder');
		await page.waitForSelector('.folder:has-text("Alpha")');
		// The same name twice is refused before it is sent.
		await page.click('.new-folder');
		await page.fill('dialog input[name=line]', 'projects');
		await page.click('dialog .primary');
		await page.waitForSelector('dialog .login-error:has-text("name")');
		await page.keyboard.press('Escape');
		// Mail by drag and drop; by the menu back again.
		await page.dragAndDrop(row('project'), '.folder:has-text("Alpha")');
		await page.waitForSelector('.toast:has-text("Moved to Alpha")');
		await t.box.boxes();
		await t.until(async () => (await t.box.get(id)).mailboxIds[t.box.byName.Alpha.id], 'not in Alpha');
		await page.waitForSelector('.folder:has-text("Alpha") .folder-count:has-text("1")');
		await page.click('.folder a:has-text("Alpha")');
		await page.click(row('project'));
		await page.waitForSelector('.message-body');
		await page.keyboard.press('v');
		await page.waitForSelector('.menu input');
		await page.keyboard.type('inb');
		await page.keyboard.press('Enter');
		await t.until(async () => (await t.box.get(id)).mailboxIds[t.box.byRole.inbox], 'not back');
		await menu('Alpha', 'Rename');
		await name('Beta', 'Rename');
		await page.waitForSelector('.folder:has-text("Beta")');
		await menu('Beta', 'Move folder to');
		await page.waitForSelector('.menu input');
		await page.keyboard.press('Enter');
		await t.until(async () => {
			await t.box.boxes();
			return t.box.byName.Beta?.parentId === null;
		}, 'not moved');
		await menu('Beta', 'Delete folder');
		await page.click('dialog .danger');
		await t.until(async () => !(await page.$('.folder:has-text("Beta")')), 'not deleted');
	},

	async r36_source_and_headers(t) {
		const raw = ['Received: from mx.partner.example (mx.partner.example [203.0.113.7]) by mx.provider.example with ESMTPS; Tue, 24 Nov 2026 10:00:05 +0100',
			'Received: from [192.0.2.1] by mx.partner.example; Tue, 24 Nov 2026 09:59:00 +0100',
			'From: Bo <bo@partner.example>', 'Subject: Source', 'X-Strange: \x01 <b>bold</b>', '', 'bytes \xe6 and no end of line'].join('\r\n');
		await t.box.put({ raw: Buffer.from(raw, 'latin1') });
		const page = await t.page();
		await page.click(row('Source'));
		await page.waitForSelector('.message');
		await page.click('.reader-bar [aria-label="More"]');
		await page.click('.menu-item:has-text("View source")');
		await page.waitForSelector('dialog td:has-text("<b>bold</b>")');
		await page.click('[role=tab]:has-text("Full source")');
		await page.waitForSelector('pre:has-text("bytes")');
		await t.shot(page, 'full');
		await page.click('[role=tab]:has-text("Structure")');
		await page.waitForSelector('.part:has-text("text/plain")');
		await page.click('[role=tab]:has-text("Way")');
		await page.waitForSelector('.hops tr:nth-child(2):has-text("65")');
		await t.accessible(page, 'source');
		const [d] = await Promise.all([page.waitForEvent('download'), page.click('dialog .primary')]);
		const got = (await import('node:fs')).readFileSync(await d.path());
		t.need(got.equals(Buffer.from(raw, 'latin1')), 'the download is not what is stored');
		t.same(d.suggestedFilename(), 'Source.eml', 'its name');
	},

	async hostile(t) {
		const evil = '<img src=x onerror=alert(1)><b id=evil>';
		const quoted = `"${evil}" <bo@partner.example>`;
		await t.box.put({
			subject: `${evil} subject`, from: quoted, cc: quoted, headers: [`List-Id: ${evil}`, `X-Evil: ${evil}`, 'Authentication-Results: mx; dmarc=pass header.from=<b id=evil>'],
			parts: [`Content-Type: text/plain\r\n\r\n${evil} body`, `Content-Type: image/png; name="${evil}.png"\r\nContent-Disposition: attachment; filename="${evil}.png"\r\n\r\nx`,
				`Content-Type: text/html; name="a.html"\r\nContent-Disposition: attachment\r\n\r\n<script>alert(1)</script>`],
		}, { subject: 'Names turned round \u202egnp.exe', from: '"\u202eelpoep" <x@partner.example>', seen: true });
		const page = await t.page();
		page.on('dialog', () => t.complaints.push('a script ran'));
		await page.click(row('onerror'));
		await page.waitForSelector('.message-body:has-text("body")');
		await page.click('.to-line');
		await page.waitForSelector('.message-details');
		await page.click('.reader-bar [aria-label="More"]');
		await page.click('.menu-item:has-text("View source")');
		await page.waitForSelector('dialog td:has-text("onerror")');
		await page.keyboard.press('Escape');
		await page.keyboard.press('Control+k');
		await page.keyboard.press('Escape');
		t.same(await page.$$eval('#evil, img[src=x]', (l) => l.length), 0, 'markup of the sender became elements');
		// What could run something is only saved.
		t.need(!(await page.$('.attachment button:has-text("a.html")')), 'HTML is shown inline');
		const turned = await page.$$eval('.row', (l) => l.some((r) => /[\u202a-\u202e]/.test(r.textContent)));
		t.need(!turned, 'a row is turned round');
		// A text becomes HTML by a policy alone, even for a script of our own.
		page.expected.push(/requires 'Trusted|policy directive: "(trusted-types|require-trusted)/);
		t.same(await page.evaluate(() => {
			try {
				document.createElement('div').innerHTML = '<b>x</b>';
				return 'taken';
			} catch (e) {
				return e.name;
			}
		}), 'TypeError', 'innerHTML');
	},

	async vacation(t) {
		await t.box.put({ subject: 'One' });
		const r = await t.box.using('urn:ietf:params:jmap:vacationresponse', ['VacationResponse/set', { update: { singleton: { isEnabled: true, toDate: '2099-01-03T12:00:00Z', textBody: 'away' } } }]);
		t.need(r[0].updated, JSON.stringify(r));
		const page = await t.page();
		await page.waitForSelector('.list .notice:has-text("3 January")');
		await t.accessible(page, 'banner');
		await page.click('.list .notice a');
		await page.waitForSelector('.settings-page');
		t.need(page.url().endsWith('/settings/vacation'), page.url());
	},

	async deleted(t) {
		await t.box.put({ subject: 'One', seen: true }, { subject: 'Two', seen: true }, { subject: 'Three', seen: true });
		const page = await t.page();
		await t.imap('SELECT INBOX', 'STORE 1:2 +FLAGS (\\Deleted)');
		await page.waitForSelector('.list .notice:has-text("2 messages were deleted in a mail program")');
		await t.until(async () => (await rows(page)).length === 1, 'they are shown');
		await t.accessible(page, 'banner');
		await page.click('.list .notice .link:has-text("Restore")');
		await t.until(async () => (await rows(page)).length === 3, 'they do not come back');
		await t.imap('SELECT INBOX', 'STORE 1 +FLAGS (\\Deleted)');
		await page.waitForSelector('.list .notice:has-text("1 message was")');
		await page.click('.folder:has-text("Inbox")', { button: 'right' });
		await page.click('.menu-item:has-text("Purge")');
		await page.click('dialog .danger');
		await t.until(async () => !(await page.$('.list .notice')), 'the banner stays');
		t.same((await t.box.in('inbox')).length, 2, 'purged');
	},

	async trail(t) {
		const page = await t.page();
		await t.deliver('From: Bo <bo@partner.example>\r\nSubject: On its way\r\nMessage-ID: <trail1@partner.example>\r\n\r\nHello.');
		await page.click(row('On its way'));
		await page.waitForSelector('.message-body');
		await page.click('.reader-bar [aria-label="More"]');
		await page.click('.menu-item:has-text("What happened to it")');
		await page.waitForSelector('.trail .badge.ok:has-text("delivered")');
		await t.accessible(page, 'trail');
		await t.shot(page, 'trail');
	},

	async expiry(t) {
		const [id] = await t.box.put({ subject: 'Kept' }, { subject: 'Other', seen: true });
		const page = await t.page();
		await page.click(row('Kept'));
		await page.waitForSelector('.message-body');
		page.expected.push(/eventsource/);
		// The login ends; the key comes before the page has noticed.
		t.same(await page.evaluate(async () => {
			const r = await fetch('/logout', { method: 'POST' });
			document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'e', bubbles: true }));
			return r.status;
		}), 204, 'logout');
		await page.waitForSelector('dialog [name=password]');
		t.same(await page.inputValue('dialog [name=username]'), t.box.address, 'who');
		await t.accessible(page, 'asked again');
		await page.fill('dialog [name=password]', 'wrong');
		await page.click('dialog .primary');
		await page.waitForSelector('dialog .login-error:has-text("password")');
		await page.fill('dialog [name=password]', t.about.password);
		await page.click('dialog .primary');
		await t.until(async () => !(await page.$('dialog')), 'the dialog stays');
		await t.until(async () => (await t.box.get(id)).mailboxIds[t.box.byRole.archive], 'what was done is lost');
	},

	async window(t) {
		const [id] = await t.box.put({ subject: 'Alone', body: 'in a window' });
		const page = await t.page();
		await page.click(row('Alone'));
		await page.waitForSelector('.message-body');
		await page.click('.reader-bar [aria-label="More"]');
		const [w] = await Promise.all([page.context().waitForEvent('page'), page.click('.menu-item:has-text("Open in a window")')]);
		t.watch(w);
		await w.waitForSelector('.message-body:has-text("in a window")');
		t.need(!(await w.$('.folders')), 'folders in the window');
		await t.accessible(w, 'window');
		await w.keyboard.press('s');
		await t.until(async () => (await t.box.get(id)).keywords.$flagged, 's in the window');
		await page.waitForSelector('.star.on');
		// On paper: the message, and nothing of the page.
		await w.close();
		await page.emulateMedia({ media: 'print' });
		t.same(await page.$$eval('.top, .folders, .list, .pane-bar, .reader-foot, .avatar', (l) => l.filter((e) => e.checkVisibility()).length), 0, 'parts of the page are printed');
		t.need(await page.isVisible('.message-body'), 'the message is not printed');
		t.need(await page.isVisible('.print-head:has-text("bo@partner.example")'), 'its head is not printed');
		await t.shot(page, 'print');
	},

	async words(t) {
		await t.box.put({ subject: 'One', seen: true, parts: ['Content-Type: text/plain\r\n\r\nhello', 'Content-Type: text/csv; name=a.csv\r\nContent-Disposition: attachment\r\n\r\n1,2'] });
		const page = await t.page({}, '/mail/inbox?lang=pseudo');
		const foreign = () => page.evaluate(() => {
			const mail = '.row-who, .row-subject, .row-preview, .reader-head h2, .message-head h3, .message-body, .attachment-name, .folded-who, .folded-text, kbd, code, time, .avatar, .to-line, .person, .who .clip, pre, .menu-title, svg, .row-n, .folder-count, .count, .part, .message-details dd';
			const found = [];
			const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
			for (let n = walk.nextNode(); n; n = walk.nextNode()) {
				const el = n.parentElement;
				if (!/[a-z]{2}/i.test(n.data) || !el.checkVisibility() || el.closest(mail) || el.closest('script, style, noscript, option'))
					continue;
				if (!n.data.includes('[') && !el.textContent.includes('['))
					found.push(n.data.trim());
			}
			for (const el of document.querySelectorAll('[aria-label], [placeholder], [title]')) {
				const v = el.getAttribute('aria-label') ?? el.getAttribute('placeholder') ?? el.getAttribute('title');
				if (/[a-z]{2}/i.test(v) && !v.includes('[') && !el.closest(mail) && el.checkVisibility())
					found.push(v);
			}
			return found;
		});
		const clipped = () => page.$$eval('.button, .tab, .tool, .folder-link > .clip, .menu-item > .clip', (l) => l.filter((e) => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1).map((e) => e.textContent));
		t.same(await foreign(), [], 'list');
		t.same(await clipped(), [], 'clipped');
		await page.click(row('One'));
		await page.waitForSelector('.message-body');
		t.same(await foreign(), [], 'reader');
		await page.click('.to-line');
		t.same(await foreign(), [], 'details');
		await t.shot(page, 'pseudo');
		await page.click(row('One'), { button: 'right' });
		await page.waitForSelector('.menu');
		t.same(await foreign(), [], 'menu');
		await page.keyboard.press('Escape');
		await page.keyboard.press('?');
		await page.waitForSelector('dialog');
		t.same(await foreign(), [], 'help');
		await page.keyboard.press('Escape');
		// Another language, whole.
		await page.goto(`${t.about.base}/mail/inbox?lang=da`);
		await page.waitForSelector('h1:has-text("Indbakke")');
		t.same(await page.getAttribute('html', 'lang'), 'da', 'lang');
	},

	async looks(t) {
		await t.box.put(
			{ subject: 'Plain', headers: ['Authentication-Results: mx.provider.example; dkim=pass header.d=partner.example; dmarc=pass header.from=partner.example', 'List-Unsubscribe: <https://list.example/leave>'] },
			{ subject: 'A file', seen: true, keywords: { $flagged: true, work: true, $answered: true }, parts: ['Content-Type: text/plain\r\n\r\nsee the file', 'Content-Type: text/csv; name=a.csv\r\nContent-Disposition: attachment\r\n\r\n1,2'] },
			{ subject: 'Other', seen: true });
		for (const colorScheme of ['light', 'dark']) {
			const page = await t.page({ colorScheme });
			await t.accessible(page, `${colorScheme} list`);
			await page.click(row('A file'));
			await page.waitForSelector('.attachment');
			await t.accessible(page, `${colorScheme} reader`);
			await page.click('.attachment-name');
			await page.waitForSelector('dialog pre:has-text("1,2")');
			await t.accessible(page, `${colorScheme} preview`);
			await page.keyboard.press('Escape');
			await page.click(row('Plain'));
			await page.waitForSelector('.badge.signed:has-text("partner.example")');
			await page.click('.badge');
			await t.accessible(page, `${colorScheme} details`);
			await t.shot(page, `${colorScheme}-details`);
			await page.click(row('Plain'), { button: 'right' });
			await page.waitForSelector('.menu');
			await t.accessible(page, `${colorScheme} menu`);
			await page.keyboard.press('Escape');
			await page.keyboard.press('Control+k');
			await page.waitForSelector('.menu input');
			await t.accessible(page, `${colorScheme} palette`);
			await page.keyboard.press('Escape');
			await page.keyboard.press('?');
			await page.waitForSelector('dialog');
			await t.accessible(page, `${colorScheme} help`);
			await page.keyboard.press('Escape');
			await page.keyboard.press('x');
			await page.waitForSelector('.selecting');
			await t.accessible(page, `${colorScheme} selection`);
			await page.keyboard.press('e');
			await page.waitForSelector('.toast');
			await t.accessible(page, `${colorScheme} toast`);
			await page.keyboard.press('z');
			await page.waitForSelector(row('Plain'));
			await page.click('a:has-text("Drafts")');
			await page.waitForSelector('.empty-state');
			await t.accessible(page, `${colorScheme} empty`);
			await page.goto(`${t.about.base}/settings/`);
			await page.waitForSelector('.settings-page');
			await t.accessible(page, `${colorScheme} settings`);
			await page.context().close();
		}
	},
};
