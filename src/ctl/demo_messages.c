#include "ctl/demo_mail.h"

#define ANNA  "Anna Lind <anna@demo.example>"
#define BO    "Bo Berg <bo@demo.example>"
#define ADMIN "Administrator <admin@demo.example>"
#define INFO  "Info <info@demo.example>"

#define SEEN  FLAG_SEEN
#define H     60u         /* minutes */
#define D     (24u * 60u) /* minutes */

/* clang-format off */
const struct demo_message demo_messages[] = {
	/* A conversation about a boat. */
	{ "boat-1", NULL, DEMO_ANNA, MAILBOX_USE_INBOX, SEEN | FLAG_ANSWERED,
	  9 * D, DEMO_TEXT, DEMO_PDF, BO, ANNA, "The boat in May",
	  "Hi Anna,\n\nthe yard can take the boat in the first week of May. They ask "
	  "whether we want\nthe hull painted again or only cleaned.\n\nI would say "
	  "cleaned, it was painted two years ago. What do you think?\n\nBo\n", NULL },
	{ "boat-2", "boat-1", DEMO_ANNA, MAILBOX_USE_SENT, SEEN, 9 * D - 130,
	  DEMO_TEXT, DEMO_PDF, ANNA, BO, "Re: The boat in May",
	  "Cleaned is fine. Can they look at the rudder too? It was stiff last "
	  "autumn.\n\nAnna\n\n> I would say cleaned, it was painted two years ago. "
	  "What do you think?\n", NULL },
	{ "boat-2b", "boat-1", DEMO_BO, MAILBOX_USE_INBOX, SEEN | FLAG_ANSWERED,
	  9 * D - 130, DEMO_TEXT, DEMO_PDF, ANNA, BO, "Re: The boat in May",
	  "Cleaned is fine. Can they look at the rudder too? It was stiff last "
	  "autumn.\n\nAnna\n", NULL },
	{ "boat-3", "boat-2", DEMO_ANNA, MAILBOX_USE_INBOX, SEEN | FLAG_FLAGGED,
	  8 * D, DEMO_FILE, DEMO_PDF, BO, ANNA, "Re: The boat in May",
	  "Here is their offer, the rudder is in it. Please answer before "
	  "Friday, they\nkeep the place for us until then.\n\nBo\n", NULL },
	{ "boat-4", "boat-3", DEMO_ANNA, MAILBOX_USE_INBOX, 0, 3 * H, DEMO_TEXT,
	  DEMO_PDF, BO, ANNA, "Re: The boat in May",
	  "They called: the boat is in the hall now. The rudder needs one new "
	  "bearing,\nnothing more.\n\nBo\n", NULL },

	/* Names and words of several scripts. */
	{ "cafe-1", NULL, DEMO_ANNA | DEMO_BO, MAILBOX_USE_INBOX, SEEN, 6 * D,
	  DEMO_TEXT, DEMO_PDF, "S\303\270ren \303\206gidius <soren@fjord.example>",
	  ANNA ", " BO, "Frokost p\303\245 fredag? Sm\303\270rrebr\303\270d og \303\270l",
	  "Hej Anna og Bo,\n\nskal vi ses p\303\245 fredag kl. 12 p\303\245 caf\303\251en ved havnen? "
	  "Jeg tager gerne billetterne\ntil f\303\246rgen med.\n\nK\303\246rlig hilsen\nS\303\270ren\n",
	  NULL },
	{ "cafe-2", "cafe-1", DEMO_ANNA, MAILBOX_USE_SENT, SEEN, 6 * D - 40,
	  DEMO_TEXT, DEMO_PDF, ANNA, "S\303\270ren \303\206gidius <soren@fjord.example>",
	  "Re: Frokost p\303\245 fredag? Sm\303\270rrebr\303\270d og \303\270l",
	  "Ja tak, jeg gl\303\246der mig!\n\nAnna\n", NULL },
	{ "munich-1", NULL, DEMO_BO, MAILBOX_USE_INBOX, 0, 2 * D, DEMO_TEXT,
	  DEMO_PDF, "J\303\274rgen Gro\303\237 <juergen@xn--bcher-kva.example>", BO,
	  "R\303\274ckfrage zur Bestellung Nr. 4711",
	  "Guten Tag Herr Berg,\n\ndas gew\303\274nschte Buch ist vergriffen; eine "
	  "gebrauchte Ausgabe in gutem Zustand\nk\303\266nnten wir f\303\274r 18 \342\202\254 anbieten. "
	  "Sollen wir sie zur\303\274cklegen?\n\nMit freundlichen Gr\303\274\303\237en\nJ\303\274rgen Gro\303\237\n",
	  NULL },
	{ "tokyo-1", NULL, DEMO_ANNA, MAILBOX_USE_INBOX, SEEN, 12 * D, DEMO_TEXT,
	  DEMO_PDF, "\347\224\260\344\270\255 \350\212\261\345\255\220 <hanako@sakura.example>", ANNA,
	  "\345\206\231\347\234\237\343\202\222\343\201\202\343\202\212\343\201\214\343\201\250\343\201\206\343\201\224\343\201\226\343\201\204\343\201\276\343\201\231",
	  "\343\202\242\343\203\263\343\203\212\343\201\225\343\202\223\343\200\201\n\n\345\205\210\346\227\245\343\201\257\345\206\231\347\234\237\343\202\222\343\201\202\343\202\212\343\201\214\343\201\250\343\201\206\343\201\224\343\201\226\343\201\204\343\201\276\343\201\227\343\201\237\343\200\202\345\256\266\346\227\217\343\201\277\343\202\223\343\201\252\343\201\247\346\245\275\343\201\227\343\201\217\350\246\213\343\201\276\343\201\227\343\201\237\343\200\202"
	  "\n\346\230\245\343\201\253\344\272\254\351\203\275\343\201\247\343\201\212\344\274\232\343\201\204\343\201\247\343\201\215\343\202\213\343\201\256\343\202\222\346\245\275\343\201\227\343\201\277\343\201\253\343\201\227\343\201\246\343\201\204\343\201\276\343\201\231\343\200\202\n\n\350\212\261\345\255\220\n", NULL },
	{ "athens-1", NULL, DEMO_ANNA, MAILBOX_USE_ARCHIVE, SEEN, 40 * D, DEMO_TEXT,
	  DEMO_PDF, "\316\225\316\273\316\255\316\275\316\267 \316\240\316\261\317\200\316\254 <eleni@nisi.example>", ANNA,
	  "\316\244\316\277 \317\203\317\200\316\257\317\204\316\271 \317\203\317\204\316\277 \316\275\316\267\317\203\316\257",
	  "\316\223\316\265\316\271\316\261 \317\203\316\277\317\205 \316\206\316\275\316\275\316\261,\n\n\317\204\316\277 \317\203\317\200\316\257\317\204\316\271 \316\265\316\257\316\275\316\261\316\271 \316\265\316\273\316\265\317\215\316\270\316\265\317\201\316\277 \317\214\316\273\316\277 \317\204\316\277\316\275 \316\243\316\265\317\200\317\204\316\255\316\274\316\262\317\201\316\271\316\277. "
	  "\316\240\316\265\317\202 \316\274\316\277\317\205 \317\200\317\214\317\204\316\265 \316\270\316\261 \316\255\317\201\316\270\316\265\317\204\316\265!\n\n\316\225\316\273\316\255\316\275\316\267\n", NULL },
	{ "kyiv-1", NULL, DEMO_BO, MAILBOX_USE_ARCHIVE, SEEN, 33 * D, DEMO_TEXT,
	  DEMO_PDF, "\320\236\320\273\320\265\320\275\320\260 \320\232\320\276\320\262\320\260\320\273\321\214 <olena@step.example>", BO,
	  "\320\237\320\265\321\200\320\265\320\272\320\273\320\260\320\264 \320\263\320\276\321\202\320\276\320\262\320\270\320\271",
	  "\320\224\320\276\320\261\321\200\320\270\320\271 \320\264\320\265\320\275\321\214!\n\n\320\237\320\265\321\200\320\265\320\272\320\273\320\260\320\264 \320\263\320\276\321\202\320\276\320\262\320\270\320\271, 14 \321\201\321\202\320\276\321\200\321\226\320\275\320\276\320\272. \320\240\320\260\321\205\321\203\320\275\320\276\320\272 \320\275\320\260\320\264\321\226\321\210\320\273\321\216 "
	  "\320\267\320\260\320\262\321\202\321\200\320\260.\n\n\320\236\320\273\320\265\320\275\320\260\n", NULL },

	/* Newsletters in HTML. */
	{ "news-41", NULL, DEMO_ANNA | DEMO_BO, MAILBOX_USE_INBOX, SEEN, 14 * D,
	  DEMO_HTML, DEMO_PDF, "Harbour Bakery <news@bakery.example>",
	  "readers@bakery.example", "This week: rye, seeds and a new oven",
	  "This week: rye, seeds and a new oven\n\nOur new oven came on Monday. "
	  "The first rye loaves are out at 7 o'clock each\nmorning.\n\n"
	  "* Rye with seeds, 4.50\n* Spelt rolls, 0.90\n* Cardamom buns, 2.20\n",
	  "<h1 style=\"color:#7a4a12\">This week</h1><p>Our <b>new oven</b> came on "
	  "Monday. The first rye loaves are out at 7&nbsp;o&rsquo;clock each "
	  "morning.</p><table border=\"1\" cellpadding=\"6\"><tr><td>Rye with "
	  "seeds</td><td>4.50</td></tr><tr><td>Spelt rolls</td><td>0.90</td></tr>"
	  "<tr><td>Cardamom buns</td><td>2.20</td></tr></table><p><a "
	  "href=\"https://bakery.example/week\">All of the week</a></p>" },
	{ "news-42", NULL, DEMO_ANNA | DEMO_BO, MAILBOX_USE_INBOX, 0, 7 * D,
	  DEMO_HTML, DEMO_PDF, "Harbour Bakery <news@bakery.example>",
	  "readers@bakery.example", "This week: apples",
	  "This week: apples\n\nThe orchard has sent 300 kg of apples. Cake on "
	  "Saturday, while it lasts.\n",
	  "<h1 style=\"color:#7a4a12\">This week: apples</h1><p>The orchard has sent "
	  "<em>300&nbsp;kg</em> of apples. Cake on Saturday, while it lasts.</p>"
	  "<p style=\"font-size:small\">You get this because you asked for it. <a "
	  "href=\"https://bakery.example/stop\">Stop</a></p>" },
	{ "museum-7", NULL, DEMO_ANNA, MAILBOX_USE_INBOX, SEEN, 20 * D, DEMO_HTML,
	  DEMO_PDF, "Museum of Ropes <letter@ropes.example>",
	  "friends@ropes.example", "Open late: knots and splices",
	  "Open late on the 14th: knots and splices, with a demonstration at "
	  "19:00.\n",
	  "<div style=\"max-width:36em\"><h2>Open late on the 14th</h2><p>Knots and "
	  "splices, with a demonstration at <strong>19:00</strong>.</p><ul><li>free "
	  "for friends</li><li>children under 12 with a grown-up</li></ul></div>" },
	{ "shop-9", NULL, DEMO_BO, MAILBOX_USE_INBOX, SEEN, 4 * D, DEMO_HTML,
	  DEMO_PDF, "Lamp Shop <orders@lamps.example>", BO,
	  "Your order 20311 is on its way",
	  "Your order 20311 is on its way: 1 desk lamp, green. It comes on "
	  "Thursday.\n",
	  "<p>Your order <b>20311</b> is on its way.</p><p>1 desk lamp, green. It "
	  "comes on <b>Thursday</b>.</p>" },

	/* Files. */
	{ "photo-1", NULL, DEMO_ANNA, MAILBOX_USE_INBOX, SEEN, 11 * D, DEMO_FILE,
	  DEMO_PNG, BO, ANNA, "The colour for the door",
	  "This is the blue I meant. What do you say?\n\nBo\n", NULL },
	{ "photo-2", "photo-1", DEMO_BO, MAILBOX_USE_INBOX, SEEN, 11 * D - 50,
	  DEMO_TEXT, DEMO_PDF, ANNA, BO, "Re: The colour for the door",
	  "A little darker, then yes.\n\nAnna\n", NULL },
	{ "hours-1", NULL, DEMO_ADMIN, MAILBOX_USE_INBOX, 0, 26 * H, DEMO_FILE,
	  DEMO_CSV, ANNA, ADMIN, "Hours of last week",
	  "Attached, as every Monday. Tuesday was only half a day.\n\nAnna\n", NULL },
	{ "offer-1", NULL, DEMO_ANNA | DEMO_BO, MAILBOX_USE_INBOX, 0, 30 * H,
	  DEMO_FILE, DEMO_PDF, "Mona Falk <mona@carpenter.example>", INFO,
	  "Offer for the shelves",
	  "Hello,\n\nas we said on the telephone, here is the offer for the shelves "
	  "in oak. It holds\nuntil the end of the month.\n\nMona Falk\n", NULL },

	/* An invitation, and its answer. */
	{ "meet-1", NULL, DEMO_ANNA | DEMO_BO, MAILBOX_USE_INBOX, 0, 5 * H,
	  DEMO_INVITE, DEMO_PDF, ADMIN, ANNA ", " BO,
	  "Invitation: yearly meeting",
	  "You are invited: yearly meeting, in the large room, two hours.\n", NULL },

	/* From a mail program that wraps everything. */
	{ "wrap-1", NULL, DEMO_ANNA, MAILBOX_USE_INBOX, 0, 8 * H, DEMO_WINMAIL,
	  DEMO_PDF, "Office <office@insurance.example>", ANNA,
	  "Your insurance papers",
	  "The papers are in the attachment.\n", NULL },

	/* A mailing list. */
	{ "list-1", NULL, DEMO_BO, MAILBOX_USE_INBOX, SEEN, 5 * D, DEMO_LIST,
	  DEMO_PDF, "Petra Voss <petra@sail.example>", "crew@lists.example",
	  "[crew] Who comes on Sunday?",
	  "Two places are free on the blue boat. We leave at 9.\n\nPetra\n", NULL },
	{ "list-2", "list-1", DEMO_BO, MAILBOX_USE_INBOX, SEEN, 5 * D - 200,
	  DEMO_LIST, DEMO_PDF, "Iko Tamm <iko@sail.example>", "crew@lists.example",
	  "Re: [crew] Who comes on Sunday?",
	  "I do. Shall I bring the small sail?\n\nIko\n\n> Two places are free on "
	  "the blue boat.\n", NULL },
	{ "list-3", "list-2", DEMO_BO, MAILBOX_USE_INBOX, 0, 5 * D - 900, DEMO_LIST,
	  DEMO_PDF, "Petra Voss <petra@sail.example>", "crew@lists.example",
	  "Re: [crew] Who comes on Sunday?",
	  "Yes, and a warm coat. One place is left.\n\nPetra\n\n> Shall I bring the "
	  "small sail?\n", NULL },

	/* The administrator's. */
	{ "root-1", NULL, DEMO_ADMIN, MAILBOX_USE_INBOX, SEEN, 10 * D, DEMO_TEXT,
	  DEMO_PDF, "Backup <backup@demo.example>", ADMIN,
	  "Backup of the night: done",
	  "41 210 files, 3.2 GB, 6 minutes. Nothing to do.\n", NULL },
	{ "root-2", NULL, DEMO_ADMIN, MAILBOX_USE_INBOX, 0, 10 * H, DEMO_TEXT,
	  DEMO_PDF, "Backup <backup@demo.example>", ADMIN,
	  "Backup of the night: 2 files could not be read",
	  "41 398 files, 3.2 GB, 6 minutes.\n\nNot read:\n  /srv/share/plans/new.odt "
	  "(locked)\n  /srv/share/plans/old.odt (locked)\n", NULL },
	{ "abuse-1", NULL, DEMO_ADMIN, MAILBOX_USE_INBOX, 0, 50 * H, DEMO_TEXT,
	  DEMO_PDF, "Postmaster <postmaster@other.example>",
	  "postmaster@demo.example", "A question about your MX",
	  "Hello,\n\nour monitoring saw your MX answer slowly last night between 2 "
	  "and 3 o'clock.\nIs there something we should know?\n\nThe postmaster of "
	  "other.example\n", NULL },
	{ "typo-1", NULL, DEMO_ADMIN, MAILBOX_USE_INBOX, SEEN, 60 * H, DEMO_TEXT,
	  DEMO_PDF, "Kurt Holm <kurt@far.example>", "ana@demo.example",
	  "Keys", "Hi Ana, I left the keys at the reception.\n\nKurt\n", NULL },

	/* Other folders. */
	{ "spam-1", NULL, DEMO_ANNA | DEMO_BO, MAILBOX_USE_JUNK, FLAG_JUNK, 30 * H,
	  DEMO_HTML, DEMO_PDF, "PRIZE OFFICE <win@lucky.example>",
	  "undisclosed-recipients:;", "You have WON!!! Answer in 24 hours",
	  "You have won. Send your bank account to get it.\n",
	  "<center><font size=\"7\" color=\"red\">YOU HAVE WON</font><br><a "
	  "href=\"http://lucky.example/claim\">Click here</a></center>" },
	{ "trash-1", NULL, DEMO_ANNA, MAILBOX_USE_TRASH, SEEN, 15 * D, DEMO_TEXT,
	  DEMO_PDF, "Parking <noreply@parking.example>", ANNA, "Receipt 99120",
	  "1 h 20 min, 3.60. Thank you.\n", NULL },
	{ "draft-1", NULL, DEMO_ANNA, MAILBOX_USE_DRAFTS, SEEN | FLAG_DRAFT, 2 * H,
	  DEMO_TEXT, DEMO_PDF, ANNA, "\316\225\316\273\316\255\316\275\316\267 \316\240\316\261\317\200\316\254 <eleni@nisi.example>",
	  "Re: \316\244\316\277 \317\203\317\200\316\257\317\204\316\271 \317\203\317\204\316\277 \316\275\316\267\317\203\316\257",
	  "Dear Eleni,\n\nwe would come on the 5th of September and stay until\n",
	  NULL },
	{ "old-1", NULL, DEMO_ANNA, MAILBOX_USE_ARCHIVE, SEEN | FLAG_FLAGGED,
	  200 * D, DEMO_TEXT, DEMO_PDF, "Landlord <office@houses.example>", ANNA,
	  "Number of the meter",
	  "The number of your meter is 40 118 226. Please keep this message.\n",
	  NULL },
	{ "old-2", NULL, DEMO_BO, MAILBOX_USE_ARCHIVE, SEEN, 180 * D, DEMO_FILE,
	  DEMO_PDF, "Garage <post@garage.example>", BO, "Bill 2231",
	  "Two tyres and an hour of work. The bill is attached.\n", NULL },
	{ "welcome-a", NULL, DEMO_ANNA | DEMO_BO | DEMO_ADMIN, MAILBOX_USE_INBOX, 0,
	  5, DEMO_TEXT, DEMO_PDF, "Posthus <postmaster@demo.example>", INFO,
	  "Welcome to the demo",
	  "This is a whole mail host on your own computer. Nothing you send leaves "
	  "it.\n\nThings to try:\n\n  - send a message to anna@demo.example, to "
	  "info@demo.example (an alias of\n    Anna and Bo), or to any other name at "
	  "demo.example (Admin gets it)\n  - add this account to your mail program, "
	  "with the ports that the command showed\n  - search, mark, move, delete\n\n"
	  "Ctrl+C where you started it ends the demo.\n", NULL },
	{ NULL, NULL, 0, MAILBOX_USE_NONE, 0, 0, DEMO_TEXT, DEMO_PDF, NULL, NULL,
	  NULL, NULL, NULL },
};
/* clang-format on */
