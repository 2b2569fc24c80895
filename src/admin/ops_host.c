/* The host itself: figures, how it shows itself, web spaces. */
#include "admin/health.h"
#include "admin/ops.h"
#include "base/utf8.h"
#include "directory/setting.h"

#define EVERY (ADMIN_OWN | ADMIN_DOMAIN | ADMIN_OPERATOR)

/* ---- status ---- */

static const struct admin_field status_fields[] = {
	{ "domains", ADMIN_IS_NUMBER, false, NULL, NULL },
	{ "accounts", ADMIN_IS_NUMBER, false, NULL, NULL },
	{ "aliases", ADMIN_IS_NUMBER, false, NULL, NULL },
	{ "queued", ADMIN_IS_NUMBER, false, NULL, "Messages waiting" },
	{ "failed", ADMIN_IS_NUMBER, false, NULL, "Recipients given up" },
	{ "oldest", ADMIN_IS_TIME, true, NULL,
	  "When the oldest message that waits came" },
	{ "free_bytes", ADMIN_IS_NUMBER, false, NULL,
	  "Of the disk of the data folder" },
	ADMIN_FIELD_END,
};

static int status(struct admin_call *c, struct err *err)
{
	struct admin_status s;

	if (admin_status_get(c->adm, &s, err) < 0)
		return -1;
	json_object(c->w);
	json_member_u64(c->w, "domains", s.domains);
	json_member_u64(c->w, "accounts", s.accounts);
	json_member_u64(c->w, "aliases", s.aliases);
	json_member_u64(c->w, "queued", s.queued);
	json_member_u64(c->w, "failed", s.failed);
	json_member_time(c->w, "oldest", s.oldest_us);
	json_member_u64(c->w, "free_bytes", s.free_bytes);
	json_end(c->w);
	return 0;
}

/* ---- health ---- */

const struct admin_field admin_check_row_fields[] = {
	{ "id", ADMIN_IS_TEXT, false, NULL, "mx, spf, port, disk, ..." },
	{ "grade", ADMIN_IS_TEXT, false, NULL, "must, should or may" },
	{ "state", ADMIN_IS_TEXT, false, NULL,
	  "ok, warning, wrong, missing, could not check, not needed" },
	{ "name", ADMIN_IS_TEXT, false, NULL, "In DNS, or a path" },
	{ "type", ADMIN_IS_TEXT, false, NULL, NULL },
	{ "found", ADMIN_IS_TEXT, false, NULL, NULL },
	{ "wanted", ADMIN_IS_TEXT, false, NULL, NULL },
	{ "why", ADMIN_IS_TEXT, false, NULL, "A sentence" },
	ADMIN_FIELD_END,
};

const struct admin_field admin_checked_fields[] = {
	{ "domain", ADMIN_IS_TEXT, false, NULL, "Or the host" },
	{ "time", ADMIN_IS_TIME, false, NULL, NULL },
	{ "state", ADMIN_IS_TEXT, false, NULL, "ok, warning or wrong" },
	{ "rows", ADMIN_IS_OBJECTS, false, admin_check_row_fields, NULL },
	ADMIN_FIELD_END,
};

static int health_get(struct admin_call *c, struct err *err)
{
	struct str kept;

	if (admin_health_kept(c->adm, c->a, &kept, err) < 0)
		return -1;
	json_raw(c->w, kept);
	return 0;
}

static int health_again(struct admin_call *c, struct err *err)
{
	if (!c->adm->check)
		return err_set(err, ERR_TEMP, "nobody checks here");
	return c->adm->check(c->adm->check_arg, STR(""), err);
}

/* ---- branding ---- */

static const struct admin_field brand_fields[] = {
	{ "name", ADMIN_IS_TEXT, false, NULL, "Of the provider" },
	{ "colour", ADMIN_IS_TEXT, true, NULL, "#0a5a68" },
	{ "logo", ADMIN_IS_TEXT, true, NULL, "An https link to an image" },
	{ "help", ADMIN_IS_TEXT, true, NULL, "A link for those who ask" },
	{ "imprint", ADMIN_IS_TEXT, true, NULL, "Who is responsible" },
	ADMIN_FIELD_END,
};

#define BRANDS 5

static const char *const brands[BRANDS] = { "name", "colour", "logo", "help",
	                                    "imprint" };

static int brand_state(struct admin_call *c, struct json_writer *w,
                       struct err *err)
{
	struct str v;

	json_object(w);
	for (size_t i = 0; i < BRANDS; i++) {
		if (directory_setting_get(c->adm->dir,
		                          arena_fmt(c->a, "brand.%s",
		                                    brands[i]),
		                          c->a, &v, err) < 0)
			return -1;
		if (!v.n && i == 0)
			v = config_provider_domain(c->adm->cfg);
		if (v.n)
			json_member_str(w, brands[i], v);
		else
			json_member_z(w, brands[i], NULL);
	}
	json_end(w);
	return 0;
}

static int brand_get(struct admin_call *c, struct err *err)
{
	return brand_state(c, c->w, err);
}

static const struct admin_param brand_params[] = {
	{ "name", ADMIN_TEXT, ADMIN_DEFAULT, 80, NULL,
	  "Of the provider; null: its domain" },
	{ "colour", ADMIN_TEXT, ADMIN_DEFAULT, 7, NULL,
	  "#rrggbb, dark enough to be read on white (4.5:1)" },
	{ "logo", ADMIN_TEXT, ADMIN_DEFAULT, 500, NULL, "An https link" },
	{ "help", ADMIN_TEXT, ADMIN_DEFAULT, 500, NULL,
	  "An https or mailto link" },
	{ "imprint", ADMIN_TEXT, ADMIN_DEFAULT, 500, NULL, "An https link" },
	ADMIN_PARAM_END,
};

/* How much light an sRGB value of 0 to 255 is, in thousandths: the curve of
 * IEC 61966-2-1 at every 17th, with straight lines between. */
static unsigned linear(unsigned v)
{
	static const unsigned short at[] = { 0,   6,   16,  33,  58,  91,
		                             133, 184, 246, 319, 402, 497,
		                             604, 723, 855, 1000 };
	unsigned step = v / 17, rest = v % 17;

	return step >= 15 ? at[15]
	                  : at[step] + (at[step + 1] - at[step]) * rest / 17u;
}

/* The contrast to white as WCAG 2.2 has it: (1 + 0.05) / (L + 0.05). */
static bool is_readable(unsigned r, unsigned g, unsigned b)
{
	unsigned l =
		(2126 * linear(r) + 7152 * linear(g) + 722 * linear(b)) / 10000;

	return 1050 * 10 >= 45 * (l + 50);
}

static int check_colour(struct admin_call *c, struct str s, struct err *err)
{
	unsigned rgb[3];

	if (s.n != 7 || s.p[0] != '#')
		return admin_blame(c, "colour", err, ERR_INVALID,
		                   "a colour is such as #0a5a68");
	for (size_t i = 0; i < 3; i++) {
		int high = ascii_hex(s.p[1 + 2 * i]);
		int low = ascii_hex(s.p[2 + 2 * i]);

		if (high < 0 || low < 0)
			return admin_blame(c, "colour", err, ERR_INVALID,
			                   "a colour is such as #0a5a68");
		rgb[i] = (unsigned)(high * 16 + low);
	}
	if (!is_readable(rgb[0], rgb[1], rgb[2]))
		return admin_blame(c, "colour", err, ERR_INVALID,
		                   "that colour is too light to be read on "
		                   "white");
	return 0;
}

static int check_link(struct admin_call *c, const char *name, struct str s,
                      struct err *err)
{
	bool mail = str_eq(str_z(name), STR("help")) &&
	            str_starts(s, STR("mailto:"));

	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] <= ' ' || s.p[i] == '"' ||
		    s.p[i] == '<' || s.p[i] == '>' || s.p[i] == 127)
			return admin_blame(c, name, err, ERR_INVALID,
			                   "a link holds no blanks, quotes or "
			                   "brackets");
	if (!mail && !str_starts(s, STR("https://")))
		return admin_blame(c, name, err, ERR_INVALID,
		                   "a link begins with https://");
	return 0;
}

static int brand_set(struct admin_call *c, struct err *err)
{
	struct directory_setting v[BRANDS];
	size_t n = 0;

	for (size_t i = 0; i < BRANDS; i++) {
		struct str s = admin_arg_text(c, brands[i]);

		if (!admin_arg_given(c, brands[i]))
			continue;
		if (s.n && i == 1 && check_colour(c, s, err) < 0)
			return -1;
		if (s.n && i > 1 && check_link(c, brands[i], s, err) < 0)
			return -1;
		v[n++] = (struct directory_setting){
			arena_fmt(c->a, "brand.%s", brands[i]), str_trim(s)
		};
	}
	if (!n)
		return err_set(err, ERR_INVALID, "there is nothing to set");
	return directory_setting_set(c->adm->dir, v, n, err);
}

/* ---- web spaces ---- */

static const struct admin_field space_fields[] = {
	{ "uid", ADMIN_IS_NUMBER, false, NULL, "A Unix user" },
	{ "domain", ADMIN_IS_TEXT, false, NULL, "That its scripts send for" },
	ADMIN_FIELD_END,
};

static bool write_space(void *arg, uint32_t uid, struct str domain)
{
	struct json_writer *w = arg;

	json_object(w);
	json_member_u64(w, "uid", uid);
	json_member_str(w, "domain", domain);
	json_end(w);
	return true;
}

static int space_list(struct admin_call *c, struct err *err)
{
	admin_page_begin(c);
	if (directory_webspace_each(c->adm->dir, write_space, c->w, err) < 0)
		return -1;
	admin_page_end(c, STR(""));
	return 0;
}

static const struct admin_param space_params[] = {
	{ "user", ADMIN_TEXT, ADMIN_NEEDED, 200, NULL,
	  "A Unix user, by name or number" },
	{ "domain", ADMIN_NAME, ADMIN_NEEDED, 0, NULL, "A hosted domain" },
	ADMIN_PARAM_END,
};

static const struct admin_param space_drop_params[] = {
	{ "user", ADMIN_TEXT, ADMIN_NEEDED, 200, NULL,
	  "A Unix user, by name or number" },
	{ "domain", ADMIN_NAME, 0, 0, NULL, "Without: all of the user's" },
	ADMIN_PARAM_END,
};

static int space_add(struct admin_call *c, struct err *err)
{
	uint32_t uid;

	c->field = "user";
	if (admin_webspace_uid(admin_arg_text(c, "user"), &uid, err) < 0)
		return -1;
	c->field = "domain";
	if (admin_webspace_add(c->adm, uid, admin_arg_text(c, "domain"), err) <
	    0)
		return -1;
	c->field = NULL;
	return 0;
}

static int space_drop(struct admin_call *c, struct err *err)
{
	uint32_t uid;

	if (admin_webspace_uid(admin_arg_text(c, "user"), &uid, err) < 0)
		return -1;
	return admin_webspace_remove(c->adm, uid, admin_arg_text(c, "domain"),
	                             err);
}

/* ---- the rows ---- */

#define ROW(n, m, p, w, ch, par, sh, res, fn, st, words)               \
	{                                                              \
		.name = n, .method = m, .path = p, .who = w,           \
		.area = ADMIN_AREA_HOST, .changes = ch, .params = par, \
		.shape = sh, .result = res, .run = fn, .state = st,    \
		.sentence = words                                      \
	}

const struct admin_operation admin_ops_host[] = {
	ROW("status.get", "GET", "/status", ADMIN_OPERATOR, false, NULL,
	    ADMIN_ONE, status_fields, status, NULL, "Show what the host holds"),
	ROW("health.get", "GET", "/health", ADMIN_OPERATOR, false, NULL,
	    ADMIN_ONE, admin_checked_fields, health_get, NULL,
	    "Show how fit the machine was the last time"),
	ROW("health.run", "POST", "/health", ADMIN_OPERATOR, false, NULL,
	    ADMIN_NOTHING, NULL, health_again, NULL,
	    "Look at the machine again, in the background"),
	ROW("branding.get", "GET", "/branding", EVERY | ADMIN_ANYONE, false,
	    NULL, ADMIN_ONE, brand_fields, brand_get, brand_state,
	    "Show how the host shows itself"),
	ROW("branding.set", "PATCH", "/branding", ADMIN_OPERATOR, true,
	    brand_params, ADMIN_ONE, brand_fields, brand_set, brand_state,
	    "Change how the host shows itself"),
	ROW("webspace.list", "GET", "/webspaces", ADMIN_OPERATOR, false, NULL,
	    ADMIN_MANY, space_fields, space_list, NULL,
	    "List which domains the scripts of Unix users send for"),
	ROW("webspace.add", "PUT", "/webspaces/{user}/{domain}", ADMIN_OPERATOR,
	    true, space_params, ADMIN_NOTHING, NULL, space_add, NULL,
	    "Let a Unix user's scripts send for a domain"),
	ROW("webspace.remove", "DELETE", "/webspaces/{user}", ADMIN_OPERATOR,
	    true, space_drop_params, ADMIN_NOTHING, NULL, space_drop, NULL,
	    "Let them do so no more"),
	ADMIN_OP_END,
};
