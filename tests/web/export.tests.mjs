// Mail as files to keep: what is chosen, a folder, all.
import { readFileSync } from 'node:fs';

const row = (subject) => `.row[data-id]:has-text("${subject}")`;

// What the menu item saves: its name, and its bytes as text.
async function saved(page, item) {
	const [d] = await Promise.all([page.waitForEvent('download'), page.click(`.menu-item:has-text("${item}")`)]);
	return [d.suggestedFilename(), readFileSync(await d.path(), 'latin1')];
}

const subjects = (mbox) => [...mbox.matchAll(/^Subject: (.*)\r?$/gm)].map((m) => m[1]);

export const tests = {
	async export_files(t) {
		await t.box.put(
			{ subject: 'plan: A/B', keywords: { $flagged: true }, ago: 3 }, { subject: 'lunch', ago: 2 }, { subject: 'other', ago: 1 },
			{ subject: 'filed', box: 'archive', seen: true });
		const p = await t.page();
		// One message: named after it.
		await p.click(row('plan'), { button: 'right' });
		await t.shot(p, 'menu');
		await p.click('.menu-item:has-text("Export\u2026")');
		await t.shot(p, 'forms');
		let [name, text] = await saved(p, 'mbox');
		t.same([name, subjects(text)], ['plan  A B.mbox', ['plan: A/B']], 'one');
		t.need(/^X-Status: F$/m.test(text), 'the star is lost');
		// Two that are chosen.
		for (const s of ['plan', 'lunch'])
			await p.click(`${row(s)} [type=checkbox]`);
		await p.click(row('lunch'), { button: 'right' });
		await p.click('.menu-item:has-text("Export\u2026")');
		[name, text] = await saved(p, 'mbox');
		t.same(subjects(text).sort(), ['lunch', 'plan: A/B'], 'chosen');
		// A folder.
		await p.click('.folder-link:has-text("Archive")', { button: 'right' });
		await p.click('.menu-item:has-text("Export\u2026")');
		[name, text] = await saved(p, 'zip');
		t.same([name, text.slice(0, 4)], ['Archive.zip', 'PK\u0003\u0004'], 'folder');
		t.need(/Archive\/\d{8}-\d{6}-\d+-filed\.eml/.test(text) && !text.includes('lunch'), 'what is in it');
		// All.
		await p.click('.who');
		await p.click('.menu-item:has-text("Export all mail")');
		[name, text] = await saved(p, 'mbox');
		t.same(name, `${t.box.address}.zip`, 'name');
		t.same(subjects(text).sort(), ['filed', 'lunch', 'other', 'plan: A/B'], 'all');
	},

	async export_all_found(t) {
		await t.box.many(320);
		const p = await t.page();
		await p.click('.list [aria-label="Select"]');
		await p.click('.menu-item:has-text("Select all")');
		await p.click('.link:has-text("Select all 320 matching")');
		await p.click('.row[data-id]', { button: 'right' });
		await p.click('.menu-item:has-text("Export\u2026")');
		const [, text] = await saved(p, 'mbox');
		t.same(subjects(text).length, 320, 'messages');
	},
};
