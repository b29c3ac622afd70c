/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * crypto.h - digests, MACs, encodings, passwords. The one place beside
 * net/tls that knows OpenSSL, and the only one that knows libsodium.
 */
#ifndef USHER_BASE_CRYPTO_H
#define USHER_BASE_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

#define SHA256_BYTES 32
#define SHA1_BYTES   20

void sha256(struct str data, uint8_t out[SHA256_BYTES]);
void hmac_sha256(struct str key, struct str data, uint8_t out[SHA256_BYTES]);
void sha1(struct str data, uint8_t out[SHA1_BYTES]); /* RFC 6455 only */

/* A digest in steps; also for hashing more than one piece. */
struct digest;
struct digest *digest_new(void); /* SHA-256 */
void digest_add(struct digest *d, const void *data, size_t len);
void digest_end(struct digest *d, uint8_t out[SHA256_BYTES]); /* and frees */

/* The first 8 bytes of SHA-256, big-endian: keys of idempotency tables. */
uint64_t digest64(struct str data);

bool crypto_same(const void *a, const void *b, size_t len); /* no timing */

void hex_encode(const uint8_t *p, size_t n, struct buf *out);
int hex_decode(struct str s, struct buf *out) must_check;
void base64_encode(struct str data, struct buf *out);    /* RFC 4648, padded */
void base64url_encode(struct str data, struct buf *out); /* unpadded */
int base64_decode(struct str s, struct buf *out) must_check; /* strict, both */

/*
 * argon2id, m = 19,456 KiB, t = 2, p = 1 (OWASP's minimum), as a PHC string.
 * About 25 ms of processor: call from a work thread only.
 */
#define PASSWORD_TEXT 128
void password_hash(struct str password, char out[PASSWORD_TEXT]);
/* A NULL hash costs the same and is never right: no user enumeration. */
bool password_verify(struct str password, const char *hash);

/* n random bytes as base64url: tokens (n = 32) and one-time passwords. */
void token_make(size_t n, struct buf *out);

#endif
