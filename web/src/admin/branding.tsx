/* admin/branding.tsx - name, colour and links under which the host shows itself. */
import { get, send } from './api';
import { Data, Wrong, useForm, useLoad } from './data';
import { text } from './sheet';
import { toast } from '../ui/toast';
import { t } from './t';

interface Brand { name: string; colour: string | null; logo: string | null; help: string | null; imprint: string | null }

export function Branding() {
	const of = useLoad<Brand>('', () => get('/branding'));
	const f = useForm();
	return (
		<section>
			<header class="page-head"><h1>{t('branding')}</h1></header>
			<p class="lead">{t('brandingText')}</p>
			<Data of={of}>{(b) => (
				<form class="sheet stack" onSubmit={(e) => {
					e.preventDefault();
					const form = e.currentTarget;
					void f.run(async () => {
						await send('PATCH', '/branding', Object.fromEntries(['name', 'colour', 'logo', 'help', 'imprint'].map((k) => [k, text(form, k) || null])));
						toast({ text: t('saved') });
						of.reload();
					});
				}}>
					<label class="field"><span>{t('brandName')}</span><input class="input" name="name" defaultValue={b.name} maxLength={100} /></label>
					<label class="field"><span>{t('brandColour')}</span><input class="input" name="colour" defaultValue={b.colour ?? ''} placeholder="#0A5A68" /><small>{t('brandColourText')}</small></label>
					<label class="field"><span>{t('brandLogo')}</span><input class="input" name="logo" type="url" defaultValue={b.logo ?? ''} /></label>
					<label class="field"><span>{t('brandHelp')}</span><input class="input" name="help" type="url" defaultValue={b.help ?? ''} /></label>
					<label class="field"><span>{t('brandImprint')}</span><input class="input" name="imprint" type="url" defaultValue={b.imprint ?? ''} /></label>
					<Wrong of={f.problem} />
					<div><button class="button primary" disabled={f.busy.value}>{t('save')}</button></div>
				</form>
			)}</Data>
		</section>
	);
}
