/*
 * settings/strength.ts - how hard a password is to guess, roughly and honestly:
 * its length counts most, repetition and what is known of the owner count down.
 * The server decides; this only helps to choose.
 */
export interface Strength {
	/** 0..100 */
	score: number;
	why: 'short' | 'common' | 'own' | 'simple' | 'fair' | 'good';
}

/* Beginnings of what is tried first everywhere. */
const COMMON = /^(?:password|passw0rd|kodeord|passwort|l[o\u00f6]senord|wachtwoord|passord|qwerty|qwertz|azerty|letmein|welcome|velkommen|willkommen|iloveyou|admin|abc123|monkey|dragon|football|sommer|summer|winter)[\d!.]*$/i;
const ROWS = 'abcdefghijklmnopqrstuvwxyz 01234567890 qwertyuiop asdfghjkl zxcvbnm qwertzuiop azertyuiop';

/* Characters that follow from the one before are worth little. */
function surprise(s: string): number {
	const chars = [...s.toLowerCase()];
	let n = 0;
	chars.forEach((c, i) => {
		const pair = chars[i - 1] !== undefined ? chars[i - 1]! + c : '';
		const back = pair ? c + chars[i - 1]! : '';
		const easy = pair && (chars[i - 1] === c || ROWS.includes(pair) || ROWS.includes(back));
		n += easy ? 0.25 : chars.indexOf(c) < i ? 0.75 : 1;
	});
	return n;
}

export function strengthOf(password: string, address: string): Strength {
	const length = [...password].length;
	const lower = password.toLowerCase();
	const names = address.toLowerCase().split(/[@.+_-]/).filter((w) => w.length > 3);
	const kinds = [/[a-z]/, /[A-Z]/, /\d/, /[^a-zA-Z\d]/].filter((k) => k.test(password)).length;
	if (length < 8) return { score: Math.min(20, length * 3), why: 'short' };
	if (COMMON.test(password)) return { score: 5, why: 'common' };
	const own = names.find((w) => lower.includes(w));
	const worth = surprise(own ? lower.replace(own, '') : password) * (3.3 + 0.7 * kinds);
	if (own && worth < 45) return { score: 15, why: 'own' };
	const score = Math.max(5, Math.min(100, Math.round(worth * 1.35)));
	if (score < 40) return { score, why: 'simple' };
	return { score, why: score < 70 ? 'fair' : 'good' };
}
