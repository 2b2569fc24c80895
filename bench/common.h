/*
 * bench/common.h - what the load programs share: numbers, text, time.
 *
 * The load programs run beside the server on the same cores, so they are
 * cheap before they are pretty: one thread, epoll, nothing allocated a
 * message.
 */
#ifndef BENCH_COMMON_H
#define BENCH_COMMON_H

#include <stddef.h>
#include <stdint.h>

int64_t bench_now_us(void);

/* xorshift: the same every run. */
uint64_t bench_random(uint64_t *state);

/* `n` bytes of words in lines of at most 72 characters, each ended by CRLF,
 * no line begins with a dot; the caller frees. */
char *bench_text(size_t n, uint64_t seed);

/* Blocking connect to 127.0.0.1, TCP_NODELAY; ends the program if it fails. */
int bench_connect(int port);

/* The percentile of n sorted numbers. */
int64_t bench_percentile(const int64_t *sorted, size_t n, int percent);
void bench_sort(int64_t *v, size_t n);

void bench_die(const char *what);

/* The value of "--name" among the arguments, or `def`. */
const char *bench_option(int argc, char **argv, const char *name,
                         const char *def);
long bench_number(int argc, char **argv, const char *name, long def);

#endif
