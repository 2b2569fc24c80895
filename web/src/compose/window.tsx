/*
 * compose/window.tsx - the window in which a message is written.
 */
import './icons';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ComponentType } from 'preact';
import { panes } from '../app/look';
import { prefs } from '../app/prefs';
import type { Identity } from '../jmap/types';
import { confirm, openDialog } from '../ui/dialog';
import { Icon } from '../ui/icon';
import { Tool } from '../ui/tool';
import { htmlSignature, swapSignature, textSignature } from './begin';
import type { Recipient } from './addresses';
import { type Check, STOPS, encodedSize } from './checks';
import { textToHtml } from './convert';
import type { Attachment, Draft } from './draft';
import { bytes, clock } from '../mail/words';
import { Files } from './files';
import { identities } from './identities';
import { laterMenu } from './later';
import { Plain } from './plain';
import { type Field, Recipients } from './recipients';
import type { RichHandle, RichProps } from './rich';
import { holdMost } from './send';
import { t } from './t';
import type { Writing } from './writing';

export interface WindowProps {
	w: Writing;
	/** It is the whole browser window. */
	alone?: boolean;
	onClose: () => void;
	onDiscard: () => void;
	onPopOut?: () => void;
	onSend: (until: Date | null) => Promise<boolean>;
}

/* ---- the head ---- */

function statusText(w: Writing): string {
	const s = w.status.value;
	if (w.sending.value) return w.sending.value === 'checking' ? t('checking') : t('sendingNow');
	if (s.kind === 'saving') return t('saving');
	if (s.kind === 'saved') return t('savedAt', { time: clock(new Date(s.at)) });
	return s.kind === 'unsaved' ? t('unsaved') : '';
}

function Head({ w, alone, onClose, onPopOut }: WindowProps) {
	const shape = w.shape.value;
	const title = w.draft.value.subject.trim() || t('newMessage');
	const phone = panes.value === 1;
	return (
		<header class="chead" onDblClick={() => { w.shape.value = shape === 'small' ? 'docked' : 'small'; }}>
			<h2 class="clip" dir="auto" id={`c-${w.key}`}>{title}</h2>
			<span class="cstatus clip" role="status" title={w.status.value.kind === 'unsaved' ? `${w.status.value.words}. ${t('keptHere')}` : undefined}>{statusText(w)}</span>
			{phone || alone ? null : (
				<>
					<Tool icon={shape === 'small' ? 'up' : 'minus'} label={shape === 'small' ? t('restore') : t('minimise')} run={() => { w.shape.value = shape === 'small' ? 'docked' : 'small'; }} />
					<Tool icon={shape === 'full' ? 'shrink' : 'grow'} label={shape === 'full' ? t('leaveFull') : t('fullScreen')} run={() => { w.shape.value = shape === 'full' ? 'docked' : 'full'; }} />
					{onPopOut ? <Tool icon="open" label={t('popOut')} run={onPopOut} /> : null}
				</>
			)}
			<Tool icon="x" label={t('closeKeep')} run={onClose} />
		</header>
	);
}

/* ---- the fields ---- */

function From({ w, onIdentity }: { w: Writing; onIdentity: (i: Identity) => void }) {
	const list = identities.value;
	const d = w.draft.value;
	const id = `from-${w.key}`;
	const text = (i: Identity): string => (i.name ? `${i.name} <${i.email}>` : i.email);
	return (
		<div class="cfield">
			<label class="clabel" for={id}>{t('from')}</label>
			{list.length > 1 ? (
				<select id={id} class="cfrom" value={d.identityId ?? ''} onChange={(e) => { const i = list.find((x) => x.id === e.currentTarget.value); if (i) onIdentity(i); }}>
					{list.map((i) => <option key={i.id} value={i.id}>{text(i)}</option>)}
				</select>
			) : (
				<output id={id} class="cfrom clip">{list[0] ? text(list[0]) : (d.from?.email ?? '')}</output>
			)}
		</div>
	);
}

function Fields({ w, onIdentity, focus }: { w: Writing; onIdentity: (i: Identity) => void; focus: boolean }) {
	const d = w.draft.value;
	const [shown, setShown] = useState({ cc: d.cc.length > 0, bcc: d.bcc.length > 0 });
	const [opened, setOpened] = useState<Field | null>(null);
	const taken = useMemo(() => new Set([...d.to, ...d.cc, ...d.bcc].map((r) => r.email.toLowerCase())), [d.to, d.cc, d.bcc]);
	const open = (f: Field): void => {
		setShown({ cc: true, bcc: true });
		setOpened(f);
	};
	const drop = (list: Recipient[], r: Recipient): Recipient[] => list.filter((x) => x.email !== r.email);
	const move = (r: Recipient, to: Field): void => {
		const next = { to: drop(d.to, r), cc: drop(d.cc, r), bcc: drop(d.bcc, r) };
		next[to] = [...next[to], r];
		if (to !== 'to') setShown({ cc: shown.cc || to === 'cc', bcc: shown.bcc || to === 'bcc' });
		w.change(next);
	};
	useEffect(() => {
		const key = (e: Event): void => open((e as CustomEvent<Field>).detail);
		const el = document.getElementById(`w-${w.key}`);
		el?.addEventListener('showfield', key);
		return () => el?.removeEventListener('showfield', key);
	}, []);
	const row = (field: Field, more?: preact.ComponentChildren) => (
		<Recipients field={field} label={t(field)} list={d[field]} taken={taken} focus={(focus && field === 'to' && d.to.length === 0) || opened === field}
			refused={(a) => w.isRefused(a)} onChange={(list) => w.change({ [field]: list })} onMove={move} onTake={(r) => move(r, field)} more={more} />
	);
	return (
		<>
			<From w={w} onIdentity={onIdentity} />
			{row('to', shown.cc && shown.bcc ? null : <button type="button" class="link cmore" onClick={() => open('cc')}>{t('showCcBcc')}</button>)}
			{shown.cc || d.cc.length ? row('cc') : null}
			{shown.bcc || d.bcc.length ? row('bcc') : null}
			<div class="cfield">
				<label class="clabel" for={`subject-${w.key}`}>{t('subject')}</label>
				<input id={`subject-${w.key}`} class="csubject" value={d.subject} dir="auto" maxLength={900} onInput={(e) => w.change({ subject: e.currentTarget.value.replace(/[\r\n]+/g, ' ') })} />
			</div>
		</>
	);
}

/* ---- before it goes ---- */

function checkText(c: Check): string {
	switch (c.kind) {
	case 'noRecipients': return t('checkNoRecipients');
	case 'badRecipient': return t('checkBadRecipient', { address: c.address });
	case 'uploading': return t('checkUploading');
	case 'failedUpload': return t('checkFailedUpload', { name: c.name });
	case 'tooLarge': return t('checkTooLarge', { size: bytes(c.size), max: bytes(c.max) });
	case 'noAttachment': return t('checkNoAttachment', { word: c.word });
	case 'noSubject': return t('checkNoSubject');
	case 'many': return t('checkMany', { n: c.n });
	case 'limit': return t(c.what === 'messages' ? 'checkLimitMessages' : 'checkLimitRecipients', { used: c.used, limit: c.limit, n: c.minutes });
	}
}

function askAbout(list: Check[], addFile: () => void): Promise<boolean> {
	const stop = list.some((c) => STOPS.has(c.kind));
	const shown = stop ? list.filter((c) => STOPS.has(c.kind)) : list;
	return new Promise((done) => {
		let answer = false;
		openDialog({
			title: t('beforeSending'),
			closed: () => done(answer),
			body: (close) => (
				<>
					<div class="dialog-body"><ul class="cchecks">{shown.map((c) => <li key={c.kind}><Icon name="warn" /> <span>{checkText(c)}</span></li>)}</ul></div>
					<div class="dialog-foot">
						{shown.some((c) => c.kind === 'noAttachment') ? <button type="button" class="button" onClick={() => { close(); addFile(); }}>{t('addFile')}</button> : null}
						<button type="button" class={`button${stop ? ' primary' : ''}`} autofocus onClick={close}>{t('goBack')}</button>
						{stop ? null : <button type="button" class="button primary" onClick={() => { answer = true; close(); }}>{t('sendAnyway')}</button>}
					</div>
				</>
			),
		});
	});
}

/* ---- the body ---- */

let richLoading: Promise<ComponentType<RichProps>> | undefined;

function loadRich(): Promise<ComponentType<RichProps>> {
	richLoading ??= import('./rich').then((m) => m.Rich);
	richLoading.catch(() => {
		richLoading = undefined;
	});
	return richLoading;
}

function LazyRich({ onFail, ...props }: RichProps & { onFail: () => void }) {
	const [Rich, setRich] = useState<ComponentType<RichProps> | null>(null);
	useEffect(() => {
		let here = true;
		loadRich().then((r) => here && setRich(() => r), () => here && onFail());
		return () => {
			here = false;
		};
	}, []);
	return Rich ? <Rich {...props} /> : <div class="cbody" role="status" aria-label={t('loading')} />;
}

const INLINE = /^image\/(?:png|jpe?g|gif|webp)$/;

export function ComposeWindow(props: WindowProps) {
	const { w, alone, onDiscard, onSend } = props;
	const d = w.draft.value;
	const rich = useRef<RichHandle | null>(null);
	const pick = useRef<HTMLInputElement>(null);
	const [over, setOver] = useState(false);
	const [large, setLarge] = useState('');
	const [failed, setFailed] = useState(false);
	/* Counts how often the editor was begun anew. */
	const [round, setRound] = useState(0);
	const answering = w.begun.kind === 'reply' || w.begun.kind === 'replyAll';
	const waiting = useRef(new Map<string, string>());

	/* A picture in the text is there when its bytes are. */
	useEffect(() => {
		for (const a of d.attachments) {
			const url = waiting.current.get(a.key);
			if (!url || !a.blobId || !a.cid) continue;
			waiting.current.delete(a.key);
			rich.current?.picture(w.client.downloadUrl(a.blobId, a.name, a.type), a.cid);
		}
	}, [d.attachments]);

	const add = (files: File[], inText: boolean): void => {
		setLarge('');
		for (const f of files) {
			if (w.most && w.size() + encodedSize(f.size) > w.most) {
				setLarge(t('tooLargeNow', { name: f.name || t('unnamed'), size: bytes(w.size() + encodedSize(f.size)), most: bytes(w.most) }));
				continue;
			}
			const inline = inText && w.draft.peek().rich && INLINE.test(f.type);
			const cid = inline ? `${crypto.randomUUID()}@posthus` : null;
			const key = w.uploads.add(f, cid);
			if (cid) waiting.current.set(key, cid);
		}
	};

	const identity = (i: Identity): void => {
		const before = identities.peek().find((x) => x.id === w.draft.peek().identityId);
		const now = w.draft.peek();
		const known = (list: Identity['bcc']) => new Set((list ?? []).map((a) => a.email));
		const old = known(before?.bcc ?? null);
		w.change({
			identityId: i.id,
			from: { name: i.name || null, email: i.email },
			replyTo: i.replyTo ?? [],
			bcc: [...now.bcc.filter((b) => !old.has(b.email)), ...(i.bcc ?? [])],
			...(now.rich ? {} : { text: swapSignature(now.text, textSignature(before), textSignature(i)) }),
		});
		if (now.rich) rich.current?.signature(htmlSignature(i));
	};

	const toggleRich = async (): Promise<void> => {
		w.flush();
		const now = w.draft.peek();
		let patch: Partial<Draft>;
		if (now.rich) {
			const styled = /<(?!\/?(?:div|br|p|a|blockquote)\b)[a-z]/i.test(now.html);
			if (styled && !(await confirm({ title: t('plainText'), text: t('toPlainText'), yes: t('toPlain') }))) return;
			patch = { rich: false, html: '', attachments: now.attachments.map((a): Attachment => ({ ...a, cid: null })) };
		} else {
			patch = { rich: true, html: textToHtml(now.text) };
		}
		w.change(patch);
		setRound(round + 1);
	};

	const send = async (until: Date | null): Promise<void> => {
		if (w.sending.peek()) return;
		const list = w.checks();
		const limit = list.some((c) => STOPS.has(c.kind)) ? null : await w.limit();
		if (limit) list.push(limit);
		if (list.length && !(await askAbout(list, () => pick.current?.click()))) return;
		/* While it goes the window is inert, and has lost the focus. */
		if (!(await onSend(until))) document.getElementById(`w-${w.key}`)?.querySelector<HTMLElement>('.cbody')?.focus();
	};

	const keys = (e: KeyboardEvent): void => {
		const ctrl = e.ctrlKey || e.metaKey;
		if (ctrl && e.key === 'Enter') void send(null);
		else if (ctrl && e.shiftKey && /^[cb]$/i.test(e.key)) e.currentTarget!.dispatchEvent(new CustomEvent('showfield', { detail: /c/i.test(e.key) ? 'cc' : 'bcc' }));
		else if (e.key === 'Escape' && !e.defaultPrevented) props.onClose();
		else {
			/* The list's keys are not for here. */
			e.stopPropagation();
			return;
		}
		e.preventDefault();
		e.stopPropagation();
	};

	const hasFiles = (e: DragEvent): boolean => e.dataTransfer?.types.includes('Files') ?? false;
	const shape = alone || panes.value === 1 ? 'full' : w.shape.value;
	const problem = w.problem.value;
	return (
		<section id={`w-${w.key}`} class={`cwindow ${shape}`} role="dialog" aria-labelledby={`c-${w.key}`} inert={w.sending.value !== ''} onKeyDown={keys}
			onDragOver={(e) => { if (hasFiles(e)) { e.preventDefault(); setOver(true); } }}
			onDragLeave={(e) => { if (!e.currentTarget.contains(e.relatedTarget as Node | null)) setOver(false); }}
			onDrop={(e) => { setOver(false); if (hasFiles(e)) { e.preventDefault(); add([...(e.dataTransfer?.files ?? [])], false); } }}>
			<Head {...props} />
			{shape === 'small' ? null : (
				<>
					<div class="cfields"><Fields w={w} onIdentity={identity} focus={!answering} /></div>
					{w.conflict.value ? <div class="notice warn" role="alert"><span class="grow">{t('conflict')}</span><button type="button" class="button small" onClick={() => { w.conflict.value = false; }}>{t('understood')}</button></div> : null}
					{d.rich && !failed ? (
						<LazyRich key={round} html={d.html} cids={w.begun.cids} focus={answering}
							handle={(h) => {
								rich.current = h;
								w.flush = h ? () => h.flush() : () => undefined;
							}}
							onHtml={(html, text, first) => (first ? w.adopt({ html, text }) : w.change({ html, text }))}
							onFiles={(f) => add(f, true)} onFail={() => setFailed(true)} />
					) : (
						<Plain key={round} text={d.text} focus={answering} onText={(text) => w.change({ text })} onFiles={(f) => add(f, false)} />
					)}
					{failed ? <div class="notice warn" role="alert">{t('editorFailed')}</div> : null}
					<Files w={w} />
					{large ? <div class="notice warn" role="alert"><span class="grow">{large}</span></div> : null}
					{problem ? <div class="notice err" role="alert"><Icon name="warn" /><span class="grow">{t('notSent', { words: problem.text })}</span></div> : null}
					<footer class="cfoot">
						<span class="csend">
							<button type="button" class="button primary" title={`${t('send')} (Ctrl+Enter)`} aria-keyshortcuts="Control+Enter" onClick={() => void send(null)}>{t('send')}</button>
							{holdMost(w.client) > 3600 ? <button type="button" class="button primary" aria-label={t('sendLater')} title={t('sendLater')} aria-haspopup="menu" onClick={(e) => laterMenu(e.currentTarget, w.client, (at) => void send(at))}><Icon name="down" /></button> : null}
						</span>
						<Tool icon="attach" label={t('attach')} run={() => pick.current?.click()} />
						<Tool icon="format" label={d.rich ? t('plainText') : t('richText')} pressed={d.rich} run={() => void toggleRich()} />
						<span class="grow" />
						<Tool icon="trash" label={t('discard')} run={onDiscard} />
					</footer>
					<input ref={pick} type="file" multiple hidden onChange={(e) => { add([...(e.currentTarget.files ?? [])], false); e.currentTarget.value = ''; }} />
					{over ? <div class="cdrop" aria-hidden="true"><Icon name="attach" /> {t('dropHere')}</div> : null}
				</>
			)}
		</section>
	);
}

export const undoSeconds = (): number => Math.max(0, prefs.undoSend.peek());
