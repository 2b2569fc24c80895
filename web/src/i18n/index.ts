/*
 * i18n/index.ts - what the product says, in the user's language.
 *
 *	const t = catalogue('mail', en);
 *	t('moved', { n: 3, box: 'Archive' })
 *
 * English is part of the code (en/AREA.ts, one area for each part that is
 * loaded on its own); another language is loaded whole when it is chosen
 * (LANG.ts joins LANG/AREA.ts), but for the panel, which loads its own words
 * (admin/t.ts).  A message that a language lacks is shown in English; the
 * build fails on it.  `t` reads the signal `lang`, so what is on
 * the screen changes with the language.
 */
import { signal } from '@preact/signals';
import { type Args, format } from './format';

type Messages = Record<string, string>;
export type Catalogues = Record<string, Messages>;

/** What can be chosen, by its own name. */
export const LANGUAGES: Record<string, string> = {
	en: 'English',
	da: 'Dansk',
	de: 'Deutsch',
};

const LOADERS: Record<string, () => Promise<{ catalogues: Catalogues }>> = {
	da: () => import('./da'),
	de: () => import('./de'),
};

export const lang = signal('en');
let others: Catalogues = {};
let disguise: ((text: string) => string) | undefined;

export function catalogue<K extends string>(area: string, english: Record<K, string>) {
	return (key: K, args?: Args): string => {
		const l = lang.value;
		const text = others[area]?.[key] ?? english[key];
		return format(l, disguise ? disguise(text) : text, args);
	};
}

/** The first of the wanted languages that we speak. */
export function choose(wanted: readonly string[]): string {
	for (const w of wanted) {
		const short = w.toLowerCase().split('-')[0]!;
		if (short in LANGUAGES)
			return short;
	}
	return 'en';
}

/** Speak `l` from now on: 'en', 'da', ...; 'pseudo' shows what is not translated. */
export async function speak(l: string): Promise<void> {
	if (l === 'pseudo') {
		disguise = (await import('./pseudo')).pseudo;
		others = {};
		lang.value = 'en-001';
		return;
	}
	const loader = LOADERS[l];
	others = loader ? (await loader()).catalogues : {};
	disguise = undefined;
	lang.value = loader ? l : 'en';
	if (typeof document !== 'undefined')
		document.documentElement.lang = lang.value;
}
