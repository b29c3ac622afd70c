/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_model_event.c - events and inputs as bytes: there and back, cut off,
 * damaged, newer than we are, and as old versions wrote them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../golden/samples.h"
#include "base/mem.h"

static void body_of(enum event_kind kind, struct buf *out)
{
	struct event e;

	sample_event(kind, &e);
	event_encode(&e, out);
}

static void show(const struct event *e, struct buf *out)
{
	struct json_writer w;

	jw_init(&w, out);
	event_show(e, &w);
}

/* A body that was read must be what would be written, up to the fields that
 * its writer did not know yet: else two readers could see two things. */
static bool writes_back(const struct event *e, struct str body)
{
	struct buf again = { 0 };
	bool same;

	event_encode(e, &again);
	same = again.len >= body.n &&
	       (body.n == 0 || memcmp(again.data, body.p, body.n) == 0);
	buf_done(&again);
	return same;
}

static void every_kind_comes_back_as_it_went(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < countof(sample_kinds); i++) {
		enum event_kind k = sample_kinds[i];
		struct buf body = { 0 };
		struct buf a = { 0 };
		struct buf b = { 0 };
		struct event was, is;

		sample_event(k, &was);
		body_of(k, &body);
		sample_event(k, &is);
		memset(
		    &is.input, 0, sizeof(is) - offsetof(struct event, input));
		assert_int_equal(
		    event_decode(&is, event_version(k), buf_str(&body)), 0);
		show(&was, &a);
		show(&is, &b);
		assert_string_equal(a.data, b.data);
		assert_true(writes_back(&is, buf_str(&body)));
		buf_done(&body);
		buf_done(&a);
		buf_done(&b);
	}
}

/* A shown event can be read by everybody: no name stands twice in it, and no
 * number is larger than JSON readers bear. */
static void every_kind_is_shown_as_sound_json(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < countof(sample_kinds); i++) {
		struct buf text = { 0 };
		struct json *tree = NULL;
		struct fault why = { 0 };
		struct event e;

		sample_event(sample_kinds[i], &e);
		show(&e, &text);
		if (json_parse(buf_str(&text), 0, &tree, &why) != 0)
			fail_msg("%s: %s", text.data, why.text);
		assert_true(str_is(json_str(json_get(tree, "kind")),
		    event_name(sample_kinds[i])));
		json_free(tree);
		buf_done(&text);
	}
}

static void no_two_kinds_share_a_name(void **state)
{
	size_t i, k;

	(void)state;
	for (i = 0; i < countof(sample_kinds); i++) {
		assert_non_null(event_name(sample_kinds[i]));
		for (k = 0; k < i; k++)
			assert_string_not_equal(event_name(sample_kinds[i]),
			    event_name(sample_kinds[k]));
	}
	assert_null(event_name((enum event_kind)9999));
}

/* A body cut off between two fields is one of an older writer; cut off inside
 * a field it is broken. */
static void cut_off_bodies_are_old_or_refused(void **state)
{
	size_t i, n;

	(void)state;
	for (i = 0; i < countof(sample_kinds); i++) {
		enum event_kind k = sample_kinds[i];
		struct buf body = { 0 };
		unsigned refused = 0;

		body_of(k, &body);
		for (n = 0; n < body.len; n++) {
			struct event e = { .kind = k };
			char *cut = mem_copy(body.data, n + 1);
			struct str s = { cut, n };
			int rc = event_decode(&e, event_version(k), s);

			assert_true(rc == 0 || rc == ERR_CORRUPT);
			if (rc == 0)
				assert_true(writes_back(&e, s));
			refused += rc != 0;
			mem_free(cut);
		}
		/* Every sample that is long has fields longer than a byte. */
		if (body.len > 4)
			assert_true(refused > 0);
		buf_done(&body);
	}
}

static void try_damaged(enum event_kind k, struct str body)
{
	struct event e = { .kind = k };
	char *copy = mem_copy(body.p, body.n);
	struct str s = { copy, body.n };
	int rc = event_decode(&e, event_version(k), s);

	assert_true(rc == 0 || rc == ERR_CORRUPT);
	if (rc == 0)
		assert_true(writes_back(&e, s));
	mem_free(copy);
}

static void damaged_bodies_never_read_as_something_unwritten(void **state)
{
	size_t i, at;
	unsigned bit;

	(void)state;
	for (i = 0; i < countof(sample_kinds); i++) {
		struct buf body = { 0 };

		body_of(sample_kinds[i], &body);
		for (at = 0; at < body.len; at++) {
			for (bit = 0; bit < 8; bit++) {
				body.data[at] ^= (char)(1u << bit);
				try_damaged(sample_kinds[i], buf_str(&body));
				body.data[at] ^= (char)(1u << bit);
			}
		}
		buf_done(&body);
	}
}

static void bytes_behind_the_last_field_are_refused(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < countof(sample_kinds); i++) {
		struct event e = { .kind = sample_kinds[i] };
		struct buf body = { 0 };

		body_of(sample_kinds[i], &body);
		buf_add_char(&body, '\0');
		assert_int_equal(
		    event_decode(&e, event_version(e.kind), buf_str(&body)),
		    ERR_CORRUPT);
		buf_done(&body);
	}
}

static void newer_versions_and_unknown_kinds_are_refused(void **state)
{
	struct event e = { .kind = (enum event_kind)9999 };
	size_t i;

	(void)state;
	assert_int_equal(event_decode(&e, 1, STR_NONE), ERR_VERSION);
	for (i = 0; i < countof(sample_kinds); i++) {
		struct buf body = { 0 };

		e.kind = sample_kinds[i];
		body_of(e.kind, &body);
		assert_int_equal(
		    event_decode(&e, event_version(e.kind) + 1, buf_str(&body)),
		    ERR_VERSION);
		assert_int_equal(
		    event_decode(&e, 0, buf_str(&body)), ERR_VERSION);
		buf_done(&body);
	}
}

/* ---- inputs ---------------------------------------------------------------- */

static void every_input_comes_back_as_it_went(void **state)
{
	unsigned k;

	(void)state;
	for (k = 0; k < INPUT_KINDS; k++) {
		struct input was;
		struct input is = { .kind = (enum input_kind)k };
		struct buf a = { 0 };
		struct buf b = { 0 };

		sample_input((enum input_kind)k, &was);
		input_encode(&was, &a);
		assert_int_equal(input_decode(&is, buf_str(&a)), 0);
		input_encode(&is, &b);
		assert_int_equal(a.len, b.len);
		if (a.len > 0)
			assert_memory_equal(a.data, b.data, a.len);
		buf_done(&a);
		buf_done(&b);
	}
}

static void an_arrival_keeps_whose_it_may_be(void **state)
{
	struct input was;
	struct input is = { .kind = INPUT_ARRIVE };
	struct buf body = { 0 };

	(void)state;
	sample_input(INPUT_ARRIVE, &was);
	input_encode(&was, &body);
	assert_int_equal(input_decode(&is, buf_str(&body)), 0);
	assert_int_equal(is.arrive.by_count, 2);
	assert_int_equal(is.arrive.by[1].id.v, 501);
	assert_int_equal(is.arrive.by[1].customer.v, 10);
	assert_int_equal(is.arrive.by[1].known, LEVEL_CLAIMED);
	assert_true(str_eq(is.arrive.verdicts, was.arrive.verdicts));
	buf_done(&body);
}

/* ---- as version 1 wrote them ----------------------------------------------- */

static char *golden_path(const char *name)
{
	const char *top = getenv("srcdir");

	return mem_textf("%s/tests/golden/%s", top == NULL ? "." : top, name);
}

static void read_golden(const char *name, struct buf *out)
{
	char *path = golden_path(name);
	FILE *f = fopen(path, "rb");
	char piece[4096];
	size_t n;

	if (f == NULL)
		fail_msg("%s is not here", path);
	while (f != NULL && (n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(out, piece, n);
	if (f != NULL)
		fclose(f);
	mem_free(path);
}

/* The next record; false behind the last. */
static bool next_record(struct reader *r, struct event *e)
{
	unsigned version;

	if (r->n == 0)
		return false;
	memset(e, 0, sizeof(*e));
	e->kind = (enum event_kind)get_u64(r);
	version = (unsigned)get_u64(r);
	e->seq = get_u64(r);
	e->epoch = get_u64(r);
	e->at = get_i64(r);
	e->contact.v = get_u64(r);
	e->customer.v = get_u64(r);
	e->agent.v = get_u64(r);
	assert_int_equal(event_decode(e, version, get_str(r)), 0);
	assert_false(r->failed);
	return true;
}

static void the_first_versions_events_read_as_they_did(void **state)
{
	struct buf bytes = { 0 };
	struct buf json = { 0 };
	struct buf now = { 0 };
	struct reader r;
	struct event e;
	unsigned kinds;

	(void)state;
	read_golden("events-v1.bin", &bytes);
	read_golden("events-v1.json", &json);
	r = reader_of(buf_str(&bytes));
	for (kinds = 0; kinds < 32; kinds++) {
		assert_true(next_record(&r, &e));
		buf_add_text(&now, kinds == 0 ? "[\n" : ",\n");
		show(&e, &now);
	}
	buf_add_text(&now, "\n]\n");
	assert_string_equal(now.data, json.data);
	buf_done(&bytes);
	buf_done(&json);
	buf_done(&now);
}

static void the_first_versions_inputs_read_as_they_did(void **state)
{
	struct buf bytes = { 0 };
	struct reader r;
	struct event e;
	unsigned inputs = 0;
	unsigned skip;

	(void)state;
	read_golden("events-v1.bin", &bytes);
	r = reader_of(buf_str(&bytes));
	for (skip = 0; skip < 32; skip++)
		assert_true(next_record(&r, &e));
	while (next_record(&r, &e)) {
		struct input in = { .kind = (enum input_kind)e.input.input };
		struct input sample;
		struct buf wanted = { 0 };
		struct buf again = { 0 };

		assert_int_equal(e.kind, EV_INPUT);
		assert_int_equal(in.kind, inputs);
		assert_int_equal(input_decode(&in, e.input.body), 0);
		input_encode(&in, &again);
		sample_input(in.kind, &sample);
		input_encode(&sample, &wanted);
		assert_true(str_eq(buf_str(&again), buf_str(&wanted)));
		buf_done(&wanted);
		buf_done(&again);
		inputs++;
	}
	assert_true(inputs >= 27);
	buf_done(&bytes);
}

static void nothing_is_left(void **state)
{
	(void)state;
	assert_int_equal(mem_live(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_comes_back_as_it_went),
		cmocka_unit_test(every_kind_is_shown_as_sound_json),
		cmocka_unit_test(no_two_kinds_share_a_name),
		cmocka_unit_test(cut_off_bodies_are_old_or_refused),
		cmocka_unit_test(
		    damaged_bodies_never_read_as_something_unwritten),
		cmocka_unit_test(bytes_behind_the_last_field_are_refused),
		cmocka_unit_test(newer_versions_and_unknown_kinds_are_refused),
		cmocka_unit_test(every_input_comes_back_as_it_went),
		cmocka_unit_test(an_arrival_keeps_whose_it_may_be),
		cmocka_unit_test(the_first_versions_events_read_as_they_did),
		cmocka_unit_test(the_first_versions_inputs_read_as_they_did),
		cmocka_unit_test(nothing_is_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
