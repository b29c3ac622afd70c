/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store_sqlite.h - between the two files of the SQLite engine.
 *
 * The texts lie apart from the calls so that both can be read at a sitting.
 */
#ifndef USHER_STORE_STORE_SQLITE_H
#define USHER_STORE_STORE_SQLITE_H

#include "store/store_ops.h"

struct sqlite_table {
	const char *name;
	const char *order; /* its key */
};

extern const char *const sqlite_texts[STATEMENTS];
/* Scripts by version - 1; a row is never changed once released. */
extern const char *const sqlite_log_schema[LOG_VERSION];
extern const char *const sqlite_record_schema[RECORD_VERSION];
/* Tables of the record that the log alone determines; ends with NULL. */
extern const struct sqlite_table sqlite_tables[];

#endif
