/*
 * mail/list.tsx - the list: a hundred thousand rows, some dozens of which exist.
 *
 * The rows are placed by their number in a space as high as all of them, and
 * those around the screen are drawn.  A browser cannot scroll further than some
 * millions of pixels, so a longer list is squeezed: the space has its maximum, and
 * the rows are placed by the share that is scrolled.
 */
import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useLayoutEffect, useRef } from 'preact/hooks';
import { drawer, startSearching } from '../app/chrome';
import { panes, rowHeight, touch } from '../app/look';
import { prefs } from '../app/prefs';
import { go } from '../app/router';
import { t } from '../app/t';
import { Icon } from '../ui/icon';
import { showMenu } from '../ui/menu';
import { Tool } from '../ui/tool';
import { actions, keyOf, labelOf, menuRows, showContextMenu, target, toggleConversations } from './actions';
import { DeletedBanner } from './deleted';
import { Empty } from './empty';
import { showFolderMenu } from './folder-acts';
import type { List } from './list-model';
import { Row } from './row';
import { allMatching, clearSelection, cursor, hrefOf, list, openItem, selection, selectKnown, step, store, view, viewName } from './state';
import { Hints } from './search-hints';
import { VacationBanner } from './vacation';

const SPACE_MAX = 4_000_000;
const AROUND = 8;

/** From what is scrolled to the first row, and to where rows stand. */
export function layout(scrollTop: number, height: number, row: number, n: number): { first: number; last: number; seen: number; space: number; shift: number } {
	const full = n * row;
	const space = Math.min(full, SPACE_MAX);
	const reach = Math.max(space - height, 1);
	const at = full <= SPACE_MAX ? scrollTop : (Math.min(scrollTop, reach) / reach) * (full - height);
	const first = Math.max(0, Math.floor(at / row) - AROUND);
	const last = Math.min(n - 1, Math.ceil((at + height) / row) + AROUND);
	return { first, last, seen: Math.max(0, Math.floor(at / row)), space, shift: scrollTop - at };
}

function Rows({ l }: { l: List }) {
	const box = useRef<HTMLDivElement>(null);
	const top = useSignal(l.scrollTop);
	const height = useSignal(600);
	const row = rowHeight.value;
	const n = l.total.value ?? 0;
	void l.version.value;

	useLayoutEffect(() => {
		const el = box.current!;
		el.scrollTop = l.scrollTop;
		top.value = el.scrollTop;
		const watch = new ResizeObserver(() => {
			height.value = el.clientHeight;
		});
		watch.observe(el);
		height.value = el.clientHeight || 600;
		return () => watch.disconnect();
	}, [l]);

	// Rows that came on top move what is looked at: stay with it.
	useLayoutEffect(() => {
		const el = box.current;
		if (el && l.moved !== 0 && el.scrollTop > row) {
			el.scrollTop += l.moved * row;
			top.value = el.scrollTop;
		}
		l.moved = 0;
	}, [l.version.value]);

	const { first, last, seen, space, shift } = layout(top.value, height.value, row, n);
	useEffect(() => {
		// A fast scroll passes pages that nobody will see.
		const timer = setTimeout(() => l.show(first, Math.max(last, first)), l.at(first) === undefined && top.peek() > 0 ? 60 : 0);
		return () => clearTimeout(timer);
	}, [l, first, last, l.version.value]);

	// What is under the cursor is on the screen.
	useSignalEffect(() => {
		const id = cursor.value;
		const i = id ? l.indexOf(id) : -1;
		const el = box.current;
		if (i < 0 || !el || n * row > SPACE_MAX)
			return;
		if (i * row < el.scrollTop)
			el.scrollTop = i * row;
		else if ((i + 1) * row > el.scrollTop + el.clientHeight)
			el.scrollTop = (i + 1) * row - el.clientHeight;
	});

	// Whoever waits here with the keyboard goes on to the first row.
	useEffect(() => {
		if (document.activeElement === box.current && !cursor.peek() && l.at(first)) {
			cursor.value = l.at(first)!;
			focusCursor();
		}
	}, [l.version.value]);

	const rows = [];
	const compact = prefs.density.value === 'compact' && panes.value > 1 && !touch.value;
	for (let i = first; i <= last; i++)
		rows.push(<Row key={l.at(i) ?? `_${i}`} id={l.at(i)} index={i} top={i * row + shift} height={row} compact={compact} />);

	const focusCursor = () => requestAnimationFrame(() => box.current?.querySelector<HTMLElement>('[data-cursor] [data-row]')?.focus({ preventScroll: true }));
	const from = Math.min(seen + 1, n);
	const to = Math.min(n, from + Math.max(1, Math.floor(height.value / row)) - 1);
	return (
		<>
		<div class={`rows scroll${compact ? ' compact' : ''}${selection.value.size > 0 ? ' picking' : ''}`} ref={box} role="grid" id="messages" tabIndex={cursor.value ? -1 : 0}
			aria-label={t('messagesIn', { box: viewName(view.value) })} aria-rowcount={n} aria-multiselectable="true" aria-busy={l.total.value === null}
			onScroll={(e) => {
				top.value = e.currentTarget.scrollTop;
				l.scrollTop = e.currentTarget.scrollTop;
			}}
			onFocus={(e) => {
				if (e.target === box.current && !cursor.peek() && l.at(0)) {
					cursor.value = l.at(first + (first ? AROUND : 0)) ?? l.at(0)!;
					focusCursor();
				}
			}}
			onKeyDown={(e) => {
				if (e.ctrlKey || e.metaKey || e.altKey)
					return;
				const page = Math.max(1, Math.floor(height.peek() / row) - 1);
				const by = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -n, End: n }[e.key];
				const at = cursor.peek() ? l.indexOf(cursor.peek()!) : -1;
				if (by !== undefined) {
					e.preventDefault();
					const to = Math.max(0, Math.min(n - 1, at + by));
					if (Math.abs(by) === 1 && !e.shiftKey && view.peek().item && panes.peek() > 1)
						step(by);
					else if (l.at(to))
						cursor.value = l.at(to)!;
					else
						box.current!.scrollTop = to * row;
					focusCursor();
				} else if ((e.key === 'Enter') && cursor.peek()) {
					e.preventDefault();
					openItem(cursor.peek()!);
				} else if (e.key === 'ContextMenu' || (e.key === 'F10' && e.shiftKey)) {
					const r = (e.target as Element).getBoundingClientRect();
					e.preventDefault();
					showContextMenu(target(), { x: r.left + 40, y: r.bottom });
				}
			}}>
			<div class="rows-space" role="none" style={{ height: `${space}px` }}>{rows}</div>
		</div>
		<div class="list-foot" aria-hidden="true">{t('rangeOf', { from, to, n })}</div>
		</>
	);
}

function SelectionBar({ l }: { l: List }) {
	const x = target();
	const n = selection.value.size;
	const total = l.total.value ?? 0;
	const bar = actions.filter((a) => a.group === 'bar' && (a.show?.(x) ?? true));
	const matching = n > 0 && n >= l.known().length && total > n;
	return (
		<>
			<div class="pane-bar selecting" role="toolbar" aria-label={t('selectedCount', { n })}>
				<h1 class="sr">{viewName(view.value)}</h1>
				<Tool icon="x" label={t('selectNone')} run={clearSelection} />
				<span class="count">{allMatching.value ? t('allSelected', { n: total }) : t('selectedCount', { n })}</span>
				<span class="grow" />
				{bar.slice(0, panes.value === 1 ? 3 : 5).map((a) => <Tool key={a.id} icon={a.icon} label={labelOf(a, x)} keys={keyOf(a)} run={(e) => a.run(x, e.currentTarget as Element)} />)}
				<Tool icon="more" label={t('more')} popup run={(e) => showMenu({ at: e.currentTarget as Element, label: t('more'), items: menuRows(x, ['bar', 'state', 'message'], e.currentTarget as Element) })} />
			</div>
			{matching || allMatching.value ? (
				<div class="notice">
					{allMatching.value ? t('allSelected', { n: total }) : t('selectedCount', { n })}
					<button type="button" class="link" onClick={() => { if (allMatching.peek()) clearSelection(); else allMatching.value = true; }}>
						{allMatching.value ? t('selectNone') : t('selectMatching', { n: total })}
					</button>
				</div>
			) : null}
		</>
	);
}

function ListBar({ l }: { l: List | null }) {
	const v = view.value;
	const only = (name: '' | 'unread' | 'starred' | 'attachment') => go(hrefOf(v.name, undefined, { q: v.q, in: v.q && v.scope !== 'here' ? v.scope : undefined, only: name }));
	const n = v.box ? (prefs.conversations.value ? v.box.unreadThreads : v.box.unreadEmails) : 0;
	const f = store.folders.value.find((x) => x.box.id === v.box?.id);
	return (
		<div class="pane-bar">
			{panes.value === 1 ? <Tool icon="menu" label={t('menu')} run={() => { drawer.value = true; }} /> : null}
			<Tool icon="check" label={t('select')} popup class="pick-tool" run={(e) => showMenu({
				at: e.currentTarget as Element, label: t('select'), items: [
					{ label: t('selectAll'), icon: 'check', run: () => selectKnown() },
					{ label: t('unread'), icon: 'mail', run: () => selectKnown((m) => !m.keywords.$seen) },
					{ label: t('read'), icon: 'read', run: () => selectKnown((m) => !!m.keywords.$seen) },
					{ label: t('starred'), icon: 'star', run: () => selectKnown((m) => !!m.keywords.$flagged) },
				],
			})} />
			<h1 class="clip">{viewName(v)}{v.q || v.only ? <span class="count" role="status"> {l && l.total.value !== null ? t('results', { n: l.total.value }) : ''}</span>
				: n > 0 && v.box?.role !== 'sent' && v.box?.role !== 'drafts' ? <span class="count"> {t('unreadCount', { n })}</span> : null}</h1>
			<span class="grow" />
			{panes.value === 1 ? <Tool icon="search" label={t('searchMail')} run={startSearching} /> : null}
			<Tool icon="more" label={t('listOptions')} popup run={(e) => {
				const at = e.currentTarget as Element;
				showMenu({
					at, label: t('listOptions'), items: [
						{ label: t('filterAll'), checked: v.only === '', run: () => only('') },
						{ label: t('filterUnread'), icon: 'mail', checked: v.only === 'unread', run: () => only('unread') },
						{ label: t('filterStarred'), icon: 'star', checked: v.only === 'starred', run: () => only('starred') },
						{ label: t('filterAttachment'), icon: 'attach', checked: v.only === 'attachment', run: () => only('attachment') },
						'-',
						{ label: t('conversations'), checked: prefs.conversations.peek(), run: () => toggleConversations() },
						{ label: t('compact'), checked: prefs.density.peek() === 'compact', run: () => { prefs.density.value = prefs.density.peek() === 'compact' ? 'comfortable' : 'compact'; } },
						'-',
						{ label: t('refresh'), icon: 'undo', run: () => void store.sync().then(() => list.peek()?.refresh()) },
						...(f ? [{ label: t('folderActions', { box: viewName(v) }), icon: 'folder', run: () => showFolderMenu(f, at) }] : []),
					],
				});
			}} />
		</div>
	);
}

export function ListPane() {
	const l = list.value;
	const error = useComputed(() => list.value?.error.value ?? null);
	return (
		<section class="list" aria-label={t('messages')}>
			{l && selection.value.size > 0 ? <SelectionBar l={l} /> : <ListBar l={l} />}
			<VacationBanner />
			<DeletedBanner />
			<Hints />
			{error.value && l?.total.value === null ? (
				<div class="notice err"><Icon name="warn" />{t('loadFailed')} <button type="button" class="link" onClick={() => void l?.refresh()}>{t('retry')}</button></div>
			) : null}
			{l === null ? (store.boxIds.value === null ? <div class="rows" /> : <Empty missing />) : l.total.value === 0 ? <Empty /> : <Rows key={0} l={l} />}
		</section>
	);
}
