/*
 * mail/trail.tsx - what happened to a message, as the server noted it
 * (docs/jmap.md, EmailTrail).
 */
import { client } from '../app/session';
import { t } from '../app/t';
import type { Email, TrailEvent, TrailStory } from '../jmap/types';
import { openDialog } from '../ui/dialog';
import { Icon } from '../ui/icon';
import { toast } from '../ui/toast';
import { fullDate, subject } from './words';

/** The rail: how it stands, beside the words. */
function tone(state: string): string {
	if (/^delivered|^filtered/.test(state))
		return 'ok';
	if (/^(refused|returned|failed|abandoned|thrown)/.test(state))
		return 'err';
	return /^(waiting|delayed|held)/.test(state) ? 'warn' : '';
}

function Event({ e }: { e: TrailEvent }) {
	return (
		<li class={tone(e.state)}>
			<time dateTime={e.at}>{fullDate(e.at)}</time>
			<span>{e.text}</span>
			{e.reply ? <code class="mono">{e.reply}</code> : null}
			{e.nextTryAt ? <span>{t('nextTry', { time: fullDate(e.nextTryAt) })}</span> : null}
		</li>
	);
}

const asText = (stories: TrailStory[]): string => stories.map((s) =>
	[`${s.trace} ${s.state}`, ...s.events.map((e) => `${e.at} ${e.kind} ${e.recipient ?? ''} ${e.text} ${e.reply ?? ''}`.replace(/\s+/g, ' ').trim())].join('\n')).join('\n\n');

export async function showTrail(m: Email): Promise<void> {
	const r = await client.call('EmailTrail/get', { ids: [m.id] });
	const stories = r.list[0]?.stories ?? [];
	openDialog({
		title: t('trailTitle'),
		large: true,
		body: () => (
			<>
				<div class="dialog-body grow">
					<p><strong>{subject(m)}</strong></p>
					{stories.length === 0 ? <p>{t('trailNone')}</p> : null}
					{stories.map((s) => (
						<section key={s.trace} class="trail">
							<h3><span class={`badge ${tone(s.state)}`}>{s.state}</span> <code>{s.trace}</code></h3>
							<ol>{s.events.map((e, i) => <Event key={i} e={e} />)}</ol>
						</section>
					))}
				</div>
				{stories.length > 0 ? (
					<div class="dialog-foot">
						<button type="button" class="button" onClick={() => void navigator.clipboard?.writeText(asText(stories)).then(() => toast({ text: t('copied') }))}><Icon name="copy" /> {t('copySupport')}</button>
					</div>
				) : null}
			</>
		),
	});
}
