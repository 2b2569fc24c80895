/* admin/logins.tsx - who tried to log in, from where, and why not. */
import { type Login, type Page, get, path } from './api';
import { Data, Mark, Table, Time, useLoad } from './data';
import type { SheetProps } from './sheet';
import { t } from './t';

export function LoginsSheet({ address }: SheetProps) {
	const of = useLoad(address, () => get<Page<Login>>(path('/accounts/{}/logins', address)));
	return (
		<div class="dialog-body">
			<Data of={of}>{(p) => (
				<Table rows={p.items} id={(l) => `${l.protocol} ${l.ip} ${l.first} ${l.result}`} label={t('signIns')} empty={t('noSignIns')} tone={(l) => (l.result === 'ok' ? 'none' : 'err')}
					columns={[
						{ head: t('last'), cell: (l) => <Time at={l.last} /> },
						{ head: t('program'), cell: (l) => l.protocol },
						{ head: t('from'), cell: (l) => <code>{l.ip}</code> },
						{ head: t('result'), cell: (l) => (l.result === 'ok' ? <Mark tone="ok">{t('gotIn')}</Mark> : <Mark tone="err">{l.why || l.result}</Mark>) },
						{ head: t('times'), cell: (l) => l.times, end: true },
					]} />
			)}</Data>
		</div>
	);
}
