/*
 * settings/identities.tsx - names, reply addresses and signatures (WM-33).
 */
import { useState } from 'preact/hooks';
import { prefs } from '../app/prefs';
import { client } from '../app/session';
import { formatAddress, parseAddresses } from '../compose/addresses';
import { cleanForEditing } from '../compose/clean';
import { htmlToText } from '../compose/convert';
import { loadIdentities } from '../compose/identities';
import type { Identity, SetError } from '../jmap/types';
import { confirm } from '../ui/dialog';
import { Icon } from '../ui/icon';
import { Loading, Page, SaveRow, useLoaded, useSaving } from './page';
import { SignatureEditor } from './signature';
import { t } from './t';

type Draft = Pick<Identity, 'name' | 'email' | 'textSignature' | 'htmlSignature'> & { replyTo: string; bcc: string };

function draftOf(i: Identity | null): Draft {
	const list = (l: Identity['bcc'] | undefined): string => (l ?? []).map(formatAddress).join(', ');
	return { name: i?.name ?? '', email: i?.email ?? '', replyTo: list(i?.replyTo), bcc: list(i?.bcc), textSignature: i?.textSignature ?? '', htmlSignature: i?.htmlSignature ?? '' };
}

function refused(e: SetError | undefined): Error {
	if (e?.type === 'forbiddenFrom') return new Error(t('notYourAddress'));
	return new Error(e?.description || e?.type || t('failed'));
}

async function save(id: string | null, d: Draft): Promise<void> {
	const list = (s: string) => {
		const all = parseAddresses(s);
		const bad = all.find((a) => a.bad);
		if (bad) throw new Error(t('notAnAddress', { address: bad.email }));
		return all.length ? all.map((a) => ({ name: a.name, email: a.email })) : null;
	};
	const values = { name: d.name.trim(), replyTo: list(d.replyTo), bcc: list(d.bcc), textSignature: d.textSignature, htmlSignature: d.htmlSignature };
	const r = await client.call('Identity/set', id ? { update: { [id]: values } } : { create: { n: { ...values, email: d.email.trim() } } });
	if (id ? r.notUpdated?.[id] : !r.created?.n) throw refused(id ? r.notUpdated?.[id] : r.notCreated?.n);
	await loadIdentities(true);
}

function Form({ of: i, onDone }: { of: Identity | null; onDone: () => void }) {
	const [d, setD] = useState(() => draftOf(i));
	const saving = useSaving();
	const kind = d.htmlSignature ? 'rich' : d.textSignature ? 'text' : 'none';
	const [shape, setShape] = useState<'none' | 'text' | 'rich'>(kind);
	const set = (patch: Partial<Draft>): void => {
		saving.clear();
		setD({ ...d, ...patch });
	};
	const choose = (to: typeof shape): void => {
		setShape(to);
		if (to === 'none') set({ textSignature: '', htmlSignature: '' });
		if (to === 'text') set({ htmlSignature: '' });
	};
	const line = (key: 'name' | 'email' | 'replyTo' | 'bcc', label: string, hint?: string, more = {}) => (
		<label class="field">
			<span>{label}</span>
			<input class="input" value={d[key]} autocomplete="off" onInput={(e) => set({ [key]: e.currentTarget.value })} {...more} />
			{hint ? <small>{hint}</small> : null}
		</label>
	);
	return (
		<form class="settings-form" onSubmit={(e) => {
			e.preventDefault();
			void saving.run(() => save(i?.id ?? null, d)).then((good) => good && onDone());
		}}>
			{i ? null : line('email', t('address'), t('addressHint'), { type: 'email', required: true })}
			{line('name', t('yourName'), t('yourNameHint'), { maxLength: 200 })}
			{line('replyTo', t('replyTo'), t('replyToHint'))}
			{line('bcc', t('alwaysBcc'), t('alwaysBccHint'))}
			<fieldset class="choices">
				<legend>{t('signature')}</legend>
				{(['none', 'text', 'rich'] as const).map((k) => (
					<label key={k} class="check"><input type="radio" name="shape" checked={shape === k} onChange={() => choose(k)} /><span>{t(k === 'none' ? 'signatureNone' : k === 'text' ? 'signatureText' : 'signatureRich')}</span></label>
				))}
			</fieldset>
			{shape === 'text' ? <textarea class="input" rows={5} aria-label={t('signature')} value={d.textSignature} dir="auto" onInput={(e) => set({ textSignature: e.currentTarget.value })} /> : null}
			{shape === 'rich' ? <SignatureEditor html={d.htmlSignature} onHtml={(html, text) => setD((x) => ({ ...x, htmlSignature: html, textSignature: text }))} /> : null}
			<SaveRow saving={saving} label={i ? t('save') : t('addIdentity')} />
		</form>
	);
}

async function remove(i: Identity): Promise<boolean> {
	if (!(await confirm({ title: t('removeIdentity'), text: t('removeIdentityText', { address: i.email }), yes: t('remove'), danger: true }))) return false;
	await client.call('Identity/set', { destroy: [i.id] });
	await loadIdentities(true);
	return true;
}

function excerpt(i: Identity): string {
	const text = i.textSignature || (i.htmlSignature ? htmlToText(cleanForEditing(i.htmlSignature, new Map())) : '');
	return text.replace(/\s+/g, ' ').slice(0, 80);
}

export function Identities() {
	const loaded = useLoaded(() => loadIdentities(true));
	const [open, setOpen] = useState<string | null>(null);
	const list = loaded.value;
	const main = prefs.identity.value || list?.[0]?.id;
	return (
		<Page title={t('identities')} text={t('identitiesText')}>
			{list ? (
				<ul class="rows">
					{list.map((i) => (
						<li key={i.id} class="row-item">
							<div class="row-head">
								<span class="grow"><b dir="auto">{i.email}</b> <span dir="auto">{i.name}</span>{i.id === main ? <span class="chip">{t('isDefault')}</span> : null}<br /><span class="dim clip" dir="auto">{excerpt(i) || t('noSignature')}</span></span>
								{i.id === main ? null : <button type="button" class="button small quiet" onClick={() => { prefs.identity.value = i.id; }}>{t('makeDefault')}</button>}
								<button type="button" class="button small" aria-expanded={open === i.id} onClick={() => setOpen(open === i.id ? null : i.id)}>{t('edit')}</button>
								{i.mayDelete ? <button type="button" class="tool" aria-label={t('removeIdentity')} title={t('removeIdentity')} onClick={() => void remove(i).then((done) => done && loaded.again())}><Icon name="trash" /></button> : null}
							</div>
							{open === i.id ? <Form of={i} onDone={loaded.again} /> : null}
						</li>
					))}
				</ul>
			) : <Loading {...loaded} />}
			{open === 'new' ? <Form of={null} onDone={() => { setOpen(null); loaded.again(); }} /> : <p><button type="button" class="button" onClick={() => setOpen('new')}><Icon name="plus" /> {t('addIdentity')}</button></p>}
		</Page>
	);
}
