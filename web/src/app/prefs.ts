/*
 * app/prefs.ts - how the user wants it.
 *
 * Kept in this browser for each user, and there after a new login.  Each
 * preference is a signal; writing it saves it.
 */
import { effect, type Signal, signal } from '@preact/signals';
import { user } from './session';

export interface Prefs {
	theme: 'auto' | 'light' | 'dark';
	lang: string; /* '' as the browser */
	conversations: boolean;
	density: 'comfortable' | 'compact';
	keys: boolean; /* single-key shortcuts (WCAG 2.1.4) */
	remap: Record<string, string>; /* action -> key */
	sidebar: number; /* width in px */
	list: number;
	openFolders: Record<string, boolean>;
	images: Record<string, boolean>; /* senders whose images are shown */
	identity: string; /* that new mail is written in; '' the account's own */
	undoSend: number; /* seconds */
	replyAbove: boolean;
	signatureAbove: boolean;
	richText: boolean;
	readAfter: number; /* seconds until an open message is read; -1 never */
}

const DEFAULTS: Prefs = {
	theme: 'auto',
	lang: '',
	conversations: true,
	density: 'comfortable',
	keys: true,
	remap: {},
	sidebar: 232,
	list: 400,
	openFolders: {},
	images: {},
	identity: '',
	undoSend: 10,
	replyAbove: true,
	signatureAbove: true,
	richText: false,
	readAfter: 0,
};

type Signals = { [K in keyof Prefs]: Signal<Prefs[K]> };

const keys = Object.keys(DEFAULTS) as (keyof Prefs)[];
export const prefs = Object.fromEntries(keys.map((k) => [k, signal(DEFAULTS[k])])) as unknown as Signals;

const place = (who: string) => `posthus:${who}`;
/* What a login page should look like is that of the last user. */
const LAST = 'posthus-look';

function read(name: string): Partial<Prefs> {
	try {
		return JSON.parse(localStorage.getItem(name) ?? '{}') as Partial<Prefs>;
	} catch {
		return {};
	}
}

function write(name: string, value: unknown): void {
	try {
		localStorage.setItem(name, JSON.stringify(value));
	} catch {
		/* No storage, or it is full: it is as it was at the next visit. */
	}
}

function take(stored: Partial<Prefs>): void {
	for (const k of keys)
		if (typeof stored[k] === typeof DEFAULTS[k])
			(prefs[k] as Signal<unknown>).value = stored[k];
}

/** Read what is stored, now and at each login, and keep it stored. */
export function startPrefs(): void {
	take(read(LAST));
	let whose: string | null = null;
	effect(() => {
		const who = user.value;
		if (who && who !== whose) {
			take({ ...DEFAULTS, ...read(LAST), ...read(place(who)) });
			whose = who;
		}
	});
	effect(() => {
		const all = Object.fromEntries(keys.map((k) => [k, prefs[k].value])) as unknown as Prefs;
		if (whose && whose === user.peek()) {
			write(place(whose), all);
			write(LAST, { theme: all.theme, lang: all.lang });
		}
	});
}
