/*
 * jmap/table.ts - objects of one type by id, each a signal.
 *
 * Reading an object in a component makes it follow that object alone, so that a
 * change of one row draws one row.  The table keeps at most `max` objects, far
 * more than are ever on the screen: the longest unused go first.
 */
import { type Signal, signal } from '@preact/signals';
import type { Id } from './types';

export class Table<T extends { id: Id }> {
	private readonly objects = new Map<Id, Signal<T | undefined>>();
	/** The server's state that the objects are of. */
	state: string | null = null;

	constructor(private readonly max = Number.POSITIVE_INFINITY) {}

	private slot(id: Id): Signal<T | undefined> {
		let s = this.objects.get(id);
		if (s) {
			if (this.max !== Number.POSITIVE_INFINITY) {
				this.objects.delete(id);
				this.objects.set(id, s);
			}
			return s;
		}
		s = signal<T | undefined>(undefined);
		this.objects.set(id, s);
		return s;
	}

	/** The object; whoever draws follows it. */
	get(id: Id): T | undefined {
		return this.slot(id).value;
	}

	/** The object, without following. */
	peek(id: Id): T | undefined {
		return this.objects.get(id)?.peek();
	}

	has(id: Id): boolean {
		return this.peek(id) !== undefined;
	}

	/** Take objects or parts of them: what is not in them stays. */
	put(list: readonly (Partial<T> & { id: Id })[]): void {
		for (const o of list) {
			const s = this.slot(o.id);
			s.value = { ...s.peek(), ...o } as T;
		}
		this.trim();
	}

	/** Take these and no others. */
	replace(list: readonly T[]): void {
		const ids = new Set(list.map((o) => o.id));
		this.drop([...this.objects.keys()].filter((id) => !ids.has(id)));
		this.put(list);
	}

	drop(ids: readonly Id[]): void {
		for (const id of ids) {
			const s = this.objects.get(id);
			if (s)
				s.value = undefined;
			this.objects.delete(id);
		}
	}

	/** All ids that have an object. */
	ids(): Id[] {
		return [...this.objects].filter(([, s]) => s.peek() !== undefined).map(([id]) => id);
	}

	private trim(): void {
		// A slot that is dropped keeps working for whoever follows it still, but
		// no longer changes; `max` is far above what is ever on the screen.
		for (const id of this.objects.keys()) {
			if (this.objects.size <= this.max)
				break;
			this.objects.delete(id);
		}
	}
}
