/*
 * worker/sw.ts - the service worker: new mail while no page is looked at
 * (RFC 8620, 7.2; RFC 8621, 1.5).
 *
 * What is pushed says that something came, and no more; who wrote and about
 * what is asked of the server, as long as this browser is logged in.  It
 * answers no fetch and keeps no page.
 *
 * Built into one file of its own, /sw.js (build.mjs).
 */
import { recall, remember } from './memory';
import { type NewEmail, type Notice, notices, plain } from './show';
import { wordsOf } from './words';

/* Of the types of a worker, which do not go together with those of a page. */
interface Late extends Event {
	waitUntil(p: Promise<unknown>): void;
}
interface PushEvent extends Late {
	data: { json(): unknown } | null;
}
interface ClickEvent extends Late {
	notification: Notification;
}
interface Page {
	url: string;
	focused: boolean;
	visibilityState: string;
	focus(): Promise<unknown>;
}
interface Worker {
	registration: ServiceWorkerRegistration;
	location: Location;
	clients: { matchAll(o: object): Promise<Page[]>; openWindow(url: string): Promise<unknown> };
	skipWaiting(): Promise<void>;
	addEventListener(type: 'push', f: (e: PushEvent) => void): void;
	addEventListener(type: 'notificationclick', f: (e: ClickEvent) => void): void;
	addEventListener(type: 'install', f: (e: Late) => void): void;
}

type Pushed =
	| { '@type': 'PushVerification'; pushSubscriptionId: string; verificationCode: string }
	| { '@type': 'StateChange'; changed: Record<string, Record<string, string>> };

type Args = Record<string, unknown>;
type Answer = [name: string, args: Args, id: string];

const worker = self as unknown as Worker;
const words = wordsOf(new URL(worker.location.href).searchParams.get('lang'));
const USING = ['urn:ietf:params:jmap:core', 'urn:ietf:params:jmap:mail'];
const CHANGES_MAX = 100;
/* A browser shows words of its own when we take too long. */
const TIMEOUT_MS = 20_000;

/* The answers by the number of the call; none when nobody is logged in. */
async function ask(calls: [string, Args][]): Promise<Answer[]> {
	const r = await fetch('/jmap/api', {
		method: 'POST',
		credentials: 'same-origin',
		signal: AbortSignal.timeout(TIMEOUT_MS),
		headers: { 'Content-Type': 'application/json' },
		body: JSON.stringify({ using: USING, methodCalls: calls.map(([name, args], i) => [name, args, String(i)]) }),
	});
	if (!r.ok) throw new Error(`status ${r.status}`);
	return ((await r.json()) as { methodResponses: Answer[] }).methodResponses;
}

/* ---- the subscription ---- */

async function verify(id: string, code: string): Promise<void> {
	const session = (await (await fetch('/jmap/session', { credentials: 'same-origin' })).json()) as { primaryAccounts: Record<string, string> };
	const [set, mail] = await ask([
		['PushSubscription/set', { update: { [id]: { verificationCode: code } } }],
		/* What is there now is not new. */
		['Email/get', { accountId: session.primaryAccounts[USING[1]!], ids: [] }],
	]);
	if (!(id in ((set?.[1].updated as object | null) ?? {}))) return;
	await remember('id', id);
	if (typeof mail?.[1].state === 'string') await remember('state', mail[1].state);
}

/* ---- new mail ---- */

/* Undefined: it cannot be said what came. */
async function look(accountId: string): Promise<Notice[] | undefined> {
	const [id, since] = [await recall('id'), await recall('state')];
	const calls: [string, Args][] = [
		['Mailbox/query', { accountId, filter: { role: 'inbox' } }],
		['Email/changes', { accountId, sinceState: since ?? '', maxChanges: CHANGES_MAX }],
		['Email/get', {
			accountId, properties: ['from', 'subject', 'mailboxIds', 'keywords'],
			'#ids': { resultOf: '1', name: 'Email/changes', path: '/created' },
		}],
		['Email/get', { accountId, ids: [] }],
	];
	/* It lasts as long as there is mail and somebody logged in. */
	if (id) calls.push(['PushSubscription/set', { update: { [id]: { expires: null } } }]);
	const [boxes, changes, mail, now] = await ask(calls);
	const good = changes?.[0] === 'Email/changes' && mail?.[0] === 'Email/get';
	const state = (good ? changes[1].newState : now?.[1].state) as string | undefined;
	if (state) await remember('state', state);
	return good ? notices(mail[1].list as NewEmail[], (boxes?.[1].ids as string[] | undefined)?.[0], words) : undefined;
}

async function show(list: Notice[]): Promise<void> {
	for (const n of list) await worker.registration.showNotification(n.title, { body: n.body, tag: n.tag, data: n.url });
}

async function pages(): Promise<Page[]> {
	return worker.clients.matchAll({ type: 'window', includeUncontrolled: true });
}

async function tell(account: string): Promise<void> {
	const list = await look(account).catch(() => undefined);
	/* Who looks at the mailbox sees it there. */
	if ((await pages()).some((p) => p.focused && p.visibilityState === 'visible')) return;
	await show(list ?? [plain(words)]);
}

async function take(data: PushEvent['data']): Promise<void> {
	let m: Pushed | undefined;
	try {
		m = data?.json() as Pushed;
	} catch {
		/* None of ours. */
	}
	if (m?.['@type'] === 'PushVerification') return verify(m.pushSubscriptionId, m.verificationCode);
	const account = m?.['@type'] === 'StateChange' ? Object.keys(m.changed)[0] : undefined;
	if (account) await tell(account);
}

/* One after the other: two that asked from the same state would tell the same twice. */
let last: Promise<void> = Promise.resolve();

function inTurn(data: PushEvent['data']): Promise<void> {
	const mine = last.then(() => take(data));
	last = mine.catch(() => undefined);
	return mine;
}

async function open(url: string): Promise<void> {
	const here = (await pages()).find((p) => new URL(p.url).pathname.startsWith('/mail/'));
	/* What is being written there stays. */
	await (here ? here.focus() : worker.clients.openWindow(url));
}

worker.addEventListener('install', (e) => e.waitUntil(worker.skipWaiting()));
worker.addEventListener('push', (e) => e.waitUntil(inTurn(e.data)));
worker.addEventListener('notificationclick', (e) => {
	e.notification.close();
	e.waitUntil(open(String(e.notification.data ?? '/mail/inbox')));
});
