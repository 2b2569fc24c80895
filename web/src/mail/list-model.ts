/*
 * mail/list-model.ts - the rows of one list, as far as they were looked at.
 *
 * A list is a query and the ids of its results by position, with holes where
 * nobody looked yet.  `show(first, last)` says which rows are on the screen; what
 * is missing there is fetched in pages: the query, its threads and the emails of
 * those in one request.  When mail changes the rows on the screen are asked for
 * again, and what else was known is forgotten; `moved` tells by how many rows
 * what was on top has moved, so that the eye can stay on it.
 */
import { signal } from '@preact/signals';
import type { Call } from '../jmap/client';
import { LIST_PROPERTIES, type Store } from '../jmap/store';
import type { Filter, Id, Method, Methods, Snippet, Sort } from '../jmap/types';

const PAGE = 50;

export interface ListQuery {
	filter: Filter | null;
	collapse: boolean;
	/** Words were searched for: fetch what is around them. */
	snippets: boolean;
}

const SORT: Sort[] = [{ property: 'receivedAt', isAscending: false }];

export class List {
	/** Counts up when rows change. */
	readonly version = signal(0);
	readonly total = signal<number | null>(null);
	readonly error = signal<unknown>(null);
	/** Rows that what is on top has moved down since the last look. */
	moved = 0;
	scrollTop = 0;
	readonly snippets = new Map<Id, Snippet>();
	private rows: (Id | undefined)[] = [];
	private loading = new Set<number>();
	private first = 0;
	private last = PAGE - 1;
	private turn = 0;
	private refreshing: Promise<void> | null = null;
	private stale = false;

	constructor(private readonly store: Store, readonly query: ListQuery) {}

	at(i: number): Id | undefined {
		return this.rows[i];
	}

	indexOf(id: Id): number {
		return this.rows.indexOf(id);
	}

	/** Ids known, in order, without the holes. */
	known(): Id[] {
		return this.rows.filter((id): id is Id => id !== undefined);
	}

	/** These rows are on the screen. */
	show(first: number, last: number): void {
		const total = this.total.peek();
		this.first = first;
		this.last = total === null ? last : Math.min(last, total - 1);
		for (let p = Math.floor(first / PAGE); p <= Math.floor(Math.max(this.last, first) / PAGE); p++)
			if (!this.loading.has(p) && !this.complete(p))
				void this.load(p);
	}

	private complete(page: number): boolean {
		const total = this.total.peek();
		if (total === null)
			return false;
		for (let i = page * PAGE; i < Math.min((page + 1) * PAGE, total); i++)
			if (this.rows[i] === undefined)
				return false;
		return true;
	}

	private async load(page: number): Promise<void> {
		const turn = this.turn;
		this.loading.add(page);
		try {
			const r = await this.fetch(page * PAGE, PAGE);
			if (turn === this.turn)
				this.take(r.position, r.ids, r.total);
			this.error.value = null;
		} catch (e) {
			this.error.value = e;
		} finally {
			if (turn === this.turn)
				this.loading.delete(page);
		}
	}

	private async fetch(position: number, limit: number): Promise<{ position: number; ids: Id[]; total: number }> {
		const { client } = this.store;
		const { filter, collapse, snippets } = this.query;
		const q = client.call('Email/query', { filter, sort: SORT, collapseThreads: collapse, position, limit, calculateTotal: true });
		let e: Call<'Email/get'>;
		let t: Call<'Thread/get'> | undefined;
		if (collapse) {
			const ids = client.call('Email/get', { '#ids': q.ref('/ids'), properties: ['threadId'] });
			t = client.call('Thread/get', { '#ids': ids.ref('/list/*/threadId') });
			e = client.call('Email/get', { '#ids': t.ref('/list/*/emailIds'), properties: LIST_PROPERTIES });
		} else {
			e = client.call('Email/get', { '#ids': q.ref('/ids'), properties: LIST_PROPERTIES });
		}
		const s = snippets ? client.call('SearchSnippet/get', { filter, '#emailIds': q.ref('/ids') }) : undefined;
		const [query, emails, threads] = await Promise.all<unknown>([q, e, t]) as [Awaited<typeof q>, Awaited<typeof e>, Awaited<NonNullable<typeof t>> | undefined];
		if (threads)
			this.store.takeThreads(threads.list, threads.state);
		this.store.takeEmails(emails.list, emails.state);
		for (const x of (await quiet(s))?.list ?? [])
			this.snippets.set(x.emailId, x);
		return { position: query.position, ids: query.ids, total: query.total ?? query.position + query.ids.length };
	}

	private take(position: number, ids: readonly Id[], total: number): void {
		ids.forEach((id, i) => {
			this.rows[position + i] = id;
		});
		this.rows.length = Math.min(this.rows.length, total);
		this.total.value = total;
		if (total === 0)
			this.scrollTop = 0;
		this.version.value++;
	}

	/** Ask again for what is on the screen; calls while one runs make one more. */
	refresh(): Promise<void> {
		if (this.refreshing) {
			this.stale = true;
			return this.refreshing;
		}
		this.refreshing = (async () => {
			do {
				this.stale = false;
				await this.again();
			} while (this.stale);
		})().finally(() => {
			this.refreshing = null;
		});
		return this.refreshing;
	}

	private async again(): Promise<void> {
		const turn = ++this.turn;
		this.loading.clear();
		const from = Math.max(0, this.first - PAGE);
		const limit = Math.max(this.last + PAGE, from + PAGE) - from + 1;
		try {
			const r = await this.fetch(from, limit);
			if (turn !== this.turn)
				return;
			const top = this.rows[this.first];
			const now = top === undefined ? -1 : r.ids.indexOf(top);
			this.moved = now < 0 ? 0 : r.position + now - this.first;
			this.rows = [];
			this.take(r.position, r.ids, r.total);
			this.error.value = null;
		} catch (e) {
			this.error.value = e;
		}
	}

	/** Take rows away at once; the next refresh tells whether they are gone. */
	remove(ids: readonly Id[]): void {
		const gone = new Set(ids);
		const before = this.rows.length;
		const kept: (Id | undefined)[] = [];
		for (let i = 0; i < before; i++) {
			const id = this.rows[i];
			if (id === undefined || !gone.has(id))
				kept.push(id);
		}
		if (kept.length === before)
			return;
		// Answers under way are of before.
		this.turn++;
		this.loading.clear();
		this.rows = kept;
		this.total.value = Math.max(0, (this.total.peek() ?? before) - (before - kept.length));
		this.version.value++;
	}
}

/** What is nice to have: its failure leaves it out. */
async function quiet<M extends Method>(c: Call<M> | undefined): Promise<Methods[M]['result'] | undefined> {
	try {
		return c ? await c.then((r) => r) : undefined;
	} catch {
		return undefined;
	}
}
