/*
 * html/index.tsx - the body of a message, made harmless.
 *
 *	<MessageBody email={e} client={client} dark={dark.value} words={['boat']} />
 *
 * `email` has bodyValues, textBody, htmlBody and attachments (BODY_PROPERTIES).
 * HTML goes through html/sanitize.ts into the frame of html/frame.ts; plain
 * text through text nodes.  Invitations are shown as a card.
 */
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Client } from '../jmap/client';
import type { BodyPart, Email } from '../jmap/types';
import { isPictureType } from './address';
import type { HtmlViewProps } from './view';
import { InvitationOf } from './invitation';
import { t } from './t';
import { flowedOf } from './text';
import { TextView } from './text_view';

export interface MessageBodyProps {
	email: Email;
	client: Client;
	dark: boolean;
	/** Words to highlight, as searched for. */
	words?: string[];
	/** A mailto: link was followed. */
	onMailto?: (href: string) => void;
}

let loading: Promise<ComponentType<HtmlViewProps>> | undefined;

function loadView(): Promise<ComponentType<HtmlViewProps>> {
	loading ??= Promise.all([import('./view'), import('./sanitize').then((m) => m.prepare())]).then(([m]) => m.HtmlView);
	loading.catch(() => {
		loading = undefined;
	});
	return loading;
}

function LazyHtml(props: HtmlViewProps) {
	const [View, setView] = useState<ComponentType<HtmlViewProps> | null>(null);
	const [failed, setFailed] = useState(false);
	useEffect(() => {
		void loadView().then((v) => setView(() => v), () => setFailed(true));
	}, []);
	if (failed) return <p class="dim" role="alert">{t('bodyFailed')}</p>;
	return View ? <View {...props} /> : <div class="body-wait" role="status" aria-label={t('bodyLoading')} />;
}

function isCalendar(p: BodyPart): boolean {
	return p.type.toLowerCase() === 'text/calendar';
}

/** All that is of one kind once: a part may stand in several lists. */
function unique(parts: BodyPart[]): BodyPart[] {
	const seen = new Set<string>();
	return parts.filter((p) => {
		const key = p.blobId ?? p.partId ?? '';
		return !seen.has(key) && seen.add(key);
	});
}

function Part({ part, ...props }: MessageBodyProps & { part: BodyPart }) {
	const { email, client, words, onMailto } = props;
	const value = email.bodyValues?.[part.partId ?? ''];
	const type = part.type.toLowerCase();
	if (isCalendar(part)) return null;
	if (type === 'text/html' && value) return <LazyHtml {...props} html={value.value} />;
	if (type.startsWith('text/') && value) {
		const plain = type === 'text/plain';
		return (
			<>
				<TextView text={value.value} options={plain ? flowedOf(part) : {}} words={words} onMailto={onMailto} />
				{value.isTruncated ? <p class="dim">{t('bodyCut')}</p> : null}
			</>
		);
	}
	if (isPictureType(part.type) && part.blobId)
		return <img class="inline-picture" src={client.downloadUrl(part.blobId, part.name ?? 'picture', part.type)} alt={part.name ?? ''} loading="lazy" />;
	return null;
}

export function MessageBody(props: MessageBodyProps) {
	const { email, client } = props;
	const parts = email.htmlBody?.length ? email.htmlBody : (email.textBody ?? []);
	const calendars = unique([...parts, ...(email.textBody ?? []), ...(email.attachments ?? [])].filter(isCalendar));
	const empty = !parts.some((p) => email.bodyValues?.[p.partId ?? '']?.value.trim() || isPictureType(p.type));
	return (
		<div class="message-body">
			{calendars.slice(0, 1).map((p) => <InvitationOf key={p.blobId} part={p} client={client} />)}
			{parts.map((p, i) => <Part key={p.partId ?? p.blobId ?? i} {...props} part={p} />)}
			{empty && !calendars.length ? <p class="dim">{t('bodyEmpty')}</p> : null}
		</div>
	);
}
