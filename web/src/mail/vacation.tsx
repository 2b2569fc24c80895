/*
 * mail/vacation.tsx - a reminder over the inbox while answers go out by themselves.
 */
import { effect, signal } from '@preact/signals';
import { route } from '../app/router';
import { client, user } from '../app/session';
import { t } from '../app/t';
import { VACATION, type VacationResponse } from '../jmap/types';
import { Icon } from '../ui/icon';
import { view } from './state';
import { dayOnly } from './words';

const state = signal<VacationResponse | null>(null);

/** Does it answer at this moment? */
export function answering(v: VacationResponse, now: Date): boolean {
	return v.isEnabled && !(v.fromDate && new Date(v.fromDate) > now) && !(v.toDate && new Date(v.toDate) <= now);
}

/** Asked at the beginning, and when the user comes back from the settings. */
export function startVacation(): void {
	let area = '';
	effect(() => {
		const now = route.value.area;
		if (user.value && now === 'mail' && area !== now && client.capability(VACATION))
			client.call('VacationResponse/get', { ids: null }).then((r) => {
				state.value = r.list[0] ?? null;
			}, () => undefined);
		area = now;
	});
}

export function VacationBanner() {
	const v = state.value;
	if (view.value.box?.role !== 'inbox' || !v || !answering(v, new Date()))
		return null;
	return (
		<div class="notice">
			<Icon name="out" /><span class="grow">{v.toDate ? t('vacationUntil', { day: dayOnly(v.toDate) }) : t('vacationOn')}</span>
			<a class="link" href="/settings/vacation">{t('change')}</a>
		</div>
	);
}
