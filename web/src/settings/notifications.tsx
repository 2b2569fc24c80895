/*
 * settings/notifications.tsx - new mail told by this browser (RFC 8620, 7.2).
 *
 * The browser is asked for its permission on a click alone.  The service worker
 * is there only as long as it is switched on; it gives the code back that the
 * server pushes (worker/sw.ts).
 */
import { useEffect } from 'preact/hooks';
import { client } from '../app/session';
import { lang } from '../i18n';
import type { PushSubscriptionObject } from '../jmap/types';
import { Loading, Page, useLoaded, useSaving } from './page';
import { t } from './t';

type State = 'missing' | 'denied' | 'off' | 'waiting' | 'on';

const VAPID = 'urn:ietf:params:jmap:webpush-vapid';
const DEVICE = 'posthus-device';
const TYPES = ['EmailDelivery'];
const LOOK_MS = 1500;

interface Policies {
	createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): { createScriptURL(url: string): string };
}

/* The one script that is named by a text: ours, whatever it is asked for. */
const scripts = (globalThis as { trustedTypes?: Policies }).trustedTypes?.createPolicy('posthus-worker', {
	createScriptURL: (l) => `/sw.js?lang=${encodeURIComponent(l)}`,
});

function workerUrl(): string {
	return scripts?.createScriptURL(lang.peek()) ?? `/sw.js?lang=${encodeURIComponent(lang.peek())}`;
}

function serverKey(): string | undefined {
	return client.session.peek()?.capabilities[VAPID]?.applicationServerKey as string | undefined;
}

function device(): string {
	let id = localStorage.getItem(DEVICE);
	if (!id) {
		id = crypto.randomUUID();
		localStorage.setItem(DEVICE, id);
	}
	return id;
}

/* PushSubscription is of the login, and takes no account. */
async function ours(): Promise<PushSubscriptionObject[]> {
	const { list } = await client.call('PushSubscription/get', { accountId: undefined });
	return list.filter((s) => s.deviceClientId === device());
}

async function drop(): Promise<void> {
	const ids = (await ours()).map((s) => s.id);
	if (ids.length) await client.call('PushSubscription/set', { accountId: undefined, destroy: ids });
}

async function look(): Promise<State> {
	if (!('serviceWorker' in navigator && 'PushManager' in window && 'Notification' in window) || !serverKey()) return 'missing';
	if (Notification.permission === 'denied') return 'denied';
	const worker = await navigator.serviceWorker.getRegistration('/');
	if (!(await worker?.pushManager.getSubscription())) return 'off';
	const [mine] = await ours();
	return !mine ? 'off' : mine.verificationCode ? 'on' : 'waiting';
}

async function subscribe(): Promise<PushSubscription> {
	const worker = await navigator.serviceWorker.register(workerUrl());
	await navigator.serviceWorker.ready;
	try {
		/* One of another server's key would be in the way. */
		await (await worker.pushManager.getSubscription())?.unsubscribe();
		return await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: serverKey()! });
	} catch {
		await worker.unregister();
		throw new Error(t('notifyNoService'));
	}
}

async function turnOn(): Promise<void> {
	if ((await Notification.requestPermission()) !== 'granted') return;
	const { endpoint, keys } = (await subscribe()).toJSON();
	await drop();
	const r = await client.call('PushSubscription/set', {
		accountId: undefined,
		create: { s: { deviceClientId: device(), url: endpoint, keys, types: TYPES } },
	});
	const e = r.notCreated?.s;
	if (e) throw new Error(e.description || e.type);
}

async function turnOff(): Promise<void> {
	await drop();
	const worker = await navigator.serviceWorker.getRegistration('/');
	await (await worker?.pushManager.getSubscription())?.unsubscribe();
	await worker?.unregister();
}

function Body({ state, again }: { state: State; again: () => void }) {
	const saving = useSaving();
	/* Until the code has gone through the push service and back. */
	useEffect(() => {
		if (state !== 'waiting') return undefined;
		const timer = setInterval(again, LOOK_MS);
		return () => clearInterval(timer);
	}, [state]);
	if (state === 'missing') return <p class="notice">{t('notifyMissing')}</p>;
	if (state === 'denied') return <p class="notice">{t('notifyDenied')}</p>;
	const on = state !== 'off';
	return (
		<>
			<p role="status">{state === 'on' ? <b>{t('notifyIsOn')}</b> : state === 'waiting' ? t('notifyWaiting') : t('notifyIsOff')}</p>
			<p class="settings-save">
				<button type="button" class={`button${on ? '' : ' primary'}`} disabled={saving.busy} onClick={() => void saving.run(on ? turnOff : turnOn, '').then(again)}>{t(on ? 'notifyOff' : 'notifyOn')}</button>
				<span class="settings-error" role="alert">{saving.error}</span>
			</p>
			<p class="dim">{t('notifyPrivate')}</p>
		</>
	);
}

export function Notifications() {
	const loaded = useLoaded(look);
	return (
		<Page title={t('notify')} text={t('notifyText')}>
			{loaded.value ? <Body state={loaded.value} again={loaded.again} /> : <Loading {...loaded} />}
		</Page>
	);
}
