/*
 * compose/people.ts - whom the user writes to, for the suggestions.
 *
 * Learnt from the mail that was sent, and kept in this browser.  A use counts
 * half after 60 days; what begins with the typed words comes before what only
 * has them within.
 */
import type { Address } from '../jmap/types';

export interface Person {
	name: string;
	email: string;
	/** Sum of the uses, each worth 2^(t / HALF); see `worth`. */
	weight: number;
	/** Lower case, to look in; made when it is learnt. */
	words: string;
}

export const HALF_MS = 60 * 86_400_000;
export const PEOPLE_MAX = 30_000;

/* Relative to a fixed day, so that weights stay comparable without being
 * recounted each day. */
const DAY_0 = Date.UTC(2020, 0, 1);

export function worth(at: number): number {
	return 2 ** ((at - DAY_0) / HALF_MS);
}

export class People {
	private readonly all = new Map<string, Person>();
	private ranked: Person[] | null = null;

	learn(list: readonly Address[], at: number): void {
		for (const a of list) this.add(a.name ?? '', a.email, worth(at));
	}

	add(name: string, email: string, weight: number): void {
		const key = email.toLowerCase();
		if (!key.includes('@') || key.length > 254) return;
		const p = this.all.get(key);
		const called = name.slice(0, 200) || p?.name || '';
		this.all.set(key, { name: called, email: p?.email ?? email, weight: (p?.weight ?? 0) + weight, words: `${called} ${email}`.toLowerCase() });
		this.ranked = null;
	}

	forget(email: string): void {
		this.all.delete(email.toLowerCase());
		this.ranked = null;
	}

	get size(): number {
		return this.all.size;
	}

	/** Best first; beyond PEOPLE_MAX they are forgotten. */
	list(): Person[] {
		if (this.ranked) return this.ranked;
		const list = [...this.all.values()].sort((a, b) => b.weight - a.weight);
		for (const p of list.splice(PEOPLE_MAX)) this.all.delete(p.email.toLowerCase());
		this.ranked = list;
		return list;
	}

	find(typed: string, max = 8, without: ReadonlySet<string> = new Set()): Person[] {
		const words = typed.toLowerCase().split(/[\s,]+/).filter(Boolean);
		const first: Person[] = [];
		const within: Person[] = [];
		if (words.length === 0) return [];
		for (const p of this.list()) {
			if (without.has(p.email.toLowerCase())) continue;
			let begins = true;
			let has = true;
			for (const w of words) {
				const at = p.words.indexOf(w);
				if (at < 0) {
					has = false;
					break;
				}
				begins &&= at === 0 || starts(p.words, w);
			}
			if (!has) continue;
			(begins ? first : within).push(p);
			if (first.length >= max) break;
		}
		return [...first, ...within].slice(0, max);
	}
}

/* At the beginning of a word of it. */
function starts(text: string, word: string): boolean {
	for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1))
		if (at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1]!)) return true;
	return false;
}
