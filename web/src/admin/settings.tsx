/* admin/settings.tsx - what holds for a whole domain. */
import { confirm } from '../ui/dialog';
import { go } from '../app/router';
import { type Domain, get, path, send } from './api';
import { Data, Mark, Wrong, act, useForm, useLoad } from './data';
import { text } from './sheet';
import { toast } from '../ui/toast';
import { t } from './t';

function Form({ d, reload, operator }: { d: Domain; reload: () => void; operator: boolean }) {
	const f = useForm();
	const suspended = d.suspended.length > 0;
	return (
		<>
			<form class="sheet stack" onSubmit={(e) => {
				e.preventDefault();
				const form = e.currentTarget;
				void f.run(async () => {
					await send('PATCH', path('/domains/{}', d.domain), { postmaster: text(form, 'postmaster') || null });
					const catchall = text(form, 'catchall').toLowerCase();
					if (catchall)
						await send('PUT', path('/domains/{}/catchall', d.domain), { address: catchall });
					else if (d.catchall)
						await send('DELETE', path('/domains/{}/catchall', d.domain));
					toast({ text: t('saved') });
					reload();
				});
			}}>
				<label class="field"><span>{t('postmaster')}</span><input class="input" name="postmaster" type="email" defaultValue={d.postmaster ?? ''} /><small>{t('postmasterText')}</small></label>
				<label class="field"><span>{t('catchallTo')}</span><input class="input" name="catchall" type="email" defaultValue={d.catchall ?? ''} placeholder={t('off')} /><small>{t('catchallText')} {t('catchallWarning')}</small></label>
				<Wrong of={f.problem} />
				<div><button class="button primary" disabled={f.busy.value}>{t('save')}</button></div>
			</form>
			<div class="sheet stack">
				<h2>{t('stopDomain')}</h2>
				<p>{suspended ? <Mark tone="warn">{t('suspended')}: {d.suspended.join(', ')}</Mark> : t('stopDomainText')}</p>
				<div class="acts">
					{suspended ? <button type="button" class="button" onClick={() => void act(() => send('POST', path('/domains/{}/resume', d.domain), {}), t('saved')).then(reload)}>{t('resume')}</button>
						: <button type="button" class="button" onClick={() => void act(() => send('POST', path('/domains/{}/suspend', d.domain), { what: ['login', 'send'] }), t('saved')).then(reload)}>{t('suspendSending')}</button>}
					{operator ? <button type="button" class="button danger" onClick={() => void confirm({ title: t('deleteThis', { address: d.domain }), text: t('deleteDomainText'), yes: t('delete'), danger: true })
						.then((yes) => yes && act(() => send('DELETE', path('/domains/{}', d.domain)), t('deleted', { address: d.domain })).then((ok) => ok && go('/admin/')))}>{t('delete')}</button> : null}
				</div>
			</div>
		</>
	);
}

export function DomainSettings({ domain, operator }: { domain: string; operator: boolean }) {
	const of = useLoad<Domain>(domain, () => get(path('/domains/{}', domain)));
	return (
		<section>
			<header class="page-head"><h1>{t('settingsOf', { domain })}</h1></header>
			<Data of={of}>{(d) => <Form d={d} reload={of.reload} operator={operator} />}</Data>
		</section>
	);
}
