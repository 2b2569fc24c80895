// The files of a message, looked at in the browser.
import { readFileSync } from 'node:fs';

const row = (text) => `.row:has-text("${text}")`;
const file = (type, name, bytes) =>
	`Content-Type: ${type}; name="${name}"\r\nContent-Disposition: attachment; filename="${name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(bytes).toString('base64').replace(/.{76}/g, '$&\r\n')}`;

// One page with a rectangle.
function pdf() {
	const ink = '1 0 0 rg 20 20 200 100 re f';
	const objects = ['<</Type/Catalog/Pages 2 0 R>>', '<</Type/Pages/Kids[3 0 R]/Count 1>>', '<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 144]/Contents 4 0 R>>', `<</Length ${ink.length}>>stream\n${ink}\nendstream`];
	let out = '%PDF-1.4\n';
	const at = objects.map((o, i) => {
		const from = out.length;
		out += `${i + 1} 0 obj\n${o}\nendobj\n`;
		return `${String(from).padStart(10, '0')} 00000 n \n`;
	});
	const table = out.length;
	return `${out}xref\n0 5\n0000000000 65535 f \n${at.join('')}trailer<</Size 5/Root 1 0 R>>\nstartxref\n${table}\n%%EOF\n`;
}

// A second of silence.
function wav() {
	const b = Buffer.alloc(44 + 8000, 0x80);
	b.write('RIFF', 0);
	b.writeUInt32LE(36 + 8000, 4);
	b.write('WAVEfmt ', 8);
	[16, 0x10001, 8000, 8000, 0x80001].forEach((n, i) => b.writeUInt32LE(n, 16 + 4 * i));
	b.write('data', 36);
	b.writeUInt32LE(8000, 40);
	return b;
}

const EVIL = '<!doctype html><title>ran</title><script>document.title = "script"; opener?.alert(1)</script>%PDF-1.4';

export const tests = {
	async view_pdf(t) {
		await t.box.put({
			subject: 'Papers', seen: true, parts: ['Content-Type: text/plain\r\n\r\nsee there', file('application/pdf', 'plan.pdf', pdf()), file('application/octet-stream', 'unknown.pdf', pdf()),
				file('application/pdf', 'evil.pdf', EVIL), file('text/html', 'page.pdf', EVIL)],
		});
		const p = await t.page();
		await p.click(row('Papers'));
		for (const name of ['plan.pdf', 'unknown.pdf']) {
			const answer = p.context().waitForEvent('response', (r) => r.url().includes('/jmap/view/'));
			const [tab] = await Promise.all([p.waitForEvent('popup'), p.click(`a.attachment-name:has-text("${name}")`)]);
			const h = await (await answer).allHeaders();
			t.same([h['content-type'], h['content-disposition'], h['x-content-type-options']], ['application/pdf', `inline; filename*=UTF-8''${name}`, 'nosniff'], name);
			t.need(/\bsandbox\b/.test(h['content-security-policy']) && !/allow-same-origin|script-src/.test(h['content-security-policy']), h['content-security-policy']);
			await tab.waitForLoadState();
			t.need(tab.url().includes('/jmap/view/'), tab.url());
			t.same(await tab.evaluate(() => [document.contentType, self.opener, document.scripts.length]), ['application/pdf', null, 0], 'what it is');
			await t.shot(tab, name);
			await tab.close();
		}
		// Called so, and none: saved as it is, and never a page.
		const shown = [];
		p.context().on('page', (q) => q.on('framenavigated', () => shown.push(q.url())));
		const saved = new Promise((done) => { p.context().on('page', (q) => q.on('download', done)); p.on('download', done); });
		await p.click('a.attachment-name:has-text("evil.pdf")');
		const d = await saved;
		t.same([d.suggestedFilename(), readFileSync(await d.path(), 'utf8')], ['evil.pdf', EVIL], 'what was saved');
		t.need(shown.every((u) => !u.includes('/jmap/')), `it was shown: ${shown}`);
		t.need(!(await p.$('a.attachment-name:has-text("page.pdf"), button.attachment-name:has-text("page.pdf")')), 'HTML can be looked at');
		// Nobody else's, and in no frame.
		const link = await p.getAttribute('a.attachment-name:has-text("plan.pdf")', 'href');
		const other = await t.blank();
		t.same((await other.request.get(t.about.base + link)).status(), 401, 'without a login');
		p.expected.push(/frame-ancestors|Framing|ERR_BLOCKED_BY_RESPONSE/i);
		const framed = await p.evaluate((url) => new Promise((done) => {
			const f = document.createElement('iframe');
			f.onload = () => { try { done(f.contentDocument === null || f.contentDocument.URL === 'about:blank'); } catch { done(true); } };
			f.src = url;
			document.body.append(f);
		}), link);
		t.need(framed, 'a frame of ours shows it');
	},

	async view_media(t) {
		const inner = ['From: Eva <eva@partner.example>', 'To: Bo <bo@partner.example>', 'Subject: Inner', 'MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary=i', '', '--i', 'Content-Type: text/plain\r\n\r\nthe inner text', '--i', file('text/csv', 'inner.csv', '7,8,9'), '--i--', ''].join('\r\n');
		await t.box.put({
			subject: 'Sound', seen: true, parts: ['Content-Type: text/plain\r\n\r\nlisten', file('audio/wav', 'bell.wav', wav()), file('video/mp4', 'broken.mp4', 'no film'), `Content-Type: message/rfc822\r\nContent-Disposition: attachment; filename="inner.eml"\r\n\r\n${inner}`],
		});
		const p = await t.page();
		await p.click(row('Sound'));
		await p.click('.attachment-name:has-text("bell.wav")');
		await p.waitForSelector('dialog audio[controls]');
		await t.until(() => p.$eval('dialog audio', (a) => a.duration > 0.9 && a.duration < 1.1), 'the sound has no length');
		await t.accessible(p, 'sound');
		await p.keyboard.press('Escape');
		await p.click('.attachment-name:has-text("broken.mp4")');
		await p.waitForSelector('dialog .notice:has-text("cannot show")');
		await p.keyboard.press('Escape');
		await p.click('.attachment-name:has-text("inner.eml")');
		await p.waitForSelector('dialog:has-text("the inner text")');
		await p.click('dialog .attachment-name:has-text("inner.csv")');
		await p.waitForSelector('dialog pre:has-text("7,8,9")');
		await p.keyboard.press('Escape');
		await p.waitForSelector('dialog h3:has-text("Inner")');
	},
};
