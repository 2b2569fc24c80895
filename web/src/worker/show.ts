/*
 * worker/show.ts - what is shown of the Emails that came.
 *
 * Pure, for tests.
 */
import type { Words } from './words';

export interface NewEmail {
	id: string;
	from: { name: string | null; email: string }[] | null;
	subject: string | null;
	mailboxIds: Record<string, boolean>;
	keywords: Record<string, boolean>;
}

export interface Notice {
	title: string;
	body: string;
	tag: string; /* a later one of the same tag takes its place */
	url: string; /* where a click leads */
}

const INBOX = '/mail/inbox';
/** More are told as a number. */
const SINGLE_MAX = 3;

export function plain(words: Words): Notice {
	return { title: words.newMail, body: '', tag: 'mail', url: INBOX };
}

/** Those in the inbox that nobody has read; none when there are none. */
export function notices(list: NewEmail[], inbox: string | undefined, words: Words): Notice[] {
	const shown = list.filter((e) => inbox && e.mailboxIds[inbox] && !e.keywords.$seen && !e.keywords.$draft);
	if (shown.length > SINGLE_MAX) return [{ ...plain(words), title: words.many(shown.length) }];
	return shown.map((e) => ({
		title: e.from?.[0]?.name || e.from?.[0]?.email || words.newMail,
		body: e.subject || words.noSubject,
		tag: e.id,
		url: `${INBOX}/${encodeURIComponent(e.id)}`,
	}));
}
