/*
 * mail/attachments.tsx - the files of a message: look at, save, save all.
 *
 * Looked at are images, text and messages, all as data that this page draws;
 * whatever could run something (HTML, SVG) is only saved.
 */
import { client } from '../app/session';
import { t } from '../app/t';
import type { BodyPart, Email } from '../jmap/types';
import { Icon } from '../ui/icon';
import { download, fileName, rare } from './actions';
import { bytes, plain } from './words';

export const nameOfPart = (p: BodyPart): string => plain(p.name ?? '') || (p.type === 'message/rfc822' ? `${t('unnamed')}.eml` : t('unnamed'));

const url = (p: BodyPart) => client.downloadUrl(p.blobId ?? '', fileName(nameOfPart(p)), p.type);

export function kindOf(p: BodyPart): 'image' | 'text' | 'mail' | undefined {
	if (/^image\/(png|jpe?g|gif|webp|avif|bmp|x-icon)$/i.test(p.type))
		return 'image';
	if (/^message\/(rfc822|global)$/i.test(p.type))
		return 'mail';
	if (/^text\/(plain|csv|markdown|x-[\w.-]+|calendar|vcard)$|^application\/(json|xml)$/i.test(p.type))
		return 'text';
	return undefined;
}

const iconOf = (p: BodyPart) => ({ image: 'image', mail: 'mail', text: 'file' }[kindOf(p) ?? 'text']);

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
							{kindOf(p)
								? <button type="button" class="attachment-name clip" title={nameOfPart(p)} onClick={() => void rare().then((m) => m.showPreview(p))}>{nameOfPart(p)}</button>
								: <span class="attachment-name clip" title={nameOfPart(p)}>{nameOfPart(p)}</span>}
							<small>{bytes(p.size)}</small>
						</span>
						<a class="tool" href={url(p)} download={fileName(nameOfPart(p))} aria-label={`${t('save')}: ${nameOfPart(p)}`} title={t('save')}><Icon name="download" /></a>
					</li>
				))}
			</ul>
		</section>
	);
}
