/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store_ops.h - what the store asks of a database engine.
 *
 * The rooms of this floor speak to two databases, the log and the record,
 * through this table of functions only; they name statements, the engine owns
 * their texts. So a second engine (PostgreSQL) is one more file that fills
 * `struct db_ops` and passes the same conformance suite. A connection belongs
 * to one thread at a time; no SQL and no engine's type may appear above here.
 */
#ifndef USHER_STORE_STORE_OPS_H
#define USHER_STORE_STORE_OPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/check.h"
#include "base/err.h"
#include "base/str.h"

enum db_file { DB_LOG, DB_RECORD };
#define DB_FILES 2

/* Versions of the two schemas this program writes. */
#define LOG_VERSION    1
#define RECORD_VERSION 1

enum value_kind { VALUE_NULL, VALUE_INT, VALUE_TEXT, VALUE_BLOB };
struct value {
	enum value_kind kind;
	int64_t i;
	struct str s; /* borrowed: by a row, for the call */
};
struct values { /* of parameters */
	const struct value *at;
	unsigned n;
};
struct value v_null(void);
struct value v_int(int64_t i);
struct value v_id(uint64_t id);
struct value v_text(struct str s); /* empty is the empty text */
struct value v_blob(struct str s);

/*
 * Every statement the store runs. Parameter 1 is always the workspace, bound
 * by the engine; the caller's follow it in the order of the comment at the
 * statement's text (store_sqlite_sql.c).
 */
#define STATEMENT_TABLE(X)                                                     \
	X(EVENT_ADD)                                                           \
	X(PAYLOAD_ADD)                                                         \
	X(CHAIN_ADD)                                                           \
	X(EVENTS_FROM)                                                         \
	X(EVENTS_LAST)                                                         \
	X(CHAIN_LAST)                                                          \
	X(CHAIN_FROM)                                                          \
	X(WORKSPACE_AFTER)                                                     \
	X(CHECKPOINT_ADD)                                                      \
	X(CHECKPOINT_PRUNE)                                                    \
	X(CHECKPOINT_LAST)                                                     \
	X(CHECKPOINT_BEFORE)                                                   \
	X(CHECKPOINT_PARTS)                                                    \
	X(PROGRESS_SET)                                                        \
	X(PROGRESS_GET)                                                        \
	X(LABEL_SET)                                                           \
	X(CONTACT_ADD)                                                         \
	X(CONTACT_PARSED)                                                      \
	X(CONTACT_STATE)                                                       \
	X(CONTACT_QUEUE)                                                       \
	X(CONTACT_ANSWERED)                                                    \
	X(CONTACT_ENDED)                                                       \
	X(CONTACT_OWNER)                                                       \
	X(CONTACT_AGENT_ADD)                                                   \
	X(CONTACT_EVENT_ADD)                                                   \
	X(CONTACT_IDENTIFIER_ADD)                                              \
	X(IDENTIFIER_ADD)                                                      \
	X(IDENTIFIER_NEXT)                                                     \
	X(OWNER_ADD)                                                           \
	X(CUSTOMER_ADD)                                                        \
	X(CUSTOMER_NAME)                                                       \
	X(MESSAGE_ADD)                                                         \
	X(MESSAGE_INDEX)                                                       \
	X(ATTACHMENT_ADD)                                                      \
	X(PERSON_SET)                                                          \
	X(TOKEN_ADD)                                                           \
	X(TOKEN_REVOKE)                                                        \
	X(READ_OWNERS)                                                         \
	X(READ_SERVED)                                                         \
	X(READ_CUSTOMER)                                                       \
	X(READ_CUSTOMER_IDENTIFIERS)                                           \
	X(READ_CUSTOMER_CONTACTS)                                              \
	X(READ_CUSTOMER_OPEN)                                                  \
	X(READ_CONTACT)                                                        \
	X(READ_CONTACT_IDENTIFIERS)                                            \
	X(READ_CONTACT_AGENTS)                                                 \
	X(READ_CONTACT_EVENTS)                                                 \
	X(READ_CONTACT_OFFERS)                                                 \
	X(READ_MESSAGES)                                                       \
	X(READ_ATTACHMENTS)                                                    \
	X(READ_LABEL)                                                          \
	X(READ_PERSON)                                                         \
	X(READ_TOKEN)                                                          \
	X(READ_PEOPLE)                                                         \
	X(READ_SEARCH)                                                         \
	X(INDEX_CHECK)
#define STATEMENT_ENUM(symbol) STMT_##symbol,
enum statement { STATEMENT_TABLE(STATEMENT_ENUM) STATEMENTS };
#undef STATEMENT_ENUM

struct db;
/* One row of an answer; not 0 ends the query and is its result. */
typedef int (*row_fn)(void *arg, const struct value *row, unsigned n);

struct db_place { /* where a database lies */
	const char *dir;
	const char *workspace;
};

struct db_ops {
	const char *name; /* "sqlite" */
	/* Opens or makes it; the schema's version is not looked at yet. A
	 * connection for reading cannot change anything. */
	int (*open)(const struct db_place *place, enum db_file file,
	    bool writes, struct db **out, struct fault *why);
	void (*close)(struct db *db);
	/* 0: empty. ERR_VERSION: it is not ours at all. */
	int (*version)(struct db *db, unsigned *out);
	/* Takes the schema from `version` - 1 to `version`, in the running
	 * transaction. */
	int (*upgrade)(struct db *db, unsigned version);
	int (*begin)(struct db *db);  /* for writing if it may */
	int (*commit)(struct db *db); /* the log: on disk when it returns */
	void (*rollback)(struct db *db);
	int (*run)(struct db *db, enum statement what, struct values args,
	    row_fn fn, void *arg);
	/* What was committed is on disk even after a power cut. */
	int (*settle)(struct db *db);
	/* A consistent copy of it in another (made) place. */
	int (*copy)(struct db *db, const struct db_place *to);
	/* All rows of a table of the record, in the order of its key; NULL
	 * ends the list: table(0), table(1), ... */
	const char *(*table)(unsigned i);
	int (*dump)(struct db *db, unsigned table, row_fn fn, void *arg);
	/* Takes a closed database away; moves it over another. */
	int (*remove)(const struct db_place *place, enum db_file file);
	int (*replace)(const struct db_place *from, const struct db_place *to,
	    enum db_file file);
	uint64_t (*bytes)(const struct db_place *place, enum db_file file);
	const char *(*error)(struct db *db); /* of the last call that failed */
};

struct db { /* the first member of every engine's connection */
	const struct db_ops *ops;
	enum db_file file;
};

extern const struct db_ops sqlite_ops;

/* ---- conveniences over any engine (store_ops.c) -------------------------- */

int db_run(struct db *db, enum statement what, struct values args, row_fn fn,
    void *arg) must_check;
#define db_none ((struct values){ NULL, 0 })
#define db_args(...)                                                           \
	((struct values){ (const struct value[]){ __VA_ARGS__ },               \
	    (unsigned)countof(((const struct value[]){ __VA_ARGS__ })) })
/* For a statement without an answer: db_do(db, STMT_X, v_int(1), ...). */
#define db_do(db, what, ...) db_run(db, what, db_args(__VA_ARGS__), NULL, NULL)
/* One number from the first row, `fallback` when there is none. */
int db_number(struct db *db, enum statement what, int64_t fallback,
    int64_t *out) must_check;
void db_close(struct db *db); /* NULL is fine */
/* The last error as a fault: "log: disk I/O error". */
int db_fault(struct db *db, int err, struct fault *why);
const char *db_file_word(enum db_file file);

#endif
