/*
 * mail/attachments.tsx - the files of a message: look at, save, save all.
 *
 * Looked at are images, sound, films, text and messages, all as data that this
 * page draws; a PDF by the browser's own viewer, in a tab of its own that has no
 * origin; whatever could run something (HTML, SVG) is only saved.
 */
import { client } from '../app/session';
import { t } from '../app/t';
import { type BodyPart, type Email, OWN } from '../jmap/types';
import { Icon } from '../ui/icon';
import { download, fileName, rare } from './actions';
import { bytes, plain } from './words';

export const nameOfPart = (p: BodyPart): string => plain(p.name ?? '') || (p.type === 'message/rfc822' ? `${t('unnamed')}.eml` : t('unnamed'));

const url = (p: BodyPart) => client.downloadUrl(p.blobId ?? '', fileName(nameOfPart(p)), p.type);

/** By type; what each may hold is in the types, not in the names. */
const KINDS = {
	image: /^image\/(png|jpe?g|gif|webp|avif|bmp|x-icon)$/i,
	mail: /^message\/(rfc822|global)$/i,
	text: /^text\/(plain|csv|markdown|x-[\w.-]+|calendar|vcard)$|^application\/(json|xml)$/i,
	audio: /^audio\/(aac|flac|mp4|mpeg|ogg|wav|webm|x-(m4a|wav))$/i,
	video: /^video\/(mp4|ogg|quicktime|webm)$/i,
	pdf: /^application\/(x-)?pdf$/i,
};
export type Kind = keyof typeof KINDS;

export function kindOf(p: BodyPart): Kind | undefined {
	// Many programs do not know what they attach; the server looks whether it is one.
	if (/^application\/octet-stream$/i.test(p.type) && /\.pdf$/i.test(p.name ?? ''))
		return 'pdf';
	return (Object.keys(KINDS) as Kind[]).find((k) => KINDS[k].test(p.type));
}

const iconOf = (p: BodyPart) => ({ image: 'image', mail: 'mail' }[kindOf(p) as string] ?? 'file');

function Name({ p }: { p: BodyPart }) {
	const name = nameOfPart(p);
	const about = { class: 'attachment-name clip', title: name };
	switch (kindOf(p)) {
	case undefined: return <span {...about}>{name}</span>;
	case 'pdf': return <a {...about} href={client.url(client.capability(OWN)?.viewUrl, { blobId: p.blobId!, name: fileName(name) })} target="_blank" rel="noopener noreferrer">{name}</a>;
	default: return <button type="button" {...about} onClick={() => void rare().then((m) => m.showPreview(p))}>{name}</button>;
	}
}

/** Shown in the text already: not listed again. */
function inline(e: Email, p: BodyPart): boolean {
	if (p.type === 'text/calendar' && !p.name && p.disposition !== 'attachment')
		return true;
	if (!p.cid || p.disposition === 'attachment' || !p.type.startsWith('image/'))
		return false;
	const cid = p.cid;
	return (e.htmlBody ?? []).some((b) => e.bodyValues?.[b.partId ?? '']?.value.includes(`cid:${cid}`));
}

/** One after the other: a browser takes several at once for an attack. */
async function saveAll(parts: BodyPart[]): Promise<void> {
	for (const p of parts) {
		download(url(p), fileName(nameOfPart(p)));
		await new Promise((done) => setTimeout(done, 400));
	}
}

export function Attachments({ e }: { e: Email }) {
	const parts = (e.attachments ?? []).filter((p) => p.blobId && !inline(e, p));
	if (parts.length === 0)
		return null;
	const total = parts.reduce((n, p) => n + p.size, 0);
	return (
		<section class="attachments" aria-label={t('attachments', { n: parts.length, size: bytes(total) })}>
			<div class="attachments-head">
				<Icon name="attach" /><span class="grow">{t('attachments', { n: parts.length, size: bytes(total) })}</span>
				{parts.length > 1 ? <button type="button" class="button small quiet" onClick={() => void saveAll(parts)}><Icon name="download" /> {t('saveAll')}</button> : null}
			</div>
			<ul>
				{parts.map((p, i) => (
					<li key={i} class="attachment">
						<Icon name={iconOf(p)} />
						<span class="grow clip">
							<Name p={p} />
							<small>{bytes(p.size)}</small>
						</span>
						<a class="tool" href={url(p)} download={fileName(nameOfPart(p))} aria-label={`${t('save')}: ${nameOfPart(p)}`} title={t('save')}><Icon name="download" /></a>
					</li>
				))}
			</ul>
		</section>
	);
}
