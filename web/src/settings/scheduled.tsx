/*
 * settings/scheduled.tsx - what is held until a later time: when it goes, to whom;
 * sent at once, or taken back into the drafts.
 */
import { client } from '../app/session';
import { JmapError } from '../jmap/errors';
import type { Email, Id } from '../jmap/types';
import { countScheduled, held, undoSend } from '../mail/scheduled';
import { hrefOf, store } from '../mail/state';
import { clock, dayOnly, subject } from '../mail/words';
import { toast } from '../ui/toast';
import { reasonOf } from './account';
import { Loading, Page, useLoaded } from './page';
import { t } from './t';

/** A submission as the server has it. */
interface Held {
	id: Id;
	identityId: Id;
	emailId: Id;
	sendAt: string;
	envelope: { mailFrom: { email: string }; rcptTo: { email: string }[] };
}

interface Waiting extends Held {
	email: Email | undefined;
}

/* A draft first: whatever happens between, it is never sent twice. */
async function sendNow(s: Held): Promise<void> {
	await undoSend(s.id);
	const drafts = store.byRole('drafts');
	const sent = await store.needRole('sent', 'Sent');
	const { mailFrom, rcptTo } = s.envelope;
	const r = await client.call('EmailSubmission/set', {
		create: { s: { identityId: s.identityId, emailId: s.emailId, envelope: { mailFrom: { email: mailFrom.email, parameters: null }, rcptTo } } },
		onSuccessUpdateEmail: {
			'#s': { ...(drafts ? { [`mailboxIds/${drafts.id}`]: null } : {}), [`mailboxIds/${sent.id}`]: true, 'keywords/$draft': null },
		},
	});
	const refused = r.notCreated?.s;
	if (refused) throw new JmapError('method', refused.type, refused.description ?? '');
}

async function load(): Promise<Waiting[]> {
	const q = client.call('EmailSubmission/query', { filter: held(), sort: [{ property: 'sentAt' }] });
	const s = client.call('EmailSubmission/get', { '#ids': q.ref('/ids') });
	const e = await client.call('Email/get', { '#ids': s.ref('/list/*/emailId'), properties: ['id', 'subject'] });
	const list = (await s).list as unknown as Held[];
	return list.map((x) => ({ ...x, email: e.list.find((m) => m.id === x.emailId) })).sort((a, b) => (a.sendAt < b.sendAt ? -1 : 1));
}

function Row({ w, again }: { w: Waiting; again: () => void }) {
	const about = w.email ? subject(w.email) : '';
	const run = (what: Promise<void>, said: string) => void what.then(() => toast({ text: said }), (e: unknown) =>
		toast({ text: e instanceof JmapError && e.type === 'cannotUnsend' ? t('wentAlready') : reasonOf(e), error: true })).finally(() => { countScheduled(); again(); });
	return (
		<li class="row-item">
			<div class="row-head">
				<span class="grow">
					<a href={hrefOf('sent', w.emailId)} dir="auto">{about || t('scheduled')}</a><br />
					<span class="dim" dir="auto"><time dateTime={w.sendAt}>{dayOnly(w.sendAt)} {clock(new Date(w.sendAt))}</time> {'\u00b7'} {w.envelope.rcptTo.map((r) => r.email).join(', ')}</span>
				</span>
				<button type="button" class="button small" aria-label={`${t('sendNow')}: ${about}`} onClick={() => run(sendNow(w), t('sentNow'))}>{t('sendNow')}</button>
				<button type="button" class="button small" aria-label={`${t('cancelSending')}: ${about}`} onClick={() => run(undoSend(w.id), t('draftAgain'))}>{t('cancelSending')}</button>
			</div>
		</li>
	);
}

export function Scheduled() {
	const loaded = useLoaded(load);
	return (
		<Page title={t('scheduled')} text={t('scheduledText')}>
			{loaded.value ? (loaded.value.length
				? <ul class="rows">{loaded.value.map((w) => <Row key={w.id} w={w} again={loaded.again} />)}</ul>
				: <p class="dim" role="status">{t('nothingScheduled')}</p>) : <Loading {...loaded} />}
		</Page>
	);
}
