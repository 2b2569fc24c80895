/*
 * settings/contacts.tsx - the address book: found, added, changed, removed.
 */
import { useEffect, useState } from 'preact/hooks';
import { route } from '../app/router';
import { client } from '../app/session';
import type { ContactCard, SetError } from '../jmap/types';
import { plain } from '../mail/words';
import { confirm } from '../ui/dialog';
import { Icon } from '../ui/icon';
import { type CardForm, formOf, namesOf, patchOf } from './card';
import { Loading, Page, SaveRow, useLoaded, useSaving } from './page';
import { emailsOf, loadCards, nameOf } from './people';
import { t } from './t';

const SHOWN = 100;

function refused(e: SetError | undefined): Error {
	return new Error(e?.description || e?.type || t('failed'));
}

async function save(c: ContactCard | null, patch: Record<string, unknown>): Promise<void> {
	if (c) {
		const r = await client.call('ContactCard/set', { update: { [c.id]: patch } });
		if (r.notUpdated?.[c.id]) throw refused(r.notUpdated[c.id]);
		return;
	}
	const { list } = await client.call('AddressBook/get', { ids: null, properties: ['isDefault'] });
	const book = (list.find((b) => b.isDefault) ?? list[0]!).id;
	const r = await client.call('ContactCard/set', { create: { n: { kind: 'individual', addressBookIds: { [book]: true }, ...patch } } });
	if (!r.created?.n) throw refused(r.notCreated?.n);
}

function Form({ of: c, begin, onDone }: { of: ContactCard | null; begin?: Partial<CardForm>; onDone: () => void }) {
	const [f, setF] = useState(() => ({ ...formOf(c), ...begin }));
	const saving = useSaving();
	const line = (key: keyof typeof f, label: string, hint?: string) => (
		<label class="field">
			<span>{label}</span>
			<input class="input" name={key} value={f[key]} autocomplete="off" dir="auto" maxLength={2000} onInput={(e) => { saving.clear(); setF({ ...f, [key]: e.currentTarget.value }); }} />
			{hint ? <small>{hint}</small> : null}
		</label>
	);
	const empty = !Object.values(f).some((v) => v.trim());
	return (
		<form class="settings-form" onSubmit={(e) => {
			e.preventDefault();
			void saving.run(() => save(c, patchOf(c, f))).then((good) => good && onDone());
		}}>
			{line('given', t('givenName'))}
			{line('surname', t('surname'))}
			{line('emails', t('emails'), t('severalHint'))}
			{line('phones', t('phones'), t('severalHint'))}
			{line('organization', t('organization'))}
			{line('note', t('note'))}
			<SaveRow saving={saving} label={c ? t('save') : t('addContact')} disabled={empty} />
		</form>
	);
}

async function remove(c: ContactCard): Promise<boolean> {
	if (!(await confirm({ title: t('removeContact'), text: t('removeContactText', { name: nameOf(c) || emailsOf(c)[0] || '' }), yes: t('remove'), danger: true }))) return false;
	const r = await client.call('ContactCard/set', { destroy: [c.id] });
	return !r.notDestroyed?.[c.id];
}

function matches(c: ContactCard, typed: string): boolean {
	const text = [nameOf(c), ...emailsOf(c), ...Object.values(formOf(c))].join(' ').toLowerCase();
	return typed.toLowerCase().split(/\s+/).every((w) => text.includes(w));
}

function Row({ of: c, open, onOpen, onDone }: { of: ContactCard; open: boolean; onOpen: () => void; onDone: () => void }) {
	const name = nameOf(c) || emailsOf(c)[0] || '';
	return (
		<li class="row-item">
			<div class="row-head">
				<span class="grow"><b dir="auto">{name}</b><br /><span class="dim clip" dir="auto">{emailsOf(c).join(', ')}</span></span>
				<button type="button" class="button small" aria-expanded={open} aria-label={`${t('edit')}: ${name}`} onClick={onOpen}>{t('edit')}</button>
				<button type="button" class="tool" aria-label={`${t('removeContact')}: ${name}`} title={t('removeContact')} onClick={() => void remove(c).then((done) => done && onDone())}><Icon name="trash" /></button>
			</div>
			{open ? <Form of={c} onDone={onDone} /> : null}
		</li>
	);
}

export function Contacts() {
	const loaded = useLoaded(() => loadCards());
	// ?email=...&name=...: who wrote a mail, to be added; or the card that is there.
	const [asked, setAsked] = useState(() => route.peek().query);
	const email = asked.get('email') ?? '';
	const [open, setOpen] = useState<string | null>(email ? 'asked' : null);
	const [typed, setTyped] = useState('');
	const there = loaded.value?.find((c) => emailsOf(c).some((e) => e.toLowerCase() === email.toLowerCase()));
	useEffect(() => {
		if (open !== 'asked' || !loaded.value) return;
		setOpen(there ? there.id : 'new');
		if (there) setTyped(email);
	}, [loaded.value]);
	const found = loaded.value?.filter((c) => c.kind !== 'group' && matches(c, typed.trim())) ?? [];
	const done = (): void => {
		setAsked(new URLSearchParams());
		setOpen(null);
		loaded.again();
	};
	return (
		<Page title={t('contacts')} text={t('contactsText')}>
			{open === 'new' ? <Form of={null} begin={email ? { ...namesOf(plain(asked.get('name') ?? '')), emails: email } : undefined} onDone={done} /> : <p><button type="button" class="button" onClick={() => setOpen('new')}><Icon name="plus" /> {t('addContact')}</button></p>}
			{loaded.value ? (
				<>
					<p><input class="input" type="search" aria-label={t('searchContacts')} placeholder={t('searchContacts')} value={typed} onInput={(e) => setTyped(e.currentTarget.value)} /></p>
					<p class="dim" role="status">{t('contactCount', { n: found.length })}{found.length > SHOWN ? ` ${t('contactsShown', { n: SHOWN })}` : ''}</p>
					<ul class="rows">
						{found.slice(0, SHOWN).map((c) => <Row key={c.id} of={c} open={open === c.id} onOpen={() => setOpen(open === c.id ? null : c.id)} onDone={done} />)}
					</ul>
				</>
			) : <Loading {...loaded} />}
		</Page>
	);
}
