/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store_kit.h - a small house around a store: the real router decides, the
 * store keeps. For the tests of the store.
 */
#ifndef USHER_TESTS_STORE_KIT_H
#define USHER_TESTS_STORE_KIT_H

#include "base/rng.h"
#include "made_rules.h"
#include "route/route.h"
#include "store/store.h"

struct shop {
	char dir[64];
	struct store_config config;
	struct store *s;
	struct world *w; /* the loop's */
	struct rules *rules;
	struct rng rng;
	struct decision out;
	msec_t now;
	uint64_t next_identifier;
	uint64_t delivered; /* seq of the last event delivered */
	uint64_t first;     /* of the first one */
};

/* A new folder; the store is not open yet. */
void shop_init(struct shop *x);
void shop_done(struct shop *x); /* closes, removes the folder */
/* Opens, recovers, posts START and, the first time, CONFIG. */
void shop_open(struct shop *x);
int shop_try_open(struct shop *x, struct fault *why);
void shop_close(struct shop *x);
void shop_crash(struct shop *x);

/* Decides and appends; the caller flushes. Not refused, or the test fails. */
void shop_post(struct shop *x, struct input *in, const char *payload);
/* Flushes and pumps until everything is committed, followed and delivered. */
void shop_settle(struct shop *x);

struct said { /* what a contact comes with */
	enum channel channel;
	const char *name;
	const char *phone; /* identifier, or NULL */
	enum level level;
	const char *text;
};
/* Looks the identifier up in the record, as the intake does. */
struct contact_id shop_arrive(struct shop *x, const struct said *said);
void shop_say(
    struct shop *x, struct contact_id c, enum author author, const char *text);
void shop_ready(struct shop *x, unsigned agent); /* by place */
void shop_accept(struct shop *x, struct contact_id c);
void shop_end(struct shop *x, struct contact_id c, enum end_reason reason);
/* Some of everything: `steps` random inputs. */
void shop_day(struct shop *x, unsigned steps);

/* The answer as text the caller frees; *err what it came with. */
char *shop_read(struct shop *x, const struct read *what, int *err);
/* One question about one number. */
char *shop_ask(struct shop *x, enum read_kind kind, uint64_t id);

void shop_same_world(const struct world *a, const struct world *b);
/* Runs SQL on a database of the folder behind the store's back. */
void shop_sql(struct shop *x, const char *file, const char *sql);
/* The first column of the first row, as a number. */
int64_t shop_sql_number(struct shop *x, const char *file, const char *sql);
void shop_remove(const char *path); /* a folder and all in it */

#endif
