/*
 * mail/scheduled.ts - how many mails are held until a later time.  What can be
 * undone for some seconds is none of them.
 */
import { effect, signal } from '@preact/signals';
import { client, user } from '../app/session';
import { t } from '../app/t';
import { JmapError } from '../jmap/errors';
import type { Id } from '../jmap/types';
import { store } from './state';

export const scheduled = signal(0);

/** Of EmailSubmission/query. */
export const held = () => ({ undoStatus: 'pending', after: new Date(Date.now() + 60_000).toISOString().replace(/\.\d+/, '') });

let timer: ReturnType<typeof setTimeout> | undefined;

export function countScheduled(): void {
	clearTimeout(timer);
	client.call('EmailSubmission/query', { filter: held() }).then((r) => {
		scheduled.value = r.ids.length;
		// They go by themselves.
		if (r.ids.length)
			timer = setTimeout(countScheduled, 60_000);
	}, () => undefined);
}

/** Count now, and whenever mail changes. */
export function startScheduled(): void {
	effect(() => {
		void store.changed.value;
		if (user.value)
			countScheduled();
	});
}

/** Take it back, into the drafts; throws when it is gone already. */
export async function undoSend(submission: Id): Promise<void> {
	const drafts = await store.needRole('drafts', t('drafts'));
	const sent = store.byRole('sent');
	const r = await client.call('EmailSubmission/set', {
		update: { [submission]: { undoStatus: 'canceled' } },
		onSuccessUpdateEmail: {
			[submission]: {
				...(sent ? { [`mailboxIds/${sent.id}`]: null } : {}),
				[`mailboxIds/${drafts.id}`]: true,
				'keywords/$draft': true,
			},
		},
	});
	const refused = r.notUpdated?.[submission];
	if (refused)
		throw new JmapError('method', refused.type, refused.description ?? '');
}
