/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store_room.h - the store from inside: who holds what, under which lock.
 *
 *   loop       open, appended, on_committed, loop_log; calls every store_*()
 *   writer     writer (its connection, the chain)
 *   follower   follower (connections, the second world, the checkpoints)
 *   readers    a desk each
 *   files      writes attachments     care   backups, the disk's state
 *
 * What two of them share lies behind `lock` or is atomic. A thread sleeps on
 * its own condition and holds the lock only to move things between queues;
 * with inline threads the same rounds are run by store_pump(), one after the
 * other.
 */
#ifndef USHER_STORE_STORE_ROOM_H
#define USHER_STORE_STORE_ROOM_H

#include <pthread.h>
#include <stdatomic.h>

#include "store/batch.h"
#include "store/follower.h"
#include "store/log.h"
#include "store/reader.h"
#include "store/store.h"
#include "store/store_ops.h"

/* ---- jobs: something done on a thread, told on the loop ------------------ */

struct job {
	struct list node;
	uint64_t seq; /* not before the record is here; 0: at once */
	int err;
	void (*run)(struct store *s, struct job *j, struct desk *d);
	void (*tell)(struct job *j);   /* on the loop; not after closing */
	void (*forget)(struct job *j); /* frees it */
};

struct crew { /* threads for one sort of jobs */
	struct store *store;
	pthread_t *threads;
	unsigned count;
	struct list waiting;
	size_t waiting_count;
	pthread_cond_t wake;
	bool wants_record; /* works only once the record is there */
	bool stops;
	msec_t rest; /* 0, or how often `watch` is called */
	msec_t watched;
	void (*watch)(struct store *s);
};

/* ERR_BUSY when too many wait; the job then stays the caller's. */
int job_add(struct store *s, struct crew *c, struct job *j) must_check;
/* Runs one job that may run now; false: there is none. */
bool crew_round(struct crew *c, struct desk *d);
void crew_watch(struct crew *c); /* calls `watch` when its time has come */
void crew_init(struct store *s, struct crew *c);
void crew_work(struct crew *c); /* what each of its threads does */
void crew_stop(struct crew *c);
void crew_done(struct crew *c);
size_t jobs_deliver(struct store *s);
void jobs_close(struct store *s); /* what is left is told to nobody */

/* ---- the store ------------------------------------------------------------*/

struct store {
	struct db_place place;
	const struct db_ops *ops;
	struct follower_source source;
	bool inline_threads;
	unsigned readers_wanted;
	uint64_t checkpoint_every, reserve_bytes;
	int lock_fd; /* of the folder */
	int event_fd;

	/* the loop's own */
	struct batch *open;
	uint64_t appended;
	store_committed_fn on_committed;
	void *committed_arg;
	struct db *loop_log;
	bool pumping;

	pthread_mutex_t lock;
	pthread_cond_t to_writer, to_follower;
	struct list pending, deliver, follow; /* of struct batch */
	size_t follow_count;                  /* events in `follow` */
	msec_t missed_since; /* the follower must read the log; 0: no */
	struct checkpoint *checkpoint; /* from the follower to the writer */
	bool closing;         /* the writer stops when nothing is left */
	bool follower_stops;  /* after the writer has */
	struct list finished; /* jobs to tell of */

	struct log_writer writer;
	struct follower follower;
	pthread_t writer_thread, follower_thread;
	bool threads_run, follower_runs;
	atomic_bool recovered;
	struct crew readers, files, care;
	struct desk inline_desk;

	_Atomic uint64_t committed, followed, checkpoint_seq;
	_Atomic uint64_t log_bytes, disk_free;
	atomic_bool disk_low;

	/* limits of law 11, and the disk; here so that tests can reach them */
	uint64_t lag_events_max;
	msec_t lag_ms_max;
	uint64_t (*free_bytes)(const char *dir);
};

/* threads.c: one round of each; false: there was nothing to do */
bool writer_round(struct store *s);
bool follower_round(struct store *s);
void threads_start(struct store *s); /* the follower comes after recovery */
void threads_start_follower(struct store *s);
void threads_stop(struct store *s); /* everything committed and followed */
void store_wake(struct store *s);   /* makes store_fd() readable */

/* folder.c: the folder, its lock, its reserve */
int folder_make(const char *dir, struct fault *why) must_check;
int folder_lock(const char *dir, int *out, struct fault *why) must_check;
void folder_unlock(int fd);
bool folder_is_empty(const char *dir);        /* or absent */
int folder_flush(const char *dir) must_check; /* its entries are on disk */
uint64_t folder_free_bytes(const char *dir);
/* The disk as it is now, and the reserve given back or taken again. */
void folder_watch(struct store *s);

/* files.c */
#define FILE_NAME_BYTES 16
int files_copy(const char *from, const char *to, struct fault *why) must_check;
int file_copy(const char *from, const char *to) must_check;

/* verify.c */
int verify_log(
    struct db *log, struct buf *report, struct fault *why) must_check;

#endif
