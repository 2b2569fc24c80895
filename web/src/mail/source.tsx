/*
 * mail/source.tsx - a message as it is: headers, bytes, parts, way.
 */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { client } from '../app/session';
import { t } from '../app/t';
import type { BodyPart, Email, Id } from '../jmap/types';
import { openDialog } from '../ui/dialog';
import { Icon } from '../ui/icon';
import { toast } from '../ui/toast';
import { download, fileName } from './actions';
import { hops } from './hops';
import { store } from './state';
import { bytes, duration, fullDate, plain, subject } from './words';

/** So much of the source is shown; the rest is in the download. */
const SHOWN_MAX = 1024 * 1024;

function Headers({ e }: { e: Email }) {
	return (
		<table class="plain-table">
			<tbody>{(e.headers ?? []).map((h, i) => <tr key={i}><th scope="row">{h.name}</th><td><code>{h.value.trim()}</code></td></tr>)}</tbody>
		</table>
	);
}

function Full({ text }: { text: string | null }) {
	if (text === null)
		return <div class="pending" role="status" aria-label={t('loading')} />;
	return (
		<>
			{text.length >= SHOWN_MAX ? <p class="notice">{t('sourceCut', { size: bytes(SHOWN_MAX) })}</p> : null}
			<pre class="source-text" tabIndex={0}>{text}</pre>
		</>
	);
}

function Part({ p }: { p: BodyPart }) {
	return (
		<li>
			<span class="part"><code>{p.type}</code>{p.charset ? <code>{p.charset}</code> : null}{p.name ? <span class="clip">{plain(p.name)}</span> : null}{p.disposition ? <span class="chip">{p.disposition}</span> : null}
				{p.blobId ? <span>{bytes(p.size)}</span> : null}
				{p.blobId ? <a class="tool" href={client.downloadUrl(p.blobId, fileName(p.name ?? 'part'), p.type)} download={fileName(p.name ?? 'part')} aria-label={t('save')}><Icon name="download" /></a> : null}
			</span>
			{p.subParts?.length ? <ul class="parts">{p.subParts.map((s, i) => <Part key={i} p={s} />)}</ul> : null}
		</li>
	);
}

function Hops({ e }: { e: Email }) {
	const list = hops(e.headers ?? []);
	if (list.length === 0)
		return <p>{t('hopNone')}</p>;
	return (
		<table class="plain-table hops">
			<caption class="sr">{t('hopsTitle')}</caption>
			<thead><tr><th scope="col">{t('hop')}</th><th scope="col">{t('hopBy')}</th><th scope="col">{t('hopTime')}</th><th scope="col">{t('hopDelay')}</th></tr></thead>
			<tbody>
				{list.map((h, i) => (
					<tr key={i} class={(h.delay ?? 0) > 300 ? 'slow' : ''}>
						<td><code>{h.from || '\u2013'}</code></td><td><code>{h.by || '\u2013'}</code> {h.with ? <span class="chip">{h.with}</span> : null}</td>
						<td>{h.time ? fullDate(h.time.toISOString()) : '\u2013'}</td><td>{h.delay === undefined ? '\u2013' : duration(h.delay)}</td>
					</tr>
				))}
			</tbody>
		</table>
	);
}

const TABS = ['tabHeaders', 'tabSource', 'tabStructure', 'tabHops'] as const;

function Source({ e }: { e: Email }) {
	const tab = useSignal(0);
	const text = useSignal<string | null>(null);
	const url = client.downloadUrl(e.blobId, `${fileName(e.subject)}.eml`, 'message/rfc822');
	useEffect(() => {
		client.fetch(url, {}, true).then((r) => r.arrayBuffer()).then((b) => {
			const shown = b.slice(0, SHOWN_MAX);
			try {
				text.value = new TextDecoder('utf-8', { fatal: true }).decode(shown);
			} catch {
				text.value = new TextDecoder('windows-1252').decode(shown);
			}
		}).catch(() => {
			text.value = '';
		});
	}, [url]);
	const copy = () => void navigator.clipboard?.writeText(tab.value === 0 ? (e.headers ?? []).map((h) => `${h.name}:${h.value}`).join('\n') : text.value ?? '')
		.then(() => toast({ text: t('copied') }));
	const keys = (k: KeyboardEvent) => {
		const by = { ArrowRight: 1, ArrowLeft: -1 }[k.key];
		if (!by)
			return;
		tab.value = (tab.value + by + TABS.length) % TABS.length;
		(k.currentTarget as Element).querySelectorAll<HTMLElement>('[role=tab]')[tab.value]?.focus();
	};
	return (
		<>
			<div class="tabs" role="tablist" aria-label={t('sourceTitle')} onKeyDown={keys}>
				{TABS.map((name, i) => (
					<button key={name} type="button" role="tab" class="tab" id={`tab-${i}`} aria-selected={tab.value === i} aria-controls="tab-panel" tabIndex={tab.value === i ? 0 : -1} onClick={() => { tab.value = i; }}>{t(name)}</button>
				))}
			</div>
			<div class="dialog-body grow" id="tab-panel" role="tabpanel" tabIndex={0} aria-labelledby={`tab-${tab.value}`}>
				{tab.value === 0 ? <Headers e={e} /> : tab.value === 1 ? <Full text={text.value} /> : tab.value === 2 ? (e.bodyStructure ? <ul class="parts"><Part p={e.bodyStructure} /></ul> : null) : <Hops e={e} />}
			</div>
			<div class="dialog-foot">
				<button type="button" class="button" onClick={copy}><Icon name="copy" /> {t('copy')}</button>
				<button type="button" class="button primary" onClick={() => download(url, `${fileName(e.subject)}.eml`)}><Icon name="download" /> {t('downloadEml')}</button>
			</div>
		</>
	);
}

export async function showSource(id: Id): Promise<void> {
	const e = await store.email(id);
	if (e)
		openDialog({ title: subject(e), large: true, body: () => <Source e={e} /> });
}
