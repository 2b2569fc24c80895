/*
 * compose/begin.ts - the draft that an intent begins with: recipients, quote,
 * signature, what ties it to the mail that is answered.
 */
import { lang } from '../i18n';
import { prefs } from '../app/prefs';
import type { Client } from '../jmap/client';
import type { Address, Email, Id, Identity } from '../jmap/types';
import { cidKey } from '../html/address';
import { cidsOf } from '../html/cids';
import { flowedOf, unflowed } from '../html/text';
import { type Kind, identityFor, sendeesOf, subjectOf, tieTo } from './reply';
import { formatAddress, parseMailTo } from './addresses';
import { escapeHtml, htmlToText, quoteText, textToHtml, withoutSignature } from './convert';
import { type Attachment, type Draft, emptyDraft, fromEmail } from './draft';
import { defaultIdentity } from './identities';
import type { Intent } from './index';
import { cleanForEditing } from './clean';
import { t } from './t';

export interface Beginning {
	draft: Draft;
	/** The draft of the server that it goes on with. */
	own: Id[];
	/** What is marked when it is sent. */
	origin: { id: Id; keyword: '$answered' | '$forwarded' } | null;
	kind: Intent['kind'];
	/** Content-ID -> where its picture can be had. */
	cids: Map<string, string>;
}

/* ---- signature ---- */

export function textSignature(i: Identity | undefined): string {
	const s = i?.textSignature.trimEnd();
	return s ? `-- \n${s}` : '';
}

export function htmlSignature(i: Identity | undefined): string {
	const html = i?.htmlSignature.trim() || (i?.textSignature ? textToHtml(i.textSignature.trimEnd()) : '');
	return html ? `<div class="signature">${html}</div>` : '';
}

/** The text with the signature of another identity. */
export function swapSignature(text: string, from: string, to: string): string {
	if (!from) return to ? `${text.trimEnd()}\n\n${to}\n` : text;
	const at = text.lastIndexOf(from);
	if (at < 0) return text;
	return to ? text.slice(0, at) + to + text.slice(at + from.length) : text.slice(0, at).trimEnd() + text.slice(at + from.length);
}

/* ---- what is quoted ---- */

function bodyOf(email: Email, list: 'textBody' | 'htmlBody', type: string): string {
	return (email[list] ?? [])
		.filter((p) => p.type.toLowerCase() === type)
		.map((p) => {
			const value = email.bodyValues?.[p.partId ?? '']?.value ?? '';
			return flowedOf(p).flowed ? unflowed(value) : value;
		})
		.join('\n')
		.replace(/\r\n?/g, '\n');
}

export function plainOf(email: Email, cids: Map<string, string>): string {
	const text = bodyOf(email, 'textBody', 'text/plain');
	if (text.trim()) return text;
	const html = bodyOf(email, 'htmlBody', 'text/html');
	return html ? htmlToText(cleanForEditing(html, cids)) : '';
}

function htmlOf(email: Email, cids: Map<string, string>): string {
	const html = bodyOf(email, 'htmlBody', 'text/html');
	const box = document.createElement('div');
	box.append(cleanForEditing(html || textToHtml(bodyOf(email, 'textBody', 'text/plain')), cids));
	return box.innerHTML;
}

function when(email: Email): string {
	const at = new Date(email.sentAt ?? email.receivedAt);
	return new Intl.DateTimeFormat(lang.peek(), { dateStyle: 'full', timeStyle: 'short' }).format(at);
}

function wrote(email: Email): string {
	const from = email.from?.[0];
	return t('wrote', { date: when(email), name: from ? formatAddress(from) : '' });
}

function head(email: Email): [string, string][] {
	const list = (l: Address[] | null | undefined): string => (l ?? []).map(formatAddress).join(', ');
	const rows: [string, string][] = [
		[t('from'), list(email.from)],
		[t('date'), when(email)],
		[t('subject'), email.subject ?? ''],
		[t('to'), list(email.to)],
		[t('cc'), list(email.cc)],
	];
	return rows.filter(([, v]) => v);
}

function quotedText(kind: Kind, email: Email, cids: Map<string, string>): string {
	const text = plainOf(email, cids);
	if (kind === 'forward')
		return `---------- ${t('forwarded')} ----------\n${head(email)
			.map(([k, v]) => `${k}: ${v}`)
			.join('\n')}\n\n${text}`;
	return `${wrote(email)}\n${quoteText(withoutSignature(text))}`;
}

function quotedHtml(kind: Kind, email: Email, cids: Map<string, string>): string {
	const html = htmlOf(email, cids);
	if (kind === 'forward')
		return `<div>---------- ${escapeHtml(t('forwarded'))} ----------</div>${head(email)
			.map(([k, v]) => `<div><b>${escapeHtml(k)}:</b> ${escapeHtml(v)}</div>`)
			.join('')}<div><br></div>${html}`;
	return `<div>${escapeHtml(wrote(email))}</div><blockquote type="cite">${html}</blockquote>`;
}

/* Above the quote or below it, the signature likewise. */
function layText(quote: string, signature: string): string {
	if (!quote) return signature ? `\n\n${signature}\n` : '';
	if (!prefs.replyAbove.peek()) return `${quote}\n\n${signature ? `\n\n${signature}\n` : ''}`;
	if (!signature) return `\n\n${quote}\n`;
	return prefs.signatureAbove.peek() ? `\n\n${signature}\n\n${quote}\n` : `\n\n${quote}\n\n${signature}\n`;
}

function layHtml(quote: string, signature: string): string {
	const gap = '<div><br></div>';
	if (!quote) return gap + (signature ? gap + signature : '');
	if (!prefs.replyAbove.peek()) return `${quote}${gap}${signature ? gap + signature : ''}`;
	if (!signature) return `${gap}${gap}${quote}`;
	return prefs.signatureAbove.peek() ? `${gap}${gap}${signature}${gap}${quote}` : `${gap}${gap}${quote}${gap}${signature}`;
}

/* ---- attachments ---- */

/* Of an answer only the pictures that the quote shows; all of a forward. */
function carried(kind: Kind, email: Email, rich: boolean, html: string): Attachment[] {
	const used = new Set([...html.matchAll(/data-cid="([^"]*)"/g)].map((m) => m[1]!));
	const out: Attachment[] = [];
	(email.attachments ?? []).forEach((p, n) => {
		const inText = rich && p.cid !== null && used.has(cidKey(p.cid));
		if (!inText && (kind !== 'forward' || (p.cid && p.disposition === 'inline' && rich))) return;
		out.push({ key: `o${n}`, name: p.name ?? '', type: p.type, size: p.size, blobId: p.blobId, cid: inText ? cidKey(p.cid!) : null });
	});
	return out;
}

/* ---- all kinds ---- */

function answer(kind: Kind, email: Email, identities: Identity[], client: Client): Beginning {
	const identity = identityFor(email, identities);
	const own = identities.map((i) => i.email);
	const hasHtml = (email.htmlBody ?? []).some((p) => p.type.toLowerCase() === 'text/html');
	const rich = prefs.richText.peek() || (kind === 'forward' && hasHtml);
	const cids = cidsOf(email, client);
	const draft = emptyDraft(identity, rich);
	Object.assign(draft, sendeesOf(kind, email, own));
	draft.subject = subjectOf(kind, email.subject ?? '');
	Object.assign(draft, kind === 'forward' ? { inReplyTo: null, references: tieTo(email).references } : tieTo(email));
	if (rich) {
		draft.html = layHtml(quotedHtml(kind, email, cids), htmlSignature(identity));
	} else {
		draft.text = layText(quotedText(kind, email, cids), textSignature(identity));
	}
	draft.attachments = carried(kind, email, rich, draft.html);
	return { draft, own: [], origin: { id: email.id, keyword: kind === 'forward' ? '$forwarded' : '$answered' }, kind, cids };
}

function fresh(intent: Intent, identities: Identity[]): Beginning {
	const identity = defaultIdentity(identities);
	const rich = prefs.richText.peek();
	const draft = emptyDraft(identity, rich);
	const link = intent.href ? parseMailTo(intent.href) : null;
	const words = link?.body || intent.text || '';
	if (link) Object.assign(draft, { to: link.to, cc: link.cc, bcc: [...draft.bcc, ...link.bcc], subject: link.subject });
	if (intent.to) draft.to = [...draft.to, ...intent.to];
	if (intent.subject) draft.subject = intent.subject;
	if (rich) draft.html = (words ? textToHtml(words) : '') + layHtml('', htmlSignature(identity));
	else draft.text = words + layText('', textSignature(identity));
	return { draft, own: [], origin: null, kind: intent.kind, cids: new Map() };
}

export function begin(intent: Intent, identities: Identity[], client: Client): Beginning {
	const { kind, email } = intent;
	if (email && kind === 'draft') {
		const cids = cidsOf(email, client);
		const draft = fromEmail(email, identities);
		for (const a of draft.attachments) if (a.cid) a.cid = cidKey(a.cid);
		return { draft, own: [email.id], origin: null, kind, cids };
	}
	if (email && (kind === 'reply' || kind === 'replyAll' || kind === 'forward')) return answer(kind, email, identities, client);
	return fresh(intent, identities);
}
