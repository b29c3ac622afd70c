/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * migrate.c - opening a database of whatever age.
 *
 * Entered for writing only, before anybody reads. The log is carried from
 * version to version and never thrown away; the record is only a view of it,
 * so an older one is made anew. A newer one of either is refused untouched.
 */
#include "store/migrate.h"

#include "base/log.h"

static unsigned known(enum db_file file)
{
	return file == DB_LOG ? LOG_VERSION : RECORD_VERSION;
}

static int refuse(const struct db_place *place, enum db_file file,
    unsigned version, struct fault *why)
{
	if (version == 0)
		return fault_set(why, ERR_VERSION,
		    "the %s in %s was not made by usher", db_file_word(file),
		    place->dir);
	return fault_set(why, ERR_VERSION,
	    "the %s in %s was written by a newer usher (version %u, this one "
	    "knows up to %u)",
	    db_file_word(file), place->dir, version, known(file));
}

/* One transaction: a power cut leaves the version as it was. */
static int upgrade(struct db *db, unsigned version, struct fault *why)
{
	int err = db->ops->begin(db);

	while (err == 0 && version < known(db->file))
		err = db->ops->upgrade(db, ++version);
	if (err == 0)
		err = db->ops->commit(db);
	if (err != 0)
		(void)db_fault(db, err, why);
	if (err != 0)
		db->ops->rollback(db);
	return err;
}

static int start_anew(const struct db_ops *ops, const struct db_place *place,
    struct db **db, struct fault *why)
{
	int err;

	log_warn("store", "msg=\"record is made anew from the log\" dir=\"%s\"",
	    place->dir);
	ops->close(*db);
	*db = NULL;
	err = ops->remove(place, DB_RECORD);
	if (err != 0)
		return fault_set(
		    why, err, "the record in %s cannot be removed", place->dir);
	return ops->open(place, DB_RECORD, true, db, why);
}

static int bring_up(const struct db_ops *ops, const struct db_place *place,
    enum db_file file, struct db **db, struct fault *why)
{
	unsigned version = 0;
	int err = ops->version(*db, &version);
	bool stale = err == ERR_CORRUPT ||
	             (err == 0 && version > 0 && version < known(file));

	if (err == ERR_VERSION || version > known(file))
		return refuse(place, file, version, why);
	if (file == DB_RECORD && stale) {
		err = start_anew(ops, place, db, why);
		version = 0;
		if (err != 0)
			return err;
	}
	if (err != 0)
		return db_fault(*db, err, why);
	return version == known(file) ? 0 : upgrade(*db, version, why);
}

int migrate_open(const struct db_ops *ops, const struct db_place *place,
    enum db_file file, struct db **out, struct fault *why)
{
	struct db *db = NULL;
	int err = ops->open(place, file, true, &db, why);

	if (err != 0)
		return err;
	err = bring_up(ops, place, file, &db, why);
	if (err != 0) {
		db_close(db);
		return err;
	}
	*out = db;
	return 0;
}

int migrate_read(const struct db_ops *ops, const struct db_place *place,
    enum db_file file, struct db **out, struct fault *why)
{
	struct db *db = NULL;
	unsigned version = 0;
	int err = ops->open(place, file, false, &db, why);

	if (err != 0)
		return err;
	err = ops->version(db, &version);
	if (err == ERR_VERSION || version > known(file))
		err = refuse(place, file, version, why);
	else if (err != 0)
		(void)db_fault(db, err, why);
	else if (version < known(file))
		err = fault_set(why, ERR_VERSION,
		    "the %s in %s has version %u; start usherd once to bring "
		    "it to %u",
		    db_file_word(file), place->dir, version, known(file));
	if (err != 0)
		db_close(db);
	else
		*out = db;
	return err;
}
