/* What the worker says by itself: it runs without the catalogues of the page,
 * which names the language in the worker's address. */
export interface Words {
	newMail: string;
	many: (n: number) => string;
	noSubject: string;
}

const WORDS: Record<string, Words> = {
	en: { newMail: 'New mail', many: (n) => `${n} new messages`, noSubject: '(no subject)' },
	da: { newMail: 'Ny post', many: (n) => `${n} nye mails`, noSubject: '(intet emne)' },
	de: { newMail: 'Neue Post', many: (n) => `${n} neue Nachrichten`, noSubject: '(kein Betreff)' },
};

export function wordsOf(lang: string | null): Words {
	return WORDS[lang ?? ''] ?? WORDS.en!;
}
