/* admin/account.tsx - name and quota of a mailbox. */
import { get, path, send } from './api';
import { Data, useLoad } from './data';
import { SheetForm, type SheetProps, text } from './sheet';
import { t } from './t';

const GB = 1024 ** 3;

export function AccountSheet({ address, close, done }: SheetProps) {
	const of = useLoad(address, () => get<{ name: string; quota_bytes: number; own_quota: boolean }>(path('/accounts/{}', address)));
	return <Data of={of}>{(a) => (
		<SheetForm yes={t('save')} close={close} submit={async (form) => {
			const gb = Number(text(form, 'quota').replace(',', '.'));
			await send('PATCH', path('/accounts/{}', address), { name: text(form, 'name'), quota_bytes: text(form, 'quota') === '' ? null : Math.round(gb * GB) });
			done();
		}}>
			<label class="field"><span>{t('ownersName')}</span><input class="input" name="name" defaultValue={a.name} maxLength={200} autofocus /></label>
			<label class="field"><span>{t('quotaGb')}</span><input class="input" name="quota" inputMode="decimal" defaultValue={a.own_quota ? String(Math.round((a.quota_bytes / GB) * 100) / 100) : ''} placeholder={String(Math.round(a.quota_bytes / GB))} /><small>{t('quotaText')}</small></label>
		</SheetForm>
	)}</Data>;
}
