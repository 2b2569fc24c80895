/*
 * app/look.ts - theme, density, width of the window, styles that come later.
 */
import { computed, effect, signal } from '@preact/signals';
import { prefs } from './prefs';

const media = (query: string) => {
	const m = typeof matchMedia === 'undefined' ? undefined : matchMedia(query);
	const s = signal(m?.matches ?? false);
	m?.addEventListener('change', () => {
		s.value = m.matches;
	});
	return s;
};

const prefersDark = media('(prefers-color-scheme: dark)');
const wide = media('(min-width: 1024px)');
const middle = media('(min-width: 640px)');
export const touch = media('(pointer: coarse)');

export const dark = computed(() => (prefs.theme.value === 'auto' ? prefersDark.value : prefs.theme.value === 'dark'));
/** Panes beside each other: 3, 2 or 1. */
export const panes = computed(() => (wide.value ? 3 : middle.value ? 2 : 1));
export const rowHeight = computed(() => {
	if (touch.value || panes.value === 1)
		return 76;
	return prefs.density.value === 'compact' ? 34 : 64;
});

export function startLook(): void {
	effect(() => {
		const theme = prefs.theme.value;
		if (theme === 'auto')
			document.documentElement.removeAttribute('data-theme');
		else
			document.documentElement.dataset.theme = theme;
	});
	effect(() => {
		document.documentElement.dataset.density = prefs.density.value;
	});
}

let links: Record<string, string> | undefined;
const loaded = new Map<string, Promise<void>>();

/** Load css/NAME.css; resolves when it is there. */
export function loadStyle(name: string): Promise<void> {
	let p = loaded.get(name);
	if (p)
		return p;
	links ??= JSON.parse(document.getElementById('assets')?.textContent || '{}') as Record<string, string>;
	const at = links[name];
	p = !at ? Promise.resolve() : new Promise((done) => {
		const l = document.createElement('link');
		l.rel = 'stylesheet';
		l.href = at;
		l.onload = l.onerror = () => done();
		document.head.append(l);
	});
	loaded.set(name, p);
	return p;
}
