// Leaving a mailing list, from a message of it.
import { readFileSync } from 'node:fs';
import https from 'node:https';

const row = (text) => `.row:has-text("${text}")`;
const RESULTS = 'Authentication-Results: mx.provider.example; dkim=pass header.d=news.example header.s=s1 header.b=QUJDREVG; dmarc=pass header.from=news.example';
const signature = (h) => `DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=news.example; s=s1; h=${h}; bh=${'A'.repeat(43)}=; b=QUJDREVGR0g=`;
const SIGNED = signature('From:List-Unsubscribe:List-Unsubscribe-Post');
const POST = 'List-Unsubscribe-Post: List-Unsubscribe=One-Click';

// The list's own server.
async function listServer(t) {
	const s = https.createServer({ cert: readFileSync(t.about.tls.cert), key: readFileSync(t.about.tls.key) });
	s.asked = [];
	s.on('request', (q, r) => {
		let body = '';
		q.on('data', (d) => { body += d; });
		q.on('end', () => {
			s.asked.push({ method: q.method, url: q.url, headers: q.headers, body });
			r.writeHead(q.url === '/no' ? 500 : 200, { 'Content-Type': 'text/html' }).end('<p>left</p>');
		});
	});
	await new Promise((done) => s.listen(0, '127.0.0.1', done));
	s.origin = `https://127.0.0.1:${s.address().port}`;
	s.of = (path) => s.asked.filter((a) => a.url === path);
	return s;
}

const mail = (subject, ...headers) => ({ subject, from: 'News <l@news.example>', seen: true, headers });

export const tests = {
	async lists_are_left(t) {
		const s = await listServer(t);
		const at = (path, more = '') => `List-Unsubscribe: ${more}<${s.origin}${path}>`;
		await t.box.put(
			mail('At once', RESULTS, SIGNED, at('/yes', '<mailto:off@news.example>, '), POST),
			mail('Says no', RESULTS, SIGNED, at('/no'), POST),
			mail('Unsigned', RESULTS, signature('From:Subject'), at('/unsigned'), POST),
			mail('By mail', RESULTS, SIGNED, 'List-Unsubscribe: <mailto:off@news.example?subject=off>'),
			mail('Forged', 'Authentication-Results: mx.provider.example; dkim=pass header.d=x.example header.b=QUJDREVG; dmarc=fail header.from=news.example', SIGNED, at('/forged'), POST),
		);
		const p = await t.page({ ignoreHTTPSErrors: true });
		const leave = async (subject) => {
			await p.click(row(subject));
			await p.waitForSelector(`.reader-head h2:has-text("${subject}")`);
			await p.click('.message .link:has-text("Unsubscribe")');
			await p.waitForSelector('dialog:has-text("Leave the list News")');
		};
		// Asked once; no is no.
		await leave('At once');
		await p.click('dialog .button:has-text("Cancel")');
		await leave('At once');
		await t.accessible(p, 'question');
		t.same(s.asked, [], 'asked before the click');
		await p.click('dialog .primary');
		await p.waitForSelector('.toast:has-text("asked to take you off")');
		const [q] = s.of('/yes');
		t.same([s.asked.length, q.method, q.body, q.headers['content-type']], [1, 'POST', 'List-Unsubscribe=One-Click', 'application/x-www-form-urlencoded'], 'the request');
		t.need(!q.headers.cookie && !q.headers.referer && !q.headers['user-agent'], JSON.stringify(q.headers));
		// The server says no: in words, and its page is one click away.
		await leave('Says no');
		await p.click('dialog .primary');
		await p.waitForSelector('.toast:has-text("answered with 500")');
		t.same(s.of('/no').length, 1, 'asked again');
		const [page] = await Promise.all([p.waitForEvent('popup'), p.click('.toast button:has-text("Open its page")')]);
		await page.waitForLoadState();
		t.same([page.url(), await page.evaluate(() => [opener, document.referrer])], [`${s.origin}/no`, [null, '']], 'its page');
		await page.close();
		// Nothing covers the fields: its page at once, and no request from here.
		await leave('Unsigned');
		const [shown] = await Promise.all([p.waitForEvent('popup'), p.click('dialog .primary')]);
		await shown.waitForLoadState();
		t.same([shown.url(), s.of('/unsigned').map((a) => a.method), s.of('/unsigned')[0].headers.referer], [`${s.origin}/unsigned`, ['GET'], undefined], 'the page');
		await shown.close();
		// By mail: it is written, and sent by the user.
		await leave('By mail');
		await p.click('dialog .primary');
		await p.waitForSelector('.cwindow:has-text("off@news.example")');
		await p.click(row('Forged'));
		await p.waitForSelector('.badge.forged');
		t.need(!(await p.$('.message .link:has-text("Unsubscribe")')), 'a forger may ask');
		s.close();
	},
};
