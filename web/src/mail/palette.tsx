/*
 * mail/palette.tsx - Ctrl+K: everything that can be done now, and every folder,
 * by typing a part of its name.
 */
import { go } from '../app/router';
import { t } from '../app/t';
import { showMenu } from '../ui/menu';
import { folderIcon, menuRows, nameOf, target } from './actions';
import { boxName, hrefOf, store, view } from './state';

export function showPalette(): void {
	const x = target();
	const act = menuRows(x, ['write', 'bar', 'state', 'message']);
	const page = menuRows(x, ['page']);
	const boxes = store.folders.peek().map((f) => ({
		label: t('goTo', { box: f.depth ? f.path : boxName(f.box) }), icon: folderIcon(f.box.role), run: () => go(hrefOf(nameOf(f.box))),
	}));
	const known = new Set(page.map((r) => (typeof r === 'object' && 'label' in r ? r.label : '')));
	showMenu({
		at: { x: Math.max(8, innerWidth / 2 - 170), y: Math.min(90, innerHeight / 6) },
		label: t('commands'),
		filter: t('commandsHint'),
		items: [...act, ...(act.length ? ['-' as const] : []), ...page, '-', ...boxes.filter((b) => !known.has(b.label))],
		make: (words) => ({ label: `${t('searchMail')}: ${words}`, icon: 'search', run: () => go(hrefOf(view.peek().name || 'inbox', undefined, { q: words, in: 'all' })) }),
	});
}
