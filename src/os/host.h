/* os/host.h - what the system says about this machine and this process. */
#ifndef OS_HOST_H
#define OS_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The machine's own name as it was set, NUL-ended; "localhost" when it has
 * none. */
void host_name(char *out, size_t n);

/* `path` from the root on, for a process that will change its folder; the
 * path itself when the folder is not known. */
void host_absolute_path(const char *path, char *out, size_t n);

/* Whether something listens at this address ("127.0.0.1", "::") and port; at
 * most `timeout_ms` are waited. */
bool host_port_answers(const char *address, uint16_t port, int timeout_ms);

/* 0 when this process may listen at the address and port, else the errno that
 * it would get: EADDRINUSE, EACCES. */
int host_port_blocked(const char *address, uint16_t port);

/* Of the machine, in bytes; 0 when the system does not say. */
uint64_t host_memory(void);

/* How many files a process may open at most, with the rights it has. */
uint64_t host_files_max(void);

/* Whether the clock is kept right by others (NTP): 1, 0, or -1 when the system
 * does not say. */
int host_clock_kept(void);

/* Whether this process may do what root may. */
bool host_is_root(void);

#endif
