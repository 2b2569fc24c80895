// Check the message catalogues: each language has every area, whole, with the same
// arguments as in English and nothing that English lacks; the pseudo language covers all.
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as esbuild from 'esbuild';

// Areas that are loaded with their part, not with LANG.ts.
const ALONE = ['admin'];

// The arguments of a message: {name} and {n, plural, ...}.
const args = (text) => [...new Set([...text.matchAll(/\{(\w+)[,}]/g)].map((m) => m[1]))].sort().join(' ');

async function load(here, source) {
	const r = await esbuild.build({
		absWorkingDir: here,
		stdin: { contents: source, resolveDir: here, loader: 'ts' },
		bundle: true, write: false, format: 'esm', platform: 'node', logLevel: 'warning',
	});
	return import(`data:text/javascript;base64,${Buffer.from(r.outputFiles[0].contents).toString('base64')}`);
}

export async function checkCatalogues(here) {
	const folder = join(here, 'src/i18n');
	const areas = readdirSync(join(folder, 'en')).map((f) => f.replace(/\.ts$/, ''));
	const languages = readdirSync(folder).filter((d) => d !== 'en' && existsSync(join(folder, `${d}.ts`)) && existsSync(join(folder, d)));
	const wrong = [];
	const english = await load(here, areas.map((a) => `export { en as ${a} } from './src/i18n/en/${a}';`).join('\n'));
	const { pseudo } = await load(here, "export { pseudo } from './src/i18n/pseudo';");
	for (const lang of languages) {
		const have = new Set(readdirSync(join(folder, lang)).map((f) => f.replace(/\.ts$/, '')));
		const translated = areas.filter((a) => have.has(a));
		const words = await load(here, translated.map((a) => `export { ${a} } from './src/i18n/${lang}/${a}';`).join('\n'));
		const { catalogues } = await load(here, `export { catalogues } from './src/i18n/${lang}';`);
		for (const area of areas) {
			const en = english[area];
			const other = words[area];
			if (!other) {
				wrong.push(`${lang}/${area} is missing`);
				continue;
			}
			if (!ALONE.includes(area) && catalogues[area] === undefined)
				wrong.push(`${lang}.ts does not have ${area}`);
			for (const key of Object.keys(en))
				if (other[key] === undefined)
					wrong.push(`${lang}/${area}: ${key} is missing`);
				else if (args(en[key]) !== args(other[key]))
					wrong.push(`${lang}/${area}: ${key} has other arguments than English`);
			for (const key of Object.keys(other))
				if (en[key] === undefined)
					wrong.push(`${lang}/${area}: ${key} is not in English`);
		}
	}
	for (const area of areas)
		for (const [key, text] of Object.entries(english[area]))
			if (args(pseudo(text)) !== args(text))
				wrong.push(`pseudo/${area}: ${key} loses its arguments`);
	return wrong;
}
