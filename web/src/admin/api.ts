/*
 * admin/api.ts - the HTTP API of the server (/api/v1), as the panel uses it.
 *
 *	const page = await get<Page<Address>>('/addresses', { domain });
 *	await send('PUT', `/aliases/${address}`, { targets });
 *
 * What fails is a Problem: words for people, the field that is meant, and the
 * reference under which the help explains it (RFC 9457).
 */
import { client } from '../app/session';

export interface Page<T> {
	items: T[];
	next: string | null;
}

export class Problem extends Error {
	constructor(
		readonly status: number,
		readonly title: string,
		readonly detail: string,
		readonly field?: string,
		readonly reference?: string,
	) {
		super(detail || title);
	}
}

type Query = Record<string, string | number | undefined>;

/** "/accounts/{}/forward" with each {} taken from `parts`, encoded. */
export function path(template: string, ...parts: (string | number)[]): string {
	let i = 0;
	return template.replace(/\{\}/g, () => encodeURIComponent(String(parts[i++])));
}

async function problem(r: Response): Promise<Problem> {
	const p = (await r.json().catch(() => ({}))) as Record<string, string | undefined>;
	return new Problem(r.status, p.title ?? r.statusText, p.detail ?? '', p.field, p.reference);
}

async function call(method: string, to: string, query?: Query, body?: unknown): Promise<Response> {
	const q = new URLSearchParams();
	for (const [k, v] of Object.entries(query ?? {}))
		if (v !== undefined && v !== '')
			q.set(k, String(v));
	const url = `/api/v1${to}${q.size ? `?${q}` : ''}`;
	for (let again = false; ; again = true) {
		const r = await fetch(url, {
			method,
			credentials: 'same-origin',
			headers: { Accept: 'application/json', ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) },
			body: body === undefined ? undefined : JSON.stringify(body),
		}).catch(() => {
			throw new Problem(0, '', '');
		});
		if (r.ok)
			return r;
		// The login has ended: ask again over the page, once.
		if (r.status !== 401 || again)
			throw await problem(r);
		await client.relogin?.();
	}
}

export async function get<T>(to: string, query?: Query): Promise<T> {
	return (await call('GET', to, query)).json() as Promise<T>;
}

export async function send<T = void>(method: 'POST' | 'PUT' | 'PATCH' | 'DELETE', to: string, body?: unknown, query?: Query): Promise<T> {
	const r = await call(method, to, query, body);
	return (r.status === 204 ? undefined : await r.json()) as T;
}

/* ---- what the server tells ---- */

export interface Self { address: string; role: 'operator' | 'domain' | 'user'; domains: string[] }
export interface Domain {
	domain: string; ascii: string; alias_of: string | null; accounts: number; aliases: number; catchall: string | null; postmaster: string | null;
	suspended: string[]; created: string; check?: { state: string; time: string } | null;
}
export interface Address {
	address: string; canonical: string; type: 'mailbox' | 'alias' | 'catchall'; name: string | null; targets: string[]; keep: boolean | null;
	quota_bytes: number | null; used_bytes: number | null; messages: number | null; last_login: { time: string; protocol: string; ip: string } | null;
	suspended: string[]; held: boolean; created: string;
}
export interface Forward { targets: { address: string; confirmed: boolean }[]; keep: boolean; characters: number; characters_max: number; health?: string[] }
export interface Vacation { on: boolean; from: string | null; until: string | null; days: number; subject: string; text: string }
export interface DnsRecord { name: string; type: string; value: string; data: string; for: string; needed: boolean; selector: string | null; state: string | null }
export interface CheckRow { id: string; grade: string; state: string; name: string; type: string; found: string; wanted: string; why: string }
export interface Checks { domain: string; time: string; state: string; rows: CheckRow[] }
export interface Limit { limit: string; used: number; most: number | null; window_s: number | null; frees: string | null; own: boolean; users: { address: string; used: number }[] }
export interface Waiting {
	id: number; state: string; sender: string; recipient: string; bytes: number; received: string; release: string | null; next: string | null; last: string | null;
	attempts: number; expires: string | null; why: string; status: string; trace: string;
}
export interface Story { id: string; time: string; sender: string; message_id: string; bytes: number; state: string; events: { time: string; event: string; words: string }[] }
export interface Stranger { sender: string; recipient: string; vouched: string; first: string; last: string; tries: number; passes: string }
export interface Login { protocol: string; ip: string; result: string; why: string; first: string; last: string; times: number }
export interface Change { id: number; time: string; who: string; role: string; from: string | null; operation: string; subject: string; before: unknown; after: unknown; result: string }
