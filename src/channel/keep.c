/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * keep.c - a small file, there complete or not at all.
 *
 * Entered by the secret of the house and by the outbox, never from the loop of
 * a running server: it waits for the disk.
 */
#include "channel/keep.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/mem.h"

static int write_all(int fd, struct str bytes)
{
	while (bytes.n > 0) {
		ssize_t n = write(fd, bytes.p, bytes.n);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return ERR_IO;
		bytes = str_from(bytes, (size_t)n);
	}
	return fsync(fd) == 0 ? 0 : ERR_IO;
}

int keep_file(const char *path, struct str bytes)
{
	char *fresh = mem_textf("%s.new", path);
	int err = ERR_IO;
	int fd;

	/* What a crash left behind may be a link somewhere else by now. */
	(void)unlink(fresh);
	fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		goto out;
	err = write_all(fd, bytes);
	if (close(fd) != 0)
		err = ERR_IO;
	if (err == 0 && rename(fresh, path) != 0)
		err = ERR_IO;
out:
	mem_free(fresh);
	return err;
}
