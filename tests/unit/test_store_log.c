/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_store_log.c - what is appended is what is read, and nothing is told
 * before it is on disk.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "store_kit.h"

static const enum event_kind kinds[] = {
#define KIND(symbol, number, version, name) EV_##symbol,
	EVENT_TABLE(KIND)
#undef KIND
};

/* Every byte of every column is something, bodies included. */
static void fill(struct event *e, enum event_kind kind, uint64_t seq)
{
	static uint8_t noise[sizeof(struct event)];
	struct str word = STR("caf\xc3\xa9");
	size_t i;

	for (i = 0; i < sizeof(noise); i++)
		noise[i] = 1;
	memcpy(e, noise, sizeof(*e));
	e->seq = seq;
	e->epoch = 3;
	e->at = 1000 + (msec_t)seq;
	e->kind = kind;
	e->contact.v = seq * 3;
	e->customer.v = seq * 5;
	e->agent.v = seq * 7;
	e->payload = NULL;
	/* The texts among the noise. */
	switch (kind) {
	case EV_INPUT:
		e->input.body = word;
		break;
	case EV_CONFIG_ACTIVATED:
		e->config.text = word;
		e->config.author = word;
		break;
	case EV_HOURS_CHANGED:
		e->hours.hours = word;
		break;
	case EV_CONTACT_ARRIVED:
		e->arrived.language = word;
		break;
	case EV_CONTACT_PARSED:
		e->parsed.language = word;
		break;
	case EV_OFFER_SETTLED:
		e->settled.reason = word;
		break;
	case EV_IDENTITY_SETTLED:
		e->identity.evidence = word;
		break;
	case EV_AGENT_STATE:
		e->state.reason = word;
		break;
	case EV_QUEUE_OVERRIDE:
		e->queue_override.author = word;
		break;
	case EV_SKILL_OVERRIDE:
		e->skill_override.author = word;
		break;
	case EV_PERSON_SET:
		e->person.name = word;
		break;
	case EV_TOKEN_ISSUED:
		e->token.name = word;
		break;
	default:
		break;
	}
}

struct expected {
	struct event events[countof(kinds)];
	struct payload payloads[countof(kinds)];
	size_t seen;
};

static int compare(void *arg, const struct event *e)
{
	struct expected *want = arg;
	const struct event *w = &want->events[want->seen++];
	struct buf got_body = { 0 };
	struct buf want_body = { 0 };

	assert_int_equal(e->seq, w->seq);
	assert_int_equal(e->epoch, w->epoch);
	assert_int_equal(e->at, w->at);
	assert_int_equal(e->kind, w->kind);
	assert_int_equal(e->contact.v, w->contact.v);
	assert_int_equal(e->customer.v, w->customer.v);
	assert_int_equal(e->agent.v, w->agent.v);
	event_encode(e, &got_body);
	event_encode(w, &want_body);
	assert_true(str_eq(buf_str(&got_body), buf_str(&want_body)));
	assert_int_equal(e->payload != NULL, w->payload != NULL);
	if (w->payload != NULL) {
		assert_memory_equal(
		    e->payload->salt, w->payload->salt, SALT_BYTES);
		assert_true(str_eq(e->payload->body, w->payload->body));
	}
	buf_done(&got_body);
	buf_done(&want_body);
	return 0;
}

static void deliver(void *arg, const struct event *e)
{
	assert_int_equal(compare(arg, e), 0);
}

static void every_kind_comes_back_as_it_was(void **state)
{
	struct expected *want = new_of(struct expected);
	struct shop x;
	size_t i;
	int again;

	(void)state;
	shop_init(&x);
	assert_int_equal(store_open(&x.config, &x.s, NULL), 0);
	store_on_committed(x.s, deliver, want);
	for (i = 0; i < countof(kinds); i++) {
		fill(&want->events[i], kinds[i], i + 1);
		if (i % 2 == 0)
			want->events[i].payload = &want->payloads[i];
		memset(want->payloads[i].salt, (int)i, SALT_BYTES);
		want->payloads[i].body = STR("{\"text\":\"\xe2\x82\xac 5\"}");
		store_append(x.s, &want->events[i]);
	}
	assert_int_equal(store_committed(x.s), 0);
	store_flush(x.s);
	assert_true(store_pump(x.s) > 0);
	assert_int_equal(want->seen, countof(kinds));
	for (again = 0; again < 2; again++) {
		want->seen = 0;
		assert_int_equal(store_events(x.s, 1, 1000, compare, want), 0);
		assert_int_equal(want->seen, countof(kinds));
		store_close(x.s);
		assert_int_equal(store_open(&x.config, &x.s, NULL), 0);
	}
	store_close(x.s);
	x.s = NULL;
	shop_done(&x);
	mem_free(want);
}

static void nothing_is_committed_before_the_flush(void **state)
{
	struct input in = { .kind = INPUT_WALL };
	struct shop x;
	uint64_t before;

	(void)state;
	shop_init(&x);
	shop_open(&x);
	before = store_committed(x.s);
	in.wall_offset = 5;
	shop_post(&x, &in, NULL);
	while (store_pump(x.s) > 0)
		;
	assert_int_equal(store_committed(x.s), before);
	assert_int_equal(x.delivered, before);
	store_flush(x.s);
	assert_int_equal(
	    shop_sql_number(&x, "log.db", "SELECT max(seq) FROM event"),
	    before);
	store_pump(x.s);
	assert_int_equal(
	    shop_sql_number(&x, "log.db", "SELECT max(seq) FROM event"),
	    x.w->seq);
	assert_int_equal(x.delivered, x.w->seq);
	shop_done(&x);
}

static void a_crash_drops_what_was_not_committed(void **state)
{
	struct input in = { .kind = INPUT_WALL };
	struct shop x;
	uint64_t before;

	(void)state;
	shop_init(&x);
	shop_open(&x);
	before = x.w->seq;
	shop_post(&x, &in, NULL);
	store_flush(x.s);
	in.wall_offset = 9;
	shop_post(&x, &in, NULL);
	shop_crash(&x);
	assert_int_equal(shop_try_open(&x, NULL), 0);
	assert_int_equal(x.w->seq, before);
	shop_done(&x);
}

static void a_crash_keeps_what_was_committed_but_not_followed(void **state)
{
	struct said said = { CHANNEL_CHAT, "Ana", "+351215550101",
		LEVEL_VERIFIED, "hello" };
	struct world *live;
	struct shop x;

	(void)state;
	shop_init(&x);
	shop_open(&x);
	(void)shop_arrive(&x, &said);
	store_flush(x.s);
	store_pump(x.s);
	live = x.w;
	store_crash(x.s);
	x.s = NULL;
	assert_int_equal(shop_try_open(&x, NULL), 0);
	shop_same_world(live, x.w);
	world_free(live);
	shop_done(&x);
}

static int count_one(void *arg, const struct event *e)
{
	uint64_t *n = arg;

	(void)e;
	(*n)++;
	return 0;
}

static int stop_at_three(void *arg, const struct event *e)
{
	(void)arg;
	return e->seq == 3 ? ERR_STALE : 0;
}

static void events_are_read_from_anywhere_and_no_further(void **state)
{
	struct shop x;
	uint64_t n = 0;

	(void)state;
	shop_init(&x);
	shop_open(&x);
	shop_day(&x, 100);
	assert_int_equal(store_events(x.s, 5, 7, count_one, &n), 0);
	assert_int_equal(n, 7);
	n = 0;
	assert_int_equal(store_events(x.s, x.w->seq, 7, count_one, &n), 0);
	assert_int_equal(n, 1);
	n = 0;
	assert_int_equal(store_events(x.s, x.w->seq + 1, 7, count_one, &n), 0);
	assert_int_equal(n, 0);
	assert_int_equal(
	    store_events(x.s, 1, 100, stop_at_three, NULL), ERR_STALE);
	shop_done(&x);
}

static void a_gap_is_corruption(void **state)
{
	struct shop x;
	uint64_t n = 0;

	(void)state;
	shop_init(&x);
	shop_open(&x);
	shop_day(&x, 50);
	shop_sql(&x, "log.db", "DELETE FROM event WHERE seq = 20");
	assert_int_equal(
	    store_events(x.s, 1, 1000, count_one, &n), ERR_CORRUPT);
	assert_int_equal(n, 19);
	shop_done(&x);
}

static void threads_commit_and_deliver_in_order(void **state)
{
	struct shop x;

	(void)state;
	shop_init(&x);
	x.config.inline_threads = false;
	shop_open(&x);
	shop_day(&x, 400);
	assert_int_equal(x.delivered, x.w->seq);
	assert_int_equal(x.first, 1);
	shop_close(&x);
	shop_open(&x);
	shop_day(&x, 50);
	shop_done(&x);
}

static void a_turn_is_one_commit(void **state)
{
	struct shop x;
	int64_t before;

	(void)state;
	shop_init(&x);
	shop_open(&x);
	before = shop_sql_number(&x, "log.db", "SELECT count(*) FROM chain");
	shop_ready(&x, 0);
	shop_ready(&x, 1);
	shop_settle(&x);
	assert_int_equal(
	    shop_sql_number(&x, "log.db", "SELECT count(*) FROM chain"),
	    before + 1);
	shop_done(&x);
}

static void nothing_leaks(void **state)
{
	size_t before = mem_live();
	struct shop x;

	(void)state;
	shop_init(&x);
	shop_open(&x);
	shop_day(&x, 60);
	assert_int_equal(store_file_put(x.s, STR("x"), NULL, NULL), 0);
	shop_crash(&x);
	shop_done(&x);
	assert_int_equal(mem_live(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_comes_back_as_it_was),
		cmocka_unit_test(nothing_is_committed_before_the_flush),
		cmocka_unit_test(a_crash_drops_what_was_not_committed),
		cmocka_unit_test(
		    a_crash_keeps_what_was_committed_but_not_followed),
		cmocka_unit_test(events_are_read_from_anywhere_and_no_further),
		cmocka_unit_test(a_gap_is_corruption),
		cmocka_unit_test(threads_commit_and_deliver_in_order),
		cmocka_unit_test(a_turn_is_one_commit),
		cmocka_unit_test(nothing_leaks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
