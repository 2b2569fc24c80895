/*
 * jmap/store.ts - what this page knows of the mailbox, and how it stays true.
 *
 * Mailboxes are all here; threads and emails as far as they were looked at.  An
 * email is first known by LIST_PROPERTIES, and whole (BODY_PROPERTIES) once it
 * was opened: `open()` fetches, `whole()` tells.  `sync()` asks the server what
 * changed since the states we have, and takes it; `changed` counts up then, so
 * that lists ask again for what they show.
 */
import { computed, signal } from '@preact/signals';
import type { Client } from './client';
import { JmapError } from './errors';
import { Table } from './table';
import { type Email, type Id, type Mailbox, QUOTA, type Quota, type Thread } from './types';

export const LIST_PROPERTIES = [
	'id', 'blobId', 'threadId', 'mailboxIds', 'keywords', 'size', 'receivedAt', 'sentAt', 'from', 'to', 'cc', 'subject', 'preview', 'hasAttachment',
];
export const BODY_PROPERTIES = [
	...LIST_PROPERTIES, 'bcc', 'replyTo', 'sender', 'messageId', 'inReplyTo', 'references', 'headers',
	'bodyStructure', 'bodyValues', 'textBody', 'htmlBody', 'attachments',
];
export const PART_PROPERTIES = ['partId', 'blobId', 'size', 'name', 'type', 'charset', 'disposition', 'cid', 'location', 'header:Content-Type'];
/** A longer body is shown in part; the whole is a download. */
const BODY_MAX = 2 * 1024 * 1024;
const EMAILS_MAX = 20_000;

/** The folders as they stand in the list: special ones first, then by name. */
const ROLES = ['inbox', 'drafts', 'sent', 'scheduled', 'snoozed', 'archive', 'junk', 'trash'];

export interface Folder {
	box: Mailbox;
	depth: number;
	children: Folder[];
	path: string;
}

export class Store {
	readonly mailboxes = new Table<Mailbox>();
	readonly threads = new Table<Thread>(EMAILS_MAX);
	readonly emails = new Table<Email>(EMAILS_MAX);
	readonly quota = signal<Quota | null>(null);
	/** The ids of all mailboxes; null until they are here. */
	readonly boxIds = signal<Id[] | null>(null);
	/** Counts up when mail changed by itself. */
	readonly changed = signal(0);
	private syncing: Promise<void> | null = null;
	private again = false;
	private readonly opening = new Map<Id, Promise<Email>>();

	constructor(readonly client: Client) {}

	readonly tree = computed<Folder[]>(() => {
		const all = (this.boxIds.value ?? []).map((id) => this.mailboxes.get(id)).filter((b): b is Mailbox => b !== undefined);
		const rank = (b: Mailbox) => (b.role && ROLES.includes(b.role) ? ROLES.indexOf(b.role) : ROLES.length);
		const order = (a: Mailbox, b: Mailbox) => rank(a) - rank(b) || a.sortOrder - b.sortOrder || a.name.localeCompare(b.name);
		const below = (parent: Id | null, depth: number, path: string): Folder[] => all
			.filter((b) => b.parentId === parent && depth < 30)
			.sort(order)
			.map((box) => ({ box, depth, path: path + box.name, children: below(box.id, depth + 1, `${path}${box.name}/`) }));
		return below(null, 0, '');
	});

	/** The tree as rows. */
	readonly folders = computed<Folder[]>(() => {
		const flat = (list: Folder[]): Folder[] => list.flatMap((f) => [f, ...flat(f.children)]);
		return flat(this.tree.value);
	});

	byRole(role: string): Mailbox | undefined {
		return this.folders.value.find((f) => f.box.role === role)?.box;
	}

	/** The mailbox with this role; made when there is none (never guessed by name). */
	async needRole(role: string, name: string): Promise<Mailbox> {
		const there = this.byRole(role);
		if (there)
			return there;
		const taken = new Set(this.tree.peek().map((f) => f.box.name));
		let free = name;
		for (let n = 2; taken.has(free); n++)
			free = `${name} ${n}`;
		let r = await this.client.call('Mailbox/set', { create: { n: { name: free, role, isSubscribed: true } } });
		if (!r.created?.n)
			r = await this.client.call('Mailbox/set', { create: { n: { name: free, isSubscribed: true } } });
		const id = r.created?.n?.id;
		if (!id)
			throw new JmapError('method', r.notCreated?.n?.type ?? 'serverFail', r.notCreated?.n?.description);
		await this.loadMailboxes();
		return { ...this.mailboxes.peek(id)! };
	}

	/** Folders as they were at the last visit: a list can be asked for at once. */
	begin(boxes: readonly Mailbox[]): void {
		if (this.boxIds.peek() !== null || boxes.length === 0)
			return;
		this.mailboxes.replace(boxes);
		this.boxIds.value = boxes.map((b) => b.id);
	}

	/** Fetch all mailboxes; call it once at the beginning. */
	async loadMailboxes(): Promise<void> {
		const boxes = this.client.call('Mailbox/get', { ids: null });
		const quotas = this.client.capability(QUOTA) ? this.client.call('Quota/get', { ids: null }) : null;
		const r = await boxes;
		this.mailboxes.replace(r.list);
		this.mailboxes.state = r.state;
		this.boxIds.value = r.list.map((b) => b.id);
		const q = await quotas?.then((a) => a, () => null);
		this.quota.value = q?.list.find((x) => x.resourceType === 'octets') ?? null;
	}

	/** Objects that came with a list. */
	takeEmails(list: Email[], state: string): void {
		this.emails.put(list);
		this.emails.state ??= state;
	}

	takeThreads(list: Thread[], state: string): void {
		this.threads.put(list);
		this.threads.state ??= state;
	}

	whole(id: Id): boolean {
		return this.emails.peek(id)?.bodyStructure !== undefined;
	}

	/** The emails with their bodies, fetched in one request if they are not here. */
	async open(ids: readonly Id[]): Promise<void> {
		const missing = ids.filter((id) => !this.whole(id) && !this.opening.has(id));
		if (missing.length > 0) {
			const call = this.client.call('Email/get', {
				ids: missing, properties: BODY_PROPERTIES, bodyProperties: PART_PROPERTIES,
				fetchTextBodyValues: true, fetchHTMLBodyValues: true, maxBodyValueBytes: BODY_MAX,
			}).then((r) => {
				this.takeEmails(r.list, r.state);
				this.emails.drop(r.notFound);
				return r;
			});
			for (const id of missing)
				this.opening.set(id, call.then(() => this.emails.peek(id)!).finally(() => this.opening.delete(id)));
		}
		await Promise.all(ids.map((id) => this.opening.get(id)));
	}

	/** One email, whole. */
	async email(id: Id): Promise<Email | undefined> {
		await this.open([id]);
		return this.emails.peek(id);
	}

	/** A thread and what the list shows of its emails. */
	async thread(id: Id): Promise<Thread | undefined> {
		const known = this.threads.peek(id);
		if (known && known.emailIds.every((e) => this.emails.has(e)))
			return known;
		const t = this.client.call('Thread/get', { ids: [id] });
		const e = this.client.call('Email/get', { '#ids': t.ref('/list/*/emailIds'), properties: LIST_PROPERTIES });
		const r = await t;
		const emails = await e;
		this.takeThreads(r.list, r.state);
		this.takeEmails(emails.list, emails.state);
		return this.threads.peek(id);
	}

	/** Take what changed on the server; calls while one runs make one more. */
	sync(): Promise<void> {
		if (this.syncing) {
			this.again = true;
			return this.syncing;
		}
		this.syncing = (async () => {
			do {
				this.again = false;
				await this.syncOnce();
			} while (this.again);
		})().finally(() => {
			this.syncing = null;
		});
		return this.syncing;
	}

	private async syncOnce(): Promise<void> {
		const mail = await Promise.all([this.syncMailboxes(), this.syncThreads(), this.syncEmails()]);
		if (mail[1] || mail[2])
			this.changed.value++;
	}

	private async syncMailboxes(): Promise<boolean> {
		if (this.mailboxes.state === null)
			return false;
		const quota = this.quota.peek() ? this.client.call('Quota/get', { ids: null }) : null;
		try {
			const c = this.client.call('Mailbox/changes', { sinceState: this.mailboxes.state });
			const made = this.client.call('Mailbox/get', { '#ids': c.ref('/created') });
			const other = this.client.call('Mailbox/get', { '#ids': c.ref('/updated') });
			const r = await c;
			this.mailboxes.put((await made).list);
			this.mailboxes.put((await other).list);
			this.mailboxes.drop(r.destroyed);
			this.mailboxes.state = r.newState;
			if (r.created.length || r.destroyed.length)
				this.boxIds.value = this.mailboxes.ids();
			if (r.hasMoreChanges)
				this.again = true;
		} catch (e) {
			if (!(e instanceof JmapError && e.type === 'cannotCalculateChanges'))
				throw e;
			await this.loadMailboxes();
		}
		const q = await quota?.then((a) => a, () => null);
		if (q)
			this.quota.value = q.list.find((x) => x.resourceType === 'octets') ?? null;
		return true;
	}

	private async syncThreads(): Promise<boolean> {
		if (this.threads.state === null)
			return false;
		try {
			const r = await this.client.call('Thread/changes', { sinceState: this.threads.state, maxChanges: 500 });
			const known = r.updated.filter((id) => this.threads.has(id));
			this.threads.drop(r.destroyed);
			if (known.length > 0) {
				const t = this.client.call('Thread/get', { ids: known });
				const e = this.client.call('Email/get', { '#ids': t.ref('/list/*/emailIds'), properties: LIST_PROPERTIES });
				const emails = await e;
				this.takeEmails(emails.list, emails.state);
				this.threads.put((await t).list);
			}
			this.threads.state = r.newState;
			this.again ||= r.hasMoreChanges;
			return r.updated.length + r.created.length + r.destroyed.length > 0;
		} catch (e) {
			return this.forget(this.threads, e);
		}
	}

	private async syncEmails(): Promise<boolean> {
		if (this.emails.state === null)
			return false;
		try {
			const r = await this.client.call('Email/changes', { sinceState: this.emails.state, maxChanges: 500 });
			const known = r.updated.filter((id) => this.emails.has(id));
			this.emails.drop(r.destroyed);
			if (known.length > 0) {
				// Only these can change (RFC 8621, 4.1.1).
				const e = await this.client.call('Email/get', { ids: known, properties: ['id', 'threadId', 'mailboxIds', 'keywords'] });
				this.emails.put(e.list);
			}
			this.emails.state = r.newState;
			this.again ||= r.hasMoreChanges;
			return r.updated.length + r.created.length + r.destroyed.length > 0;
		} catch (e) {
			return this.forget(this.emails, e);
		}
	}

	/** The server cannot tell what changed: what we have may be old. */
	private forget(table: Table<Thread> | Table<Email>, e: unknown): boolean {
		if (!(e instanceof JmapError && e.type === 'cannotCalculateChanges'))
			throw e;
		table.drop(table.ids());
		table.state = null;
		return true;
	}
}
