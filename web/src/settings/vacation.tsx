/*
 * settings/vacation.tsx - the auto-reply (WM-37; RFC 8621, 8).
 */
import { useState } from 'preact/hooks';
import { client } from '../app/session';
import { escapeHtml } from '../compose/convert';
import type { VacationResponse } from '../jmap/types';
import { Loading, Page, SaveRow, useLoaded, useSaving } from './page';
import { t } from './t';

async function load(): Promise<VacationResponse> {
	const r = await client.call('VacationResponse/get', { ids: ['singleton'] });
	return r.list[0]!;
}

async function save(values: Partial<VacationResponse>): Promise<void> {
	const r = await client.call('VacationResponse/set', { update: { singleton: values } });
	const e = r.notUpdated?.singleton;
	if (e) throw new Error(e.properties?.includes('toDate') ? t('vacationBackwards') : e.description || e.type);
}

/* Days as the user's calendar has them: the first from its beginning, the last
 * to its end. */
function dayOf(iso: string | null, end: boolean): string {
	if (!iso) return '';
	const d = new Date(Date.parse(iso) - (end ? 1000 : 0));
	return new Date(d.getTime() - d.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
}

function utcOf(day: string, end: boolean): string | null {
	if (!day) return null;
	const [y, m, d] = day.split('-').map(Number);
	return new Date(y!, m! - 1, d! + (end ? 1 : 0)).toISOString().replace(/\.\d+Z$/, 'Z');
}

function Form({ of: v }: { of: VacationResponse }) {
	const [on, setOn] = useState(v.isEnabled);
	const [from, setFrom] = useState(dayOf(v.fromDate, false));
	const [to, setTo] = useState(dayOf(v.toDate, true));
	const [subject, setSubject] = useState(v.subject ?? '');
	const [text, setText] = useState(v.textBody ?? '');
	const saving = useSaving();
	const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
	const submit = (e: Event): void => {
		e.preventDefault();
		void saving.run(() => {
			if (on && !text.trim() && !v.htmlBody) throw new Error(t('vacationNoText'));
			if (from && to && to < from) throw new Error(t('vacationBackwards'));
			return save({
				isEnabled: on,
				fromDate: utcOf(from, false),
				toDate: utcOf(to, true),
				subject: subject.trim() || null,
				textBody: text || null,
				/* A formatted text of another program is only kept with its words. */
				...(text === (v.textBody ?? '') ? {} : { htmlBody: v.htmlBody ? `<p>${escapeHtml(text).replace(/\n/g, '<br>')}</p>` : null }),
			});
		});
	};
	return (
		<form class="settings-form" onSubmit={submit} onInput={saving.clear}>
			<label class="check"><input type="checkbox" checked={on} onChange={(e) => setOn(e.currentTarget.checked)} /><span>{t('vacationOn')}</span></label>
			<div class="settings-pair">
				<label class="field"><span>{t('vacationFrom')}</span><input class="input" type="date" value={from} onInput={(e) => setFrom(e.currentTarget.value)} /></label>
				<label class="field"><span>{t('vacationTo')}</span><input class="input" type="date" value={to} onInput={(e) => setTo(e.currentTarget.value)} /></label>
			</div>
			<p class="dim">{t('vacationZone', { zone })}</p>
			<label class="field"><span>{t('vacationSubject')}</span><input class="input" maxLength={200} value={subject} placeholder={t('vacationSubjectHint')} dir="auto" onInput={(e) => setSubject(e.currentTarget.value)} /></label>
			<label class="field"><span>{t('vacationMessage')}</span><textarea class="input" rows={8} maxLength={30_000} value={text} dir="auto" onInput={(e) => setText(e.currentTarget.value)} /></label>
			<p class="dim">{t('vacationRules')}</p>
			<SaveRow saving={saving} label={t('save')} />
		</form>
	);
}

export function Vacation() {
	const loaded = useLoaded(load);
	return <Page title={t('vacation')} text={t('vacationIntro')}>{loaded.value ? <Form of={loaded.value} /> : <Loading {...loaded} />}</Page>;
}
