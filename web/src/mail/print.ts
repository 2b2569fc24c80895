/*
 * mail/print.ts - print one message: the page's own print styles hide the rest.
 */
import type { Id } from '../jmap/types';
import { current, hrefOfItem, store, view } from './state';
import { go } from '../app/router';

const shown = (id: Id) => document.querySelector(`#m-${id}.message .message-body`);

export async function printMessage(id: Id): Promise<void> {
	await store.open([id]);
	if (!shown(id) && !view.peek().item?.startsWith('E'))
		go(hrefOfItem(id));
	current.value = id;
	// It is drawn, and its frame has its height.
	for (let i = 0; i < 40 && !shown(id); i++)
		await new Promise((done) => setTimeout(done, 50));
	await new Promise((done) => setTimeout(done, 250));
	const el = document.getElementById(`m-${id}`);
	el?.classList.add('to-print');
	window.print();
	el?.classList.remove('to-print');
}
