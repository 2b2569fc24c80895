/*
 * compose/recipients.tsx - a field of recipients: chips, and a box with
 * suggestions (the combobox pattern of WAI-ARIA).
 *
 * Comma, semicolon, Enter and Tab make a chip of what was typed, leaving the
 * field does too; a pasted list becomes chips at once.  Chips are reached by
 * the arrow keys, changed by Enter, moved by Ctrl with an arrow or by dragging.
 */
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Icon } from '../ui/icon';
import { showMenu } from '../ui/menu';
import { say } from '../ui/toast';
import { mixesScripts } from '../html/links';
import { type Recipient, formatAddress, parseAddresses, sameAddress, uniqueAddresses } from './addresses';
import { people } from './known';
import type { Person } from './people';
import { t } from './t';

export type Field = 'to' | 'cc' | 'bcc';

const DRAG_TYPE = 'application/x-posthus-recipient';

export interface RecipientsProps {
	field: Field;
	label: string;
	list: Recipient[];
	/** Not suggested again. */
	taken: ReadonlySet<string>;
	focus?: boolean;
	refused: (address: string) => boolean;
	onChange: (list: Recipient[]) => void;
	/** To another field. */
	onMove: (r: Recipient, to: Field) => void;
	/** Dropped here: it leaves the field that it came from. */
	onTake: (r: Recipient) => void;
	more?: preact.ComponentChildren;
}

const nameOf = (r: Recipient): string => r.name || r.email;

interface ChipProps {
	of: Recipient;
	props: RecipientsProps;
	onEdit: () => void;
	onRemove: () => void;
	onKey: (e: KeyboardEvent) => void;
}

function Chip({ of: r, props, onEdit, onRemove, onKey }: ChipProps) {
	const refused = props.refused(r.email);
	const odd = !r.bad && mixesScripts(r.email);
	const words = r.bad ? t('badAddress') : refused ? t('refusedAddress') : odd ? t('mixedScripts') : '';
	const others = (['to', 'cc', 'bcc'] as const).filter((f) => f !== props.field);
	const menu = (e: MouseEvent): void => {
		e.preventDefault();
		showMenu({
			at: { x: e.clientX, y: e.clientY },
			label: nameOf(r),
			items: [
				...others.map((f) => ({ label: t('moveTo', { field: t(f) }), run: () => props.onMove(r, f) })),
				{ label: t('copyAddress'), icon: 'copy', run: () => void navigator.clipboard?.writeText(formatAddress(r)) },
				{ label: t('removeRecipient', { name: nameOf(r) }), icon: 'x', run: onRemove },
			],
		});
	};
	return (
		<span class={`rcpt${r.bad || refused ? ' bad' : odd ? ' odd' : ''}`} draggable onContextMenu={menu}
			onDragStart={(e) => e.dataTransfer?.setData(DRAG_TYPE, JSON.stringify({ name: r.name, email: r.email }))}>
			<button type="button" class="rcpt-name" title={words ? `${r.email}: ${words}` : r.email} aria-label={t('editRecipient', { name: words ? `${formatAddress(r)}, ${words}` : formatAddress(r) })}
				onClick={onEdit} onKeyDown={onKey}>
				{words ? <Icon name="warn" /> : null}
				<span class="clip" dir="auto">{nameOf(r)}</span>
			</button>
			<button type="button" class="rcpt-x" tabIndex={-1} aria-label={t('removeRecipient', { name: nameOf(r) })} onClick={onRemove}><Icon name="x" /></button>
		</span>
	);
}

function Suggestions({ id, list, at, onTake }: { id: string; list: Person[]; at: number; onTake: (p: Person) => void }) {
	return (
		<ul class="suggest" id={id} role="listbox" aria-label={t('suggestions')}>
			{list.map((p, i) => (
				<li key={p.email} id={`${id}-${i}`} role="option" aria-selected={i === at} onPointerDown={(e) => { e.preventDefault(); onTake(p); }}>
					<span class="clip" dir="auto">{p.name || p.email}</span>
					{p.name ? <span class="clip dim">{p.email}</span> : null}
				</li>
			))}
		</ul>
	);
}

export function Recipients(props: RecipientsProps) {
	const { list, label, onChange } = props;
	const id = useId();
	const root = useRef<HTMLDivElement>(null);
	const box = useRef<HTMLInputElement>(null);
	const [typed, setTyped] = useState('');
	const [at, setAt] = useState(0);
	const [closed, setClosed] = useState(false);
	const found = typed.trim() && !closed ? people.find(typed.trim(), 8, props.taken) : [];

	useEffect(() => {
		if (props.focus) box.current?.focus();
	}, [props.focus]);
	useEffect(() => {
		if (typed.trim()) say(t('suggestionCount', { n: found.length }));
	}, [found.length]);

	const add = (more: Recipient[]): void => onChange(uniqueAddresses([...list, ...more]));
	const settle = (text: string): void => {
		setTyped('');
		setAt(0);
		if (text.trim()) add(parseAddresses(text));
	};
	const take = (p: Person): void => {
		setTyped('');
		setAt(0);
		add([{ name: p.name || null, email: p.email }]);
		box.current?.focus();
	};
	const chips = (): HTMLElement[] => [...(root.current?.querySelectorAll<HTMLElement>('.rcpt-name') ?? [])];
	const without = (i: number): void => {
		onChange(list.filter((_, k) => k !== i));
		box.current?.focus();
	};
	const edit = (i: number): void => {
		const r = list[i]!;
		if (typed.trim()) add(parseAddresses(typed));
		setTyped(formatAddress(r));
		setClosed(true);
		onChange(list.filter((_, k) => k !== i));
		box.current?.focus();
	};
	const chipKey = (e: KeyboardEvent, i: number): void => {
		const step = e.key === 'ArrowLeft' ? -1 : e.key === 'ArrowRight' ? 1 : 0;
		if (e.key === 'Delete' || e.key === 'Backspace') without(i);
		else if (step) (chips()[i + step] ?? (step > 0 ? box.current : null))?.focus();
		else return;
		e.preventDefault();
	};
	const key = (e: KeyboardEvent): void => {
		const caret = box.current?.selectionStart === 0 && box.current.selectionEnd === 0;
		if (e.key === 'ArrowDown' && found.length) setAt((at + 1) % found.length);
		else if (e.key === 'ArrowUp' && found.length) setAt((at + found.length - 1) % found.length);
		else if (e.key === 'Escape' && found.length) {
			setClosed(true);
			e.stopPropagation();
		} else if ((e.key === 'Enter' || e.key === 'Tab') && !e.shiftKey && !e.ctrlKey && !e.metaKey && found[at]) {
			take(found[at]!);
		} else if (e.key === 'Enter' && typed.trim() && !e.ctrlKey && !e.metaKey) settle(typed);
		else if ((e.key === ',' || e.key === ';') && typed.trim() && (typed.split('"').length - 1) % 2 === 0 && /@|^\s*"/.test(typed)) settle(typed);
		else if ((e.key === 'Backspace' || e.key === 'ArrowLeft') && caret && list.length) {
			if (typed && e.key === 'Backspace') return;
			chips()[list.length - 1]?.focus();
		} else return;
		e.preventDefault();
	};
	const pasted = (e: ClipboardEvent): void => {
		const text = e.clipboardData?.getData('text/plain') ?? '';
		const many = parseAddresses(text);
		if (many.length < 2 && !(many[0] && !many[0].bad)) return;
		e.preventDefault();
		add([...(typed.trim() ? parseAddresses(typed) : []), ...many]);
		setTyped('');
	};
	const dropped = (e: DragEvent): void => {
		const data = e.dataTransfer?.getData(DRAG_TYPE);
		if (!data) return;
		e.preventDefault();
		e.stopPropagation();
		const r = JSON.parse(data) as Recipient;
		if (!list.some((x) => sameAddress(x.email, r.email))) props.onTake(parseAddresses(formatAddress(r))[0] ?? r);
	};

	return (
		<div class="cfield rcpts" ref={root} onDrop={dropped} onDragOver={(e) => { if (e.dataTransfer?.types.includes(DRAG_TYPE)) e.preventDefault(); }}>
			<label class="clabel" for={id}>{label}</label>
			<div class="rcpt-list" onClick={(e) => { if (e.target === e.currentTarget) box.current?.focus(); }}>
				{list.map((r, i) => (
					<Chip key={r.email} of={r} props={props} onEdit={() => edit(i)} onRemove={() => without(i)} onKey={(e) => chipKey(e, i)} />
				))}
				<span class="rcpt-box">
					<input ref={box} id={id} class="rcpt-input" value={typed} autocomplete="off" autocapitalize="none" spellcheck={false} inputMode="email" size={Math.max(8, typed.length + 1)}
						role="combobox" aria-expanded={found.length > 0} aria-controls={`${id}-s`} aria-autocomplete="list" aria-activedescendant={found[at] ? `${id}-s-${at}` : undefined}
						onInput={(e) => { setTyped(e.currentTarget.value); setAt(0); setClosed(false); }}
						onKeyDown={key} onPaste={pasted} onBlur={() => settle(typed)} />
					{found.length ? <Suggestions id={`${id}-s`} list={found} at={at} onTake={take} /> : null}
				</span>
			</div>
			{props.more}
		</div>
	);
}
