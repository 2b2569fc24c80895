/*
 * i18n/format.ts - messages with arguments and plurals.
 *
 *	format('en', '{n, plural, =0 {nothing} one {# mail} other {# mails}}', { n: 3 })
 *
 * The form is that of ICU, as far as this product needs it: {name}, and
 * {name, plural, =N {...} CATEGORY {...} other {...}} with # for the number.
 * Numbers are written as the language does.  A missing argument stays visible
 * as {name}: a test sees it.
 */
export type Args = Record<string, string | number>;

const rules = new Map<string, Intl.PluralRules>();
const numbers = new Map<string, Intl.NumberFormat>();

function made<T>(cache: Map<string, T>, lang: string, make: () => T): T {
	let v = cache.get(lang);
	if (v === undefined) {
		v = make();
		cache.set(lang, v);
	}
	return v;
}

export function number(lang: string, n: number): string {
	return made(numbers, lang, () => new Intl.NumberFormat(lang)).format(n);
}

function category(lang: string, n: number): string {
	return made(rules, lang, () => new Intl.PluralRules(lang)).select(n);
}

/** The index after the brace that closes the one before `i`. */
function closing(text: string, i: number): number {
	for (let depth = 1; i < text.length; i++) {
		if (text[i] === '{')
			depth++;
		else if (text[i] === '}' && --depth === 0)
			return i + 1;
	}
	return i;
}

function plural(lang: string, forms: string, n: number): string {
	const found: Record<string, string> = {};
	const head = /\s*(=\d+|\w+)\s*\{/y;

	for (let i = 0; ;) {
		head.lastIndex = i;
		const m = head.exec(forms);
		if (!m)
			break;
		i = closing(forms, head.lastIndex);
		found[m[1]!] = forms.slice(head.lastIndex, i - 1);
	}
	const form = found[`=${n}`] ?? found[category(lang, n)] ?? found.other ?? '';
	return form.replaceAll('#', number(lang, n));
}

export function format(lang: string, text: string, args?: Args): string {
	if (!text.includes('{'))
		return text;
	let out = '';
	for (let i = 0; i < text.length;) {
		const open = text.indexOf('{', i);
		if (open < 0)
			return out + text.slice(i);
		const end = closing(text, open + 1);
		const inner = text.slice(open + 1, end - 1);
		const m = /^\s*(\w+)\s*(?:,\s*plural\s*,([\s\S]*))?$/.exec(inner);
		const value = m ? args?.[m[1]!] : undefined;
		out += text.slice(i, open);
		if (m && m[2] !== undefined && typeof value === 'number')
			out += format(lang, plural(lang, m[2], value), args);
		else if (value !== undefined)
			out += typeof value === 'number' ? number(lang, value) : value;
		else
			out += text.slice(open, end);
		i = end;
	}
	return out;
}
