/*
 * settings/account.ts - what protects the account: requests to /account, and
 * such changes by /api/v1 as ask for the password.
 *
 * A change asks for the password once more.  A wrong one is an answer here, not
 * the end of the login, so these requests do not go through the JMAP client.
 */
import { openDialog } from '../ui/dialog';
import { t } from './t';
import { signal } from '@preact/signals';

export class AccountError extends Error {
	constructor(
		readonly status: number,
		readonly type: string,
		detail: string,
	) {
		super(detail || type);
	}
}

export async function request<T>(url: string, method = 'GET', body?: Record<string, unknown>): Promise<T> {
	let r: Response;
	try {
		r = await fetch(url, {
			method,
			credentials: 'same-origin',
			headers: { Accept: 'application/json', ...(body ? { 'Content-Type': 'application/json' } : {}) },
			...(body ? { body: JSON.stringify(body) } : {}),
		});
	} catch {
		throw new AccountError(0, 'offline', t('noServer'));
	}
	if (r.status === 204) return undefined as T;
	const answer = (await r.json().catch(() => ({}))) as T & { type?: string; detail?: string };
	if (!r.ok) throw new AccountError(r.status, answer.type ?? `http${r.status}`, answer.detail ?? '');
	return answer;
}

export function account<T>(path: string, body?: Record<string, unknown>): Promise<T> {
	return request(`/account${path}`, body ? 'POST' : 'GET', body);
}

export function reasonOf(e: unknown): string {
	if (e instanceof AccountError && e.type === 'wrong') return t('wrongPassword');
	return e instanceof Error ? e.message : String(e);
}

/** Ask for the password, and do it; the dialog stays open while it is wrong.
 * Resolves to the answer, or undefined when the user leaves. */
export function withPassword<T>(title: string, text: string, yes: string, run: (password: string) => Promise<T>): Promise<T | undefined> {
	return new Promise((done) => {
		let answer: T | undefined;
		const error = signal('');
		const busy = signal(false);
		openDialog({
			title,
			closed: () => done(answer),
			body: (close) => (
				<form onSubmit={(e) => {
					e.preventDefault();
					if (busy.value) return;
					const box = e.currentTarget.elements.namedItem('password') as HTMLInputElement;
					busy.value = true;
					error.value = '';
					run(box.value).then((r) => {
						answer = r;
						close();
					}, (x: unknown) => {
						error.value = reasonOf(x);
						box.select();
					}).finally(() => {
						busy.value = false;
					});
				}}>
					<div class="dialog-body">
						<p>{text}</p>
						<label class="field">
							<span>{t('yourPassword')}</span>
							<input class="input" type="password" name="password" autocomplete="current-password" required autofocus />
						</label>
						<p class="settings-error" role="alert">{error}</p>
					</div>
					<div class="dialog-foot">
						<button type="button" class="button" onClick={close}>{t('cancel')}</button>
						<button class="button primary" disabled={busy.value}>{yes}</button>
					</div>
				</form>
			),
		});
	});
}
