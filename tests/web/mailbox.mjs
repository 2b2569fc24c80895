// What the tests put into a mailbox, and what they look up there: plain JMAP and
// SMTP, apart from the code of the web part.
import net from 'node:net';

const MAIL = 'urn:ietf:params:jmap:mail';
const USING = ['urn:ietf:params:jmap:core', MAIL];

export class Mailbox {
	constructor(about, name) {
		this.about = about;
		this.address = `${name}@${about.domain}`;
		this.headers = { Authorization: `Basic ${Buffer.from(`${this.address}:${about.password}`).toString('base64')}` };
	}

	async open() {
		const r = await fetch(`${this.about.api}/jmap/session`, { headers: this.headers });
		this.account = (await r.json()).primaryAccounts[MAIL];
		await this.boxes();
		return this;
	}

	// With another capability.
	using(urn, ...calls) {
		return this.request([...USING, urn], calls);
	}

	calls(...calls) {
		return this.request(USING, calls);
	}

	async request(using, calls) {
		const r = await fetch(`${this.about.api}/jmap/api`, {
			method: 'POST', headers: { ...this.headers, 'Content-Type': 'application/json' },
			body: JSON.stringify({ using, methodCalls: calls.map(([n, a], i) => [n, { accountId: this.account, ...a }, String(i)]) }),
		});
		if (!r.ok)
			throw new Error(`JMAP ${r.status}: ${await r.text()}`);
		return (await r.json()).methodResponses.map((m) => {
			if (m[0] === 'error')
				throw new Error(`JMAP ${JSON.stringify(m)}`);
			return m[1];
		});
	}

	async boxes() {
		const [r] = await this.calls(['Mailbox/get', { ids: null }]);
		this.byRole = Object.fromEntries(r.list.filter((b) => b.role).map((b) => [b.role, b.id]));
		this.byName = Object.fromEntries(r.list.map((b) => [b.name, b]));
		return r.list;
	}

	async upload(text) {
		const r = await fetch(`${this.about.api}/jmap/upload/${this.account}/`, {
			method: 'POST', headers: { ...this.headers, 'Content-Type': 'message/rfc822' }, body: text,
		});
		if (!r.ok)
			throw new Error(`upload: ${r.status} ${await r.text()}`);
		return (await r.json()).blobId;
	}

	// So many messages to an address, as the webmail sends them.
	async send(n, to) {
		const [ids] = await this.using('urn:ietf:params:jmap:submission', ['Identity/get', { ids: null }]);
		for (let i = 0; i < n; i++) {
			const [made, sent] = await this.using('urn:ietf:params:jmap:submission',
				['Email/set', { create: { d: {
					mailboxIds: { [this.byRole.drafts]: true }, from: [{ email: this.address }], to: [{ email: to }], subject: `message ${i}`,
					textBody: [{ partId: '1' }], bodyValues: { 1: { value: `word ${'x'.repeat(i)}` } } } } }],
				['EmailSubmission/set', { create: { s: { identityId: ids.list[0].id, emailId: '#d' } } }]);
			if (!made.created || !sent.created?.s)
				throw new Error(JSON.stringify([made, sent]));
		}
	}

	// Messages: {from, to, subject, body, id, refs, box, seen, ago (minutes), raw, headers}
	async put(...list) {
		const ids = [];
		for (let i = 0; i < list.length; i += 100) {
			const emails = {};
			const part = list.slice(i, i + 100);
			const blobs = [];
			await each(part, 4, async (m, k) => {
				blobs[k] = await this.upload(m.raw ?? message(this.address, m));
			});
			part.forEach((m, k) => {
				emails[`e${k}`] = {
					blobId: blobs[k], mailboxIds: { [m.boxId ?? this.byRole[m.box ?? 'inbox']]: true },
					keywords: { ...(m.seen ? { $seen: true } : {}), ...(m.keywords ?? {}) },
					receivedAt: new Date(Date.now() - (m.ago ?? list.length - i - k) * 60_000).toISOString().replace(/\.\d+/, ''),
				};
			});
			const [r] = await this.calls(['Email/import', { emails }]);
			if (Object.keys(r.notCreated ?? {}).length)
				throw new Error(JSON.stringify(r.notCreated));
			ids.push(...part.map((_, k) => r.created[`e${k}`].id));
		}
		return ids;
	}

	// Many small messages, 'Message 0' the oldest.
	async many(n) {
		for (let i = 0; i < n; i += 200) {
			const create = {};
			for (let k = i; k < Math.min(i + 200, n); k++)
				create[`e${k}`] = {
					mailboxIds: { [this.byRole.inbox]: true }, keywords: { $seen: true }, subject: `Message ${k}`, from: [{ name: 'Bo Larsen', email: 'bo@partner.example' }],
					receivedAt: new Date(Date.now() - (n - k) * 60_000).toISOString().replace(/\.\d+/, ''), textBody: [{ partId: '1', type: 'text/plain' }], bodyValues: { 1: { value: `Text ${k}.` } },
				};
			const [r] = await this.calls(['Email/set', { create }]);
			if (Object.keys(r.notCreated ?? {}).length)
				throw new Error(JSON.stringify(r.notCreated));
		}
	}

	async get(id, properties = ['mailboxIds', 'keywords', 'threadId', 'subject']) {
		const [r] = await this.calls(['Email/get', { ids: [id], properties }]);
		return r.list[0];
	}

	async in(role) {
		const [r] = await this.calls(['Email/query', { filter: { inMailbox: this.byRole[role] ?? role } }]);
		return r.ids;
	}
}

async function each(list, width, run) {
	let next = 0;
	await Promise.all(Array.from({ length: width }, async () => {
		while (next < list.length) {
			const k = next++;
			await run(list[k], k);
		}
	}));
}

let count = 0;

export function message(to, m) {
	const id = m.id ?? `m${++count}-${process.pid}@partner.example`;
	return [
		...(m.headers ?? []),
		`From: ${m.from ?? 'Bo Larsen <bo@partner.example>'}`,
		`To: ${m.to ?? to}`,
		...(m.cc ? [`Cc: ${m.cc}`] : []),
		`Subject: ${m.subject ?? 'hello'}`,
		`Message-ID: <${id}>`,
		...(m.refs ? [`References: ${m.refs.map((r) => `<${r}>`).join(' ')}`, `In-Reply-To: <${m.refs.at(-1)}>`] : []),
		'Date: Tue, 24 Nov 2026 10:00:00 +0100',
		'MIME-Version: 1.0',
		...(m.parts ? [`Content-Type: multipart/mixed; boundary=b`, '', ...m.parts.flatMap((p) => ['--b', p]), '--b--'] : [`Content-Type: ${m.type ?? 'text/plain; charset=utf-8'}`, '', m.body ?? 'Hello.']),
		'',
	].join('\r\n');
}

// By SMTP, as another host would.
export function deliver(about, to, text, from = 'bo@partner.example') {
	return new Promise((done, failed) => {
		const s = net.connect(about.smtp, '127.0.0.1');
		const steps = ['EHLO test.partner.example', `MAIL FROM:<${from}>`, `RCPT TO:<${to}>`, 'DATA', `${text}\r\n.`, 'QUIT'];
		let got = '';
		s.setTimeout(10_000, () => failed(new Error('smtp: no answer')));
		s.on('data', (d) => {
			got += d;
			if (!/^\d{3} .*\r\n$/m.test(got))
				return;
			if (/^[45]/.test(got))
				return failed(new Error(got));
			got = '';
			const step = steps.shift();
			if (step)
				s.write(`${step}\r\n`);
			else
				s.end();
		});
		s.on('close', done);
		s.on('error', failed);
	});
}

// By IMAP, as a mail program would: the answers to the commands.
export function imap(about, address, ...commands) {
	return new Promise((done, failed) => {
		const s = net.connect(about.imap, '127.0.0.1');
		const all = [`LOGIN ${address} ${about.password}`, ...commands, 'LOGOUT'];
		let got = '';
		let n = -1;
		s.setTimeout(10_000, () => failed(new Error('imap: no answer')));
		s.on('data', (d) => {
			got += d;
			while (n < 0 ? /^\* OK.*\r\n/.test(got) : new RegExp(`^t${n} `, 'm').test(got)) {
				if (n >= 0 && !new RegExp(`^t${n} OK`, 'm').test(got))
					return failed(new Error(got));
				if (++n === all.length)
					return s.end();
				got = '';
				s.write(`t${n} ${all[n]}\r\n`);
			}
		});
		s.on('close', done);
		s.on('error', failed);
	});
}
