/*
 * app/title.ts - unread mail in the title and on the icon of the tab.
 */
import { effect } from '@preact/signals';
import { t } from './t';

const COLOURS = { ground: '#0A5A68', paper: '#fff', mark: '#D9480F' };

/** The icon of index.html, with a number in its corner. */
function icon(n: number): string {
	const badge = n > 0
		? `<circle cx="23" cy="9" r="9" fill="${COLOURS.mark}"/><text x="23" y="13.5" font-family="sans-serif" font-weight="700" font-size="${n > 9 ? 10 : 13}" text-anchor="middle" fill="#fff">${n > 99 ? '99' : n}</text>`
		: '';
	return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="${COLOURS.ground}"/><path d="M7 11h18v11a1 1 0 0 1-1 1H8a1 1 0 0 1-1-1z" fill="${COLOURS.paper}"/><path d="M7 11l9 7 9-7" fill="none" stroke="${COLOURS.ground}" stroke-width="2"/>${badge}</svg>`;
}

export function startTitle(what: () => string, unread: () => number): void {
	let last = -1;
	effect(() => {
		const n = unread();
		document.title = `${n > 0 ? `(${n}) ` : ''}${what()} \u2013 ${t('product')}`;
		if (n === last)
			return;
		last = n;
		const link = document.getElementById('favicon') as HTMLLinkElement | null;
		if (link)
			link.href = `data:image/svg+xml,${encodeURIComponent(icon(n))}`;
	});
}
