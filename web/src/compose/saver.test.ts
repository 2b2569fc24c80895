import assert from 'node:assert/strict';
import { test } from 'node:test';
import { QUIET_MS, type SaverState, TYPING_MS, due, isDirty, newSaver, step } from './saver';

/* A server of drafts: what it does, and whether its answer arrives. */
class Server {
	drafts = new Map<string, { mid: string; version: number }>();
	saves = 0;
	next = 1;
	fate: () => 'good' | 'refused' | 'lost-before' | 'lost-after' = () => 'good';

	find(mid: string): string[] {
		return [...this.drafts].filter(([, d]) => d.mid === mid).map(([id]) => id);
	}

	save(mid: string, version: number, destroy: string[]): { id: string; gone: boolean } | 'refused' | 'lost' {
		const fate = this.fate();
		if (fate === 'refused') return 'refused';
		if (fate === 'lost-before') return 'lost';
		const id = `E${this.next++}`;
		const gone = destroy.some((d) => !this.drafts.delete(d));
		this.drafts.set(id, { mid, version });
		this.saves++;
		return fate === 'lost-after' ? 'lost' : { id, gone };
	}
}

/* A window as compose/session.ts drives it, on a clock of its own. */
class Window {
	state: SaverState = newSaver();
	own: string[] = [];
	constructor(readonly server: Server, public mid: string) {}

	tick(now: number): void {
		const at = due(this.state);
		if (at === null || now < at) return;
		if (this.state.unknown) this.own = this.server.find(this.mid);
		this.state = step(this.state, { kind: 'started' });
		const r = this.server.save(this.mid, this.state.saving!, this.own);
		if (r === 'refused') this.state = step(this.state, { kind: 'failed', at: now });
		else if (r === 'lost') this.state = step(this.state, { kind: 'unknown', at: now });
		else {
			this.own = [r.id];
			this.state = step(this.state, { kind: r.gone ? 'conflict' : 'done' });
		}
	}
}

const MINUTE = 60_000;

test('seventy minutes with a change each minute: one draft', () => {
	const server = new Server();
	const w = new Window(server, 'm');
	for (let now = 0; now < 70 * MINUTE; now += 100) {
		if (now % MINUTE === 0) w.state = step(w.state, { kind: 'changed', at: now });
		w.tick(now);
	}
	assert.equal(server.drafts.size, 1);
	assert.equal(server.saves, 70);
	assert.ok(!isDirty(w.state));
});

test('typing without a pause is saved every 15 seconds', () => {
	const server = new Server();
	const w = new Window(server, 'm');
	const times: number[] = [];
	for (let now = 0; now < 5 * MINUTE; now += 100) {
		if (now % 300 === 0) w.state = step(w.state, { kind: 'changed', at: now });
		const before = server.saves;
		w.tick(now);
		if (server.saves > before) times.push(now);
	}
	assert.ok(times.length >= 18, String(times.length));
	times.forEach((t, i) => assert.ok(t - (times[i - 1] ?? 0) <= TYPING_MS + 400, String(t)));
});

test('unchanged text is not saved again', () => {
	let s = step(newSaver(), { kind: 'changed', at: 0 });
	assert.equal(due(s), QUIET_MS);
	s = step(s, { kind: 'started' });
	assert.equal(due(s), null);
	s = step(s, { kind: 'done' });
	assert.equal(due(s), null);
	assert.equal(due(step(s, { kind: 'ended' })), null);
});

test('what is typed while a save is under way is saved after it', () => {
	let s = step(newSaver(), { kind: 'changed', at: 0 });
	s = step(s, { kind: 'started' });
	s = step(s, { kind: 'changed', at: 3000 });
	assert.equal(due(s), null);
	s = step(s, { kind: 'done' });
	assert.ok(isDirty(s));
	assert.equal(due(s), 3000 + QUIET_MS);
});

test('failures wait longer and longer, and give up never', () => {
	let s = step(newSaver(), { kind: 'changed', at: 0 });
	let now = 0;
	const waits: number[] = [];
	for (let i = 0; i < 8; i++) {
		now = due(s)!;
		s = step(step(s, { kind: 'started' }), { kind: 'failed', at: now });
		waits.push(due(s)! - now);
	}
	assert.deepEqual(waits, [5000, 10_000, 20_000, 40_000, 80_000, 120_000, 120_000, 120_000]);
});

test('whatever happens to the answers, there is one draft, and the last one', () => {
	for (let seed = 1; seed < 200; seed++) {
		let x = seed;
		const random = (): number => (x = (x * 1103515245 + 12345) % 2147483648) / 2147483648;
		const server = new Server();
		const w = new Window(server, 'm');
		server.fate = () => (random() < 0.5 ? 'good' : random() < 0.3 ? 'refused' : random() < 0.5 ? 'lost-before' : 'lost-after');
		for (let now = 0; now < 20 * MINUTE; now += 500) {
			if (random() < 0.05) w.state = step(w.state, { kind: 'changed', at: now });
			w.tick(now);
			assert.ok(server.drafts.size <= 1, `seed ${seed}: ${server.drafts.size} drafts`);
		}
		server.fate = () => 'good';
		for (let now = 20 * MINUTE; now < 25 * MINUTE; now += 500) w.tick(now);
		assert.equal(server.drafts.size, w.state.version ? 1 : 0, `seed ${seed}`);
		for (const d of server.drafts.values()) assert.equal(d.version, w.state.version, `seed ${seed}`);
		assert.ok(!w.state.conflict, `seed ${seed}: no other window`);
	}
});

test('two windows of one draft: it is told, and both are kept', () => {
	const server = new Server();
	const first = new Window(server, 'm');
	first.state = step(first.state, { kind: 'changed', at: 0 });
	first.tick(QUIET_MS);
	const second = new Window(server, 'm');
	second.own = [...first.own];
	second.state = step(second.state, { kind: 'changed', at: 5000 });
	second.tick(8000);
	assert.ok(!second.state.conflict && server.drafts.size === 1);
	first.state = step(first.state, { kind: 'changed', at: 9000 });
	first.tick(12_000);
	assert.ok(first.state.conflict);
	assert.equal(server.drafts.size, 2);
});
