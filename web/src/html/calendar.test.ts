import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readInvitation } from './calendar';

const event = (more: string) => `BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\n${more}END:VEVENT\r\nEND:VCALENDAR\r\n`;

test('an invitation', () => {
	const i = readInvitation(event([
		'SUMMARY:Walk\\, north\\nshore', 'DTSTART;TZID=Europe/Copenhagen:20261124T100000', 'DURATION:PT1H30M',
		'LOCATION;LANGUAGE="en:x":The\r\n  pier', 'ORGANIZER;CN="Bo; L: x":mailto:bo@partner.example',
		'ATTENDEE;PARTSTAT=ACCEPTED;CN=Eva:mailto:eva@partner.example', 'ATTENDEE:MAILTO:alice@customer.example',
		'RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=5', 'SEQUENCE:2', 'BEGIN:VALARM\r\nDESCRIPTION:alarm\r\nEND:VALARM', ''].join('\r\n')))!;
	assert.equal(i.method, 'REQUEST');
	assert.equal(i.summary, 'Walk, north\nshore');
	assert.equal(new Date(i.start!.at).toISOString(), '2026-11-24T09:00:00.000Z');
	assert.equal(new Date(i.end!.at).toISOString(), '2026-11-24T10:30:00.000Z');
	assert.equal(i.location, 'The pier');
	assert.deepEqual(i.organiser, { name: 'Bo; L: x', email: 'bo@partner.example', answer: 'NEEDS-ACTION' });
	assert.deepEqual(i.guests.map((g) => [g.email, g.answer]), [['eva@partner.example', 'ACCEPTED'], ['alice@customer.example', 'NEEDS-ACTION']]);
	assert.deepEqual([i.repeat!.unit, i.repeat!.every, i.repeat!.count, i.sequence, i.description], ['WEEKLY', 2, 5, 2, '']);
});

test('times', () => {
	const at = (line: string) => readInvitation(event(`${line}\r\n`))!.start!;
	assert.deepEqual(at('DTSTART;VALUE=DATE:20261224'), { at: Date.UTC(2026, 11, 24), allDay: true, zone: '', floating: false });
	assert.equal(at('DTSTART:20261224T100000Z').at, Date.UTC(2026, 11, 24, 10));
	assert.equal(at('DTSTART;TZID=Europe/Berlin:20260329T033000').at, Date.UTC(2026, 2, 29, 1, 30));
	assert.equal(at('DTSTART;TZID=Nowhere:20261224T100000').floating, true);
	assert.equal(at('DTSTART:20261224T100000').floating, true);
	assert.equal(readInvitation(event('DTSTART:soon\r\n'))!.start, null);
});

test('what is no event', () => {
	for (const s of ['', 'BEGIN:VCALENDAR\nEND:VCALENDAR', 'x:y', ':', 'BEGIN:VEVENT', '"'.repeat(10_000)])
		assert.equal(readInvitation(s), null, s.slice(0, 20));
	assert.equal(readInvitation(event('STATUS:CANCELLED\r\n'))!.method, 'CANCEL');
});
