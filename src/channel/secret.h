/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * secret.h - the house's own secret, and the tokens of its doors.
 *
 * data_dir/secret is made at the first start (0600, 32 random bytes); a key
 * per purpose is derived from it, so that a visitor's token is never a valid
 * mail id. Token files are read at the start and when rules become active; a
 * file may hold several lines, so that a token can be changed without a gap.
 */
#ifndef USHER_CHANNEL_SECRET_H
#define USHER_CHANNEL_SECRET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/crypto.h"
#include "base/map.h"
#include "base/str.h"
#include "model/rules.h"

#define SECRET_BYTES SHA256_BYTES

/* The key for one purpose ("visitor", "mail"). Makes the secret when there is
 * none; refuses one that others may read. */
int secret_key(const char *data_dir, const char *purpose,
    uint8_t out[SECRET_BYTES], struct fault *why) must_check;

struct tokens {
	struct map by_door; /* name -> text of its token file */
};
void tokens_done(struct tokens *t);
/* Reads the token files of every block of this channel (gateways are phone).
 * One that cannot be read, or that others may read, is logged and opens for
 * nobody. */
void tokens_load(struct tokens *t, const struct rules *r, enum channel channel);
/* Is `token` one of the door's? Takes the same time wherever it differs. */
bool tokens_match(const struct tokens *t, const char *door, struct str token);
/* Does one of the door's tokens, as an HMAC key, sign `data` so? */
bool tokens_signed(
    const struct tokens *t, const char *door, struct str data, struct str mac);

#endif
