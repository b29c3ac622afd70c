/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * crypto.c - digests, encodings, passwords, by OpenSSL and libsodium.
 *
 * Entered with secrets and with hostile text. Comparing and decoding secrets
 * takes the same time whatever they are; nothing of them is logged. Only
 * passwords need the slow functions, and those only on a work thread.
 */
#include "base/crypto.h"

#include <limits.h>
#include <stdatomic.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/rng.h"

/* A type of the library's and a code of ours have the same name. */
#define ERR_STATE OPENSSL_ERR_STATE
#include <openssl/evp.h>
#include <openssl/hmac.h>
#undef ERR_STATE
#include <sodium.h>

/* OWASP's minimum for argon2id; raising them changes only new hashes, since a
 * hash carries its own. */
#define ARGON_PASSES 2
#define ARGON_BYTES  (19456 * 1024)

struct digest {
	EVP_MD_CTX *ctx;
};

/*
 * SHA-256, looked up once: the library's own EVP_sha256() looks it up again in
 * each digest, which costs three times what a short text does. Two threads may
 * both look; one of them wins and both use the same.
 */
static const EVP_MD *sha256_kind(void)
{
	static _Atomic(EVP_MD *) kept;
	EVP_MD *kind = atomic_load(&kept);
	EVP_MD *found;

	if (kind != NULL)
		return kind;
	found = EVP_MD_fetch(NULL, "SHA256", NULL);
	check(found != NULL);
	if (atomic_compare_exchange_strong(&kept, &kind, found))
		return found;
	EVP_MD_free(found);
	return kind;
}

static void digest_once(
    const EVP_MD *kind, struct str data, uint8_t *out, unsigned want)
{
	unsigned n = 0;

	check(EVP_Digest(data.p, data.n, out, &n, kind, NULL) == 1);
	check(n == want);
}

void sha256(struct str data, uint8_t out[SHA256_BYTES])
{
	digest_once(sha256_kind(), data, out, SHA256_BYTES);
}

void hmac_sha256(struct str key, struct str data, uint8_t out[SHA256_BYTES])
{
	static const char none[1];
	unsigned n = 0;

	check(key.n <= INT_MAX);
	/* A NULL key would mean "the last one" to the library. */
	check(HMAC(EVP_sha256(), key.n == 0 ? none : key.p, (int)key.n,
	          (const unsigned char *)data.p, data.n, out, &n) != NULL);
	check(n == SHA256_BYTES);
}

void sha1(struct str data, uint8_t out[SHA1_BYTES])
{
	digest_once(EVP_sha1(), data, out, SHA1_BYTES);
}

struct digest *digest_new(void)
{
	struct digest *d = new_of(struct digest);

	d->ctx = EVP_MD_CTX_new();
	check(d->ctx != NULL);
	check(EVP_DigestInit_ex(d->ctx, sha256_kind(), NULL) == 1);
	return d;
}

void digest_add(struct digest *d, const void *data, size_t len)
{
	check(EVP_DigestUpdate(d->ctx, data, len) == 1);
}

void digest_end(struct digest *d, uint8_t out[SHA256_BYTES])
{
	unsigned n = 0;

	check(EVP_DigestFinal_ex(d->ctx, out, &n) == 1);
	check(n == SHA256_BYTES);
	EVP_MD_CTX_free(d->ctx);
	mem_free(d);
}

uint64_t digest64(struct str data)
{
	uint8_t full[SHA256_BYTES];
	uint64_t v = 0;
	size_t i;

	sha256(data, full);
	for (i = 0; i < 8; i++)
		v = (v << 8) | full[i];
	return v;
}

bool crypto_same(const void *a, const void *b, size_t len)
{
	return sodium_memcmp(a, b, len) == 0;
}

void hex_encode(const uint8_t *p, size_t n, struct buf *out)
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	if (n > SIZE_MAX / 2 || !buf_reserve(out, n * 2)) {
		out->failed = true;
		return;
	}
	for (i = 0; i < n; i++) {
		out->data[out->len++] = digits[p[i] >> 4];
		out->data[out->len++] = digits[p[i] & 15];
	}
	out->data[out->len] = '\0';
}

static int hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

int hex_decode(struct str s, struct buf *out)
{
	size_t before = out->len;
	size_t i;

	if (s.n % 2 != 0)
		return ERR_INVALID;
	for (i = 0; i < s.n; i += 2) {
		int high = hex_value(s.p[i]);
		int low = hex_value(s.p[i + 1]);

		if (high < 0 || low < 0) {
			buf_cut(out, before);
			return ERR_INVALID;
		}
		buf_add_char(out, (char)(high << 4 | low));
	}
	return out->failed ? ERR_TOO_LARGE : 0;
}

static void encode_64(struct str data, int variant, struct buf *out)
{
	size_t room;

	if (data.n > SIZE_MAX / 4) {
		out->failed = true;
		return;
	}
	room = sodium_base64_encoded_len(data.n, variant);
	if (!buf_reserve(out, room - 1))
		return;
	sodium_bin2base64(out->data + out->len, room,
	    (const unsigned char *)data.p, data.n, variant);
	out->len += strlen(out->data + out->len);
}

void base64_encode(struct str data, struct buf *out)
{
	encode_64(data, sodium_base64_VARIANT_ORIGINAL, out);
}

void base64url_encode(struct str data, struct buf *out)
{
	encode_64(data, sodium_base64_VARIANT_URLSAFE_NO_PADDING, out);
}

static bool decode_64(struct str s, size_t room, int variant, struct buf *out)
{
	size_t n = 0;

	if (sodium_base642bin((unsigned char *)out->data + out->len, room, s.p,
	        s.n, NULL, &n, NULL, variant) != 0)
		return false;
	out->len += n;
	return true;
}

/* The padded alphabet of section 4, else the unpadded one of section 5. */
int base64_decode(struct str s, struct buf *out)
{
	size_t digits = s.n;
	size_t room;
	bool good;

	while (digits > 0 && s.p[digits - 1] == '=')
		digits--;
	room = digits / 4 * 3 + digits % 4 * 3 / 4;
	if (!buf_reserve(out, room))
		return ERR_TOO_LARGE;
	if (s.n == 0)
		return 0;
	good =
	    decode_64(s, room, sodium_base64_VARIANT_ORIGINAL, out) ||
	    decode_64(s, room, sodium_base64_VARIANT_URLSAFE_NO_PADDING, out);
	out->data[out->len] = '\0';
	return good ? 0 : ERR_INVALID;
}

/* libsodium must not be given NULL, not even with length 0. */
static const char *never_null(struct str s)
{
	return s.n == 0 ? "" : s.p;
}

void password_hash(struct str password, char out[PASSWORD_TEXT])
{
	_Static_assert(PASSWORD_TEXT >= crypto_pwhash_STRBYTES, "too short");

	check(sodium_init() >= 0);
	if (crypto_pwhash_str_alg(out, never_null(password), password.n,
	        ARGON_PASSES, ARGON_BYTES, crypto_pwhash_ALG_ARGON2ID13) != 0)
		die("out of memory for a password hash");
}

bool password_verify(struct str password, const char *hash)
{
	/* Of random bytes nobody kept; only its cost matters. */
	static const char nobody[] =
	    "$argon2id$v=19$m=19456,t=2,p=1$C5k7nJLrGWjuYJz6MyqqVg$"
	    "QrZXJ1EuIkiF2LLAmg0G7ocDltEW+2SCqc7hx1F98sg";
	const char *against = hash == NULL ? nobody : hash;
	bool same;

	check(sodium_init() >= 0);
	same = crypto_pwhash_str_verify(
	           against, never_null(password), password.n) == 0;
	return same && hash != NULL;
}

void token_make(size_t n, struct buf *out)
{
	uint8_t *secret = mem_new(n);
	struct str bytes = { (const char *)secret, n };

	rng_bytes(secret, n);
	base64url_encode(bytes, out);
	sodium_memzero(secret, n);
	mem_free(secret);
}
