/*
 * compose/clean.ts - HTML that comes into the editor: quotes, pastes, drafts,
 * signatures.
 */
import { sanitize } from '../html/sanitize';

/** As nodes of this document.  `images`: those from elsewhere by the proxy. */
export function cleanForEditing(html: string, cids: ReadonlyMap<string, string>, images = false): DocumentFragment {
	const nodes = sanitize(html, { cids, images, editing: true }).nodes;
	for (const img of nodes.querySelectorAll('img:not([src]):not([data-from])')) img.remove();
	/* The page's policy takes no style attribute, only properties set by script:
	 * so each crosses under another name. */
	for (const el of nodes.querySelectorAll('[style]')) {
		el.setAttribute('data-style', el.getAttribute('style')!);
		el.removeAttribute('style');
	}
	const out = document.importNode(nodes, true);
	for (const el of out.querySelectorAll<HTMLElement>('[data-style]')) {
		el.style.cssText = el.getAttribute('data-style')!;
		el.removeAttribute('data-style');
	}
	return out;
}
