/*
 * mail/export.ts - mail as a file to keep: what is chosen, a folder, or all.
 *
 * The server makes the file while the browser saves it; which messages are wanted
 * is uploaded before, for a link has no room for thousands of ids.
 */
import { client } from '../app/session';
import { t } from '../app/t';
import { OWN } from '../jmap/types';
import { showMenu } from '../ui/menu';
import { failure } from './act';
import { download, fileName, type Target } from './actions';
import { search } from './state';

type Place = Element | { x: number; y: number };

async function idsOf(x: Target): Promise<string[]> {
	return x.all ? (await client.call('Email/query', { filter: search.peek().filter })).ids : x.emails.map((e) => e.id);
}

/** Ask for the form, then save; `what` are messages, the id of a folder, or all. */
export function showExport(what: Target | string | null, name: string, at: Place): void {
	const save = async (format: 'mbox' | 'zip') => {
		const file = `${fileName(name)}.${what ? format : 'zip'}`;
		let link = client.url(client.capability(OWN)?.exportUrl, { name: file, format });
		try {
			if (typeof what === 'string')
				link += `&mailboxId=${what}`;
			else if (what)
				link += `&emailIds=${(await client.upload(new Blob([(await idsOf(what)).join('\n')], { type: 'text/plain' }))).blobId}`;
			download(link, file);
		} catch (e) {
			failure(e);
		}
	};
	showMenu({
		at, label: t('exportIt'),
		items: (['mbox', 'zip'] as const).map((format) => ({ label: t(format === 'mbox' ? 'exportMbox' : 'exportZip'), icon: 'download', run: () => void save(format) })),
	});
}
