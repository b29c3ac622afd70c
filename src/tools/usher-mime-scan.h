/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * usher-mime-scan.h - is this mail small enough to be read at all?
 *
 * One pass over the raw bytes, without memory of its own, before any library
 * sees them: 200,000 parts in 2 MB cost a parser 266 MB. It counts generously:
 * where two readings of a mail are possible, the one with more parts holds.
 */
#ifndef USHER_TOOLS_USHER_MIME_SCAN_H
#define USHER_TOOLS_USHER_MIME_SCAN_H

#include "base/str.h"

#define SCAN_RAW_MAX      ((size_t)50 * 1024 * 1024)
#define SCAN_PARTS_MAX    500
#define SCAN_DEPTH_MAX    20
#define SCAN_HEADER_MAX   ((size_t)64 * 1024) /* bytes of one part's header */
#define SCAN_FIELDS_MAX   200                 /* of one part's header */
#define SCAN_BOUNDARY_MAX 70                  /* RFC 2046 5.1.1 */

struct scan_verdict {
	const char *error; /* "too-many-parts"; NULL: it may be read */
	const char *text;  /* a sentence */
	unsigned parts;    /* at most so many, the mail itself among them */
};
struct scan_verdict mime_scan(struct str raw);

#endif
