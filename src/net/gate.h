/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * gate.h - the mark gate: what may leave now, what waits for its mark.
 *
 * A write is put together in place: gate_begin() says where, gate_end() closes
 * it. Nothing else may be written between the two.
 */
#ifndef USHER_NET_GATE_H
#define USHER_NET_GATE_H

#include "net/link.h"

/* For gate_begin(): before anything that is held. */
#define GATE_NOW UINT64_MAX

/* Mark 0 is always released, but keeps its place behind what is held. */
struct buf *gate_begin(struct link *k, uint64_t mark);
/* `last`: nothing may be written after it, and the link ends when it left. */
void gate_end(struct link *k, struct buf *out, bool last);
/* Lets everything go that is released by now. */
void gate_release(struct net *n);

#endif
