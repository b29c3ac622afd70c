/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * folder.c - the store's folder: its lock, and the room left on its disk.
 *
 * A file of `reserve_bytes` is kept allocated. When the disk fills up, intake
 * stops at once; when even the last quarter is going, the file is given back,
 * so that what is already in the house can be brought to its end. It is taken
 * again, and intake goes on, when there is room for both.
 */
#include "store/store_room.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"

int folder_make(const char *dir, struct fault *why)
{
	struct stat st;

	if (mkdir(dir, 0700) == 0)
		return 0;
	if (errno != EEXIST)
		return fault_set(why, ERR_IO, "%s: %s", dir, strerror(errno));
	if (stat(dir, &st) != 0 || !S_ISDIR(st.st_mode))
		return fault_set(why, ERR_IO, "%s is not a folder", dir);
	return 0;
}

int folder_lock(const char *dir, int *out, struct fault *why)
{
	char *path = mem_textf("%s/lock", dir);
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	int err = 0;

	if (fd < 0)
		err = fault_set(why, ERR_IO, "%s: %s", path, strerror(errno));
	else if (flock(fd, LOCK_EX | LOCK_NB) != 0)
		err = fault_set(
		    why, ERR_BUSY, "%s is in use by another process", dir);
	if (err != 0 && fd >= 0)
		close(fd);
	if (err == 0)
		*out = fd;
	mem_free(path);
	return err;
}

void folder_unlock(int fd)
{
	if (fd >= 0)
		close(fd);
}

bool folder_is_empty(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *entry;
	bool empty = true;

	if (d == NULL)
		return errno == ENOENT;
	while (empty && (entry = readdir(d)) != NULL)
		empty = strcmp(entry->d_name, ".") == 0 ||
		        strcmp(entry->d_name, "..") == 0;
	closedir(d);
	return empty;
}

int folder_flush(const char *dir)
{
	int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int err = fd < 0 || fsync(fd) != 0 ? ERR_IO : 0;

	if (fd >= 0)
		close(fd);
	return err;
}

uint64_t folder_free_bytes(const char *dir)
{
	struct statvfs v;

	if (statvfs(dir, &v) != 0)
		return 0;
	return (uint64_t)v.f_bavail * v.f_frsize;
}

/* ---- the reserve --------------------------------------------------------- */

static bool reserve_is_held(const char *path, uint64_t bytes)
{
	struct stat st;

	return stat(path, &st) == 0 && (uint64_t)st.st_size >= bytes;
}

static bool reserve_take(const char *path, uint64_t bytes)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	bool held = fd >= 0 && posix_fallocate(fd, 0, (off_t)bytes) == 0;

	if (fd >= 0 && !held && ftruncate(fd, 0) != 0)
		held = false;
	if (fd >= 0)
		close(fd);
	return held;
}

static void reserve_give_back(const char *path)
{
	if (truncate(path, 0) != 0)
		log_warn("store", "msg=\"reserve not given back\" error=\"%s\"",
		    strerror(errno));
}

/* Whether the reserve is held afterwards. */
static bool reserve_keep(const char *path, uint64_t free, uint64_t bytes)
{
	bool held = reserve_is_held(path, bytes);

	if (held && free < bytes / 4) {
		reserve_give_back(path);
		return false;
	}
	/* With less than twice as much it would be given back at once. */
	if (!held && free >= 2 * bytes)
		return reserve_take(path, bytes);
	return held;
}

void folder_watch(struct store *s)
{
	char *path = mem_textf("%s/reserve", s->place.dir);
	uint64_t free = s->free_bytes(s->place.dir);
	bool held = reserve_keep(path, free, s->reserve_bytes);
	bool low = !held || free < s->reserve_bytes;

	if (low != atomic_load(&s->disk_low))
		log_warn("store", "msg=\"%s\" free_bytes=%" PRIu64,
		    low ? "disk is nearly full, no new contacts"
		        : "disk has room again",
		    free);
	atomic_store(&s->disk_low, low);
	atomic_store(&s->disk_free, free);
	atomic_store(&s->log_bytes, s->ops->bytes(&s->place, DB_LOG));
	mem_free(path);
}
