// The tests of the webmail, in a browser.  run.py starts the host and this.
//
// A test is a function (t) in a table; t.page() is a logged in page, t.box the
// mailbox behind it.  Whatever the console or the page complains of fails the test.
import { createRequire } from 'node:module';
import { mkdirSync, readdirSync } from 'node:fs';
import { Mailbox, deliver, imap } from './mailbox.mjs';

// Every NAME.tests.mjs, and tests.mjs, has a table of its own.
const here = new URL('.', import.meta.url);
const tests = {};
for (const f of readdirSync(here).filter((n) => /(^|\.)tests\.mjs$/.test(n)).sort())
	Object.assign(tests, (await import(new URL(f, here))).tests);

const names = Object.keys(tests);
if (process.argv[2] === '--list') {
	console.log(names.join('\n'));
	process.exit(0);
}

const about = JSON.parse(process.env.POSTHUS_TEST);
const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const axe = require.resolve('axe-core/axe.min.js');
const WAIT_MS = 15_000;
const TEST_MS = 120_000;

export class Wrong extends Error {}

class Test {
	constructor(browser, name) {
		this.browser = browser;
		this.name = name;
		this.about = about;
		this.contexts = [];
		this.complaints = [];
	}

	async begin() {
		this.box = await new Mailbox(about, this.name).open();
	}

	need(condition, words) {
		if (!condition)
			throw new Wrong(words);
	}

	same(got, want, what) {
		const [a, b] = [JSON.stringify(got), JSON.stringify(want)];
		if (a !== b)
			throw new Wrong(`${what}: ${a}, not ${b}`);
	}

	// Until `look` gives something true; says `words` when it does not.
	async until(look, words, ms = WAIT_MS) {
		const end = Date.now() + ms;
		for (;;) {
			const v = await look();
			if (v)
				return v;
			if (Date.now() > end)
				throw new Wrong(words);
			await new Promise((done) => setTimeout(done, 25));
		}
	}

	async context(options = {}) {
		const c = await this.browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB', ...options });
		c.setDefaultTimeout(WAIT_MS);
		this.contexts.push(c);
		return c;
	}

	// An empty page that complains to us.
	async blank(options) {
		const c = await this.context(options);
		const page = await c.newPage();
		this.watch(page);
		return page;
	}

	watch(page) {
		// What the test provokes itself: it says so.
		page.expected = [/status of 401 .*/];
		page.on('console', (m) => {
			const text = `${m.text()} ${m.location().url}`;
			if (['error', 'warning'].includes(m.type()) && !page.expected.some((e) => e.test(text)))
				this.complaints.push(`console: ${text}`);
		});
		page.on('pageerror', (e) => this.complaints.push(`page: ${e.message}`));
	}

	async login(page, path = '/mail/') {
		await page.goto(about.base + path);
		await page.fill('[name=username]', this.box.address);
		await page.fill('[name=password]', about.password);
		await page.click('form .primary');
		await page.waitForSelector('.shell');
	}

	async page(options, path) {
		const page = await this.blank(options);
		await this.login(page, path);
		await page.waitForSelector('.row[data-id], .list .empty-state');
		return page;
	}

	imap(...commands) {
		return imap(about, this.box.address, ...commands);
	}

	deliver(text) {
		return deliver(about, this.box.address, text);
	}

	async shot(page, name) {
		if (!about.shots)
			return;
		mkdirSync(about.shots, { recursive: true });
		await page.screenshot({ path: `${about.shots}/${this.name}-${name}.png` });
	}

	// The rules of WCAG that a program can check.
	async accessible(page, what) {
		await page.evaluate(await axeSource());
		// What floats over the page is in no landmark.
		const floats = await page.$('.menu');
		const found = await page.evaluate(async (over) => {
			// What is still coming in is half transparent: that is not how it looks.
			for (let i = 0; i < 3; i++) {
				await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
				await Promise.race([Promise.all(document.getAnimations().map((a) => a.finished.catch(() => undefined))), new Promise((done) => setTimeout(done, 1000))]);
			}
			const r = await globalThis.axe.run(document, { rules: { region: { enabled: !over } }, runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], iframes: false });
			return r.violations.map((v) => `${v.id}: ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 120)).join(' | ')}`);
		}, floats !== null);
		this.need(found.length === 0, `${what}: ${found.join('; ')}`);
	}

	async end() {
		for (const c of this.contexts)
			await c.close().catch(() => undefined);
	}
}

let source;
async function axeSource() {
	source ??= (await import('node:fs')).readFileSync(axe, 'utf8');
	return source;
}

const late = (ms) => new Promise((_, failed) => setTimeout(() => failed(new Wrong(`not done after ${ms / 1000} s`)), ms).unref());

const browser = await chromium.launch({
	executablePath: about.chromium, args: ['--no-sandbox', '--disable-dev-shm-usage', '--force-prefers-reduced-motion'],
});
let failed = 0;
async function run(name) {
	const t = new Test(browser, name);
	const begun = Date.now();
	try {
		await t.begin();
		await Promise.race([tests[name](t), late(TEST_MS)]);
		if (t.complaints.length > 0)
			throw new Wrong(t.complaints.slice(0, 3).join('; '));
		console.log(`ok web/${name} (${((Date.now() - begun) / 1000).toFixed(1)} s)`);
	} catch (e) {
		failed++;
		const words = String(e.message).split('\n')[0].slice(0, 600);
		console.log(`FAIL web/${name}: ${words}${t.complaints.length ? ` [${t.complaints[0]}]` : ''}`);
		if (!(e instanceof Wrong))
			console.log(String(e.stack).split('\n').slice(1, 6).map((r) => `    ${r.trim()}`).join('\n'));
		const page = t.contexts.at(-1)?.pages().at(-1);
		if (page)
			await t.shot(page, 'failed').catch(() => undefined);
	}
	await t.end();
}

// Most of a test is waiting, so two take turns.
const queue = process.argv.slice(2);
async function worker() {
	for (let name = queue.shift(); name; name = queue.shift())
		await run(name);
}
await Promise.all([worker(), worker()]);
await browser.close();
process.exit(failed ? 1 : 0);
