/*
 * mail/unsubscribe.tsx - leave a mailing list (RFC 2369, 3.2; RFC 8058).
 *
 * When the message allows it by a signed field, the server makes the one request
 * that it takes.  Else a list that asks for mail gets one, which the user sees and
 * sends, or its page opens in a window of its own, without telling where the user
 * came from.
 */
import { client } from '../app/session';
import { t } from '../app/t';
import { openCompose } from '../compose';
import { JmapError } from '../jmap/errors';
import { type Email, OWN } from '../jmap/types';
import { confirm } from '../ui/dialog';
import { toast } from '../ui/toast';
import { failure } from './act';
import { type Authentication, passed, valueOf } from './authentication';
import { personName, plain } from './words';

export function unsubscribeLinks(value: string): { mail?: string; web?: string } {
	const links = [...value.matchAll(/<\s*([^<>\s]+)\s*>/g)].map((m) => m[1]!);
	return { mail: links.find((l) => /^mailto:/i.test(l)), web: links.find((l) => /^https:\/\//i.test(l)) };
}

export function Unsubscribe({ e, a }: { e: Email; a: Authentication }) {
	const value = (name: string) => valueOf(e.headers ?? [], name) ?? '';
	const { mail, web } = unsubscribeLinks(value('list-unsubscribe'));
	// The server looks closely; here it is enough that it may be worth asking.
	const once = web && value('list-unsubscribe-post') && client.capability(OWN) && a.checks.some((c) => c.method === 'dkim' && passed(c));
	if ((!mail && !web) || a.verdict === 'forged' || (a.verdict === 'unknown' && !once))
		return null;
	const open = () => {
		if (web)
			window.open(web, '_blank', 'noopener,noreferrer');
		else
			openCompose({ kind: 'mailto', href: mail });
	};
	const leave = async () => {
		const list = plain(value('list-id')) || (e.from?.[0] ? personName(e.from[0]) : '');
		if (!(await confirm({ title: t('unsubscribe'), text: t('unsubscribeText', { list }), yes: t('unsubscribe') })))
			return;
		if (!once)
			return open();
		try {
			await client.call('Email/unsubscribe', { emailId: e.id });
			toast({ text: t('didUnsubscribe') });
		} catch (x) {
			if (x instanceof JmapError && x.type === 'notOneClick')
				open();
			else if (x instanceof JmapError && x.type === 'unsubscribeFailed')
				toast({ text: t('unsubscribeFailed', { words: x.message }), error: true, act: { label: t('openPage'), run: open } });
			else
				failure(x);
		}
	};
	return <button type="button" class="link small-link" onClick={() => void leave()}>{t('unsubscribe')}</button>;
}
