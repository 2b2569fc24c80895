import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authentication, withoutComments } from './authentication';

const of = (value: string, from = 'bo@partner.example', received = '') => authentication([
	...(received ? [{ name: 'Received', value: received }] : []),
	{ name: 'Authentication-Results', value },
	{ name: 'Authentication-Results', value: 'mx.provider.example; dmarc=pass header.from=partner.example' },
], from);

test('verdicts', () => {
	const rows: [string, string, string, string][] = [
		['mx.provider.example; spf=pass smtp.mailfrom=bo@partner.example; dkim=pass header.d=partner.example; dmarc=pass header.from=partner.example', 'bo@partner.example', 'signed', 'partner.example'],
		['mx.provider.example; dkim=pass (2048 bits; x) header.d=mail.partner.example', 'bo@partner.example', 'signed', 'mail.partner.example'],
		['mx.provider.example; dkim=pass header.i=@partner.example', 'bo@news.partner.example', 'signed', 'partner.example'],
		['mx.provider.example; dkim=pass header.d=evil.example', 'bo@partner.example', 'unknown', ''],
		['mx.provider.example; dkim=pass header.d=example', 'bo@partner.example', 'unknown', ''],
		['mx.provider.example; dkim=pass header.d=partner.example; dmarc=fail header.from=partner.example', 'bo@partner.example', 'forged', 'partner.example'],
		['mx.provider.example; dmarc=fail (p=reject) header.from=partner.example', 'bo@partner.example', 'forged', ''],
		['mx.provider.example; none', 'bo@partner.example', 'unknown', ''],
		['mx.provider.example; spf=pass smtp.mailfrom=partner.example', 'bo@partner.example', 'unknown', ''],
		['mx.provider.example; x=(a; dmarc=pass header.from=partner.example', 'bo@partner.example', 'unknown', ''],
		['mx.provider.example; dkim=fail reason="a; dmarc=pass header.from=partner.example"', 'bo@partner.example', 'unknown', ''],
		['mx.provider.example; dkim=pass reason="header.d=partner.example" header.d=evil.example', 'bo@partner.example', 'unknown', ''],
		['', 'bo@partner.example', 'unknown', ''],
	];
	for (const [value, from, verdict, domain] of rows) {
		const a = of(value, from);
		assert.equal(a.verdict, verdict, value);
		assert.equal(a.domain, domain, value);
	}
});

test('the last hop', () => {
	const tls = (r: string) => of('x; none', undefined, r).tls;
	assert.equal(tls('from a (TLSv1.3 cipher X) by b with ESMTPS id 1'), 'TLS 1.3');
	assert.equal(tls('from a by b with ESMTPSA id 1'), 'TLS');
	assert.equal(tls('from a by b with ESMTP id 1'), '');
	assert.equal(tls(''), undefined);
});

test('comments', () => {
	assert.equal(withoutComments('a (b (c) \\) d) e'), 'a    e');
	assert.equal(withoutComments('a "(b)" c'), 'a "(b)" c');
	assert.equal(withoutComments('(((('), '');
});
