import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type NewEmail, notices } from './show';
import { wordsOf } from './words';

const words = wordsOf('en');

function email(id: string, more: Partial<NewEmail> = {}): NewEmail {
	return { id, from: [{ name: 'Bo', email: 'bo@partner.example' }], subject: 'hello', mailboxIds: { M1: true }, keywords: {}, ...more };
}

test('says who wrote, and about what', () => {
	assert.deepEqual(notices([email('E1')], 'M1', words), [{ title: 'Bo', body: 'hello', tag: 'E1', url: '/mail/inbox/E1' }]);
	const bare = email('E2', { from: [{ name: null, email: 'bo@partner.example' }], subject: null });
	assert.deepEqual(notices([bare], 'M1', words).map((n) => [n.title, n.body]), [['bo@partner.example', '(no subject)']]);
	assert.equal(notices([email('E3', { from: null })], 'M1', words)[0]?.title, 'New mail');
});

test('tells of what is unread in the inbox alone', () => {
	const others = [email('E1', { mailboxIds: { M5: true } }), email('E2', { keywords: { $seen: true } }), email('E3', { keywords: { $draft: true } })];
	assert.deepEqual(notices(others, 'M1', words), []);
	assert.deepEqual(notices([...others, email('E4')], 'M1', words).map((n) => n.tag), ['E4']);
	assert.deepEqual(notices([email('E1')], undefined, words), []);
});

test('gives a number when there are many', () => {
	const many = ['E1', 'E2', 'E3', 'E4'].map((id) => email(id));
	assert.equal(notices(many.slice(1), 'M1', words).length, 3);
	assert.deepEqual(notices(many, 'M1', words), [{ title: '4 new messages', body: '', tag: 'mail', url: '/mail/inbox' }]);
	assert.equal(notices(many, 'M1', wordsOf('da'))[0]?.title, '4 nye mails');
	assert.equal(wordsOf('fr').newMail, 'New mail');
});
