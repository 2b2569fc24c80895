/* admin/password.tsx - a new password for somebody else. */
import { useSignal } from '@preact/signals';
import { path, send } from './api';
import { Copy } from './data';
import { SheetForm, type SheetProps, makePassword, text } from './sheet';
import { t } from './t';

export function PasswordSheet({ address, close, done }: SheetProps) {
	const set = useSignal('');
	if (set.value)
		return (
			<>
				<div class="dialog-body stack"><p>{t('passwordSet', { address })}</p><Copy text={set.value} label={t('password')} /><p class="hint">{t('shownOnce')}</p></div>
				<div class="dialog-foot"><button type="button" class="button primary" onClick={done}>{t('done')}</button></div>
			</>
		);
	return (
		<SheetForm yes={t('setPassword')} close={close} submit={async (form) => {
			const password = text(form, 'password');
			await send('PUT', path('/accounts/{}/password', address), { password });
			set.value = password;
		}}>
			<label class="field"><span>{t('newPassword')}</span><input class="input mono" name="password" required minLength={8} autocomplete="new-password" autofocus defaultValue={makePassword()} /><small>{t('passwordText')}</small></label>
		</SheetForm>
	);
}
