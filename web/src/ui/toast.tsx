/*
 * ui/toast.tsx - what was done, for some seconds, with a way back.
 *
 *	toast({ text: 'Moved to Archive.', act: { label: 'Undo', key: 'z', run } })
 *	const p = progress('Moving', stop); p.set(done, n); p.end();
 *
 * A new one replaces the last that has no progress.  The text goes to the live
 * region too, which is always there (some readers miss one that appears).  The
 * time stops while the mouse or the focus is on it.
 */
import { signal } from '@preact/signals';
import { t } from '../app/t';

export interface Toast {
	text: string;
	error?: boolean;
	act?: { label: string; key?: string; run: () => void };
	ms?: number;
}

interface Shown extends Toast {
	id: number;
	progress?: { done: number; n: number };
}

export const UNDO_MS = 10_000;

const shown = signal<Shown[]>([]);
const spoken = signal('');
const timers = new Map<number, ReturnType<typeof setTimeout>>();
let count = 0;

function remove(id: number): void {
	clearTimeout(timers.get(id));
	timers.delete(id);
	shown.value = shown.peek().filter((s) => s.id !== id);
}

function later(s: Shown): void {
	clearTimeout(timers.get(s.id));
	timers.set(s.id, setTimeout(() => remove(s.id), s.ms ?? (s.act ? UNDO_MS : 5000)));
}

/** Tell those who do not see it. */
export function say(text: string): void {
	// The same words twice are told twice.
	spoken.value = spoken.peek() === text ? `${text}\u00a0` : text;
}

export function toast(o: Toast): () => void {
	const s = { ...o, id: ++count };
	for (const x of shown.peek())
		if (!x.progress)
			remove(x.id);
	shown.value = [...shown.peek(), s];
	say(o.act?.key ? `${o.text} ${o.act.label}: ${o.act.key}` : o.text);
	later(s);
	return () => remove(s.id);
}

export function progress(text: string, stop?: () => void) {
	const id = ++count;
	shown.value = [...shown.peek(), { id, text, progress: { done: 0, n: 0 }, act: stop && { label: t('stopWork'), run: stop } }];
	say(text);
	return {
		set(done: number, n: number): void {
			shown.value = shown.peek().map((s) => (s.id === id ? { ...s, progress: { done, n } } : s));
		},
		end(): void {
			remove(id);
		},
	};
}

export function ToastHost() {
	return (
		<>
			<div class="toasts" role="region" aria-label={t('notices')}>
				{shown.value.map((s) => (
					<div key={s.id} class={`toast${s.error ? ' err' : ''}`}
						onPointerEnter={() => clearTimeout(timers.get(s.id))} onPointerLeave={() => s.progress || later(s)}
						onFocusIn={() => clearTimeout(timers.get(s.id))} onFocusOut={() => s.progress || later(s)}>
						<span>{s.text}</span>
						{s.progress ? <><progress value={s.progress.done} max={s.progress.n || 1} aria-label={s.text} /><span>{t('working', s.progress)}</span></> : null}
						{s.act ? (
							<button type="button" class="button small" onClick={() => { if (!s.progress) remove(s.id); s.act!.run(); }}>
								{s.act.label}{s.act.key ? <kbd aria-hidden="true">{s.act.key}</kbd> : null}
							</button>
						) : null}
					</div>
				))}
			</div>
			<div class="sr" role="status" aria-live="polite">{spoken}</div>
		</>
	);
}
