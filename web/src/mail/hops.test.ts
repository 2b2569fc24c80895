import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hops } from './hops';

test('the way of a message', () => {
	const got = hops([
		{ name: 'Received', value: ' from mx1.partner.example (mx1.partner.example [203.0.113.7])\r\n\tby mx.provider.example (Posthus) with ESMTPS id 7f3a\r\n\tfor <anna@customer.example>; Tue, 24 Nov 2026 10:00:05 +0100 (CET)' },
		{ name: 'Subject', value: ' x' },
		{ name: 'RECEIVED', value: ' from [192.0.2.1] by mx1.partner.example; Tue, 24 Nov 2026 08:59:00 +0000' },
		{ name: 'Received', value: ' by phone.example; not a date' },
		{ name: 'Received', value: ' nonsense' },
	]);
	assert.equal(got.length, 4);
	assert.deepEqual(got.map((h) => [h.from, h.by, h.with, h.delay]), [
		['', '', '', undefined],
		['', 'phone.example', '', undefined],
		['[192.0.2.1]', 'mx1.partner.example', '', undefined],
		['mx1.partner.example [203.0.113.7]', 'mx.provider.example', 'ESMTPS', 65],
	]);
	assert.equal(got[1]!.time, undefined);
});
