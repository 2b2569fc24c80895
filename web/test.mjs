// Run src/**/*.test.ts under node's own test runner: each bundled, then run.
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as esbuild from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, 'node_modules/.cache/test');

function* tests(folder) {
	for (const e of readdirSync(folder, { withFileTypes: true })) {
		const path = join(folder, e.name);
		if (e.isDirectory())
			yield* tests(path);
		else if (/\.test\.tsx?$/.test(e.name) && (process.argv.length < 3 || process.argv.slice(2).some((w) => path.includes(w))))
			yield path;
	}
}

const files = [...tests(join(here, 'src'))];
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
await esbuild.build({
	entryPoints: files,
	outbase: join(here, 'src'),
	outdir: out,
	outExtension: { '.js': '.mjs' },
	bundle: true,
	platform: 'node',
	format: 'esm',
	jsx: 'automatic',
	jsxImportSource: 'preact',
	logLevel: 'warning',
});
const built = files.map((f) => join(out, f.slice(join(here, 'src').length + 1).replace(/\.tsx?$/, '.mjs')));
process.exitCode = spawnSync(process.execPath, ['--test', ...built], { stdio: 'inherit' }).status ?? 1;
