/*
 * mail/preview.tsx - a file of a message, looked at without saving it.
 */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { client } from '../app/session';
import { dark } from '../app/look';
import { t } from '../app/t';
import { MessageBody } from '../html';
import { BODY_PROPERTIES, PART_PROPERTIES } from '../jmap/store';
import type { BodyPart, Email } from '../jmap/types';
import { openDialog } from '../ui/dialog';
import { Icon } from '../ui/icon';
import { download, fileName } from './actions';
import { Attachments, kindOf, nameOfPart } from './attachments';
import { bytes, fullDate, personName, subject } from './words';

const TEXT_MAX = 512 * 1024;

/* Its bytes are here, whole: one can go back and forth in a film. */
function Seen({ url, name, kind }: { url: string; name: string; kind: 'image' | 'audio' | 'video' }) {
	const src = useSignal('');
	const failed = useSignal('');
	useEffect(() => {
		let made = '';
		client.fetch(url, {}, true).then((r) => r.blob()).then((b) => {
			made = URL.createObjectURL(b);
			src.value = made;
		}).catch(() => {
			failed.value = t('loadFailed');
		});
		return () => URL.revokeObjectURL(made);
	}, [url]);
	if (failed.value)
		return <p class="notice err">{failed.value}</p>;
	if (!src.value)
		return <div class="pending" role="status" aria-label={t('loading')} />;
	const Tag = kind === 'image' ? 'img' : kind;
	const about = kind === 'image' ? { alt: name } : { controls: true, 'aria-label': name };
	return <Tag class="preview-image" src={src.value} {...about} onError={() => { failed.value = t('noPreview'); }} />;
}

function Text({ url, charset }: { url: string; charset: string | null }) {
	const text = useSignal<string | null>(null);
	const failed = useSignal(false);
	const cut = useSignal(false);
	useEffect(() => {
		client.fetch(url, {}, true).then((r) => r.arrayBuffer()).then((b) => {
			let decoder: TextDecoder;
			try {
				decoder = new TextDecoder(charset ?? 'utf-8');
			} catch {
				decoder = new TextDecoder();
			}
			cut.value = b.byteLength > TEXT_MAX;
			text.value = decoder.decode(b.slice(0, TEXT_MAX));
		}).catch(() => {
			failed.value = true;
		});
	}, [url]);
	if (failed.value)
		return <p class="notice err">{t('loadFailed')}</p>;
	return (
		<>
			{cut.value ? <p class="notice">{t('sourceCut', { size: bytes(TEXT_MAX) })}</p> : null}
			<pre class="source-text" tabIndex={0}>{text.value ?? ''}</pre>
		</>
	);
}

function Mail({ blobId }: { blobId: string }) {
	const shown = useSignal<Email | null>(null);
	const failed = useSignal(false);
	useEffect(() => {
		const own = new Set(['id', 'mailboxIds', 'keywords', 'receivedAt', 'threadId']);
		client.call('Email/parse', {
			blobIds: [blobId], properties: BODY_PROPERTIES.filter((p) => !own.has(p)), bodyProperties: PART_PROPERTIES, fetchTextBodyValues: true, fetchHTMLBodyValues: true,
		}).then((r) => {
			const e = r.parsed?.[blobId];
			failed.value = !e;
			shown.value = e ? { ...e, id: `blob-${blobId}`, keywords: {}, mailboxIds: {} } : null;
		}, () => {
			failed.value = true;
		});
	}, [blobId]);
	const e = shown.value;
	if (failed.value)
		return <p class="notice err">{t('loadFailed')}</p>;
	if (!e)
		return <div class="pending" role="status" aria-label={t('loading')} />;
	return (
		<article class="message">
			<h3>{subject(e)}</h3>
			<p>{e.from?.map((a) => `${personName(a)} <${a.email}>`).join(', ')} {e.sentAt ? <time>{fullDate(e.sentAt)}</time> : null}</p>
			<div class="message-body"><MessageBody email={e} client={client} dark={dark.value} /></div>
			<Attachments e={e} />
		</article>
	);
}

export function showPreview(p: BodyPart): void {
	const name = nameOfPart(p);
	const url = client.downloadUrl(p.blobId!, fileName(name), p.type);
	const kind = kindOf(p);
	openDialog({
		title: name,
		large: true,
		body: () => (
			<>
				<div class="dialog-body preview grow">
					{kind === 'mail' ? <Mail blobId={p.blobId!} /> : kind === 'text' ? <Text url={url} charset={p.charset} /> : <Seen url={url} name={name} kind={kind as 'image'} />}
				</div>
				<div class="dialog-foot">
					<span class="grow">{bytes(p.size)}</span>
					<button type="button" class="button primary" onClick={() => download(url, fileName(name))}><Icon name="download" /> {t('save')}</button>
				</div>
			</>
		),
	});
}
