// A JMAP client that others wrote (jmap-jam of npm), against the server: what
// our own webmail asks for in its way, somebody else asks for in theirs.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const require = createRequire(new URL('../../web/package.json', import.meta.url));

// It knows bearer tokens alone; the password goes in on the way out.
function withPassword(t) {
	const plain = globalThis.fetch;
	globalThis.fetch = (url, init = {}) => {
		const headers = new Headers(init.headers);
		headers.set('Authorization', t.box.headers.Authorization);
		return plain(url, { ...init, headers });
	};
	return () => {
		globalThis.fetch = plain;
	};
}

export const tests = {
	async other_jmap_client(t) {
		const { default: Jam } = await import(pathToFileURL(require.resolve('jmap-jam')));
		const back = withPassword(t);
		try {
			const jam = new Jam({ sessionUrl: `${t.about.api}/.well-known/jmap`, bearerToken: 'none' });
			const session = await jam.session;
			const accountId = await jam.getPrimaryAccount();
			t.same(session.username, t.box.address, 'session');

			const [boxes] = await jam.api.Mailbox.get({ accountId, ids: null });
			const by = Object.fromEntries(boxes.list.map((b) => [b.role, b.id]));
			t.need(by.inbox && by.drafts && by.sent && by.junk && by.trash, 'roles');

			// A file, a draft with it, found again by references in one request.
			const up = await jam.uploadBlob(accountId, new Blob(['a file'], { type: 'text/plain' }));
			t.same([up.size, up.type], [6, 'text/plain'], 'upload');
			const [made] = await jam.api.Email.set({ accountId, create: { d: {
				mailboxIds: { [by.drafts]: true }, keywords: { $draft: true }, subject: 'From another client',
				from: [{ name: 'Me', email: t.box.address }], to: [{ email: t.box.address }],
				bodyStructure: { type: 'multipart/mixed', subParts: [{ partId: 'text', type: 'text/plain' }, { blobId: up.blobId, type: 'text/plain', name: 'file.txt', disposition: 'attachment' }] },
				bodyValues: { text: { value: 'Hello from somewhere else.' } } } } });
			t.need(made.created?.d, JSON.stringify(made.notCreated));
			const [{ emails, threads }] = await jam.requestMany((r) => {
				const ids = r.Email.query({ accountId, filter: { subject: 'another client' }, sort: [{ property: 'receivedAt', isAscending: false }] });
				const emails = r.Email.get({ accountId, ids: ids.$ref('/ids'), properties: ['id', 'threadId', 'subject', 'preview', 'hasAttachment', 'attachments'] });
				const threads = r.Thread.get({ accountId, ids: emails.$ref('/list/*/threadId') });
				return { ids, emails, threads };
			});
			const [e] = emails.list;
			t.same([e.subject, e.preview, e.hasAttachment], ['From another client', 'Hello from somewhere else.', true], 'email');
			t.same(threads.list[0].emailIds, [e.id], 'thread');
			const file = await jam.downloadBlob({ accountId, blobId: e.attachments[0].blobId, mimeType: 'text/plain', fileName: 'file.txt' });
			t.same(await file.text(), 'a file', 'download');

			// Sent to oneself, with what moves it to Sent in the same call.
			const [who] = await jam.api.Identity.get({ accountId, ids: null });
			const [sent] = await jam.api.EmailSubmission.set({ accountId,
				create: { s: { identityId: who.list[0].id, emailId: e.id } },
				onSuccessUpdateEmail: { '#s': { [`mailboxIds/${by.drafts}`]: null, [`mailboxIds/${by.sent}`]: true, 'keywords/$draft': null } } });
			t.need(sent.created?.s, JSON.stringify(sent.notCreated));
			await t.until(async () => {
				const [r] = await jam.api.Email.query({ accountId, filter: { inMailbox: by.inbox } });
				return r.ids.length === 1;
			}, 'it did not come');
			const [moved] = await jam.api.Email.query({ accountId, filter: { inMailbox: by.sent } });
			t.same(moved.ids, [e.id], 'Sent');

			// What it may not is refused as the RFC says.
			const wrong = await jam.api.Email.get({ accountId: 'A-none', ids: [] }).then(() => null, (x) => x);
			t.same(Array.isArray(wrong) ? wrong[0]?.type : wrong?.type, 'accountNotFound', 'another account');
		} finally {
			back();
		}
	},
};
