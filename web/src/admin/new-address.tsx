/* admin/new-address.tsx - what kind of address?  Three cards, each in a sentence. */
import { useSignal } from '@preact/signals';
import { Icon } from '../ui/icon';
import { toast } from '../ui/toast';
import { path, send } from './api';
import { Copy } from './data';
import { SheetForm, addresses, makePassword, text } from './sheet';
import { t } from './t';

type Kind = 'account' | 'alias' | 'catchall';

function Made({ address, password, done }: { address: string; password: string; done: () => void }) {
	return (
		<>
			<div class="dialog-body stack">
				<p>{t('mailboxMade', { address })}</p>
				<label class="field"><span>{t('userName')}</span></label><Copy text={address} />
				<label class="field"><span>{t('password')}</span></label><Copy text={password} label={t('password')} />
				<p class="hint">{t('shownOnce')} <a class="link" href="/help/setup" target="_blank" rel="noopener">{t('howToSetUp')}</a></p>
			</div>
			<div class="dialog-foot"><button type="button" class="button primary" onClick={done}>{t('done')}</button></div>
		</>
	);
}

function Local({ domain, label }: { domain: string; label: string }) {
	return (
		<label class="field"><span>{label}</span>
			<span class="local"><input class="input" name="local" required autofocus autocomplete="off" autocapitalize="none" spellcheck={false} maxLength={64} onInput={(e) => {
				const v = e.currentTarget.value.toLowerCase();
				if (v !== e.currentTarget.value)
					e.currentTarget.value = v;
			}} /><span class="at">@{domain}</span></span>
		</label>
	);
}

export function NewAddress({ domain, close, done }: { domain: string; close: () => void; done: () => void }) {
	const kind = useSignal<Kind>('account');
	const password = useSignal(makePassword());
	const made = useSignal('');
	const cards: [Kind, string, string, string][] = [
		['account', 'inbox', t('mailbox'), t('mailboxText')],
		['alias', 'forward', t('alias'), t('aliasText')],
		['catchall', 'globe', t('catchall'), t('catchallText')],
	];
	if (made.value)
		return <Made address={made.value} password={password.value} done={done} />;
	const submit = async (form: HTMLFormElement) => {
		if (kind.value === 'catchall') {
			await send('PUT', path('/domains/{}/catchall', domain), { address: text(form, 'target').toLowerCase() });
			toast({ text: t('saved') });
			done();
			return;
		}
		const address = `${text(form, 'local').toLowerCase()}@${domain}`;
		if (kind.value === 'alias') {
			await send('POST', '/aliases', { address, targets: addresses(text(form, 'targets')) });
			toast({ text: t('aliasMade', { address }) });
			done();
			return;
		}
		password.value = text(form, 'password');
		await send('POST', '/accounts', { address, name: text(form, 'name'), password: password.value });
		made.value = address;
	};
	return (
		<SheetForm yes={kind.value === 'account' ? t('makeMailbox') : kind.value === 'alias' ? t('makeAlias') : t('setCatchall')} close={close} submit={submit}>
			<div class="cards" role="radiogroup" aria-label={t('kind')}>{cards.map(([k, icon, name, words]) => (
				<label key={k} class={`card${kind.value === k ? ' on' : ''}`}>
					<input type="radio" name="kind" value={k} checked={kind.value === k} onChange={() => { kind.value = k; }} />
					<Icon name={icon} /><b>{name}</b><span>{words}</span>
				</label>
			))}</div>
			<div class="stack" key={kind.value}>
				{kind.value === 'account' ? (
					<>
						<Local domain={domain} label={t('address')} />
						<label class="field"><span>{t('ownersName')}</span><input class="input" name="name" autocomplete="off" maxLength={200} placeholder="Anna Berg" /></label>
						<label class="field"><span>{t('password')}</span><input class="input mono" name="password" required minLength={8} autocomplete="new-password" value={password.value} /><small>{t('passwordText')}</small></label>
					</>
				) : kind.value === 'alias' ? (
					<>
						<Local domain={domain} label={t('address')} />
						<label class="field"><span>{t('targets')}</span><textarea class="input" name="targets" required rows={4} placeholder={`anna@${domain}`} /><small>{t('targetsText')}</small></label>
					</>
				) : (
					<>
						<label class="field"><span>{t('catchallTo')}</span><input class="input" name="target" type="email" required autofocus placeholder={`anna@${domain}`} /></label>
						<p class="notice warn">{t('catchallWarning')}</p>
					</>
				)}
			</div>
		</SheetForm>
	);
}
