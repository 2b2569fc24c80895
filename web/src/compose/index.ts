/*
 * compose/index.ts - to write mail.
 *
 *	openCompose({ kind: 'replyAll', email });
 *
 * The part itself is loaded when it is first needed; `email` is whole
 * (BODY_PROPERTIES).  Windows stay open while the user goes elsewhere: the shell
 * shows <ComposeHost/> of host.tsx over every page.
 */
import { signal } from '@preact/signals';
import type { Email } from '../jmap/types';

export interface Intent {
	kind: 'new' | 'reply' | 'replyAll' | 'forward' | 'draft' | 'mailto';
	email?: Email;
	/** For mailto: the link as it stands in a message. */
	href?: string;
	to?: { name: string | null; email: string }[];
	subject?: string;
	text?: string;
	files?: File[];
}

/** What was asked for and not yet taken by the host. */
export const intents = signal<Intent[]>([]);

export function openCompose(intent: Intent): void {
	intents.value = [...intents.value, intent];
}

/** Takes back what is being sent, as long as it can be; the key z. */
export const sendingUndo = signal<(() => void) | null>(null);

/** The host is needed though nobody asked to write. */
export const wanted = signal(false);

/* Something is being written or sent: set while it is, so that after a crash
 * the next visit looks for it. */
const FLAG = 'posthus-writing';

export function flagWriting(on: boolean): void {
	try {
		if (on) localStorage.setItem(FLAG, '1');
		else localStorage.removeItem(FLAG);
	} catch {
		/* No storage: nothing is offered later. */
	}
}

/** Once, when somebody is logged in. */
export function startCompose(): void {
	let left = false;
	try {
		left = localStorage.getItem(FLAG) !== null;
	} catch {
		/* As if nothing were left. */
	}
	if (left || new URLSearchParams(location.search).has('write')) wanted.value = true;
}
