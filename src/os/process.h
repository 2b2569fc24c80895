/* os/process.h - other processes of this machine, as far as they show. */
#ifndef OS_PROCESS_H
#define OS_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

struct process {
	int pid;
	char name[64]; /* of its program */
};

/* Who listens at this TCP port; false when nobody does, or it is not told to
 * this process. */
bool process_on_port(uint16_t port, struct process *out);

/* The first that runs one of these programs: "exim4", or, where a name is not
 * enough, the end of a path: "postfix/sbin/master".  NULL-ended. */
bool process_of(const char *const *programs, struct process *out);

#endif
