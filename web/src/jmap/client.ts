/*
 * jmap/client.ts - requests to the server.
 *
 *	const q = client.call('Email/query', { filter, limit: 50 });
 *	const e = client.call('Email/get', { '#ids': q.ref('/ids') });
 *	const { list } = await e;
 *
 * Calls made in the same turn of the event loop go out as one HTTP request, so
 * that parts of the program need not know of each other to be quick; a call may
 * refer to the answer of an earlier one (RFC 8620, 3.7).  `accountId` is put in.
 *
 * When nothing answers: reads, and changes that give the same result twice, are
 * sent again with growing pauses until they pass, and `link` says so; what
 * creates objects or sends mail is never sent twice, its caller gets an error.
 * When the login has ended, requests wait while `relogin` asks the user.
 */
import { signal } from '@preact/signals';
import { backoff } from './backoff';
import { JmapError } from './errors';
import {
	CONTACTS, CORE, type Id, MAIL, type Method, type Methods, OWN, QUOTA, type Reference, type Session, SIEVE, SUBMISSION, VACATION,
} from './types';

const USED = [CORE, MAIL, SUBMISSION, QUOTA, VACATION, SIEVE, CONTACTS, OWN];
const TIMEOUT_MS = 60_000;

type Args<M extends Method> = Methods[M]['args'];
type Result<M extends Method> = Methods[M]['result'];

/** A call under way; awaiting it gives the answer's arguments. */
export class Call<M extends Method> implements PromiseLike<Result<M>> {
	private settle!: { good: (r: Result<M>) => void; bad: (e: unknown) => void };
	private readonly promise: Promise<Result<M>>;
	/** The answers of the same call with other names, as by onSuccessUpdateEmail. */
	readonly implied: [string, Record<string, unknown>][] = [];

	constructor(readonly id: string, readonly name: M, readonly args: Args<M>) {
		this.promise = new Promise((good, bad) => {
			this.settle = { good, bad };
		});
		this.promise.catch(() => undefined);
	}

	ref(path: string): Reference {
		return { resultOf: this.id, name: this.name, path };
	}

	then<A = Result<M>, B = never>(good?: ((r: Result<M>) => A | PromiseLike<A>) | null, bad?: ((e: unknown) => B | PromiseLike<B>) | null): Promise<A | B> {
		return this.promise.then(good, bad);
	}

	answer(name: string, args: Record<string, unknown>): void {
		if (name === this.name)
			this.settle.good(args as unknown as Result<M>);
		else if (name === 'error')
			this.settle.bad(new JmapError('method', String(args.type), String(args.description ?? '')));
		else
			this.implied.push([name, args]);
	}

	fail(e: unknown): void {
		this.settle.bad(e);
	}
}

type AnyCall = Call<Method>;

/** True when doing it a second time changes nothing. */
function harmless(c: AnyCall): boolean {
	const [type, verb] = c.name.split('/');
	if (verb === 'import' || type === 'EmailSubmission')
		return verb === 'get';
	const set = c.args as { create?: object; ifInState?: unknown };
	return verb !== 'set' || (!set.create && !set.ifInState);
}

/** Our own server, whatever name it believes to have. */
function local(url: string): string {
	return url.replace(/^https?:\/\/[^/]*/, '');
}

export class Client {
	readonly session = signal<Session | null>(null);
	/** 'ok', or 'lost' while nothing answers. */
	readonly link = signal<'ok' | 'lost'>('ok');
	/** Changes that wait for the link. */
	readonly waiting = signal(0);
	/** Asks the user to log in again; resolves when done. */
	relogin: () => Promise<void> = () => Promise.reject(new JmapError('expired', 'expired'));

	private pending: AnyCall[] = [];
	private count = 0;
	private using: string[] = [CORE, MAIL];

	async load(): Promise<Session> {
		const r = await this.fetch('/jmap/session', {}, true);
		const s = (await r.json()) as Session;
		this.using = USED.filter((u) => u in s.capabilities);
		this.session.value = s;
		return s;
	}

	get accountId(): Id {
		return this.session.peek()?.primaryAccounts[MAIL] ?? '';
	}

	/** A limit of the core capability (RFC 8620, 2). */
	limit(name: 'maxSizeUpload' | 'maxObjectsInGet' | 'maxObjectsInSet' | 'maxCallsInRequest' | 'maxConcurrentUpload'): number {
		const n = this.session.peek()?.capabilities[CORE]?.[name];
		return typeof n === 'number' ? n : 16;
	}

	/** The account's view of a capability, undefined when the server has it not. */
	capability(urn: string): Record<string, unknown> | undefined {
		return this.session.value?.accounts[this.accountId]?.accountCapabilities[urn];
	}

	call<M extends Method>(name: M, args: Args<M>): Call<M> {
		const c = new Call(`c${++this.count}`, name, args);
		if (this.pending.length === 0)
			queueMicrotask(() => this.flush());
		this.pending.push(c as unknown as AnyCall);
		return c;
	}

	private flush(): void {
		const all = this.pending;
		this.pending = [];
		// A reference does not reach beyond its request: rows are cut between
		// turns only, which never make as many calls as a request may have.
		const max = Math.max(this.limit('maxCallsInRequest'), 1);
		for (let i = 0; i < all.length; i += max)
			void this.send(all.slice(i, i + max));
	}

	private async send(calls: AnyCall[]): Promise<void> {
		const body = JSON.stringify({
			using: this.using,
			methodCalls: calls.map((c) => [c.name, { accountId: this.accountId, ...c.args }, c.id]),
		});
		const changes = calls.some((c) => c.name.endsWith('/set'));
		try {
			if (changes)
				this.waiting.value++;
			const r = await this.fetch(local(this.session.peek()?.apiUrl ?? '/jmap/api'), {
				method: 'POST', body, headers: { 'Content-Type': 'application/json' },
			}, calls.every(harmless));
			const answer = (await r.json()) as { methodResponses: [string, Record<string, unknown>, string][] };
			const byId = new Map(calls.map((c) => [c.id, c]));
			const first = new Map<string, number>();
			answer.methodResponses.forEach(([, , id], i) => first.has(id) || first.set(id, i));
			// Implied answers first: they are there when the caller goes on.
			for (const [name, args, id] of answer.methodResponses)
				if (name !== byId.get(id)?.name && name !== 'error')
					byId.get(id)?.answer(name, args);
			answer.methodResponses.forEach(([name, args, id], i) => {
				const c = byId.get(id);
				if (c && (name === c.name || (name === 'error' && first.get(id) === i)))
					c.answer(name, args);
			});
			for (const c of calls)
				c.fail(new JmapError('request', 'serverFail', 'no answer to this call'));
		} catch (e) {
			// An answer that ends in the middle is none: nobody knows what was done.
			for (const c of calls)
				c.fail(e instanceof JmapError ? e : new JmapError('offline', 'offline', String(e)));
		} finally {
			if (changes)
				this.waiting.value--;
		}
	}

	/** A request to this server; `again` says that it may be sent twice. */
	async fetch(url: string, init: RequestInit = {}, again = false): Promise<Response> {
		for (let tries = 0; ; tries++) {
			let r: Response;
			try {
				const late = AbortSignal.timeout(TIMEOUT_MS);
				r = await fetch(url, { credentials: 'same-origin', signal: late, ...init });
			} catch (e) {
				if (init.signal?.aborted)
					throw new JmapError('aborted', 'aborted');
				this.link.value = 'lost';
				if (!again)
					throw new JmapError('offline', 'offline', String(e));
				await backoff(tries);
				continue;
			}
			if (r.status === 401) {
				await this.relogin();
				continue;
			}
			if ((r.status === 502 || r.status === 503 || r.status === 504) && again && tries < 20) {
				this.link.value = 'lost';
				await backoff(tries, Number(r.headers.get('Retry-After')) * 1000);
				continue;
			}
			this.link.value = 'ok';
			if (r.ok)
				return r;
			const problem = (await r.json().catch(() => ({}))) as { type?: string; detail?: string };
			const type = (problem.type ?? `http${r.status}`).replace('urn:ietf:params:jmap:error:', '');
			throw new JmapError(r.status === 429 || r.status === 503 ? 'busy' : 'request', type,
				problem.detail ?? '', Number(r.headers.get('Retry-After')) || 0);
		}
	}

	/** A URL of ours by its template; `accountId` is put in. */
	url(template: unknown, values: Record<string, string>): string {
		return local(String(template ?? '')).replace(/\{(\w+)\}/g, (_, k: string) => encodeURIComponent(k === 'accountId' ? this.accountId : values[k] ?? ''));
	}

	/** Where a blob can be had. */
	downloadUrl(blobId: Id, name: string, type = 'application/octet-stream'): string {
		return this.url(this.session.peek()?.downloadUrl, { blobId, name: name || 'file', type });
	}

	/** Upload; `progress` gets the bytes sent.  XMLHttpRequest: fetch tells no progress. */
	upload(data: Blob, options: { progress?: (sent: number) => void; signal?: AbortSignal } = {}): Promise<{ blobId: Id; type: string; size: number }> {
		const url = this.url(this.session.peek()?.uploadUrl, {});
		return new Promise((good, bad) => {
			const x = new XMLHttpRequest();
			x.open('POST', url);
			x.setRequestHeader('Content-Type', data.type || 'application/octet-stream');
			x.upload.onprogress = (e) => options.progress?.(e.loaded);
			x.onerror = () => bad(new JmapError('offline', 'offline'));
			x.onabort = () => bad(new JmapError('aborted', 'aborted'));
			x.onload = () => {
				if (x.status === 401)
					return void this.relogin().then(() => this.upload(data, options)).then(good, bad);
				try {
					const answer = JSON.parse(x.responseText) as { blobId: Id; type: string; size: number; detail?: string };
					if (x.status >= 200 && x.status < 300)
						return good(answer);
					bad(new JmapError(x.status === 429 ? 'busy' : 'request', answer.type, answer.detail ?? ''));
				} catch {
					bad(new JmapError('request', `http${x.status}`));
				}
			};
			options.signal?.addEventListener('abort', () => x.abort());
			x.send(data);
		});
	}
}
