/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_store_engine.c - what every engine must do alike.
 *
 * Each case runs against each row of `engines`; a new engine is one more row.
 * The last one reads SQLite's plans.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/migrate.h"
#include "store/store_ops.h"
#include "store/store_sqlite.h"
#include "store_kit.h"

/* In place of the C library's: counts what is really flushed. */
static unsigned flushes;

int fsync(int fd)
{
	flushes++;
	return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	flushes++;
	return (int)syscall(SYS_fdatasync, fd);
}

static const struct db_ops *const engines[] = {
	&sqlite_ops,
};

struct bench { /* one engine on an empty place */
	const struct db_ops *ops;
	char dir[64];
	struct db_place place;
	struct db *log, *record; /* for writing */
};

static void set_up(struct bench *b, const struct db_ops *ops)
{
	struct fault why;

	memset(b, 0, sizeof(*b));
	b->ops = ops;
	snprintf(b->dir, sizeof(b->dir), "/tmp/usher-engine-XXXXXX");
	assert_non_null(mkdtemp(b->dir));
	b->place = (struct db_place){ b->dir, "main" };
	if (migrate_open(ops, &b->place, DB_LOG, &b->log, &why) != 0 ||
	    migrate_open(ops, &b->place, DB_RECORD, &b->record, &why) != 0)
		fail_msg("%s", why.text);
}

static void tear_down(struct bench *b)
{
	db_close(b->log);
	db_close(b->record);
	shop_remove(b->dir);
}

static void add_event(struct db *log, uint64_t seq, int want)
{
	assert_int_equal(
	    db_do(log, STMT_EVENT_ADD, v_id(seq), v_int(1), v_int(-5), v_int(3),
	        v_int(1), v_int(0), v_int(0), v_int(0), v_blob(STR("a\0b"))),
	    want);
}

static uint64_t last_event(struct db *log)
{
	int64_t last;

	assert_int_equal(db_number(log, STMT_EVENTS_LAST, 0, &last), 0);
	return (uint64_t)last;
}

static void is_new_once_and_then_has_its_version(struct bench *b)
{
	unsigned version = 0;

	assert_int_equal(b->ops->version(b->log, &version), 0);
	assert_int_equal(version, LOG_VERSION);
	assert_int_equal(b->ops->version(b->record, &version), 0);
	assert_int_equal(version, RECORD_VERSION);
	db_close(b->log);
	assert_int_equal(
	    b->ops->open(&b->place, DB_LOG, true, &b->log, NULL), 0);
	assert_int_equal(b->ops->version(b->log, &version), 0);
	assert_int_equal(version, LOG_VERSION);
}

static void rolls_back_and_commits(struct bench *b)
{
	assert_int_equal(b->ops->begin(b->log), 0);
	add_event(b->log, 1, 0);
	b->ops->rollback(b->log);
	assert_int_equal(last_event(b->log), 0);
	assert_int_equal(b->ops->begin(b->log), 0);
	add_event(b->log, 1, 0);
	assert_int_equal(b->ops->commit(b->log), 0);
	assert_int_equal(last_event(b->log), 1);
}

static void a_reader_sees_only_what_is_committed(struct bench *b)
{
	struct db *reader;

	assert_int_equal(
	    b->ops->open(&b->place, DB_LOG, false, &reader, NULL), 0);
	assert_int_equal(b->ops->begin(b->log), 0);
	add_event(b->log, 1, 0);
	assert_int_equal(last_event(reader), 0);
	assert_int_equal(b->ops->commit(b->log), 0);
	assert_int_equal(last_event(reader), 1);
	/* One transaction, one snapshot. */
	assert_int_equal(b->ops->begin(reader), 0);
	assert_int_equal(last_event(reader), 1);
	add_event(b->log, 2, 0);
	assert_int_equal(last_event(reader), 1);
	b->ops->rollback(reader);
	assert_int_equal(last_event(reader), 2);
	db_close(reader);
}

static void a_commit_of_the_log_is_flushed(struct bench *b)
{
	unsigned i;

	for (i = 1; i < 5; i++) {
		assert_int_equal(b->ops->begin(b->log), 0);
		add_event(b->log, i, 0);
		flushes = 0;
		assert_int_equal(b->ops->commit(b->log), 0);
		assert_true(flushes > 0);
	}
}

static void the_record_is_flushed_when_it_settles(struct bench *b)
{
	assert_int_equal(b->ops->settle(b->record), 0);
	assert_int_equal(db_do(b->record, STMT_PROGRESS_SET, v_int(1)), 0);
	flushes = 0;
	assert_int_equal(db_do(b->record, STMT_PROGRESS_SET, v_int(2)), 0);
	assert_int_equal(flushes, 0);
	assert_int_equal(b->ops->settle(b->record), 0);
	assert_true(flushes > 0);
}

static void a_reader_cannot_write(struct bench *b)
{
	struct db *reader;

	assert_int_equal(
	    b->ops->open(&b->place, DB_LOG, false, &reader, NULL), 0);
	add_event(reader, 1, ERR_IO);
	assert_true(strlen(b->ops->error(reader)) > 0);
	db_close(reader);
	assert_int_equal(last_event(b->log), 0);
}

static void no_seq_is_written_twice(struct bench *b)
{
	add_event(b->log, 1, 0);
	add_event(b->log, 1, ERR_IO);
}

static int take_event(void *arg, const struct value *row, unsigned n)
{
	(void)arg;
	assert_int_equal(n, 11);
	assert_int_equal(row[0].i, 1);
	assert_int_equal(row[2].i, -5);
	assert_int_equal(row[8].kind, VALUE_BLOB);
	assert_int_equal(row[8].s.n, 3);
	assert_memory_equal(row[8].s.p, "a\0b", 3);
	assert_int_equal(row[9].kind, VALUE_NULL);
	return 7;
}

static void values_come_back_as_they_were(struct bench *b)
{
	add_event(b->log, 1, 0);
	add_event(b->log, 2, 0);
	/* What the row function answers ends the query and is its result. */
	assert_int_equal(db_run(b->log, STMT_EVENTS_FROM,
	                     db_args(v_int(1), v_int(9)), take_event, NULL),
	    7);
}

static void workspaces_do_not_see_each_other(struct bench *b)
{
	struct db_place place = { b->dir, "other" };
	struct db *other;

	add_event(b->log, 1, 0);
	assert_int_equal(b->ops->open(&place, DB_LOG, true, &other, NULL), 0);
	assert_int_equal(last_event(other), 0);
	add_event(other, 1, 0);
	add_event(other, 2, 0);
	assert_int_equal(last_event(b->log), 1);
	db_close(other);
}

static int ignore_row(void *arg, const struct value *row, unsigned n)
{
	(void)arg;
	(void)row;
	(void)n;
	return 0;
}

static bool is_of_the_log(enum statement s)
{
	return s <= STMT_CHECKPOINT_PARTS;
}

/* Arguments that are not given are null. */
static void every_statement_is_understood(struct bench *b)
{
	struct values search = db_args(v_text(STR("\"x\"")), v_int(1));
	unsigned i;
	struct db *db;
	int err;

	for (i = 0; i < STATEMENTS; i++) {
		db = is_of_the_log((enum statement)i) ? b->log : b->record;
		err = db_run(db, (enum statement)i,
		    i == STMT_READ_SEARCH ? search : db_none, ignore_row, NULL);
		/* Empty values may be refused; texts must not be. */
		if (err != 0 &&
		    strstr(b->ops->error(db), "constraint") == NULL &&
		    strstr(b->ops->error(db), "mismatch") == NULL)
			fail_msg("statement %u: %s", i, b->ops->error(db));
	}
}

static void every_table_can_be_dumped(struct bench *b)
{
	unsigned i;

	for (i = 0; b->ops->table(i) != NULL; i++)
		assert_int_equal(
		    b->ops->dump(b->record, i, ignore_row, NULL), 0);
	assert_true(i >= 12);
}

static void a_copy_is_the_same_and_apart(struct bench *b)
{
	char dir[128];
	struct db_place to = { dir, "main" };
	struct db *copy;

	snprintf(dir, sizeof(dir), "%s/copy", b->dir);
	assert_int_equal(mkdir(dir, 0700), 0);
	add_event(b->log, 1, 0);
	assert_int_equal(b->ops->settle(b->log), 0);
	add_event(b->log, 2, 0);
	assert_int_equal(b->ops->copy(b->log, &to), 0);
	add_event(b->log, 3, 0);
	assert_int_equal(migrate_read(b->ops, &to, DB_LOG, &copy, NULL), 0);
	assert_int_equal(last_event(copy), 2);
	db_close(copy);
}

static void a_removed_one_is_empty_and_a_replaced_one_full(struct bench *b)
{
	char dir[128];
	struct db_place other = { dir, "main" };

	snprintf(dir, sizeof(dir), "%s/other", b->dir);
	assert_int_equal(mkdir(dir, 0700), 0);
	add_event(b->log, 1, 0);
	assert_true(b->ops->bytes(&b->place, DB_LOG) > 0);
	assert_int_equal(b->ops->copy(b->log, &other), 0);
	db_close(b->log);
	assert_int_equal(b->ops->remove(&b->place, DB_LOG), 0);
	assert_int_equal(b->ops->bytes(&b->place, DB_LOG), 0);
	assert_int_equal(b->ops->replace(&other, &b->place, DB_LOG), 0);
	assert_int_equal(
	    migrate_open(b->ops, &b->place, DB_LOG, &b->log, NULL), 0);
	assert_int_equal(last_event(b->log), 1);
}

struct plan {
	const char *statement;
};

/* A search by the workspace alone is a walk through everything. */
static int judge_step(void *arg, int n, char **values, char **names)
{
	struct plan *plan = arg;
	const char *step = values[n - 1];

	(void)names;
	if (strstr(step, "(workspace=?)") != NULL ||
	    (strncmp(step, "SCAN ", 5) == 0 &&
	        strstr(step, "subquery") == NULL &&
	        strstr(step, "VIRTUAL TABLE INDEX") == NULL &&
	        strstr(step, "CONSTANT ROW") == NULL))
		fail_msg("%s: %s", plan->statement, step);
	return 0;
}

/* These take the first or last row of a key, or are bounded by nature. */
static bool may_walk(const char *name)
{
	static const char *const names[] = { "EVENTS_LAST", "CHAIN_LAST",
		"CHECKPOINT_PRUNE", "CHECKPOINT_LAST", "PROGRESS_GET",
		"IDENTIFIER_NEXT", "READ_PEOPLE" };
	size_t i;

	for (i = 0; i < countof(names); i++)
		if (strcmp(name, names[i]) == 0)
			return true;
	return false;
}

static void sqlite_walks_no_table(void **state)
{
#define NAME(symbol) #symbol,
	static const char *const names[] = { STATEMENT_TABLE(NAME) };
#undef NAME
	struct plan plan;
	sqlite3 *db;
	char *sql;
	size_t i;

	(void)state;
	assert_int_equal(sqlite3_open(":memory:", &db), SQLITE_OK);
	sqlite3_exec(db, sqlite_log_schema[0], NULL, NULL, NULL);
	sqlite3_exec(db, sqlite_record_schema[0], NULL, NULL, NULL);
	for (i = 0; i < STATEMENTS; i++) {
		if (may_walk(names[i]))
			continue;
		plan.statement = names[i];
		sql = mem_textf("EXPLAIN QUERY PLAN %s", sqlite_texts[i]);
		assert_int_equal(
		    sqlite3_exec(db, sql, judge_step, &plan, NULL), SQLITE_OK);
		mem_free(sql);
	}
	sqlite3_close(db);
}

static void its_files_are_private(struct bench *b)
{
	char *path = mem_textf("%s/log.db", b->dir);
	struct stat st;

	if (strcmp(b->ops->name, "sqlite") == 0) {
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 0777, 0600);
	}
	mem_free(path);
}

static void on_each(void (*what)(struct bench *b))
{
	struct bench b;
	size_t i;

	for (i = 0; i < countof(engines); i++) {
		set_up(&b, engines[i]);
		what(&b);
		tear_down(&b);
	}
}

#define CASES(X)                                                               \
	X(is_new_once_and_then_has_its_version)                                \
	X(rolls_back_and_commits)                                              \
	X(a_reader_sees_only_what_is_committed)                                \
	X(a_commit_of_the_log_is_flushed)                                      \
	X(the_record_is_flushed_when_it_settles)                               \
	X(a_reader_cannot_write)                                               \
	X(no_seq_is_written_twice)                                             \
	X(values_come_back_as_they_were)                                       \
	X(workspaces_do_not_see_each_other)                                    \
	X(every_statement_is_understood)                                       \
	X(every_table_can_be_dumped)                                           \
	X(a_copy_is_the_same_and_apart)                                        \
	X(a_removed_one_is_empty_and_a_replaced_one_full)                      \
	X(its_files_are_private)

#define CASE(name)                                                             \
	static void each_##name(void **state)                                  \
	{                                                                      \
		(void)state;                                                   \
		on_each(name);                                                 \
	}
CASES(CASE)
#undef CASE

int main(void)
{
#define CASE(name) cmocka_unit_test(each_##name),
	const struct CMUnitTest tests[] = {
		CASES(CASE) cmocka_unit_test(sqlite_walks_no_table),
	};
#undef CASE

	return cmocka_run_group_tests(tests, NULL, NULL);
}
