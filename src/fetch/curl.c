#include "fetch/curl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct curl_library library;
static bool loaded;
static char why[200];

/* A function's address out of a data pointer, as POSIX has it. */
static bool find(void *handle, const char *name, void *out, size_t n)
{
	void *p = dlsym(handle, name);

	if (!p)
		return false;
	memcpy(out, &p, n);
	return true;
}

static void load(void)
{
	void *handle = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
	bool all = handle != NULL;

#define CURL_FIND(type, name, parameters)                               \
	all = all && find(handle, "curl_" #name, (void *)&library.name, \
	                  sizeof(library.name));
	CURL_FUNCTIONS(CURL_FIND)
#undef CURL_FIND
	if (!all) {
		const char *said = dlerror();

		(void)snprintf(why, sizeof(why), "%s", said ? said : "");
		return;
	}
	loaded = library.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

const struct curl_library *curl_library(struct err *err)
{
	(void)pthread_once(&once, load);
	if (loaded)
		return &library;
	err_drop(err_set(err, ERR_TEMP, "libcurl does not load: %s", why));
	return NULL;
}
