/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * jobs.c - questions, files and backups: done on a thread, told on the loop.
 *
 * A job is in exactly one place: in its crew's `waiting`, in a thread's hands,
 * or in `finished`. A question waits until the record has reached the seq it
 * was asked at, while later ones that may run go first.
 */
#include "store/store_room.h"

#include <time.h>

#include "base/mem.h"

#define JOBS_MAX 4096

void crew_init(struct store *s, struct crew *c)
{
	c->store = s;
	list_init(&c->waiting);
	check(pthread_cond_init(&c->wake, NULL) == 0);
}

void crew_done(struct crew *c)
{
	mem_free(c->threads);
	pthread_cond_destroy(&c->wake);
}

int job_add(struct store *s, struct crew *c, struct job *j)
{
	int err = 0;

	pthread_mutex_lock(&s->lock);
	if (c->waiting_count >= JOBS_MAX) {
		err = ERR_BUSY;
	} else {
		list_push(&c->waiting, &j->node);
		c->waiting_count++;
		pthread_cond_signal(&c->wake);
	}
	pthread_mutex_unlock(&s->lock);
	if (err == 0 && s->inline_threads)
		store_wake(s);
	return err;
}

/* The first job that may run now, or NULL. Called with the lock held. */
static struct job *take_job(struct crew *c)
{
	uint64_t followed = atomic_load(&c->store->followed);
	struct job *j;

	if (c->wants_record && !c->store->recovered)
		return NULL;
	list_each(j, &c->waiting, node) {
		if (j->seq <= followed) {
			list_remove(&j->node);
			c->waiting_count--;
			return j;
		}
	}
	return NULL;
}

static void run_job(struct crew *c, struct job *j, struct desk *d)
{
	struct store *s = c->store;

	j->run(s, j, d);
	pthread_mutex_lock(&s->lock);
	list_push(&s->finished, &j->node);
	pthread_mutex_unlock(&s->lock);
	store_wake(s);
}

bool crew_round(struct crew *c, struct desk *d)
{
	struct job *j;

	pthread_mutex_lock(&c->store->lock);
	j = take_job(c);
	pthread_mutex_unlock(&c->store->lock);
	if (j != NULL)
		run_job(c, j, d);
	return j != NULL;
}

void crew_watch(struct crew *c)
{
	msec_t now = clock_mono(clock_system());

	if (c->watch == NULL || now - c->watched < c->rest)
		return;
	c->watched = now;
	c->watch(c->store);
}

/* Called with the lock held. Early wake-ups are harmless. */
static void sleep_some(struct crew *c)
{
	msec_t now;
	struct timespec until;

	if (c->rest == 0) {
		pthread_cond_wait(&c->wake, &c->store->lock);
		return;
	}
	now = clock_mono(clock_system()) + c->rest;
	until.tv_sec = now / 1000;
	until.tv_nsec = now % 1000 * 1000000;
	pthread_cond_clockwait(
	    &c->wake, &c->store->lock, CLOCK_MONOTONIC, &until);
}

/* The life of a thread of the crew. */
void crew_work(struct crew *c)
{
	struct store *s = c->store;
	struct desk d = { NULL, NULL };
	struct job *j;

	pthread_mutex_lock(&s->lock);
	while (!c->stops) {
		j = take_job(c);
		if (j == NULL)
			sleep_some(c);
		pthread_mutex_unlock(&s->lock);
		if (j != NULL)
			run_job(c, j, &d);
		crew_watch(c);
		pthread_mutex_lock(&s->lock);
	}
	pthread_mutex_unlock(&s->lock);
	db_close(d.log);
	db_close(d.record);
}

void crew_stop(struct crew *c)
{
	pthread_mutex_lock(&c->store->lock);
	c->stops = true;
	pthread_cond_broadcast(&c->wake);
	pthread_mutex_unlock(&c->store->lock);
	for (; c->count > 0; c->count--)
		check(pthread_join(c->threads[c->count - 1], NULL) == 0);
}

static struct job *take_finished(struct store *s)
{
	struct job *j;

	pthread_mutex_lock(&s->lock);
	j = list_first(&s->finished, struct job, node);
	if (j != NULL)
		list_remove(&j->node);
	pthread_mutex_unlock(&s->lock);
	return j;
}

size_t jobs_deliver(struct store *s)
{
	size_t count = 0;
	struct job *j;

	while ((j = take_finished(s)) != NULL) {
		j->tell(j);
		j->forget(j);
		count++;
	}
	return count;
}

static void forget_all(struct list *jobs)
{
	struct job *j;

	while ((j = list_first(jobs, struct job, node)) != NULL) {
		list_remove(&j->node);
		j->forget(j);
	}
}

void jobs_close(struct store *s)
{
	forget_all(&s->finished);
	forget_all(&s->readers.waiting);
	forget_all(&s->files.waiting);
	forget_all(&s->care.waiting);
}
