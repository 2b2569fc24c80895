/*
 * html/calendar.ts - an invitation as facts (RFC 5545, RFC 5546).
 *
 * Reads the first VEVENT of a text/calendar part.  Times with a zone are given
 * as an instant when the browser knows the zone, else as they stand.
 */

export interface Guest {
	name: string;
	email: string;
	/** NEEDS-ACTION, ACCEPTED, DECLINED, TENTATIVE. */
	answer: string;
}

export interface When {
	/** Milliseconds; of a whole day midnight in UTC. */
	at: number;
	allDay: boolean;
	/** As the sender named it, when it is not UTC. */
	zone: string;
	/** The zone is not known: `at` reads as if it were UTC. */
	floating: boolean;
}

export interface Repeat {
	unit: 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY';
	every: number;
	count: number;
	until: When | null;
}

export interface Invitation {
	/** REQUEST, CANCEL, REPLY, PUBLISH... */
	method: string;
	sequence: number;
	summary: string;
	location: string;
	description: string;
	start: When | null;
	end: When | null;
	organiser: Guest | null;
	guests: Guest[];
	repeat: Repeat | null;
}

export const CALENDAR_MAX = 512 * 1024;
const GUESTS_MAX = 200;
const TEXT_MAX = 4000;

interface Row {
	name: string;
	params: Map<string, string>;
	value: string;
}

/* Where the value begins: the first colon that is not in quotes. */
function colon(line: string): number {
	let quoted = false;
	for (let i = 0; i < line.length; i++) {
		if (line[i] === '"') quoted = !quoted;
		else if (line[i] === ':' && !quoted) return i;
	}
	return -1;
}

function row(line: string): Row | null {
	const at = colon(line);
	if (at < 1) return null;
	const head = line.slice(0, at).match(/(?:[^;"]|"[^"]*")+/g) ?? [];
	const params = new Map<string, string>();
	for (const p of head.slice(1)) {
		const eq = p.indexOf('=');
		if (eq > 0) params.set(p.slice(0, eq).toUpperCase(), p.slice(eq + 1).replace(/^"|"$/g, ''));
	}
	return { name: (head[0] ?? '').toUpperCase(), params, value: line.slice(at + 1) };
}

function text(value: string): string {
	return value
		.slice(0, TEXT_MAX)
		.replace(/\\([nN,;\\])/g, (_, c: string) => (c === 'n' || c === 'N' ? '\n' : c))
		.trim();
}

/* How far the zone is from UTC at that instant, in ms. */
function offset(zone: string, at: number): number {
	const parts = new Intl.DateTimeFormat('en-US', {
		timeZone: zone,
		hourCycle: 'h23',
		year: 'numeric',
		month: 'numeric',
		day: 'numeric',
		hour: 'numeric',
		minute: 'numeric',
		second: 'numeric',
	}).formatToParts(at);
	const n = (type: string): number => Number(parts.find((p) => p.type === type)?.value);
	return Date.UTC(n('year'), n('month') - 1, n('day'), n('hour'), n('minute'), n('second')) - at;
}

/* Local time in a zone as an instant; twice, for the hour that jumps. */
function instant(local: number, zone: string): number | null {
	try {
		const first = local - offset(zone, local);
		return local - offset(zone, first);
	} catch {
		return null;
	}
}

function when(r: Row): When | null {
	const m = /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z)?)?$/.exec(r.value.trim());
	if (!m) return null;
	const n = m.slice(1, 7).map((s) => Number(s ?? 0));
	const at = Date.UTC(n[0]!, n[1]! - 1, n[2]!, n[3]!, n[4]!, n[5]!);
	const allDay = m[4] === undefined;
	const zone = r.params.get('TZID') ?? '';
	if (allDay || m[7] === 'Z') return { at, allDay, zone: '', floating: false };
	const real = zone ? instant(at, zone) : null;
	return { at: real ?? at, allDay, zone, floating: real === null };
}

function duration(value: string): number {
	const m = /^([+-])?P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/.exec(value.trim());
	if (!m) return 0;
	const [w, d, h, min, s] = m.slice(2).map((x) => Number(x ?? 0));
	const seconds = w! * 604800 + d! * 86400 + h! * 3600 + min! * 60 + s!;
	return (m[1] === '-' ? -1 : 1) * seconds * 1000;
}

function guest(r: Row): Guest {
	const email = r.value.replace(/^mailto:/i, '').trim();
	return { email, name: r.params.get('CN') ?? '', answer: (r.params.get('PARTSTAT') ?? 'NEEDS-ACTION').toUpperCase() };
}

function repeat(value: string): Repeat | null {
	const rule = new Map(value.split(';').map((p) => p.toUpperCase().split('=') as [string, string]));
	const unit = rule.get('FREQ');
	const until = rule.get('UNTIL');
	if (unit !== 'DAILY' && unit !== 'WEEKLY' && unit !== 'MONTHLY' && unit !== 'YEARLY') return null;
	return {
		unit,
		every: Math.max(1, Number(rule.get('INTERVAL')) || 1),
		count: Number(rule.get('COUNT')) || 0,
		until: until ? when({ name: '', params: new Map(), value: until }) : null,
	};
}

function take(i: Invitation, r: Row): void {
	if (r.name === 'SUMMARY') i.summary = text(r.value);
	else if (r.name === 'LOCATION') i.location = text(r.value);
	else if (r.name === 'DESCRIPTION') i.description = text(r.value);
	else if (r.name === 'SEQUENCE') i.sequence = Number(r.value) || 0;
	else if (r.name === 'DTSTART') i.start = when(r);
	else if (r.name === 'DTEND') i.end = when(r);
	else if (r.name === 'DURATION' && i.start) i.end = { ...i.start, at: i.start.at + duration(r.value) };
	else if (r.name === 'ORGANIZER') i.organiser = guest(r);
	else if (r.name === 'ATTENDEE' && i.guests.length < GUESTS_MAX) i.guests.push(guest(r));
	else if (r.name === 'RRULE') i.repeat = repeat(r.value);
	else if (r.name === 'STATUS' && r.value.trim().toUpperCase() === 'CANCELLED') i.method = 'CANCEL';
}

/** null when there is no event in it. */
export function readInvitation(calendar: string): Invitation | null {
	const lines = calendar.slice(0, CALENDAR_MAX).replace(/\r\n?/g, '\n').replace(/\n[ \t]/g, '').split('\n');
	const out: Invitation = {
		method: 'PUBLISH', sequence: 0, summary: '', location: '', description: '',
		start: null, end: null, organiser: null, guests: [], repeat: null,
	};
	const open: string[] = [];
	let seen = false;
	for (const line of lines) {
		const r = row(line);
		if (!r) continue;
		if (r.name === 'BEGIN') {
			open.push(r.value.trim().toUpperCase());
		} else if (r.name === 'END') {
			if (open.pop() === 'VEVENT') break;
		} else if (r.name === 'METHOD' && open.length === 1) {
			out.method = r.value.trim().toUpperCase();
		} else if (open[open.length - 1] === 'VEVENT') {
			seen = true;
			take(out, r);
		}
	}
	return seen ? out : null;
}
