/*
 * app/session.ts - who is logged in; logging in and out.
 *
 * The server keeps the login in a cookie that no script can read; the JMAP session
 * tells whose it is.  When it ends while somebody works, `ask` becomes true, a
 * dialog over the page asks for the password again, and what was waiting goes on.
 */
import { signal } from '@preact/signals';
import { Client } from '../jmap/client';

export const client = new Client();

/** undefined: not known yet; null: nobody. */
export const user = signal<string | null | undefined>(undefined);
/** The login has ended, and the page still has something to lose. */
export const ask = signal(false);

export type LoginAnswer =
	| { ok: true }
	| { ok: false; type: 'wrong' | 'totp' | 'throttled' | 'suspended' | 'offline' | (string & {}); detail: string; reference: string; retryAfter: number };

let waiting: (() => void)[] = [];

/* ---- what is kept of a mailbox between visits ---- */

const KEPT = 'posthus-kept';
const WAS_IN = 'posthus-in';

/** Has somebody logged in here and not out?  Else there is nothing to ask for. */
function wasIn(): boolean {
	try {
		return localStorage.getItem(WAS_IN) !== null;
	} catch {
		return true;
	}
}

function isIn(): void {
	try {
		localStorage.setItem(WAS_IN, '1');
	} catch {
		/* Then it is asked each time. */
	}
}

/** The value that was kept for this user. */
export function kept<T>(): T | undefined {
	try {
		const k = JSON.parse(localStorage.getItem(KEPT) ?? 'null') as { user: string; value: T } | null;
		return k && k.user === client.session.peek()?.username ? k.value : undefined;
	} catch {
		return undefined;
	}
}

/** Keep one value for this user, until logout. */
export function keep(value: unknown): void {
	try {
		localStorage.setItem(KEPT, JSON.stringify({ user: client.session.peek()?.username, value }));
	} catch {
		/* The next visit asks first. */
	}
}

function forget(): void {
	try {
		localStorage.removeItem(KEPT);
		localStorage.removeItem(WAS_IN);
	} catch {
		/* Nothing was kept. */
	}
}


client.relogin = () => {
	if (!user.peek())
		return Promise.reject(new Error('nobody is logged in'));
	ask.value = true;
	return new Promise((done) => waiting.push(done));
};

/** Is somebody logged in?  The session tells, which is needed anyway.  A page of
 * the server that logged somebody in leads to #in. */
export async function restore(): Promise<void> {
	if (!wasIn() && location.hash !== '#in') {
		user.value = null;
		return;
	}
	try {
		user.value = (await client.load()).username;
		isIn();
	} catch {
		forget();
		user.value = null;
	}
}

export async function login(username: string, password: string, totp: string, remember: boolean): Promise<LoginAnswer> {
	let r: Response;
	try {
		r = await fetch('/login', {
			method: 'POST',
			credentials: 'same-origin',
			headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
			body: JSON.stringify({ username, password, ...(totp ? { totp } : {}), remember }),
		});
	} catch {
		return { ok: false, type: 'offline', detail: '', reference: '', retryAfter: 0 };
	}
	if (!r.ok) {
		const b = (await r.json().catch(() => ({}))) as { type?: string; detail?: string; reference?: string };
		return {
			ok: false, type: b.type ?? `http${r.status}`, detail: b.detail ?? '', reference: b.reference ?? '',
			retryAfter: Number(r.headers.get('Retry-After')) || 0,
		};
	}
	const name = ((await r.json()) as { username: string }).username;
	if (ask.peek() && user.peek() !== name) {
		// Somebody else: nothing of the first one may stay.
		location.assign('/mail/');
		return { ok: true };
	}
	await client.load();
	isIn();
	user.value = name;
	ask.value = false;
	const go = waiting;
	waiting = [];
	for (const done of go)
		done();
	return { ok: true };
}

export async function logout(): Promise<void> {
	forget();
	await fetch('/logout', { method: 'POST', credentials: 'same-origin' }).catch(() => undefined);
	// A fresh page: nothing of the mailbox stays in memory.
	location.assign('/mail/');
}
