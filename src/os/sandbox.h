/*
 * os/sandbox.h - give up what this process will not need.
 *
 * Landlock: files below the data folder may be read and written, the
 * system's configuration and libraries and some more files read, nothing else
 * opened.  Seccomp:
 * system calls that a mail server has no use for (running programs, tracing,
 * mounting, modules, name spaces) are answered EPERM.  Where the kernel lacks
 * one of them it is left out.
 */
#ifndef OS_SANDBOX_H
#define OS_SANDBOX_H

#include "base/err.h"

#define SANDBOX_FILES 1u /* Landlock holds */
#define SANDBOX_CALLS 2u /* seccomp holds */

/* For this process and its future threads, for ever; before the first thread.
 * `files` (NULL-ended; some may not be there) may be read besides.
 * What holds now; what does not is said in *err. */
unsigned sandbox_enter(const char *data_dir, const char *const *files,
                       struct err *err);

#endif
