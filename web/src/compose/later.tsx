/*
 * compose/later.tsx - when a mail is to go: the usual times, or one's own.
 */
import { signal } from '@preact/signals';
import { lang } from '../i18n';
import type { Client } from '../jmap/client';
import { openDialog } from '../ui/dialog';
import { showMenu } from '../ui/menu';
import { holdMost } from './send';
import { t } from './t';

export function timeText(at: Date, language = lang.peek()): string {
	return new Intl.DateTimeFormat(language, { weekday: 'short', day: 'numeric', month: 'short', hour: 'numeric', minute: '2-digit' }).format(at);
}

export interface Choice {
	key: 'laterToday' | 'tomorrow' | 'monday';
	at: Date;
}

/** In three hours on the hour while that is today, tomorrow and Monday at 8. */
export function usualTimes(now: Date): Choice[] {
	const day = (days: number): Date => new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, 8);
	const soon = new Date(now);
	soon.setHours(now.getHours() + 3, 0, 0, 0);
	const out: Choice[] = [];
	if (soon.getDate() === now.getDate() && soon.getHours() < 22) out.push({ key: 'laterToday', at: soon });
	out.push({ key: 'tomorrow', at: day(1) });
	const toMonday = (8 - now.getDay()) % 7 || 7;
	if (toMonday > 1) out.push({ key: 'monday', at: day(toMonday) });
	return out;
}

/* For <input type=datetime-local>, which has no zone: the user's. */
function local(at: Date): string {
	return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

function choose(client: Client, done: (at: Date) => void): void {
	const error = signal('');
	const last = new Date(Date.now() + holdMost(client) * 1000);
	openDialog({
		title: t('sendLater'),
		body: (close) => (
			<form onSubmit={(e) => {
				e.preventDefault();
				const at = new Date((e.currentTarget.elements.namedItem('at') as HTMLInputElement).value);
				if (!(at.getTime() > Date.now())) error.value = t('inThePast');
				else if (at > last) error.value = t('tooFar', { time: timeText(last) });
				else {
					close();
					done(at);
				}
			}}>
				<div class="dialog-body">
					<label class="field">
						<span>{t('sendAt')}</span>
						<input class="input" type="datetime-local" name="at" required min={local(new Date())} max={local(last)} defaultValue={local(usualTimes(new Date()).find((c) => c.key === 'tomorrow')!.at)} />
					</label>
					<p role="alert" class="cproblem-text">{error}</p>
				</div>
				<div class="dialog-foot"><button class="button primary">{t('schedule')}</button></div>
			</form>
		),
	});
}

export function laterMenu(at: Element, client: Client, done: (at: Date) => void): void {
	const last = Date.now() + holdMost(client) * 1000;
	showMenu({
		at,
		label: t('sendLater'),
		items: [
			...usualTimes(new Date())
				.filter((c) => c.at.getTime() <= last)
				.map((c) => ({ label: t(c.key, { time: timeText(c.at) }), icon: 'clock', run: () => done(c.at) })),
			{ label: t('chooseTime'), icon: 'clock', run: () => choose(client, done) },
		],
	});
}
