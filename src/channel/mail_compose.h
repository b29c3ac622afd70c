/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mail_compose.h - a reply as the world of mail wants it (RFC 5322, MIME).
 *
 * Pure: facts in, bytes out. What came from outside (addresses, subjects, ids)
 * may hold anything; nothing of it can become a header line of its own.
 */
#ifndef USHER_CHANNEL_MAIL_COMPOSE_H
#define USHER_CHANNEL_MAIL_COMPOSE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/str.h"

struct mail_reply {
	struct str from;      /* our address */
	struct str from_name; /* or empty */
	struct str to;        /* the customer's address */
	struct str subject;   /* of the customer's mail, or ours */
	struct str text;      /* UTF-8 */
	struct str id;        /* without angle brackets */
	struct str answers;   /* Message-ID of the customer's mail, or empty */
	msec_t wall;
};
/* ERR_INVALID: an address is none. */
int mail_compose(const struct mail_reply *m, struct buf *out) must_check;
/* An address that can stand in a header and an envelope as it is. */
bool mail_address_is_good(struct str address);

/*
 * Our Message-IDs name the contact and cannot be made by others:
 * c.CONTACT.MESSAGE.MAC@domain, the MAC 8 bytes of HMAC-SHA256 in hex.
 */
void mail_id(const uint8_t *key, struct contact_id contact,
    struct message_id message, struct str domain, struct buf *out);
/* Reads one, with or without brackets; false when it is not ours. */
bool mail_id_read(const uint8_t *key, struct str id, struct contact_id *out);

#endif
