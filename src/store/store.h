/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store.h - what is durable, and when we may act on it.
 *
 * The log is the truth: event(workspace, seq, epoch, at, kind, version,
 * contact, customer, agent, body) with nothing but its primary key, and
 * payload(workspace, seq, salt, body) beside it in the same transaction. The
 * record (customers, contacts, messages, full text) follows it in batches on
 * its own thread and can always be built anew; the same thread keeps a second
 * world by the same apply() and writes checkpoints from it, so the owner's
 * loop never serialises and never waits for a disk.
 *
 *   owner loop   store_append() ... store_flush()     one flush per turn
 *   writer       one transaction for all of it, fsync, then store_committed()
 *   follower     committed events -> record, second world, checkpoints
 *   readers      store_read(): questions to the record, answers on the loop
 *
 * store_fd() is readable when store_pump() has something to deliver. With
 * `inline_threads` nothing runs by itself: store_pump() does one round of each
 * in turn, in the caller's thread; that is the deterministic mode of tests.
 * A commit that fails ends the process through die(): it starts from the log.
 */
#ifndef USHER_STORE_STORE_H
#define USHER_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/json.h"
#include "base/str.h"
#include "model/event.h"
#include "model/input.h"
#include "model/world.h"

struct store;

struct store_config {
	const char *dir;              /* made when absent (0700) */
	const char *workspace;        /* "main" */
	rules_source_fn rules_source; /* called on the follower's thread too */
	void *rules_arg;
	apply_fn apply;
	bool inline_threads;
	unsigned readers;          /* 0: 2 */
	uint64_t checkpoint_every; /* events; 0: 100,000 */
	uint64_t reserve_bytes;    /* preallocated; 0: 64 MiB */
};

/* Takes the folder's lock; ERR_BUSY when another process has it, ERR_VERSION
 * when a newer or unknown version wrote it. */
int store_open(const struct store_config *config, struct store **out,
    struct fault *why) must_check;
/* Commits what was flushed, then stops the threads. Questions, files and
 * backups that are still under way are told to nobody. */
void store_close(struct store *s);
/* As a power cut: drops what is not committed. For tests, inline mode only. */
void store_crash(struct store *s);

/* The last checkpoint and every event after it: the world as it was. Waits
 * until the record has caught up. Also gives the next free identifier id. */
int store_recover(struct store *s, struct world **out_world,
    uint64_t *out_next_identifier, struct fault *why) must_check;

/* ---- the log ------------------------------------------------------------ */

/* Copies the event and its payload into the turn's batch. Seqs are gapless. */
void store_append(struct store *s, const struct event *e);
/* Hands the batch to the writer; does nothing when it is empty. */
void store_flush(struct store *s);
uint64_t store_committed(const struct store *s); /* last seq on disk */

/* Called by store_pump() on the loop for every committed event, in order:
 * this is where orders are performed and streams fed. Borrowed. */
typedef void (*store_committed_fn)(void *arg, const struct event *e);
void store_on_committed(struct store *s, store_committed_fn fn, void *arg);

int store_fd(const struct store *s);
/* Delivers commits and answers; returns how many things it did. */
size_t store_pump(struct store *s);

/* Committed events with from <= seq, at most `most`, in order, with payloads;
 * reads in the caller's thread. `fn` may end it by not returning 0, and may
 * not ask for events itself. */
typedef int (*store_event_fn)(void *arg, const struct event *e);
int store_events(struct store *s, uint64_t from, size_t most, store_event_fn fn,
    void *arg) must_check;
/* The world as it was after event `seq` (nearest checkpoint + apply). Slow:
 * for why and audit. Must not run on the loop of a busy server. */
int store_world_at(struct store *s, uint64_t seq, struct world **out,
    struct fault *why) must_check;

/* ---- the record ---------------------------------------------------------- */

/*
 * Questions. Each answer is a JSON document (shapes in doc/record.md) made on
 * a reader thread once the record has reached `seq`; `done` is called on the
 * loop. The answer is borrowed for the call.
 */
enum read_kind {
	READ_IDENTIFIERS, /* text: [{"kind":"phone","value":"+351.."},..] ->
	                     [{"id":7,"customer":3,"owners":1,"level":"verified",
	                     "own":2},..] in the same order; id 0: new. `own`:
	                     agent number who served the customer last */
	READ_CUSTOMER, /* customer: name, identifiers, contacts, newest first */
	READ_TIMELINE, /* customer, most: contacts with their messages */
	READ_LATEST,   /* customer, most: last contacts in short, for offers */
	READ_CONTACT,  /* contact: everything, with messages and events */
	READ_MESSAGES, /* contact, after (message number), most */
	READ_PERSON,   /* text: name -> {"hash":..,"role":..,"disabled":..} */
	READ_TOKEN,    /* text: SHA-256 in hex -> {"name":..,"role":..} */
	READ_SEARCH,   /* text: words -> contacts and messages */
	READ_PEOPLE,   /* everyone with a login, no hashes */
	READ_WHY,      /* contact: its offers with their explanations */
};
struct read {
	enum read_kind kind;
	uint64_t seq; /* the record must have got here; 0: as it is */
	struct contact_id contact;
	struct customer_id customer;
	uint64_t after;
	size_t most;
	struct str text; /* copied */
};
typedef void (*read_done_fn)(void *arg, int err, struct str json);
/* ERR_BUSY when more than 4,096 wait. */
int store_read(struct store *s, const struct read *what, read_done_fn done,
    void *arg) must_check;

/* ---- files ----------------------------------------------------------------*/

/* Keeps bytes under a random name, flushed with its folder before `done`. */
typedef void (*file_done_fn)(void *arg, int err, const char *name);
int store_file_put(
    struct store *s, struct str bytes, file_done_fn done, void *arg) must_check;
/* Absolute path of a kept file into dst; ERR_INVALID for a bad name. */
int store_file_path(
    const struct store *s, const char *name, char *dst, size_t size) must_check;

/* ---- care -----------------------------------------------------------------*/

struct store_status {
	uint64_t appended, committed, followed, checkpoint;
	msec_t follower_lag_ms;
	uint64_t log_bytes, disk_free_bytes;
	bool must_refuse; /* law 11: no new contacts now */
	const char *refuse_why;
};
void store_status(const struct store *s, struct store_status *out);

/* A consistent copy into `dir` (made, must be empty) while running; runs on a
 * store thread, `done` on the loop. store_restore() puts a copy in place of an
 * absent or empty folder and verifies it. */
typedef void (*store_done_fn)(void *arg, int err, const char *text);
int store_backup(
    struct store *s, const char *dir, store_done_fn done, void *arg) must_check;
int store_restore(
    const char *from, const char *dir, struct fault *why) must_check;
/* Builds the record anew from the log (server stopped) and says whether it
 * equals the old one. */
int store_rebuild(const struct store_config *config, struct buf *report,
    struct fault *why) must_check;
/* Recomputes the hash chain over the log; reports the first break. */
int store_verify(const struct store_config *config, struct buf *report,
    struct fault *why) must_check;

#endif
