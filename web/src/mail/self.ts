/*
 * mail/self.ts - the addresses that are the user's own.
 */
import { effect, signal } from '@preact/signals';
import { client, user } from '../app/session';
import { type Identity, SUBMISSION } from '../jmap/types';

export const identities = signal<Identity[]>([]);
export const self = signal<ReadonlySet<string>>(new Set());

export async function loadIdentities(): Promise<void> {
	if (!client.capability(SUBMISSION))
		return;
	const r = await client.call('Identity/get', { ids: null });
	identities.value = r.list;
}

effect(() => {
	const own = identities.value.map((i) => i.email.toLowerCase());
	self.value = new Set(user.value ? [user.value.toLowerCase(), ...own] : own);
});
