/*
 * settings/writing.tsx - how mail is written in this browser.
 */
import { prefs } from '../app/prefs';
import { Choice, Switch } from './look';
import { Page } from './page';
import { t } from './t';

export function WritingPage() {
	return (
		<Page title={t('writing')} text={t('writingText')}>
			<Choice label={t('undoSend')} value={prefs.undoSend} options={[0, 5, 10, 20, 30].map((n) => [n, t('undoSeconds', { n })])} />
			<p class="dim">{t('undoSendText')}</p>
			<Switch label={t('writeRich')} value={prefs.richText} />
			<Switch label={t('replyAbove')} value={prefs.replyAbove} />
			<Switch label={t('signatureAbove')} value={prefs.signatureAbove} />
			<SendersWithImages />
		</Page>
	);
}

function SendersWithImages() {
	const list = Object.keys(prefs.images.value).filter((k) => prefs.images.value[k]).sort();
	const drop = (k: string): void => {
		const next = { ...prefs.images.value };
		delete next[k];
		prefs.images.value = next;
	};
	return (
		<section>
			<h2>{t('imagesOf')}</h2>
			{list.length ? (
				<ul class="rows">{list.map((k) => <li key={k} class="row-item"><div class="row-head"><span class="grow clip">{k}</span><button type="button" class="button small" onClick={() => drop(k)}>{t('remove')}</button></div></li>)}</ul>
			) : <p class="dim">{t('imagesOfNobody')}</p>}
		</section>
	);
}
