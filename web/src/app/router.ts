/*
 * app/router.ts - what the address bar says.
 *
 *	/mail/BOX              a folder: its role, its id, or starred, all
 *	/mail/BOX/ITEM         with a conversation (T...) or a message (E...) open
 *	/mail/BOX?q=...        what is found; &in=all, &in=anywhere look further
 *	/mail/message/EMAIL    one message in a window of its own
 *	/settings/PAGE  /admin/PAGE...
 *
 * Going somewhere makes an entry for Back; `replace` does not.  A click on a
 * link of these areas stays in the program; with Ctrl, Shift or the middle
 * button it opens where the user wants it.
 */
import { computed, signal } from '@preact/signals';

export type Area = 'mail' | 'settings' | 'admin';

export interface Route {
	area: Area;
	path: string[]; /* after the area */
	query: URLSearchParams;
}

export function parse(url: URL): Route {
	const [area, ...path] = url.pathname.split('/').filter(Boolean).map(decodeURIComponent);
	return {
		area: area === 'settings' || area === 'admin' ? area : 'mail',
		path,
		query: url.searchParams,
	};
}

const url = signal(typeof location === 'undefined' ? 'https://mail.example/mail/' : location.href);
export const route = computed(() => parse(new URL(url.value)));
/** Entries of ours behind this one: Back stays in the program. */
let depth = 0;

export function go(to: string, replace = false): void {
	const next = new URL(to, location.href);
	if (next.href === url.peek())
		return;
	if (replace) {
		history.replaceState({ depth }, '', next);
	} else {
		history.pushState({ depth: ++depth }, '', next);
	}
	url.value = next.href;
}

/** One step back if that stays in the program, else to `otherwise`. */
export function back(otherwise: string): void {
	if (depth > 0)
		history.back();
	else
		go(otherwise, true);
}

export function href(area: Area, path: string[], query?: Record<string, string | undefined>): string {
	const q = new URLSearchParams();
	for (const [k, v] of Object.entries(query ?? {}))
		if (v)
			q.set(k, v);
	const s = q.toString();
	return `/${[area, ...path].map(encodeURIComponent).join('/')}${path.length ? '' : '/'}${s ? `?${s}` : ''}`;
}

function clicked(e: MouseEvent): void {
	const a = (e.target as Element | null)?.closest?.('a[href]') as HTMLAnchorElement | null;
	if (!a || e.defaultPrevented || e.button !== 0 || e.ctrlKey || e.metaKey || e.shiftKey || e.altKey)
		return;
	if (a.origin !== location.origin || a.target || a.hasAttribute('download') || !/^\/(mail|settings|admin)\//.test(a.pathname))
		return;
	e.preventDefault();
	go(a.href);
}

export function startRouter(): void {
	depth = (history.state as { depth?: number } | null)?.depth ?? 0;
	addEventListener('popstate', (e) => {
		depth = (e.state as { depth?: number } | null)?.depth ?? 0;
		url.value = location.href;
	});
	document.addEventListener('click', clicked);
	if (!/^\/(mail|settings|admin)\//.test(location.pathname))
		go('/mail/', true);
}
