/*
 * compose/host.tsx - the windows in which messages are written, over every page.
 *
 * It takes what openCompose() asked for, offers what was left when a browser
 * died, and sends: the window closes at once, and what becomes of it is told.
 */
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { loadStyle, panes } from '../app/look';
import { route } from '../app/router';
import { client, user } from '../app/session';
import { JmapError } from '../jmap/errors';
import type { Id, Identity } from '../jmap/types';
import { undoSend } from '../mail/scheduled';
import { store } from '../mail/state';
import { toast } from '../ui/toast';
import { prepare } from '../html/sanitize';
import { type Beginning, begin } from './begin';
import { type Copy, dropCopy, orphans } from './crash';
import { loadIdentities } from './identities';
import { type Intent, flagWriting, intents, openCompose, sendingUndo } from './index';
import { learn, loadPeople } from './known';
import { timeText } from './later';
import type { Sent } from './send';
import { t } from './t';
import { ComposeWindow, undoSeconds } from './window';
import { Writing } from './writing';
import { type Draft, newMessageId } from './draft';
import { Icon } from '../ui/icon';

const writings = signal<Writing[]>([]);
const left = signal<Copy[]>([]);

const words = (e: unknown): string => (e instanceof JmapError ? e.description || e.type : String(e));

function show(b: Beginning): Writing {
	const w = new Writing(client, b);
	/* As many as find room; the others wait as bars. */
	const room = Math.max(1, Math.floor(innerWidth / 620));
	const large = writings.value.filter((x) => x.shape.peek() !== 'small');
	for (const x of large.slice(0, Math.max(0, large.length + 1 - room))) x.shape.value = 'small';
	writings.value = [...writings.value, w];
	return w;
}

function remove(w: Writing): void {
	writings.value = writings.value.filter((x) => x !== w);
}

/* Nothing is open, and nothing waits: the next visit need not look. */
function rest(): void {
	if (writings.peek().length + left.peek().length === 0 && !counting.peek()) flagWriting(false);
}

/* All that a window needs. */
async function ready(): Promise<Identity[]> {
	const [list] = await Promise.all([loadIdentities(), loadStyle('compose'), prepare(), store.boxIds.peek() ? null : store.loadMailboxes()]);
	return list;
}

async function take(intent: Intent): Promise<void> {
	try {
		const list = await ready();
		/* A draft that is open already comes to the front. */
		const open = intent.kind === 'draft' && writings.value.find((w) => w.savedAs === intent.email?.id);
		if (open) {
			open.shape.value = 'docked';
			return;
		}
		const w = show(begin(intent, list, client));
		for (const f of intent.files ?? []) w.uploads.add(f);
		void loadPeople();
	} catch (e) {
		toast({ text: t('failedToOpen', { words: words(e) }), error: true });
	}
}

/* ---- the end of a window ---- */

async function close(w: Writing): Promise<void> {
	remove(w);
	await w.close().catch((e: unknown) => toast({ text: words(e), error: true }));
	if (!w.isLeft) rest();
}

function discard(w: Writing): void {
	const again: Beginning = { ...w.begun, draft: w.draft.peek(), own: [] };
	w.flush();
	again.draft = w.draft.peek();
	remove(w);
	void w.destroy().catch((e: unknown) => toast({ text: words(e), error: true }));
	toast({
		text: t('discarded'),
		act: {
			label: t('undo'),
			key: 'z',
			run: () => {
				/* Its files are there as long as their uploads are, a day. */
				again.draft = { ...again.draft, messageId: newMessageId(again.draft.from?.email ?? '') };
				show(again).touch();
			},
		},
	});
}

/* ---- sending ---- */

async function undo(sent: Sent, b: Beginning | null): Promise<void> {
	try {
		await undoSend(sent.submission);
		toast({ text: t('undone') });
		const email = sent.email ? await fresh(sent.email) : undefined;
		if (email) await take({ kind: 'draft', email });
		else if (b) show({ ...b, own: [] });
	} catch (e) {
		const late = e instanceof JmapError && e.type === 'cannotUnsend';
		toast({ text: late ? t('tooLate') : t('undoFailed', { words: words(e) }), error: true });
	}
}

/* Whole, as it is now. */
async function fresh(id: Id) {
	store.emails.drop([id]);
	return store.email(id);
}

/** "Sending in 9 s", counted down, with a way back; then "Sent". */
function tell(sent: Sent, b: Beginning | null): void {
	const act = { label: t('undo'), key: 'z', run: () => { stop(); void undo(sent, b); } };
	let gone = (): void => undefined;
	let timer: ReturnType<typeof setInterval> | undefined;
	const stop = (): void => {
		clearInterval(timer);
		gone();
	};
	const soon = sent.until - Date.now();
	if (soon <= 0) {
		toast({ text: t('sent') });
	} else if (soon > 120_000) {
		toast({ text: t('scheduledFor', { time: timeText(new Date(sent.until)) }), act });
	} else {
		const draw = (): void => {
			const n = Math.ceil((sent.until - Date.now()) / 1000);
			if (n <= 0) {
				stop();
				toast({ text: t('sent') });
				return;
			}
			counting.value = { n, stop, act };
		};
		gone = () => {
			counting.value = null;
			sendingUndo.value = null;
			rest();
		};
		counting.peek()?.stop();
		sendingUndo.value = act.run;
		flagWriting(true);
		draw();
		timer = setInterval(draw, 1000);
	}
}

interface Counting {
	n: number;
	stop: () => void;
	act: { label: string; run: () => void };
}

const counting = signal<Counting | null>(null);

function Countdown() {
	const c = counting.value;
	return c ? (
		<div class="csending toast" role="status">
			<span aria-hidden="true">{t('sendingIn', { n: c.n })}</span>
			<button type="button" class="button small" onClick={c.act.run}>{c.act.label}<kbd aria-hidden="true">z</kbd></button>
		</div>
	) : null;
}

async function markOrigin(b: Beginning): Promise<void> {
	let id = b.origin?.id;
	const keyword = b.origin?.keyword ?? '$answered';
	const parent = b.draft.inReplyTo?.[0];
	if (!id && parent) id = (await client.call('Email/query', { filter: { header: ['Message-ID', parent] }, limit: 1 })).ids[0];
	if (id) await client.call('Email/set', { update: { [id]: { [`keywords/${keyword}`]: true } } });
}

async function send(w: Writing, until: Date | null): Promise<boolean> {
	const sent = await w.send(undoSeconds(), until);
	if (!sent) return false;
	const d = w.draft.peek();
	const b: Beginning = { ...w.begun, draft: d };
	remove(w);
	learn([...d.to, ...d.cc, ...d.bcc].filter((r) => !r.bad));
	void markOrigin(b).catch(() => undefined);
	tell(sent, b);
	return true;
}

/* What another page of ours left to be sent, or this one before it was loaded
 * anew, can still be undone. */
async function pending(): Promise<void> {
	const q = await client.call('EmailSubmission/query', { filter: { undoStatus: 'pending', after: new Date(Date.now() - 60_000).toISOString().replace(/\.\d+Z$/, 'Z') }, limit: 5 });
	if (!q.ids.length) return;
	const { list } = await client.call('EmailSubmission/get', { ids: q.ids });
	const now = Date.now();
	const soon = list.find((s) => Date.parse(String(s.sendAt)) - now > 7_000 && Date.parse(String(s.sendAt)) - now < 40_000);
	if (soon) tell({ submission: soon.id, email: String(soon.emailId), until: Date.parse(String(soon.sendAt)) - 5_000 }, null);
}

/* ---- windows of their own ---- */

async function popOut(w: Writing): Promise<void> {
	await w.save();
	const id = w.savedAs;
	const opened = window.open(id ? `/mail/?write=${encodeURIComponent(id)}` : '/mail/?write=new', '_blank', 'popup,width=760,height=720');
	if (!opened) return;
	opened.opener = null;
	await close(w);
}

async function openAlone(id: string): Promise<void> {
	if (id === 'new') return openCompose({ kind: 'new' });
	const email = await store.email(id);
	if (email) openCompose({ kind: 'draft', email });
}

/* ---- what was left ---- */

/* A copy may be older than what the server had at last: its mail is looked for
 * by its Message-ID.  null: it was sent. */
async function serverHas(c: Copy): Promise<Id[] | null> {
	const q = client.call('Email/query', { filter: { header: ['Message-ID', c.draft.messageId] }, limit: 10 });
	const e = await client.call('Email/get', { '#ids': q.ref('/ids'), properties: ['keywords'] });
	return e.list.every((m) => m.keywords.$draft) ? e.list.map((m) => m.id) : null;
}

async function offer(): Promise<void> {
	const name = user.peek();
	if (!name) return;
	const found: Copy[] = [];
	for (const c of await orphans(name, Date.now())) {
		const there = await serverHas(c).catch(() => [] as Id[]);
		if (there) found.push(c);
		else void dropCopy(c.key);
	}
	left.value = found;
}

async function reopen(c: Copy): Promise<void> {
	left.value = left.value.filter((x) => x.key !== c.key);
	try {
		await ready();
		const there = await serverHas(c);
		const w = show({ draft: c.draft, own: there ?? [], origin: null, kind: 'draft', cids: cidsOfDraft(c.draft) });
		if (!c.saved || !there?.length) w.touch();
		await dropCopy(c.key);
	} catch (e) {
		toast({ text: t('failedToOpen', { words: words(e) }), error: true });
	}
}

function cidsOfDraft(d: Draft): Map<string, string> {
	return new Map(d.attachments.filter((a) => a.cid && a.blobId).map((a) => [a.cid!, client.downloadUrl(a.blobId!, a.name, a.type)]));
}

function Left() {
	const c = left.value[0];
	if (!c) return null;
	return (
		<div class="cleft" role="alertdialog" aria-label={t('orphan', { subject: c.draft.subject || t('noSubject') })}>
			<p><Icon name="draft" /> <span dir="auto">{t('orphan', { subject: c.draft.subject || t('noSubject') })}</span></p>
			<p class="dim">{t('orphanTime', { time: timeText(new Date(c.at)) })}</p>
			<p class="cleft-acts">
				<button type="button" class="button small primary" onClick={() => void reopen(c)}>{t('openIt')}</button>
				<button type="button" class="button small" onClick={() => { left.value = left.value.slice(1); }}>{t('notNow')}</button>
				<button type="button" class="button small quiet" onClick={() => { left.value = left.value.slice(1); void dropCopy(c.key); }}>{t('discard')}</button>
			</p>
		</div>
	);
}

/** The open windows. */
export function ComposeHost() {
	const asked = intents.value;
	const alone = route.value.query.get('write');
	useEffect(() => {
		if (!asked.length) return;
		intents.value = [];
		for (const i of asked) void take(i);
	}, [asked]);
	useEffect(() => {
		if (alone) {
			void openAlone(alone);
			return;
		}
		void loadStyle('compose')
			.then(() => Promise.all([offer(), pending().catch(() => undefined)]))
			.then(rest);
	}, []);
	const list = writings.value;
	const done = (w: Writing): void => {
		void close(w).then(() => alone && window.close());
	};
	return (
		<>
			<div class={`cwindows${alone ? ' alone' : ''}`} role="region" aria-label={t('windows')}>
				{(panes.value === 1 ? list.slice(-1) : list).map((w) => (
					<ComposeWindow key={w.key} w={w} alone={alone !== null} onClose={() => done(w)} onDiscard={() => { discard(w); if (alone) setTimeout(() => window.close(), 500); }}
						onPopOut={alone ? undefined : () => void popOut(w)} onSend={(until) => send(w, until)} />
				))}
			</div>
			<Left />
			<Countdown />
		</>
	);
}
