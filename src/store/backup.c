/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * backup.c - a whole store in another folder, and back.
 *
 * Runs on the care thread with connections of its own, while the house works.
 * The order makes it consistent: the record first, then the log, then the
 * files. So the copied record is never ahead of the copied log, and every file
 * the log names was there before it.
 */
#include "store/store_room.h"

#include "base/mem.h"
#include "store/migrate.h"

struct backup_job {
	struct job job;
	char *dir;
	struct fault why;
	store_done_fn done;
	void *arg;
};

static int copy_db(const struct db_ops *ops, const struct db_place *from,
    const struct db_place *to, enum db_file file, struct fault *why)
{
	struct db *db;
	int err = migrate_read(ops, from, file, &db, why);

	if (err != 0)
		return err;
	err = ops->copy(db, to);
	if (err != 0)
		fault_set(why, err, "the %s cannot be copied to %s: %s",
		    db_file_word(file), to->dir, err_text(err));
	db_close(db);
	return err;
}

static int copy_store(const struct db_ops *ops, const struct db_place *from,
    const struct db_place *to, struct fault *why)
{
	int err = copy_db(ops, from, to, DB_RECORD, why);

	if (err == 0)
		err = copy_db(ops, from, to, DB_LOG, why);
	if (err == 0)
		err = files_copy(from->dir, to->dir, why);
	if (err == 0 && folder_flush(to->dir) != 0)
		err = fault_set(why, ERR_IO, "%s cannot be flushed", to->dir);
	return err;
}

static int make_empty(const char *dir, struct fault *why)
{
	if (!folder_is_empty(dir))
		return fault_set(
		    why, ERR_CONFLICT, "%s is not an empty folder", dir);
	return folder_make(dir, why);
}

static void run_backup(struct store *s, struct job *j, struct desk *d)
{
	struct backup_job *b = container_of(j, struct backup_job, job);
	struct db_place to = { b->dir, s->place.workspace };

	(void)d;
	j->err = make_empty(b->dir, &b->why);
	if (j->err == 0)
		j->err = copy_store(s->ops, &s->place, &to, &b->why);
}

static void tell_backup(struct job *j)
{
	struct backup_job *b = container_of(j, struct backup_job, job);

	b->done(b->arg, j->err, j->err == 0 ? b->dir : b->why.text);
}

static void forget_backup(struct job *j)
{
	struct backup_job *b = container_of(j, struct backup_job, job);

	mem_free(b->dir);
	mem_free(b);
}

int store_backup(
    struct store *s, const char *dir, store_done_fn done, void *arg)
{
	struct backup_job *b = new_of(struct backup_job);
	int err;

	b->job.run = run_backup;
	b->job.tell = tell_backup;
	b->job.forget = forget_backup;
	b->dir = mem_text(dir);
	b->done = done;
	b->arg = arg;
	err = job_add(s, &s->care, &b->job);
	if (err != 0)
		forget_backup(&b->job);
	return err;
}

/* ---- back ---------------------------------------------------------------- */

struct workspace_name {
	char *text; /* NULL: none */
};

static int take_name(void *arg, const struct value *row, unsigned n)
{
	struct workspace_name *name = arg;

	if (n > 0 && row[0].kind == VALUE_TEXT)
		name->text = mem_text_n(row[0].s.p, row[0].s.n);
	return 0;
}

/* The workspace behind `after` in the log; *out NULL: there is none. */
static int next_workspace(const struct db_ops *ops,
    const struct db_place *place, char **out, struct fault *why)
{
	struct workspace_name name = { NULL };
	struct db *db;
	int err = migrate_read(ops, place, DB_LOG, &db, why);

	if (err != 0)
		return err;
	err = db_run(db, STMT_WORKSPACE_AFTER,
	    db_args(v_text(str_of(place->workspace))), take_name, &name);
	if (err != 0)
		(void)db_fault(db, err, why);
	db_close(db);
	*out = name.text;
	return err;
}

static int verify_all(const char *dir, struct fault *why)
{
	struct store_config config = { .dir = dir };
	struct buf report = { 0 };
	char *workspace = mem_text("");
	char *next;
	int err;

	do {
		struct db_place place = { dir, workspace };

		err = next_workspace(&sqlite_ops, &place, &next, why);
		if (err != 0 || next == NULL)
			break;
		mem_free(workspace);
		workspace = next;
		config.workspace = workspace;
		err = store_verify(&config, &report, why);
	} while (err == 0);
	mem_free(workspace);
	buf_done(&report);
	return err;
}

int store_restore(const char *from, const char *dir, struct fault *why)
{
	struct db_place source = { from, "" };
	struct db_place target = { dir, "" };
	int err = make_empty(dir, why);

	if (err == 0)
		err = copy_store(&sqlite_ops, &source, &target, why);
	return err != 0 ? err : verify_all(dir, why);
}
