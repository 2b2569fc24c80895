/*
 * mail/drag.ts - mail and folders dragged to a folder.  What is dragged is kept
 * here; the browser's own data only carries a name, for others to ignore.
 */
import { signal } from '@preact/signals';
import { t } from '../app/t';
import type { Id, Mailbox } from '../jmap/types';
import { moveToFolder, rowTarget, type Target, target } from './actions';
import { contains, moveFolder } from './folder-acts';
import { selection, store } from './state';

const TYPE = 'application/x-posthus';
let dragged: { mail: Target } | { folder: Mailbox } | null = null;
/** The folder that what is dragged is over; '' the top level. */
export const over = signal<Id | null>(null);

function image(e: DragEvent, text: string): void {
	const el = document.createElement('div');
	el.className = 'drag-image';
	el.textContent = text;
	document.body.append(el);
	e.dataTransfer?.setDragImage(el, -12, -8);
	setTimeout(() => el.remove());
}

export function dragRow(e: DragEvent, row: Id): void {
	const x = selection.peek().has(row) ? target() : rowTarget(row);
	dragged = { mail: x };
	e.dataTransfer!.effectAllowed = 'move';
	e.dataTransfer!.setData(TYPE, 'mail');
	image(e, t('dragging', { n: x.rows.length }));
}

export function dragFolder(e: DragEvent, b: Mailbox, name: string): void {
	dragged = { folder: b };
	e.dataTransfer!.effectAllowed = 'move';
	e.dataTransfer!.setData(TYPE, 'folder');
	image(e, name);
}

export function dragEnd(): void {
	dragged = null;
	over.value = null;
}

function accepts(b: Mailbox | null): boolean {
	if (!dragged)
		return false;
	if ('mail' in dragged)
		return b?.myRights.mayAddItems === true && dragged.mail.emails.some((m) => !(b.id in m.mailboxIds));
	const f = dragged.folder;
	return b ? b.role !== 'inbox' && b.myRights.mayCreateChild && !contains(f, b) && f.parentId !== b.id : f.parentId !== null;
}

/** Handlers of a folder row; null is the top level. */
export function dropOn(id: Id | null) {
	const box = () => (id ? store.mailboxes.peek(id) ?? null : null);
	return {
		onDragOver: (e: DragEvent) => {
			if (!accepts(box()))
				return;
			e.preventDefault();
			e.dataTransfer!.dropEffect = 'move';
			over.value = id ?? '';
		},
		onDragLeave: () => {
			if (over.peek() === (id ?? ''))
				over.value = null;
		},
		onDrop: (e: DragEvent) => {
			e.preventDefault();
			const what = dragged;
			dragEnd();
			if (what && 'mail' in what && id)
				moveToFolder(what.mail, id);
			else if (what && 'folder' in what)
				void moveFolder(what.folder, id);
		},
	};
}
