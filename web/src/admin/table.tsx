/*
 * admin/table.tsx - the addresses of a domain as a table (CSV): out, and in
 * after what is wrong with it was shown line by line (PN-05).
 */
import { useSignal } from '@preact/signals';
import { toast } from '../ui/toast';
import { get, path, send } from './api';
import { Mark, act } from './data';
import { SheetForm } from './sheet';
import { t } from './t';

interface Report { rows: number; made: number; errors: { line: number; address: string; why: string }[] }

export function exportTable(domain: string): void {
	void act(async () => {
		const { csv } = await get<{ csv: string }>(path('/domains/{}/table', domain));
		const a = document.createElement('a');
		// The mark tells spreadsheets that it is UTF-8.
		a.href = URL.createObjectURL(new Blob(['\ufeff', csv], { type: 'text/csv' }));
		a.download = `${domain}.csv`;
		a.click();
		setTimeout(() => URL.revokeObjectURL(a.href), 10_000);
	}, t('exported'));
}

export function ImportSheet({ domain, close, done }: { domain: string; close: () => void; done: () => void }) {
	const csv = useSignal('');
	const report = useSignal<Report | undefined>(undefined);
	const r = report.value;
	const ready = r !== undefined && r.rows > 0 && r.errors.length === 0;
	return (
		<SheetForm yes={ready ? t('importThese', { n: r.rows }) : t('checkTable')} off={!csv.value || (r?.errors.length ?? 0) > 0} close={close} submit={async () => {
			const got = await send<Report>('POST', path(ready ? '/domains/{}/table' : '/domains/{}/table/check', domain), { csv: csv.value });
			report.value = got;
			if (ready && got.errors.length === 0) {
				toast({ text: t('imported', { n: got.made }) });
				done();
			}
		}}>
			<p class="hint">{t('importText')}</p>
			<label class="field"><span>{t('tableFile')}</span><input class="input" type="file" name="file" accept=".csv,.txt,text/csv" onChange={(e) => {
				report.value = undefined;
				csv.value = '';
				void e.currentTarget.files?.[0]?.text().then((words) => {
					csv.value = words;
				});
			}} /></label>
			{r ? <p role="status"><Mark tone={r.errors.length ? 'err' : 'ok'}>{r.errors.length ? t('tableWrong', { n: r.errors.length }) : t('tableRight', { n: r.rows })}</Mark></p> : null}
			{r?.errors.length ? <ul class="stack" aria-label={t('tableErrors')}>{r.errors.map((e) => <li key={`${e.line} ${e.why}`}><b>{t('line', { n: e.line })}</b> {e.address} <span class="dim">{e.why}</span></li>)}</ul> : null}
		</SheetForm>
	);
}
