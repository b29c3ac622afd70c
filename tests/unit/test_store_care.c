/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_store_care.c - proof, backups, files, and refusing before losing.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/mem.h"
#include "store/store_room.h"
#include "store_kit.h"

/* ---- proof ----------------------------------------------------------------*/

static void verified(struct shop *x, int want, const char *says)
{
	struct buf report = { 0 };
	struct fault why = { 0 };

	assert_int_equal(store_verify(&x->config, &report, &why), want);
	if (strstr(report.data, says) == NULL)
		fail_msg("\"%s\" is not in \"%s\"", says, report.data);
	if (want != 0)
		assert_non_null(strstr(why.text, says));
	buf_done(&report);
}

static void an_honest_log_is_verified_while_it_runs(void **state)
{
	struct shop x;
	char says[64];

	(void)state;
	shop_init(&x);
	shop_open(&x);
	shop_day(&x, 200);
	snprintf(says, sizeof(says), "events %d,", (int)x.w->seq);
	verified(&x, 0, says);
	shop_close(&x);
	verified(&x, 0, "the chain holds");
	shop_done(&x);
}

/* A day of work, then one stroke of SQL behind the store's back. */
static void break_log(const char *sql, const char *says)
{
	struct shop x;

	shop_init(&x);
	shop_open(&x);
	shop_day(&x, 120);
	shop_close(&x);
	shop_sql(&x, "log.db", sql);
	verified(&x, ERR_CORRUPT, says);
	shop_done(&x);
}

static void a_changed_event_is_named(void **state)
{
	(void)state;
	break_log("UPDATE event SET body = body || x'00' WHERE seq = 57",
	    "event 57 was changed");
	break_log("UPDATE event SET at = at + 1 WHERE seq = 57",
	    "event 57 was changed");
	break_log("UPDATE event SET agent = 3 - agent WHERE seq = 58",
	    "event 58 was changed");
	break_log("UPDATE event SET customer = 99 WHERE seq = 59",
	    "event 59 was changed");
	break_log(
	    "UPDATE event SET kind = 4 WHERE seq = 60", "event 60 was changed");
	break_log(
	    "UPDATE event SET epoch = 4 WHERE seq = 1", "event 1 was changed");
}

static void a_missing_event_is_named(void **state)
{
	(void)state;
	break_log("DELETE FROM event WHERE seq = 57", "event 57 is missing");
	break_log("DELETE FROM event WHERE seq = 1", "event 1 is missing");
	break_log("DELETE FROM event WHERE seq = (SELECT max(seq) FROM event)",
	    "is missing");
}

static void a_changed_chain_is_found(void **state)
{
	(void)state;
	break_log("UPDATE chain SET hash = zeroblob(32) WHERE seq = "
	          "(SELECT max(seq) FROM chain)",
	    "do not fit the chain");
	break_log("DELETE FROM chain WHERE seq = (SELECT max(seq) FROM chain)",
	    "is not in the chain");
	break_log("DELETE FROM chain WHERE seq = (SELECT min(seq) FROM chain)",
	    "event 1 is not in the chain");
}

static int later(void *arg, const struct event_row *row)
{
	struct event_row changed = *row;

	changed.at += row->seq == 1;
	chain_add(arg, &changed);
	return 0;
}

/* Whoever changes an event and its mark alike still has not the hash. */
static void a_rewritten_history_does_not_fit(void **state)
{
	static const uint8_t none[SHA256_BYTES];
	struct log_span span = { 1, 2, 0 };
	struct chain chain = { 0 };
	struct buf sql = { 0 };
	struct shop x;

	(void)state;
	shop_init(&x);
	shop_open(&x);
	shop_day(&x, 20);
	span.most = (size_t)shop_sql_number(
	    &x, "log.db", "SELECT seq FROM chain WHERE first = 1");
	chain_begin(&chain, none);
	assert_int_equal(log_rows(x.s->loop_log, &span, later, &chain), 0);
	shop_close(&x);
	buf_add_text(&sql, "UPDATE event SET at = at + 1 WHERE seq = 1;"
	                   "UPDATE chain SET marks = x'");
	hex_encode((uint8_t *)chain.marks.data, chain.marks.len, &sql);
	buf_add_text(&sql, "' WHERE first = 1");
	shop_sql(&x, "log.db", sql.data);
	verified(&x, ERR_CORRUPT, "do not fit the chain of hashes");
	chain_done(&chain);
	buf_done(&sql);
	shop_done(&x);
}

static void a_changed_payload_is_named(void **state)
{
	(void)state;
	break_log("UPDATE payload SET body = x'7b7d'",
	    "has a payload that was changed");
	break_log("UPDATE payload SET salt = zeroblob(16)",
	    "has a payload that was changed");
	break_log("DELETE FROM payload WHERE seq = (SELECT min(seq) FROM "
	          "payload)",
	    "has lost its payload");
}

static void an_erased_payload_is_no_break(void **state)
{
	struct shop x;

	(void)state;
	shop_init(&x);
	shop_open(&x);
	shop_day(&x, 120);
	shop_close(&x);
	shop_sql(&x, "log.db",
	    "UPDATE payload SET body = x'' WHERE seq ="
	    " (SELECT min(seq) FROM payload)");
	verified(&x, 0, "erased 1");
	shop_done(&x);
}

/* ---- backups --------------------------------------------------------------*/

struct told {
	bool yes;
	int err;
	char text[256];
};

static void on_told(void *arg, int err, const char *text)
{
	struct told *t = arg;

	t->yes = true;
	t->err = err;
	snprintf(t->text, sizeof(t->text), "%s", text == NULL ? "" : text);
}

static void pump_once(struct shop *x)
{
	struct pollfd p = { store_fd(x->s), POLLIN, 0 };

	assert_true(poll(&p, 1, 20000) == 1);
	store_pump(x->s);
}

static void a_backup_made_at_work_is_whole(void **state)
{
	struct said said = { CHANNEL_CHAT, "Ana", NULL, LEVEL_CLAIMED, "hi" };
	struct told told = { false, 0, "" };
	struct buf report = { 0 };
	struct fault why = { 0 };
	struct shop x;
	struct shop copy;
	char to[128];
	char file[128];

	(void)state;
	shop_init(&x);
	x.config.inline_threads = false;
	shop_open(&x);
	shop_day(&x, 300);
	assert_int_equal(store_file_put(x.s, STR("bytes"), on_told, &told), 0);
	while (!told.yes)
		pump_once(&x);
	assert_int_equal(told.err, 0);
	assert_int_equal(
	    store_file_path(x.s, told.text, file, sizeof(file)), 0);
	shop_init(&copy);
	snprintf(to, sizeof(to), "%s/backup", copy.dir);
	memset(&told, 0, sizeof(told));
	assert_int_equal(store_backup(x.s, to, on_told, &told), 0);
	while (!told.yes) {
		(void)shop_arrive(&x, &said);
		store_flush(x.s);
		store_pump(x.s);
	}
	if (told.err != 0)
		fail_msg("%s", told.text);
	/* Restored elsewhere, it opens, and is as it was at some moment. */
	snprintf(file, sizeof(file), "%s/restored", copy.dir);
	if (store_restore(to, file, &why) != 0)
		fail_msg("%s", why.text);
	copy.config.dir = file;
	if (shop_try_open(&copy, &why) != 0)
		fail_msg("%s", why.text);
	assert_true(copy.w->seq > 300 && copy.w->seq <= x.w->seq);
	shop_close(&copy);
	if (store_rebuild(&copy.config, &report, &why) != 0)
		fail_msg("%s\n%s", why.text, report.data);
	assert_true(
	    snprintf(file, sizeof(file), "%s/restored/files", copy.dir) > 0);
	assert_int_equal(access(file, F_OK), 0);
	buf_done(&report);
	shop_done(&copy);
	shop_done(&x);
}

static void a_backup_never_overwrites(void **state)
{
	struct told told = { false, 0, "" };
	struct fault why = { 0 };
	struct shop x;

	(void)state;
	shop_init(&x);
	shop_open(&x);
	assert_int_equal(store_backup(x.s, x.dir, on_told, &told), 0);
	while (!told.yes)
		pump_once(&x);
	assert_int_equal(told.err, ERR_CONFLICT);
	assert_non_null(strstr(told.text, "not an empty folder"));
	assert_int_equal(store_restore(x.dir, x.dir, &why), ERR_CONFLICT);
	shop_done(&x);
}

static void a_broken_backup_is_not_restored_in_silence(void **state)
{
	struct told told = { false, 0, "" };
	struct fault why = { 0 };
	struct shop x;
	struct shop copy;
	char to[128];
	char file[128];

	(void)state;
	shop_init(&x);
	shop_open(&x);
	shop_day(&x, 60);
	shop_init(&copy);
	snprintf(to, sizeof(to), "%s/backup", copy.dir);
	assert_int_equal(store_backup(x.s, to, on_told, &told), 0);
	while (!told.yes)
		pump_once(&x);
	shop_sql(&copy, "backup/log.db",
	    "UPDATE event SET contact = 7 WHERE seq = 33");
	snprintf(file, sizeof(file), "%s/restored", copy.dir);
	assert_int_equal(store_restore(to, file, &why), ERR_CORRUPT);
	assert_non_null(strstr(why.text, "event 33 was changed"));
	shop_done(&copy);
	shop_done(&x);
}

/* ---- files ----------------------------------------------------------------*/

static void a_kept_file_is_the_same_bytes(void **state)
{
	static const char bytes[] = "a\0b\xff";
	struct told told = { false, 0, "" };
	char path[256];
	char got[16];
	struct stat st;
	struct shop x;
	FILE *f;

	(void)state;
	shop_init(&x);
	shop_open(&x);
	assert_int_equal(
	    store_file_put(
	        x.s, (struct str){ bytes, sizeof(bytes) }, on_told, &told),
	    0);
	assert_false(told.yes);
	while (!told.yes)
		pump_once(&x);
	assert_int_equal(told.err, 0);
	assert_int_equal(
	    store_file_path(x.s, told.text, path, sizeof(path)), 0);
	f = fopen(path, "r");
	assert_non_null(f);
	assert_int_equal(fread(got, 1, sizeof(got), f), sizeof(bytes));
	assert_memory_equal(got, bytes, sizeof(bytes));
	fclose(f);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	shop_done(&x);
}

static void no_name_leads_out_of_the_folder(void **state)
{
	static const char *const names[] = { "", "..", "../log.db", "/etc/x",
		"abcdefabcdefabcdefabcdefabcdefa",
		"abcdefabcdefabcdefabcdefabcdefabc",
		"../../../../../../../../../../aa",
		"ABCDEFABCDEFABCDEFABCDEFABCDEFAB",
		"abcdefabcdefabcdefabcdefabcdef/x" };
	char path[256];
	struct shop x;
	size_t i;

	(void)state;
	shop_init(&x);
	shop_open(&x);
	for (i = 0; i < countof(names); i++)
		assert_int_equal(
		    store_file_path(x.s, names[i], path, sizeof(path)),
		    ERR_INVALID);
	assert_int_equal(
	    store_file_path(x.s, "abcdefabcdefabcdefabcdefabcdefab", path, 20),
	    ERR_TOO_LARGE);
	shop_done(&x);
}

static void a_disk_that_takes_no_file_says_so(void **state)
{
	struct told told = { false, 0, "" };
	struct shop x;
	char files[128];
	FILE *f;

	(void)state;
	shop_init(&x);
	shop_open(&x);
	snprintf(files, sizeof(files), "%s/files", x.dir);
	f = fopen(files, "w"); /* no folder can be made here */
	assert_non_null(f);
	fclose(f);
	assert_int_equal(store_file_put(x.s, STR("x"), on_told, &told), 0);
	while (!told.yes)
		pump_once(&x);
	assert_int_equal(told.err, ERR_IO);
	shop_done(&x);
}

/* ---- refusing before losing ------------------------------------------------*/

static uint64_t free_bytes; /* what the disk says */

static uint64_t say_free(const char *dir)
{
	(void)dir;
	return free_bytes;
}

static bool must_refuse(struct shop *x, const char *says)
{
	struct store_status st;

	store_status(x->s, &st);
	if (st.must_refuse)
		assert_non_null(strstr(st.refuse_why, says));
	return st.must_refuse;
}

static void a_full_disk_refuses_until_there_is_room(void **state)
{
	struct stat st;
	struct shop x;
	char reserve[128];

	(void)state;
	shop_init(&x);
	shop_open(&x);
	snprintf(reserve, sizeof(reserve), "%s/reserve", x.dir);
	assert_false(must_refuse(&x, ""));
	assert_int_equal(stat(reserve, &st), 0);
	assert_int_equal(st.st_size, 65536);
	assert_true(st.st_blocks > 0);
	x.s->free_bytes = say_free;
	free_bytes = 65535;
	folder_watch(x.s);
	assert_true(must_refuse(&x, "disk"));
	stat(reserve, &st);
	assert_int_equal(st.st_size, 65536);
	/* What is in the house goes on inside the reserve. */
	free_bytes = 65536 / 4 - 1;
	folder_watch(x.s);
	stat(reserve, &st);
	assert_int_equal(st.st_size, 0);
	assert_true(must_refuse(&x, "disk"));
	free_bytes = 65536 + 65536 / 4; /* the reserve itself: no room yet */
	folder_watch(x.s);
	assert_true(must_refuse(&x, "disk"));
	free_bytes = 2 * 65536;
	folder_watch(x.s);
	assert_false(must_refuse(&x, ""));
	stat(reserve, &st);
	assert_int_equal(st.st_size, 65536);
	shop_done(&x);
}

static void a_record_far_behind_refuses_until_it_caught_up(void **state)
{
	struct input in = { .kind = INPUT_WALL };
	struct shop x;
	int i;

	(void)state;
	shop_init(&x);
	shop_open(&x);
	x.s->lag_events_max = 10;
	for (i = 0; i < 6; i++)
		shop_post(&x, &in, NULL);
	assert_true(must_refuse(&x, "events behind"));
	shop_settle(&x);
	assert_false(must_refuse(&x, ""));
	shop_done(&x);
}

static void a_record_long_behind_refuses(void **state)
{
	struct input in = { .kind = INPUT_WALL };
	struct store_status st;
	struct shop x;

	(void)state;
	shop_init(&x);
	shop_open(&x);
	x.s->lag_ms_max = -1; /* any lag at all */
	shop_post(&x, &in, NULL);
	store_flush(x.s);
	assert_true(writer_round(x.s));
	store_status(x.s, &st);
	assert_true(st.follower_lag_ms >= 0);
	assert_int_equal(st.committed, x.w->seq);
	assert_true(st.followed < st.committed);
	assert_true(must_refuse(&x, "too long behind"));
	shop_done(&x);
}

/* More than the follower is given in memory: it reads the log instead. */
static void a_follower_left_behind_reads_the_log(void **state)
{
	struct input in = { .kind = INPUT_WALL };
	struct store_status st;
	struct buf report = { 0 };
	struct fault why;
	struct shop x;
	unsigned i;

	(void)state;
	shop_init(&x);
	shop_open(&x);
	for (i = 0; i < 70000; i++) { /* two events each */
		in.wall_offset = i;
		shop_post(&x, &in, NULL);
		if (i % 100 == 0)
			store_flush(x.s);
	}
	store_flush(x.s);
	while (writer_round(x.s))
		;
	assert_true(x.s->missed_since != 0);
	store_status(x.s, &st);
	assert_true(st.committed - st.followed >= 140000);
	while (follower_round(x.s))
		;
	store_status(x.s, &st);
	assert_int_equal(st.followed, st.committed);
	assert_int_equal(x.s->missed_since, 0);
	assert_int_equal(st.follower_lag_ms, 0);
	shop_settle(&x);
	shop_same_world(x.w, x.s->follower.world);
	shop_close(&x);
	if (store_rebuild(&x.config, &report, &why) != 0)
		fail_msg("%s\n%s", why.text, report.data);
	buf_done(&report);
	shop_done(&x);
}

static void the_status_adds_up(void **state)
{
	struct store_status st;
	struct shop x;

	(void)state;
	shop_init(&x);
	x.config.inline_threads = false;
	shop_open(&x);
	shop_day(&x, 60);
	store_status(x.s, &st);
	assert_int_equal(st.appended, x.w->seq);
	assert_int_equal(st.committed, x.w->seq);
	assert_int_equal(st.followed, x.w->seq);
	assert_true(st.disk_free_bytes > 0);
	assert_true(st.log_bytes > 0);
	assert_false(st.must_refuse);
	assert_null(st.refuse_why);
	shop_same_world(x.w, x.s->follower.world);
	shop_done(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_honest_log_is_verified_while_it_runs),
		cmocka_unit_test(a_changed_event_is_named),
		cmocka_unit_test(a_missing_event_is_named),
		cmocka_unit_test(a_changed_chain_is_found),
		cmocka_unit_test(a_rewritten_history_does_not_fit),
		cmocka_unit_test(a_changed_payload_is_named),
		cmocka_unit_test(an_erased_payload_is_no_break),
		cmocka_unit_test(a_backup_made_at_work_is_whole),
		cmocka_unit_test(a_backup_never_overwrites),
		cmocka_unit_test(a_broken_backup_is_not_restored_in_silence),
		cmocka_unit_test(a_kept_file_is_the_same_bytes),
		cmocka_unit_test(no_name_leads_out_of_the_folder),
		cmocka_unit_test(a_disk_that_takes_no_file_says_so),
		cmocka_unit_test(a_full_disk_refuses_until_there_is_room),
		cmocka_unit_test(
		    a_record_far_behind_refuses_until_it_caught_up),
		cmocka_unit_test(a_record_long_behind_refuses),
		cmocka_unit_test(a_follower_left_behind_reads_the_log),
		cmocka_unit_test(the_status_adds_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
