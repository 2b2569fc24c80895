/*
 * html/text_view.tsx - plain text, with its links, quotes folded away.
 *
 * All of it goes through text nodes: nothing in it can become HTML.
 */
import { t } from './t';
import { type TextBlock, type TextOptions, readText } from './text';
import type { Piece } from './links';

/* So many quoted lines stay in sight when the answer goes on below them. */
const QUOTE_LINES = 8;

function Marked({ text, words }: { text: string; words: string[] }) {
	const wanted = words.filter(Boolean).map((w) => w.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
	if (wanted.length === 0) return <>{text}</>;
	const parts = text.split(new RegExp(`(${wanted.join('|')})`, 'giu'));
	return <>{parts.map((p, i) => (i % 2 ? <mark key={i}>{p}</mark> : p))}</>;
}

interface Props {
	text: string;
	options?: TextOptions;
	words?: string[];
	onMailto?: (href: string) => void;
}

function LinkPiece({ of: p, words, onMailto }: { of: Piece; words: string[]; onMailto?: (href: string) => void }) {
	if (!p.href) return <Marked text={p.text} words={words} />;
	const mail = p.href.startsWith('mailto:');
	const follow = (e: Event): void => {
		if (!mail || !onMailto) return;
		e.preventDefault();
		onMailto(p.href!);
	};
	return (
		<a href={p.href} target="_blank" rel="noopener noreferrer" onClick={follow}>
			<Marked text={p.text} words={words} />
		</a>
	);
}

/* Quotes within quotes: the blocks of one depth and deeper. */
function Blocks({ blocks, depth, ...more }: { blocks: TextBlock[]; depth: number } & Omit<Props, 'text' | 'options'>) {
	const out = [];
	for (let i = 0; i < blocks.length; ) {
		const b = blocks[i]!;
		if (b.depth <= depth) {
			out.push(
				<div key={i} class={b.signature ? 'signature' : undefined} dir="auto">
					{b.lines.map((line, k) => (
						<span key={k}>{line.map((p, n) => <LinkPiece key={n} of={p} words={more.words ?? []} onMailto={more.onMailto} />)}{'\n'}</span>
					))}
				</div>,
			);
			i++;
			continue;
		}
		let end = i;
		while (end < blocks.length && blocks[end]!.depth > depth) end++;
		const inner = blocks.slice(i, end);
		const lines = inner.reduce((n, q) => n + q.lines.length, 0);
		const last = blocks.slice(end).every((q) => q.signature || q.lines.every((l) => l.every((p) => !p.text.trim())));
		const quote = <blockquote><Blocks blocks={inner} depth={depth + 1} {...more} /></blockquote>;
		const folded = depth === 0 && (last || lines > QUOTE_LINES) && blocks.length > inner.length;
		out.push(folded ? <details key={i} class="quoted"><summary title={t('quoted')} aria-label={t('quoted')}>{'\u2026'}</summary>{quote}</details> : <div key={i}>{quote}</div>);
		i = end;
	}
	return <>{out}</>;
}

export function TextView({ text, options, ...more }: Props) {
	return <div class="plain"><Blocks blocks={readText(text, options)} depth={0} {...more} /></div>;
}
