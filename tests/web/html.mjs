// Mail HTML in a real browser: the sanitiser, and the frame.
//
//	node tests/web/html.mjs [--screens FOLDER] [NAME...]
//
// Every file of attacks/ is cleaned and shown, with pictures off and on: no
// request goes anywhere else, no script runs, nothing navigates, and what comes
// out, read again, is itself.  The frame alone must hold without the sanitiser.
// newsletters.mjs is shown at three widths, light and dark.
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { newsletters } from './newsletters.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const require = createRequire(join(here, '../../web/package.json'));
const { chromium } = require('playwright-core');
const esbuild = require('esbuild');

const FRAME = {
	'Content-Type': 'text/html; charset=utf-8',
	'Content-Security-Policy': "sandbox allow-popups allow-popups-to-escape-sandbox allow-same-origin; default-src 'none'; img-src data: 'self'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'",
	'X-Content-Type-Options': 'nosniff',
	'Referrer-Policy': 'no-referrer',
	'Cross-Origin-Resource-Policy': 'same-origin',
	'Cache-Control': 'private, no-store',
};
const SHELL = {
	'Content-Type': 'text/html; charset=utf-8',
	'Content-Security-Policy': "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types dompurify posthus-worker",
};
const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=', 'base64');

const args = process.argv.slice(2);
const screens = args[0] === '--screens' ? args.splice(0, 2)[1] : null;
const wanted = (name) => args.length === 0 || args.some((a) => name.includes(a));
let passed = 0;
let failed = 0;

function check(name, problems) {
	if (problems.length === 0) {
		passed++;
		return;
	}
	failed++;
	console.log(`FAIL ${name}\n  ${problems.slice(0, 8).join('\n  ')}`);
}

async function bundle() {
	const r = await esbuild.build({
		entryPoints: [join(here, 'html_page.ts')], bundle: true, write: false, format: 'iife',
		nodePaths: [join(here, '../../web/node_modules')], logLevel: 'error',
	});
	return r.outputFiles[0].text;
}

function serve(script) {
	const asked = [];
	const server = createServer((q, r) => {
		asked.push(q.url);
		if (q.url === '/') r.writeHead(200, SHELL).end('<!doctype html><script src="/test.js"></script><body></body>');
		else if (q.url === '/test.js') r.writeHead(200, { 'Content-Type': 'text/javascript' }).end(script);
		else if (q.url === '/frame') r.writeHead(200, FRAME).end('<!doctype html><html><head></head><body></body></html>');
		else if (q.url.startsWith('/image?url=')) r.writeHead(200, { 'Content-Type': 'image/png' }).end(PIXEL);
		else r.writeHead(404).end();
	});
	return new Promise((done) => server.listen(0, '127.0.0.1', () => done({ server, asked, base: `http://127.0.0.1:${server.address().port}` })));
}

const { server, asked, base } = await serve(await bundle());
const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox'] });
const context = await browser.newContext({ viewport: { width: 1000, height: 800 } });
const away = [];
await context.route((url) => !url.href.startsWith(base), (route) => {
	away.push(route.request().url());
	return route.abort();
});
const page = await context.newPage();
const odd = [];
const said = [];
page.on('dialog', (d) => { odd.push(`dialog ${d.message()}`); void d.dismiss(); });
page.on('popup', (p) => { odd.push(`popup ${p.url()}`); });
page.on('pageerror', (e) => odd.push(`error ${e.message}`));
page.on('framenavigated', (f) => { if (f.parentFrame() === page.mainFrame() && f.url() !== `${base}/frame` && f.url() !== 'about:blank') odd.push(`navigated ${f.url()}`); });
page.on('console', (m) => { if (m.type() === 'error' && /inline style|Loading the/.test(m.text())) said.push(m.text()); });
await page.goto(base);
await page.evaluate(() => window.harness.prepare());

/* What happened since the last time that this was asked. */
async function happened(allowed) {
	await page.waitForTimeout(40);
	const out = [...away.splice(0).map((u) => `request ${u}`), ...odd.splice(0)];
	for (const u of asked.splice(0)) if (u !== '/frame' && !allowed.test(u)) out.push(`request ${u}`);
	if (page.url() !== `${base}/`) out.push(`the page went to ${page.url()}`);
	if (await page.evaluate(() => window.pwned !== undefined)) out.push('a script ran');
	await page.evaluate(() => { delete window.pwned; });
	return out;
}

const NONE = /^\/jmap\/download\/A1\/G1-2\/a\?/;
const PROXY = /^\/image\?url=https?%3A%2F%2F|^\/jmap\/download\/A1\/G1-2\/a\?/;
asked.length = 0;

async function attacks() {
	for (const file of readdirSync(join(here, 'attacks')).sort()) {
		const html = readFileSync(join(here, 'attacks', file), 'utf8');
		if (!file.endsWith('.html') || !wanted(file)) continue;
		for (const images of [false, true]) {
			const r = await page.evaluate(([h, i]) => window.harness.attack(h, i), [html, images]);
			const wrong = [...r.found, ...await happened(images ? PROXY : NONE)];
			/* The frame's policy has nothing left to refuse. */
			wrong.push(...said.splice(0));
			if (r.once !== r.twice) wrong.push(`not itself when cleaned again:\n${r.once}\n${r.twice}`);
			if (r.once !== r.parsed) wrong.push(`not itself when parsed again:\n${r.once}\n${r.parsed}`);
			if (!r.inFrame) wrong.push('not itself in the frame');
			check(`attack ${file}${images ? ' with pictures' : ''}`, wrong);
		}
		await page.evaluate((h) => window.harness.raw(h), html);
		check(`frame alone ${file}`, (await happened(/./)).filter((s) => !s.startsWith('request http://127')));
		if (page.url() !== `${base}/`) {
			await page.goto(base);
			await page.evaluate(() => window.harness.prepare());
		}
		/* What it still does, and is refused late, is not the next one's. */
		await page.evaluate(() => window.harness.raw(''));
		await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
		asked.length = 0;
		said.length = 0;
	}
}

async function mails() {
	if (screens) mkdirSync(screens, { recursive: true });
	for (const [name, html] of Object.entries(newsletters)) {
		if (!wanted(name)) continue;
		for (const width of [360, 760, 1280]) {
			for (const dark of [false, true]) {
				await page.setViewportSize({ width, height: 800 });
				const r = await page.evaluate(([h, w, d]) => window.harness.show(h, w - 16, { dark: d }), [html, width, dark]);
				const wrong = await happened(PROXY);
				if (r.page > width) wrong.push(`the page scrolls sideways: ${r.page} in ${width}`);
				if (r.contrast < 4.5) wrong.push(`contrast ${r.contrast.toFixed(2)}`);
				if (r.height < Math.floor(r.content) || r.height > r.content + 40) wrong.push(`height ${r.height} for ${r.content}`);
				check(`mail ${name} ${width}${dark ? ' dark' : ''}`, wrong);
				if (screens) await page.screenshot({ path: join(screens, `${name}-${width}${dark ? '-dark' : ''}.png`) });
			}
		}
	}
}

/* What a mail may have, it keeps. */
async function kept() {
	const rows = [
		'<table width="600" cellpadding="4" cellspacing="0" border="1" align="center" bgcolor="#ffcc00"><tbody><tr><td valign="top" colspan="2" height="20" nowrap="">x</td></tr></tbody></table>',
		'<p align="right" dir="rtl" lang="he" class="a b" id="c" title="A: b" style="color:red;margin:0 auto">x</p>',
		'<font face="Arial, sans-serif" size="+2" color="navy">x</font><ol start="3" type="a"><li value="7">x</li></ol>',
		'<a href="mailto:bo@partner.example?subject=a%20b" target="_blank" rel="noopener noreferrer">x</a><a href="#c">y</a><img alt="A: b" width="20" height="30">',
		'<style>p{color:red}</style><details open=""><summary>s</summary>d</details><h1>a</h1><blockquote type="cite">q</blockquote>',
	];
	for (const row of rows) {
		const got = await page.evaluate((h) => window.harness.sanitize(h).html, row);
		check(`kept ${row.slice(0, 40)}`, got === row.replace(' type="cite"', '') ? [] : [`${row}\n${got}`]);
	}
}

await kept();
await attacks();
await mails();
await browser.close();
server.close();
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
