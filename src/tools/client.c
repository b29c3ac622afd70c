/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * client.c - a UNIX socket that speaks lines.
 *
 * Entered by usherctl only. The answer's size is bounded: a server gone mad
 * must not eat the memory of whoever comes to look at it.
 */
#include "tools/client.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/mem.h"

#define ANSWER_MAX ((size_t)64 * 1024 * 1024)

struct client {
	int fd;
	struct buf in;
	size_t taken; /* bytes of `in` that belong to the line handed out */
};

int client_open(const char *path, struct client **out, struct fault *why)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct client *c;
	int fd;

	if (!str_copy(address.sun_path, sizeof(address.sun_path), str_of(path)))
		return fault_set(why, ERR_INVALID,
		    "%s: longer than a socket's path can be", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 ||
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0) {
		fault_set(why, ERR_IO, "%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return ERR_IO;
	}
	c = new_of(struct client);
	c->fd = fd;
	buf_init(&c->in, ANSWER_MAX);
	*out = c;
	return 0;
}

void client_close(struct client *c)
{
	if (c == NULL)
		return;
	close(c->fd);
	buf_done(&c->in);
	mem_free(c);
}

/* A server that hangs up meanwhile is an error, not a signal. */
static int send_all(int fd, struct str s, struct fault *why)
{
	while (s.n > 0) {
		ssize_t n = send(fd, s.p, s.n, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fault_set(why, ERR_IO, "the server hung up");
		s = str_from(s, (size_t)n);
	}
	return 0;
}

int client_send(struct client *c, struct str line, struct fault *why)
{
	int err = send_all(c->fd, line, why);

	return err != 0 ? err : send_all(c->fd, STR("\n"), why);
}

/* Reads some more bytes into c->in. */
static int read_some(struct client *c, msec_t deadline, struct fault *why)
{
	struct pollfd p = { c->fd, POLLIN, 0 };
	msec_t left = deadline - clock_mono(clock_system());
	int ready = left > 0 ? poll(&p, 1, (int)left) : 0;
	ssize_t n;

	if (ready == 0)
		return fault_set(
		    why, ERR_TIMEOUT, "the server does not answer");
	if (!buf_reserve(&c->in, 65536))
		return fault_set(why, ERR_TOO_LARGE,
		    "the answer is larger than %zu MiB", ANSWER_MAX >> 20);
	n = ready < 0 ? -1 : read(c->fd, c->in.data + c->in.len, 65536);
	if (n < 0 && errno == EINTR)
		return 0;
	if (n <= 0)
		return fault_set(why, ERR_IO, "the server hung up");
	c->in.len += (size_t)n;
	return 0;
}

int client_line(
    struct client *c, msec_t within, struct str *out, struct fault *why)
{
	msec_t deadline = clock_mono(clock_system()) + within;
	size_t end;
	int err = 0;

	buf_drop(&c->in, c->taken);
	c->taken = 0;
	while ((end = str_find(buf_str(&c->in), '\n')) == c->in.len) {
		err = read_some(c, deadline, why);
		if (err != 0)
			return err;
	}
	*out = str_sub(buf_str(&c->in), 0, end);
	c->taken = end + 1;
	return 0;
}
