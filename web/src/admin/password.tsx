/* admin/password.tsx - a new password for somebody else: set, or chosen by its
 * owner at a link that is good once. */
import { useSignal } from '@preact/signals';
import { path, send } from './api';
import { Copy, Wrong, useForm, when } from './data';
import { SheetForm, type SheetProps, makePassword, text } from './sheet';
import { t } from './t';

interface Link { link: string; expires: string }

export function PasswordSheet({ address, close, done }: SheetProps) {
	const set = useSignal('');
	const link = useSignal<Link | undefined>(undefined);
	const f = useForm();
	if (set.value || link.value)
		return (
			<>
				<div class="dialog-body stack">{link.value ? (
					<><p>{t('linkMade', { address, time: when(link.value.expires) })}</p><Copy text={link.value.link} label={t('link')} /><p class="hint">{t('linkText')}</p></>
				) : (
					<><p>{t('passwordSet', { address })}</p><Copy text={set.value} label={t('password')} /><p class="hint">{t('shownOnce')}</p></>
				)}</div>
				<div class="dialog-foot"><button type="button" class="button primary" onClick={done}>{t('done')}</button></div>
			</>
		);
	return (
		<SheetForm yes={t('setPassword')} close={close} submit={async (form) => {
			const password = text(form, 'password');
			await send('PUT', path('/accounts/{}/password', address), { password });
			set.value = password;
		}}>
			<p class="hint">{t('linkRather')}</p>
			<p><button type="button" class="button" disabled={f.busy.value} onClick={() => void f.run(async () => {
				link.value = await send<Link>('POST', path('/accounts/{}/link', address), {});
			})}>{t('makeLink')}</button></p>
			<Wrong of={f.problem} />
			<label class="field"><span>{t('newPassword')}</span><input class="input mono" name="password" required minLength={8} autocomplete="new-password" defaultValue={makePassword()} /><small>{t('passwordText')}</small></label>
		</SheetForm>
	);
}
