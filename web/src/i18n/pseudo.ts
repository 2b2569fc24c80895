/*
 * i18n/pseudo.ts - a language nobody speaks, to see what is not translated.
 *
 * Each text of the catalogues comes out accented, in brackets, and 40 % longer;
 * whatever on the screen has no brackets did not come from a catalogue.
 * Arguments and plural forms stay as they are.
 */
const LETTERS: Record<string, string> = {
	a: '\u00e5', e: '\u00e9', i: '\u00ee', o: '\u00f6', u: '\u00fb', A: '\u00c5', E: '\u00c9', O: '\u00d6', n: '\u00f1', c: '\u00e7',
};

function accented(text: string): string {
	return text.replace(/[aeiouAEOnc]/g, (c) => LETTERS[c] ?? c);
}

/** Only what is outside of braces, and inside of a plural's forms. */
export function pseudo(text: string): string {
	let out = '';
	let depth = 0;
	let letters = 0;
	for (const c of text) {
		if (c === '{')
			depth++;
		else if (c === '}')
			depth--;
		// Odd depths are arguments, even ones are text.
		const spoken = depth % 2 === 0 && c !== '}';
		out += spoken ? accented(c) : c;
		letters += spoken ? 1 : 0;
	}
	return `[${out}${'~'.repeat(Math.ceil(letters * 0.4))}]`;
}
