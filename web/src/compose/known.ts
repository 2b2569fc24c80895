/*
 * compose/known.ts - the people of compose/people.ts, filled and kept.
 *
 * The newest mail of Sent is read once, then what was sent since; the result
 * lies in this browser's database, for each user.
 */
import { client, user } from '../app/session';
import { store } from '../mail/state';
import type { Address } from '../jmap/types';
import { PEOPLE, get, put } from './crash';
import { People } from './people';

export const people = new People();

const FIRST = 1000;
const LATER_MS = 10 * 60_000;

interface Kept {
	user: string;
	/** The newest mail that was read. */
	until: string;
	list: [name: string, email: string, weight: number][];
}

let until = '';
let asked = 0;
let whose = '';
let keeping: ReturnType<typeof setTimeout> | undefined;

function keep(): void {
	clearTimeout(keeping);
	keeping = setTimeout(() => {
		const list = people.list().map((p) => [p.name, p.email, p.weight] as [string, string, number]);
		void put(PEOPLE, { user: whose, until, list } satisfies Kept).catch(() => undefined);
	}, 1000);
}

export function learn(list: readonly Address[], at = Date.now()): void {
	people.learn(list, at);
	keep();
}

async function readSent(): Promise<void> {
	const sent = store.byRole('sent');
	if (!sent) return;
	const filter = { inMailbox: sent.id, ...(until ? { after: until } : {}) };
	const q = client.call('Email/query', { filter, sort: [{ property: 'receivedAt', isAscending: false }], limit: FIRST });
	const { ids } = await q;
	const step = Math.min(500, client.limit('maxObjectsInGet'));
	for (let i = 0; i < ids.length; i += step) {
		const r = await client.call('Email/get', { ids: ids.slice(i, i + step), properties: ['receivedAt', 'to', 'cc', 'bcc'] });
		for (const e of r.list) {
			people.learn([...(e.to ?? []), ...(e.cc ?? []), ...(e.bcc ?? [])], Date.parse(e.receivedAt));
			/* "after" is inclusive (RFC 8621, 4.4.1): a second further. */
			const next = new Date(Date.parse(e.receivedAt) + 1000).toISOString().replace(/\.\d+Z$/, 'Z');
			if (next > until) until = next;
		}
	}
	if (ids.length) keep();
}

/** Called when somebody begins to write; cheap when it was lately. */
export async function loadPeople(now = Date.now()): Promise<void> {
	const name = user.peek() ?? '';
	if (!name || (whose === name && now - asked < LATER_MS)) return;
	asked = now;
	if (whose !== name) {
		whose = name;
		const kept = await get<Kept>(PEOPLE, name).catch(() => undefined);
		until = kept?.until ?? '';
		for (const [n, email, weight] of kept?.list ?? []) people.add(n, email, weight);
	}
	await readSent().catch(() => {
		asked = 0;
	});
}
