/*
 * compose/writing.ts - one message that is being written: its draft, how it is
 * kept, and how it goes.  The window (window.tsx) shows it.
 */
import { type Signal, signal } from '@preact/signals';
import { user } from '../app/session';
import type { Client } from '../jmap/client';
import { JmapError } from '../jmap/errors';
import { CORE, type Email, type Id, OWN } from '../jmap/types';
import { store } from '../mail/state';
import { sameAddress } from './addresses';
import type { Beginning } from './begin';
import { type Check, checksOf, limitCheck, sizeOf } from './checks';
import { dropCopy, holdName, keepCopy } from './crash';
import { flagWriting } from './index';
import { type Attachment, type Draft, envelopeOf, fingerprint, isEmpty, newMessageId, toEmail } from './draft';
import { type SaverState, due, isDirty, newSaver, step } from './saver';
import { type Sent, isLost, sendMail, settleLost } from './send';
import { Uploads } from './uploads';
import { t } from './t';

export type Status = { kind: 'none' } | { kind: 'saving' } | { kind: 'saved'; at: number } | { kind: 'unsaved'; words: string };

const TICK_MS = 250;
const COPY_MS = 2_000;
/* A save sends all that is attached through the server once more. */
const SLOW_BYTES = 4 * 1024 * 1024;
const SLOW_MS = 10_000;

const PARTS = ['partId', 'blobId', 'size', 'name', 'type', 'disposition', 'cid'];

export class Writing {
	readonly key = crypto.randomUUID();
	readonly draft: Signal<Draft>;
	readonly status = signal<Status>({ kind: 'none' });
	/** Another window saved the same draft: both are kept. */
	readonly conflict = signal(false);
	readonly sending = signal<'' | 'sending' | 'checking'>('');
	/** Why it was not sent. */
	readonly problem = signal<{ text: string; addresses: string[] } | null>(null);
	readonly shape = signal<'docked' | 'small' | 'full'>('docked');
	readonly uploads: Uploads;
	/** What the editor has and the draft not yet. */
	flush: () => void = () => undefined;

	private state: SaverState = newSaver();
	private own: Id[];
	private start: Draft;
	private mark: string;
	private copied = 0;
	private copyAt = 0;
	private ticking: ReturnType<typeof setInterval>;
	private release: () => void;
	private saving: Promise<void> | null = null;
	/* The answer to a sending was lost. */
	private doubt = false;

	constructor(
		readonly client: Client,
		readonly begun: Beginning,
	) {
		this.draft = signal(begun.draft);
		this.start = begun.draft;
		this.own = begun.own;
		this.mark = fingerprint(begun.draft);
		this.uploads = new Uploads(client, (a) => this.attach(a));
		this.release = holdName(this.key);
		this.ticking = setInterval(() => this.tick(Date.now()), TICK_MS);
	}

	/* ---- changes ---- */

	change(patch: Partial<Draft>): void {
		const next = { ...this.draft.peek(), ...patch };
		const mark = fingerprint(next);
		this.draft.value = next;
		if (mark === this.mark) return;
		this.mark = mark;
		this.problem.value = null;
		this.state = step(this.state, { kind: 'changed', at: Date.now() });
	}

	/** What it begins with is not on the server. */
	touch(): void {
		this.state = step(this.state, { kind: 'changed', at: Date.now() });
	}

	/** What the editor made of what it was given: nothing that was written. */
	adopt(patch: Partial<Draft>): void {
		const next = { ...this.draft.peek(), ...patch };
		this.draft.value = next;
		this.mark = fingerprint(next);
		this.start = this.isUntouched() ? next : this.start;
	}

	attach(a: Attachment): void {
		this.change({ attachments: [...this.draft.peek().attachments, a] });
	}

	detach(key: string): void {
		this.change({ attachments: this.draft.peek().attachments.filter((a) => a.key !== key) });
	}

	/** The largest message that the server takes; 0 when it does not tell. */
	get most(): number {
		const n = this.client.session.peek()?.capabilities[CORE]?.maxSizeUpload;
		return typeof n === 'number' ? n : 0;
	}

	/** Bytes of the message as it goes, with what is on its way. */
	size(): number {
		const coming = this.uploads.items.value.map((u) => ({ key: u.key, name: '', type: '', size: u.file.size, blobId: null, cid: null }));
		return sizeOf({ ...this.draft.value, attachments: [...this.draft.value.attachments, ...coming] });
	}

	isUntouched(): boolean {
		return this.state.version === 0;
	}

	/* ---- keeping ---- */

	private tick(now: number): void {
		const bytes = this.draft.peek().attachments.reduce((n, a) => n + a.size, 0);
		const at = due(this.state, bytes > SLOW_BYTES ? SLOW_MS : undefined);
		if (this.state.version !== this.copied && now - this.copyAt >= COPY_MS) this.copy(now);
		if (at !== null && now >= at && !this.sending.peek()) void this.save();
	}

	private copy(now: number): void {
		this.flush();
		this.copied = this.state.version;
		this.copyAt = now;
		flagWriting(true);
		void keepCopy({
			key: this.key,
			user: user.peek() ?? '',
			at: now,
			draft: this.draft.peek(),
			own: this.own,
			saved: !isDirty(this.state),
		});
	}

	/** Save now what is not saved; ends when that try has ended. */
	async save(): Promise<void> {
		this.flush();
		while (this.saving) await this.saving;
		if (!isDirty(this.state) || this.state.ended) return;
		this.saving = this.saveOnce().finally(() => {
			this.saving = null;
		});
		await this.saving;
	}

	private async saveOnce(): Promise<void> {
		const before = this.state.unknown;
		this.state = step(this.state, { kind: 'started' });
		this.status.value = { kind: 'saving' };
		try {
			if (before) this.own = await this.find();
			const drafts = await store.needRole('drafts', t('draftsFolder'));
			const set = this.client.call('Email/set', {
				create: { d: toEmail(this.draft.peek(), drafts.id, false) },
				...(this.own.length ? { destroy: this.own } : {}),
			});
			const made = this.client.call('Email/get', { ids: ['#d'], properties: ['attachments'], bodyProperties: PARTS });
			const r = await set;
			const id = r.created?.d?.id;
			if (!id) throw new JmapError('method', r.notCreated?.d?.type ?? 'serverFail', r.notCreated?.d?.description ?? '');
			const gone = Object.values(r.notDestroyed ?? {}).some((e) => e.type === 'notFound');
			this.own = [id];
			await made.then((g) => this.takeParts(g.list[0]), () => undefined);
			this.saved(gone);
		} catch (e) {
			this.notSaved(e);
		}
	}

	private saved(conflict: boolean): void {
		this.state = step(this.state, { kind: conflict ? 'conflict' : 'done' });
		this.status.value = { kind: 'saved', at: Date.now() };
		this.copied = -1;
		if (!conflict) return;
		/* A Message-ID of its own from now on: the other window has the old. */
		this.conflict.value = true;
		this.change({ messageId: newMessageId(this.draft.peek().from?.email ?? '') });
	}

	private notSaved(e: unknown): void {
		const words = e instanceof JmapError ? e.description || e.type : String(e);
		this.state = step(this.state, { kind: isLost(e) ? 'unknown' : 'failed', at: Date.now() });
		this.status.value = { kind: 'unsaved', words };
	}

	/** The drafts of the server with our Message-ID. */
	private async find(): Promise<Id[]> {
		const drafts = store.byRole('drafts');
		const r = await this.client.call('Email/query', {
			filter: { ...(drafts ? { inMailbox: drafts.id } : {}), header: ['Message-ID', this.draft.peek().messageId] },
			limit: 10,
		});
		return r.ids;
	}

	/* Uploads go after a day, and the parts of the old draft with it: from now
	 * on the files are those of the new one. */
	private takeParts(email: Email | undefined): void {
		const parts = [...(email?.attachments ?? [])];
		const list = this.draft.peek().attachments.map((a) => {
			const at = parts.findIndex((p) => p.size === a.size && (a.cid ? p.cid === a.cid : (p.name ?? '') === a.name));
			const part = at >= 0 ? parts.splice(at, 1)[0] : undefined;
			return a.blobId && part?.blobId ? { ...a, blobId: part.blobId } : a;
		});
		const clean = !isDirty(this.state) || this.state.saving === this.state.version;
		this.draft.value = { ...this.draft.peek(), attachments: list };
		if (clean) this.mark = fingerprint(this.draft.peek());
	}

	/* ---- the end ---- */

	checks(): Check[] {
		this.flush();
		const items = this.uploads.items.peek();
		const failed = items.filter((u) => u.state === 'failed').map((u) => u.file.name);
		return checksOf(this.draft.peek(), { running: items.length - failed.length, failed }, this.most, this.begun.kind === 'replyAll');
	}

	/** Would it break a limit of sending?  Not asked for long: the server decides. */
	async limit(): Promise<Check | null> {
		if (!this.client.capability(OWN)) return null;
		const late = new Promise<null>((done) => setTimeout(() => done(null), 1500));
		const asked = this.client.call('SendLimit/get', {}).then((r) => limitCheck(r.list, envelopeOf(this.draft.peek()).length), () => null);
		return Promise.race([late, asked]);
	}

	/** Send, to be held for `hold` seconds or until a time.  null: not sent, and
	 * `problem` says why. */
	async send(hold: number, until: Date | null): Promise<Sent | null> {
		this.flush();
		while (this.saving) await this.saving;
		this.sending.value = 'sending';
		this.problem.value = null;
		try {
			return await this.sendOnce(hold, until);
		} catch (e) {
			if (!isLost(e)) {
				await this.refused(e);
				return null;
			}
			this.doubt = true;
			return await this.settle();
		} finally {
			this.sending.value = '';
		}
	}

	/* A request that seemed lost may be carried out late.  So after one it is
	 * looked up again, and sent only if nothing has changed since. */
	private async sendOnce(hold: number, until: Date | null): Promise<Sent> {
		for (let tries = 0; ; tries++) {
			let state: string | undefined;
			if (this.doubt || this.state.unknown) {
				const found = await settleLost(this.client, this.draft.peek());
				if (found.sent) {
					this.end();
					return found.sent;
				}
				this.own = found.drafts.length ? found.drafts : this.own;
				state = found.state;
			}
			try {
				const sent = await sendMail(this.client, this.draft.peek(), this.own, hold, until, state);
				this.end();
				return sent;
			} catch (e) {
				if (!(e instanceof JmapError && e.type === 'stateMismatch') || tries === 9) throw e;
			}
		}
	}

	/* No answer came: it is sent or it is not, and only the server knows. */
	private async settle(): Promise<Sent | null> {
		this.sending.value = 'checking';
		this.copy(Date.now());
		const found = await settleLost(this.client, this.draft.peek());
		if (found.sent) {
			this.end();
			return found.sent;
		}
		this.own = found.drafts.length ? found.drafts : this.own;
		this.problem.value = { text: t('notSentLost'), addresses: [] };
		return null;
	}

	/* The draft that was made to be sent is the draft now. */
	private async refused(e: unknown): Promise<void> {
		const err = e instanceof JmapError ? e : new JmapError('method', 'serverFail', String(e));
		const list = (err as JmapError & { addresses?: string[] }).addresses ?? [];
		this.problem.value = { text: err.description || err.type, addresses: list };
		this.own = await this.find().catch(() => this.own);
	}

	/** Mark those that the server refused. */
	isRefused(address: string): boolean {
		return this.problem.value?.addresses.some((a) => sameAddress(a, address)) ?? false;
	}

	private end(): void {
		this.state = step(this.state, { kind: 'ended' });
		clearInterval(this.ticking);
		this.uploads.stopAll();
		this.release();
		void dropCopy(this.key);
	}

	/** It was closed before the server had all of it. */
	isLeft = false;

	/** Close the window; what was written is kept. */
	async close(): Promise<void> {
		this.flush();
		if (isEmpty(this.draft.peek(), this.start) && this.uploads.items.peek().length === 0 && this.state.version > 0) {
			await this.destroy();
			return;
		}
		await this.save();
		if (isDirty(this.state) && this.state.version > 0) {
			/* The next visit offers the copy. */
			this.copy(Date.now());
			this.isLeft = true;
			clearInterval(this.ticking);
			this.state = step(this.state, { kind: 'ended' });
			this.release();
			return;
		}
		this.end();
	}

	/** Throw it away, here and on the server. */
	async destroy(): Promise<void> {
		while (this.saving) await this.saving;
		const own = this.state.unknown ? await this.find().catch(() => this.own) : this.own;
		this.end();
		if (own.length) await this.client.call('Email/set', { destroy: own });
	}

	/** The draft on the server, once it is there. */
	get savedAs(): Id | undefined {
		return this.own[0];
	}
}
