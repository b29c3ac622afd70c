/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * canon.h - rules back to text, in the one form that equal rules share.
 *
 * Sorted by name, every default spelt out, includes merged, secrets by the
 * name of their file. What the log keeps and `usherd -T` prints; reading it
 * again gives equal rules and the same text.
 */
#ifndef USHER_CONFIG_CANON_H
#define USHER_CONFIG_CANON_H

#include "config/check.h"

void canon_rules(const struct rules *r, struct buf *out);
/* One definition: a line, or a block of lines each indented by a tab. */
void canon_def(
    const struct rules *r, enum def_kind kind, size_t i, struct buf *out);
/* Rung i of a queue's ladder: "after 30s need billing 20+"; nothing when it
 * asks for nothing. */
void canon_step(const struct rules *r, const struct rule_queue *q, unsigned i,
    struct buf *out);
/* "after 2m or no agents also queue general" */
void canon_overflow(
    const struct rules *r, const struct rule_overflow *o, struct buf *out);
void canon_rule(const struct rules *r, size_t i, struct buf *out);

/* canon_expr.c */
/* A name as it can be read back: in quotes where it would be taken for
 * something else. */
void name_show(const char *name, struct buf *out);
void canon_leaf(const struct leaf *l, struct buf *out);
void canon_expr(const struct rules *r, const struct expr *e, struct buf *out);

#endif
