/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * facts.h - an arrival's two halves: facts for the router, words for the
 * record.
 */
#ifndef USHER_SERVER_FACTS_H
#define USHER_SERVER_FACTS_H

#include "base/json.h"
#include "server/server.h"

/* What the filled facts borrow from; lives as long as they are used. */
struct facts_space {
	uint8_t verdicts[VERDICT_BYTES];
	char language[3];
};

/* `rows` is the record's answer about the identifiers (READ_IDENTIFIERS), or
 * NULL when there were none. `out` starts as all zero bytes. */
void facts_fill(struct server *s, const struct arrival *a,
    const struct json *rows, struct facts_space *space, struct in_arrive *out);
/* Appends the payload (doc/payloads.md). */
void facts_write(
    const struct arrival *a, const struct in_arrive *in, struct buf *out);

/* Every text of an arrival, in one order: for measuring, copying, hashing. */
typedef void (*text_fn)(void *arg, struct str *text);
void facts_each_text(struct arrival *a, text_fn fn, void *arg);

#endif
