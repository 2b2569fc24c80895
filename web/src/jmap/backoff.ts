/*
 * jmap/backoff.ts - how long to wait before the next try.
 *
 * Twice as long each time from a quarter of a second up to half a minute, and a
 * random share of it, so that clients of a server that comes back do not come
 * all at once.  A network that comes back ends the wait.
 */
const FIRST_MS = 250;
const MAX_MS = 30_000;

export function pause(tries: number, random = Math.random): number {
	return Math.min(FIRST_MS * 2 ** tries, MAX_MS) * (0.5 + random() / 2);
}

/** Wait before try number `tries` + 1; at least `least` ms. */
export function backoff(tries: number, least = 0): Promise<void> {
	return new Promise((done) => {
		const end = () => {
			clearTimeout(timer);
			removeEventListener('online', end);
			done();
		};
		const timer = setTimeout(end, Math.max(pause(tries), least || 0));
		if (!least)
			addEventListener('online', end);
	});
}
