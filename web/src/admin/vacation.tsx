/* admin/vacation.tsx - what is answered while an owner is away. */
import { type Vacation, get, path, send } from './api';
import { Data, act, useLoad } from './data';
import { SheetForm, type SheetProps, text } from './sheet';
import { t } from './t';

const day = (iso: string | null) => (iso ? iso.slice(0, 10) : '');

export function VacationSheet({ address, close, done }: SheetProps) {
	const of = useLoad(address, () => get<Vacation>(path('/accounts/{}/vacation', address)));
	const off = () => void act(() => send('DELETE', path('/accounts/{}/vacation', address)), t('vacationOff')).then((ok) => ok && done());
	return <Data of={of}>{(v) => (
		<SheetForm yes={v.on ? t('save') : t('vacationOn')} close={close} more={v.on ? <button type="button" class="button" onClick={off}>{t('switchOff')}</button> : null} submit={async (form) => {
			await send('PUT', path('/accounts/{}/vacation', address), {
				text: (form.elements.namedItem('text') as HTMLTextAreaElement).value, subject: text(form, 'subject'),
				from: text(form, 'from') || null, until: text(form, 'until') || null, days: Number(text(form, 'days')) || 7,
			});
			done();
		}}>
			<label class="field"><span>{t('subject')}</span><input class="input" name="subject" defaultValue={v.subject} maxLength={500} placeholder={t('subjectUsual')} /></label>
			<label class="field"><span>{t('answer')}</span><textarea class="input" name="text" rows={7} required autofocus defaultValue={v.text} /></label>
			<div class="pair">
				<label class="field"><span>{t('fromDay')}</span><input class="input" type="date" name="from" defaultValue={day(v.from)} /></label>
				<label class="field"><span>{t('untilDay')}</span><input class="input" type="date" name="until" defaultValue={day(v.until)} /></label>
				<label class="field"><span>{t('onceIn')}</span><input class="input" type="number" name="days" min={1} max={365} defaultValue={v.days || 7} /></label>
			</div>
			<p class="hint">{t('vacationText', { n: v.days || 7 })}</p>
		</SheetForm>
	)}</Data>;
}
