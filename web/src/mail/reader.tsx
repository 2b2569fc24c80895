/*
 * mail/reader.tsx - what is open: a conversation, oldest first, or one message.
 *
 * The newest message and those not read are unfolded, the others are a line each,
 * many of them one line together; a body is fetched when it is unfolded, all that
 * open together in one request.
 */
import { useSignal, useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { panes } from '../app/look';
import { prefs } from '../app/prefs';
import { t } from '../app/t';
import type { Email, Id } from '../jmap/types';
import { Icon } from '../ui/icon';
import { showMenu } from '../ui/menu';
import { Tool } from '../ui/tool';
import { actions, byId, keyOf, labelOf, labelsOf, markSeen, menuRows, rowTarget, target, type Target } from './actions';
import { Marked } from './marks';
import { FoldedMessage, Message } from './message';
import { closeItem, current, hrefOf, hrefOfItem, list, openRow, search, step, store, view } from './state';
import { subject } from './words';

/** More read messages than this in a row are one line. */
const FOLD_MIN = 3;

type State = { item: Id; ids: Id[] } | { item: Id; error: unknown } | { item: Id; gone: true };

function readerTarget(): Target {
	const x = target();
	// The toolbar of the reader is about what is open, whatever is selected.
	if (openRow.value) {
		const r = rowTarget(openRow.value);
		return { ...r, message: (current.value && store.emails.get(current.value)) || r.message };
	}
	return { ...x, rows: [], all: false };
}

function ReaderBar() {
	const x = readerTarget();
	const shown = actions.filter((a) => a.group === 'bar' && (a.show?.(x) ?? true));
	const inBar = panes.value === 1 ? 2 : 5;
	const l = list.value;
	void l?.version.value;
	const i = openRow.value && l ? l.indexOf(openRow.value) : -1;
	return (
		<div class="pane-bar reader-bar" role="toolbar" aria-label={t('actions')}>
			{panes.value < 3 ? <Tool icon="back" label={t('backToList')} keys="u" run={closeItem} /> : null}
			{panes.value === 1 ? <span class="grow" /> : null}
			{shown.slice(0, inBar).map((a) => <Tool key={a.id} icon={a.icon} label={labelOf(a, x)} keys={keyOf(a)} text={panes.value === 3 && a.id !== 'label' && a.id !== 'move'} popup={a.id === 'move' || a.id === 'label'} run={(e) => a.run(x, e.currentTarget as Element)} />)}
			<Tool icon="more" label={t('more')} popup run={(e) => showMenu({
				at: e.currentTarget as Element, label: t('more'), items: menuRows(x, panes.value === 1 ? ['write', 'bar', 'state', 'message'] : ['state', 'message'], e.currentTarget as Element),
			})} />
			{panes.value === 1 ? null : <span class="grow" />}
			{i >= 0 && panes.value > 1 ? (
				<>
					<Tool icon="up" label={t('previous')} keys="k" disabled={i === 0} run={() => step(-1)} />
					<Tool icon="down" label={t('next')} keys="j" disabled={i >= (l!.total.value ?? 0) - 1} run={() => step(1)} />
				</>
			) : null}
		</div>
	);
}

function Foot({ last }: { last: Email }) {
	const x: Target = { rows: [], emails: [last], message: last, all: false };
	return (
		<div class="reader-foot">
			{(['reply', 'replyAll', 'forward'] as const).map((id) => {
				const a = byId(id);
				return (a.show?.(x) ?? true) ? (
					<button key={id} type="button" class="button" aria-keyshortcuts={keyOf(a)} onClick={() => a.run(x)}>
						<Icon name={a.icon} /> {labelOf(a, x)}{prefs.keys.value ? <kbd aria-hidden="true">{keyOf(a)}</kbd> : null}
					</button>
				) : null;
			})}
		</div>
	);
}

function Conversation({ ids, item }: { ids: Id[]; item: Id }) {
	// What the user unfolded or folded; else by what it was when it was opened.
	const unfolded = useSignal<ReadonlySet<Id>>(new Set());
	const all = useSignal(false);
	const title = useRef<HTMLHeadingElement>(null);

	useEffect(() => {
		const emails = ids.map((id) => store.emails.peek(id)).filter((e): e is Email => e !== undefined);
		const open = new Set(emails.filter((e, i) => i === emails.length - 1 || !e.keywords.$seen || (e.keywords.$draft && i === emails.length - 1)).map((e) => e.id));
		unfolded.value = open;
		all.value = false;
		current.value = emails.filter((e) => !e.keywords.$draft).at(-1)?.id ?? emails.at(-1)?.id ?? null;
		void store.open([...open]).catch(() => undefined);
		title.current?.focus({ preventScroll: true });
		if (prefs.readAfter.peek() < 0)
			return undefined;
		const timer = setTimeout(() => markSeen([...open].map((id) => store.emails.peek(id)).filter((e): e is Email => e !== undefined)), prefs.readAfter.peek() * 1000);
		return () => clearTimeout(timer);
	}, [item]);

	// One that arrives while the conversation is open.
	const known = useRef(new Set(ids));
	useEffect(() => {
		const fresh = ids.filter((id) => !known.current.has(id));
		known.current = new Set(ids);
		if (fresh.length > 0 && unfolded.peek().size > 0) {
			unfolded.value = new Set([...unfolded.peek(), ...fresh]);
			void store.open(fresh).catch(() => undefined);
		}
	}, [ids.join()]);

	const emails = ids.map((id) => store.emails.get(id)).filter((e): e is Email => e !== undefined);
	const first = emails[0];
	if (!first)
		return <Gone />;
	const fold = (id: Id, open: boolean) => {
		const s = new Set(unfolded.peek());
		if (open)
			s.add(id);
		else
			s.delete(id);
		unfolded.value = s;
		current.value = id;
		if (open) {
			void store.open([id]).catch(() => undefined);
			const e = store.emails.peek(id);
			if (e && prefs.readAfter.peek() >= 0)
				markSeen([e]);
		}
	};
	const rows = [];
	let hidden: Email[] = [];
	const flush = () => {
		// The first and last folded one stay in sight.
		if (hidden.length > FOLD_MIN && !all.value) {
			const [a, ...rest] = hidden;
			const z = rest.pop()!;
			rows.push(<FoldedMessage key={a!.id} email={a!} open={() => fold(a!.id, true)} />);
			rows.push(<button key={`more-${z.id}`} type="button" class="folded-many" onClick={() => { all.value = true; }}><span>{t('collapsed', { n: rest.length })}</span></button>);
			rows.push(<FoldedMessage key={z.id} email={z} open={() => fold(z.id, true)} />);
		} else {
			rows.push(...hidden.map((e) => <FoldedMessage key={e.id} email={e} open={() => fold(e.id, true)} />));
		}
		hidden = [];
	};
	for (const e of emails) {
		if (!unfolded.value.has(e.id)) {
			hidden.push(e);
			continue;
		}
		flush();
		rows.push(<Message key={e.id} id={e.id} alone={emails.length === 1} fold={emails.length > 1 ? () => fold(e.id, false) : undefined} />);
	}
	flush();
	const labels = [...new Set(emails.flatMap(labelsOf))];
	const starred = emails.some((e) => e.keywords.$flagged);
	const star = byId(starred ? 'unstar' : 'star');
	const answer = emails.filter((e) => !e.keywords.$draft).at(-1);
	return (
		<>
			<header class="reader-head">
				<h2 ref={title} tabIndex={-1}><Marked text={subject(first)} words={search.value.words} /></h2>
				{labels.map((l) => <a key={l} class="chip" href={hrefOf('all', undefined, { q: `label:${l}` })}><Icon name="label" />{l}</a>)}
				<Tool icon="star" label={t(starred ? 'unstar' : 'star')} keys="s" filled={starred} pressed={starred} class={starred ? 'starred' : ''} run={() => star.run(readerTarget())} />
			</header>
			{emails.length > 1 && unfolded.value.size < emails.length && emails.length > 2
				? <button type="button" class="link open-all" onClick={() => { unfolded.value = new Set(ids); void store.open(ids).catch(() => undefined); }}>{t('expandAll')}</button> : null}
			<div class="messages">{rows}</div>
			{answer ? <Foot last={(current.value && store.emails.get(current.value)) || answer} /> : null}
		</>
	);
}

function Gone() {
	return <div class="empty-state"><Icon name="mail" /><p>{t('gone')}</p><a class="button" href={hrefOfItem()}>{t('backToList')}</a></div>;
}

export function Reader() {
	const state = useSignal<State | null>(null);
	const load = async (item: Id) => {
		try {
			if (item.startsWith('T')) {
				const thread = await store.thread(item);
				state.value = thread?.emailIds.length ? { item, ids: thread.emailIds } : { item, gone: true };
			} else {
				const e = store.emails.peek(item) ?? (await store.email(item));
				state.value = e ? { item, ids: [item] } : { item, gone: true };
			}
		} catch (error) {
			state.value = { item, error };
		}
	};
	useSignalEffect(() => {
		const { item } = view.value;
		// New answers: the thread changes by itself.
		if (item?.startsWith('T'))
			void store.threads.get(item);
		if (item && store.boxIds.value)
			void load(item);
	});
	const { item } = view.value;
	const s = state.value;
	const ready = s && s.item === item ? s : null;
	if (!item)
		return <section class="reader idle"><div class="empty-state"><Icon name="read" /><h2>{t('nothingOpen')}</h2><p>{t('nothingOpenText')}</p></div></section>;
	return (
		<section class="reader" aria-busy={!ready}>
			<ReaderBar />
			<div class="reader-scroll scroll" key={item}>
				{!ready ? null : 'ids' in ready ? <Conversation item={item} ids={ready.ids} />
					: 'gone' in ready ? <Gone />
						: <p class="notice err">{t('loadFailed')} <button type="button" class="link" onClick={() => void load(item)}>{t('retry')}</button></p>}
			</div>
		</section>
	);
}
