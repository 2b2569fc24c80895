/*
 * compose/identities.ts - in whose name the user may write.
 */
import { prefs } from '../app/prefs';
import type { Identity } from '../jmap/types';
import { identities, loadIdentities as load } from '../mail/self';

export { identities };

export async function loadIdentities(again = false): Promise<Identity[]> {
	if (again || identities.peek().length === 0) await load();
	return identities.peek();
}

/** The one that new mail is written in: as chosen, else the account's own. */
export function defaultIdentity(list: readonly Identity[]): Identity | undefined {
	return list.find((i) => i.id === prefs.identity.value) ?? list[0];
}
