/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * work.c - the pool for slow pure work.
 *
 * Entered by the owner's thread; `run` alone is called on a pool thread. One
 * lock guards both queues. Signals belong to the loop: pool threads take none.
 * Invariant: each job is in exactly one of waiting, running (in no list) and
 * finished.
 */
#include "base/work.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/check.h"
#include "base/list.h"
#include "base/mem.h"

#define WAITING_MAX 1024

struct job {
	struct list node;
	work_fn run;
	work_fn done;
	void *arg;
};

struct work {
	pthread_mutex_t lock;
	pthread_cond_t wake;
	pthread_t *threads;
	unsigned thread_count;
	struct list waiting;
	struct list finished;
	size_t waiting_count;
	size_t running_count;
	bool closing;
	int fd;
};

static void locked(struct work *w)
{
	check(pthread_mutex_lock(&w->lock) == 0);
}

static void unlocked(struct work *w)
{
	check(pthread_mutex_unlock(&w->lock) == 0);
}

static void raise_fd(struct work *w)
{
	uint64_t one = 1;

	/* EAGAIN: the counter is full, so the fd is readable anyway. */
	while (write(w->fd, &one, sizeof(one)) < 0 && errno == EINTR)
		;
}

static void lower_fd(struct work *w)
{
	uint64_t sum;

	while (read(w->fd, &sum, sizeof(sum)) < 0 && errno == EINTR)
		;
}

/* The oldest waiting job, or NULL. Called with the lock held. */
static struct job *take_job(struct work *w)
{
	struct job *job = list_first(&w->waiting, struct job, node);

	if (job == NULL)
		return NULL;
	list_remove(&job->node);
	w->waiting_count--;
	return job;
}

/* Runs one waiting job; false when there is none. Called with the lock held,
 * which is let go while the job runs. */
static bool run_one(struct work *w)
{
	struct job *job = take_job(w);

	if (job == NULL)
		return false;
	w->running_count++;
	unlocked(w);
	job->run(job->arg);
	locked(w);
	w->running_count--;
	list_push(&w->finished, &job->node);
	return true;
}

static void *thread_main(void *arg)
{
	struct work *w = arg;

	locked(w);
	for (;;) {
		if (run_one(w)) {
			raise_fd(w);
			continue;
		}
		if (w->closing)
			break;
		pthread_cond_wait(&w->wake, &w->lock);
	}
	unlocked(w);
	return NULL;
}

static void start_threads(struct work *w, unsigned threads)
{
	sigset_t all;
	sigset_t before;

	sigfillset(&all);
	check(pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
	w->threads = new_array(pthread_t, threads);
	for (; w->thread_count < threads; w->thread_count++)
		check(pthread_create(&w->threads[w->thread_count], NULL,
		          thread_main, w) == 0);
	check(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
}

struct work *work_new(unsigned threads)
{
	struct work *w = new_of(struct work);

	list_init(&w->waiting);
	list_init(&w->finished);
	check(pthread_mutex_init(&w->lock, NULL) == 0);
	check(pthread_cond_init(&w->wake, NULL) == 0);
	w->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	check(w->fd >= 0);
	if (threads > 0)
		start_threads(w, threads);
	return w;
}

void work_free(struct work *w)
{
	struct job *job;
	unsigned i;

	if (w == NULL)
		return;
	locked(w);
	w->closing = true;
	check(pthread_cond_broadcast(&w->wake) == 0);
	while (w->thread_count == 0 && run_one(w))
		;
	unlocked(w);
	for (i = 0; i < w->thread_count; i++)
		check(pthread_join(w->threads[i], NULL) == 0);
	while ((job = list_first(&w->finished, struct job, node)) != NULL) {
		list_remove(&job->node);
		mem_free(job);
	}
	close(w->fd);
	pthread_cond_destroy(&w->wake);
	pthread_mutex_destroy(&w->lock);
	mem_free(w->threads);
	mem_free(w);
}

int work_fd(const struct work *w)
{
	return w->fd;
}

int work_add(struct work *w, work_fn run, work_fn done, void *arg)
{
	struct job *job;
	int err = 0;

	locked(w);
	if (w->waiting_count >= WAITING_MAX) {
		err = ERR_BUSY;
		goto out;
	}
	job = new_of(struct job);
	job->run = run;
	job->done = done;
	job->arg = arg;
	list_push(&w->waiting, &job->node);
	w->waiting_count++;
	check(pthread_cond_signal(&w->wake) == 0);
	if (w->thread_count == 0)
		raise_fd(w);
out:
	unlocked(w);
	return err;
}

/* Without threads: runs what waits now, not what `run` may add meanwhile. */
static void run_waiting(struct work *w)
{
	size_t n = w->waiting_count;

	while (n-- > 0 && run_one(w))
		;
}

size_t work_collect(struct work *w)
{
	struct list taken;
	struct job *job;
	size_t n = 0;

	list_init(&taken);
	lower_fd(w);
	locked(w);
	if (w->thread_count == 0)
		run_waiting(w);
	while ((job = list_first(&w->finished, struct job, node)) != NULL) {
		list_remove(&job->node);
		list_push(&taken, &job->node);
	}
	unlocked(w);
	/* `done` may add new work: the lock is not held here. */
	while ((job = list_first(&taken, struct job, node)) != NULL) {
		list_remove(&job->node);
		if (job->done != NULL)
			job->done(job->arg);
		mem_free(job);
		n++;
	}
	return n;
}

static bool is_idle(struct work *w)
{
	bool idle;

	locked(w);
	idle = w->running_count == 0 && list_is_empty(&w->waiting) &&
	       list_is_empty(&w->finished);
	unlocked(w);
	return idle;
}

void work_drain(struct work *w)
{
	struct pollfd ready = { .fd = w->fd, .events = POLLIN };

	/* Whatever finishes, or waits without threads, makes the fd readable;
	 * so this sleeps only while something runs. */
	while (!is_idle(w)) {
		(void)poll(&ready, 1, -1);
		work_collect(w);
	}
}
