/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tell.h - an event in plain words: one line, one sentence.
 */
#ifndef USHER_TESTS_TELL_H
#define USHER_TESTS_TELL_H

#include "stage.h"

/* Appends "0:05.000 c1 ends: resolved\n"; nothing for the input itself. The
 * second world still stands before the event. */
void tell_event(struct stage *st, const struct event *e);
/* A refusal, or the old answer to a key that came before. */
void tell_outcome(struct stage *st);
/* "0:05.000" */
void tell_time(struct buf *out, msec_t at);

#endif
