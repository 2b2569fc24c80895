/*
 * compose/files.tsx - what is attached, and what is on its way.
 */
import { bytes } from '../mail/words';
import { Icon } from '../ui/icon';
import type { Attachment } from './draft';
import type { Upload } from './uploads';
import type { Writing } from './writing';
import { t } from './t';

function Done({ of: a, w }: { of: Attachment; w: Writing }) {
	const name = a.name || t('unnamed');
	return (
		<li class="cfile">
			<Icon name={/^image\//.test(a.type) ? 'image' : 'file'} />
			{a.blobId ? <a class="clip" href={w.client.downloadUrl(a.blobId, name, a.type)} target="_blank" rel="noopener" dir="auto">{name}</a> : <span class="clip">{name}</span>}
			<span class="dim">{bytes(a.size)}</span>
			<button type="button" class="tool small" aria-label={t('removeFile', { name })} title={t('removeFile', { name })} onClick={() => w.detach(a.key)}><Icon name="x" /></button>
		</li>
	);
}

function Coming({ of: u, w }: { of: Upload; w: Writing }) {
	const name = u.file.name || t('unnamed');
	const share = u.file.size ? Math.min(100, Math.floor((u.sent / u.file.size) * 100)) : 0;
	const words = { waiting: t('fileWaiting'), sending: t('percent', { n: share }), offline: t('fileOffline'), failed: t('fileFailed', { words: u.reason }) }[u.state];
	return (
		<li class={`cfile ${u.state}`}>
			<Icon name={u.state === 'failed' ? 'warn' : 'up'} />
			<span class="clip" dir="auto">{name}</span>
			<span class="dim">{bytes(u.file.size)}</span>
			{u.state === 'failed' ? null : <progress value={u.sent} max={u.file.size || 1} aria-label={name} />}
			<span class="dim clip">{words}</span>
			{u.state === 'failed' ? <button type="button" class="button small quiet" aria-label={t('retryFile', { name })} onClick={() => w.uploads.retry(u.key)}><Icon name="undo" /></button> : null}
			<button type="button" class="tool small" aria-label={t('stopFile', { name })} title={t('stopFile', { name })} onClick={() => w.uploads.stop(u.key)}><Icon name="x" /></button>
		</li>
	);
}

export function Files({ w }: { w: Writing }) {
	const done = w.draft.value.attachments;
	const coming = w.uploads.items.value;
	const most = w.most;
	if (done.length + coming.length === 0) return null;
	return (
		<div class="cfiles">
			<ul>
				{done.map((a) => <Done key={a.key} of={a} w={w} />)}
				{coming.map((u) => <Coming key={u.key} of={u} w={w} />)}
			</ul>
			<p class={`dim${most && w.size() > most ? ' over' : ''}`}>{t('total', { n: done.length + coming.length, size: bytes(w.size()), most: most ? bytes(most) : '\u221e' })}</p>
		</div>
	);
}
