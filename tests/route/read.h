/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * read.h - the small parts of a command: times, numbers, offers.
 */
#ifndef USHER_TESTS_READ_H
#define USHER_TESTS_READ_H

#include "stage.h"

/* The next word; ends the process when there is none. */
const char *read_word(
    const struct stage *st, struct words *w, const char *what);
/* "1m30s", "250ms", "2h", "7d". */
msec_t read_duration(const struct stage *st, struct words *w);
uint64_t read_number(const struct stage *st, struct words *w, uint64_t most);
/* "offer o2", or the last offer of the contact to the agent or to anybody. */
struct offer_id read_offer(const struct stage *st, struct words *w,
    struct contact_id c, const struct agent *a);
/* A key or a content as the router knows it: never 0. */
uint64_t digest_of(struct str text);

#endif
