/*
 * compose/crash.ts - a copy of what is written in this browser, for the day
 * when it dies before the server has it.
 *
 * One record for each window.  A window holds a lock of its name as long as it
 * lives (Web Locks), so a record without one is of a window that died.
 */
import type { Draft } from './draft';

export interface Copy {
	key: string;
	user: string;
	at: number;
	draft: Draft;
	/** The drafts of the server that it is the newer self of. */
	own: string[];
	/** The server has all of it. */
	saved: boolean;
}

const NAME = 'posthus';
const DRAFTS = 'drafts';
export const PEOPLE = 'people';
const LOCK = 'posthus-draft-';

function asked<T>(r: IDBRequest<T>): Promise<T> {
	return new Promise((good, bad) => {
		r.onsuccess = () => good(r.result);
		r.onerror = () => bad(r.error ?? new Error('no database'));
	});
}

let database: Promise<IDBDatabase> | undefined;

function open(): Promise<IDBDatabase> {
	database ??= new Promise<IDBDatabase>((good, bad) => {
		const r = indexedDB.open(NAME, 1);
		r.onupgradeneeded = () => {
			r.result.createObjectStore(DRAFTS, { keyPath: 'key' });
			r.result.createObjectStore(PEOPLE, { keyPath: 'user' });
		};
		r.onsuccess = () => good(r.result);
		r.onerror = () => bad(r.error ?? new Error('no database'));
		r.onblocked = () => bad(new Error('blocked'));
	});
	database.catch(() => {
		database = undefined;
	});
	return database;
}

export async function put(store: string, value: unknown): Promise<void> {
	const db = await open();
	await asked(db.transaction(store, 'readwrite').objectStore(store).put(value));
}

export async function get<T>(store: string, key: string): Promise<T | undefined> {
	const db = await open();
	return asked(db.transaction(store).objectStore(store).get(key) as IDBRequest<T | undefined>);
}

/** Nothing of this may stop the writing: a browser without storage goes on. */
export async function keepCopy(copy: Copy): Promise<void> {
	await put(DRAFTS, copy).catch(() => undefined);
}

export async function dropCopy(key: string): Promise<void> {
	try {
		const db = await open();
		await asked(db.transaction(DRAFTS, 'readwrite').objectStore(DRAFTS).delete(key));
	} catch {
		/* It was never there. */
	}
}

/** Hold the name until the function that is returned is called. */
export function holdName(key: string): () => void {
	let release = (): void => undefined;
	const until = new Promise<void>((done) => {
		release = done;
	});
	void navigator.locks?.request(LOCK + key, () => until).catch(() => undefined);
	return release;
}

const OLD_MS = 30 * 86_400_000;
/* Without locks: a living window writes more often than this. */
const SILENT_MS = 60_000;

/** Copies whose windows died, newest first. */
export async function orphans(user: string, now: number): Promise<Copy[]> {
	try {
		const db = await open();
		const all = (await asked(db.transaction(DRAFTS).objectStore(DRAFTS).getAll())) as Copy[];
		const held = new Set((await navigator.locks?.query())?.held?.map((l) => l.name) ?? []);
		for (const c of all) if (now - c.at > OLD_MS) void dropCopy(c.key);
		return all
			.filter((c) => c.user === user && now - c.at <= OLD_MS && !held.has(LOCK + c.key))
			.filter((c) => navigator.locks || now - c.at > SILENT_MS)
			.sort((a, b) => b.at - a.at);
	} catch {
		return [];
	}
}
