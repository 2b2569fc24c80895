// Serve web/dist by itself while working on it, and pass the rest to a running
// host:	node dev.mjs [PORT] [HOST-URL]
//
// The page is built again whenever it is asked for and a source is newer.  The
// host is asked with the visitor's cookies; what it answers is passed on as is.
import { execFileSync } from 'node:child_process';
import { createReadStream, readFileSync, readdirSync, statSync } from 'node:fs';
import http from 'node:http';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, 'dist');
const port = Number(process.argv[2] ?? 8080);
const host = new URL(process.argv[3] ?? 'http://127.0.0.1:18080');
const TYPES = { '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml', '.html': 'text/html' };

const newest = (folder) => Math.max(0, ...readdirSync(folder, { withFileTypes: true })
	.map((e) => (e.isDirectory() ? newest(join(folder, e.name)) : statSync(join(folder, e.name)).mtimeMs)));

function page(res) {
	const built = statSync(join(dist, 'manifest.json'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
	if (Math.max(newest(join(here, 'src')), newest(join(here, 'css')), statSync(join(here, 'index.html')).mtimeMs) > built)
		try {
			execFileSync(process.execPath, [join(here, 'build.mjs')], { stdio: 'inherit' });
		} catch {
			// It has said what is wrong; the last good page is shown.
		}
	const style = JSON.parse(readFileSync(join(dist, 'manifest.json'), 'utf8')).style;
	res.writeHead(200, {
		'Content-Type': 'text/html; charset=utf-8',
		'Cache-Control': 'no-store',
		'Content-Security-Policy': `default-src 'none'; script-src 'self'; style-src 'self' ${style}; img-src 'self' data: blob:; connect-src 'self'; frame-src 'self' blob:; form-action 'self'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types dompurify posthus-worker; frame-ancestors 'none'`,
	});
	createReadStream(join(dist, 'index.html')).pipe(res);
}

http.createServer((req, res) => {
	const path = new URL(req.url, 'http://x').pathname;
	if (req.method === 'GET' && (path === '/' || /^\/(mail|settings|admin)\//.test(path)))
		return page(res);
	if ((path === '/sw.js' || path.startsWith('/assets/')) && !path.includes('..')) {
		const file = join(dist, path);
		if (!statSync(file, { throwIfNoEntry: false }))
			return res.writeHead(404).end();
		res.writeHead(200, { 'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream' });
		return createReadStream(file).pipe(res);
	}
	const up = http.request({ host: host.hostname, port: host.port, path: req.url, method: req.method, headers: req.headers }, (r) => {
		res.writeHead(r.statusCode, r.headers);
		r.pipe(res);
	});
	up.on('error', () => res.writeHead(502).end());
	res.on('close', () => up.destroy());
	req.pipe(up);
}).listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}/ -> ${host}`));
