/*
 * compose/send.ts - a message goes: one request makes the final Email, takes the
 * draft away, submits it and files it in Sent (RFC 8621, 7.5).
 *
 * The server holds it for some seconds (RFC 4865 by the envelope's parameters),
 * so that it can be undone even when this page is gone.
 */
import type { Client } from '../jmap/client';
import { backoff } from '../jmap/backoff';
import { JmapError } from '../jmap/errors';
import { type Id, SUBMISSION, type SetError } from '../jmap/types';
import { store } from '../mail/state';
import { type Draft, envelopeOf, toEmail } from './draft';
import { t } from './t';

export interface Sent {
	submission: Id;
	email: Id | null;
	/** It can be undone until then; 0 when it is gone. */
	until: number;
}

/** More than is shown, for a click at the last moment. */
export const SPARE_S = 5;

/** What the server may hold, in seconds. */
export function holdMost(client: Client): number {
	const n = client.capability(SUBMISSION)?.maxDelayedSend;
	return typeof n === 'number' ? n : 0;
}

/** Did the request perhaps arrive all the same? */
export function isLost(e: unknown): boolean {
	return e instanceof JmapError && (e.kind === 'offline' || e.kind === 'aborted' || /^http50[024]$/.test(e.type));
}

function parameters(client: Client, hold: number, until: Date | null): Record<string, string> | null {
	const most = holdMost(client);
	if (until && most > 0) return { HOLDUNTIL: until.toISOString().replace(/\.\d+Z$/, 'Z') };
	return hold > 0 && hold + SPARE_S <= most ? { HOLDFOR: String(hold + SPARE_S) } : null;
}

function refusal(e: SetError | undefined): JmapError {
	const err = new JmapError('method', e?.type ?? 'serverFail', e?.description ?? '');
	return Object.assign(err, { addresses: Array.isArray(e?.invalidRecipients) ? (e.invalidRecipients as string[]) : [] });
}

export async function sendMail(client: Client, d: Draft, own: readonly Id[], hold: number, until: Date | null, ifInState?: string): Promise<Sent> {
	const drafts = await store.needRole('drafts', t('draftsFolder'));
	const sent = await store.needRole('sent', t('sentFolder'));
	const held = parameters(client, hold, until);
	const set = client.call('Email/set', {
		create: { m: toEmail(d, drafts.id, true) },
		...(own.length ? { destroy: [...own] } : {}),
		...(ifInState ? { ifInState } : {}),
	});
	const submit = client.call('EmailSubmission/set', {
		create: {
			s: {
				identityId: d.identityId,
				emailId: '#m',
				envelope: {
					mailFrom: { email: d.from?.email ?? '', parameters: held },
					rcptTo: envelopeOf(d).map((email) => ({ email, parameters: null })),
				},
			},
		},
		onSuccessUpdateEmail: {
			'#s': { [`mailboxIds/${drafts.id}`]: null, [`mailboxIds/${sent.id}`]: true, 'keywords/$draft': null, 'keywords/$seen': true },
		},
	});
	const made = await set;
	if (!made.created?.m) {
		submit.then(() => undefined, () => undefined);
		throw refusal(made.notCreated?.m);
	}
	const r = await submit;
	const s = r.created?.s;
	if (!s) throw refusal(r.notCreated?.s);
	const at = Date.parse(String(s.sendAt ?? '')) || 0;
	const pending = s.undoStatus === 'pending';
	return { submission: s.id, email: made.created.m.id, until: pending ? (until ? at : Date.now() + hold * 1000) : 0 };
}

/**
 * After a lost answer: ask until the server says which it was.  `state` is from
 * before that: a request that is only then carried out changes it.
 */
export async function settleLost(client: Client, d: Draft): Promise<{ sent: Sent | null; drafts: Id[]; state: string }> {
	for (let tries = 0; ; tries++) {
		try {
			const now = client.call('Email/get', { ids: [] });
			const mails = await client.call('Email/query', { filter: { header: ['Message-ID', d.messageId] }, limit: 10 });
			const { state } = await now;
			if (mails.ids.length === 0) return { sent: null, drafts: [], state };
			const subs = await client.call('EmailSubmission/query', { filter: { emailIds: mails.ids }, limit: 10 });
			const got = subs.ids.length ? await client.call('EmailSubmission/get', { ids: subs.ids }) : null;
			const s = got?.list.find((x) => x.undoStatus !== 'canceled');
			if (!s) return { sent: null, drafts: mails.ids, state };
			const until = s.undoStatus === 'pending' ? Date.parse(String(s.sendAt)) - SPARE_S * 1000 : 0;
			return { sent: { submission: s.id, email: String(s.emailId ?? ''), until: Math.max(0, until) }, drafts: [], state };
		} catch (e) {
			if (!isLost(e) && !(e instanceof JmapError && e.kind === 'busy')) throw e;
			await backoff(tries);
		}
	}
}
