/*
 * compose/known.ts - the people of compose/people.ts, filled and kept.
 *
 * The newest mail of Sent is read once, then what was sent since; that
 * lies in this browser's database, for each user.  Contacts come from the server
 * each time.
 */
import { user } from '../app/session';
import type { Address } from '../jmap/types';
import { PEOPLE, get, put } from './crash';
import { People } from './people';

export const people = new People();

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
		const list = people.list().filter((p) => p.weight).map((p) => [p.name, p.email, p.weight] as [string, string, number]);
		void put(PEOPLE, { user: whose, until, list } satisfies Kept).catch(() => undefined);
	}, 1000);
}

export function learn(list: readonly Address[], at = Date.now()): void {
	people.learn(list, at);
	keep();
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
	try {
		const m = await import('../settings/people');
		const next = await m.addSent(people, until);
		if (next !== until) {
			until = next;
			keep();
		}
		await m.addContacts(people);
	} catch {
		asked = 0;
	}
}
