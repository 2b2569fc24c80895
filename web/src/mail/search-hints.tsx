/* mail/search-hints.tsx - what of a search was not understood. */
import { t } from '../app/t';
import { search, view } from './state';

export function Hints() {
	const { hints } = search.value;
	if (!view.value.q || hints.length === 0)
		return null;
	return (
		<div class="notice warn" role="status">
			{hints.map((h, i) => <span key={i}>{h.kind === 'operator' ? t('unknownOperator', { name: h.name }) : h.kind === 'folder' ? t('unknownFolder', { name: h.name }) : t('badValue', { name: h.name, value: h.value })}</span>)}
		</div>
	);
}
