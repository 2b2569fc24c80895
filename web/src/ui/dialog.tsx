/*
 * ui/dialog.tsx - what must be answered before anything else.
 *
 *	if (await confirm({ title, text, yes: 'Delete folder', danger: true })) ...
 *	const name = await prompt({ title, label, yes: 'Create', value: '' });
 *	openDialog({ title, large: true, body: (close) => <.../> });
 *
 * They are the browser's own modal dialogs: the rest is inert, Escape closes,
 * the focus goes back.  The button says what happens, never "OK".
 */
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { t } from '../app/t';
import { Icon } from './icon';

export interface Dialog {
	title: string;
	large?: boolean;
	body: (close: () => void) => ComponentChildren;
	closed?: () => void;
	/** Cannot be left without an answer. */
	fixed?: boolean;
}

const dialogs = signal<(Dialog & { id: number })[]>([]);
let count = 0;

export function openDialog(d: Dialog): () => void {
	const id = ++count;
	dialogs.value = [...dialogs.peek(), { ...d, id }];
	return () => {
		dialogs.value = dialogs.peek().filter((x) => x.id !== id);
	};
}

export const dialogIsOpen = () => dialogs.value.length > 0;

function OpenDialog({ dialog }: { dialog: Dialog & { id: number } }) {
	const ref = useRef<HTMLDialogElement>(null);
	const close = () => {
		dialogs.value = dialogs.peek().filter((x) => x.id !== dialog.id);
	};
	useEffect(() => {
		const before = document.activeElement;
		const el = ref.current!;
		el.showModal();
		(el.querySelector<HTMLElement>('[autofocus], .dialog-body input, .dialog-body button') ?? el).focus();
		return () => {
			dialog.closed?.();
			if (before instanceof HTMLElement && before.isConnected)
				before.focus({ preventScroll: true });
		};
	}, []);
	return (
		<dialog ref={ref} class={`dialog${dialog.large ? ' large' : ''}`} aria-labelledby={`dialog-${dialog.id}`}
			onCancel={(e) => { e.preventDefault(); if (!dialog.fixed) close(); }}
			onKeyDown={(e) => e.stopPropagation()}
			onPointerDown={(e) => { if (e.target === ref.current && !dialog.fixed) close(); }}>
			<div class="dialog-head">
				<h2 id={`dialog-${dialog.id}`}>{dialog.title}</h2>
				{dialog.fixed ? null : <button type="button" class="tool" aria-label={t('close')} onClick={close}><Icon name="x" /></button>}
			</div>
			{dialog.body(close)}
		</dialog>
	);
}

export function DialogHost() {
	return <>{dialogs.value.map((d) => <OpenDialog key={d.id} dialog={d} />)}</>;
}

export function confirm(q: { title: string; text: string; yes: string; danger?: boolean }): Promise<boolean> {
	return new Promise((done) => {
		let answer = false;
		openDialog({
			title: q.title,
			closed: () => done(answer),
			body: (close) => (
				<form onSubmit={(e) => { e.preventDefault(); answer = true; close(); }}>
					<div class="dialog-body"><p>{q.text}</p></div>
					<div class="dialog-foot">
						<button type="button" class="button" onClick={close}>{t('cancel')}</button>
						<button class={`button ${q.danger ? 'danger' : 'primary'}`} autofocus>{q.yes}</button>
					</div>
				</form>
			),
		});
	});
}

/** A line of text; null when the user leaves.  `check` may refuse with words. */
export function prompt(q: { title: string; label: string; yes: string; value?: string; check?: (v: string) => string | undefined; more?: () => ComponentChildren }): Promise<string | null> {
	return new Promise((done) => {
		let answer: string | null = null;
		const error = signal('');
		openDialog({
			title: q.title,
			closed: () => done(answer),
			body: (close) => (
				<form onSubmit={(e) => {
					e.preventDefault();
					const v = (e.currentTarget.elements.namedItem('line') as HTMLInputElement).value.trim();
					error.value = v ? q.check?.(v) ?? '' : '';
					if (!v || error.value)
						return;
					answer = v;
					close();
				}}>
					<div class="dialog-body">
						<label class="field">
							<span>{q.label}</span>
							<input class="input" name="line" autofocus autocomplete="off" maxLength={200} defaultValue={q.value ?? ''} onFocus={(e) => e.currentTarget.select()} aria-describedby="prompt-error" />
						</label>
						<p class="login-error" id="prompt-error" role="alert">{error}</p>
						{q.more?.()}
					</div>
					<div class="dialog-foot">
						<button type="button" class="button" onClick={close}>{t('cancel')}</button>
						<button class="button primary">{q.yes}</button>
					</div>
				</form>
			),
		});
	});
}
