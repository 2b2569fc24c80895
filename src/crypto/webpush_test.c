#include "crypto/webpush.h"

#include <string.h>

#include "base/base64.h"
#include "base/test.h"

/* RFC 8291, appendix A. */
#define PLAIN "When I grow up, I want to be a watermelon"
#define SENDER_PUBLIC                                                          \
	"BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6Tlz" \
	"AC8wEqKK6PBru3jl7A8"
#define SENDER_PRIVATE "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw"
#define DEVICE_PUBLIC                                                          \
	"BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7V" \
	"d8pZGH6SRpkNtoIAiw4"
#define AUTH "BTBZMqHH6r4Tts7J_aSIgg"
#define SALT "DGv6ra1nlYgDCS1FRnbzlw"
#define BODY                                                                   \
	"DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMo" \
	"ZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf" \
	"1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"

static void decode(const char *text, unsigned char *out, size_t n)
{
	struct buf b;

	buf_init(&b, 1024);
	assert_true(base64_decode_url(&b, str_z(text)));
	assert_int_equal(b.n, n);
	memcpy(out, b.p, n);
	buf_deinit(&b);
}

static struct webpush_keys device(void)
{
	struct webpush_keys k;

	decode(DEVICE_PUBLIC, k.p256dh, sizeof(k.p256dh));
	decode(AUTH, k.auth, sizeof(k.auth));
	return k;
}

static void encrypts_as_the_standard(void **state)
{
	unsigned char public[WEBPUSH_POINT_SIZE], private[32];
	unsigned char salt[WEBPUSH_SALT_SIZE];
	struct webpush_keys to = device();
	struct err err = ERR_INIT;
	struct buf body, text;

	(void)state;
	decode(SENDER_PUBLIC, public, sizeof(public));
	decode(SENDER_PRIVATE, private, sizeof(private));
	decode(SALT, salt, sizeof(salt));
	buf_init(&body, 8192);
	buf_init(&text, 8192);
	assert_int_equal(webpush_encrypt_as(&to, private, public, salt,
	                                    STR(PLAIN), &body, &err),
	                 0);
	base64_encode_url(&text, buf_str(&body));
	assert_str(buf_str(&text), BODY);
	buf_deinit(&text);
	buf_deinit(&body);
}

/* Nothing of two messages is the same but what says how they are made. */
static void never_the_same(void **state)
{
	struct webpush_keys to = device();
	struct err err = ERR_INIT;
	struct buf one, two;

	(void)state;
	buf_init(&one, 8192);
	buf_init(&two, 8192);
	assert_int_equal(webpush_encrypt(&to, STR(PLAIN), &one, &err), 0);
	assert_int_equal(webpush_encrypt(&to, STR(PLAIN), &two, &err), 0);
	assert_int_equal(one.n, 16 + 5 + 65 + strlen(PLAIN) + 1 + 16);
	assert_int_equal(one.n, two.n);
	assert_memory_not_equal(one.p, two.p, 16);
	assert_memory_equal(one.p + 16, two.p + 16, 6);
	assert_memory_not_equal(one.p + 22, two.p + 22, 64);
	buf_deinit(&two);
	buf_deinit(&one);
}

static void has_limits(void **state)
{
	static char much[WEBPUSH_PLAIN_MAX + 1];
	struct webpush_keys to = device();
	struct err err = ERR_INIT;
	struct buf b;

	(void)state;
	buf_init(&b, 8192);
	assert_int_equal(webpush_encrypt(&to,
	                                 (struct str){ much, sizeof(much) }, &b,
	                                 &err),
	                 -1);
	assert_int_equal(err.kind, ERR_TOO_BIG);
	assert_int_equal(webpush_encrypt(&to,
	                                 (struct str){ much, sizeof(much) - 1 },
	                                 &b, &err),
	                 0);
	assert_int_equal(b.n, 4096);
	/* beside the curve, in another form, and infinity */
	to.p256dh[40] ^= 1;
	assert_false(webpush_point_is_good(to.p256dh));
	assert_int_equal(webpush_encrypt(&to, STR("x"), &b, &err), -1);
	assert_int_equal(err.kind, ERR_INVALID);
	to = device();
	to.p256dh[0] = 2;
	assert_false(webpush_point_is_good(to.p256dh));
	memset(to.p256dh, 0, sizeof(to.p256dh));
	assert_false(webpush_point_is_good(to.p256dh));
	buf_deinit(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(encrypts_as_the_standard),
		cmocka_unit_test(never_the_same),
		cmocka_unit_test(has_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
