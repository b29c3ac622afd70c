/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * codec.h - structs to bytes and back, by a table of their fields.
 *
 * One row per field; bytes are written in the order of the rows: varints
 * (LEB128) for unsigned and zig-zag for signed numbers, length and bytes for
 * texts and blobs, the count and then each element behind its length for
 * lists. A reader of an older body finds fewer fields: the rest stays zero. So
 * a table, also an element's, only ever grows at its end, within a version.
 * A value has one encoding: numbers written longer than needed are refused.
 */
#ifndef USHER_BASE_CODEC_H
#define USHER_BASE_CODEC_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/str.h"

void put_u64(struct buf *out, uint64_t v);
void put_i64(struct buf *out, int64_t v);
void put_str(struct buf *out, struct str s);

/* A reader that fails once and stays failed; then all reads give 0. */
struct reader {
	const uint8_t *p;
	size_t n;
	bool failed;
};
struct reader reader_of(struct str bytes);
uint64_t get_u64(struct reader *r);
int64_t get_i64(struct reader *r);
struct str get_str(struct reader *r); /* borrowed from the bytes */

enum field_type {
	FIELD_U8,
	FIELD_U16,
	FIELD_U32,
	FIELD_U64,
	FIELD_I64,
	FIELD_BOOL,
	FIELD_ID,   /* uint64_t inside an id struct; shown with its letter */
	FIELD_HASH, /* 32 bytes; all zero is written as nothing */
	FIELD_STR,  /* struct str, borrowed */
	FIELD_LIST, /* fixed array of structs with a count; see below */
};

struct field {
	const char *name;
	enum field_type type;
	char letter; /* of FIELD_ID */
	size_t offset;
	/* FIELD_LIST: `offset` is the array's, the count is a uint8_t */
	size_t count_offset;
	size_t item_size;
	size_t item_max;
	const struct field *item; /* table of one element */
	/* FIELD_U8 with names: shown as text; NULL: shown as number */
	const char *(*show)(unsigned v);
};

/* The formatter would take #member for a directive. */
/* clang-format off */
#define FIELD_END { NULL, FIELD_U8, 0, 0, 0, 0, 0, NULL, NULL }
#define FIELD(s, type, member)                                                 \
	{ #member, FIELD_##type, 0, offsetof(s, member), 0, 0, 0, NULL, NULL }
#define FIELD_AS(s, letter, member)                                            \
	{ #member, FIELD_ID, letter, offsetof(s, member), 0, 0, 0, NULL, NULL }
#define FIELD_NAMED(s, member, show)                                           \
	{ #member, FIELD_U8, 0, offsetof(s, member), 0, 0, 0, NULL, show }
#define FIELD_ROWS(s, member, count, max, table)                               \
	{ #member, FIELD_LIST, 0, offsetof(s, member), offsetof(s, count),     \
		sizeof(((s *)0)->member[0]), max, table, NULL }
/* clang-format on */

void encode(const struct field *fields, const void *from, struct buf *out);
/* Fills `to` (zeroed first by the caller). FIELD_STR borrows from the reader's
 * bytes. ERR_CORRUPT when the bytes do not fit the table. Bytes behind the last
 * field stay in the reader: whoever expects none looks at r->n. */
int decode(const struct field *fields, struct reader *r, void *to) must_check;
/* Members of an open object; fields that are zero or empty are left out. */
void fields_show(
    const struct field *fields, const void *from, struct json_writer *w);

#endif
