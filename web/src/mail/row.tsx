/*
 * mail/row.tsx - one row of the list.
 *
 * What the eye sees as rail, dot, weight and icons is told in words too: the
 * row's name is "Unread, from X, subject Y, 14:02, has attachment".
 */
import { t } from '../app/t';
import { Icon } from '../ui/icon';
import { labelsOf, rowTarget, showContextMenu, starRow, target } from './actions';
import { dragEnd, dragRow } from './drag';
import { Marked, SnippetText } from './marks';
import { self } from './self';
import { swiped } from './swipe';
import { boxName, cursor, emailsOfRow, hrefOfItem, itemOfRow, list, openItem, openRow, search, selection, selectRange, store, toggle, view } from './state';
import { people, previewText, shortDate, subject } from './words';

export interface RowProps {
	id: string | undefined;
	index: number;
	top: number;
	height: number;
	compact: boolean;
}

/** Held too long for a click: a menu. */
const HOLD_MS = 500;

/** Drawn again only when its place or what it reads changes: signals see to that. */
export function Row({ id, index, top, height, compact }: RowProps) {
	const place = { top: `${top}px`, height: `${height}px` };
	const e = id ? store.emails.get(id) : undefined;
	if (!id || !e)
		return <div class="row empty" role="row" aria-rowindex={index + 1} style={place} aria-busy="true"><span role="gridcell"><i /><i /></span></div>;

	const thread = emailsOfRow(id);
	const emails = emailsOfRow(id, true);
	const v = view.value;
	const role = v.box?.role;
	const unread = emails.some((x) => !x.keywords.$seen);
	const starred = emails.some((x) => x.keywords.$flagged);
	const draft = thread.some((x) => x.keywords.$draft);
	const attached = emails.some((x) => x.hasAttachment);
	const answered = e.keywords.$answered;
	const forwarded = e.keywords.$forwarded;
	const toward = role === 'sent' || role === 'drafts';
	const who = people(thread, self.value, toward);
	const what = subject(e);
	const when = shortDate(e.receivedAt);
	const { words } = search.value;
	const snippet = words.length > 0 ? list.value?.snippets.get(id) : undefined;
	const selected = selection.value.has(id);
	const open = openRow.value === id;
	const under = cursor.value === id;
	const labels = [...new Set(emails.flatMap(labelsOf))].slice(0, 3);
	// Where it lies, when the list is of several folders.
	const boxes = v.box && v.scope === 'here' ? [] : Object.keys(e.mailboxIds).map((b) => store.mailboxes.get(b)).filter((b) => b !== undefined);
	const name = [
		unread ? t('unread') : t('read'), selected ? t('selected') : '', draft ? t('draft') : '',
		toward ? t('toNames', { names: who }) : t('from', { names: who }), t('subjectIs', { subject: what }),
		thread.length > 1 ? t('inConversation', { n: thread.length }) : '', when,
		attached ? t('hasAttachment') : '', starred ? t('isStarred') : '', answered ? t('replied') : '', forwarded ? t('forwarded') : '', ...labels,
	].filter(Boolean).join(', ');

	let held: ReturnType<typeof setTimeout> | undefined;
	let swipe: { x: number; y: number } | undefined;
	return (
		<div class={`row${unread ? ' unread' : ''}${open ? ' open' : ''}${selected ? ' selected' : ''}`} role="row" style={place} data-id={id} data-cursor={under || undefined}
			aria-rowindex={index + 1} aria-selected={selected || open} draggable
			onClick={(m) => {
				if ((m.target as Element).closest('button, input, label'))
					return;
				if (m.shiftKey)
					selectRange(id);
				else if (m.ctrlKey || m.metaKey)
					toggle(id);
				else
					openItem(id);
			}}
			onAuxClick={(m) => {
				if (m.button === 1)
					window.open(hrefOfItem(itemOfRow(id)), '_blank');
			}}
			onContextMenu={(m) => {
				m.preventDefault();
				cursor.value = id;
				showContextMenu(selection.peek().has(id) && selection.peek().size > 1 ? target() : rowTarget(id), { x: m.clientX, y: m.clientY });
			}}
			onTouchStart={(m) => {
				const p = m.touches[0]!;
				swipe = { x: p.clientX, y: p.clientY };
				held = setTimeout(() => {
					swipe = undefined;
					toggle(id);
				}, HOLD_MS);
			}}
			onTouchMove={(m) => {
				const p = m.touches[0]!;
				if (!swipe || Math.abs(p.clientY - swipe.y) > 12)
					swipe = undefined;
				if (!swipe || Math.abs(p.clientX - swipe.x) > 12)
					clearTimeout(held);
			}}
			onTouchEnd={(m) => {
				clearTimeout(held);
				const p = m.changedTouches[0]!;
				const by = swipe ? p.clientX - swipe.x : 0;
				swipe = undefined;
				if (Math.abs(by) < 70)
					return;
				m.preventDefault();
				if (by > 0)
					swiped(id);
				else
					showContextMenu(rowTarget(id), { x: p.clientX, y: p.clientY });
			}}
			onDragStart={(d) => dragRow(d, id)} onDragEnd={dragEnd}>
			<span role="gridcell" class="row-pick">
				<label>
					<span class="sr">{t('select')}: {what}</span>
					<input type="checkbox" tabIndex={-1} checked={selected} onClick={(m) => {
						m.stopPropagation();
						if (m.shiftKey)
							selectRange(id);
						else
							toggle(id);
					}} />
				</label>
				<span class="dot" aria-hidden="true" />
			</span>
			<span class="row-main" role="gridcell" tabIndex={under ? 0 : -1} data-row>
				<span class="sr">{name}</span>
				<span class="row-who clip" aria-hidden="true">{draft ? <em>{t('draft')} </em> : null}<Marked text={who} words={words} />{thread.length > 1 ? <span class="row-n">{thread.length}</span> : null}</span>
				<span class="row-what clip" aria-hidden="true">
					{labels.map((l) => <span key={l} class="chip">{l}</span>)}
					{boxes.map((b) => <span key={b.id} class="chip">{boxName(b)}</span>)}
					<span class="row-subject">{snippet?.subject ? <SnippetText html={snippet.subject} /> : <Marked text={what} words={words} />}</span>
					{compact ? <span class="row-preview"> {' \u2014 '}{previewText(e.preview)}</span> : null}
				</span>
				{compact ? null : <span class="row-preview clip" aria-hidden="true">{snippet?.preview ? <SnippetText html={snippet.preview} /> : <Marked text={previewText(e.preview)} words={words} />}</span>}
			</span>
			<span role="gridcell" class="row-side">
				<time aria-hidden="true" dateTime={e.receivedAt}>{when}</time>
				<span class="row-marks">
					{answered ? <Icon name="reply" /> : null}
					{forwarded ? <Icon name="forward" /> : null}
					{attached ? <Icon name="attach" /> : null}
					<button type="button" class={`star${starred ? ' on' : ''}`} tabIndex={-1} aria-pressed={starred} aria-label={t(starred ? 'unstar' : 'star')} onClick={(m) => { m.stopPropagation(); starRow(id); }}>
						<Icon name="star" class={starred ? 'filled' : undefined} />
					</button>
				</span>
			</span>
		</div>
	);
}
