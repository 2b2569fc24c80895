/*
 * mail/hops.ts - the Received fields as a way, first server first (RFC 5321, 4.4).
 */
import type { Header } from '../jmap/types';
import { withoutComments } from './authentication';

export interface Hop {
	from: string;
	by: string;
	/** ESMTPS and its like. */
	with: string;
	time: Date | undefined;
	/** Seconds since the hop before; undefined: one of the times is missing. */
	delay: number | undefined;
}

/** The word after `name`, and for `from` the address in its comment. */
function clause(value: string, name: string): string {
	const plain = withoutComments(value);
	const word = new RegExp(`(?:^|\\s)${name}\\s+([^\\s;]+)`, 'i').exec(plain)?.[1] ?? '';
	if (name !== 'from' || !word)
		return word;
	const ip = /(?:^|\s)from\s+\S+\s*\([^)]*?\[([0-9a-f.:]+|IPv6:[0-9a-f:.]+)\]/i.exec(value)?.[1];
	return ip && !word.includes(ip) ? `${word} [${ip}]` : word;
}

export function hops(headers: readonly Header[]): Hop[] {
	const out = headers.filter((h) => h.name.toLowerCase() === 'received').map(({ value }): Hop => {
		const v = value.replace(/\r?\n/g, ' ');
		const date = withoutComments(v.slice(v.lastIndexOf(';') + 1)).trim();
		const time = v.includes(';') ? new Date(date) : undefined;
		return {
			from: clause(v, 'from'), by: clause(v, 'by'), with: clause(v, 'with'),
			time: time && !Number.isNaN(time.getTime()) ? time : undefined, delay: undefined,
		};
	}).reverse();
	for (let i = 1; i < out.length; i++) {
		const [a, b] = [out[i - 1]!.time, out[i]!.time];
		if (a && b)
			out[i]!.delay = Math.round((b.getTime() - a.getTime()) / 1000);
	}
	return out;
}
