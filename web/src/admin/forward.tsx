/*
 * admin/forward.tsx - where a mailbox passes its mail on to, with the meter of
 * the characters that all addresses may have together.
 */
import { useSignal } from '@preact/signals';
import { type Forward, get, path, send } from './api';
import { Data, Mark, useLoad } from './data';
import { SheetForm, type SheetProps, addresses, checked } from './sheet';
import { t } from './t';

function Form({ address, close, done, forward }: SheetProps & { forward: Forward }) {
	const words = useSignal(forward.targets.map((x) => x.address).join('\n'));
	const list = addresses(words.value);
	const n = list.reduce((sum, a) => sum + [...a].length, 0);
	const over = n > forward.characters_max;
	const waiting = forward.targets.filter((x) => !x.confirmed);
	return (
		<SheetForm yes={list.length ? t('save') : t('forwardOff')} close={close} submit={async (form) => {
			if (list.length)
				await send('PUT', path('/accounts/{}/forward', address), { targets: list, keep: checked(form, 'keep') });
			else
				await send('DELETE', path('/accounts/{}/forward', address), {});
			done();
		}}>
			<label class="field"><span>{t('forwardTo')}</span>
				<textarea class="input" name="targets" rows={6} autofocus value={words.value} aria-invalid={over} aria-describedby="forward-meter" onInput={(e) => { words.value = e.currentTarget.value; }} />
			</label>
			<p id="forward-meter" class={`meter-line${over ? ' over' : ''}`}>
				<meter min={0} max={forward.characters_max} value={Math.min(n, forward.characters_max)} />
				<span>{t('characters', { n, max: forward.characters_max })}</span>
			</p>
			<label class="check"><input type="checkbox" name="keep" defaultChecked={forward.keep || forward.targets.length === 0} /><span>{t('keepCopy')}</span></label>
			{waiting.length ? <p class="notice warn">{t('notConfirmed', { addresses: waiting.map((x) => x.address).join(', ') })}</p> : <p class="hint">{t('confirmText')}</p>}
			{forward.health?.map((h) => <p key={h}><Mark tone="err">{h}</Mark></p>)}
		</SheetForm>
	);
}

export function ForwardSheet(p: SheetProps) {
	const of = useLoad(p.address, () => get<Forward>(path('/accounts/{}/forward', p.address)));
	return <Data of={of}>{(f) => <Form {...p} forward={f} />}</Data>;
}
