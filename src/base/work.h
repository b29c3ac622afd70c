/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * work.h - a small pool for slow pure work (password hashing, file writes).
 *
 * `run` is called on a pool thread and may touch only its argument; `done` is
 * called later by work_collect() on the owner's thread. work_fd() becomes
 * readable when there is something to collect. With 0 threads the work is done
 * inside work_collect(): that is the deterministic mode of tests.
 */
#ifndef USHER_BASE_WORK_H
#define USHER_BASE_WORK_H

#include <stddef.h>

#include "base/err.h"

struct work;
typedef void (*work_fn)(void *arg);

struct work *work_new(unsigned threads);
/* Finishes what is queued, joins, calls no `done`. */
void work_free(struct work *w);
int work_fd(const struct work *w);
/* ERR_BUSY when more than 1,024 wait; `arg` then stays the caller's. */
int work_add(struct work *w, work_fn run, work_fn done, void *arg) must_check;
size_t work_collect(struct work *w); /* how many `done` were called */
/* Waits until nothing is queued or running and every `done` was called, also
 * of what these added meanwhile: for an orderly end. */
void work_drain(struct work *w);

#endif
