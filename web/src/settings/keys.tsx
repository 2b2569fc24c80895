/*
 * settings/keys.tsx - the user's own keys (WCAG 2.1.4): off, or another one for
 * each action.  The rows are those of the table of actions and of the moves.
 */
import { useSignal } from '@preact/signals';
import { useLayoutEffect } from 'preact/hooks';
import { prefs } from '../app/prefs';
import { t as mail } from '../app/t';
import { catalogue } from '../i18n';
import { en } from '../i18n/en/keys';
import { actions, keyOf, labelOf, target } from '../mail/actions';
import { keyName, keyWords, moves } from '../mail/keys';
import { say } from '../ui/toast';

const t = catalogue('keys', en);

interface Row { id: string; name: string; key: string | undefined }

/** Keys that mean something to every program. */
const RESERVED = /^(Escape|Tab|Enter|Space|Shift|Control|Alt|Meta|Arrow.*|Page.*|Home|End|F\d+|Ctrl\+.*|Alt\+.*|Dead|Process|Unidentified)$/;

function rows(): Row[] {
	const x = target();
	return [
		...moves.map((m) => ({ id: m.id, name: mail(m.label), key: prefs.remap.value[m.id] ?? m.key })),
		// Star and its removal share a key, whichever applies.
		...actions.filter((a) => a.id !== 'unstar').map((a) => ({ id: a.id, name: labelOf(a, x), key: keyOf(a) })),
	].filter((r) => r.id !== 'find');
}

function set(id: string, key: string): void {
	prefs.remap.value = { ...prefs.remap.peek(), [id]: key, ...(id === 'star' ? { unstar: key } : {}) };
}

export function Keys() {
	const listening = useSignal('');
	const error = useSignal('');
	useLayoutEffect(() => {
		const id = listening.value;
		if (!id)
			return undefined;
		const pressed = (e: KeyboardEvent) => {
			const key = keyName(e);
			if (/^(Shift\+)?(Shift|Control|Alt|Meta)$/.test(key))
				return;
			e.preventDefault();
			e.stopPropagation();
			listening.value = '';
			if (RESERVED.test(key.replace(/^Shift\+/, '')))
				return;
			const all = rows();
			const other = all.find((r) => r.key === key && r.id !== id);
			error.value = other ? t('taken', { key, name: other.name }) : '';
			if (other)
				return;
			set(id, key);
			say(t('changed', { name: all.find((r) => r.id === id)?.name ?? id, key }));
		};
		addEventListener('keydown', pressed, true);
		return () => removeEventListener('keydown', pressed, true);
	}, [listening.value]);
	return (
		<section class="settings-page" aria-labelledby="keys">
			<h1 id="keys" tabIndex={-1}>{t('keys')}</h1>
			<label class="check"><input type="checkbox" checked={prefs.keys.value} onChange={(e) => { prefs.keys.value = e.currentTarget.checked; }} /><span>{t('keysOn')}</span></label>
			<p>{t('keysText')}</p>
			<p class="login-error" role="alert">{error.value}</p>
			<ul class="key-rows">
				{rows().map((r) => (
					<li key={r.id}>
						<span class="grow">{r.name}</span>
						{listening.value === r.id ? <em role="status">{t('press')}</em> : r.key ? <kbd>{keyWords(r.key)}</kbd> : <span class="dim">{t('none')}</span>}
						<button type="button" class="button small quiet" aria-pressed={listening.value === r.id} aria-label={`${t('change')}: ${r.name}`} onClick={() => { error.value = ''; listening.value = r.id; }}>{t('change')}</button>
					</li>
				))}
			</ul>
			<button type="button" class="button" onClick={() => { prefs.remap.value = {}; error.value = ''; }}>{t('reset')}</button>
		</section>
	);
}
