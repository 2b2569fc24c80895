/*
 * daemon/notify.h - tell systemd, if it started us (sd_notify(3)).
 */
#ifndef DAEMON_NOTIFY_H
#define DAEMON_NOTIFY_H

#include <stdint.h>

/* "READY=1", "STOPPING=1", "STATUS=..."; nothing without $NOTIFY_SOCKET. */
void notify_say(const char *text);

/* How often "WATCHDOG=1" is to be said: half of $WATCHDOG_USEC; 0: never. */
int64_t notify_watchdog_us(void);

#endif
