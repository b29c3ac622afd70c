/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store_ops.c - the same few steps over any engine.
 *
 * Entered by every room of this floor; nothing here knows which engine it is.
 */
#include "store/store_ops.h"

struct value v_null(void)
{
	return (struct value){ VALUE_NULL, 0, STR_NONE };
}

struct value v_int(int64_t i)
{
	return (struct value){ VALUE_INT, i, STR_NONE };
}

struct value v_id(uint64_t id)
{
	check(id <= INT64_MAX);
	return v_int((int64_t)id);
}

struct value v_text(struct str s)
{
	return (struct value){ VALUE_TEXT, 0, s };
}

struct value v_blob(struct str s)
{
	return (struct value){ VALUE_BLOB, 0, s };
}

int db_run(struct db *db, enum statement what, struct values args, row_fn fn,
    void *arg)
{
	return db->ops->run(db, what, args, fn, arg);
}

static int take_number(void *arg, const struct value *row, unsigned n)
{
	int64_t *out = arg;

	if (n > 0 && row[0].kind == VALUE_INT)
		*out = row[0].i;
	return 0;
}

int db_number(
    struct db *db, enum statement what, int64_t fallback, int64_t *out)
{
	*out = fallback;
	return db_run(db, what, db_none, take_number, out);
}

void db_close(struct db *db)
{
	if (db != NULL)
		db->ops->close(db);
}

int db_fault(struct db *db, int err, struct fault *why)
{
	return fault_set(why, err, "the %s cannot be read or written: %s",
	    db_file_word(db->file), db->ops->error(db));
}

const char *db_file_word(enum db_file file)
{
	return file == DB_LOG ? "log" : "record";
}
