#include "deliver/srs.h"

#include "crypto/hash.h"
#include "directory/directory.h"
#include "wire/smtp/path.h"
#include "wire/srs/srs.h"

struct secret {
	unsigned char bytes[DIRECTORY_SECRET_SIZE];
};

static void mac(const void *arg, struct str text, unsigned char out[32])
{
	const struct secret *s = arg;

	hash_hmac(HASH_SHA256,
	          (struct str){ (const char *)s->bytes, sizeof(s->bytes) },
	          text, out);
}

static int open_key(struct directory *dir, struct secret *s,
                    struct srs_key *key, struct err *err)
{
	*key = (struct srs_key){ .mac = mac, .arg = s };
	return directory_secret(dir, STR("srs"), s->bytes, err);
}

static struct str join(struct arena *a, struct str local, struct str domain)
{
	struct str r;
	struct buf b;

	buf_init(&b, 2048);
	smtp_local_write(&b, local);
	buf_add_c(&b, '@');
	buf_add(&b, domain);
	r = buf_overflow(&b) ? STR("") : arena_dup(a, buf_str(&b));
	buf_deinit(&b);
	return r;
}

static int rewrite(struct directory *dir, const struct smtp_path *sender,
                   struct str domain, int64_t now_us, struct arena *a,
                   struct str *out, struct err *err)
{
	struct secret secret;
	struct srs_key key;
	struct buf b;

	if (open_key(dir, &secret, &key, err) < 0)
		return -1;
	buf_init(&b, SRS_LOCAL_MAX);
	if (srs_forward(&key, sender->local, sender->domain, now_us, &b))
		*out = join(a, buf_str(&b), domain);
	buf_deinit(&b);
	return 0;
}

int deliver_srs_sender(struct directory *dir, struct str sender, struct str by,
                       int64_t now_us, struct arena *a, struct str *out,
                       struct err *err)
{
	struct directory_domain d;
	size_t at = str_rchr(by, '@');
	struct smtp_path path;
	bool ours = false;

	*out = sender;
	if (at == STR_NPOS || sender.n == 0 ||
	    !smtp_address_parse(sender, a, &path) || path.domain.n == 0)
		return 0;
	if (directory_domain_is_local(dir, path.domain, &ours, err) < 0)
		return -1;
	if (ours)
		return 0;
	if (directory_domain_get(dir, str_from(by, at + 1), a, &d, err) < 0)
		return err->kind == ERR_NOT_FOUND ? 0 : -1;
	return rewrite(dir, &path, d.name, now_us, a, out, err);
}

/* Elsewhere, which is right for a bounce though nobody has logged in. */
static void let_out(struct route *r)
{
	if (r->kind == ROUTE_ELSEWHERE)
		r->kind = ROUTE_HERE;
}

int deliver_srs_route(struct directory *dir, struct store *store,
                      bool null_sender, struct str local, struct str domain,
                      int64_t now_us, struct arena *a, struct route *out,
                      struct err *err)
{
	struct route none = { .kind = ROUTE_NOBODY };
	struct srs_address to;
	struct secret secret;
	struct srs_key key;
	bool ours = false;

	if (!srs_is(local))
		return 0;
	if (directory_domain_is_local(dir, domain, &ours, err) < 0)
		return -1;
	if (!ours)
		return 0;
	if (open_key(dir, &secret, &key, err) < 0)
		return -1;
	if (!null_sender ||
	    srs_reverse(&key, local, now_us, a, &to) != SRS_OK ||
	    !smtp_domain_is_valid(to.domain)) {
		*out = none;
		return 1;
	}
	if (route_find(dir, store, to.local, to.domain, 0, a, out, err) < 0)
		return -1;
	let_out(out);
	return 1;
}
