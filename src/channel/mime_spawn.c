/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mime_spawn.c - one process per mail reads it, two at once.
 *
 * Entered by mail_parse.c. posix_spawn() does not copy the process, so it is
 * safe with threads and cheap at any size. The child inherits the mail and a
 * pipe, nothing else: no descriptors, no environment, default signals. It is
 * killed before it is waited for, so the loop never waits.
 */
#include "channel/mime_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/list.h"
#include "base/mem.h"

#define READ_AT_ONCE ((size_t)64 * 1024)

struct job {
	struct list link; /* in mime.waiting or mime.running */
	struct mime *mime;
	char *path;
	mime_done_fn done;
	void *arg;
	pid_t pid; /* 0: not running */
	int fd;    /* reading end of its output */
	struct buf output;
	struct loop_watch *watch;
	struct loop_timer *deadline;
};

struct mime {
	struct loop *loop;
	char *helper;
	struct list waiting;
	struct list running;
	unsigned count;
	struct loop_timer *next; /* starts the next one from the loop */
};

static void job_free(struct job *j)
{
	int status;

	if (j->watch != NULL)
		loop_unwatch(j->watch);
	loop_timer_free(j->deadline);
	if (j->fd >= 0)
		(void)close(j->fd);
	if (j->pid > 0) {
		(void)kill(j->pid, SIGKILL);
		while (waitpid(j->pid, &status, 0) < 0 && errno == EINTR)
			continue;
		j->mime->count--;
	}
	list_remove(&j->link);
	buf_done(&j->output);
	mem_free(j->path);
	mem_free(j);
}

static void finish(struct job *j, int err)
{
	struct mime *m = j->mime;

	j->done(j->arg, err, buf_str(&j->output));
	job_free(j);
	loop_timer_set(m->next, 0);
}

static void on_deadline(void *arg)
{
	finish(arg, ERR_TIMEOUT);
}

static void on_output(void *arg)
{
	struct job *j = arg;
	ssize_t n;

	if (!buf_reserve(&j->output, READ_AT_ONCE)) {
		finish(j, ERR_TOO_LARGE);
		return;
	}
	n = read(j->fd, j->output.data + j->output.len, READ_AT_ONCE);
	if (n > 0)
		j->output.len += (size_t)n;
	else if (n == 0)
		finish(j, 0);
	else if (errno != EAGAIN && errno != EINTR)
		finish(j, ERR_IO);
}

/* ---- starting one ---------------------------------------------------------------- */

static int prepare(posix_spawn_file_actions_t *files, posix_spawnattr_t *attr)
{
	sigset_t all;
	sigset_t none;

	(void)sigfillset(&all);
	(void)sigemptyset(&none);
	if (posix_spawnattr_setsigdefault(attr, &all) != 0 ||
	    posix_spawnattr_setsigmask(attr, &none) != 0 ||
	    posix_spawnattr_setflags(
	        attr, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK) != 0)
		return ERR_IO;
	if (posix_spawn_file_actions_addopen(
	        files, STDERR_FILENO, "/dev/null", O_WRONLY, 0) != 0 ||
	    posix_spawn_file_actions_addclosefrom_np(files, 3) != 0)
		return ERR_IO;
	return 0;
}

/* The descriptors are put in place before all others are closed. */
static int spawn(struct job *j, int mail, int output)
{
	char *argv[] = { j->mime->helper, NULL };
	char *envp[] = { NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	int err = ERR_IO;

	if (posix_spawn_file_actions_init(&files) != 0)
		return ERR_MEMORY;
	if (posix_spawnattr_init(&attr) != 0)
		goto out;
	if (posix_spawn_file_actions_adddup2(&files, mail, STDIN_FILENO) == 0 &&
	    posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO) ==
	        0 &&
	    prepare(&files, &attr) == 0 &&
	    posix_spawn(&j->pid, argv[0], &files, &attr, argv, envp) == 0)
		err = 0;
	else
		j->pid = 0;
	(void)posix_spawnattr_destroy(&attr);
out:
	(void)posix_spawn_file_actions_destroy(&files);
	return err;
}

static int start_with(struct job *j, int mail)
{
	int ends[2];
	int err;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return ERR_IO;
	j->fd = ends[0];
	(void)fcntl(j->fd, F_SETFL, O_NONBLOCK);
	err = spawn(j, mail, ends[1]);
	(void)close(ends[1]);
	return err;
}

static int start(struct job *j)
{
	int mail = open(j->path, O_RDONLY | O_CLOEXEC);
	int err;

	if (mail < 0)
		return ERR_IO;
	err = start_with(j, mail);
	(void)close(mail);
	if (err != 0)
		return err;
	j->mime->count++;
	j->watch = loop_watch(j->mime->loop, j->fd, on_output, j);
	loop_timer_set(j->deadline, MIME_DEADLINE_MS);
	return 0;
}

static void on_next(void *arg)
{
	struct mime *m = arg;
	struct job *j;
	int err;

	while (m->count < MIME_AT_ONCE &&
	       (j = list_first(&m->waiting, struct job, link)) != NULL) {
		list_remove(&j->link);
		list_push(&m->running, &j->link);
		err = start(j);
		if (err != 0)
			finish(j, err);
	}
}

struct mime *mime_new(struct loop *l, const char *helper)
{
	struct mime *m = new_of(struct mime);

	m->loop = l;
	m->helper = mem_text(helper);
	list_init(&m->waiting);
	list_init(&m->running);
	m->next = loop_timer_new(l, on_next, m);
	return m;
}

void mime_free(struct mime *m)
{
	struct job *j;

	if (m == NULL)
		return;
	while ((j = list_first(&m->waiting, struct job, link)) != NULL)
		job_free(j);
	while ((j = list_first(&m->running, struct job, link)) != NULL)
		job_free(j);
	loop_timer_free(m->next);
	mem_free(m->helper);
	mem_free(m);
}

void mime_read(struct mime *m, const char *path, mime_done_fn done, void *arg)
{
	struct job *j = new_of(struct job);

	j->mime = m;
	j->path = mem_text(path);
	j->done = done;
	j->arg = arg;
	j->fd = -1;
	buf_init(&j->output, MIME_OUTPUT_MAX + READ_AT_ONCE);
	j->deadline = loop_timer_new(m->loop, on_deadline, j);
	list_init(&j->link);
	list_push(&m->waiting, &j->link);
	loop_timer_set(m->next, 0);
}
