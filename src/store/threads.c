/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * threads.c - the writer and the follower at work.
 *
 * A round is the same whether a thread runs it or store_pump(). The lock is
 * held to move batches between queues, never during I/O. Whatever fails here
 * ends the process: after a commit that failed nobody knows what the disk
 * holds, and the log tells at the next start.
 */
#include "store/store_room.h"

#include <signal.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"

#define WRITE_MOST   10000  /* events in one commit */
#define FOLLOW_KEEP  100000 /* events kept in memory for the follower */
#define FILE_THREADS 2      /* a mail waits for its flush, not for another's */

void store_wake(struct store *s)
{
	uint64_t one = 1;

	/* A counter that is full is readable all the same. */
	if (write(s->event_fd, &one, sizeof(one)) < 0)
		return;
}

/* ---- writer -------------------------------------------------------------- */

static void take_pending(struct store *s, struct list *out)
{
	struct batch *b;
	size_t count = 0;

	while ((b = list_first(&s->pending, struct batch, pending)) != NULL &&
	       count < WRITE_MOST) {
		list_remove(&b->pending);
		list_push(out, &b->pending);
		count += b->count;
	}
}

/* Called with the lock held. The follower reads from the log what it is not
 * given here, so its queue is bounded whatever happens. */
static void hand_to_follower(struct store *s, struct batch *b)
{
	if (!s->recovered)
		return;
	if (s->follow_count + b->count > FOLLOW_KEEP) {
		if (s->missed_since == 0)
			s->missed_since = b->committed_at;
		return;
	}
	s->follow_count += b->count;
	list_push(&s->follow, &batch_ref(b)->follow);
}

static void hand_on(struct store *s, struct list *written)
{
	msec_t now = clock_mono(clock_system());
	struct batch *b;

	pthread_mutex_lock(&s->lock);
	while ((b = list_first(written, struct batch, pending)) != NULL) {
		list_remove(&b->pending);
		b->committed_at = now;
		hand_to_follower(s, b);
		list_push(&s->deliver, &b->deliver);
	}
	atomic_store(&s->committed, s->writer.last);
	pthread_cond_signal(&s->to_follower);
	pthread_mutex_unlock(&s->lock);
	store_wake(s);
}

static void commit_failed(struct store *s, int err)
{
	log_error("store", "msg=\"commit failed\" error=%s engine=\"%s\"",
	    err_name(err), s->ops->error(s->writer.db));
	die("the log cannot be written: %s", err_text(err));
}

bool writer_round(struct store *s)
{
	struct checkpoint *c;
	struct list batches;
	bool events;
	int err;

	list_init(&batches);
	pthread_mutex_lock(&s->lock);
	take_pending(s, &batches);
	c = s->checkpoint;
	s->checkpoint = NULL;
	pthread_mutex_unlock(&s->lock);
	if (c != NULL)
		log_writer_take(&s->writer, c);
	events = !list_is_empty(&batches);
	if (!events && s->writer.checkpoint == NULL)
		return false;
	err = log_writer_put(&s->writer, &batches);
	if (err != 0)
		commit_failed(s, err);
	if (events)
		hand_on(s, &batches);
	return true;
}

/* ---- follower ------------------------------------------------------------ */

/* Batches that go on where the follower stands; what it has already read from
 * the log is let go. Called with the lock held. */
static void take_follow(struct store *s, struct list *out)
{
	uint64_t next = s->follower.seq + 1;
	size_t count = 0;
	struct batch *b;

	while ((b = list_first(&s->follow, struct batch, follow)) != NULL &&
	       count < FOLLOW_MOST && batch_first(b) <= next) {
		list_remove(&b->follow);
		s->follow_count -= b->count;
		if (batch_first(b) < next) {
			batch_unref(b);
			continue;
		}
		list_push(out, &b->follow);
		next = batch_last(b) + 1;
		count += b->count;
	}
}

/* How far to read in the log: to where the queue goes on. */
static uint64_t missed_until(struct store *s)
{
	struct batch *b = list_first(&s->follow, struct batch, follow);

	return b != NULL ? batch_first(b) - 1 : atomic_load(&s->committed);
}

static void follow_failed(struct store *s, const struct fault *why)
{
	log_error("store", "msg=\"record failed\" error=\"%s\"", why->text);
	die("the record cannot follow the log: %s (%s)", why->text,
	    s->ops->name);
}

static void free_follow(struct list *batches)
{
	struct batch *b;

	while ((b = list_first(batches, struct batch, follow)) != NULL) {
		list_remove(&b->follow);
		batch_unref(b);
	}
}

static void follow_some(struct store *s, struct list *batches, uint64_t until)
{
	struct fault why = { 0 };
	int err;

	if (!list_is_empty(batches))
		err = follower_take(&s->follower, batches);
	else
		err = follower_read(&s->follower, until, &why);
	if (err == 0)
		return;
	if (why.code == 0)
		(void)db_fault(s->follower.record, err, &why);
	follow_failed(s, &why);
}

static void give_checkpoint(struct store *s)
{
	struct follower *f = &s->follower;
	struct checkpoint *c;

	if (f->seq - f->checkpoint < s->checkpoint_every)
		return;
	c = follower_checkpoint(f);
	pthread_mutex_lock(&s->lock);
	checkpoint_free(s->checkpoint);
	s->checkpoint = c;
	pthread_cond_signal(&s->to_writer);
	pthread_mutex_unlock(&s->lock);
	atomic_store(&s->checkpoint_seq, f->checkpoint);
}

/* Called with the lock held. Batches the follower has passed by reading the
 * log keep their turn in the queue: the next round drops them. */
static void note_progress(struct store *s)
{
	atomic_store(&s->followed, s->follower.seq);
	if (missed_until(s) <= s->follower.seq)
		s->missed_since = 0;
	if (s->readers.waiting_count > 0)
		pthread_cond_broadcast(&s->readers.wake);
}

bool follower_round(struct store *s)
{
	struct list batches;
	uint64_t until;

	list_init(&batches);
	pthread_mutex_lock(&s->lock);
	take_follow(s, &batches);
	until = missed_until(s);
	pthread_mutex_unlock(&s->lock);
	if (!s->recovered ||
	    (list_is_empty(&batches) && until <= s->follower.seq))
		return false;
	follow_some(s, &batches, until);
	free_follow(&batches);
	pthread_mutex_lock(&s->lock);
	note_progress(s);
	pthread_mutex_unlock(&s->lock);
	give_checkpoint(s);
	return true;
}

/* ---- threads --------------------------------------------------------------*/

static bool writer_has_work(const struct store *s)
{
	return !list_is_empty(&s->pending) || s->checkpoint != NULL;
}

static bool follower_has_work(struct store *s)
{
	return !list_is_empty(&s->follow) ||
	       atomic_load(&s->followed) < atomic_load(&s->committed);
}

static void *writer_main(void *arg)
{
	struct store *s = arg;
	bool more = true;

	while (more) {
		while (writer_round(s))
			;
		pthread_mutex_lock(&s->lock);
		while (!writer_has_work(s) && !s->closing)
			pthread_cond_wait(&s->to_writer, &s->lock);
		more = writer_has_work(s) || !s->closing;
		pthread_mutex_unlock(&s->lock);
	}
	return NULL;
}

static void *follower_main(void *arg)
{
	struct store *s = arg;
	bool more = true;

	while (more) {
		while (follower_round(s))
			;
		pthread_mutex_lock(&s->lock);
		while (!follower_has_work(s) && !s->follower_stops)
			pthread_cond_wait(&s->to_follower, &s->lock);
		more = follower_has_work(s) || !s->follower_stops;
		pthread_mutex_unlock(&s->lock);
	}
	return NULL;
}

/* Signals belong to the loop: no thread of ours takes any. */
static void start(pthread_t *thread, void *(*body)(void *), void *arg)
{
	sigset_t all;
	sigset_t before;

	sigfillset(&all);
	check(pthread_sigmask(SIG_SETMASK, &all, &before) == 0);
	check(pthread_create(thread, NULL, body, arg) == 0);
	check(pthread_sigmask(SIG_SETMASK, &before, NULL) == 0);
}

static void *crew_main(void *arg)
{
	struct crew *c = arg;

	crew_work(c);
	return NULL;
}

static void crew_start(struct crew *c, unsigned count)
{
	c->threads = new_array(pthread_t, count);
	for (; c->count < count; c->count++)
		start(&c->threads[c->count], crew_main, c);
}

void threads_start(struct store *s)
{
	if (s->inline_threads)
		return;
	start(&s->writer_thread, writer_main, s);
	crew_start(&s->readers, s->readers_wanted);
	crew_start(&s->files, FILE_THREADS);
	crew_start(&s->care, 1);
	s->threads_run = true;
}

void threads_start_follower(struct store *s)
{
	if (s->inline_threads)
		return;
	start(&s->follower_thread, follower_main, s);
	s->follower_runs = true;
}

static void stop(
    struct store *s, bool *flag, pthread_cond_t *wake, pthread_t thread)
{
	pthread_mutex_lock(&s->lock);
	*flag = true;
	pthread_cond_signal(wake);
	pthread_mutex_unlock(&s->lock);
	check(pthread_join(thread, NULL) == 0);
}

void threads_stop(struct store *s)
{
	if (s->threads_run) {
		crew_stop(&s->readers);
		crew_stop(&s->files);
		crew_stop(&s->care);
		stop(s, &s->closing, &s->to_writer, s->writer_thread);
	}
	if (s->follower_runs)
		stop(
		    s, &s->follower_stops, &s->to_follower, s->follower_thread);
	s->threads_run = s->follower_runs = false;
	while (writer_round(s))
		;
	while (follower_round(s))
		;
}
