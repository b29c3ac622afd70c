/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * notify.c - one datagram and one line.
 *
 * The protocol of sd_notify(3) is a datagram to a UNIX socket named in the
 * environment: too little to link a library for. Failures change nothing: who
 * does not listen is not told.
 */
#include "server/notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void notify_manager(const char *state)
{
	const char *name = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t n = name == NULL ? 0 : strlen(name);
	int fd;

	if (n == 0 || n >= sizeof(to.sun_path))
		return;
	memcpy(to.sun_path, name, n);
	if (name[0] == '@')
		to.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void)sendto(fd, state, strlen(state), MSG_NOSIGNAL,
	    (const struct sockaddr *)&to,
	    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n));
	close(fd);
}

void notify_starter(int fd)
{
	static const char line[] = "ready\n";
	ssize_t written;

	if (fd < 0)
		return;
	written = write(fd, line, sizeof(line) - 1);
	(void)written; /* whoever asked may have gone: then nobody waits */
	close(fd);
}
