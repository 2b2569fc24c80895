/*
 * fetch/curl.h - libcurl, loaded when something is first fetched.
 *
 * The library brings thirty others along, whose tables would cost each of our
 * processes about a megabyte; most of them never fetch anything.
 */
#ifndef FETCH_CURL_H
#define FETCH_CURL_H

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#include "base/err.h"

/* Library, name, type of the answer, parameters. */
#define CURL_FUNCTIONS(F)                                          \
	F(CURLcode, global_init, (long flags))                     \
	F(CURL *, easy_init, (void))                               \
	F(CURLcode, easy_setopt, (CURL * h, CURLoption o, ...))    \
	F(CURLcode, easy_getinfo, (CURL * h, CURLINFO i, ...))     \
	F(CURLcode, easy_perform, (CURL * h))                      \
	F(void, easy_cleanup, (CURL * h))                          \
	F(const char *, easy_strerror, (CURLcode code))            \
	F(struct curl_slist *, slist_append,                       \
	  (struct curl_slist * l, const char *s))                  \
	F(void, slist_free_all, (struct curl_slist * l))           \
	F(CURLU *, url, (void))                                    \
	F(CURLUcode, url_set,                                      \
	  (CURLU * u, CURLUPart p, const char *s, unsigned flags)) \
	F(CURLUcode, url_get,                                      \
	  (const CURLU *u, CURLUPart p, char **s, unsigned flags)) \
	F(void, url_cleanup, (CURLU * u))                          \
	F(void, free, (void *p))

struct curl_library {
#define CURL_MEMBER(type, name, parameters) type(*name) parameters;
	CURL_FUNCTIONS(CURL_MEMBER)
#undef CURL_MEMBER
};

/* The same for all threads, for ever; NULL when it is not installed. */
const struct curl_library *curl_library(struct err *err);

#endif
