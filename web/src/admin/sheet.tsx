/* admin/sheet.tsx - the form in a dialog: fields above, what is wrong, buttons. */
import type { ComponentChildren } from 'preact';
import { Wrong, useForm } from './data';
import { t } from './t';

export interface SheetProps {
	address: string;
	close: () => void;
	done: () => void;
}

export function SheetForm({ yes, close, submit, children, danger, more, off, only }: {
	yes: string; close: () => void; submit: (form: HTMLFormElement) => Promise<void>; children: ComponentChildren; danger?: boolean; more?: ComponentChildren; off?: boolean;
	/** Nothing is left to be called off. */
	only?: boolean;
}) {
	const f = useForm();
	return (
		<form onSubmit={(e) => {
			e.preventDefault();
			const form = e.currentTarget;
			void f.run(() => submit(form));
		}}>
			<div class="dialog-body">{children}<Wrong of={f.problem} /></div>
			<div class="dialog-foot">{more}{only ? null : <button type="button" class="button" onClick={close}>{t('cancel')}</button>}<button class={`button ${danger ? 'danger' : 'primary'}`} disabled={f.busy.value || off}>{yes}</button></div>
		</form>
	);
}

/** The text of a field of the form. */
export function text(form: HTMLFormElement, name: string): string {
	return (form.elements.namedItem(name) as HTMLInputElement | HTMLTextAreaElement).value.trim();
}

export function checked(form: HTMLFormElement, name: string): boolean {
	return (form.elements.namedItem(name) as HTMLInputElement).checked;
}

/** Addresses, one a line or with commas. */
export function addresses(words: string): string[] {
	return words.split(/[\s,;]+/).filter(Boolean);
}

/** A password that is read out without mistakes: four groups of four. */
export function makePassword(): string {
	const letters = 'abcdefghjkmnpqrstuvwxyz23456789';
	const random = crypto.getRandomValues(new Uint32Array(16));
	return [...random].map((n, i) => `${i && i % 4 === 0 ? '-' : ''}${letters[n % letters.length]}`).join('');
}
