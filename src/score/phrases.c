/*
 * Phrases that mass mail uses and people hardly do.  One pass: at each word's
 * beginning the phrases of its first letter are compared, so the length of
 * the list costs little.
 */
#include "score/rules.h"

enum { MASS, FEE, WALLET };

static const struct phrase {
	struct str words; /* lower case, one blank between */
	int kind;
} phrases[] = {
	{ STR_INIT("absolutely free"), MASS },
	{ STR_INIT("account has been suspended"), MASS },
	{ STR_INIT("act now"), MASS },
	{ STR_INIT("additional income"), MASS },
	{ STR_INIT("all credit cards"), MASS },
	{ STR_INIT("as seen on"), MASS },
	{ STR_INIT("bank draft"), FEE },
	{ STR_INIT("beneficiary"), FEE },
	{ STR_INIT("best rates"), MASS },
	{ STR_INIT("bitcoin"), WALLET },
	{ STR_INIT("btc"), WALLET },
	{ STR_INIT("bulk email"), MASS },
	{ STR_INIT("buy now"), MASS },
	{ STR_INIT("call now"), MASS },
	{ STR_INIT("cialis"), MASS },
	{ STR_INIT("click below"), MASS },
	{ STR_INIT("click here"), MASS },
	{ STR_INIT("click the link below"), MASS },
	{ STR_INIT("confidential"), FEE },
	{ STR_INIT("consolidate your debt"), MASS },
	{ STR_INIT("credit card debt"), MASS },
	{ STR_INIT("dear beloved"), FEE },
	{ STR_INIT("dear friend"), MASS },
	{ STR_INIT("deceased"), FEE },
	{ STR_INIT("do not delete"), MASS },
	{ STR_INIT("double your"), MASS },
	{ STR_INIT("earn extra"), MASS },
	{ STR_INIT("earn money"), MASS },
	{ STR_INIT("email addresses"), MASS },
	{ STR_INIT("extra income"), MASS },
	{ STR_INIT("financial freedom"), MASS },
	{ STR_INIT("foreign account"), FEE },
	{ STR_INIT("free trial"), MASS },
	{ STR_INIT("full refund"), MASS },
	{ STR_INIT("get out of debt"), MASS },
	{ STR_INIT("have been selected"), MASS },
	{ STR_INIT("home based business"), MASS },
	{ STR_INIT("i recorded you"), WALLET },
	{ STR_INIT("incredible deal"), MASS },
	{ STR_INIT("inheritance"), FEE },
	{ STR_INIT("lose weight"), MASS },
	{ STR_INIT("low cost"), MASS },
	{ STR_INIT("lowest price"), MASS },
	{ STR_INIT("lowest rates"), MASS },
	{ STR_INIT("mailing list"), -1 }, /* people say that */
	{ STR_INIT("make money"), MASS },
	{ STR_INIT("million dollars"), FEE },
	{ STR_INIT("million united states"), FEE },
	{ STR_INIT("money back guarantee"), MASS },
	{ STR_INIT("money back"), MASS },
	{ STR_INIT("mortgage rates"), MASS },
	{ STR_INIT("multi level"), MASS },
	{ STR_INIT("next of kin"), FEE },
	{ STR_INIT("no cost"), MASS },
	{ STR_INIT("no obligation"), MASS },
	{ STR_INIT("no risk"), MASS },
	{ STR_INIT("no strings attached"), MASS },
	{ STR_INIT("offer expires"), MASS },
	{ STR_INIT("online pharmacy"), MASS },
	{ STR_INIT("opt in"), MASS },
	{ STR_INIT("opt out"), MASS },
	{ STR_INIT("order now"), MASS },
	{ STR_INIT("order today"), MASS },
	{ STR_INIT("our mailing list"), MASS },
	{ STR_INIT("per week"), MASS },
	{ STR_INIT("please reply with remove"), MASS },
	{ STR_INIT("removal instructions"), MASS },
	{ STR_INIT("removed from"), MASS },
	{ STR_INIT("risk free"), MASS },
	{ STR_INIT("satisfaction guaranteed"), MASS },
	{ STR_INIT("send an email to"), MASS },
	{ STR_INIT("serious inquiries"), MASS },
	{ STR_INIT("special promotion"), MASS },
	{ STR_INIT("sum of"), FEE },
	{ STR_INIT("this is not spam"), MASS },
	{ STR_INIT("thousands of dollars"), MASS },
	{ STR_INIT("to be removed"), MASS },
	{ STR_INIT("toll free"), MASS },
	{ STR_INIT("transfer of"), FEE },
	{ STR_INIT("unsubscribe"), -1 },
	{ STR_INIT("verify your account"), MASS },
	{ STR_INIT("viagra"), MASS },
	{ STR_INIT("wallet"), WALLET },
	{ STR_INIT("webcam"), WALLET },
	{ STR_INIT("weight loss"), MASS },
	{ STR_INIT("while supplies last"), MASS },
	{ STR_INIT("wish to be removed"), MASS },
	{ STR_INIT("work at home"), MASS },
	{ STR_INIT("work from home"), MASS },
	{ STR_INIT("you are receiving this"), MASS },
	{ STR_INIT("you have been approved"), MASS },
	{ STR_INIT("you have won"), MASS },
	{ STR_INIT("your assistance"), FEE },
	{ STR_INIT("your mailbox is full"), MASS },
};

#define PHRASES (sizeof(phrases) / sizeof(phrases[0]))

static bool is_word(char c)
{
	return ascii_is_alpha(c) || ascii_is_digit(c) ||
	       (unsigned char)c >= 0x80;
}

/* A blank of the phrase stands for any run of what is no word. */
static bool matches(struct str s, struct str phrase)
{
	size_t i = 0;

	for (size_t k = 0; k < phrase.n; k++) {
		if (phrase.p[k] == ' ') {
			size_t from = i;

			while (i < s.n && i - from < 8 && !is_word(s.p[i]))
				i++;
			if (i == from)
				return false;
		} else if (i < s.n && ascii_lower(s.p[i]) == phrase.p[k]) {
			i++;
		} else {
			return false;
		}
	}
	return i == s.n || !is_word(s.p[i]);
}

/* By its second letter: what nearly always says no. */
static bool begins(const struct phrase *p, struct str text, size_t at)
{
	char second = p->words.p[1];

	return second == ' ' ||
	       (at + 1 < text.n && ascii_lower(text.p[at + 1]) == second);
}

void look_phrases_count(struct str text, struct look_phrases *out)
{
	unsigned char first[27];  /* where each letter's phrases begin */
	unsigned char class[256]; /* 0: no word, 1: a word, 2..27: its letter */
	bool seen[PHRASES] = { false };
	unsigned n[3] = { 0 };
	bool inside = false;
	size_t k = 0;

	for (int c = 0; c <= 26; c++) {
		while (k < PHRASES && phrases[k].words.p[0] < 'a' + c)
			k++;
		first[c] = (unsigned char)k;
	}
	for (int c = 0; c < 256; c++) {
		char low = ascii_lower((char)c);

		class[c] = is_word((char)c);
		if (low >= 'a' && low <= 'z')
			class[c] = (unsigned char)(2 + low - 'a');
	}
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = class[(unsigned char)text.p[i]];

		if (c > 1 && !inside)
			for (k = first[c - 2]; k < first[c - 1]; k++)
				if (begins(&phrases[k], text, i) && !seen[k] &&
				    matches(str_from(text, i),
				            phrases[k].words)) {
					seen[k] = true;
					if (phrases[k].kind >= 0)
						n[phrases[k].kind]++;
				}
		inside = c != 0;
	}
	*out = (struct look_phrases){ n[MASS], n[FEE], n[WALLET] };
}

/* ---- services ---- */

/* Names are those before the registry's part, whatever that is; one with a
 * dot is whole. */
static bool is_one_of(struct str domain, const struct str *list, size_t n)
{
	size_t dot = str_chr(domain, '.');
	struct str first = dot == STR_NPOS ? domain : str_to(domain, dot);

	for (size_t i = 0; i < n; i++)
		if (str_eq_case(str_chr(list[i], '.') == STR_NPOS ? first
		                                                  : domain,
		                list[i]))
			return true;
	return false;
}

bool rules_is_freemail(struct str domain)
{
	static const struct str known[] = {
		STR_INIT("gmail"),      STR_INIT("googlemail"),
		STR_INIT("hotmail"),    STR_INIT("outlook"),
		STR_INIT("live"),       STR_INIT("msn"),
		STR_INIT("yahoo"),      STR_INIT("ymail"),
		STR_INIT("aol"),        STR_INIT("gmx"),
		STR_INIT("yandex"),     STR_INIT("qq"),
		STR_INIT("163"),        STR_INIT("126"),
		STR_INIT("protonmail"), STR_INIT("icloud"),
		STR_INIT("zoho"),       STR_INIT("tutanota"),
		STR_INIT("excite"),     STR_INIT("lycos"),
		STR_INIT("netscape"),   STR_INIT("rediffmail"),
		STR_INIT("mail.ru"),    STR_INIT("proton.me"),
		STR_INIT("freemail"),
	};

	return is_one_of(domain, known, sizeof(known) / sizeof(known[0]));
}

bool rules_is_shortener(struct str host)
{
	static const struct str known[] = {
		STR_INIT("bit.ly"),  STR_INIT("tinyurl"),
		STR_INIT("t.co"),    STR_INIT("goo.gl"),
		STR_INIT("is.gd"),   STR_INIT("ow.ly"),
		STR_INIT("cutt.ly"), STR_INIT("rb.gy"),
		STR_INIT("t.ly"),    STR_INIT("shorturl.at"),
		STR_INIT("buff.ly"), STR_INIT("rebrand.ly"),
		STR_INIT("tiny.cc"), STR_INIT("s.id"),
		STR_INIT("v.gd"),    STR_INIT("short.example"),
	};

	return is_one_of(host, known, sizeof(known) / sizeof(known[0]));
}
