/*
 * html/invitation.tsx - the card of an invitation: what, when, where, who.
 */
import { useEffect, useState } from 'preact/hooks';
import { lang } from '../i18n';
import type { Client } from '../jmap/client';
import type { BodyPart } from '../jmap/types';
import { Icon } from '../ui/icon';
import { CALENDAR_MAX, type Guest, type Invitation, type Repeat, type When, readInvitation } from './calendar';
import { t } from './t';

function zoneOf(w: When): string | undefined {
	return w.allDay || w.floating ? 'UTC' : undefined;
}

/** "Tue 24 November 2026, 10:00 - 11:00", the second day only when it is another. */
export function spanText(start: When, end: When | null, language: string): string {
	const day: Intl.DateTimeFormatOptions = { weekday: 'short', day: 'numeric', month: 'long', year: 'numeric' };
	const f = new Intl.DateTimeFormat(language, {
		...day,
		...(start.allDay ? {} : { hour: 'numeric', minute: '2-digit' }),
		timeZone: zoneOf(start),
	});
	/* The end of a whole day is the day behind it (RFC 5545, 3.6.1). */
	const to = end && start.allDay ? end.at - 86_400_000 : (end?.at ?? start.at);
	return to > start.at ? f.formatRange(start.at, to) : f.format(start.at);
}

function repeatText(r: Repeat): string {
	const key = { DAILY: 'everyDay', WEEKLY: 'everyWeek', MONTHLY: 'everyMonth', YEARLY: 'everyYear' } as const;
	const rule = t(key[r.unit], { n: r.every });
	if (r.until) return t('until', { rule, date: new Date(r.until.at).toLocaleDateString(lang.value, { dateStyle: 'long' }) });
	return r.count ? t('times', { n: r.count, rule }) : rule;
}

function title(i: Invitation): string {
	if (i.method === 'CANCEL') return t('invitationCancelled');
	if (i.method === 'REPLY') return t('invitationReply');
	if (i.method !== 'REQUEST') return t('event');
	return i.sequence > 0 ? t('invitationChanged') : t('invitation');
}

const ANSWERS = { ACCEPTED: 'accepted', DECLINED: 'declined', TENTATIVE: 'tentative' } as const;

function Person({ of, answer }: { of: Guest; answer?: boolean }) {
	const word = t(ANSWERS[of.answer as keyof typeof ANSWERS] ?? 'noAnswer');
	return (
		<li>
			<span dir="auto" title={of.email}>{of.name || of.email}</span>
			{answer ? <span class="dim"> {word}</span> : null}
		</li>
	);
}

export function InvitationCard({ of: i, href }: { of: Invitation; href?: string }) {
	return (
		<section class={`event${i.method === 'CANCEL' ? ' cancelled' : ''}`} aria-label={title(i)}>
			<p class="event-kind"><Icon name="clock" /> {title(i)}</p>
			<h4 class="event-what" dir="auto">{i.summary || t('event')}</h4>
			<dl>
				{i.start ? (
					<>
						<dt>{t('when')}</dt>
						<dd>
							{spanText(i.start, i.end, lang.value)}
							{i.start.allDay ? `, ${t('allDay')}` : ''}
							{i.start.floating && i.start.zone ? ` (${i.start.zone})` : ''}
						</dd>
					</>
				) : null}
				{i.repeat ? <><dt>{t('repeats')}</dt><dd>{repeatText(i.repeat)}</dd></> : null}
				{i.location ? <><dt>{t('where')}</dt><dd dir="auto">{i.location}</dd></> : null}
				{i.organiser ? <><dt>{t('organiser')}</dt><dd><ul><Person of={i.organiser} /></ul></dd></> : null}
				{i.guests.length ? <><dt>{t('guests')}</dt><dd><ul>{i.guests.map((g) => <Person key={g.email} of={g} answer />)}</ul></dd></> : null}
			</dl>
			{href ? <a class="button small" href={href} download="event.ics"><Icon name="download" /> {t('saveEvent')}</a> : null}
		</section>
	);
}

/** The part is fetched when it is shown; what cannot be read is not shown. */
export function InvitationOf({ part, client }: { part: BodyPart; client: Client }) {
	const [read, setRead] = useState<Invitation | null>(null);
	const href = part.blobId ? client.downloadUrl(part.blobId, part.name ?? 'event.ics', 'text/calendar') : '';
	useEffect(() => {
		let here = true;
		if (!href || part.size > CALENDAR_MAX) return;
		void client
			.fetch(href, {}, true)
			.then((r) => r.text())
			.then((text) => here && setRead(readInvitation(text)))
			.catch(() => undefined);
		return () => {
			here = false;
		};
	}, [href]);
	return read ? <InvitationCard of={read} href={href} /> : null;
}
