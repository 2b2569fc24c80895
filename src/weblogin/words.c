#include "weblogin/words.h"

#include <string.h>

#include "wire/http/fields.h"

static const struct weblogin_words all[] = {
	{ .language = "en",
	  .title = "Choose your password",
	  .who_before = "For",
	  .who_after = ". It opens the webmail and every mail program.",
	  .user_name = "User name",
	  .password = "Password",
	  .again = "The same again",
	  .choose = "Choose password",
	  .rule = "At least 8 characters.",
	  .over = "This link is over",
	  .over_text = "It was used, or is older than half an hour. Ask who "
	               "gave it to you for another one. If you have chosen a "
	               "password already: <a href=\"/\">sign in</a>.",
	  .trouble = "This does not work at present",
	  .trouble_text = "Try again later.",
	  .unlike = "The two are not the same",
	  .wrong = { [WEBLOGIN_SHORT] = "A password has at least 8 characters",
	             [WEBLOGIN_LONG] = "This password is too long",
	             [WEBLOGIN_NO_TEXT] = "A password is text",
	             [WEBLOGIN_CONTROL] = "Mail programs cannot send control "
	                                  "characters" } },
	{ .language = "da",
	  .title = "V\xc3\xa6lg din adgangskode",
	  .who_before = "Til",
	  .who_after = ". Den giver adgang til webmailen og alle "
	               "mailprogrammer.",
	  .user_name = "Brugernavn",
	  .password = "Adgangskode",
	  .again = "Den samme igen",
	  .choose = "V\xc3\xa6lg adgangskode",
	  .rule = "Mindst 8 tegn.",
	  .over = "Linket g\xc3\xa6lder ikke l\xc3\xa6ngere",
	  .over_text = "Det er brugt eller mere end en halv time gammelt. Bed "
	               "den, du fik det af, om et nyt. Hvis du allerede har "
	               "valgt en adgangskode: <a href=\"/\">log ind</a>.",
	  .trouble = "Det virker ikke i \xc3\xb8jeblikket",
	  .trouble_text = "Pr\xc3\xb8v igen senere.",
	  .unlike = "De to er ikke ens",
	  .wrong = { [WEBLOGIN_SHORT] =
	                     "En adgangskode skal have mindst 8 tegn",
	             [WEBLOGIN_LONG] = "Adgangskoden er for lang",
	             [WEBLOGIN_NO_TEXT] = "En adgangskode skal v\xc3\xa6re "
	                                  "tekst",
	             [WEBLOGIN_CONTROL] = "Mailprogrammer kan ikke sende "
	                                  "styretegn" } },
	{ .language = "de",
	  .title = "W\xc3\xa4hlen Sie Ihr Passwort",
	  .who_before = "F\xc3\xbcr",
	  .who_after = ". Es gilt f\xc3\xbcr Webmail und alle Mailprogramme.",
	  .user_name = "Benutzername",
	  .password = "Passwort",
	  .again = "Noch einmal dasselbe",
	  .choose = "Passwort w\xc3\xa4hlen",
	  .rule = "Mindestens 8 Zeichen.",
	  .over = "Dieser Link gilt nicht mehr",
	  .over_text = "Er wurde benutzt oder ist \xc3\xa4lter als eine halbe "
	               "Stunde. Bitten Sie um einen neuen, wo Sie ihn bekommen "
	               "haben. Wenn Sie schon ein Passwort gew\xc3\xa4hlt "
	               "haben: <a href=\"/\">anmelden</a>.",
	  .trouble = "Das geht im Moment nicht",
	  .trouble_text = "Versuchen Sie es sp\xc3\xa4ter noch einmal.",
	  .unlike = "Die beiden sind nicht gleich",
	  .wrong = { [WEBLOGIN_SHORT] = "Ein Passwort hat mindestens 8 Zeichen",
	             [WEBLOGIN_LONG] = "Dieses Passwort ist zu lang",
	             [WEBLOGIN_NO_TEXT] = "Ein Passwort muss Text sein",
	             [WEBLOGIN_CONTROL] = "Mailprogramme k\xc3\xb6nnen keine "
	                                  "Steuerzeichen senden" } },
};

const struct weblogin_words *weblogin_words(struct str accept_language)
{
	static const char *const have[] = { "en", "da", "de", NULL };
	const char *best = http_language(accept_language, have);
	size_t i = 0;

	while (strcmp(all[i].language, best) != 0)
		i++;
	return &all[i];
}
