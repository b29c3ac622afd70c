/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hash.h - passwords hashed and verified on the work pool, two at a time.
 *
 * One costs 25 ms of processor and 19 MB: a storm of logins must neither take
 * all threads nor all memory, so the rest waits here in line.
 */
#ifndef USHER_API_HASH_H
#define USHER_API_HASH_H

#include <stdbool.h>

#include "base/crypto.h"
#include "base/list.h"
#include "base/str.h"
#include "base/work.h"

#define HASHES_AT_ONCE 2
#define HASHES_WAITING 256

struct hasher {
	struct work *work;
	unsigned running_count, waiting_count;
	struct list running, waiting;
};

void hasher_init(struct hasher *h, struct work *work);
/* Those that wait are forgotten; the two that may be running on a thread are
 * let go: nobody is called, and their memory is the price of not waiting. */
void hasher_done(struct hasher *h);

/* err: 0 or ERR_BUSY. `right` of a verification; `text` of a hash made. */
typedef void (*hash_done_fn)(void *arg, int err, bool right, const char *text);

/* Compares with a hash; NULL costs the same and is never right. The password
 * is copied. ERR_BUSY: too many wait; `done` is not called then. */
int hash_verify(struct hasher *h, struct str password, const char *hash,
    hash_done_fn done, void *arg) must_check;
int hash_make(struct hasher *h, struct str password, hash_done_fn done,
    void *arg) must_check;

#endif
