// New mail told by the browser: the settings page, the way from the server to a
// push service of the test, and what the service worker makes of what comes.
import { PushService } from './push_service.mjs';

const mail = (t, from, subject) => `From: ${from}\r\nTo: ${t.box.address}\r\nSubject: ${subject}\r\nMessage-ID: <${Math.random()}@partner.example>\r\nDate: Tue, 24 Nov 2026 10:00:00 +0100\r\n\r\nhello`;

async function settings(t, service) {
	const p = await t.blank();
	p.expected.push(/favicon\.ico/);
	await p.context().grantPermissions(['notifications'], { origin: t.about.base });
	if (service)
		await p.addInitScript(service.script());
	await t.login(p, '/settings/notifications');
	await p.waitForSelector('.settings-page h1:has-text("Notifications")');
	return p;
}

// The worker, once it is there; `push` hands it a message as the browser would.
async function workerOf(t, p) {
	const cdp = await p.context().newCDPSession(p);
	let id;
	cdp.on('ServiceWorker.workerRegistrationUpdated', (e) => {
		id = e.registrations.find((r) => !r.isDeleted)?.registrationId ?? id;
	});
	await cdp.send('ServiceWorker.enable');
	await t.until(() => id && p.context().serviceWorkers().length, 'no worker');
	const worker = p.context().serviceWorkers()[0];
	// What it asks the server for and shows is noted on the way: a browser without
	// a desktop forgets notifications sooner or later.
	await worker.evaluate(() => {
		const ask = fetch;
		const show = registration.showNotification.bind(registration);
		globalThis.asked = [];
		globalThis.answered = 0;
		globalThis.told = [];
		globalThis.fetch = async (url, o) => {
			globalThis.asked.push(o?.body ?? url);
			const r = await ask(url, o);
			globalThis.answered++;
			return r;
		};
		ServiceWorkerRegistration.prototype.showNotification = async (title, o) => {
			await show(title, o);
			globalThis.told.push([title, o.body, o.data]);
		};
	});
	const shown = () => worker.evaluate(() => globalThis.told);
	return {
		shown,
		push: (data) => cdp.send('ServiceWorker.deliverPushMessage', { origin: t.about.base, registrationId: id, data: typeof data === 'string' ? data : JSON.stringify(data) }),
		asked: () => worker.evaluate(() => globalThis.asked),
		answered: () => worker.evaluate(() => globalThis.answered),
		// What is shown next, and no more than that.
		says: async (...want) => {
			await t.until(async () => (await shown()).length >= want.length, `nothing is shown, not ${JSON.stringify(want)}`);
			t.same(await worker.evaluate(() => globalThis.told.splice(0)), want, 'shown');
		},
	};
}

const change = (t) => ({ '@type': 'StateChange', changed: { [t.box.account]: { EmailDelivery: 'x' } } });
const workers = (p) => p.evaluate(async () => (await navigator.serviceWorker.getRegistrations()).length);

export const tests = {
	// From the click to a notification, and off again.
	async notify_whole_way(t) {
		const service = await new PushService(t.about).start();
		const next = async (n) => (await t.until(() => service.got[n], `push ${n} did not come`));
		try {
			const p = await settings(t, service);
			await p.waitForSelector('text=It is off in this browser.');
			t.same([await workers(p), await p.evaluate(() => localStorage.getItem('test-subscribed'))], [0, null], 'before a click');
			await t.accessible(p, 'off');
			await p.click('button:has-text("Turn on")');
			await p.waitForSelector('text=Waiting for the first message');
			const w = await workerOf(t, p);
			const code = await next(0);
			t.same(code['@type'], 'PushVerification', 'the code');
			await w.push(code);
			await p.waitForSelector('text=It is on in this browser.');
			await t.accessible(p, 'on');
			await t.shot(p, 'on');
			// It is kept, and looked at again.
			await p.reload();
			await p.waitForSelector('text=It is on in this browser.');
			await p.goto('about:blank');
			await t.deliver(mail(t, 'Bo Hansen <bo@partner.example>', 'tea at four'));
			const told = await next(1);
			t.same(Object.keys(told.changed[t.box.account]), ['EmailDelivery'], 'what goes through the service');
			await w.push(told);
			const [id] = (await t.box.calls(['Email/query', {}]))[0].ids;
			await w.says(['Bo Hansen', 'tea at four', `/mail/inbox/${id}`]);
			await p.goto(`${t.about.base}/settings/notifications`);
			await p.click('button:has-text("Turn off")');
			await p.waitForSelector('text=It is off in this browser.');
			t.same([await workers(p), await p.evaluate(() => localStorage.getItem('test-subscribed'))], [0, null], 'afterwards');
			await t.deliver(mail(t, 'bo@partner.example', 'nobody hears'));
			t.same(service.got.length, 2, 'pushes');
		} finally {
			service.close();
		}
	},

	async notify_of_new_mail(t) {
		const p = await settings(t);
		// From a page whose policy lets a test do so.
		await p.goto(`${t.about.base}/help/setup`);
		await p.evaluate(async () => {
			await navigator.serviceWorker.register('/sw.js?lang=da');
			await navigator.serviceWorker.ready;
		});
		const w = await workerOf(t, p);
		await p.goto('about:blank');
		// It does not know yet what is new: no more than that something came.
		await w.push(change(t));
		await w.says(['Ny post', '', '/mail/inbox']);
		// Junk, and a code that is none of ours.
		await w.push('nonsense');
		await w.push({ '@type': 'PushVerification', pushSubscriptionId: 'P9', verificationCode: '123' });
		await t.until(async () => (await w.asked()).some((b) => b.includes('"verificationCode":"123"')), 'no code is given back');
		t.same(await w.shown(), [], 'nothing came');
		// Read, and elsewhere: nothing to tell.
		await t.box.put({ subject: 'put away', seen: true }, { subject: 'spam', box: 'junk' });
		const [id] = await t.box.put({ from: 'Eva <eva@partner.example>', subject: '<b>x</b>' });
		await w.push(change(t));
		await w.says(['Eva', '<b>x</b>', `/mail/inbox/${id}`]);
		// The same once more is no news.
		const answers = await w.answered();
		await w.push(change(t));
		await t.until(async () => (await w.answered()) > answers, 'it does not ask');
		t.same(await w.shown(), [], 'told again');
		await t.box.put(...[1, 2, 3, 4].map((n) => ({ subject: `n${n}` })));
		// Two at a time tell it once.
		await w.push(change(t));
		await w.push(change(t));
		await t.until(async () => (await w.answered()) > answers + 2, 'it does not ask twice');
		await w.says(['4 nye mails', '', '/mail/inbox']);
		// Nobody is logged in.
		await p.context().clearCookies();
		await w.push(change(t));
		await w.says(['Ny post', '', '/mail/inbox']);
	},

	async notify_without_a_service(t) {
		const p = await settings(t);
		p.expected.push(/incognito mode/);
		await p.click('button:has-text("Turn on")');
		await p.waitForSelector('.settings-error:has-text("did not get an answer from its push service")');
		t.same(await workers(p), 0, 'a worker stays');
	},

	async notify_denied(t) {
		const p = await t.blank();
		await p.addInitScript("Object.defineProperty(Notification, 'permission', { get: () => 'denied' })");
		await t.login(p, '/settings/notifications');
		await p.waitForSelector('.notice:has-text("You did not allow notifications here")');
		t.same(await p.locator('button:has-text("Turn on")').count(), 0, 'a button');
		await t.accessible(p, 'denied');
	},
};
