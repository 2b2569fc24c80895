/* admin/alias.tsx - where an alias leads. */
import { get, path, send } from './api';
import { Data, useLoad } from './data';
import { SheetForm, type SheetProps, addresses, text } from './sheet';
import { t } from './t';

export function AliasSheet({ address, close, done }: SheetProps) {
	const of = useLoad(address, () => get<{ targets: string[] }>(path('/aliases/{}', address)));
	return <Data of={of}>{(a) => (
		<SheetForm yes={t('save')} close={close} submit={async (form) => {
			await send('PUT', path('/aliases/{}', address), { targets: addresses(text(form, 'targets')) });
			done();
		}}>
			<label class="field"><span>{t('targets')}</span><textarea class="input" name="targets" rows={6} required autofocus defaultValue={a.targets.join('\n')} /><small>{t('targetsText')}</small></label>
		</SheetForm>
	)}</Data>;
}
