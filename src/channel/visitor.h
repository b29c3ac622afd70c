/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * visitor.h - what a chat customer holds in hand.
 *
 *   token     the right to speak in one contact, for 24 hours:
 *             c42.1764000000.MAC over workspace, contact and expiry
 *   visitor   the browser, over many contacts: RANDOM.MAC
 *   identity  who the site says it is, signed by the site's own secret:
 *             base64url(JSON).base64url(HMAC-SHA256)
 */
#ifndef USHER_CHANNEL_VISITOR_H
#define USHER_CHANNEL_VISITOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/id.h"
#include "base/json.h"
#include "base/str.h"
#include "channel/secret.h"

#define VISITOR_TOKEN_LIFE_MS ((msec_t)24 * 60 * 60 * 1000)

struct visitor_scope {
	const uint8_t *key; /* SECRET_BYTES */
	struct str workspace;
};

void visitor_token(const struct visitor_scope *s, struct contact_id contact,
    msec_t wall, struct buf *out);
bool visitor_token_is_good(const struct visitor_scope *s, struct str token,
    struct contact_id contact, msec_t wall);

/* Made from the request's key, so that a repeated request gets the same. */
void visitor_make(
    const struct visitor_scope *s, struct str key, struct buf *out);
/* Made by us: whoever shows it again is the same browser. */
bool visitor_is_ours(const struct visitor_scope *s, struct str visitor);

/* Strings borrow from `tree`. */
struct identity {
	struct json *tree;
	struct str account, mail, phone, name;
	int64_t exp; /* seconds since 1970 */
};
struct site { /* whose word it is, and when */
	const struct tokens *tokens;
	const char *door;
	msec_t wall;
};
int identity_read(const struct site *site, struct str text,
    struct identity *out, struct fault *why) must_check;
void identity_done(struct identity *i);

#endif
