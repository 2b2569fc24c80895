/* os/random.h - random bytes from the kernel, fit for secrets. */
#ifndef OS_RANDOM_H
#define OS_RANDOM_H

#include <stddef.h>
#include <stdint.h>

void random_bytes(void *p, size_t n); /* ends the process if it cannot */
uint64_t random_u64(void);
uint64_t random_below(uint64_t bound); /* 0 .. bound-1, even */

#endif
