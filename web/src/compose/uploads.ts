/*
 * compose/uploads.ts - files on their way to the server.
 *
 * Some at a time, with progress; each can be stopped and tried again.  When the
 * network breaks an upload begins anew by itself, with growing pauses.
 */
import { signal } from '@preact/signals';
import type { Client } from '../jmap/client';
import { backoff } from '../jmap/backoff';
import { JmapError } from '../jmap/errors';
import type { Attachment } from './draft';

export interface Upload {
	key: string;
	file: File;
	cid: string | null;
	sent: number;
	state: 'waiting' | 'sending' | 'offline' | 'failed';
	reason: string;
}

const AT_ONCE = 3;
const TRIES = 12;

let count = 0;

export class Uploads {
	readonly items = signal<Upload[]>([]);
	private readonly stops = new Map<string, AbortController>();

	constructor(
		private readonly client: Client,
		private readonly done: (a: Attachment) => void,
	) {}

	private set(key: string, patch: Partial<Upload>): void {
		this.items.value = this.items.peek().map((u) => (u.key === key ? { ...u, ...patch } : u));
	}

	private remove(key: string): void {
		this.stops.delete(key);
		this.items.value = this.items.peek().filter((u) => u.key !== key);
	}

	add(file: File, cid: string | null = null): string {
		const key = `u${++count}`;
		this.items.value = [...this.items.peek(), { key, file, cid, sent: 0, state: 'waiting', reason: '' }];
		this.next();
		return key;
	}

	stop(key: string): void {
		this.stops.get(key)?.abort();
		this.remove(key);
		this.next();
	}

	retry(key: string): void {
		this.set(key, { state: 'waiting', sent: 0, reason: '' });
		this.next();
	}

	stopAll(): void {
		for (const u of this.items.peek()) this.stop(u.key);
	}

	private next(): void {
		const most = Math.min(AT_ONCE, this.client.limit('maxConcurrentUpload'));
		const running = this.items.peek().filter((u) => u.state === 'sending' || u.state === 'offline').length;
		const free = this.items.peek().filter((u) => u.state === 'waiting').slice(0, Math.max(0, most - running));
		for (const u of free) void this.send(u);
	}

	private async send(u: Upload): Promise<void> {
		const stop = new AbortController();
		this.stops.set(u.key, stop);
		for (let tries = 0; !stop.signal.aborted; tries++) {
			this.set(u.key, { state: 'sending', sent: 0 });
			try {
				const r = await this.client.upload(u.file, { signal: stop.signal, progress: (sent) => this.set(u.key, { sent }) });
				this.done({ key: u.key, name: u.file.name || 'file', type: u.file.type || r.type, size: u.file.size, blobId: r.blobId, cid: u.cid });
				this.remove(u.key);
				break;
			} catch (e) {
				const again = e instanceof JmapError && (e.kind === 'offline' || e.kind === 'busy') && tries < TRIES;
				if (stop.signal.aborted) break;
				if (!again) {
					this.set(u.key, { state: 'failed', reason: e instanceof JmapError ? e.description || e.type : String(e) });
					break;
				}
				this.set(u.key, { state: 'offline' });
				await backoff(tries, e.retryAfter * 1000);
			}
		}
		this.next();
	}
}
