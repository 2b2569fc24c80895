/*
 * compose/saver.ts - when a draft is saved: a state machine without clock or
 * network, so that a day of typing can be tested in a moment.
 *
 * Saved 2 s after the last key, and at least every 15 s while typing; what is
 * unchanged is not saved.  One save is under way at a time.  Its end is one of:
 *
 *	done      the draft is on the server, its older self is gone
 *	conflict  done, but the older self was gone before: another window saves
 *	          the same draft; both are kept
 *	failed    it is not there; tried again, later and later
 *	unknown   no answer came: the caller looks for the draft by its Message-ID
 *	          before the next try, so that none is made twice
 */
export const QUIET_MS = 2_000;
export const TYPING_MS = 15_000;
export const RETRY_MS = 5_000;
export const RETRY_MAX_MS = 120_000;

export interface SaverState {
	/** Counts what was changed; `saved` is the version on the server. */
	version: number;
	saved: number;
	/** Under way, or null. */
	saving: number | null;
	/** First change that is not saved, and last. */
	since: number;
	last: number;
	failures: number;
	retryAt: number;
	/** An answer was lost: look first. */
	unknown: boolean;
	conflict: boolean;
	ended: boolean;
}

export type SaverEvent =
	| { kind: 'changed'; at: number }
	| { kind: 'started' }
	| { kind: 'done' }
	| { kind: 'conflict' }
	| { kind: 'failed'; at: number }
	| { kind: 'unknown'; at: number }
	| { kind: 'ended' };

export function newSaver(): SaverState {
	return { version: 0, saved: 0, saving: null, since: 0, last: 0, failures: 0, retryAt: 0, unknown: false, conflict: false, ended: false };
}

function landed(s: SaverState, conflict: boolean): SaverState {
	return { ...s, saved: s.saving ?? s.saved, saving: null, failures: 0, retryAt: 0, unknown: false, conflict: s.conflict || conflict, since: s.last };
}

function missed(s: SaverState, at: number, unknown: boolean): SaverState {
	const wait = Math.min(RETRY_MAX_MS, RETRY_MS * 2 ** s.failures);
	return { ...s, saving: null, failures: s.failures + 1, retryAt: at + wait, unknown: s.unknown || unknown };
}

export function step(s: SaverState, e: SaverEvent): SaverState {
	switch (e.kind) {
	case 'changed': {
		const clean = s.version === (s.saving ?? s.saved);
		return { ...s, version: s.version + 1, last: e.at, since: clean ? e.at : s.since };
	}
	case 'started':
		return { ...s, saving: s.version, since: s.last };
	case 'done':
		return landed(s, false);
	case 'conflict':
		return landed(s, true);
	case 'failed':
		return missed(s, e.at, false);
	case 'unknown':
		return missed(s, e.at, true);
	case 'ended':
		return { ...s, ended: true };
	}
}

export function isDirty(s: SaverState): boolean {
	return s.version !== s.saved;
}

/** When the next save is due, or null; `least` is the pause after a key. */
export function due(s: SaverState, least = QUIET_MS): number | null {
	if (s.ended || s.saving !== null || !isDirty(s)) return null;
	const typing = s.since + Math.max(TYPING_MS, least);
	return Math.max(s.retryAt, Math.min(s.last + least, typing));
}
