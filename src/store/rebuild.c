/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rebuild.c - the proof that the record is nothing but a view of the log.
 *
 * Runs with the server stopped. Makes a second record from the first event on,
 * compares it with the old one table by table and row by row, and puts it in
 * the old one's place.
 */
#include "store/store_room.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/mem.h"
#include "store/migrate.h"

struct rebuild {
	const struct db_ops *ops;
	struct db_place old_place, new_place;
	struct follower_source source;
	uint64_t last;
	struct follower old, new;
};

/* ---- comparing ----------------------------------------------------------- */

struct sum {
	struct digest *digest;
	struct buf scratch;
	uint64_t rows;
};

static int add_row(void *arg, const struct value *row, unsigned n)
{
	struct sum *sum = arg;
	unsigned i;

	buf_clear(&sum->scratch);
	for (i = 0; i < n; i++) {
		put_u64(&sum->scratch, row[i].kind);
		put_i64(&sum->scratch, row[i].i);
		put_str(&sum->scratch, row[i].s);
	}
	if (sum->scratch.failed)
		return ERR_MEMORY;
	digest_add(sum->digest, sum->scratch.data, sum->scratch.len);
	sum->rows++;
	return 0;
}

static int sum_table(struct db *db, unsigned table, uint64_t *out_rows,
    uint8_t out[SHA256_BYTES])
{
	struct sum sum = { digest_new(), { 0 }, 0 };
	int err = db->ops->dump(db, table, add_row, &sum);

	digest_end(sum.digest, out);
	buf_done(&sum.scratch);
	*out_rows = sum.rows;
	return err;
}

static int compare_table(
    struct rebuild *r, unsigned table, bool *same, struct buf *report)
{
	uint8_t old_sum[SHA256_BYTES];
	uint8_t new_sum[SHA256_BYTES];
	uint64_t old_rows = 0;
	uint64_t new_rows = 0;
	bool equal;
	int err = sum_table(r->old.record, table, &old_rows, old_sum);

	if (err == 0)
		err = sum_table(r->new.record, table, &new_rows, new_sum);
	if (err != 0)
		return err;
	equal = memcmp(old_sum, new_sum, SHA256_BYTES) == 0;
	*same = *same && equal;
	buf_addf(report, "%s: %" PRIu64 " rows, %s", r->ops->table(table),
	    new_rows, equal ? "same\n" : "different");
	if (!equal)
		buf_addf(report, " (were %" PRIu64 ")\n", old_rows);
	return 0;
}

static void compare_worlds(struct rebuild *r, bool *same, struct buf *report)
{
	struct buf old_world = { 0 };
	struct buf new_world = { 0 };
	bool equal;

	world_encode(r->old.world, &old_world);
	world_encode(r->new.world, &new_world);
	equal = str_eq(buf_str(&old_world), buf_str(&new_world));
	*same = *same && equal;
	buf_addf(report, "world at event %" PRIu64 ": %s\n", r->last,
	    equal ? "same" : "different");
	buf_done(&old_world);
	buf_done(&new_world);
}

static int compare(struct rebuild *r, bool *same, struct buf *report)
{
	unsigned i;
	int err = 0;

	*same = true;
	for (i = 0; err == 0 && r->ops->table(i) != NULL; i++)
		err = compare_table(r, i, same, report);
	if (err == 0)
		err = db_run(
		    r->old.record, STMT_INDEX_CHECK, db_none, NULL, NULL);
	if (err == ERR_CORRUPT) {
		*same = false;
		buf_add_text(report, "full text: different\n");
		err = 0;
	}
	if (err == 0)
		compare_worlds(r, same, report);
	return err;
}

/* ---- building -------------------------------------------------------------*/

static int read_log_end(struct rebuild *r, struct fault *why)
{
	struct db *log;
	int err = migrate_open(r->ops, &r->old_place, DB_LOG, &log, why);

	if (err != 0)
		return err;
	err = log_last(log, &r->last);
	if (err != 0)
		(void)db_fault(log, err, why);
	db_close(log);
	return err;
}

/* The old one first goes on to the end of the log: a crash may have left it a
 * little behind, and that is no difference. */
static int build_both(struct rebuild *r, struct fault *why)
{
	int err =
	    follower_open(&r->old, &r->source, &r->old_place, r->last, why);

	if (err == 0)
		err = follower_recover(&r->old, r->last, why);
	if (err == 0)
		err = folder_make(r->new_place.dir, why);
	if (err == 0)
		err = r->ops->remove(&r->new_place, DB_RECORD);
	if (err == 0)
		err = follower_open(
		    &r->new, &r->source, &r->new_place, r->last, why);
	return err != 0 ? err : follower_read(&r->new, r->last, why);
}

static int put_in_place(struct rebuild *r, struct fault *why)
{
	int err;

	follower_done(&r->old);
	follower_done(&r->new);
	err = r->ops->replace(&r->new_place, &r->old_place, DB_RECORD);
	if (err == 0)
		err = folder_flush(r->old_place.dir);
	if (err != 0)
		return fault_set(why, err,
		    "the new record cannot be put in place: %s", err_text(err));
	return 0;
}

static int rebuild(struct rebuild *r, struct buf *report, struct fault *why)
{
	bool same = false;
	int err = read_log_end(r, why);

	if (err == 0)
		err = build_both(r, why);
	if (err != 0)
		return err;
	err = compare(r, &same, report);
	if (err != 0)
		return db_fault(r->new.record, err, why);
	err = put_in_place(r, why);
	if (err == 0 && !same)
		err = fault_set(why, ERR_CORRUPT,
		    "the old record did not agree with the log; it has been "
		    "replaced");
	return err;
}

int store_rebuild(
    const struct store_config *config, struct buf *report, struct fault *why)
{
	struct rebuild r = { .ops = &sqlite_ops };
	char *dir = mem_textf("%s/rebuild", config->dir);
	int lock = -1;
	int err;

	r.old_place = (struct db_place){ config->dir, config->workspace };
	r.new_place = (struct db_place){ dir, config->workspace };
	r.source = (struct follower_source){ r.ops, &r.old_place,
		config->rules_source, config->rules_arg, config->apply };
	err = folder_lock(config->dir, &lock, why);
	if (err == 0)
		err = rebuild(&r, report, why);
	follower_done(&r.old);
	follower_done(&r.new);
	(void)r.ops->remove(&r.new_place, DB_RECORD);
	(void)rmdir(dir);
	folder_unlock(lock);
	mem_free(dir);
	return err;
}
