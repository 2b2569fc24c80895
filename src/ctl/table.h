/*
 * ctl/table.h - the rows of all commands, a table for each group of them.
 *
 * A new command is a row of one of these.  Who looks for commands asks
 * ctl_command_next() (ctl/command.h) and need not know how many tables there
 * are.
 */
#ifndef CTL_TABLE_H
#define CTL_TABLE_H

#include "ctl/command.h"

/* A list of examples, as an expression of a static table. */
#define EXAMPLES(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* Each is ended by noun NULL. */
extern const struct ctl_command ctl_begin_commands[];
extern const struct ctl_command ctl_addresses_commands[];
extern const struct ctl_command ctl_mail_commands[];
extern const struct ctl_command ctl_host_commands[];

#endif
