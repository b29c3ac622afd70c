/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * table.h - rows of text, aligned by what a terminal needs for them.
 */
#ifndef USHER_TOOLS_TABLE_H
#define USHER_TOOLS_TABLE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"

#define TABLE_COLUMNS 12

struct table {
	const char *heads[TABLE_COLUMNS]; /* borrowed */
	bool right[TABLE_COLUMNS];        /* numbers stand right */
	size_t columns;
	struct buf text;   /* of all cells, one behind the other */
	struct buf bounds; /* size_t: where each cell ends */
};

void table_init(struct table *t);
void table_done(struct table *t);
void table_column(struct table *t, const char *head, bool right);
/* Cells fill the rows from the left; control characters become '?'. */
void table_cell(struct table *t, struct str text);
size_t table_rows(const struct table *t);
/* Appends the table; `bold` prints the heads in bold. */
void table_show(const struct table *t, bool bold, struct buf *out);

#endif
