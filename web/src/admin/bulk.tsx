/*
 * admin/bulk.tsx - several mailboxes suspended, or let work again, at once: one
 * question with all of their names, and what became of each (PN-05).
 */
import { useSignal } from '@preact/signals';
import { openDialog } from '../ui/dialog';
import { type Address, Problem, path, send } from './api';
import { Mark, words } from './data';
import { SheetForm } from './sheet';
import { t } from './t';

function BulkSheet({ all, suspend, close, done }: { all: Address[]; suspend: boolean; close: () => void; done: () => void }) {
	// What was said of each: nothing yet, '' when it is done, else why not.
	const said = useSignal<Map<string, string>>(new Map());
	const over = said.value.size === all.length;
	const failed = [...said.value.values()].filter(Boolean).length;
	return (
		<SheetForm yes={over ? t('close') : t(suspend ? 'suspendThese' : 'resumeThese', { n: all.length })} danger={suspend && !over} only={over} close={close} submit={async () => {
			if (over) {
				close();
				return;
			}
			for (const a of all) {
				let why = '';
				try {
					await send('POST', path(`/accounts/{}/${suspend ? 'suspend' : 'resume'}`, a.canonical), suspend ? { what: ['login', 'send'] } : {});
				} catch (e) {
					why = e instanceof Problem ? words(e) : String(e);
				}
				said.value = new Map(said.value).set(a.canonical, why);
			}
			done();
		}}>
			<p>{t(suspend ? 'suspendTheseText' : 'resumeTheseText')}</p>
			<ul class="stack" aria-label={t('addresses')}>{all.map((a) => {
				const why = said.value.get(a.canonical);
				return <li key={a.canonical}>{a.address} {why === undefined ? null : <Mark tone={why ? 'err' : 'ok'}>{why || t(suspend ? 'suspended' : 'works')}</Mark>}</li>;
			})}</ul>
			<p role="status">{over ? t('bulkDone', { n: all.length - failed, failed }) : ''}</p>
		</SheetForm>
	);
}

/** The strip above the table while something is chosen. */
export function Bulk({ all, clear, done }: { all: Address[]; clear: () => void; done: () => void }) {
	const open = (suspend: boolean) => openDialog({ title: t(suspend ? 'suspendLogin' : 'resume'), body: (close) => <BulkSheet all={all} suspend={suspend} close={close} done={done} /> });
	return (
		<div class="bulk" role="group" aria-label={t('nChosen', { n: all.length })}>
			<b>{t('nChosen', { n: all.length })}</b>
			<button type="button" class="button small" onClick={() => open(true)}>{t('suspendLogin')}</button>
			<button type="button" class="button small" onClick={() => open(false)}>{t('resume')}</button>
			<button type="button" class="link" onClick={clear}>{t('chooseNone')}</button>
		</div>
	);
}
