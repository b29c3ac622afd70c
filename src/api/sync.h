/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sync.h - bringing a session that has just signed in up to date.
 */
#ifndef USHER_API_SYNC_H
#define USHER_API_SYNC_H

#include "api/session.h"

/* The frames after last_seq and `resumed`; or, when the ring does not reach
 * that far back (or last_seq is 0), a snapshot of the agent's own state. */
void sync_start(struct session *s, uint64_t last_seq);

#endif
