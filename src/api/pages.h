/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pages.h - the static pages: desk, chat, wallboard and what they need.
 *
 * Read once, at start, into memory: a request only ever names an entry of this
 * list, so no path of a peer ever reaches the file system.
 */
#ifndef USHER_API_PAGES_H
#define USHER_API_PAGES_H

#include <stddef.h>

#include "net/rows.h"

#define PAGES_MAX      512
#define PAGE_BYTES_MAX ((size_t)4 * 1024 * 1024)
#define PAGES_DEPTH    4

struct page {
	char *path;       /* "/desk/desk.js" */
	const char *type; /* Content-Type */
	char *bytes;      /* shared by the paths of one file; NULL: redirect */
	size_t size;
	bool owns_bytes;
	char etag[36]; /* quoted */
};

struct pages {
	struct page *items;
	size_t count, cap;
};

/* Regular files with a known ending beneath `dir`. x/index.html is also /x/
 * (and /x leads there), x.html is also /x. NULL, or a folder that cannot be
 * read: no pages, one line in the log. */
void pages_load(struct pages *p, const char *dir);
void pages_done(struct pages *p);
/* Answers a GET or HEAD for a path of the list. */
void pages_answer(const struct pages *p, const struct http_call *call);

#endif
