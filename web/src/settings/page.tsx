/*
 * settings/page.tsx - what the pages have in common: head, loading, saving.
 */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { bytes } from '../mail/words';
import { t } from './t';
import { reasonOf } from './account';

export function Page({ title, text, children }: { title: string; text?: string; children: ComponentChildren }) {
	return (
		<section class="settings-page" aria-labelledby="settings-title">
			<h1 id="settings-title" tabIndex={-1}>{title}</h1>
			{text ? <p>{text}</p> : null}
			{children}
		</section>
	);
}

/** What is fetched for a page: undefined until it is there. */
export function useLoaded<T>(load: () => Promise<T>): { value: T | undefined; error: string; again: () => void } {
	const [value, setValue] = useState<T | undefined>(undefined);
	const [error, setError] = useState('');
	const [count, setCount] = useState(0);
	useEffect(() => {
		let here = true;
		setError('');
		load().then((v) => here && setValue(v), (e: unknown) => here && setError(reasonOf(e)));
		return () => {
			here = false;
		};
	}, [count]);
	return { value, error, again: () => setCount((n) => n + 1) };
}

export function Loading({ error, again }: { error: string; again: () => void }) {
	return error
		? <p class="notice err" role="alert"><span class="grow">{error}</span><button type="button" class="button small" onClick={again}>{t('retry')}</button></p>
		: <p class="dim" role="status">{t('loading')}</p>;
}

/** The state of a form's button: nothing, under way, done, or what was wrong. */
export function useSaving(): { busy: boolean; said: string; error: string; run: (what: () => Promise<unknown>, said?: string) => Promise<boolean>; clear: () => void } {
	const [state, set] = useState({ busy: false, said: '', error: '' });
	return {
		...state,
		/* Later: a field that is drawn between its events "input" and "change" is
		 * set back to what it was. */
		clear: () => void setTimeout(() => set({ busy: false, said: '', error: '' })),
		run: async (what, said = t('saved')) => {
			set({ busy: true, said: '', error: '' });
			try {
				await what();
				set({ busy: false, said, error: '' });
				return true;
			} catch (e) {
				set({ busy: false, said: '', error: reasonOf(e) });
				return false;
			}
		},
	};
}

export function SaveRow({ saving, label, disabled }: { saving: { busy: boolean; said: string; error: string }; label: string; disabled?: boolean }) {
	return (
		<div class="settings-save">
			<button class="button primary" disabled={saving.busy || disabled}>{label}</button>
			<span class="settings-said" role="status">{saving.said}</span>
			<span class="settings-error" role="alert">{saving.error}</span>
		</div>
	);
}

/** A value to be typed elsewhere. */
export function CopyStrip({ text, label }: { text: string; label: string }) {
	const [copied, setCopied] = useState(false);
	return (
		<p class="copy-strip">
			<code class="mono">{text}</code>
			<button type="button" class="button small" aria-label={`${t('copy')}: ${label}`} onClick={() => void navigator.clipboard.writeText(text).then(() => setCopied(true))}>{copied ? t('copied') : t('copy')}</button>
		</p>
	);
}

export { bytes };
