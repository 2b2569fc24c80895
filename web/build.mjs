// Build web/dist: hashed and pre-compressed files, index.html with its critical
// styles inside, and manifest.json, from which the server learns what there is.
//
//	node build.mjs [--sizes]     fails when a size budget is broken; tells what is large
//
// manifest.json:
//	shell   path of the page that serves /mail/, /settings/, /admin/
//	style   the CSP source of the inline style block ('sha256-...')
//	files   [{path, type, bytes, gzip}]; those under assets/ never change their
//	        content, and PATH.gz is the same compressed; sw.js keeps its name
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import * as esbuild from 'esbuild';
import { checkCatalogues } from './catalogues.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, 'dist');
const KB = 1024;
const BUDGETS = [
	['first load', 60 * KB, 'first'],
	['webmail code', 140 * KB, 'mail'],
	['settings and panel', 60 * KB, 'panel'],
];
const TYPES = {
	'.css': 'text/css; charset=utf-8',
	'.html': 'text/html; charset=utf-8',
	'.js': 'text/javascript; charset=utf-8',
	'.svg': 'image/svg+xml',
};

// Styles that come with a part that is loaded later (loadStyle('compose')).
const LATER = ['compose', 'settings', 'admin'];
const gzip = (text) => gzipSync(text, { level: 9 });

const common = {
	absWorkingDir: here,
	bundle: true,
	minify: true,
	target: ['es2022'],
	logLevel: 'warning',
	charset: 'utf8',
	// Squire's private names; our own have no underscore.
	mangleProps: /^_[a-z]\w{2,}/i,
};

/*
 * What comes with the first page is one file.  The bundler would cut it into as
 * many as there are combinations of parts that share something; here each part
 * that is loaded later shares all of it, and so there is one combination.
 */
const oneFirstFile = {
	name: 'one-first-file',
	setup(build) {
		const later = new Set();
		const core = join(here, 'src/app/boot.tsx');
		build.onResolve({ filter: /^\./ }, async (args) => {
			if (args.kind !== 'dynamic-import' || args.pluginData === 'seen')
				return undefined;
			const r = await build.resolve(args.path, { resolveDir: args.resolveDir, importer: args.importer, kind: args.kind, pluginData: 'seen' });
			if (!/[/\\]i18n[/\\]/.test(r.path))
				later.add(r.path);
			return r;
		});
		build.onLoad({ filter: /\.tsx?$/ }, (args) => (later.has(args.path)
			? { contents: `import ${JSON.stringify(core)};\n${readFileSync(args.path, 'utf8')}`, loader: args.path.endsWith('x') ? 'tsx' : 'ts' }
			: undefined));
	},
};

async function scripts() {
	const r = await esbuild.build({
		...common,
		entryPoints: { main: 'src/app/main.tsx' },
		format: 'esm',
		splitting: true,
		jsx: 'automatic',
		jsxImportSource: 'preact',
		outdir: 'dist/assets',
		entryNames: '[name]-[hash]',
		chunkNames: '[name]-[hash]',
		metafile: true,
		legalComments: 'none',
		plugins: [oneFirstFile],
	});
	return r.metafile.outputs;
}

/* The service worker is a program of its own, and has no part in a budget: it
 * comes to those who switch notifications on. */
async function worker() {
	await esbuild.build({ ...common, entryPoints: { sw: 'src/worker/sw.ts' }, format: 'iife', outdir: 'dist', legalComments: 'none' });
}

async function styles() {
	const inline = await esbuild.build({
		...common, entryPoints: ['css/main.css'], write: false, outdir: 'dist',
	});
	const present = LATER.filter((n) => statSync(join(here, `css/${n}.css`), { throwIfNoEntry: false }));
	const later = await esbuild.build({
		...common,
		entryPoints: present.map((n) => `css/${n}.css`),
		outdir: 'dist/assets',
		entryNames: '[name]-[hash]',
		metafile: true,
	});
	const links = {};
	for (const [path, o] of Object.entries(later.metafile.outputs))
		links[o.entryPoint.replace(/^css\/(.*)\.css$/, '$1')] = path.replace('dist/', '/');
	return { inline: inline.outputFiles[0].text.trim(), links };
}

// All that `path` brings with it at once, and all that it may ask for later.
function closure(outputs, path, later, seen = new Set()) {
	if (seen.has(path))
		return seen;
	seen.add(path);
	for (const i of outputs[path].imports)
		if (!i.external && (i.kind === 'import-statement' || later(outputs[i.path])))
			closure(outputs, i.path, later, seen);
	return seen;
}

function size(paths) {
	let n = 0;
	for (const p of paths)
		n += statSync(join(here, `${p}.gz`)).size;
	return n;
}

function page(style, first, links) {
	const sprite = readFileSync(join(here, 'icons.svg'), 'utf8').replace(/\s*\n\s*/g, '');
	const icon = readFileSync(join(here, 'favicon.svg'), 'utf8').trim();
	const [main, ...chunks] = first.map((p) => p.replace('dist/', '/'));
	const put = {
		STYLE: style,
		SPRITE: sprite,
		ICON: `data:image/svg+xml,${encodeURIComponent(icon)}`,
		PRELOAD: chunks.map((c) => `<link rel="modulepreload" href="${c}">`).join(''),
		ASSETS: JSON.stringify(links),
		MAIN: main,
	};
	return readFileSync(join(here, 'index.html'), 'utf8')
		.replace(/\{\{([A-Z]+)\}\}/g, (_, name) => put[name]);
}

function* walk(folder) {
	for (const e of readdirSync(folder, { withFileTypes: true })) {
		const path = join(folder, e.name);
		if (e.isDirectory())
			yield* walk(path);
		else
			yield path;
	}
}

function report(outputs, main) {
	const area = (o) => /^src\/(settings|admin)\//.exec(o.entryPoint ?? '')?.[1];
	const first = closure(outputs, main, () => false);
	const mail = closure(outputs, main, (o) => !area(o) && !/^src\/i18n\//.test(o.entryPoint ?? ''));
	const panel = closure(outputs, main, () => true);
	for (const p of mail)
		panel.delete(p);
	for (const p of [...panel])
		if (/^src\/i18n\//.test(outputs[p].entryPoint ?? ''))
			panel.delete(p);
	const css = (names) => [...walk(join(dist, 'assets'))]
		.map((p) => relative(here, p)).filter((p) => names.test(p));
	const sizes = {
		first: size([...first, 'dist/index.html']),
		mail: size([...mail, 'dist/index.html', ...css(/\/compose-[^/]*\.css$/)]),
		panel: size([...panel, ...css(/\/(settings|admin)-[^/]*\.css$/)]),
	};
	let good = true;
	for (const [name, limit, key] of BUDGETS) {
		const over = sizes[key] > limit;
		console.log(`${name}: ${(sizes[key] / KB).toFixed(1)} of ${limit / KB} KB${over ? '  TOO LARGE' : ''}`);
		good &&= !over;
	}
	return good;
}

async function main() {
	const untranslated = await checkCatalogues(here);
	rmSync(dist, { recursive: true, force: true });
	mkdirSync(join(dist, 'assets'), { recursive: true });
	const [outputs, css] = await Promise.all([scripts(), styles(), worker()]);
	const main = Object.keys(outputs).find((p) => 'src/app/boot.tsx' in outputs[p].inputs);
	const first = [...closure(outputs, main, () => false)];
	const html = page(css.inline, first, css.links);
	writeFileSync(join(dist, 'index.html'), html);
	const files = [];
	for (const path of walk(dist)) {
		const bytes = readFileSync(path);
		const packed = gzip(bytes);
		writeFileSync(`${path}.gz`, packed);
		files.push({ path: relative(dist, path), type: TYPES[extname(path)], bytes: bytes.length, gzip: packed.length });
	}
	files.sort((a, b) => (a.path < b.path ? -1 : 1));
	const style = `sha256-${createHash('sha256').update(css.inline).digest('base64')}`;
	if (process.argv.includes('--sizes'))
		for (const [path, i] of Object.entries(outputs[main].inputs).sort((a, b) => b[1].bytesInOutput - a[1].bytesInOutput))
			console.log(String(i.bytesInOutput).padStart(7), path);
	writeFileSync(join(dist, 'manifest.json'), `${JSON.stringify({ shell: 'index.html', style: `'${style}'`, files }, null, '\t')}\n`);
	for (const row of untranslated)
		console.error(row);
	if (!report(outputs, main) || untranslated.length > 0)
		process.exitCode = 1;
}

await main();
