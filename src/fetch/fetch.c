#include "fetch/fetch.h"

#include <string.h>

#include "base/buf.h"
#include "fetch/curl.h"
#include "os/blocking.h"

#define HEADER_MAX 4096

struct call {
	const struct fetch_request *q;
	struct arena *arena;
	struct str found[FETCH_WANTED_MAX];
	const struct curl_library *lib;
	CURL *curl;
	struct buf body;
	struct curl_slist *headers, *resolve;
	char why[CURL_ERROR_SIZE];
	bool refused; /* by may_connect() */
};

static curl_socket_t open_socket(void *arg, curlsocktype purpose,
                                 struct curl_sockaddr *to)
{
	struct call *c = arg;
	struct sockaddr_storage sa = { .ss_family = AF_UNSPEC };

	(void)purpose;
	if (to->addrlen <= sizeof(sa))
		memcpy(&sa, &to->addr, to->addrlen);
	if (!c->q->may_connect(c->q->may_connect_arg, &sa)) {
		c->refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static size_t take_body(char *p, size_t size, size_t n, void *arg)
{
	struct call *c = arg;

	buf_add(&c->body, (struct str){ p, size * n });
	return buf_overflow(&c->body) ? 0 : size * n;
}

/* Called with each line of the answer's header. */
static size_t take_header(char *p, size_t size, size_t n, void *arg)
{
	struct call *c = arg;
	struct str line = { p, size * n };
	size_t colon = str_chr(line, ':');

	for (size_t i = 0;
	     colon != STR_NPOS && i < c->q->wanted_n && i < FETCH_WANTED_MAX;
	     i++)
		if (line.n <= HEADER_MAX &&
		    str_eq_case(str_to(line, colon), str_z(c->q->wanted[i])))
			c->found[i] =
				arena_dup(c->arena,
			                  str_trim(str_from(line, colon + 1)));
	return size * n;
}

static bool is_one_line(struct str s)
{
	for (size_t i = 0; i < s.n; i++)
		if ((unsigned char)s.p[i] < ' ' || s.p[i] == 0x7f)
			return false;
	return s.n > 0;
}

/* "host:port:address,address" for each: no look-up is made then. */
static int set_addresses(struct call *c, const struct fetch_request *q,
                         const char *url, struct arena *a, struct err *err)
{
	char *host = NULL, *port = NULL;
	struct str all = STR("");
	CURLU *u = c->lib->url();
	int rc = -1;

	if (!u || c->lib->url_set(u, CURLUPART_URL, url, 0) != CURLUE_OK ||
	    c->lib->url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
	    c->lib->url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) !=
	            CURLUE_OK) {
		(void)err_set(err, ERR_INVALID, "\"%.200s\" is no URL", url);
		goto done;
	}
	rc = 0;
	if (q->addresses_n == 0)
		goto done;
	for (size_t i = 0; i < q->addresses_n && i < FETCH_ADDRESSES_MAX; i++)
		all = arena_fmt(a, "%.*s%s%.*s", STR_ARG(all), i ? "," : "",
		                STR_ARG(q->addresses[i]));
	c->resolve = c->lib->slist_append(
		NULL, arena_fmt(a, "%s:%s:%.*s", host, port, STR_ARG(all)).p);
	(void)c->lib->easy_setopt(c->curl, CURLOPT_RESOLVE, c->resolve);
done:
	c->lib->free(host);
	c->lib->free(port);
	c->lib->url_cleanup(u);
	return rc;
}

static int set_headers(struct call *c, const struct fetch_request *q,
                       struct arena *a, struct err *err)
{
	/* A server that is asked first whether it wants the body costs a
	 * round trip. */
	c->headers = c->lib->slist_append(NULL, "Expect:");
	if (q->headers_n > FETCH_HEADERS_MAX)
		return err_set(err, ERR_INVALID, "too many header fields");
	for (size_t i = 0; i < q->headers_n; i++) {
		if (!is_one_line(q->headers[i]))
			return err_set(err, ERR_INVALID,
			               "a header field is no line");
		c->headers = c->lib->slist_append(c->headers,
		                                  arena_strz(a, q->headers[i]));
	}
	(void)c->lib->easy_setopt(c->curl, CURLOPT_HTTPHEADER, c->headers);
	return 0;
}

static void set_options(struct call *c, const struct fetch_request *q,
                        const char *url)
{
	CURL *h = c->curl;
	long ms = (long)((q->timeout_us + 999) / 1000);

	(void)c->lib->easy_setopt(h, CURLOPT_URL, url);
	(void)c->lib->easy_setopt(h, CURLOPT_ERRORBUFFER, c->why);
	(void)c->lib->easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	(void)c->lib->easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
	(void)c->lib->easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
	(void)c->lib->easy_setopt(h, CURLOPT_NOPROXY, "*");
	(void)c->lib->easy_setopt(h, CURLOPT_SSLVERSION,
	                          (long)CURL_SSLVERSION_TLSv1_2);
	(void)c->lib->easy_setopt(h, CURLOPT_TIMEOUT_MS, ms > 0 ? ms : 1L);
	(void)c->lib->easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS,
	                          ms > 0 ? ms : 1L);
	(void)c->lib->easy_setopt(h, CURLOPT_WRITEFUNCTION, take_body);
	(void)c->lib->easy_setopt(h, CURLOPT_WRITEDATA, c);
	if (q->may_connect) {
		(void)c->lib->easy_setopt(h, CURLOPT_OPENSOCKETFUNCTION,
		                          open_socket);
		(void)c->lib->easy_setopt(h, CURLOPT_OPENSOCKETDATA, c);
	}
	if (q->wanted_n) {
		(void)c->lib->easy_setopt(h, CURLOPT_HEADERFUNCTION,
		                          take_header);
		(void)c->lib->easy_setopt(h, CURLOPT_HEADERDATA, c);
	}
	if (q->ca_file) {
		(void)c->lib->easy_setopt(h, CURLOPT_CAINFO, q->ca_file);
		(void)c->lib->easy_setopt(h, CURLOPT_CAPATH, NULL);
	}
	if (q->post) {
		(void)c->lib->easy_setopt(h, CURLOPT_POST, 1L);
		(void)c->lib->easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE,
		                          (curl_off_t)q->body.n);
		(void)c->lib->easy_setopt(h, CURLOPT_POSTFIELDS,
		                          q->body.n ? q->body.p : "");
	}
}

static int failed(const struct call *c, CURLcode code, struct err *err)
{
	const char *why = c->why[0] ? c->why : c->lib->easy_strerror(code);
	long connects = 0;

	if (c->refused)
		return err_set(err, ERR_DENIED, "this address is not for us");
	/* Once connected it is the answer that makes no sense. */
	(void)c->lib->easy_getinfo(c->curl, CURLINFO_NUM_CONNECTS, &connects);
	if (code == CURLE_UNSUPPORTED_PROTOCOL && connects > 0)
		return err_set(err, ERR_TEMP, "%s", why);
	switch ((int)code) {
	case CURLE_OPERATION_TIMEDOUT:
		return err_set(err, ERR_TIMEOUT, "%s", why);
	case CURLE_WRITE_ERROR:
		return err_set(err, ERR_TOO_BIG, "the answer is too long");
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return err_set(err, ERR_INVALID, "%s", why);
	case CURLE_PEER_FAILED_VERIFICATION:
		return err_set(err, ERR_DENIED, "%s", why);
	default: return err_set(err, ERR_TEMP, "%s", why);
	}
}

static int run(struct call *c, struct arena *a, struct fetch_answer *out,
               struct err *err)
{
	char *type = NULL, *location = NULL;
	long status = 0;
	CURLcode code;

	blocking_begin();
	code = c->lib->easy_perform(c->curl);
	blocking_end();
	if (code != CURLE_OK)
		return failed(c, code, err);
	(void)c->lib->easy_getinfo(c->curl, CURLINFO_RESPONSE_CODE, &status);
	(void)c->lib->easy_getinfo(c->curl, CURLINFO_CONTENT_TYPE, &type);
	(void)c->lib->easy_getinfo(c->curl, CURLINFO_REDIRECT_URL, &location);
	*out = (struct fetch_answer){
		.status = (unsigned)status,
		.body = arena_dup(a, buf_str(&c->body)),
		.type = arena_dup(a, str_z(type)),
		.location = arena_dup(a, str_z(location)),
	};
	memcpy(out->found, c->found, sizeof(c->found));
	return 0;
}

int fetch(const struct fetch_request *q, struct arena *a,
          struct fetch_answer *out, struct err *err)
{
	struct call c = { .q = q, .arena = a };
	const char *url = arena_strz(a, q->url);
	int rc = -1;

	if (!is_one_line(q->url))
		return err_set(err, ERR_INVALID, "no URL");
	c.lib = curl_library(err);
	if (!c.lib)
		return -1;
	c.curl = c.lib->easy_init();
	if (!c.curl)
		return err_set(err, ERR_TEMP, "no more requests");
	buf_init(&c.body, q->size_max);
	set_options(&c, q, url);
	if (set_addresses(&c, q, url, a, err) == 0 &&
	    set_headers(&c, q, a, err) == 0)
		rc = run(&c, a, out, err);
	c.lib->easy_cleanup(c.curl);
	c.lib->slist_free_all(c.headers);
	c.lib->slist_free_all(c.resolve);
	buf_deinit(&c.body);
	return rc;
}
