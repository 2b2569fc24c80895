/*
 * mail/unsubscribe.tsx - leave a mailing list (RFC 2369, 3.2; RFC 8058).
 *
 * A list that asks for mail gets one, which the user sees and sends; a page opens
 * in a window of its own, without telling where the user came from.
 */
import { t } from '../app/t';
import { openCompose } from '../compose';
import type { Email } from '../jmap/types';
import { confirm } from '../ui/dialog';
import { valueOf } from './authentication';
import { personName, plain } from './words';

export function unsubscribeLinks(value: string): { mail?: string; web?: string } {
	const links = [...value.matchAll(/<\s*([^<>\s]+)\s*>/g)].map((m) => m[1]!);
	return { mail: links.find((l) => /^mailto:/i.test(l)), web: links.find((l) => /^https:\/\//i.test(l)) };
}

export function Unsubscribe({ e }: { e: Email }) {
	const { mail, web } = unsubscribeLinks(valueOf(e.headers ?? [], 'list-unsubscribe') ?? '');
	if (!mail && !web)
		return null;
	const leave = async () => {
		const list = plain(valueOf(e.headers ?? [], 'list-id') ?? '') || (e.from?.[0] ? personName(e.from[0]) : '');
		if (!(await confirm({ title: t('unsubscribe'), text: t('unsubscribeText', { list }), yes: t('unsubscribe') })))
			return;
		if (web)
			window.open(web, '_blank', 'noopener,noreferrer');
		else
			openCompose({ kind: 'mailto', href: mail });
	};
	return <button type="button" class="link small-link" onClick={() => void leave()}>{t('unsubscribe')}</button>;
}
