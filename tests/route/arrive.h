/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * arrive.h - contacts come in: what the intake would have found out of them.
 */
#ifndef USHER_TESTS_ARRIVE_H
#define USHER_TESTS_ARRIVE_H

#include "stage.h"

/* chat c1 at site says "refund please" in fr from mail ana@x verified ... */
void arrive_channel(struct stage *st, struct words *w, enum channel channel);
/* start maria phone c1 at pbx1 from phone +351...; with queue: a request */
void arrive_start(struct stage *st, struct words *w, const struct beat *b);
/* parsed c1 says "..."; parsed c1 failed */
void arrive_parsed(struct stage *st, struct words *w, const struct beat *b);
/* record phone +351... is of p1 verified [and 1 more] */
void arrive_record(struct stage *st, struct words *w, const struct beat *b);

#endif
