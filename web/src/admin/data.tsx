/*
 * admin/data.tsx - what the pages of the panel are made of: data that loads,
 * tables, marks, strips with a copy button, forms that say what is wrong.
 */
import { type Signal, useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useCallback, useEffect, useRef } from 'preact/hooks';
import { Icon } from '../ui/icon';
import { toast } from '../ui/toast';
import { lang as language } from '../i18n';
import { Problem } from './api';
import { t } from './t';

/* ---- loading ---- */

export interface Loaded<T> {
	value: T | undefined;
	error: Problem | undefined;
	busy: boolean;
	reload: () => void;
}

/** Load when `key` changes, and when asked; old answers that come late are dropped. */
export function useLoad<T>(key: string, load: () => Promise<T>, everyMs = 0): Loaded<T> {
	const value = useSignal<T | undefined>(undefined);
	const error = useSignal<Problem | undefined>(undefined);
	const busy = useSignal(true);
	const turn = useRef(0);
	const last = useRef(load);
	last.current = load;
	const reload = useCallback(() => {
		const mine = ++turn.current;
		busy.value = true;
		last.current().then((v) => {
			if (mine !== turn.current)
				return;
			value.value = v;
			error.value = undefined;
			busy.value = false;
		}, (e: unknown) => {
			if (mine !== turn.current)
				return;
			error.value = e instanceof Problem ? e : new Problem(0, '', String(e));
			busy.value = false;
		});
	}, []);
	useEffect(() => {
		value.value = undefined;
		reload();
		if (!everyMs)
			return undefined;
		const timer = setInterval(() => {
			if (document.visibilityState === 'visible')
				reload();
		}, everyMs);
		return () => clearInterval(timer);
	}, [key]);
	return { value: value.value, error: error.value, busy: busy.value, reload };
}

export function words(p: Problem): string {
	return p.status === 0 ? t('offline') : p.status === 403 ? p.detail || t('notAllowed') : p.detail || p.title;
}

export function Trouble({ problem, again }: { problem: Problem; again?: () => void }) {
	return (
		<div class="notice err" role="alert">
			<Icon name="warn" /><span>{words(problem)}{problem.reference ? ` [${problem.reference}]` : ''}</span>
			{again ? <button type="button" class="link" onClick={again}>{t('tryAgain')}</button> : null}
		</div>
	);
}

/** The content once it is there. */
export function Data<T>({ of, children }: { of: Loaded<T>; children: (v: T) => ComponentChildren }) {
	if (of.error && of.value === undefined)
		return <Trouble problem={of.error} again={of.reload} />;
	if (of.value === undefined)
		return <p class="loading" role="status">{t('loading')}</p>;
	return <>{of.error ? <Trouble problem={of.error} again={of.reload} /> : null}{children(of.value)}</>;
}

/* ---- words for values ---- */

export function when(iso: string | null | undefined): string {
	if (!iso)
		return '';
	const d = new Date(iso);
	const today = new Date().toDateString() === d.toDateString();
	return new Intl.DateTimeFormat(language.value, today ? { timeStyle: 'short' } : { dateStyle: 'medium', timeStyle: 'short' }).format(d);
}

export function Time({ at }: { at: string | null | undefined }) {
	return at ? <time dateTime={at} title={new Date(at).toString()}>{when(at)}</time> : null;
}

export function bytes(n: number): string {
	const units = ['B', 'KB', 'MB', 'GB', 'TB'];
	let i = 0;
	while (n >= 1024 && i < units.length - 1) {
		n /= 1024;
		i++;
	}
	return `${new Intl.NumberFormat(language.value, { maximumFractionDigits: n < 10 && i > 0 ? 1 : 0 }).format(n)} ${units[i]}`;
}

export type Tone = 'ok' | 'warn' | 'err' | 'accent' | 'none';

/** State as a word with the colour of its rail. */
export function Mark({ tone, children }: { tone: Tone; children: ComponentChildren }) {
	return <span class={`mark ${tone}`}>{children}</span>;
}

/** A technical text on a strip, to be copied. */
export function Copy({ text, label }: { text: string; label?: string }) {
	return (
		<span class="strip">
			<code>{text}</code>
			<button type="button" class="tool" aria-label={t('copyThis', { what: label ?? text })} title={t('copy')} onClick={() => {
				void navigator.clipboard.writeText(text).then(() => toast({ text: t('copied') }), () => toast({ text: t('cannotCopy'), error: true }));
			}}><Icon name="copy" /></button>
		</span>
	);
}

/* ---- tables ---- */

export interface Column<T> {
	head: string;
	/** In the place of the words of `head`, which a telephone shows. */
	top?: ComponentChildren;
	cell: (row: T) => ComponentChildren;
	/** Not on a phone. */
	wide?: boolean;
	end?: boolean;
}

export function Table<T>({ rows, columns, id, tone, empty, label }: {
	rows: T[]; columns: Column<T>[]; id: (row: T) => string | number; tone?: (row: T) => Tone; empty: ComponentChildren; label: string;
}) {
	if (rows.length === 0)
		return <div class="empty-row">{empty}</div>;
	return (
		<div class="table-box">
			<table class="rows" aria-label={label}>
				<thead><tr>{columns.map((c) => <th key={c.head} scope="col" class={`${c.wide ? 'wide' : ''}${c.end ? ' end' : ''}`}>{c.top ?? c.head}</th>)}</tr></thead>
				<tbody>{rows.map((r) => (
					<tr key={id(r)} class={`rail-${tone?.(r) ?? 'none'}`}>
						{columns.map((c) => <td key={c.head} class={`${c.wide ? 'wide' : ''}${c.end ? ' end' : ''}`} data-head={c.head}>{c.cell(r)}</td>)}
					</tr>
				))}</tbody>
			</table>
		</div>
	);
}

/* ---- forms ---- */

/** Run what a form sends; the problem stays beside its field. */
export function useForm(): { problem: Signal<Problem | undefined>; busy: Signal<boolean>; run: (fn: () => Promise<void>) => Promise<boolean> } {
	const problem = useSignal<Problem | undefined>(undefined);
	const busy = useSignal(false);
	const run = async (fn: () => Promise<void>) => {
		if (busy.peek())
			return false;
		busy.value = true;
		problem.value = undefined;
		try {
			await fn();
			return true;
		} catch (e) {
			problem.value = e instanceof Problem ? e : new Problem(0, '', String(e));
			return false;
		} finally {
			busy.value = false;
		}
	};
	return { problem, busy, run };
}

export function Wrong({ of }: { of: Signal<Problem | undefined> }) {
	const p = of.value;
	return <p class="login-error" role="alert">{p ? `${words(p)}${p.reference ? ` [${p.reference}]` : ''}` : ''}</p>;
}

/** An act at once, with a word of what was done or why not. */
export async function act(fn: () => Promise<unknown>, done: string): Promise<boolean> {
	try {
		await fn();
		toast({ text: done });
		return true;
	} catch (e) {
		toast({ text: e instanceof Problem ? words(e) : String(e), error: true });
		return false;
	}
}
