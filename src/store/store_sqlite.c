/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store_sqlite.c - the embedded engine, and the only file that knows SQLite.
 *
 * Entered through sqlite_ops only; one connection, one thread. The log runs
 * with synchronous=FULL, for a commit is a promise; the record with NORMAL,
 * for it can always be caught up from the log. A statement must never leave
 * here unreset: it would hold its snapshot and stop the journal's recycling.
 */
#include "store/store_sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/mem.h"

#define APPLICATION_ID 0x75736872 /* "ushr" */
#define BUSY_MS        5000
#define COLUMNS_MAX    24
#define PATH_ROOM      4096

struct sqlite_db {
	struct db db;
	sqlite3 *handle;
	char *workspace;
	bool writes;
	sqlite3_stmt *statements[STATEMENTS]; /* prepared when first run */
};

static pthread_once_t configured = PTHREAD_ONCE_INIT;
static const char *const file_names[DB_FILES] = { "log.db", "record.db" };
/* The journal is emptied into the file in one go when it holds about 40 MB:
 * with the usual 4 MB a commit is interrupted ten times as often. */
static const char *const log_settings =
    "PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
    "PRAGMA wal_autocheckpoint=5000; PRAGMA journal_size_limit=67108864;"
    "PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF;";
static const char *const record_settings =
    "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
    "PRAGMA wal_autocheckpoint=10000; PRAGMA journal_size_limit=67108864;"
    "PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY;";
static const char *const read_settings =
    "PRAGMA query_only=ON; PRAGMA cache_size=-8192;"
    "PRAGMA temp_store=MEMORY;";

static struct sqlite_db *of(struct db *db)
{
	return (struct sqlite_db *)(void *)db;
}

static int err_of(int rc)
{
	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_DONE:
		return 0;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return ERR_CORRUPT;
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return ERR_BUSY;
	case SQLITE_NOMEM:
		return ERR_MEMORY;
	default:
		return ERR_IO;
	}
}

static void path_of(
    const struct db_place *place, enum db_file file, char dst[PATH_ROOM])
{
	snprintf(dst, PATH_ROOM, "%s/%s", place->dir, file_names[file]);
}

static int execute(struct db *db, const char *sql)
{
	return err_of(sqlite3_exec(of(db)->handle, sql, NULL, NULL, NULL));
}

/* ---- opening --------------------------------------------------------------*/

static void close_db(struct db *db)
{
	struct sqlite_db *d = of(db);
	size_t i;

	for (i = 0; i < STATEMENTS; i++)
		sqlite3_finalize(d->statements[i]);
	sqlite3_close(d->handle);
	mem_free(d->workspace);
	mem_free(d);
}

static const char *settings_of(enum db_file file, bool writes)
{
	if (!writes)
		return read_settings;
	return file == DB_LOG ? log_settings : record_settings;
}

static int number_of(struct sqlite_db *d, const char *sql, int64_t *out)
{
	sqlite3_stmt *s = NULL;
	int rc = sqlite3_prepare_v2(d->handle, sql, -1, &s, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(s);
	if (rc == SQLITE_ROW) {
		*out = sqlite3_column_int64(s, 0);
		rc = SQLITE_OK;
	}
	sqlite3_finalize(s);
	return err_of(rc);
}

static int version(struct db *db, unsigned *out)
{
	struct sqlite_db *d = of(db);
	int64_t number = 0;
	int64_t owner = 0;
	int64_t tables = 0;
	int err = number_of(d, "PRAGMA user_version", &number);

	if (err == 0)
		err = number_of(d, "PRAGMA application_id", &owner);
	if (err == 0)
		err =
		    number_of(d, "SELECT count(*) FROM sqlite_master", &tables);
	if (err != 0)
		return err;
	if (owner != APPLICATION_ID && tables > 0)
		return ERR_VERSION;
	*out = (unsigned)number;
	return 0;
}

/* Counting every allocation would take one lock for all threads. Has to come
 * before the first connection; afterwards it is refused, and no harm done. */
static void configure(void)
{
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

/* SQLite would make it readable by all; its journal takes after it. */
static void make_private(const char *path)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
}

/* Readers open for writing too, as SQLite wants for a shared journal; then
 * they give up the right to change anything. A file that is not ours is left
 * as it is: version() will say so. */
static int open_db(const struct db_place *place, enum db_file file, bool writes,
    struct db **out, struct fault *why)
{
	struct sqlite_db *d = new_of(struct sqlite_db);
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
	char path[PATH_ROOM];
	unsigned ours;
	int err;

	d->db.ops = &sqlite_ops;
	d->db.file = file;
	d->writes = writes;
	d->workspace = mem_text(place->workspace);
	path_of(place, file, path);
	if (writes)
		make_private(path);
	pthread_once(&configured, configure);
	err = err_of(sqlite3_open_v2(path, &d->handle, flags, NULL));
	if (err == 0)
		err = err_of(sqlite3_busy_timeout(d->handle, BUSY_MS));
	if (err == 0 && version(&d->db, &ours) == 0)
		err = execute(&d->db, settings_of(file, writes));
	if (err != 0) {
		fault_set(why, err, "%s: %s", path, sqlite3_errmsg(d->handle));
		close_db(&d->db);
		return err;
	}
	*out = &d->db;
	return 0;
}

static int upgrade(struct db *db, unsigned to)
{
	char marks[96];
	int err =
	    execute(db, db->file == DB_LOG ? sqlite_log_schema[to - 1]
	                                   : sqlite_record_schema[to - 1]);

	snprintf(marks, sizeof(marks),
	    "PRAGMA application_id=%d; PRAGMA user_version=%u", APPLICATION_ID,
	    to);
	return err != 0 ? err : execute(db, marks);
}

/* ---- statements -----------------------------------------------------------*/

static int begin(struct db *db)
{
	return execute(db, of(db)->writes ? "BEGIN IMMEDIATE" : "BEGIN");
}

static int commit(struct db *db)
{
	return execute(db, "COMMIT");
}

static void rollback(struct db *db)
{
	if (!sqlite3_get_autocommit(of(db)->handle))
		(void)execute(db, "ROLLBACK");
}

static int prepare(struct sqlite_db *d, const char *sql, sqlite3_stmt **out)
{
	int rc = sqlite3_prepare_v3(
	    d->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, out, NULL);

	/* The workspace is bound once and survives every reset. */
	if (rc == SQLITE_OK && sqlite3_bind_parameter_count(*out) > 0)
		rc =
		    sqlite3_bind_text(*out, 1, d->workspace, -1, SQLITE_STATIC);
	return err_of(rc);
}

/* Texts stay the caller's: they live until the statement is reset. */
static int bind(sqlite3_stmt *s, int at, const struct value *v)
{
	const char *p = v->s.p != NULL ? v->s.p : "";

	switch (v->kind) {
	case VALUE_INT:
		return sqlite3_bind_int64(s, at, v->i);
	case VALUE_TEXT:
		return sqlite3_bind_text64(
		    s, at, p, v->s.n, SQLITE_STATIC, SQLITE_UTF8);
	case VALUE_BLOB:
		return sqlite3_bind_blob64(s, at, p, v->s.n, SQLITE_STATIC);
	case VALUE_NULL:
		break;
	}
	return sqlite3_bind_null(s, at);
}

static struct value column(sqlite3_stmt *s, int at)
{
	const void *p;

	switch (sqlite3_column_type(s, at)) {
	case SQLITE_INTEGER:
		return v_int(sqlite3_column_int64(s, at));
	case SQLITE_TEXT:
		p = sqlite3_column_text(s, at);
		return v_text(
		    (struct str){ p, (size_t)sqlite3_column_bytes(s, at) });
	case SQLITE_BLOB:
		p = sqlite3_column_blob(s, at);
		return v_blob(
		    (struct str){ p, (size_t)sqlite3_column_bytes(s, at) });
	default:
		return v_null();
	}
}

static int give_rows(sqlite3_stmt *s, row_fn fn, void *arg)
{
	struct value row[COLUMNS_MAX];
	int columns = sqlite3_column_count(s);
	int err = 0;
	int rc;
	int i;

	check(columns <= COLUMNS_MAX);
	while ((rc = sqlite3_step(s)) == SQLITE_ROW) {
		for (i = 0; i < columns; i++)
			row[i] = column(s, i);
		if (fn != NULL)
			err = fn(arg, row, (unsigned)columns);
		if (err != 0)
			return err;
	}
	return err_of(rc);
}

static int run(struct db *db, enum statement what, struct values args,
    row_fn fn, void *arg)
{
	struct sqlite_db *d = of(db);
	sqlite3_stmt **s = &d->statements[what];
	int err = 0;
	unsigned i;

	if (*s == NULL)
		err = prepare(d, sqlite_texts[what], s);
	/* One that is still running would lose its place. */
	check(err != 0 || !sqlite3_stmt_busy(*s));
	for (i = 0; err == 0 && i < args.n; i++)
		err = err_of(bind(*s, (int)i + 2, &args.at[i]));
	if (err == 0)
		err = give_rows(*s, fn, arg);
	sqlite3_reset(*s);
	return err;
}

/* ---- care ---------------------------------------------------------------- */

/* Written pages go to the file, after the journal was flushed. A busy reader
 * may keep some in the journal: they are flushed there all the same. */
static int settle(struct db *db)
{
	return err_of(sqlite3_wal_checkpoint_v2(
	    of(db)->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL));
}

/* All pages in one step: one snapshot, however busy the writer is. */
static int copy(struct db *db, const struct db_place *to)
{
	sqlite3_backup *b;
	sqlite3 *target = NULL;
	char path[PATH_ROOM];
	int rc;

	path_of(to, db->file, path);
	make_private(path);
	rc = sqlite3_open_v2(
	    path, &target, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc == SQLITE_OK) {
		b = sqlite3_backup_init(target, "main", of(db)->handle, "main");
		if (b != NULL)
			(void)sqlite3_backup_step(b, -1);
		rc = b != NULL ? sqlite3_backup_finish(b)
		               : sqlite3_errcode(target);
	}
	sqlite3_close(target);
	return err_of(rc);
}

static const char *table(unsigned i)
{
	return sqlite_tables[i].name;
}

static int dump(struct db *db, unsigned number, row_fn fn, void *arg)
{
	sqlite3_stmt *s = NULL;
	char *sql =
	    mem_textf("SELECT * FROM %s WHERE workspace = ?1 ORDER BY %s",
	        sqlite_tables[number].name, sqlite_tables[number].order);
	int err = prepare(of(db), sql, &s);

	if (err == 0)
		err = give_rows(s, fn, arg);
	sqlite3_finalize(s);
	mem_free(sql);
	return err;
}

static int remove_one(const char *path, const char *tail)
{
	char *name = mem_textf("%s%s", path, tail);
	int err = unlink(name) != 0 && errno != ENOENT ? ERR_IO : 0;

	mem_free(name);
	return err;
}

static int remove_db(const struct db_place *place, enum db_file file)
{
	char path[PATH_ROOM];
	int err;

	path_of(place, file, path);
	err = remove_one(path, "");
	if (err == 0)
		err = remove_one(path, "-wal");
	return err != 0 ? err : remove_one(path, "-shm");
}

/* Both are closed, so neither has a journal left that counts. */
static int replace(
    const struct db_place *from, const struct db_place *to, enum db_file file)
{
	char old_path[PATH_ROOM];
	char new_path[PATH_ROOM];
	int err = remove_db(to, file);

	path_of(from, file, new_path);
	path_of(to, file, old_path);
	if (err == 0 && rename(new_path, old_path) != 0)
		err = ERR_IO;
	return err;
}

static uint64_t bytes(const struct db_place *place, enum db_file file)
{
	static const char *const tails[] = { "", "-wal" };
	char path[PATH_ROOM];
	uint64_t sum = 0;
	struct stat st;
	char *name;
	size_t i;

	path_of(place, file, path);
	for (i = 0; i < countof(tails); i++) {
		name = mem_textf("%s%s", path, tails[i]);
		if (stat(name, &st) == 0)
			sum += (uint64_t)st.st_size;
		mem_free(name);
	}
	return sum;
}

static const char *error(struct db *db)
{
	return sqlite3_errmsg(of(db)->handle);
}

const struct db_ops sqlite_ops = {
	.name = "sqlite",
	.open = open_db,
	.close = close_db,
	.version = version,
	.upgrade = upgrade,
	.begin = begin,
	.commit = commit,
	.rollback = rollback,
	.run = run,
	.settle = settle,
	.copy = copy,
	.table = table,
	.dump = dump,
	.remove = remove_db,
	.replace = replace,
	.bytes = bytes,
	.error = error,
};
