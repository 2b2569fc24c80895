/*
 * mail/words.ts - dates, sizes, people: how they are written.
 */
import { t } from '../app/t';
import { lang } from '../i18n';
import type { Address, Email } from '../jmap/types';

const formats = new Map<string, Intl.DateTimeFormat>();

function formatted(d: Date, name: string, options: Intl.DateTimeFormatOptions): string {
	const key = `${lang.value}|${name}`;
	let f = formats.get(key);
	if (!f) {
		f = new Intl.DateTimeFormat(lang.value === 'en' ? navigator.languages.find((l) => l.startsWith('en')) ?? 'en-GB' : lang.value, options);
		formats.set(key, f);
	}
	return f.format(d);
}

const dayOf = (d: Date) => new Date(d.getFullYear(), d.getMonth(), d.getDate()).getTime();

export const clock = (d: Date): string => formatted(d, 'clock', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

/** As short as it stays clear: 14:02, Mon, 3 May, 03/05/24. */
export function shortDate(iso: string, now = new Date()): string {
	const d = new Date(iso);
	const days = Math.round((dayOf(now) - dayOf(d)) / 86400_000);
	if (days === 0)
		return clock(d);
	if (days > 0 && days < 7)
		return formatted(d, 'weekday', { weekday: 'short' });
	if (d.getFullYear() === now.getFullYear())
		return formatted(d, 'day', { day: 'numeric', month: 'short' });
	return formatted(d, 'year', { day: 'numeric', month: 'short', year: 'numeric' });
}

/** With day and time, for the head of a message. */
export function longDate(iso: string, now = new Date()): string {
	const d = new Date(iso);
	const days = Math.round((dayOf(now) - dayOf(d)) / 86400_000);
	if (days === 0)
		return clock(d);
	if (days === 1)
		return `${t('yesterday')} ${clock(d)}`;
	return `${formatted(d, d.getFullYear() === now.getFullYear() ? 'mid' : 'mid-year', {
		weekday: 'short', day: 'numeric', month: 'short', ...(d.getFullYear() === now.getFullYear() ? {} : { year: 'numeric' }),
	})} ${clock(d)}`;
}

export const dayOnly = (iso: string): string => formatted(new Date(iso), 'day-only', { weekday: 'short', day: 'numeric', month: 'long' });

/** All of it, with the zone. */
export const fullDate = (iso: string): string => formatted(new Date(iso), 'full', {
	weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', timeZoneName: 'longOffset',
});

export function bytes(n: number): string {
	const units = ['B', 'KB', 'MB', 'GB', 'TB'];
	let i = 0;
	while (n >= 1024 && i < units.length - 1) {
		n /= 1024;
		i++;
	}
	return `${new Intl.NumberFormat(lang.value === 'en' ? 'en' : lang.value, { maximumFractionDigits: n < 10 && i > 1 ? 1 : 0 }).format(n)}\u00a0${units[i]}`;
}

export function duration(seconds: number): string {
	const s = Math.abs(seconds);
	const sign = seconds < 0 ? '\u2212' : '';
	if (s < 120)
		return `${sign}${s}\u00a0s`;
	if (s < 7200)
		return `${sign}${Math.round(s / 60)}\u00a0min`;
	return `${sign}${Math.round(s / 3600)}\u00a0h`;
}

/** A name that can be shown in a line: no controls, no marks that turn the line round. */
export const plain = (s: string): string => s.replace(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/g, ' ').replace(/\s+/g, ' ').trim();

export const personName = (a: Address): string => plain(a.name ?? '') || a.email;

/** The first name, or the part before the @. */
export function shortName(a: Address, self: ReadonlySet<string>): string {
	if (self.has(a.email.toLowerCase()))
		return t('me');
	const name = plain(a.name ?? '');
	if (!name)
		return a.email.replace(/@.*$/, '');
	// "Berg, Bo" and "Bo Berg".
	const m = /^([^,]+),\s*(\S.*)$/.exec(name);
	return (m ? m[2]! : name).split(' ')[0]!;
}

/** Who wrote in a conversation: "Bo, me, Eva"; of one: the whole name. */
export function people(emails: readonly Email[], self: ReadonlySet<string>, toward: boolean): string {
	const last = emails.at(-1);
	if (!last)
		return '';
	if (toward) {
		const to = [...(last.to ?? []), ...(last.cc ?? [])];
		return to.length ? to.map((a) => (to.length > 1 ? shortName(a, self) : self.has(a.email.toLowerCase()) ? t('me') : personName(a))).join(', ') : t('nobody');
	}
	const seen = new Map<string, Address>();
	for (const e of emails)
		for (const a of (e.from ?? []).slice(0, 1))
			if (!seen.has(a.email.toLowerCase()))
				seen.set(a.email.toLowerCase(), a);
	const all = [...seen.values()];
	if (all.length === 0)
		return t('nobody');
	if (all.length === 1)
		return self.has(all[0]!.email.toLowerCase()) ? t('me') : personName(all[0]!);
	const names = all.map((a) => shortName(a, self));
	return names.length > 4 ? [names[0], '\u2026', ...names.slice(-2)].join(', ').replace(', \u2026,', ' \u2026') : names.join(', ');
}

export const subject = (e: { subject: string | null }): string => plain(e.subject ?? '') || t('noSubject');

const INVISIBLE = /[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0]+/g;

/** The beginning of the text: no filler that nobody sees, no quoted lines. */
export function previewText(s: string): string {
	return s.replace(INVISIBLE, '').replace(/&(?:nbsp|zwnj|shy|#8203|#847);/gi, ' ').replace(/(^|\n)>[^\n]*/g, '$1').replace(/\s+/g, ' ').trim();
}
