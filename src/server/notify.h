/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * notify.h - telling whoever started us that we are ready, or stopping.
 */
#ifndef USHER_SERVER_NOTIFY_H
#define USHER_SERVER_NOTIFY_H

/* "READY=1" to the service manager (NOTIFY_SOCKET), if there is one. */
void notify_manager(const char *state);
/* "ready\n" to a descriptor of the starter's, then closes it; -1: nobody. */
void notify_starter(int fd);

#endif
