/*
 * mail/search-box.tsx - the one box for all searches, with suggestions.
 *
 * Enter looks; what is written stays in the address, so Back undoes it.  Escape
 * and the cross lead back to exactly where the search began.  While an operator is
 * written its values are offered: folders for in:, people for from: and to:.
 */
import { useSignal, useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import { panes } from '../app/look';
import { go, route } from '../app/router';
import { t } from '../app/t';
import { Icon } from '../ui/icon';
import { Tool } from '../ui/tool';
import type { Scope } from './search';
import { boxName, hrefOf, store, view } from './state';
import { personName } from './words';

interface Suggestion {
	/** What replaces the last word. */
	insert: string;
	label: string;
	hint: string;
	/** Nothing more is to be written: look at once. */
	whole?: boolean;
}

const OPERATORS = [
	['from:', 'hintFrom'], ['to:', 'hintTo'], ['subject:', 'hintSubject'], ['has:attachment', 'hintHas'], ['is:unread', 'hintIs'],
	['in:', 'hintIn'], ['before:', 'hintBefore'], ['newer:2w', 'hintNewer'], ['larger:5M', 'hintLarger'], ['-', 'hintNot'],
] as const;

/** Where to go when the search is left. */
let before = '';

const quoted = (s: string) => (/[\s()"]/.test(s) ? `"${s.replaceAll('"', '')}"` : s);

function people(part: string): Suggestion[] {
	const found = new Map<string, { name: string; n: number }>();
	for (const id of store.emails.ids()) {
		const e = store.emails.peek(id)!;
		for (const a of [...(e.from ?? []), ...(e.to ?? [])]) {
			const key = a.email.toLowerCase();
			const name = personName(a);
			if (!key.includes(part) && !name.toLowerCase().includes(part))
				continue;
			const f = found.get(key);
			found.set(key, { name: f?.name || name, n: (f?.n ?? 0) + 1 });
		}
	}
	return [...found].sort((a, b) => b[1].n - a[1].n).slice(0, 6).map(([email, f]) => ({ insert: email, label: f.name, hint: f.name === email ? '' : email, whole: true }));
}

/** What may follow what is written before the caret. */
function suggest(text: string): Suggestion[] {
	const last = /(?:^|[\s(])(-?)(\S*)$/.exec(text);
	const word = (last?.[2] ?? '').toLowerCase();
	const m = /^(from|to|cc|in):"?([^"]*)$/.exec(word);
	if (m?.[1] === 'in')
		return store.folders.peek()
			.filter((f) => f.path.toLowerCase().includes(m[2]!) || boxName(f.box).toLowerCase().includes(m[2]!))
			.slice(0, 8)
			.map((f) => ({ insert: `in:${quoted(f.box.role ?? f.path)}`, label: `in:${f.box.role ?? f.path}`, hint: boxName(f.box), whole: true }));
	if (m)
		return people(m[2]!).map((p) => ({ ...p, insert: `${m[1]}:${p.insert}` }));
	const operators = OPERATORS.filter(([o]) => word === '' || o.startsWith(word)).map(([o, hint]) => ({ insert: o, label: o, hint: t(hint), whole: !/[:-]$/.test(o) }));
	if (word === '')
		return operators;
	return [...operators.filter((o) => o.insert !== word), ...(word.length > 1 ? people(word).map((p) => ({ ...p, insert: `from:${p.insert}`, label: `from:${p.label}` })) : [])].slice(0, 8);
}

export function SearchBox({ close }: { close?: () => void }) {
	const input = useRef<HTMLInputElement>(null);
	const text = useSignal('');
	const open = useSignal(false);
	const at = useSignal(-1);
	// The box shows what the address says.
	useSignalEffect(() => {
		text.value = route.value.query.get('q') ?? '';
	});
	const v = view.value;
	const list = open.value ? suggest(text.value) : [];

	const look = (q: string, scope?: Scope) => {
		const trimmed = q.trim();
		const now = view.peek();
		if (!trimmed)
			return clear();
		if (!now.q)
			before = location.pathname + location.search;
		open.value = false;
		input.current?.blur();
		const s = scope ?? (now.q ? now.scope : undefined);
		go(hrefOf(now.name || 'inbox', undefined, { q: trimmed, in: s && s !== 'here' ? s : undefined }));
		document.getElementById('messages')?.focus();
	};
	const clear = () => {
		text.value = '';
		open.value = false;
		if (view.peek().q)
			go(before || hrefOf(view.peek().name || 'inbox'));
		before = '';
		close?.();
	};
	const take = (s: Suggestion) => {
		const kept = text.peek().replace(/-?[^\s(]*$/, (w) => (w.startsWith('-') && s.insert !== '-' ? '-' : ''));
		text.value = kept + s.insert + (s.whole ? ' ' : '');
		at.value = -1;
		input.current?.focus();
	};
	const keys = (e: KeyboardEvent) => {
		switch (e.key) {
		case 'ArrowDown':
		case 'ArrowUp': {
			if (!open.value) {
				open.value = true;
				break;
			}
			const n = list.length;
			at.value = n ? (at.value + (e.key === 'ArrowDown' ? 1 : -1) + (at.value < 0 && e.key === 'ArrowUp' ? 1 : 0) + n) % n : -1;
			break;
		}
		case 'Tab':
			open.value = false;
			return;
		case 'Enter': {
			const s = list[at.value];
			if (s)
				take(s);
			else
				look(text.value);
			break;
		}
		case 'Escape':
			if (open.value && at.value >= 0) {
				at.value = -1;
			} else {
				clear();
				input.current?.blur();
				document.getElementById('messages')?.focus();
			}
			break;
		default:
			return;
		}
		e.preventDefault();
		e.stopPropagation();
	};
	return (
		<search class="search">
			<form role="search" class={`search-form${open.value && list.length ? ' open' : ''}`} onSubmit={(e) => { e.preventDefault(); look(text.value); }}>
				{panes.value === 1 && close ? <Tool icon="back" label={t('back')} run={clear} /> : <Icon name="search" />}
				<input ref={input} id="search" class="search-input" type="text" enterkeyhint="search" placeholder={t('searchMail')} aria-label={t('searchMail')} value={text.value}
					role="combobox" aria-expanded={open.value && list.length > 0} aria-controls="search-options" aria-autocomplete="list" aria-activedescendant={at.value >= 0 ? `search-option-${at.value}` : undefined}
					autocomplete="off" autocapitalize="none" spellcheck={false} aria-keyshortcuts="/"
					onInput={(e) => { text.value = e.currentTarget.value; open.value = true; at.value = -1; }}
					onFocus={() => { open.value = true; at.value = -1; }} onBlur={() => { open.value = false; }} onKeyDown={keys} />
				{text.value ? <Tool icon="x" label={t('clearSearch')} run={clear} /> : panes.value > 1 ? <kbd class="search-key" aria-hidden="true">/</kbd> : null}
				{v.q ? (
					<label class="scope">
						<span class="sr">{t('searchScope')}</span>
						<select value={v.scope} onChange={(e) => look(v.q, e.currentTarget.value as Scope)}>
							{v.box ? <option value="here">{t('scopeHere', { box: boxName(v.box) })}</option> : null}
							<option value="all">{t('scopeAll')}</option>
							<option value="anywhere">{t('scopeAnywhere')}</option>
						</select>
					</label>
				) : null}
			</form>
			<ul id="search-options" class="search-options" role="listbox" aria-label={t('searchTips')} hidden={!open.value || list.length === 0}>
				{list.map((s, i) => (
					<li key={s.insert} id={`search-option-${i}`} role="option" aria-selected={at.value === i} onPointerDown={(e) => { e.preventDefault(); take(s); }}>
						<code>{s.label}</code><span class="clip">{s.hint}</span>
					</li>
				))}
			</ul>
		</search>
	);
}
