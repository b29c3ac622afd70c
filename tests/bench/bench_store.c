/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_store.c - durable events a second, beside SQLite alone with the same
 * rows in the same run.
 *
 *   usher    store_append() + store_flush() per batch, waiting for the commit;
 *            hash chain, payloads and the follower (record, full text, second
 *            world) running
 *   log only the same with the follower's work counted separately: how far it
 *            is behind when the last batch is on disk
 *   sqlite   the same bodies and payloads inserted into the same two tables,
 *            WAL, synchronous=FULL, nothing else
 *
 * Five interleaved rounds, medians. Argument: a folder on the disk in question.
 */
#include <poll.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "route/route.h"
#include "store/store.h"

#define ROUNDS 5
#define EVENTS 20000

static struct rules *no_rules(void *arg, struct str text)
{
	(void)arg;
	(void)text;
	return NULL;
}

static void remove_folder(const char *dir)
{
	char *const command[] = { (char *)"rm", (char *)"-rf", (char *)dir,
		NULL };
	pid_t pid = fork();

	if (pid == 0) {
		execvp("rm", command);
		_exit(127);
	}
	waitpid(pid, NULL, 0);
}

/* A contact arrives, with what was said: the commonest pair of rows. */
static void make_event(struct event *e, uint64_t seq, struct payload *p)
{
	static const char said[] =
	    "{\"name\":\"Ana Silva\",\"subject\":\"Invoice\",\"text\":\"The "
	    "amount on my invoice of October does not match the contract, can "
	    "somebody have a look at it please?\",\"entrance\":\"site\"}";

	memset(e, 0, sizeof(*e));
	e->seq = seq;
	e->epoch = 1;
	e->at = (msec_t)seq;
	e->kind = seq % 2 == 1 ? EV_CONTACT_ARRIVED : EV_INPUT;
	e->contact.v = (seq + 1) / 2;
	if (e->kind == EV_INPUT) {
		e->contact.v = 0;
		e->input.body = STR("an input as large as they usually are");
		return;
	}
	e->arrived.channel = CHANNEL_CHAT;
	e->arrived.key = seq;
	memset(p->salt, 1, sizeof(p->salt));
	p->body = (struct str){ said, sizeof(said) - 1 };
	e->payload = p;
}

static void wait_for(struct store *s, uint64_t seq)
{
	struct pollfd p = { .fd = store_fd(s), .events = POLLIN };

	while (store_committed(s) < seq) {
		(void)poll(&p, 1, 10);
		(void)store_pump(s);
	}
}

static double run_usher(const char *dir, unsigned batch, uint64_t *behind)
{
	const struct store_config config = { .dir = dir,
		.workspace = "main",
		.rules_source = no_rules,
		.apply = apply };
	struct store_status status;
	struct store *s;
	struct world *w;
	struct fault why = { 0 };
	uint64_t seq = 0, next;
	int64_t from;
	unsigned i;

	remove_folder(dir);
	if (store_open(&config, &s, &why) != 0 ||
	    store_recover(s, &w, &next, &why) != 0) {
		fprintf(stderr, "store: %s\n", why.text);
		exit(1);
	}
	from = clock_mono_ns();
	while (seq < EVENTS) {
		for (i = 0; i < batch; i++) {
			struct event e;
			struct payload p;

			make_event(&e, ++seq, &p);
			store_append(s, &e);
		}
		store_flush(s);
		wait_for(s, seq);
	}
	from = clock_mono_ns() - from;
	store_status(s, &status);
	*behind = seq - status.followed;
	store_close(s);
	world_free(w);
	return 1e9 * (double)seq / (double)from;
}

static void must(sqlite3 *db, const char *sql)
{
	if (sqlite3_exec(db, sql, NULL, NULL, NULL) != SQLITE_OK) {
		fprintf(stderr, "sqlite: %s\n", sqlite3_errmsg(db));
		exit(1);
	}
}

static void insert(sqlite3_stmt *row, sqlite3_stmt *said, const struct event *e,
    const struct buf *body)
{
	sqlite3_bind_int64(row, 1, (sqlite3_int64)e->seq);
	sqlite3_bind_int64(row, 2, e->at);
	sqlite3_bind_int(row, 3, (int)e->kind);
	sqlite3_bind_int64(row, 4, (sqlite3_int64)e->contact.v);
	sqlite3_bind_blob(row, 5, body->data, (int)body->len, SQLITE_TRANSIENT);
	sqlite3_step(row);
	sqlite3_reset(row);
	if (e->payload == NULL)
		return;
	sqlite3_bind_int64(said, 1, (sqlite3_int64)e->seq);
	sqlite3_bind_blob(said, 2, e->payload->salt, SALT_BYTES, SQLITE_STATIC);
	sqlite3_bind_blob(said, 3, e->payload->body.p, (int)e->payload->body.n,
	    SQLITE_STATIC);
	sqlite3_step(said);
	sqlite3_reset(said);
}

static double run_sqlite(const char *dir, unsigned batch)
{
	char *path = mem_textf("%s.floor", dir);
	struct buf body = { 0 };
	sqlite3_stmt *row, *said;
	sqlite3 *db;
	uint64_t seq = 0;
	int64_t from;
	unsigned i;

	remove_folder(path);
	if (sqlite3_open(path, &db) != SQLITE_OK)
		exit(1);
	must(db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
	         "CREATE TABLE event(workspace TEXT, seq INTEGER, epoch INT,"
	         " at INT, kind INT, version INT, contact INT, customer INT,"
	         " agent INT, body BLOB, PRIMARY KEY(workspace, seq))"
	         " WITHOUT ROWID;"
	         "CREATE TABLE payload(workspace TEXT, seq INTEGER, salt BLOB,"
	         " body BLOB, PRIMARY KEY(workspace, seq)) WITHOUT ROWID;");
	sqlite3_prepare_v2(db,
	    "INSERT INTO event VALUES('main',?1,1,?2,?3,1,?4,0,0,?5)", -1, &row,
	    NULL);
	sqlite3_prepare_v2(
	    db, "INSERT INTO payload VALUES('main',?1,?2,?3)", -1, &said, NULL);
	from = clock_mono_ns();
	while (seq < EVENTS) {
		must(db, "BEGIN");
		for (i = 0; i < batch; i++) {
			struct event e;
			struct payload p;

			make_event(&e, ++seq, &p);
			buf_clear(&body);
			event_encode(&e, &body);
			insert(row, said, &e, &body);
		}
		must(db, "COMMIT");
	}
	from = clock_mono_ns() - from;
	sqlite3_finalize(row);
	sqlite3_finalize(said);
	sqlite3_close(db);
	remove_folder(path);
	buf_done(&body);
	mem_free(path);
	return 1e9 * (double)seq / (double)from;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(double v[ROUNDS])
{
	qsort(v, ROUNDS, sizeof(v[0]), by_value);
	return v[ROUNDS / 2];
}

static void line(const char *dir, unsigned batch)
{
	double usher[ROUNDS], sqlite[ROUNDS], u, q;
	uint64_t behind = 0;
	int i;

	for (i = 0; i < ROUNDS; i++) {
		usher[i] = run_usher(dir, batch, &behind);
		sqlite[i] = run_sqlite(dir, batch);
	}
	u = median(usher);
	q = median(sqlite);
	printf("| %5u | %9.0f | %9.0f | %5.2f | %6llu |\n", batch, u, q, u / q,
	    (unsigned long long)behind);
	remove_folder(dir);
}

int main(int argc, char **argv)
{
	char *dir = mem_textf("%s/bench-store", argc > 1 ? argv[1] : ".");

	puts("| batch | usher, events/s | SQLite alone | ratio | events the "
	     "record is behind |");
	puts("| ---: | ---: | ---: | ---: | ---: |");
	line(dir, 10);
	line(dir, 100);
	line(dir, 1000);
	mem_free(dir);
	return 0;
}
