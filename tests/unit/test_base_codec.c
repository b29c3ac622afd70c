/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_base_codec.c - structs to bytes and back: round trips, older bodies,
 * damaged bytes. Inputs lie in blocks of exactly their size, so that a
 * sanitizer sees a read behind the end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>

#include "base/check.h"
#include "base/codec.h"
#include "base/id.h"
#include "base/mem.h"
#include "base/rng.h"

struct row {
	struct skill_id skill;
	uint8_t level;
	struct str note;
};

static const struct field row_fields[] = {
	FIELD_AS(struct row, 's', skill),
	FIELD(struct row, U8, level),
	FIELD(struct row, STR, note),
	FIELD_END,
};

#define ROWS 4

struct thing {
	uint8_t u8;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;
	int64_t i64;
	bool yes;
	struct contact_id contact;
	uint8_t hash[32];
	struct str text;
	uint8_t row_count;
	struct row rows[ROWS];
	uint8_t state;
};

static const char *show_state(unsigned v)
{
	return v == 1 ? "waiting" : "other";
}

static const struct field thing_fields[] = {
	FIELD(struct thing, U8, u8),
	FIELD(struct thing, U16, u16),
	FIELD(struct thing, U32, u32),
	FIELD(struct thing, U64, u64),
	FIELD(struct thing, I64, i64),
	FIELD(struct thing, BOOL, yes),
	FIELD_AS(struct thing, 'c', contact),
	FIELD(struct thing, HASH, hash),
	FIELD(struct thing, STR, text),
	FIELD_ROWS(struct thing, rows, row_count, ROWS, row_fields),
	FIELD_NAMED(struct thing, state, show_state),
	FIELD_END,
};

static struct str tight(struct str s)
{
	return (struct str){ mem_copy(s.p, s.n), s.n };
}

static void let_go(struct str s)
{
	mem_free((char *)(uintptr_t)s.p);
}

static int decode_all(const struct field *fields, struct str bytes, void *to)
{
	struct reader r = reader_of(bytes);
	int err = decode(fields, &r, to);

	return err == 0 && r.n > 0 ? ERR_CORRUPT : err;
}

static void assert_number(uint64_t v, size_t bytes)
{
	struct buf b = { 0 };
	struct reader r;

	put_u64(&b, v);
	assert_int_equal(b.len, bytes);
	r = reader_of(buf_str(&b));
	assert_true(get_u64(&r) == v);
	assert_int_equal(r.n, 0);
	assert_false(r.failed);
	buf_done(&b);
}

static void numbers_take_the_fewest_bytes(void **state)
{
	unsigned bits;

	(void)state;
	assert_number(0, 1);
	for (bits = 1; bits <= 64; bits++) {
		uint64_t most = UINT64_MAX >> (64 - bits);

		assert_number(most, (bits + 6) / 7);
		assert_number(most / 2 + 1, (bits + 6) / 7);
	}
}

static void the_bytes_are_leb128(void **state)
{
	struct buf b = { 0 };

	(void)state;
	put_u64(&b, 624485);
	put_i64(&b, -1);
	put_i64(&b, 1);
	put_str(&b, STR("ab"));
	assert_int_equal(b.len, 8);
	assert_memory_equal(b.data,
	    "\xe5\x8e\x26\x01\x02\x02"
	    "ab",
	    8);
	buf_done(&b);
}

static void signed_numbers_come_back(void **state)
{
	static const int64_t cases[] = { 0, 1, -1, 63, -64, 64, INT64_MAX,
		INT64_MIN };
	struct buf b = { 0 };
	struct reader r;
	size_t i;

	(void)state;
	for (i = 0; i < countof(cases); i++)
		put_i64(&b, cases[i]);
	r = reader_of(buf_str(&b));
	for (i = 0; i < countof(cases); i++)
		assert_true(get_i64(&r) == cases[i]);
	assert_false(r.failed);
	assert_int_equal(r.n, 0);
	buf_done(&b);
}

static void a_number_has_one_spelling(void **state)
{
	static const struct str bad[] = {
		{ "\x80", 1 },                                      /* cut */
		{ "\x80\x00", 2 },                                  /* padded */
		{ "\xff\x80\x00", 3 },                              /* padded */
		{ "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02", 10 }, /* 2^64 */
		{ "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x81\x01", 11 },
		{ "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80", 10 },
		{ NULL, 0 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < countof(bad); i++) {
		struct str bytes = tight(bad[i]);
		struct reader r = reader_of(bytes);

		assert_true(get_u64(&r) == 0);
		assert_true(r.failed);
		let_go(bytes);
	}
}

static void a_reader_that_failed_stays_failed(void **state)
{
	struct reader r = reader_of(STR("\x05"
	                                "ab\x01\x01"));

	(void)state;
	assert_int_equal(get_str(&r).n, 0); /* 5 wanted, 4 there */
	assert_true(r.failed);
	assert_true(get_u64(&r) == 0);
	assert_true(get_i64(&r) == 0);
	assert_null(get_str(&r).p);
}

static void a_huge_length_is_refused(void **state)
{
	struct buf b = { 0 };
	struct reader r;

	(void)state;
	put_u64(&b, UINT64_MAX);
	buf_add_text(&b, "abc");
	r = reader_of(buf_str(&b));
	assert_int_equal(get_str(&r).n, 0);
	assert_true(r.failed);
	buf_done(&b);
}

static struct thing sample(void)
{
	struct thing t = {
		.u8 = 255,
		.u16 = 65535,
		.u32 = UINT32_MAX,
		.u64 = UINT64_MAX,
		.i64 = INT64_MIN,
		.yes = true,
		.contact = { 42 },
		.hash = { 1, 2, 3 },
		.text = STR("caf\xc3\xa9"),
		.row_count = 2,
		.rows = { { { 7 }, 80, STR("a") }, { { 8 }, 60, STR_NONE } },
		.state = 1,
	};

	return t;
}

static void assert_same(const struct thing *a, const struct thing *b)
{
	size_t i;

	assert_int_equal(a->u8, b->u8);
	assert_int_equal(a->u16, b->u16);
	assert_int_equal(a->u32, b->u32);
	assert_true(a->u64 == b->u64);
	assert_true(a->i64 == b->i64);
	assert_int_equal(a->yes, b->yes);
	assert_true(id_same(a->contact, b->contact));
	assert_memory_equal(a->hash, b->hash, sizeof(a->hash));
	assert_true(str_eq(a->text, b->text));
	assert_int_equal(a->row_count, b->row_count);
	for (i = 0; i < a->row_count; i++) {
		assert_true(id_same(a->rows[i].skill, b->rows[i].skill));
		assert_int_equal(a->rows[i].level, b->rows[i].level);
		assert_true(str_eq(a->rows[i].note, b->rows[i].note));
	}
	assert_int_equal(a->state, b->state);
}

static void a_struct_comes_back_as_it_was(void **state)
{
	struct thing t = sample();
	struct thing back = { 0 };
	struct buf b = { 0 };

	(void)state;
	encode(thing_fields, &t, &b);
	assert_int_equal(decode_all(thing_fields, buf_str(&b), &back), 0);
	assert_same(&t, &back);
	/* texts are borrowed, not copied */
	assert_true(back.text.p > b.data && back.text.p < b.data + b.len);
	buf_done(&b);
	assert_int_equal(mem_live(), 0);
}

static void a_zero_struct_is_a_byte_a_field(void **state)
{
	struct thing zero = { 0 };
	struct buf b = { 0 };

	(void)state;
	encode(thing_fields, &zero, &b);
	assert_int_equal(b.len, countof(thing_fields) - 1);
	buf_done(&b);
}

static uint64_t some_number(struct rng *r, unsigned bits)
{
	return rng_next(r) >> (64 - 1 - rng_below(r, bits));
}

static void random_structs_come_back(void **state)
{
	static char notes[300];
	struct rng r;
	int round;

	(void)state;
	memset(notes, 'n', sizeof(notes));
	rng_seed(&r, 11);
	for (round = 0; round < 5000; round++) {
		struct thing t = { 0 };
		struct thing back = { 0 };
		struct buf b = { 0 };
		size_t i;

		t.u8 = (uint8_t)some_number(&r, 8);
		t.u16 = (uint16_t)some_number(&r, 16);
		t.u32 = (uint32_t)some_number(&r, 32);
		t.u64 = some_number(&r, 63);
		t.i64 = (int64_t)rng_next(&r);
		t.yes = rng_below(&r, 2) == 1;
		t.contact.v = some_number(&r, 63);
		t.hash[rng_below(&r, 32)] = (uint8_t)rng_below(&r, 2);
		t.text = (struct str){ notes, rng_below(&r, 300) };
		t.row_count = (uint8_t)rng_below(&r, ROWS + 1);
		for (i = 0; i < t.row_count; i++) {
			t.rows[i].skill.v = some_number(&r, 63);
			t.rows[i].level = (uint8_t)rng_below(&r, 101);
			/* rows over 127 bytes have a longer head */
			t.rows[i].note =
			    (struct str){ notes, rng_below(&r, 300) };
		}
		encode(thing_fields, &t, &b);
		assert_int_equal(
		    decode_all(thing_fields, buf_str(&b), &back), 0);
		assert_same(&t, &back);
		buf_done(&b);
	}
}

/* A body written by a table that ended earlier: what it had is there, and
 * writing the rest as zero gives the body of the whole table. */
static void an_older_body_leaves_the_rest_zero(void **state)
{
	struct field older[countof(thing_fields)];
	struct field end = FIELD_END;
	struct thing t = sample();
	size_t n;

	(void)state;
	for (n = 0; n < countof(thing_fields); n++) {
		struct thing back = { 0 };
		struct buf b = { 0 };
		struct buf again = { 0 };

		memcpy(older, thing_fields, sizeof(older));
		older[n] = end;
		encode(older, &t, &b);
		assert_int_equal(
		    decode_all(thing_fields, buf_str(&b), &back), 0);
		encode(thing_fields, &back, &again);
		assert_int_equal(
		    again.len, b.len + countof(thing_fields) - 1 - n);
		while (b.len < again.len)
			put_u64(&b, 0);
		assert_true(str_eq(buf_str(&b), buf_str(&again)));
		buf_done(&b);
		buf_done(&again);
	}
}

/* An element's table grew too. */
static void an_older_element_leaves_the_rest_zero(void **state)
{
	static const struct field old_rows[] = {
		FIELD_AS(struct row, 's', skill),
		FIELD_END,
	};
	static const struct field old_table[] = {
		FIELD_ROWS(struct thing, rows, row_count, ROWS, old_rows),
		FIELD(struct thing, U8, u8),
		FIELD_END,
	};
	static const struct field new_table[] = {
		FIELD_ROWS(struct thing, rows, row_count, ROWS, row_fields),
		FIELD(struct thing, U8, u8),
		FIELD_END,
	};
	struct thing t = sample();
	struct thing back = { 0 };
	struct buf b = { 0 };

	(void)state;
	encode(old_table, &t, &b);
	assert_int_equal(decode_all(new_table, buf_str(&b), &back), 0);
	assert_int_equal(back.row_count, 2);
	assert_true(back.rows[1].skill.v == 8);
	assert_int_equal(back.rows[1].level, 0);
	assert_int_equal(back.u8, 255);
	buf_done(&b);
}

static void bytes_behind_the_last_field_stay_in_the_reader(void **state)
{
	struct thing t = sample();
	struct thing back = { 0 };
	struct buf b = { 0 };
	struct reader r;

	(void)state;
	encode(thing_fields, &t, &b);
	put_u64(&b, 5);
	r = reader_of(buf_str(&b));
	assert_int_equal(decode(thing_fields, &r, &back), 0);
	assert_int_equal(r.n, 1);
	assert_true(get_u64(&r) == 5);
	buf_done(&b);
}

static void numbers_too_large_for_their_field_are_corrupt(void **state)
{
	static const struct field byte[] = { FIELD(struct thing, U8, u8),
		FIELD_END };
	static const struct field word[] = { FIELD(struct thing, U16, u16),
		FIELD_END };
	static const struct field quad[] = { FIELD(struct thing, U32, u32),
		FIELD_END };
	static const struct field flag[] = { FIELD(struct thing, BOOL, yes),
		FIELD_END };
	static const struct {
		const struct field *fields;
		uint64_t max;
	} cases[] = { { byte, 255 }, { word, 65535 }, { quad, UINT32_MAX },
		{ flag, 1 } };
	size_t i;

	(void)state;
	for (i = 0; i < countof(cases); i++) {
		struct thing t = { 0 };
		struct buf b = { 0 };

		put_u64(&b, cases[i].max);
		assert_int_equal(
		    decode_all(cases[i].fields, buf_str(&b), &t), 0);
		buf_clear(&b);
		put_u64(&b, cases[i].max + 1);
		assert_int_equal(
		    decode_all(cases[i].fields, buf_str(&b), &t), ERR_CORRUPT);
		buf_done(&b);
	}
}

static void hashes_have_32_bytes_or_none(void **state)
{
	static const struct field hash[] = { FIELD(struct thing, HASH, hash),
		FIELD_END };
	char bytes[33] = { 0 };
	size_t n;

	(void)state;
	for (n = 0; n <= sizeof(bytes); n++) {
		struct thing t = { 0 };
		struct buf b = { 0 };

		bytes[0] = 1;
		put_str(&b, (struct str){ bytes, n });
		assert_int_equal(decode_all(hash, buf_str(&b), &t),
		    n == 0 || n == 32 ? 0 : ERR_CORRUPT);
		/* 32 zeros have a shorter spelling */
		bytes[0] = 0;
		buf_clear(&b);
		put_str(&b, (struct str){ bytes, 32 });
		assert_int_equal(
		    decode_all(hash, buf_str(&b), &t), ERR_CORRUPT);
		buf_done(&b);
	}
}

static void more_elements_than_fit_are_corrupt(void **state)
{
	static const struct field rows[] = {
		FIELD_ROWS(struct thing, rows, row_count, ROWS, row_fields),
		FIELD_END,
	};
	uint64_t n;

	(void)state;
	for (n = ROWS - 1; n <= ROWS + 1; n++) {
		struct thing t = { 0 };
		struct buf b = { 0 };
		uint64_t i;

		put_u64(&b, n);
		for (i = 0; i < n; i++)
			put_u64(&b, 0); /* an element without fields */
		assert_int_equal(decode_all(rows, buf_str(&b), &t),
		    n <= ROWS ? 0 : ERR_CORRUPT);
		buf_clear(&b);
		put_u64(&b, 256 + n); /* looks small in one byte */
		assert_int_equal(
		    decode_all(rows, buf_str(&b), &t), ERR_CORRUPT);
		buf_done(&b);
	}
}

static void an_element_with_bytes_left_over_is_corrupt(void **state)
{
	static const struct field rows[] = {
		FIELD_ROWS(struct thing, rows, row_count, ROWS, row_fields),
		FIELD_END,
	};
	struct thing t = { 0 };

	(void)state;
	assert_int_equal(decode_all(rows, STR("\x01\x03\x01\x02\x00"), &t), 0);
	assert_int_equal(
	    decode_all(rows, STR("\x01\x04\x01\x02\x00\x00"), &t), ERR_CORRUPT);
}

/* Every prefix is an older body or corrupt; none is read past its end. */
static void truncated_bodies_do_no_harm(void **state)
{
	struct thing t = sample();
	struct buf b = { 0 };
	size_t n;
	size_t good = 0;

	(void)state;
	encode(thing_fields, &t, &b);
	for (n = 0; n < b.len; n++) {
		struct str bytes = tight(str_sub(buf_str(&b), 0, n));
		struct thing back = { 0 };
		int err = decode_all(thing_fields, bytes, &back);

		assert_true(err == 0 || err == ERR_CORRUPT);
		good += err == 0;
		let_go(bytes);
	}
	/* exactly the cuts between two fields */
	assert_int_equal(good, countof(thing_fields) - 1);
	buf_done(&b);
}

static void random_damage_does_no_harm(void **state)
{
	struct thing t = sample();
	struct buf b = { 0 };
	struct rng r;
	int round;

	(void)state;
	rng_seed(&r, 12);
	encode(thing_fields, &t, &b);
	for (round = 0; round < 20000; round++) {
		struct str bytes = tight(buf_str(&b));
		char *p = (char *)(uintptr_t)bytes.p;
		struct thing back = { 0 };
		int hits = 1 + (int)rng_below(&r, 3);

		while (hits-- > 0)
			p[rng_below(&r, bytes.n)] = (char)rng_next(&r);
		if (decode_all(thing_fields, bytes, &back) == 0) {
			struct buf again = { 0 };

			/* what is accepted has exactly one spelling */
			encode(thing_fields, &back, &again);
			assert_true(str_eq(buf_str(&again), bytes) ||
			            again.len > bytes.n);
			buf_done(&again);
		}
		let_go(bytes);
	}
	buf_done(&b);
}

static void a_full_buf_is_marked_not_overrun(void **state)
{
	struct thing t = sample();
	struct buf b = { 0 };
	size_t whole;
	size_t limit;

	(void)state;
	encode(thing_fields, &t, &b);
	whole = b.len;
	buf_done(&b);
	for (limit = 1; limit <= whole; limit++) {
		buf_init(&b, limit);
		encode(thing_fields, &t, &b);
		assert_int_equal(b.failed, limit < whole);
		assert_true(b.len <= limit);
		buf_done(&b);
	}
}

static void assert_shown(const struct thing *t, const char *wanted)
{
	struct buf b = { 0 };
	struct json_writer w;

	jw_init(&w, &b);
	jw_object(&w);
	fields_show(thing_fields, t, &w);
	jw_end(&w);
	assert_string_equal(b.data, wanted);
	buf_done(&b);
}

static void fields_are_shown_by_name(void **state)
{
	struct thing t = sample();
	struct thing zero = { 0 };

	(void)state;
	assert_shown(&t,
	    "{\"u8\":255,\"u16\":65535,\"u32\":4294967295,"
	    "\"u64\":\"18446744073709551615\",\"i64\":-9223372036854775808,"
	    "\"yes\":true,\"contact\":\"c42\",\"hash\":\"010203"
	    "0000000000000000000000000000000000000000000000000000000000\","
	    "\"text\":\"caf\xc3\xa9\",\"rows\":[{\"skill\":\"s7\","
	    "\"level\":80,\"note\":\"a\"},{\"skill\":\"s8\",\"level\":60}],"
	    "\"state\":\"waiting\"}");
	assert_shown(&zero, "{}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_take_the_fewest_bytes),
		cmocka_unit_test(the_bytes_are_leb128),
		cmocka_unit_test(signed_numbers_come_back),
		cmocka_unit_test(a_number_has_one_spelling),
		cmocka_unit_test(a_reader_that_failed_stays_failed),
		cmocka_unit_test(a_huge_length_is_refused),
		cmocka_unit_test(a_struct_comes_back_as_it_was),
		cmocka_unit_test(a_zero_struct_is_a_byte_a_field),
		cmocka_unit_test(random_structs_come_back),
		cmocka_unit_test(an_older_body_leaves_the_rest_zero),
		cmocka_unit_test(an_older_element_leaves_the_rest_zero),
		cmocka_unit_test(
		    bytes_behind_the_last_field_stay_in_the_reader),
		cmocka_unit_test(numbers_too_large_for_their_field_are_corrupt),
		cmocka_unit_test(hashes_have_32_bytes_or_none),
		cmocka_unit_test(more_elements_than_fit_are_corrupt),
		cmocka_unit_test(an_element_with_bytes_left_over_is_corrupt),
		cmocka_unit_test(truncated_bodies_do_no_harm),
		cmocka_unit_test(random_damage_does_no_harm),
		cmocka_unit_test(a_full_buf_is_marked_not_overrun),
		cmocka_unit_test(fields_are_shown_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
