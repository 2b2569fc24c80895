/*
 * compose/rich.tsx - formatted text: Squire within our page's policy.
 *
 * Whatever comes in goes through cleanForEditing(); no string becomes HTML by
 * another way, so undo goes through the sanitiser as well.
 *
 * Loaded when formatted text is first used.
 */
import { useEffect, useRef, useState } from 'preact/hooks';
import Squire from 'squire-rte';
import { prompt } from '../ui/dialog';
import { Icon } from '../ui/icon';
import { linkAddress } from '../html/address';
import { cleanForEditing } from './clean';
import { htmlToText } from './convert';
import { t } from './t';

export interface RichHandle {
	/** Take what was written into the draft now. */
	flush(): void;
	picture(url: string, cid: string): void;
	signature(html: string): void;
	focus(): void;
}

export interface RichProps {
	html: string;
	cids: Map<string, string>;
	focus: boolean;
	handle: (h: RichHandle | null) => void;
	onHtml: (html: string, text: string, first: boolean) => void;
	onFiles: (files: File[]) => void;
}

const DELAY_MS = 400;

/* Where the selection was, while a text goes through the sanitiser. */
const MARKS = { 'squire-selection-start': '\ue000', 'squire-selection-end': '\ue001' };

function markSelection(html: string): string {
	return html.replace(/[\ue000\ue001]/g, '').replace(/<input\b[^>]*\bid="(squire-selection-(?:start|end))"[^>]*>/g, (_, id: keyof typeof MARKS) => MARKS[id]);
}

function unmarkSelection(root: DocumentFragment): void {
	const walk = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
	const texts: Text[] = [];
	while (walk.nextNode()) texts.push(walk.currentNode as Text);
	for (let text of texts)
		for (;;) {
			const at = text.data.search(/[\ue000\ue001]/);
			if (at < 0) break;
			const rest = text.splitText(at);
			const input = document.createElement('input');
			input.type = 'hidden';
			input.id = rest.data[0] === '\ue000' ? 'squire-selection-start' : 'squire-selection-end';
			rest.data = rest.data.slice(1);
			rest.before(input);
			if (!text.data) text.remove();
			text = rest;
		}
}

class Editor extends Squire {
	override _setRawHTML(html: string): this {
		const frag = this._config.sanitizeToDOMFragment(markSelection(html), this);
		unmarkSelection(frag);
		this._root.replaceChildren(frag);
		if (!this._root.firstChild) this._root.append(this.createDefaultBlock());
		this._ignoreChange = true;
		return this;
	}
}

const QUOTE = 'margin:0 0 0 .8ex;border-left:2px solid #ccc;padding-left:1ex';

/* As it is sent: pictures by their Content-ID or their own address. */
function written(root: HTMLElement): { html: string; text: string } {
	/* In a document that fetches nothing and has no policy. */
	const copy = document.implementation.createHTMLDocument('').importNode(root, true);
	for (const el of copy.querySelectorAll('.squire-image-resize-container, input')) el.remove();
	for (const a of copy.querySelectorAll('a')) for (const name of ['target', 'rel', 'title']) a.removeAttribute(name);
	for (const q of copy.querySelectorAll('blockquote')) {
		q.setAttribute('type', 'cite');
		if (!q.getAttribute('style')) q.setAttribute('style', QUOTE);
	}
	for (const img of copy.querySelectorAll('img')) {
		const cid = img.getAttribute('data-cid');
		const from = img.getAttribute('data-from');
		if (cid) img.setAttribute('src', `cid:${cid}`);
		else if (from) img.setAttribute('src', from);
		else if (!/^data:/.test(img.getAttribute('src') ?? '')) img.remove();
		for (const name of ['data-cid', 'data-from']) img.removeAttribute(name);
	}
	return { html: copy.innerHTML.replace(/\u200b/g, ''), text: htmlToText(copy) };
}

const COLOURS = ['#1b2225', '#a3211b', '#ad6700', '#1b6b3c', '#0a5a68', '#1d578f', '#6b2d8f', '#6b6b6b'];

/* <font>, as a style attribute is what the page's policy refuses. */
function colour(editor: Squire, c: string | null): void {
	if (!c) editor.setTextColor(null);
	editor.changeFormat(c ? { tag: 'FONT', attributes: { color: c } } : null, { tag: 'FONT' });
}

function Bar({ editor, path, onPicture }: { editor: Squire; path: string; onPicture: () => void }) {
	const is = (tag: string): boolean => new RegExp(`(?:^|>)${tag}(?:$|[>.[])`).test(path);
	const link = async (): Promise<void> => {
		if (is('A')) {
			editor.removeLink();
			return;
		}
		const address = await prompt({
			title: t('link'),
			label: t('linkAddress'),
			yes: t('makeLink'),
			value: 'https://',
			check: (v) => (linkAddress(v) || linkAddress(`https://${v}`) ? undefined : t('badAddress')),
		});
		if (address) editor.makeLink(linkAddress(address) ?? `https://${address}`);
	};
	const [palette, setPalette] = useState(false);
	const rows: [name: string, icon: string, on: boolean, run: (e: MouseEvent) => void, key?: string][] = [
		['bold', 'bold', is('B'), () => (is('B') ? editor.removeBold() : editor.bold()), 'Control+B'],
		['italic', 'italic', is('I'), () => (is('I') ? editor.removeItalic() : editor.italic()), 'Control+I'],
		['underline', 'underline', is('U'), () => (is('U') ? editor.removeUnderline() : editor.underline()), 'Control+U'],
		['bullets', 'list', is('UL'), () => (is('UL') ? editor.removeList() : editor.makeUnorderedList())],
		['numbers', 'olist', is('OL'), () => (is('OL') ? editor.removeList() : editor.makeOrderedList())],
		['quote', 'quote', is('BLOCKQUOTE'), () => (is('BLOCKQUOTE') ? editor.decreaseQuoteLevel() : editor.increaseQuoteLevel())],
		['link', 'link', is('A'), () => void link()],
		['colour', 'colour', palette, () => setPalette(!palette)],
		['picture', 'image', false, onPicture],
		['clear', 'clear', false, () => editor.removeAllFormatting()],
	];
	return (
		<div class="cbar" role="toolbar" aria-label={t('formatting')}>
			{rows.map(([name, icon, on, run, key]) => (
				<button key={name} type="button" class="tool" aria-label={t(name as 'bold')} title={t(name as 'bold')} aria-pressed={on} aria-keyshortcuts={key}
					onMouseDown={(e) => e.preventDefault()}
					onClick={(e) => {
						run(e);
						if (name !== 'link' && name !== 'colour' && name !== 'picture') editor.focus();
					}}>
					<Icon name={icon} />
				</button>
			))}
			{palette ? (
				<span class="cpalette" role="group" aria-label={t('colour')}>
					{[null, ...COLOURS].map((c) => (
						<button key={c ?? ''} type="button" class="cswatch" aria-label={c ?? t('colourNone')} title={c ?? t('colourNone')} style={{ backgroundColor: c ?? 'transparent' }}
							onMouseDown={(e) => e.preventDefault()}
							onClick={() => {
								colour(editor, c);
								setPalette(false);
								editor.focus();
							}}>
							{c ? null : <Icon name="x" />}
						</button>
					))}
				</span>
			) : null}
		</div>
	);
}

export function Rich({ html, cids, focus, handle, onHtml, onFiles }: RichProps) {
	const root = useRef<HTMLDivElement>(null);
	const pick = useRef<HTMLInputElement>(null);
	const [editor, setEditor] = useState<Squire | null>(null);
	const [path, setPath] = useState('');
	const give = useRef(onHtml);
	give.current = onHtml;

	useEffect(() => {
		const el = root.current!;
		const sq = new Editor(el, {
			blockTag: 'DIV',
			addLinks: true,
			sanitizeToDOMFragment: (s) => cleanForEditing(s, cids),
			didError: (e: unknown) => console.error(e),
		});
		let timer: ReturnType<typeof setTimeout> | undefined;
		const flush = (first = false): void => {
			clearTimeout(timer);
			timer = undefined;
			const w = written(el);
			give.current(w.html, w.text, first);
		};
		sq.setHTML(html);
		sq.addEventListener('input', () => {
			timer ??= setTimeout(() => flush(), DELAY_MS);
		});
		sq.addEventListener('pathChange', () => setPath(sq.getPath()));
		sq.addEventListener('pasteImage', (e: Event) => {
			const items = (e as unknown as { detail?: { clipboardData?: DataTransfer } }).detail?.clipboardData;
			onFiles([...(items?.files ?? [])]);
		});
		flush(true);
		sq.moveCursorToStart();
		el.scrollTop = 0;
		if (focus) sq.focus();
		else sq.blur();
		setEditor(sq);
		handle({
			flush: () => {
				if (timer) flush();
			},
			picture: (url, cid) => {
				cids.set(cid, url);
				sq.insertImage(url, { 'data-cid': cid, alt: '' });
				flush();
			},
			signature: (s) => {
				const old = el.querySelector('.signature');
				const made = cleanForEditing(s, cids);
				if (old) old.replaceWith(made);
				else el.append(made);
				flush();
			},
			focus: () => sq.focus(),
		});
		return () => {
			if (timer) flush();
			handle(null);
			sq.destroy();
		};
	}, []);

	return (
		<>
			<div ref={root} class="cbody crich" role="textbox" aria-multiline="true" aria-label={t('body')} dir="auto" spellcheck
				onDrop={(e) => {
					if (e.dataTransfer?.files.length) e.preventDefault();
				}} />
			{editor ? <Bar editor={editor} path={path} onPicture={() => pick.current?.click()} /> : null}
			<input ref={pick} type="file" accept="image/png,image/jpeg,image/gif,image/webp" multiple hidden
				onChange={(e) => {
					onFiles([...(e.currentTarget.files ?? [])]);
					e.currentTarget.value = '';
				}} />
		</>
	);
}
