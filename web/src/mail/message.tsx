/*
 * mail/message.tsx - one message: its head, its body, its files.
 */
import { useSignal } from '@preact/signals';
import { dark } from '../app/look';
import { client } from '../app/session';
import { t } from '../app/t';
import { openCompose } from '../compose';
import { MessageBody } from '../html';
import type { Address, Email, Id } from '../jmap/types';
import { Icon } from '../ui/icon';
import { showMenu } from '../ui/menu';
import { Tool } from '../ui/tool';
import { byId, menuRows, type Target } from './actions';
import { Attachments } from './attachments';
import { authentication, type Authentication, failed, passed } from './authentication';
import { Marked } from './marks';
import { self } from './self';
import { current, search, store } from './state';
import { Unsubscribe } from './unsubscribe';
import { bytes, fullDate, longDate, personName, plain, previewText, shortDate, shortName, subject } from './words';

const targetOf = (e: Email): Target => ({ rows: [], emails: [e], message: e, all: false });

/* A colour of its own for each sender, from the palette of soft grounds. */
function Avatar({ a }: { a: Address | undefined }) {
	const name = a ? personName(a) : '?';
	const letters = name.split(/[\s@.]+/).filter(Boolean).slice(0, 2).map((w) => [...w][0]!.toUpperCase()).join('');
	let n = 0;
	for (const c of a?.email ?? '')
		n = (n * 31 + c.codePointAt(0)!) % 5;
	return <span class={`avatar tone-${n}`} aria-hidden="true">{letters || '?'}</span>;
}

/** A message that is one line. */
export function FoldedMessage({ email, open }: { email: Email; open: () => void }) {
	const a = email.from?.[0];
	return (
		<button type="button" id={`m-${email.id}`} class={`folded${email.keywords.$seen ? '' : ' unread'}`} aria-expanded="false" onClick={open}>
			<span class="folded-who clip">{email.keywords.$draft ? <em>{t('draft')} </em> : null}{a ? (self.value.has(a.email.toLowerCase()) ? t('me') : personName(a)) : t('nobody')}</span>
			<span class="folded-text clip grow">{previewText(email.preview)}</span>
			{email.hasAttachment ? <Icon name="attach" label={t('hasAttachment')} /> : null}
			<time dateTime={email.receivedAt}>{shortDate(email.receivedAt)}</time>
		</button>
	);
}

function Checks({ a }: { a: Authentication }) {
	const row = (key: string, good: boolean | undefined, text: string, word: string) => (
		<li key={key} class={good === undefined ? '' : good ? 'ok' : 'err'}><Icon name={good === undefined ? 'help' : good ? 'check' : 'warn'} /><span>{text}</span><strong>{word}</strong></li>
	);
	const words = { spf: 'spfWords', dkim: 'dkimWords', dmarc: 'dmarcWords' } as const;
	if (a.tls === undefined && !a.checks.some((c) => c.method in words))
		return null;
	return (
		<ul class="checks" aria-label={t('checksTitle')}>
			{a.checks.filter((c) => c.method in words).map((c, i) => row(`${c.method}${i}`, passed(c) ? true : failed(c) ? false : undefined,
				t(words[c.method as 'spf'], { domain: c.domain || '?' }), passed(c) ? t('checkPass') : failed(c) ? t('checkFail') : c.result === 'none' ? t('checkNone') : t('checkOther', { word: c.result })))}
			{a.tls === undefined ? null : row('tls', a.tls !== '', a.tls ? t('tlsWords', { word: a.tls }) : t('noTlsWords'), '')}
		</ul>
	);
}

function People({ label, list }: { label: string; list: Address[] | null | undefined }) {
	if (!list?.length)
		return null;
	return (
		<div><dt>{label}</dt><dd>{list.map((a, i) => <span key={i} class="person">{a.name ? `${plain(a.name)} ` : ''}<code>{a.email}</code></span>)}</dd></div>
	);
}

function Details({ e, a }: { e: Email; a: Authentication }) {
	const listId = e.headers?.find((h) => h.name.toLowerCase() === 'list-id')?.value;
	return (
		<div class="message-details">
			<dl>
				<People label={t('headFrom')} list={e.from} />
				<People label={t('headReplyTo')} list={e.replyTo} />
				<People label={t('headTo')} list={e.to} />
				<People label={t('headCc')} list={e.cc} />
				<People label={t('headBcc')} list={e.bcc} />
				<div><dt>{t('headDate')}</dt><dd>{e.sentAt ? fullDate(e.sentAt) : '\u2013'}</dd></div>
				<div><dt>{t('headReceived')}</dt><dd>{fullDate(e.receivedAt)}</dd></div>
				<div><dt>{t('headSubject')}</dt><dd>{subject(e)}</dd></div>
				{listId ? <div><dt>{t('headList')}</dt><dd><code>{plain(listId)}</code></dd></div> : null}
				<div><dt>{t('headSize')}</dt><dd>{bytes(e.size)}</dd></div>
			</dl>
			<Checks a={a} />
		</div>
	);
}

function toLine(e: Email): string {
	const all = [...(e.to ?? []), ...(e.cc ?? [])];
	if (all.length === 0)
		return e.bcc?.length ? t('toList', { names: e.bcc.map((a) => shortName(a, self.value)).join(', ') }) : t('toList', { names: t('nobody') });
	const own = all.findIndex((a) => self.value.has(a.email.toLowerCase()));
	const ordered = own > 0 ? [all[own]!, ...all.slice(0, own), ...all.slice(own + 1)] : all;
	const names = ordered.slice(0, 3).map((a) => (self.value.has(a.email.toLowerCase()) ? t('me') : all.length === 1 ? personName(a) : shortName(a, self.value)));
	const line = names.join(', ');
	return t('toList', { names: all.length > 3 ? t('plusMore', { names: line, n: all.length - 3 }) : line });
}

function Badge({ a, own, toggle, open }: { a: Authentication; own: boolean; toggle: () => void; open: boolean }) {
	if (own && a.checks.length === 0)
		return null;
	const [icon, text] = a.verdict === 'signed' ? ['shield', t('signedBy', { domain: a.domain })] : a.verdict === 'forged' ? ['warn', t('forged')] : ['help', t('notVerified')];
	return <button type="button" class={`badge ${a.verdict}`} aria-expanded={open} onClick={toggle}><Icon name={icon!} /><span class="clip">{text}</span></button>;
}

export function Message({ id, alone, fold }: { id: Id; alone: boolean; fold?: () => void }) {
	const details = useSignal(false);
	const failed = useSignal(false);
	const e = store.emails.get(id);
	if (!e)
		return null;
	const whole = e.bodyStructure !== undefined;
	const from = e.from?.[0];
	const own = from !== undefined && self.value.has(from.email.toLowerCase());
	const a = authentication(e.headers ?? [], from?.email ?? '');
	const toggle = () => {
		details.value = !details.value;
	};
	const retry = () => {
		failed.value = false;
		store.open([id]).catch(() => {
			failed.value = true;
		});
	};
	return (
		<article class={`message${current.value === id && !alone ? ' current' : ''}`} id={`m-${id}`} tabIndex={-1} aria-label={t('messageFrom', { name: from ? personName(from) : t('nobody') })} onFocusIn={() => { current.value = id; }}>
			<header class="message-head">
				<Avatar a={from} />
				<div class="grow">
					<div class="message-line">
						<h3 class="clip" onClick={fold}>
							<strong><Marked text={from ? personName(from) : t('nobody')} words={search.value.words} /></strong>
							{from && from.name ? <span class="address"> {from.email}</span> : null}
						</h3>
						<time dateTime={e.receivedAt} title={fullDate(e.sentAt ?? e.receivedAt)}>{longDate(e.receivedAt)}</time>
						<Tool icon="reply" label={t('reply')} run={() => byId('reply').run(targetOf(e))} />
						<Tool icon="more" label={t('more')} popup run={(m) => showMenu({ at: m.currentTarget as Element, label: t('more'), items: menuRows(targetOf(e), ['write', 'state', 'message']) })} />
					</div>
					<div class="message-line second">
						<button type="button" class="to-line clip" aria-expanded={details.value} onClick={toggle}>{toLine(e)}<Icon name={details.value ? 'up' : 'down'} /></button>
						{whole ? <Badge a={a} own={own} toggle={toggle} open={details.value} /> : null}
						{whole ? <Unsubscribe e={e} a={a} /> : null}
					</div>
				</div>
			</header>
			{details.value && whole ? <Details e={e} a={a} /> : null}
			<dl class="print-head">
				<People label={t('headFrom')} list={e.from} />
				<People label={t('headTo')} list={e.to} />
				<People label={t('headCc')} list={e.cc} />
				<div><dt>{t('headDate')}</dt><dd>{fullDate(e.sentAt ?? e.receivedAt)}</dd></div>
			</dl>
			{e.keywords.$draft ? <button type="button" class="button small edit-draft" onClick={() => byId('edit').run(targetOf(e))}><Icon name="draft" /> {t('editDraft')}</button> : null}
			{whole ? (
				<>
					<div class="message-body">
						<MessageBody email={e} client={client} dark={dark.value} words={search.value.words} onMailto={(href) => openCompose({ kind: 'mailto', href })} />
					</div>
					<Attachments e={e} />
				</>
			) : failed.value ? (
				<p class="notice err">{t('loadFailed')} <button type="button" class="link" onClick={retry}>{t('retry')}</button></p>
			) : <div class="pending" role="status" aria-label={t('loading')} />}
		</article>
	);
}
