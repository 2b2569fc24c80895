/* mail/empty.tsx - a list without rows says what it is for. */
import { t } from '../app/t';
import { openCompose } from '../compose';
import { Icon } from '../ui/icon';
import { folderIcon } from './actions';
import { hrefOf, view } from './state';

const TEXTS = {
	inbox: ['emptyInbox', 'emptyInboxText'],
	drafts: ['emptyDrafts', 'emptyDraftsText'],
	sent: ['emptySent', 'emptySentText'],
	trash: ['emptyTrashFolder', 'emptyTrashText'],
	junk: ['emptySpamFolder', 'emptySpamText'],
} as const;

export function Empty({ missing }: { missing?: boolean }) {
	const v = view.value;
	const role = v.box?.role ?? '';
	if (missing)
		return <div class="empty-state"><Icon name="folder" /><h2>{t('notFound')}</h2><a class="button" href={hrefOf('inbox')}>{t('toInbox')}</a></div>;
	if (v.q || v.only)
		return (
			<div class="empty-state">
				<Icon name="search" /><h2>{t('emptySearch')}</h2><p>{t('emptySearchText')}</p>
				{v.scope !== 'anywhere' && v.q ? <a class="button" href={hrefOf(v.name, undefined, { q: v.q, in: 'anywhere' })}>{t('searchEverywhere')}</a> : null}
			</div>
		);
	const [title, text] = v.name === 'starred' ? (['emptyStarred', 'emptyStarredText'] as const) : TEXTS[role as keyof typeof TEXTS] ?? (['emptyFolder', 'emptyFolderText'] as const);
	return (
		<div class="empty-state">
			<Icon name={v.name === 'starred' ? 'star' : folderIcon(v.box?.role ?? null)} />
			<h2>{t(title)}</h2><p>{t(text)}</p>
			{role === 'drafts' || role === 'sent' ? <button type="button" class="button" onClick={() => openCompose({ kind: 'new' })}>{t('compose')}</button> : null}
		</div>
	);
}
