/*
 * html/view.tsx - a part in HTML: cleaned, in its frame, with its bar.
 *
 * Loaded when the first HTML mail is opened.
 */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { prefs } from '../app/prefs';
import type { Client } from '../jmap/client';
import type { Email } from '../jmap/types';
import { Icon } from '../ui/icon';
import { cidsOf } from './cids';
import { type ShownFrame, showInFrame } from './frame';
import { FRAME_URL } from './frame_url';
import { HTML_MAX, type Clean, sanitize } from './sanitize';
import { t } from './t';

export interface HtmlViewProps {
	html: string;
	email: Email;
	client: Client;
	dark: boolean;
	words?: string[];
	onMailto?: (href: string) => void;
}

function senderOf(email: Email): { key: string; name: string } {
	const from = email.from?.[0];
	return { key: (from?.email ?? '').toLowerCase(), name: from?.name || from?.email || '' };
}

/* ---- what stands above the frame ---- */

interface BarProps {
	clean: Clean;
	email: Email;
	shown: boolean;
	dark: boolean;
	original: boolean;
	onShow: () => void;
	onOriginal: () => void;
}

function Bar({ clean, email, shown, dark, original, onShow, onOriginal }: BarProps) {
	const { key, name } = senderOf(email);
	const always = Boolean(prefs.images.value[key]);
	const setAlways = (on: boolean): void => {
		const next = { ...prefs.images.value };
		if (on) next[key] = true;
		else delete next[key];
		prefs.images.value = next;
	};
	const colours = dark && clean.coloured;
	if (clean.remote === 0 && !always && !colours) return null;
	return (
		<div class="body-bar">
			{clean.remote > 0 && !shown ? (
				<p class="body-images">
					<Icon name="image" />
					<span title={t('imagesWhy')}>{t('imagesOff', { n: clean.remote })}</span>
					<button type="button" class="button small" onClick={onShow}>{t('showImages')}</button>
					{key ? <button type="button" class="button small quiet" onClick={() => setAlways(true)}>{t('alwaysImages', { name })}</button> : null}
				</p>
			) : null}
			{always && shown ? (
				<p class="body-images">
					<Icon name="image" />
					<span>{t('imagesOn', { name })}</span>
					<button type="button" class="button small quiet" onClick={() => setAlways(false)}>{t('neverImages', { name })}</button>
				</p>
			) : null}
			{colours ? (
				<button type="button" class="button small quiet body-colours" aria-pressed={original} onClick={onOriginal}>
					<Icon name="sun" /> {original ? t('darkColours') : t('originalColours')}
				</button>
			) : null}
		</div>
	);
}

/* ---- a link that is not what it says ---- */

function hostOf(href: string): string {
	try {
		return new URL(href).hostname;
	} catch {
		return href;
	}
}

function Warning({ href, words, onDone }: { href: string; words: string; onDone: () => void }) {
	const host = hostOf(href);
	return (
		<div class="notice warn" role="alertdialog" aria-label={t('otherPlace')}>
			<Icon name="warn" />
			<span class="grow">{t('otherPlaceText', { words: words.trim().slice(0, 100), host })}</span>
			<button type="button" class="button small" ref={(b) => b?.focus()} onClick={onDone}>{t('stay')}</button>
			<a class="button small quiet" href={href} target="_blank" rel="noopener noreferrer" onClick={onDone}>{t('openAnyway', { host })}</a>
		</div>
	);
}

/* ---- words that were searched for ---- */

interface HighlightView {
	CSS?: { highlights?: Map<string, unknown> };
	Highlight?: new (...ranges: Range[]) => unknown;
}

function highlight(doc: Document, words: string[]): void {
	const view = doc.defaultView as unknown as HighlightView | null;
	const wanted = words.map((w) => w.toLowerCase()).filter(Boolean);
	if (!wanted.length || !view?.CSS?.highlights || !view.Highlight) return;
	const ranges: Range[] = [];
	const walk = doc.createTreeWalker(doc.body, 4);
	while (walk.nextNode() && ranges.length < 500) {
		const text = (walk.currentNode.nodeValue ?? '').toLowerCase();
		for (const w of wanted)
			for (let at = text.indexOf(w); at >= 0 && ranges.length < 500; at = text.indexOf(w, at + w.length)) {
				const r = doc.createRange();
				r.setStart(walk.currentNode, at);
				r.setEnd(walk.currentNode, at + w.length);
				ranges.push(r);
			}
	}
	view.CSS.highlights.set('found', new view.Highlight(...ranges));
}

/* ---- the whole ---- */

export function HtmlView({ html, email, client, dark, words, onMailto }: HtmlViewProps) {
	const frame = useRef<HTMLIFrameElement>(null);
	const [loaded, setLoaded] = useState(false);
	const [once, setOnce] = useState(false);
	const [original, setOriginal] = useState(false);
	const [target, setTarget] = useState<string | null>(null);
	const [odd, setOdd] = useState<{ href: string; words: string } | null>(null);
	const images = once || Boolean(prefs.images.value[senderOf(email).key]);
	const cids = useMemo(() => cidsOf(email, client), [email.id, client]);
	const off = useMemo(() => sanitize(html, { cids }), [html, cids]);
	const clean = useMemo(() => (images && off.remote ? sanitize(html, { cids, images }) : off), [off, images]);
	const mailto = useRef(onMailto);
	mailto.current = onMailto;

	useEffect(() => {
		if (!loaded || !frame.current) return;
		const shown: ShownFrame = showInFrame(frame.current, clean, {
			dark,
			original,
			onMailto: (href) => mailto.current?.(href),
			onTarget: setTarget,
			onDiffers: (href, text) => {
				setOdd({ href, words: text });
				return false;
			},
		});
		highlight(shown.document, words ?? []);
		return () => shown.close();
	}, [loaded, clean, dark, original, words?.join('\n')]);

	return (
		<div class="html-body">
			<Bar clean={off} email={email} shown={images} dark={dark} original={original} onShow={() => setOnce(true)} onOriginal={() => setOriginal(!original)} />
			{odd ? <Warning {...odd} onDone={() => setOdd(null)} /> : null}
			<iframe ref={frame} class="mail-frame" src={FRAME_URL} title={email.subject ?? ''} onLoad={() => setLoaded(true)} />
			{html.length > HTML_MAX ? <p class="dim">{t('bodyCut')}</p> : null}
			{target ? <div class="link-target" dir="ltr">{target}</div> : null}
		</div>
	);
}
