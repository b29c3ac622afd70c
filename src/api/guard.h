/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * guard.h - how often somebody may try to sign in.
 *
 * Counts failures only, so that a whole centre behind one address can come
 * back at once. Nobody is locked out: the wait doubles and has an end. A name
 * that does not exist is counted like one that does.
 */
#ifndef USHER_API_GUARD_H
#define USHER_API_GUARD_H

#include "base/clock.h"
#include "base/list.h"
#include "base/map.h"
#include "base/str.h"

#define GUARD_FREE_FAILURES 5  /* of a name, before it has to wait */
#define GUARD_ADDRESS_MAX   20 /* failures of an address in a minute */
#define GUARD_WAIT_MAX_S    300
#define GUARD_ENTRIES_MAX   4096 /* names and addresses remembered */

struct guard {
	struct map names, addresses;         /* -> struct guarded */
	struct list name_list, address_list; /* longest untouched first */
	size_t name_count, address_count;
};

void guard_init(struct guard *g);
void guard_done(struct guard *g);
/* ms until this name may be tried from this address; 0: now. */
msec_t guard_wait(
    const struct guard *g, struct str name, struct str address, msec_t now);
void guard_failed(
    struct guard *g, struct str name, struct str address, msec_t now);
void guard_passed(struct guard *g, struct str name);

#endif
