import assert from 'node:assert/strict';
import { test } from 'node:test';
import { both, keyword, moveTo, patch, type Places } from './act';

const e: Places = { mailboxIds: { M1: true, M2: true }, keywords: { $seen: true, 'a/b~c': true } };

test('changes and their patches', () => {
	const rows: [ReturnType<typeof keyword>, Record<string, unknown> | null][] = [
		[keyword('$flagged', true), { 'keywords/$flagged': true }],
		[keyword('$seen', true), null],
		[keyword('$seen', false), { 'keywords/$seen': null }],
		[keyword('a/b~c', false), { 'keywords/a~1b~0c': null }],
		[moveTo('M3', 'M1'), { 'mailboxIds/M3': true, 'mailboxIds/M1': null }],
		[moveTo('M3'), { 'mailboxIds/M3': true, 'mailboxIds/M1': null, 'mailboxIds/M2': null }],
		[moveTo('M2', 'M1'), { 'mailboxIds/M1': null }],
		[moveTo('M2', 'M9'), null],
		[both(keyword('$seen', false), moveTo('M1')), { 'keywords/$seen': null, 'mailboxIds/M2': null }],
	];
	for (const [change, want] of rows) {
		assert.deepEqual(patch(e, change(e)), want);
		// And back again.
		const undo = patch(change(e), e);
		assert.equal(undo === null, want === null);
	}
});
