/* When the host itself is in trouble: "later", and never half a message. */
#include <pthread.h>

#include "smtp/testing.h"

#define MAIL                                 \
	"C: MAIL FROM:<ann@far.example>\n"   \
	"S: 250 *\n"                         \
	"C: RCPT TO:<bo@customer.example>\n" \
	"S: 250 *\n"                         \
	"C: DATA\n"                          \
	"S: 354 *\n"

static void below_the_reserve(void **state)
{
	struct client c;

	(void)state;
	world.reserve = UINT64_MAX / 4;
	world_start("");
	client_hello(&c, world.mx_port);
	talk(&c, "C: MAIL FROM:<ann@far.example>\n"
	         "S: 452-4.3.1 Insufficient system storage, try later\n"
	         "S: 452 4.3.1 https://mail.host.example/help/T-SPACE "
	         "[T-SPACE]\n"
	         "C: NOOP\n"
	         "S: 250 *\n");
	client_close(&c);
	world_stop();
	world.reserve = 0;
}

/* The spool can not be written: the data is read to its end, then refused. */
static void no_spool(void **state)
{
	struct client c;
	char path[100];
	struct buf b;
	int i;

	(void)state;
	world_start("");
	(void)snprintf(path, sizeof(path), "%s/spool", world.dir);
	assert_int_equal(rmdir(path), 0);
	buf_init(&b, 1 << 20);
	buf_add(&b, STR("Subject: large\r\n\r\n"));
	for (i = 0; i < 8000; i++)
		buf_add(&b, STR("a line of some forty-four characters or "
		                "so..\r\n"));
	buf_add(&b, STR(".\r\n"));
	client_hello(&c, world.mx_port);
	talk(&c, MAIL);
	client_send(&c, buf_str(&b));
	talk(&c, "S: 451-4.3.0 Temporary trouble, try later\n"
	         "S: 451 4.3.0 *\n" MAIL "c: Subject: small\n"
	         "C: .\n"
	         "S: 250 2.0.0 Stored*\n");
	assert_int_equal(world_count(world.bo), 1);
	buf_deinit(&b);
	client_close(&c);
	world_stop();
}

/* A message under way is finished, an idle session told and closed. */
static void *stop_engine(void *arg)
{
	(void)arg;
	net_engine_stop(world.engine, 10 * US_PER_SEC);
	return NULL;
}

static void draining(void **state)
{
	struct client idle, busy;
	pthread_t t;

	(void)state;
	world_start("");
	client_hello(&idle, world.mx_port);
	client_hello(&busy, world.mx_port);
	talk(&busy, MAIL "C: Subject: last\n");
	assert_int_equal(pthread_create(&t, NULL, stop_engine, NULL), 0);
	talk(&idle, "S: 421 4.3.2 *\n");
	assert_true(client_is_closed(&idle));
	talk(&busy, "C: .\n"
	            "S: 250 2.0.0 Stored*\n"
	            "S: 421 4.3.2 *\n");
	assert_true(client_is_closed(&busy));
	(void)pthread_join(t, NULL);
	assert_int_equal(world_count(world.bo), 1);
	client_close(&idle);
	client_close(&busy);
	world_stop();
}

/* A client that hangs up in the middle leaves nothing behind. */
static void half_a_message(void **state)
{
	struct client c;
	struct buf b;

	(void)state;
	world_start("");
	buf_init(&b, 10000);
	client_hello(&c, world.mx_port);
	talk(&c, MAIL "c: Message-ID: <h@far.example>\n"
	              "c: Subject: half\n"
	              "C: \n");
	client_close(&c);
	client_hello(&c, world.mx_port);
	talk(&c, "C: MAIL FROM:<ann@far.example>\n"
	         "S: 250 *\n"
	         "C: RCPT TO:<bo@customer.example>\n"
	         "S: 250 *\n");
	client_send(&c, STR("BDAT 100 LAST\r\nSubject: half\r\n"));
	client_close(&c);
	client_hello(&c, world.mx_port);
	talk(&c, MAIL "c: Subject: whole\nC: .\nS: 250 2.0.0 Stored*\n");
	assert_int_equal(world_count(world.bo), 1);
	buf_deinit(&b);
	client_close(&c);
	world_stop();
}

/* The runner's thread takes what the queue has, also what came before it. */
static void the_runner_files(void **state)
{
	struct deliver_runner *r = NULL;
	struct client c;
	int i;

	(void)state;
	world_start("");
	client_hello(&c, world.mx_port);
	talk(&c, "C: MAIL FROM:<ann@far.example>\n"
	         "S: 250 *\n"
	         "C: RCPT TO:<out@customer.example>\n"
	         "S: 250 *\n"
	         "C: DATA\n"
	         "S: 354 *\n"
	         "C: .\n"
	         "S: 250 2.0.0 Queued*\n");
	assert_int_equal(world_count(world.bo), 0);
	OK(deliver_runner_start(&r, world.config, world.directory, world.store,
	                        world.queue, NULL, &err));
	deliver_runner_poke(r);
	for (i = 0; i < 500 && world_count(world.bo) == 0; i++)
		clock_sleep_us(10 * US_PER_MS);
	assert_int_equal(world_count(world.bo), 1);
	deliver_runner_stop(&r);
	client_close(&c);
	world_stop();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(below_the_reserve),
		cmocka_unit_test(no_spool),
		cmocka_unit_test(draining),
		cmocka_unit_test(half_a_message),
		cmocka_unit_test(the_runner_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
