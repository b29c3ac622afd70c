/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_store_recover.c - the world comes back as it was: after a stop, a
 * crash, a kill at any moment, with damaged checkpoints and without a record.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "base/mem.h"
#include "store_kit.h"

#define KILL_ROUNDS 30

static void reopened_the_world_is_the_same(void **state)
{
	struct world *live;
	struct shop x;

	(void)state;
	shop_init(&x);
	shop_open(&x);
	shop_day(&x, 300);
	live = x.w;
	store_close(x.s);
	assert_int_equal(shop_try_open(&x, NULL), 0);
	shop_same_world(live, x.w);
	world_free(live);
	shop_done(&x);
}

static void crashed_the_world_is_the_same(void **state)
{
	struct world *live;
	struct shop x;
	int i;

	(void)state;
	shop_init(&x);
	x.config.checkpoint_every = 40;
	shop_open(&x);
	for (i = 0; i < 5; i++) {
		shop_day(&x, 60);
		live = x.w;
		store_crash(x.s);
		assert_int_equal(shop_try_open(&x, NULL), 0);
		shop_same_world(live, x.w);
		world_free(live);
	}
	shop_done(&x);
}

static void identifiers_go_on_where_they_ended(void **state)
{
	struct said said = { CHANNEL_CHAT, "Ana", "+351215550101",
		LEVEL_VERIFIED, "hi" };
	struct shop x;

	(void)state;
	shop_init(&x);
	shop_open(&x);
	assert_int_equal(x.next_identifier, 1);
	(void)shop_arrive(&x, &said);
	said.phone = "+351215550102";
	(void)shop_arrive(&x, &said);
	shop_settle(&x);
	shop_crash(&x);
	assert_int_equal(shop_try_open(&x, NULL), 0);
	assert_int_equal(x.next_identifier, 3);
	shop_done(&x);
}

static int64_t checkpoints(struct shop *x)
{
	return shop_sql_number(
	    x, "log.db", "SELECT count(DISTINCT seq) FROM checkpoint");
}

static void the_last_three_and_every_tenth_are_kept(void **state)
{
	struct shop x;

	(void)state;
	shop_init(&x);
	x.config.checkpoint_every = 1;
	shop_open(&x);
	shop_day(&x, 200);
	while (store_pump(x.s) > 0)
		;
	assert_true(shop_sql_number(&x, "log.db",
	                "SELECT max(number) FROM checkpoint") > 30);
	assert_int_equal(shop_sql_number(&x, "log.db",
	                     "SELECT count(*) FROM checkpoint"
	                     " WHERE number % 10 <> 0"),
	    checkpoints(&x) - shop_sql_number(&x, "log.db",
	                          "SELECT max(number) / 10 FROM checkpoint"));
	assert_true(
	    checkpoints(&x) - shop_sql_number(&x, "log.db",
	                          "SELECT max(number) / 10 FROM checkpoint") <=
	    3);
	shop_done(&x);
}

/* Two checkpoints stand in the log; the newest is no good. */
static void recovers_in_spite_of(const char *damage)
{
	struct world *live;
	struct shop x;

	shop_init(&x);
	shop_open(&x);
	shop_day(&x, 100);
	shop_close(&x);
	shop_open(&x);
	shop_day(&x, 100);
	shop_close(&x);
	assert_int_equal(checkpoints(&x), 2);
	shop_sql(&x, "log.db", damage);
	assert_int_equal(shop_try_open(&x, NULL), 0);
	assert_int_equal(
	    shop_sql_number(&x, "log.db", "SELECT max(seq) FROM event"),
	    x.w->seq);
	assert_int_equal(store_world_at(x.s, x.w->seq, &live, NULL), 0);
	shop_same_world(live, x.w);
	world_free(live);
	shop_done(&x);
}

static void a_damaged_checkpoint_falls_back(void **state)
{
	(void)state;
	recovers_in_spite_of("UPDATE checkpoint SET body = zeroblob(length("
	                     "body)) WHERE seq = (SELECT max(seq) FROM "
	                     "checkpoint)");
	recovers_in_spite_of("DELETE FROM checkpoint WHERE part = 0 AND seq ="
	                     " (SELECT max(seq) FROM checkpoint)");
	recovers_in_spite_of("UPDATE checkpoint SET parts = 2 WHERE seq ="
	                     " (SELECT max(seq) FROM checkpoint)");
	recovers_in_spite_of("UPDATE checkpoint SET body = zeroblob(3),"
	                     " hash = zeroblob(5)");
}

static void a_missing_event_is_corruption_by_name(void **state)
{
	struct fault why = { 0 };
	char record[128];
	struct shop x;

	(void)state;
	shop_init(&x);
	shop_open(&x);
	shop_day(&x, 100);
	shop_crash(&x);
	shop_sql(&x, "log.db", "DELETE FROM event WHERE seq = 30");
	snprintf(record, sizeof(record), "%s/record.db", x.dir);
	shop_remove(record);
	assert_int_equal(shop_try_open(&x, &why), ERR_CORRUPT);
	assert_non_null(strstr(why.text, "event 30 is missing"));
	shop_done(&x);
}

static void an_event_of_the_future_is_refused(void **state)
{
	struct fault why = { 0 };
	struct shop x;

	(void)state;
	shop_init(&x);
	shop_open(&x);
	shop_day(&x, 20);
	shop_crash(&x);
	shop_sql(&x, "log.db", "UPDATE event SET kind = 999 WHERE seq = 9");
	shop_sql(&x, "log.db", "DELETE FROM checkpoint");
	assert_int_equal(shop_try_open(&x, &why), ERR_VERSION);
	assert_non_null(strstr(why.text, "event 9 was written by a newer"));
	shop_done(&x);
}

static void a_record_that_is_gone_is_made_anew(void **state)
{
	struct shop x;
	int64_t messages;
	char path[128];
	char *text;

	(void)state;
	shop_init(&x);
	shop_open(&x);
	shop_day(&x, 200);
	shop_close(&x);
	messages =
	    shop_sql_number(&x, "record.db", "SELECT count(*) FROM message");
	assert_true(messages > 5);
	snprintf(path, sizeof(path), "%s/record.db", x.dir);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(shop_try_open(&x, NULL), 0);
	text = shop_ask(&x, READ_CUSTOMER, 1);
	mem_free(text);
	assert_int_equal(
	    shop_sql_number(&x, "record.db", "SELECT count(*) FROM message"),
	    messages);
	shop_done(&x);
}

static void a_record_that_is_rubbish_is_made_anew(void **state)
{
	struct shop x;
	char path[128];
	FILE *f;

	(void)state;
	shop_init(&x);
	shop_open(&x);
	shop_day(&x, 50);
	shop_close(&x);
	snprintf(path, sizeof(path), "%s/record.db", x.dir);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("this is no database, and has never been one. ", f);
	fclose(f);
	assert_int_equal(shop_try_open(&x, NULL), 0);
	mem_free(shop_ask(&x, READ_CUSTOMER, 1));
	shop_done(&x);
}

static void a_record_ahead_of_the_log_is_made_anew(void **state)
{
	struct shop x;

	(void)state;
	shop_init(&x);
	shop_open(&x);
	shop_day(&x, 50);
	shop_close(&x);
	shop_sql(&x, "record.db", "UPDATE progress SET seq = seq + 5");
	assert_int_equal(shop_try_open(&x, NULL), 0);
	assert_int_equal(
	    shop_sql_number(&x, "record.db", "SELECT seq FROM progress"),
	    x.w->seq);
	shop_done(&x);
}

/* The record lost its last transactions in a power cut, the checkpoint did
 * not: events the world has must not be left out of the record. */
static void a_record_behind_the_checkpoint_catches_up(void **state)
{
	struct buf report = { 0 };
	struct fault why = { 0 };
	struct shop x;
	char old_path[128];
	char new_path[128];

	(void)state;
	shop_init(&x);
	shop_open(&x);
	shop_day(&x, 100);
	shop_close(&x);
	snprintf(old_path, sizeof(old_path), "%s/record.db", x.dir);
	snprintf(new_path, sizeof(new_path), "%s/record.old", x.dir);
	shop_sql(&x, "record.db", "VACUUM");
	assert_int_equal(link(old_path, new_path), 0);
	assert_int_equal(unlink(old_path), 0);
	shop_open(&x); /* a new record */
	shop_day(&x, 100);
	shop_close(&x);
	assert_int_equal(rename(new_path, old_path), 0);
	shop_open(&x);
	shop_day(&x, 10);
	shop_close(&x);
	if (store_rebuild(&x.config, &report, &why) != 0)
		fail_msg("%s\n%s", why.text, report.data);
	buf_done(&report);
	shop_done(&x);
}

static void a_rebuilt_record_is_the_same(void **state)
{
	struct buf report = { 0 };
	struct fault why = { 0 };
	struct shop x;

	(void)state;
	shop_init(&x);
	shop_open(&x);
	shop_day(&x, 300);
	shop_crash(&x);
	if (store_rebuild(&x.config, &report, &why) != 0)
		fail_msg("%s\n%s", why.text, report.data);
	assert_non_null(strstr(report.data, "contact: "));
	assert_non_null(strstr(report.data, "world at event "));
	assert_null(strstr(report.data, "different"));
	buf_done(&report);
	shop_done(&x);
}

static void a_record_that_was_altered_is_found_and_replaced(void **state)
{
	static const char *const damages[] = {
		"UPDATE contact SET words = 'x' WHERE id = 3",
		"DELETE FROM message WHERE seq = (SELECT max(seq) FROM "
		"message)",
		"INSERT INTO person VALUES('main', 'eve', 4, 0, 'x')",
		"UPDATE customer SET name = 'Eve' WHERE id = 1",
		"INSERT INTO message_words(rowid, text) VALUES(9999, 'x')",
	};
	struct buf report = { 0 };
	struct shop x;
	size_t i;

	(void)state;
	shop_init(&x);
	shop_open(&x);
	shop_day(&x, 120);
	shop_close(&x);
	for (i = 0; i < countof(damages); i++) {
		shop_sql(&x, "record.db", damages[i]);
		buf_clear(&report);
		assert_int_equal(
		    store_rebuild(&x.config, &report, NULL), ERR_CORRUPT);
		assert_non_null(strstr(report.data, "different"));
		buf_clear(&report);
		assert_int_equal(store_rebuild(&x.config, &report, NULL), 0);
	}
	buf_done(&report);
	shop_done(&x);
}

static void the_world_of_any_moment_can_be_seen(void **state)
{
	struct world *then;
	struct world *now;
	struct fault why;
	struct shop x;
	uint64_t seq;

	(void)state;
	shop_init(&x);
	x.config.checkpoint_every = 50;
	shop_open(&x);
	shop_day(&x, 50);
	seq = x.w->seq;
	/* What it was: a copy made of the live one. */
	assert_int_equal(store_world_at(x.s, seq, &then, NULL), 0);
	shop_same_world(then, x.w);
	shop_day(&x, 100);
	assert_int_equal(store_world_at(x.s, seq, &now, NULL), 0);
	shop_same_world(then, now);
	world_free(then);
	world_free(now);
	assert_int_equal(
	    store_world_at(x.s, x.w->seq + 1, &now, &why), ERR_NOT_FOUND);
	shop_done(&x);
}

static void two_owners_of_one_folder_are_refused(void **state)
{
	struct fault why = { 0 };
	struct store *other;
	struct shop x;

	(void)state;
	shop_init(&x);
	shop_open(&x);
	assert_int_equal(store_open(&x.config, &other, &why), ERR_BUSY);
	assert_non_null(strstr(why.text, x.dir));
	shop_close(&x);
	assert_int_equal(shop_try_open(&x, &why), 0);
	shop_done(&x);
}

static void refuses_version(const char *file, const char *sql, const char *says)
{
	struct fault why = { 0 };
	struct store *s;
	struct shop x;

	shop_init(&x);
	shop_open(&x);
	shop_close(&x);
	shop_sql(&x, file, sql);
	assert_int_equal(store_open(&x.config, &s, &why), ERR_VERSION);
	assert_non_null(strstr(why.text, says));
	assert_non_null(strstr(why.text, x.dir));
	shop_done(&x);
}

static void a_newer_store_is_refused_in_a_sentence(void **state)
{
	(void)state;
	refuses_version("log.db", "PRAGMA user_version = 99",
	    "newer usher (version 99, this one knows up to 1)");
	refuses_version(
	    "record.db", "PRAGMA user_version = 99", "newer usher (version 99");
	refuses_version(
	    "log.db", "PRAGMA application_id = 5", "was not made by usher");
}

/* ---- killed at any moment ------------------------------------------------ */

/* Writes the seq of each commit it is told of; never comes back. */
static void live_until_killed(struct shop *x, int fd)
{
	uint64_t told = 0;

	x->config.inline_threads = false;
	x->config.checkpoint_every = 300;
	shop_open(x);
	for (;;) {
		shop_day(x, 1 + (unsigned)rng_below(&x->rng, 6));
		if (x->delivered == told)
			continue;
		told = x->delivered;
		if (write(fd, &told, sizeof(told)) < 0)
			_exit(1);
	}
}

/* The last seq the child reported before it died. */
static uint64_t kill_a_child(struct shop *x, unsigned after)
{
	int pipes[2];
	uint64_t seq = 0;
	uint64_t last = 0;
	pid_t pid;

	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(pipes[0]);
		alarm(60); /* should its parent be gone */
		live_until_killed(x, pipes[1]);
	}
	close(pipes[1]);
	while (after-- > 0 && read(pipes[0], &seq, sizeof(seq)) > 0)
		last = seq;
	assert_int_equal(kill(pid, SIGKILL), 0);
	while (read(pipes[0], &seq, sizeof(seq)) == (ssize_t)sizeof(seq))
		last = seq;
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	close(pipes[0]);
	return last;
}

static void killed_at_any_moment_nothing_told_is_lost(void **state)
{
	struct buf report = { 0 };
	struct fault why = { 0 };
	struct shop x;
	uint64_t told;
	unsigned i;

	(void)state;
	shop_init(&x);
	for (i = 0; i < KILL_ROUNDS; i++) {
		rng_seed(&x.rng, 100 + i);
		told = kill_a_child(&x, 1 + (unsigned)rng_below(&x.rng, 40));
		assert_true(told > 0);
		buf_clear(&report);
		if (store_verify(&x.config, &report, &why) != 0)
			fail_msg("round %u: %s", i, why.text);
		if (shop_try_open(&x, &why) != 0)
			fail_msg("round %u: %s", i, why.text);
		assert_true(store_committed(x.s) >= told);
		assert_int_equal(x.w->seq, store_committed(x.s));
		shop_crash(&x);
	}
	if (store_rebuild(&x.config, &report, &why) != 0)
		fail_msg("%s\n%s", why.text, report.data);
	buf_done(&report);
	shop_done(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reopened_the_world_is_the_same),
		cmocka_unit_test(crashed_the_world_is_the_same),
		cmocka_unit_test(identifiers_go_on_where_they_ended),
		cmocka_unit_test(the_last_three_and_every_tenth_are_kept),
		cmocka_unit_test(a_damaged_checkpoint_falls_back),
		cmocka_unit_test(a_missing_event_is_corruption_by_name),
		cmocka_unit_test(an_event_of_the_future_is_refused),
		cmocka_unit_test(a_record_that_is_gone_is_made_anew),
		cmocka_unit_test(a_record_that_is_rubbish_is_made_anew),
		cmocka_unit_test(a_record_ahead_of_the_log_is_made_anew),
		cmocka_unit_test(a_record_behind_the_checkpoint_catches_up),
		cmocka_unit_test(a_rebuilt_record_is_the_same),
		cmocka_unit_test(
		    a_record_that_was_altered_is_found_and_replaced),
		cmocka_unit_test(the_world_of_any_moment_can_be_seen),
		cmocka_unit_test(two_owners_of_one_folder_are_refused),
		cmocka_unit_test(a_newer_store_is_refused_in_a_sentence),
		cmocka_unit_test(killed_at_any_moment_nothing_told_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
