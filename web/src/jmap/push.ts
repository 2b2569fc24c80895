/*
 * jmap/push.ts - told by the server when something changed (RFC 8620, 7.3).
 *
 * The browser's EventSource comes back by itself after a lost connection, but
 * not after an error answer, and it does not notice a connection that died in
 * silence: so it is watched (the server sends a ping every PING_S) and opened
 * again with growing pauses.  While it is closed, and when the page is looked at
 * again, `look` is called to ask instead.
 */
import { pause } from './backoff';
import type { Client } from './client';

const PING_S = 30;
const SILENT_MS = (PING_S * 2 + 15) * 1000;
/** After so many failures in a row we also ask by ourselves. */
const ASK_AFTER = 3;

export class Push {
	private source: EventSource | null = null;
	private tries = 0;
	private timer: ReturnType<typeof setTimeout> | undefined;
	private stopped = false;

	constructor(private readonly client: Client, private readonly look: () => void) {}

	start(): void {
		this.stopped = false;
		this.open();
		addEventListener('online', this.now);
		document.addEventListener('visibilitychange', this.seen);
	}

	stop(): void {
		this.stopped = true;
		clearTimeout(this.timer);
		this.source?.close();
		this.source = null;
		removeEventListener('online', this.now);
		document.removeEventListener('visibilitychange', this.seen);
	}

	private readonly now = () => {
		this.tries = 0;
		this.open();
		this.look();
	};

	private readonly seen = () => {
		if (document.visibilityState === 'visible' && (!this.source || this.source.readyState !== EventSource.OPEN))
			this.now();
	};

	private url(): string {
		const values: Record<string, string> = { types: 'Mailbox,Email,Thread', closeafter: 'no', ping: String(PING_S) };
		return (this.client.session.peek()?.eventSourceUrl ?? '')
			.replace(/^https?:\/\/[^/]*/, '')
			.replace(/\{(\w+)\}/g, (_, k: string) => encodeURIComponent(values[k] ?? ''));
	}

	private open(): void {
		clearTimeout(this.timer);
		this.source?.close();
		const s = new EventSource(this.url());
		const alive = () => {
			clearTimeout(this.timer);
			this.timer = setTimeout(() => this.failed(), SILENT_MS);
		};
		this.source = s;
		s.addEventListener('open', () => {
			// What happened while nobody listened.
			if (this.tries > 0)
				this.look();
			this.tries = 0;
			this.client.link.value = 'ok';
			alive();
		});
		s.addEventListener('ping', alive);
		s.addEventListener('state', () => {
			alive();
			this.look();
		});
		s.addEventListener('error', () => {
			if (this.source === s)
				this.failed();
		});
		alive();
	}

	private failed(): void {
		if (this.stopped)
			return;
		this.source?.close();
		this.source = null;
		this.tries++;
		if (this.tries % ASK_AFTER === 0)
			this.look();
		clearTimeout(this.timer);
		this.timer = setTimeout(() => this.open(), pause(this.tries));
	}
}
