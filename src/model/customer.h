/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * customer.h - the little the router must know of a person: which customer an
 * identifier belongs to, where the record may not know it yet.
 *
 * The record (store) is the memory; it follows the log by milliseconds. The
 * world keeps each identifier that was linked within IDENTIFIER_KEEP_MS, so
 * that two contacts of a new person in the same instant meet. Intake stops
 * when the record is 60 s behind, so ten minutes are always enough.
 */
#ifndef USHER_MODEL_CUSTOMER_H
#define USHER_MODEL_CUSTOMER_H

#include "base/clock.h"
#include "base/id.h"
#include "base/list.h"

#define IDENTIFIER_KEEP_MS ((msec_t)10 * 60 * 1000)
#define KEY_KEEP_MS        ((msec_t)7 * 24 * 60 * 60 * 1000)

struct known_identifier {
	struct identifier_id id;
	struct customer_id customer;
	uint8_t level;
	uint8_t owners; /* how many customers it was linked to; > 1: unclear */
	msec_t since;
	struct list link; /* in world.identifier_list, oldest first */
};

/* An idempotency key and what it led to. */
struct known_key {
	uint64_t key;
	uint64_t content;
	struct contact_id contact;
	struct message_id message; /* 0: the key is of the contact itself */
	msec_t since;
	struct list link; /* in world.key_list, oldest first */
};

#endif
