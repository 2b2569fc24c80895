/* api/private.h - between the files of api/. */
#ifndef API_PRIVATE_H
#define API_PRIVATE_H

#include <pthread.h>

#include "admin/operation.h"
#include "api/api.h"
#include "base/map.h"

#define API_ROOT "/api/v1"

struct api_server {
	struct api_context ctx;
	struct str document, document_tag; /* OpenAPI, made once */
	struct arena arena;                /* of the document */

	struct api_checker *checker;   /* NULL: without a resolver */
	struct api_importer *importer; /* likewise */

	pthread_mutex_t lock;
	struct map buckets; /* account, or a hash of an address, -> bucket */
};

/* ---- path.c ---- */

#define API_STEPS_MAX 6

enum api_found { API_FOUND, API_NO_PATH, API_NO_METHOD };

/* The parts of the path that stand for arguments, in order. */
struct api_match {
	const struct admin_operation *op;
	struct str names[API_STEPS_MAX], values[API_STEPS_MAX];
	size_t n;
};

/* `path` is behind API_ROOT, decoded.  *allow is filled for API_NO_METHOD. */
enum api_found api_match(struct str method, struct str path,
                         struct api_match *out, struct buf *allow);

/* ---- rate.c ---- */

/* Takes one of what `key` has left; else the seconds to wait in *wait_s. */
bool api_rate_take(struct api_server *s, uint64_t key, uint32_t per_minute,
                   int64_t now_us, uint32_t *wait_s);
void api_rate_free(struct api_server *s);

/* ---- login.c ---- */

struct api_login {
	struct admin_caller by;
	struct weblogin_user user; /* its account */
	bool is_token;
};

/* False: it was answered. */
bool api_login(struct api_server *s, struct http_exchange *x, struct arena *a,
               struct api_login *out);

/* ---- problem.c ---- */

void api_problem(struct http_exchange *x, enum admin_fault fault,
                 const struct err *err, const char *field);
/* GET /problems: all references, explained. */
void api_serve_problems(struct http_exchange *x);

/* ---- checker.c ---- */

/* A thread of its own that looks at domains: those asked for, then those whose
 * last look is older than panel.check_every. */
struct api_checker;
struct api_checker *api_checker_new(struct admin *adm, const struct config *cfg,
                                    struct directory *dir,
                                    struct dns_client *dns);
/* Ends what it is at within some seconds. */
void api_checker_free(struct api_checker **k);

/* ---- importer.c ---- */

/* Imports from other providers, each a thread of its own. */
struct api_importer;
struct api_importer *api_importer_new(const struct api_context *c);
/* All that run are stopped, within some seconds. */
void api_importer_free(struct api_importer **im);

/* ---- openapi.c ---- */

/* The document; `base` as "https://mail.provider.example/api/v1". */
void api_document_write(struct str base, struct json_writer *w);

#endif
