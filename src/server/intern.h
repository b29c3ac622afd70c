/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * intern.h - numbers of identifiers the record does not know yet.
 *
 * The record numbers nothing: the intake gives each new identifier a fresh
 * number, writes it into the payload of the event that brings it, and keeps
 * text and number here until every read under way has begun after the record
 * had it. So two contacts of a new person in the same instant get the same
 * number.
 */
#ifndef USHER_SERVER_INTERN_H
#define USHER_SERVER_INTERN_H

#include "base/list.h"
#include "base/map.h"
#include "model/inlet.h"

#define INTERN_MAX 1000000 /* then the intake refuses (law 11) */

struct intern {
	struct map by_text;
	struct list oldest; /* of struct interned, in order of making */
	size_t count;
	uint64_t next;
};

void intern_init(struct intern *in, uint64_t next);
void intern_done(struct intern *in);
bool intern_is_full(const struct intern *in);
/* Its number; a fresh one when it has none. */
uint64_t intern_number(struct intern *in, const struct presented_text *by);
/* What was made since the last call lies in the log up to `seq`. */
void intern_logged(struct intern *in, uint64_t seq);
/* Every read under way sees the log up to `seq`: forget what lies there. */
void intern_forget(struct intern *in, uint64_t seq);

#endif
