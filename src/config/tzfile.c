/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tzfile.c - reads TZif files (RFC 9636) into plain tables of changes.
 *
 * Entered by the check of `hours`. Only the 64-bit block counts; what comes
 * after its last transition follows from the footer's rule (tzrule.c). The
 * bytes are not trusted: every count is checked against what is there before
 * it is used, and a file that contradicts itself is refused.
 */
#include "config/tzfile.h"

#include <string.h>

#include "base/mem.h"
#include "config/files.h"
#include "config/tzrule.h"

#define HEADER_BYTES 44
#define TYPE_BYTES   6
#define OFFSET_MOST  93599 /* RFC 9636, 3.2: a day and two hours at most */
#define NAME_BYTES   64

struct header {
	uint32_t utc_count, std_count, leap_count;
	uint32_t time_count, type_count, char_count;
};

static uint64_t read_be(const char *p, size_t bytes)
{
	uint64_t v = 0;

	for (size_t i = 0; i < bytes; i++)
		v = v << 8 | (unsigned char)p[i];
	return v;
}

static int corrupt(struct fault *why)
{
	return fault_set(why, ERR_CORRUPT, "the zone's file is damaged");
}

static int read_header(
    struct str s, struct header *out, char *version, struct fault *why)
{
	uint32_t *counts[] = { &out->utc_count, &out->std_count,
		&out->leap_count, &out->time_count, &out->type_count,
		&out->char_count };

	if (s.n < HEADER_BYTES || !str_starts(s, "TZif"))
		return fault_set(
		    why, ERR_CORRUPT, "this is not a time zone file");
	*version = s.p[4];
	for (size_t i = 0; i < 6; i++) {
		*counts[i] = (uint32_t)read_be(s.p + 20 + 4 * i, 4);
		if (*counts[i] > TZFILE_BYTES)
			return corrupt(why);
	}
	return 0;
}

static size_t block_bytes(const struct header *h, size_t time_size)
{
	return h->time_count * (time_size + 1) + h->type_count * TYPE_BYTES +
	       h->char_count + h->leap_count * (time_size + 4) + h->std_count +
	       h->utc_count;
}

/* A change at the moment of the one before replaces it; one that changes
 * nothing is left out. */
void zone_add_change(struct zone *z, size_t *cap, int64_t at, int32_t offset_s)
{
	struct zone_change *last =
	    z->change_count ? &z->changes[z->change_count - 1] : NULL;

	if (last != NULL && last->at == at) {
		last->offset_s = offset_s;
		return;
	}
	if (last != NULL && (at < last->at || last->offset_s == offset_s))
		return;
	mem_room(&z->changes, z->change_count, cap, sizeof(*z->changes));
	z->changes[z->change_count++] = (struct zone_change){ at, offset_s };
}

static int read_offset(
    struct str block, const struct header *h, uint32_t type, int32_t *out)
{
	const char *types = block.p + h->time_count * 9;
	int32_t offset;

	if (type >= h->type_count)
		return ERR_CORRUPT;
	offset = (int32_t)(uint32_t)read_be(types + type * TYPE_BYTES, 4);
	if (offset > OFFSET_MOST || offset < -OFFSET_MOST)
		return ERR_CORRUPT;
	*out = offset;
	return 0;
}

/* Transitions before 1970 count only for what holds at its beginning. */
static int read_changes(struct str block, const struct header *h,
    struct zone *z, size_t *cap, int64_t *out_last)
{
	int64_t before = INT64_MIN;
	int32_t offset;

	if (read_offset(block, h, 0, &offset) != 0)
		return ERR_CORRUPT;
	zone_add_change(z, cap, ZONE_FIRST, offset);
	for (uint32_t i = 0; i < h->time_count; i++) {
		int64_t at = (int64_t)read_be(block.p + i * 8, 8);
		uint32_t type = (unsigned char)block.p[h->time_count * 8 + i];

		if ((i > 0 && at <= before) ||
		    read_offset(block, h, type, &offset) != 0)
			return ERR_CORRUPT;
		before = at;
		if (at <= ZONE_LAST)
			zone_add_change(
			    z, cap, at < ZONE_FIRST ? ZONE_FIRST : at, offset);
	}
	*out_last = before;
	return 0;
}

/* "\nCET-1CEST,M3.5.0,M10.5.0/3\n" */
static int read_footer(
    struct str rest, int64_t last, struct zone *z, size_t *cap)
{
	struct str rule;

	if (rest.n < 2 || rest.p[0] != '\n')
		return ERR_CORRUPT;
	rest = str_from(rest, 1);
	if (str_find(rest, '\n') == rest.n)
		return ERR_CORRUPT;
	rule = str_next(&rest, '\n');
	return rule.n == 0 ? 0 : tzrule_extend(rule, last, z, cap);
}

static int read_v2(struct str s, struct zone *z, struct fault *why)
{
	struct header h = { 0 };
	char version = 0;
	size_t bytes;
	size_t cap = 0;
	int64_t last;
	int rc = read_header(s, &h, &version, why);

	if (rc != 0)
		return rc;
	s = str_from(s, HEADER_BYTES);
	bytes = block_bytes(&h, 8);
	if (bytes > s.n || h.type_count == 0 || h.type_count > 256)
		return corrupt(why);
	if (h.leap_count > 0)
		return fault_set(why, ERR_UNSUPPORTED,
		    "zones with leap seconds are not supported");
	if (read_changes(str_sub(s, 0, bytes), &h, z, &cap, &last) != 0 ||
	    read_footer(str_from(s, bytes), last, z, &cap) != 0)
		return corrupt(why);
	return 0;
}

int tzfile_parse(struct str bytes, struct zone *out, struct fault *why)
{
	struct header h = { 0 };
	char version = 0;
	size_t skip;
	int rc = read_header(bytes, &h, &version, why);
	struct zone z = { 0 };

	if (rc != 0)
		return rc;
	if (version < '2')
		return fault_set(why, ERR_UNSUPPORTED,
		    "the zone's file is of the first version");
	skip = HEADER_BYTES + block_bytes(&h, 4);
	if (skip > bytes.n)
		return corrupt(why);
	rc = read_v2(str_from(bytes, skip), &z, why);
	if (rc != 0) {
		mem_free(z.changes);
		return rc;
	}
	out->changes = z.changes;
	out->change_count = z.change_count;
	return 0;
}

/* Names become paths: letters and - _ + in parts, no part begins with a dot. */
static bool is_zone_name(struct str s)
{
	if (s.n == 0 || s.n > NAME_BYTES || s.p[0] == '/')
		return false;
	for (size_t i = 0; i < s.n; i++) {
		char c = s.p[i];
		bool letter = ((c | 32) >= 'a' && (c | 32) <= 'z') ||
		              (c >= '0' && c <= '9');

		if (!letter && c != '-' && c != '_' && c != '+' && c != '/')
			return false;
	}
	return true;
}

int tzfile_load(struct str name, struct zone *out, struct fault *why)
{
	char path[sizeof(TZFILE_DIR) + NAME_BYTES];
	struct buf bytes = { 0 };
	struct buf text = { 0 };
	int rc;

	if (!is_zone_name(name))
		return fault_set(why, ERR_NOT_FOUND, "this names no time zone");
	buf_addf(&text, "%s%.*s", TZFILE_DIR, (int)name.n, name.p);
	str_copy(path, sizeof(path), buf_str(&text));
	buf_done(&text);
	rc = file_read(path, TZFILE_BYTES, &bytes, NULL);
	if (rc == 0)
		rc = tzfile_parse(buf_str(&bytes), out, why);
	else if (str_is(name, "UTC"))
		rc = 0; /* needs no file: a zone without changes */
	else
		fault_set(why, rc, "no time zone is called \"%.*s\"",
		    (int)name.n, name.p);
	if (rc == 0)
		out->name = mem_text_n(name.p, name.n);
	buf_done(&bytes);
	return rc;
}

/* zone.tab: country, place, name, remark, separated by tabs. */
void tzfile_suggest(struct config_notes *notes, struct str name)
{
	struct suggestion s = { .word = name };
	struct buf table = { 0 };
	struct str rest;

	if (notes_full(notes) ||
	    file_read(TZFILE_DIR "zone.tab", TZFILE_BYTES, &table, NULL) != 0) {
		buf_done(&table);
		return;
	}
	rest = buf_str(&table);
	while (rest.n > 0) {
		struct str line = str_next(&rest, '\n');

		if (line.n == 0 || line.p[0] == '#')
			continue;
		str_next(&line, '\t');
		str_next(&line, '\t');
		suggestion_consider(&s, str_next(&line, '\t'));
	}
	note_suggest(notes, &s);
	buf_done(&table);
}
