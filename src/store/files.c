/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * files.c - attachments and raw mails: bytes under a random name.
 *
 * Written on the files threads; a name is told only when the bytes and the
 * folder's entry are on disk, so whatever the log names is there. A name is 32
 * hex digits and nothing else: no path from outside ever reaches the disk.
 * Files are never changed and never shared between customers.
 */
#include "store/store_room.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"
#include "base/rng.h"

#define NAME_CHARS (2 * FILE_NAME_BYTES)
#define COPY_BYTES ((size_t)64 * 1024)

struct file_job {
	struct job job;
	char *bytes;
	size_t len;
	char name[NAME_CHARS + 1];
	file_done_fn done;
	void *arg;
};

static bool name_is_good(const char *name)
{
	return strlen(name) == NAME_CHARS &&
	       strspn(name, "0123456789abcdef") == NAME_CHARS;
}

/* Spread over 256 folders, as a folder of a million entries is slow. */
static char *folder_of(const char *dir, const char *name)
{
	return mem_textf("%s/files/%.2s", dir, name);
}

static bool write_all(int fd, const char *p, size_t n)
{
	ssize_t done;

	while (n > 0) {
		done = write(fd, p, n);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		p += done;
		n -= (size_t)done;
	}
	return true;
}

static int write_new(const char *path, const char *bytes, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	bool good;

	if (fd < 0)
		return ERR_IO;
	good = write_all(fd, bytes, len) && fsync(fd) == 0;
	if (close(fd) != 0 || !good) {
		(void)unlink(path);
		return ERR_IO;
	}
	return 0;
}

static int make_folder(const char *dir)
{
	return mkdir(dir, 0700) != 0 && errno != EEXIST ? ERR_IO : 0;
}

/* files/ and files/ab/, and their entries on disk. */
static int make_folders(const char *dir, const char *folder)
{
	char *files = mem_textf("%s/files", dir);
	int err = make_folder(files);

	if (err == 0)
		err = make_folder(folder);
	if (err == 0)
		err = folder_flush(files);
	if (err == 0)
		err = folder_flush(dir);
	mem_free(files);
	return err;
}

static int keep(struct store *s, struct file_job *f)
{
	char *folder = folder_of(s->place.dir, f->name);
	char *path = mem_textf("%s/%s", folder, f->name);
	int err =
	    access(folder, F_OK) == 0 ? 0 : make_folders(s->place.dir, folder);

	if (err == 0)
		err = write_new(path, f->bytes, f->len);
	if (err == 0)
		err = folder_flush(folder);
	mem_free(path);
	mem_free(folder);
	return err;
}

static void run_file(struct store *s, struct job *j, struct desk *d)
{
	(void)d;
	j->err = keep(s, container_of(j, struct file_job, job));
}

static void tell_file(struct job *j)
{
	struct file_job *f = container_of(j, struct file_job, job);

	f->done(f->arg, j->err, j->err == 0 ? f->name : NULL);
}

static void forget_file(struct job *j)
{
	struct file_job *f = container_of(j, struct file_job, job);

	mem_free(f->bytes);
	mem_free(f);
}

static void make_name(char name[NAME_CHARS + 1])
{
	uint8_t random[FILE_NAME_BYTES];
	struct buf hex = { 0 };

	rng_bytes(random, sizeof(random));
	hex_encode(random, sizeof(random), &hex);
	check(str_copy(name, NAME_CHARS + 1, buf_str(&hex)));
	buf_done(&hex);
}

int store_file_put(
    struct store *s, struct str bytes, file_done_fn done, void *arg)
{
	char *copy = mem_try(bytes.n);
	struct file_job *f;
	int err;

	if (copy == NULL)
		return ERR_MEMORY;
	if (bytes.n > 0)
		memcpy(copy, bytes.p, bytes.n);
	f = new_of(struct file_job);
	f->job.run = run_file;
	f->job.tell = tell_file;
	f->job.forget = forget_file;
	f->bytes = copy;
	f->len = bytes.n;
	f->done = done;
	f->arg = arg;
	make_name(f->name);
	err = job_add(s, &s->files, &f->job);
	if (err != 0)
		forget_file(&f->job);
	return err;
}

int store_file_path(
    const struct store *s, const char *name, char *dst, size_t size)
{
	char *folder;
	int n;

	if (!name_is_good(name))
		return ERR_INVALID;
	folder = folder_of(s->place.dir, name);
	n = snprintf(dst, size, "%s/%s", folder, name);
	mem_free(folder);
	return n < 0 || (size_t)n >= size ? ERR_TOO_LARGE : 0;
}

/* ---- copies, for backups --------------------------------------------------*/

static bool pour(int from, int to)
{
	char *room = mem_new(COPY_BYTES);
	ssize_t n;

	while ((n = read(from, room, COPY_BYTES)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || !write_all(to, room, (size_t)n))
			break;
	}
	mem_free(room);
	return n == 0;
}

int file_copy(const char *from, const char *to)
{
	int in = open(from, O_RDONLY | O_CLOEXEC);
	int out = -1;
	bool good = false;

	if (in >= 0)
		out = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out >= 0)
		good = pour(in, out) && fsync(out) == 0;
	if (in >= 0)
		close(in);
	if (out >= 0 && close(out) != 0)
		good = false;
	return good ? 0 : ERR_IO;
}

/* One of the 256 folders. A file that came after the log's copy was made is
 * taken along: nothing names it, nothing is hurt by it. */
static int copy_folder(const char *from, const char *to)
{
	DIR *d = opendir(from);
	struct dirent *entry;
	char *source;
	char *target;
	int err = d == NULL ? ERR_IO : make_folder(to);

	while (err == 0 && (entry = readdir(d)) != NULL) {
		if (!name_is_good(entry->d_name))
			continue;
		source = mem_textf("%s/%s", from, entry->d_name);
		target = mem_textf("%s/%s", to, entry->d_name);
		err = file_copy(source, target);
		mem_free(source);
		mem_free(target);
	}
	if (err == 0)
		err = folder_flush(to);
	if (d != NULL)
		closedir(d);
	return err;
}

static int copy_folders(const char *from, const char *to)
{
	char *source;
	char *target;
	unsigned i;
	int err = make_folder(to);

	for (i = 0; err == 0 && i < 256; i++) {
		source = mem_textf("%s/%02x", from, i);
		target = mem_textf("%s/%02x", to, i);
		if (access(source, F_OK) == 0)
			err = copy_folder(source, target);
		mem_free(source);
		mem_free(target);
	}
	return err != 0 ? err : folder_flush(to);
}

/* The house keeps its own secret in the same folder: without it every token a
 * customer holds and every mail thread would end with the old folder. */
static int copy_secret(const char *from, const char *to)
{
	char *source = mem_textf("%s/secret", from);
	char *target = mem_textf("%s/secret", to);
	int err = 0;

	if (access(source, F_OK) == 0)
		err = file_copy(source, target);
	mem_free(source);
	mem_free(target);
	return err;
}

int files_copy(const char *from, const char *to, struct fault *why)
{
	char *source = mem_textf("%s/files", from);
	char *target = mem_textf("%s/files", to);
	int err = 0;

	if (access(source, F_OK) == 0)
		err = copy_folders(source, target);
	if (err == 0)
		err = copy_secret(from, to);
	if (err != 0)
		fault_set(
		    why, err, "%s cannot be copied to %s", source, target);
	mem_free(source);
	mem_free(target);
	return err;
}
