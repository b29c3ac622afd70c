/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store.c - the door of the floor: opening, the turn's batch, delivery.
 *
 * Everything here runs on the loop. It copies, hands over and takes back; only
 * store_open(), store_recover() and store_close() wait for a disk, and the two
 * that read the log in the caller's thread. What a handler is told of is on
 * disk.
 */
#include "store/store.h"

#include <inttypes.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "store/migrate.h"
#include "store/store_room.h"

#define LAG_EVENTS_MAX     1000000
#define LAG_MS_MAX         60000
#define CHECKPOINT_DEFAULT 100000
#define RESERVE_DEFAULT    ((uint64_t)64 * 1024 * 1024)
#define READERS_DEFAULT    2
#define WATCH_MS           1000
#define ANSWER_MAX         ((size_t)64 * 1024 * 1024)

/* ---- opening and closing --------------------------------------------------*/

static uint64_t or_default(uint64_t v, uint64_t otherwise)
{
	return v != 0 ? v : otherwise;
}

static struct store *new_store(const struct store_config *c)
{
	struct store *s = new_of(struct store);

	s->place.dir = mem_text(c->dir);
	s->place.workspace = mem_text(c->workspace);
	s->ops = &sqlite_ops;
	s->source = (struct follower_source){ s->ops, &s->place,
		c->rules_source, c->rules_arg, c->apply };
	s->inline_threads = c->inline_threads;
	s->readers_wanted = (unsigned)or_default(c->readers, READERS_DEFAULT);
	s->checkpoint_every =
	    or_default(c->checkpoint_every, CHECKPOINT_DEFAULT);
	s->reserve_bytes = or_default(c->reserve_bytes, RESERVE_DEFAULT);
	s->lag_events_max = LAG_EVENTS_MAX;
	s->lag_ms_max = LAG_MS_MAX;
	s->free_bytes = folder_free_bytes;
	s->lock_fd = s->event_fd = -1;
	check(pthread_mutex_init(&s->lock, NULL) == 0);
	check(pthread_cond_init(&s->to_writer, NULL) == 0);
	check(pthread_cond_init(&s->to_follower, NULL) == 0);
	list_init(&s->pending);
	list_init(&s->deliver);
	list_init(&s->follow);
	list_init(&s->finished);
	crew_init(s, &s->readers);
	crew_init(s, &s->files);
	crew_init(s, &s->care);
	s->readers.wants_record = true;
	s->care.rest = WATCH_MS;
	s->care.watch = folder_watch;
	return s;
}

static void free_batches(struct store *s)
{
	struct batch *b;

	while ((b = list_first(&s->pending, struct batch, pending)) != NULL) {
		list_remove(&b->pending);
		batch_unref(b);
	}
	while ((b = list_first(&s->deliver, struct batch, deliver)) != NULL) {
		list_remove(&b->deliver);
		batch_unref(b);
	}
	while ((b = list_first(&s->follow, struct batch, follow)) != NULL) {
		list_remove(&b->follow);
		batch_unref(b);
	}
	batch_unref(s->open);
}

static void free_text(const char *text)
{
	mem_free((char *)(uintptr_t)text);
}

/* No thread of ours runs any more. */
static void free_store(struct store *s)
{
	jobs_close(s);
	free_batches(s);
	checkpoint_free(s->checkpoint);
	db_close(s->inline_desk.log);
	db_close(s->inline_desk.record);
	db_close(s->loop_log);
	follower_done(&s->follower);
	log_writer_done(&s->writer);
	crew_done(&s->readers);
	crew_done(&s->files);
	crew_done(&s->care);
	pthread_cond_destroy(&s->to_writer);
	pthread_cond_destroy(&s->to_follower);
	pthread_mutex_destroy(&s->lock);
	if (s->event_fd >= 0)
		close(s->event_fd);
	folder_unlock(s->lock_fd);
	free_text(s->place.dir);
	free_text(s->place.workspace);
	mem_free(s);
}

static int open_log(struct store *s, struct fault *why)
{
	struct db *db = NULL;
	int err = migrate_open(s->ops, &s->place, DB_LOG, &db, why);

	if (err != 0)
		return err;
	err = log_writer_init(&s->writer, db, why);
	s->appended = s->writer.last;
	atomic_store(&s->committed, s->writer.last);
	return err;
}

static int open_all(struct store *s, struct fault *why)
{
	int err = folder_make(s->place.dir, why);

	if (err == 0)
		err = folder_lock(s->place.dir, &s->lock_fd, why);
	if (err == 0)
		err = open_log(s, why);
	if (err == 0)
		err =
		    migrate_read(s->ops, &s->place, DB_LOG, &s->loop_log, why);
	if (err == 0)
		err = follower_open(
		    &s->follower, &s->source, &s->place, s->writer.last, why);
	atomic_store(&s->followed, s->follower.seq);
	return err != 0 ? err : folder_flush(s->place.dir);
}

int store_open(
    const struct store_config *config, struct store **out, struct fault *why)
{
	struct store *s = new_store(config);
	int err = open_all(s, why);

	if (err == 0) {
		s->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
		if (s->event_fd < 0)
			err = fault_set(why, ERR_IO, "no descriptors left");
	}
	if (err != 0) {
		free_store(s);
		return err;
	}
	folder_watch(s);
	s->care.watched = clock_mono(clock_system());
	threads_start(s);
	*out = s;
	return 0;
}

/* So that the next start reads one checkpoint and no events. */
static void last_checkpoint(struct store *s)
{
	struct follower *f = &s->follower;

	if (!s->recovered || f->world->seq == f->checkpoint)
		return;
	s->checkpoint = follower_checkpoint(f);
	while (writer_round(s))
		;
}

void store_close(struct store *s)
{
	if (s == NULL)
		return;
	threads_stop(s);
	last_checkpoint(s);
	free_store(s);
}

void store_crash(struct store *s)
{
	check(s->inline_threads);
	free_store(s);
}

/* ---- recovery ------------------------------------------------------------ */

/* The loop's world is a copy of the follower's: the same bytes, read back. */
static int copy_world(struct store *s, struct world **out, struct fault *why)
{
	struct buf bytes = { 0 };
	int err;

	world_encode(s->follower.world, &bytes);
	check(!bytes.failed);
	err = world_decode(
	    buf_str(&bytes), s->source.rules_source, s->source.rules_arg, out);
	buf_done(&bytes);
	if (err != 0)
		return fault_set(why, err,
		    "the world at event %" PRIu64 " cannot be copied: %s",
		    s->follower.world->seq, err_text(err));
	return 0;
}

int store_recover(struct store *s, struct world **out_world,
    uint64_t *out_next_identifier, struct fault *why)
{
	struct follower *f = &s->follower;
	int64_t next = 1;
	int err;

	check(!s->recovered && s->appended == atomic_load(&s->committed));
	err = follower_recover(f, s->appended, why);
	if (err != 0)
		return err;
	err = db_number(f->record, STMT_IDENTIFIER_NEXT, 1, &next);
	if (err != 0)
		return db_fault(f->record, err, why);
	err = copy_world(s, out_world, why);
	if (err != 0)
		return err;
	*out_next_identifier = (uint64_t)next;
	atomic_store(&s->followed, f->seq);
	atomic_store(&s->checkpoint_seq, f->checkpoint);
	pthread_mutex_lock(&s->lock);
	s->recovered = true;
	pthread_cond_broadcast(&s->readers.wake);
	pthread_mutex_unlock(&s->lock);
	threads_start_follower(s);
	return 0;
}

/* ---- the log ------------------------------------------------------------ */

void store_append(struct store *s, const struct event *e)
{
	check(e->seq == s->appended + 1);
	if (s->open == NULL)
		s->open = batch_new();
	batch_add(s->open, e);
	s->appended = e->seq;
}

void store_flush(struct store *s)
{
	struct batch *b = s->open;

	if (b == NULL)
		return;
	s->open = NULL;
	pthread_mutex_lock(&s->lock);
	list_push(&s->pending, &b->pending);
	pthread_cond_signal(&s->to_writer);
	pthread_mutex_unlock(&s->lock);
	if (s->inline_threads)
		store_wake(s);
}

uint64_t store_committed(const struct store *s)
{
	return atomic_load(&s->committed);
}

void store_on_committed(struct store *s, store_committed_fn fn, void *arg)
{
	s->on_committed = fn;
	s->committed_arg = arg;
}

int store_fd(const struct store *s)
{
	return s->event_fd;
}

static struct batch *take_delivery(struct store *s)
{
	struct batch *b;

	pthread_mutex_lock(&s->lock);
	b = list_first(&s->deliver, struct batch, deliver);
	if (b != NULL)
		list_remove(&b->deliver);
	pthread_mutex_unlock(&s->lock);
	return b;
}

static size_t deliver_batch(struct store *s, struct batch *b)
{
	struct payload payload;
	struct event e;
	size_t i;

	for (i = 0; s->on_committed != NULL && i < b->count; i++) {
		batch_event(b, i, &e, &payload);
		s->on_committed(s->committed_arg, &e);
	}
	return b->count;
}

static size_t deliver(struct store *s)
{
	size_t count = 0;
	struct batch *b;

	while ((b = take_delivery(s)) != NULL) {
		count += deliver_batch(s, b);
		batch_unref(b);
	}
	return count;
}

/* The threads' work, one round of each, in the order that lets a question
 * asked in this turn be answered in this turn. */
static size_t inline_rounds(struct store *s)
{
	size_t count = writer_round(s) ? 1 : 0;

	count += deliver(s);
	count += follower_round(s) ? 1 : 0;
	while (crew_round(&s->readers, &s->inline_desk) ||
	       crew_round(&s->files, &s->inline_desk) ||
	       crew_round(&s->care, &s->inline_desk))
		count++;
	crew_watch(&s->care);
	return count;
}

size_t store_pump(struct store *s)
{
	uint64_t raised;
	size_t count = 0;

	check(!s->pumping);
	s->pumping = true;
	/* Lowered before looking: what comes after raises it again. */
	while (read(s->event_fd, &raised, sizeof(raised)) > 0)
		;
	if (s->inline_threads)
		count += inline_rounds(s);
	count += deliver(s);
	count += jobs_deliver(s);
	if (s->inline_threads && count > 0)
		store_wake(s);
	s->pumping = false;
	return count;
}

int store_events(
    struct store *s, uint64_t from, size_t most, store_event_fn fn, void *arg)
{
	struct log_span span = { from > 0 ? from : 1, most, 0 };

	return log_events(s->loop_log, &span, fn, arg);
}

struct replay {
	struct world *world;
	apply_fn apply;
};

static int replay_event(void *arg, const struct event *e)
{
	struct replay *r = arg;

	r->apply(r->world, e);
	return 0;
}

static int replay_to(struct store *s, struct db *log, uint64_t seq,
    struct world **world, struct fault *why)
{
	struct replay r = { *world, s->source.apply };
	struct log_span span;
	struct world *w;
	int err = checkpoint_load(log, *world, seq, &w);

	if (err != 0)
		return db_fault(log, err, why);
	if (w != NULL) {
		world_free(*world);
		*world = r.world = w;
	}
	span.from = r.world->seq + 1;
	span.most = (size_t)(seq - r.world->seq);
	err = log_events(log, &span, replay_event, &r);
	if (err != 0)
		return fault_set(
		    why, err, "event %" PRIu64 ": %s", span.at, err_text(err));
	return 0;
}

int store_world_at(
    struct store *s, uint64_t seq, struct world **out, struct fault *why)
{
	struct world *w;
	struct db *log;
	int err;

	if (seq > store_committed(s))
		return fault_set(why, ERR_NOT_FOUND,
		    "event %" PRIu64 " is not in the log", seq);
	err = migrate_read(s->ops, &s->place, DB_LOG, &log, why);
	if (err != 0)
		return err;
	w = world_new(
	    s->place.workspace, s->source.rules_source, s->source.rules_arg);
	err = replay_to(s, log, seq, &w, why);
	db_close(log);
	if (err != 0)
		world_free(w);
	else
		*out = w;
	return err;
}

/* ---- the record ---------------------------------------------------------- */

struct read_job {
	struct job job;
	struct read what;
	char *text;
	struct buf answer;
	read_done_fn done;
	void *arg;
};

static int open_desk(struct store *s, struct desk *d)
{
	int err = 0;

	if (d->log == NULL)
		err = migrate_read(s->ops, &s->place, DB_LOG, &d->log, NULL);
	if (err == 0 && d->record == NULL)
		err = migrate_read(
		    s->ops, &s->place, DB_RECORD, &d->record, NULL);
	return err;
}

static void run_read(struct store *s, struct job *j, struct desk *d)
{
	struct read_job *r = container_of(j, struct read_job, job);

	j->err = open_desk(s, d);
	if (j->err == 0)
		j->err = reader_answer(d, &r->what, &r->answer);
	if (j->err == ERR_IO || j->err == ERR_CORRUPT)
		log_error("store", "msg=\"question failed\" kind=%d error=%s",
		    (int)r->what.kind, err_name(j->err));
}

static void tell_read(struct job *j)
{
	struct read_job *r = container_of(j, struct read_job, job);

	r->done(r->arg, j->err, j->err == 0 ? buf_str(&r->answer) : STR_NONE);
}

static void forget_read(struct job *j)
{
	struct read_job *r = container_of(j, struct read_job, job);

	buf_done(&r->answer);
	mem_free(r->text);
	mem_free(r);
}

int store_read(
    struct store *s, const struct read *what, read_done_fn done, void *arg)
{
	struct read_job *r = new_of(struct read_job);
	int err;

	r->job.run = run_read;
	r->job.tell = tell_read;
	r->job.forget = forget_read;
	r->job.seq = what->seq;
	r->what = *what;
	buf_init(&r->answer, ANSWER_MAX);
	r->text = mem_text_n(what->text.p, what->text.n);
	r->what.text.p = r->text;
	r->done = done;
	r->arg = arg;
	err = job_add(s, &s->readers, &r->job);
	if (err != 0)
		forget_read(&r->job);
	return err;
}

/* ---- care ---------------------------------------------------------------- */

/* How long the oldest event waits that the record does not hold yet. */
static msec_t follower_lag(struct store *s)
{
	struct batch *b;
	msec_t since;

	pthread_mutex_lock(&s->lock);
	b = list_first(&s->follow, struct batch, follow);
	since = b != NULL ? b->committed_at : 0;
	if (s->missed_since != 0 && (since == 0 || s->missed_since < since))
		since = s->missed_since;
	pthread_mutex_unlock(&s->lock);
	return since == 0 ? 0 : clock_mono(clock_system()) - since;
}

static const char *refusal(
    const struct store *s, const struct store_status *out)
{
	if (atomic_load(&s->disk_low))
		return "the disk is nearly full";
	if (out->appended - out->followed > s->lag_events_max)
		return "the record is too many events behind the log";
	if (out->follower_lag_ms > s->lag_ms_max)
		return "the record is too long behind the log";
	return NULL;
}

void store_status(const struct store *s, struct store_status *out)
{
	/* The lock is taken, nothing else is touched. */
	struct store *inside = (struct store *)(uintptr_t)s;

	out->appended = s->appended;
	out->committed = atomic_load(&s->committed);
	out->followed = atomic_load(&s->followed);
	out->checkpoint = atomic_load(&s->checkpoint_seq);
	out->follower_lag_ms = follower_lag(inside);
	out->log_bytes = atomic_load(&s->log_bytes);
	out->disk_free_bytes = atomic_load(&s->disk_free);
	out->refuse_why = refusal(s, out);
	out->must_refuse = out->refuse_why != NULL;
}
