/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_base_crypto.c - published vectors (FIPS 180, RFC 4231, RFC 4648), strict
 * decoding, passwords.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/check.h"
#include "base/crypto.h"
#include "base/mem.h"

static struct str repeated(char c, size_t n, char *dst)
{
	memset(dst, c, n);
	return (struct str){ dst, n };
}

static void assert_hex(const uint8_t *p, size_t n, const char *wanted)
{
	struct buf b = { 0 };

	hex_encode(p, n, &b);
	assert_string_equal(b.data, wanted);
	buf_done(&b);
}

static void sha256_gives_the_published_digests(void **state)
{
	static char million[1000000];
	uint8_t out[SHA256_BYTES];

	(void)state;
	sha256(STR_NONE, out);
	assert_hex(out, sizeof(out),
	    "e3b0c44298fc1c149afbf4c8996fb924"
	    "27ae41e4649b934ca495991b7852b855");
	sha256(STR("abc"), out);
	assert_hex(out, sizeof(out),
	    "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad");
	sha256(STR("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
	    out);
	assert_hex(out, sizeof(out),
	    "248d6a61d20638b8e5c026930c3e6039"
	    "a33ce45964ff2167f6ecedd419db06c1");
	sha256(repeated('a', sizeof(million), million), out);
	assert_hex(out, sizeof(out),
	    "cdc76e5c9914fb9281a1c7e284d73e67"
	    "f1809a48a497200e046d39ccc7112cd0");
}

static void a_digest_in_steps_is_the_same(void **state)
{
	static const char text[] =
	    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
	uint8_t whole[SHA256_BYTES];
	uint8_t steps[SHA256_BYTES];
	size_t cut;

	(void)state;
	sha256(STR(text), whole);
	for (cut = 0; cut < sizeof(text); cut++) {
		struct digest *d = digest_new();

		digest_add(d, text, cut);
		digest_add(d, NULL, 0);
		digest_add(d, text + cut, sizeof(text) - 1 - cut);
		digest_end(d, steps);
		assert_memory_equal(whole, steps, sizeof(whole));
	}
	assert_int_equal(mem_live(), 0);
}

static void digest64_is_the_first_8_bytes(void **state)
{
	(void)state;
	assert_true(digest64(STR("abc")) == UINT64_C(0xba7816bf8f01cfea));
	assert_true(digest64(STR_NONE) == UINT64_C(0xe3b0c44298fc1c14));
}

static void sha1_gives_the_websocket_answer(void **state)
{
	uint8_t out[SHA1_BYTES];
	struct buf b = { 0 };

	(void)state;
	sha1(STR("abc"), out);
	assert_hex(
	    out, sizeof(out), "a9993e364706816aba3e25717850c26c9cd0d89d");
	/* RFC 6455 section 1.3 */
	sha1(STR("dGhlIHNhbXBsZSBub25jZQ=="
	         "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"),
	    out);
	base64_encode((struct str){ (char *)out, sizeof(out) }, &b);
	assert_string_equal(b.data, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
	buf_done(&b);
}

static void assert_hmac(struct str key, struct str data, const char *wanted)
{
	uint8_t out[SHA256_BYTES];

	hmac_sha256(key, data, out);
	assert_hex(out, sizeof(out), wanted);
}

static void hmac_gives_the_answers_of_rfc_4231(void **state)
{
	char key[131];
	char data[50];

	(void)state;
	assert_hmac(repeated(0x0b, 20, key), STR("Hi There"),
	    "b0344c61d8db38535ca8afceaf0bf12b"
	    "881dc200c9833da726e9376c2e32cff7");
	assert_hmac(STR("Jefe"), STR("what do ya want for nothing?"),
	    "5bdcc146bf60754e6a042426089575c7"
	    "5a003f089d2739839dec58b964ec3843");
	assert_hmac(repeated((char)0xaa, 20, key),
	    repeated((char)0xdd, 50, data),
	    "773ea91e36800e46854db8ebd09181a7"
	    "2959098b3ef8c122d9635514ced565fe");
	assert_hmac(repeated((char)0xaa, 131, key),
	    STR("Test Using Larger Than Block-Size Key - Hash Key First"),
	    "60e431591ee0b67f0d8a26aacbf5b77f"
	    "8e0bc6213728c5140546040f0ee37f54");
	/* no key and no data at all */
	assert_hmac(STR_NONE, STR_NONE,
	    "b613679a0814d9ec772f95d778c35fc5"
	    "ff1697c493715653c6c712144292c5ad");
}

static void same_compares_all_bytes(void **state)
{
	(void)state;
	assert_true(crypto_same("abcd", "abcd", 4));
	assert_false(crypto_same("abcd", "abce", 4));
	assert_false(crypto_same("xbcd", "abcd", 4));
	assert_true(crypto_same("abcd", "abcx", 3));
	assert_true(crypto_same("a", "b", 0));
}

static void hex_comes_back_and_is_strict(void **state)
{
	static const char *const bad[] = { "0", "0g", "g0", "0x", " 0", "00 ",
		"000", "\xff\xff" };
	struct buf b = { 0 };
	size_t i;

	(void)state;
	assert_int_equal(hex_decode(STR("00fFAb7f"), &b), 0);
	assert_int_equal(b.len, 4);
	assert_memory_equal(b.data, "\x00\xff\xab\x7f", 4);
	for (i = 0; i < countof(bad); i++) {
		assert_int_equal(hex_decode(str_of(bad[i]), &b), ERR_INVALID);
		assert_int_equal(b.len, 4); /* nothing was added */
	}
	assert_int_equal(hex_decode(STR_NONE, &b), 0);
	buf_done(&b);
}

static void base64_gives_the_answers_of_rfc_4648(void **state)
{
	static const struct {
		struct str plain;
		const char *padded;
		const char *url;
	} cases[] = {
		{ { "", 0 }, "", "" },
		{ { "f", 1 }, "Zg==", "Zg" },
		{ { "fo", 2 }, "Zm8=", "Zm8" },
		{ { "foo", 3 }, "Zm9v", "Zm9v" },
		{ { "foob", 4 }, "Zm9vYg==", "Zm9vYg" },
		{ { "fooba", 5 }, "Zm9vYmE=", "Zm9vYmE" },
		{ { "foobar", 6 }, "Zm9vYmFy", "Zm9vYmFy" },
		{ { "\xfb\xff\xfe", 3 }, "+//+", "-__-" },
		{ { "\xff", 1 }, "/w==", "_w" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < countof(cases); i++) {
		struct buf b = { 0 };

		base64_encode(cases[i].plain, &b);
		assert_string_equal(b.data, cases[i].padded);
		buf_clear(&b);
		base64url_encode(cases[i].plain, &b);
		assert_string_equal(b.data, cases[i].url);
		buf_clear(&b);
		assert_int_equal(base64_decode(str_of(cases[i].padded), &b), 0);
		assert_int_equal(base64_decode(str_of(cases[i].url), &b), 0);
		assert_int_equal(b.len, 2 * cases[i].plain.n);
		if (b.len > 0)
			assert_memory_equal(b.data + cases[i].plain.n,
			    cases[i].plain.p, cases[i].plain.n);
		buf_done(&b);
	}
}

static void base64_refuses_what_is_not_canonical(void **state)
{
	static const char *const bad[] = { "Z", "Z===", "Zg=", "Zh==", "Zm9=",
		"Zm8==", "Zg== ", " Zg==", "Zm\n9v", "Zg==Zg==", "=",
		"====", "+/-_", "_w==", "/w", "Zh", "Zm9vY", "Zm9v!",
		"Zg\xc3\xa9=" };
	struct buf b = { 0 };
	size_t i;

	(void)state;
	buf_add_text(&b, "kept");
	for (i = 0; i < countof(bad); i++) {
		assert_int_equal(
		    base64_decode(str_of(bad[i]), &b), ERR_INVALID);
		assert_string_equal(b.data, "kept");
	}
	buf_done(&b);
}

static void base64_round_trips_at_every_length(void **state)
{
	uint8_t plain[100];
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(plain); n++)
		plain[n] = (uint8_t)(n * 37);
	for (n = 0; n < sizeof(plain); n++) {
		struct buf text = { 0 };
		struct buf back;

		base64_encode((struct str){ (char *)plain, n }, &text);
		buf_init(&back, n == 0 ? 1 : n); /* exactly enough */
		assert_int_equal(base64_decode(buf_str(&text), &back), 0);
		assert_int_equal(back.len, n);
		if (n > 0)
			assert_memory_equal(back.data, plain, n);
		buf_done(&back);
		buf_init(&back, n - 1); /* one too few */
		if (n > 1)
			assert_int_equal(base64_decode(buf_str(&text), &back),
			    ERR_TOO_LARGE);
		buf_done(&back);
		buf_done(&text);
	}
	assert_int_equal(mem_live(), 0);
}

static void a_password_fits_only_its_own_hash(void **state)
{
	char hash[PASSWORD_TEXT];
	char again[PASSWORD_TEXT];

	(void)state;
	password_hash(STR("correct horse"), hash);
	password_hash(STR("correct horse"), again);
	assert_string_not_equal(hash, again); /* salted */
	assert_memory_equal(hash, "$argon2id$v=19$m=19456,t=2,p=1$", 31);
	assert_true(password_verify(STR("correct horse"), hash));
	assert_false(password_verify(STR("correct hors"), hash));
	assert_false(password_verify(STR("correct horse "), hash));
	assert_false(password_verify(STR_NONE, hash));
}

static void a_hash_made_elsewhere_is_understood(void **state)
{
	/* the argon2 reference program: argon2 somesalt -id -t 2 -k 65536 */
	static const char hash[] =
	    "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ"
	    "$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc";

	(void)state;
	assert_true(password_verify(STR("password"), hash));
	assert_false(password_verify(STR("passwore"), hash));
}

static void no_hash_and_broken_hashes_are_never_right(void **state)
{
	(void)state;
	assert_false(password_verify(STR(""), NULL));
	assert_false(password_verify(STR("x"), ""));
	assert_false(password_verify(STR("x"), "x"));
	assert_false(password_verify(STR("x"), "$argon2id$v=19$m=19456,t=2"));
}

static void tokens_are_long_and_differ(void **state)
{
	struct buf a = { 0 };
	struct buf b = { 0 };

	(void)state;
	token_make(32, &a);
	token_make(32, &b);
	assert_int_equal(a.len, 43);
	assert_string_not_equal(a.data, b.data);
	buf_done(&a);
	buf_done(&b);
	assert_int_equal(mem_live(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256_gives_the_published_digests),
		cmocka_unit_test(a_digest_in_steps_is_the_same),
		cmocka_unit_test(digest64_is_the_first_8_bytes),
		cmocka_unit_test(sha1_gives_the_websocket_answer),
		cmocka_unit_test(hmac_gives_the_answers_of_rfc_4231),
		cmocka_unit_test(same_compares_all_bytes),
		cmocka_unit_test(hex_comes_back_and_is_strict),
		cmocka_unit_test(base64_gives_the_answers_of_rfc_4648),
		cmocka_unit_test(base64_refuses_what_is_not_canonical),
		cmocka_unit_test(base64_round_trips_at_every_length),
		cmocka_unit_test(a_password_fits_only_its_own_hash),
		cmocka_unit_test(a_hash_made_elsewhere_is_understood),
		cmocka_unit_test(no_hash_and_broken_hashes_are_never_right),
		cmocka_unit_test(tokens_are_long_and_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
