/*
 * settings/forward.tsx - where one's mail is passed on to (PN-06): the targets
 * with a meter of their characters, and who has not agreed yet.
 */
import { useState } from 'preact/hooks';
import type { Forward as Now } from '../admin/api';
import { user } from '../app/session';
import { Icon } from '../ui/icon';
import { request, withPassword } from './account';
import { Loading, Page, SaveRow, useLoaded, useSaving } from './page';
import { t } from './t';

const at = (): string => `/api/v1/accounts/${encodeURIComponent(user.value ?? '')}/forward`;

function Form({ of, again }: { of: Now; again: () => void }) {
	const [words, setWords] = useState(of.targets.map((x) => x.address).join('\n'));
	const [keep, setKeep] = useState(of.keep || of.targets.length === 0);
	const saving = useSaving();
	const targets = words.split(/[\s,;]+/).filter(Boolean);
	/* As the server counts: the characters of the addresses alone. */
	const n = targets.reduce((sum, a) => sum + [...a].length, 0);
	const over = n > of.characters_max;
	const had = of.targets.length > 0;
	const submit = (e: Event): void => {
		e.preventDefault();
		void withPassword(t('forward'), t(targets.length ? 'forwardAsk' : 'forwardAskOff'), t('save'), (current) => (targets.length
			? request(at(), 'PUT', { targets, keep, current })
			: request(at(), 'DELETE', { current })).then(() => true)).then((done) => {
			if (done)
				void saving.run(() => Promise.resolve()).then(again);
		});
	};
	return (
		<form class="settings-form" onSubmit={submit} onInput={saving.clear}>
			<label class="field"><span>{t('forwardTo')}</span>
				<textarea class="input" name="targets" rows={5} spellcheck={false} autocapitalize="none" value={words} aria-invalid={over} aria-describedby="forward-meter" onInput={(e) => setWords(e.currentTarget.value)} />
			</label>
			<p id="forward-meter" class={`strength${over ? ' settings-error' : ''}`}>
				<meter min={0} max={of.characters_max} value={Math.min(n, of.characters_max)} aria-hidden="true" />
				<span>{t('forwardCount', { n, max: of.characters_max })}</span>
			</p>
			<label class="check"><input type="checkbox" name="keep" checked={keep} onChange={(e) => setKeep(e.currentTarget.checked)} /><span>{t('forwardKeep')}</span></label>
			<p class="dim">{t('forwardRules')}</p>
			<SaveRow saving={saving} label={targets.length || !had ? t('save') : t('forwardOff')} disabled={over || (!had && targets.length === 0)} />
		</form>
	);
}

export function Forward() {
	const loaded = useLoaded(() => request<Now>(at()));
	const of = loaded.value;
	return (
		<Page title={t('forward')} text={t('forwardIntro')}>
			{of ? (
				<>
					{of.targets.length ? (
						<ul class="rows" aria-label={t('forwardTo')}>{of.targets.map((x) => (
							<li key={x.address} class={`row-item${x.confirmed ? ' current' : ''}`}>
								<div class="row-head"><Icon name={x.confirmed ? 'check' : 'clock'} /><b class="grow">{x.address}</b><span class="dim">{x.confirmed ? t('forwardGets') : t('forwardWaits')}</span></div>
							</li>
						))}</ul>
					) : null}
					<Form key={of.targets.map((x) => x.address).join()} of={of} again={loaded.again} />
				</>
			) : <Loading {...loaded} />}
		</Page>
	);
}
