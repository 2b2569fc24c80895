/*
 * settings/look.tsx - how the mailbox looks and works in this browser.
 */
import type { Signal } from '@preact/signals';
import { prefs } from '../app/prefs';
import { t as mail } from '../app/t';
import { LANGUAGES } from '../i18n';
import { t } from './t';

export function Choice<T extends string | number>({ label, value, options }: { label: string; value: Signal<T>; options: [T, string][] }) {
	return (
		<label class="field">
			<span>{label}</span>
			<select value={String(value.value)} onChange={(e) => {
				const chosen = options.find(([v]) => String(v) === e.currentTarget.value);
				if (chosen)
					value.value = chosen[0];
			}}>
				{options.map(([v, name]) => <option key={String(v)} value={String(v)}>{name}</option>)}
			</select>
		</label>
	);
}

export function Switch({ label, value }: { label: string; value: Signal<boolean> }) {
	return <label class="check"><input type="checkbox" checked={value.value} onChange={(e) => { value.value = e.currentTarget.checked; }} /><span>{label}</span></label>;
}

export function Look() {
	return (
		<section class="settings-page" aria-labelledby="look">
			<h1 id="look">{t('look')}</h1>
			<p>{t('lookText')}</p>
			<Choice label={t('language')} value={prefs.lang} options={[['', t('languageAuto')], ...Object.entries(LANGUAGES)]} />
			<Choice label={t('theme')} value={prefs.theme} options={[['auto', mail('themeAuto')], ['light', mail('themeLight')], ['dark', mail('themeDark')]]} />
			<Choice label={t('rows')} value={prefs.density} options={[['comfortable', mail('comfortable')], ['compact', mail('compact')]]} />
			<Choice label={t('readAfter')} value={prefs.readAfter} options={[[0, t('readAtOnce')], [2, t('readAfterSeconds', { n: 2 })], [5, t('readAfterSeconds', { n: 5 })], [-1, t('readNever')]]} />
			<Switch label={t('conversations')} value={prefs.conversations} />
			<Switch label={t('keys')} value={prefs.keys} />
		</section>
	);
}
