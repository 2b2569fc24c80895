/*
 * mail/help.tsx - `?`: the keys, from the tables that make them work.
 */
import { prefs } from '../app/prefs';
import { t } from '../app/t';
import { openDialog } from '../ui/dialog';
import { actions, keyOf, labelOf, target, type Action } from './actions';
import { keyWords, moves } from './keys';

interface Row { id: string; label: string; key: string }

function Keys({ title, rows }: { title: string; rows: Row[] }) {
	return (
		<section>
			<h3>{title}</h3>
			<dl class="keys">
				{rows.map((r) => <div key={r.id}><dt>{r.label}</dt><dd><kbd>{keyWords(r.key)}</kbd></dd></div>)}
			</dl>
		</section>
	);
}

export function showHelp(): void {
	const x = target();
	const of = (groups: Action['group'][]): Row[] => actions
		.filter((a) => groups.includes(a.group) && keyOf(a) && a.id !== 'unstar')
		.map((a) => ({ id: a.id, label: labelOf(a, x), key: keyOf(a)! }));
	const page = of(['page']);
	openDialog({
		title: t('keysTitle'),
		large: true,
		body: () => (
			<div class="dialog-body key-help">
				{prefs.keys.value ? null : <p class="notice">{t('keysOff')}</p>}
				<Keys title={t('keysMove')} rows={[...moves.map((m) => ({ id: m.id, label: t(m.label), key: prefs.remap.value[m.id] ?? m.key })), { id: 'esc', label: t('leave'), key: 'Esc' }]} />
				<Keys title={t('keysAct')} rows={of(['bar', 'state'])} />
				<Keys title={t('keysWrite')} rows={[...page.filter((r) => r.id === 'compose'), ...of(['write']), { id: 'send', label: t('send'), key: 'Ctrl+Enter' }, { id: 'cc', label: t('ccBcc'), key: 'Ctrl+Shift+C' }]} />
				<Keys title={t('keysGo')} rows={[...page.filter((r) => r.id !== 'compose'), { id: 'palette', label: t('palette'), key: 'Ctrl+K' }]} />
			</div>
		),
	});
}
