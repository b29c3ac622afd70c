/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * files.c - reads whole small files.
 *
 * Entered by the loader, for configs, signatures and time zones. A name in a
 * config may point at anything: only regular files are read, and never more of
 * them than was asked for.
 */
#include "config/files.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int fill(int fd, size_t most, struct buf *out)
{
	for (;;) {
		ssize_t n;

		if (!buf_reserve(out, 4096))
			return ERR_MEMORY;
		n = read(fd, out->data + out->len, 4096);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return ERR_IO;
		if (n == 0)
			return 0;
		out->len += (size_t)n;
		if (out->len > most)
			return ERR_TOO_LARGE;
	}
}

int file_read(const char *path, size_t most, struct buf *out, struct fault *why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat st;
	int rc;

	if (fd < 0 || fstat(fd, &st) != 0) {
		rc = fault_set(why, ERR_IO, "cannot read \"%s\": %s", path,
		    strerror(errno));
		goto out;
	}
	if (!S_ISREG(st.st_mode)) {
		rc = fault_set(why, ERR_IO, "\"%s\" is not a file", path);
		goto out;
	}
	rc = fill(fd, most, out);
	if (rc == ERR_TOO_LARGE)
		fault_set(
		    why, rc, "\"%s\" is larger than %zu bytes", path, most);
	else if (rc != 0)
		fault_set(why, rc, "cannot read \"%s\"", path);
	else
		buf_add(out, "", 0);
out:
	if (fd >= 0)
		close(fd);
	return rc;
}

struct str file_dir(const char *path)
{
	const char *slash = strrchr(path, '/');

	return str_sub(
	    str_of(path), 0, slash != NULL ? (size_t)(slash - path) + 1 : 0);
}
