/*
 * app/chrome.ts - what is unfolded around the mail on small screens.
 */
import { signal } from '@preact/signals';

/** The folders, drawn over the list. */
export const drawer = signal(false);
/** The search box, in the place of the bar. */
export const searching = signal(false);

export function startSearching(): void {
	searching.value = true;
	requestAnimationFrame(() => document.getElementById('search')?.focus());
}
