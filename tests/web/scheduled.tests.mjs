// Mail that is held until a later time: seen, sent at once, taken back.
const SUBMISSION = 'urn:ietf:params:jmap:submission';

async function hold(t, subject, seconds, to = t.box.address) {
	const [ids] = await t.box.using(SUBMISSION, ['Identity/get', { ids: null }]);
	const [made, sent] = await t.box.using(SUBMISSION,
		['Email/set', { create: { d: {
			mailboxIds: { [t.box.byRole.drafts]: true }, keywords: { $draft: true }, from: [{ email: t.box.address }], to: [{ email: to }], subject,
			textBody: [{ partId: '1' }], bodyValues: { 1: { value: 'later' } } } } }],
		['EmailSubmission/set', {
			create: { s: { identityId: ids.list[0].id, emailId: '#d', envelope: { mailFrom: { email: t.box.address, parameters: { HOLDFOR: String(seconds) } }, rcptTo: [{ email: to, parameters: null }] } } },
			onSuccessUpdateEmail: { '#s': { [`mailboxIds/${t.box.byRole.drafts}`]: null, [`mailboxIds/${t.box.byRole.sent}`]: true, 'keywords/$draft': null } },
		}]);
	t.need(made.created?.d && sent.created?.s, JSON.stringify([made, sent]));
	return { email: made.created.d.id, submission: sent.created.s.id };
}

const status = async (t, ids) => {
	const [r] = await t.box.using(SUBMISSION, ['EmailSubmission/get', { ids }]);
	return r.list.map((s) => s.undoStatus);
};

export const tests = {
	async scheduled_list(t) {
		await t.box.put({ subject: 'Here', seen: true });
		const p = await t.page();
		t.need(!(await p.$('.folders a[href="/settings/scheduled"]')), 'shown without any');
		const back = await hold(t, 'To be taken back', 7200);
		const now = await hold(t, 'To be sent at once', 86400);
		const stays = await hold(t, 'Stays <b>', 3600);
		await hold(t, 'Only to be undone', 20, 'bo@partner.example');
		await p.waitForSelector('.folders a[href="/settings/scheduled"]:has-text("3")');
		await t.accessible(p, 'folders');
		await p.click('.folders a[href="/settings/scheduled"]');
		await p.waitForSelector('.row-item:has-text("Stays <b>")');
		const rows = () => p.$$eval('.row-item a', (l) => l.map((a) => a.textContent));
		t.same(await rows(), ['Stays <b>', 'To be taken back', 'To be sent at once'], 'in order of time');
		t.need(/\d\d:\d\d/.test(await p.textContent('.row-item time')) && (await p.textContent('.row-item')).includes(t.box.address), 'when and to whom');
		await t.accessible(p, 'list');
		await t.shot(p, 'list');
		await p.click('.row-item:has-text("taken back") button:has-text("Back to drafts")');
		await p.waitForSelector('.toast:has-text("draft again")');
		await p.waitForSelector('.row-item:has-text("taken back")', { state: 'detached' });
		t.same([await status(t, [back.submission]), await t.box.in('drafts'), (await t.box.get(back.email)).keywords.$draft], [['canceled'], [back.email], true], 'a draft');
		await p.click('.row-item:has-text("sent at once") button:has-text("Send now")');
		await p.waitForSelector('.toast:has-text("Sent.")');
		await p.waitForSelector('.row-item:has-text("sent at once")', { state: 'detached' });
		const arrived = async () => Promise.all((await t.box.in('inbox')).map(async (id) => (await t.box.get(id)).subject));
		await t.until(async () => (await arrived()).includes('To be sent at once'), 'it does not arrive');
		t.same((await arrived()).sort(), ['Here', 'To be sent at once'], 'what arrived');
		t.need((await t.box.in('sent')).includes(now.email) && !(now.email in (await t.box.in('drafts'))), 'not in Sent');
		t.need(!(await t.box.get(now.email)).keywords.$draft, 'still a draft');
		// Another page was quicker.
		await t.box.using(SUBMISSION, ['EmailSubmission/set', { update: { [stays.submission]: { undoStatus: 'canceled' } } }]);
		await p.click('.row-item:has-text("Stays") button:has-text("Back to drafts")');
		await p.waitForSelector('.settings-page:has-text("Nothing is scheduled.")');
		await p.click('.settings-nav .link');
		await p.waitForSelector('.row:has-text("Here")');
		await t.until(async () => !(await p.$('.folders a[href="/settings/scheduled"]')), 'the folders have it still');
	},
};
