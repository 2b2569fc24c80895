/*
 * ui/menu.tsx - the one menu that is open.
 *
 *	showMenu({ at: event.currentTarget, items: [...] })      below a button
 *	showMenu({ at: { x, y }, items })                        where the mouse is
 *	showMenu({ at, items, filter: 'Move to' })               with a box to type in
 *
 * Arrow keys move, a letter goes to the next item that begins so, Enter and a
 * click choose, Escape and a click elsewhere close; the focus goes back to where
 * it was.  On a phone it comes up from the bottom.
 */
import { signal } from '@preact/signals';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { panes } from '../app/look';
import { Icon } from './icon';

export interface MenuItem {
	label: string;
	icon?: string;
	key?: string;
	indent?: number;
	checked?: boolean | 'mixed';
	disabled?: boolean;
	href?: string;
	run?: () => void;
}

export type MenuRow = MenuItem | '-' | { title: string };

export interface Menu {
	at: Element | { x: number; y: number };
	label: string;
	items: MenuRow[];
	/** A box to filter by typing; its hint. */
	filter?: string;
	/** What else can be made of the words that were typed. */
	make?: (words: string) => MenuItem | undefined;
}

const open = signal<Menu | null>(null);
let opened = 0;
let before: Element | null = null;

export function showMenu(m: Menu): void {
	before = document.activeElement;
	opened++;
	open.value = m;
}

export function closeMenu(): void {
	open.value = null;
	if (before instanceof HTMLElement && before.isConnected)
		before.focus({ preventScroll: true });
	before = null;
}

export const menuIsOpen = () => open.value !== null;

const isItem = (r: MenuRow): r is MenuItem => r !== '-' && 'label' in r;

function place(el: HTMLElement, at: Menu['at']): void {
	const r = at instanceof Element ? at.getBoundingClientRect() : { left: at.x, right: at.x, top: at.y, bottom: at.y };
	const { offsetWidth: w, offsetHeight: h } = el;
	const rtl = getComputedStyle(el).direction === 'rtl';
	let x = rtl ? r.right - w : r.left;
	let y = r.bottom + 2;
	if (x + w > innerWidth - 8)
		x = Math.max(8, r.right - w);
	if (y + h > innerHeight - 8)
		y = r.top - h - 2 >= 8 ? r.top - h - 2 : Math.max(8, innerHeight - h - 8);
	el.style.left = `${Math.max(8, x)}px`;
	el.style.top = `${y}px`;
}

function OpenMenu({ menu }: { menu: Menu }) {
	const root = useRef<HTMLDivElement>(null);
	const [words, setWords] = useState('');
	const [at, setAt] = useState(menu.filter ? 0 : -1);
	const sheet = panes.value === 1;
	const match = words.trim().toLowerCase();
	let rows = match ? menu.items.filter((r) => isItem(r) && r.label.toLowerCase().includes(match)) : menu.items;
	const made = match ? menu.make?.(words.trim()) : undefined;
	if (made)
		rows = [...rows, made];
	const items = rows.filter(isItem);

	useLayoutEffect(() => {
		if (root.current && !sheet)
			place(root.current, menu.at);
	}, [menu, sheet]);
	// Before anything else happens: what is typed now is meant for it.
	useLayoutEffect(() => {
		const el = root.current;
		const first = el?.querySelector<HTMLElement>('input, [role^=menuitem]');
		(first ?? el)?.focus({ preventScroll: true });
	}, [menu]);

	const choose = (i: MenuItem) => {
		if (i.disabled)
			return;
		closeMenu();
		i.run?.();
	};
	const move = (to: number) => {
		const n = items.length;
		if (n === 0)
			return;
		const next = (to + n) % n;
		setAt(next);
		const el = root.current?.querySelectorAll<HTMLElement>('.menu-item')[next];
		if (menu.filter)
			el?.scrollIntoView({ block: 'nearest' });
		else
			el?.focus();
	};
	const keys = (e: KeyboardEvent) => {
		e.stopPropagation();
		const focused = [...(root.current?.querySelectorAll('.menu-item') ?? [])].indexOf(document.activeElement as Element);
		const now = menu.filter ? at : focused;
		switch (e.key) {
		case 'ArrowDown': move(now + 1); break;
		case 'ArrowUp': move(now < 0 ? items.length - 1 : now - 1); break;
		case 'Home': move(0); break;
		case 'End': move(items.length - 1); break;
		case 'Escape': closeMenu(); break;
		case 'Tab': closeMenu(); break;
		case 'Enter': {
			const chosen = items[now];
			if (chosen && !chosen.href)
				choose(chosen);
			else if (chosen)
				return;
			break;
		}
		default: {
			if (menu.filter || e.key.length !== 1 || e.ctrlKey || e.metaKey)
				return;
			if (e.key === ' ' && items[now]) {
				choose(items[now]!);
				break;
			}
			const from = Math.max(now, 0);
			for (let i = 1; i <= items.length; i++)
				if (items[(from + i) % items.length]!.label.toLowerCase().startsWith(e.key.toLowerCase())) {
					move((from + i) % items.length);
					break;
				}
		}
		}
		e.preventDefault();
	};

	let n = -1;
	return (
		<>
			<div class={`shade${sheet ? ' dim' : ''}`} onPointerDown={(e) => { e.preventDefault(); closeMenu(); }} onContextMenu={(e) => { e.preventDefault(); closeMenu(); }} />
			<div class={`menu scroll${sheet ? ' sheet' : ''}`} ref={root} role={menu.filter ? 'dialog' : 'menu'} aria-label={menu.label} tabIndex={-1} onKeyDown={keys}>
				{menu.filter ? (
					<input class="input menu-filter" type="text" placeholder={menu.filter} aria-label={menu.filter} role="combobox" aria-expanded="true" aria-controls="menu-options"
						aria-activedescendant={items[at] ? `menu-option-${at}` : undefined} autocomplete="off" value={words}
						onInput={(e) => { setWords(e.currentTarget.value); setAt(0); }} />
				) : null}
				<div id="menu-options" role={menu.filter ? 'listbox' : 'none'} aria-label={menu.filter ? menu.label : undefined}>
					{rows.map((r, k) => {
						if (r === '-')
							return <hr key={k} role="none" />;
						if (!isItem(r))
							return <div key={k} class="menu-title" aria-hidden="true">{r.title}</div>;
						n++;
						const i = n;
						const role = menu.filter ? 'option' : r.checked === undefined ? 'menuitem' : 'menuitemcheckbox';
						const inner = (
							<>
								{r.icon ? <Icon name={r.icon} /> : null}
								<span class="clip">{r.label}</span>
								{r.key ? <kbd aria-hidden="true">{r.key}</kbd> : null}
								{r.checked ? <span class="check-mark">{r.checked === 'mixed' ? '\u2013' : <Icon name="check" />}</span> : null}
							</>
						);
						const common = {
							key: k,
							id: `menu-option-${i}`,
							class: 'menu-item',
							role: role as 'menuitem',
							tabIndex: -1,
							'aria-disabled': r.disabled || undefined,
							'aria-checked': r.checked === undefined ? undefined : r.checked === 'mixed' ? ('mixed' as const) : r.checked,
							'aria-selected': menu.filter ? i === at : undefined,
							style: r.indent ? { paddingInlineStart: `${12 + r.indent * 16}px` } : undefined,
						};
						return r.href
							? <a {...common} href={r.href} onClick={() => { open.value = null; r.run?.(); }}>{inner}</a>
							: <div {...common} onClick={() => choose(r)}>{inner}</div>;
					})}
				</div>
			</div>
		</>
	);
}

export function MenuHost() {
	return open.value ? <OpenMenu key={opened} menu={open.value} /> : null;
}
