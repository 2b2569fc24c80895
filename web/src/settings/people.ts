/*
 * settings/people.ts - whom the user knows: the cards of the address books (RFC
 * 9610), and those whom the mail in Sent went to; for the page of contacts, and
 * for what is suggested while writing.
 */
import { client } from '../app/session';
import type { People } from '../compose/people';
import { store } from '../mail/state';
import { CONTACTS, type ContactCard } from '../jmap/types';

const PROPERTIES = ['kind', 'name', 'emails', 'phones', 'organizations', 'notes'];

export function nameOf(c: ContactCard): string {
	const parts = (c.name?.components ?? []).filter((p) => p.kind !== 'separator').map((p) => p.value);
	return c.name?.full || parts.join(' ') || Object.values(c.organizations ?? {})[0]?.name || '';
}

export const emailsOf = (c: ContactCard): string[] => Object.values(c.emails ?? {}).map((e) => e.address);

export async function loadCards(properties = PROPERTIES): Promise<ContactCard[]> {
	const { ids } = await client.call('ContactCard/query', { sort: [{ property: 'name/given' }, { property: 'name/surname' }] });
	const step = Math.min(1000, client.limit('maxObjectsInGet'));
	const list: ContactCard[] = [];
	for (let i = 0; i < ids.length; i += step) {
		const r = await client.call('ContactCard/get', { ids: ids.slice(i, i + step), properties });
		const by = new Map(r.list.map((c) => [c.id, c]));
		for (const id of ids.slice(i, i + step)) if (by.has(id)) list.push(by.get(id)!);
	}
	return list;
}

let seen = '';

/* Each weighs nothing by itself: who is written to comes before who is not. */
export async function addContacts(people: People): Promise<void> {
	if (!client.capability(CONTACTS)) return;
	const { state } = await client.call('ContactCard/get', { ids: [] });
	if (state === seen) return;
	for (const c of await loadCards(['name', 'emails', 'organizations'])) for (const e of emailsOf(c)) people.add(nameOf(c), e, 0);
	seen = state;
}

const FIRST = 1000;

/** What was sent since `until`; a new `until`. */
export async function addSent(people: People, until: string): Promise<string> {
	const sent = store.byRole('sent');
	if (!sent) return until;
	const filter = { inMailbox: sent.id, ...(until ? { after: until } : {}) };
	const { ids } = await client.call('Email/query', { filter, sort: [{ property: 'receivedAt', isAscending: false }], limit: FIRST });
	const step = Math.min(500, client.limit('maxObjectsInGet'));
	for (let i = 0; i < ids.length; i += step) {
		const r = await client.call('Email/get', { ids: ids.slice(i, i + step), properties: ['receivedAt', 'to', 'cc', 'bcc'] });
		for (const e of r.list) {
			people.learn([...(e.to ?? []), ...(e.cc ?? []), ...(e.bcc ?? [])], Date.parse(e.receivedAt));
			/* "after" is inclusive (RFC 8621, 4.4.1): a second further. */
			const next = new Date(Date.parse(e.receivedAt) + 1000).toISOString().replace(/\.\d+Z$/, 'Z');
			if (next > until) until = next;
		}
	}
	return until;
}
