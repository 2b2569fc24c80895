// A push service of the test (RFC 8030), and the device that it serves: what comes
// is decrypted (RFC 8291) with code of node.  The browser of a test has no service
// to subscribe with, so the page is given this one in its place.
import { createDecipheriv, createECDH, hkdfSync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import https from 'node:https';

const KEY_LENGTH = 65;

export class PushService {
	constructor(about) {
		this.about = about;
		this.got = []; // what was pushed, as objects
		this.ecdh = createECDH('prime256v1');
		this.point = this.ecdh.generateKeys();
		this.auth = randomBytes(16);
	}

	async start() {
		this.server = https.createServer({ cert: readFileSync(this.about.tls.cert), key: readFileSync(this.about.tls.key) }, (req, res) => {
			const parts = [];
			req.on('data', (d) => parts.push(d));
			req.on('end', () => {
				this.got.push(this.decrypt(Buffer.concat(parts)));
				res.writeHead(201).end();
			});
		});
		await new Promise((done) => this.server.listen(0, '127.0.0.1', done));
		return this;
	}

	decrypt(body) {
		const salt = body.subarray(0, 16);
		const sender = body.subarray(21, 21 + KEY_LENGTH);
		const record = body.subarray(21 + KEY_LENGTH);
		const secret = hkdfSync('sha256', this.ecdh.computeSecret(sender), this.auth, Buffer.concat([Buffer.from('WebPush: info\0'), this.point, sender]), 32);
		const derive = (name, n) => Buffer.from(hkdfSync('sha256', Buffer.from(secret), salt, Buffer.from(`Content-Encoding: ${name}\0`), n));
		const open = createDecipheriv('aes-128-gcm', derive('aes128gcm', 16), derive('nonce', 12));
		open.setAuthTag(record.subarray(-16));
		const plain = Buffer.concat([open.update(record.subarray(0, -16)), open.final()]).toString();
		return JSON.parse(plain.slice(0, plain.lastIndexOf('\x02')));
	}

	// For addInitScript: the page subscribes with this service.
	script() {
		const made = {
			endpoint: `https://127.0.0.1:${this.server.address().port}/device`,
			keys: { p256dh: this.point.toString('base64url'), auth: this.auth.toString('base64url') },
		};
		return `{
			const has = () => localStorage.getItem('test-subscribed');
			const one = { ...${JSON.stringify(made)}, toJSON: () => (${JSON.stringify(made)}), unsubscribe: async () => { localStorage.removeItem('test-subscribed'); return true; } };
			PushManager.prototype.getSubscription = async () => (has() ? one : null);
			PushManager.prototype.subscribe = async (options) => {
				if (!options.userVisibleOnly || options.applicationServerKey.length !== 87) throw new Error('no such subscription');
				localStorage.setItem('test-subscribed', '1');
				return one;
			};
		}`;
	}

	close() {
		this.server.close();
		this.server.closeAllConnections();
	}
}
