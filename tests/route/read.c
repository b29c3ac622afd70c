/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * read.c - the small parts of a command.
 *
 * Entered by act.c and arrive.c. Ends the process at whatever it cannot read.
 */
#include "read.h"

#include <string.h>

#include "base/check.h"
#include "base/crypto.h"

const char *read_word(const struct stage *st, struct words *w, const char *what)
{
	const char *word = words_next(w);

	if (word == NULL)
		stage_wrong(st, "%s is missing", what);
	return word;
}

/* The unit at the head of `s`, longest first, or 0. */
static msec_t cut_unit(struct str *s)
{
	static const struct {
		const char *word;
		msec_t ms;
	} units[] = { { "ms", 1 }, { "s", 1000 }, { "m", 60000 },
		{ "h", 3600000 }, { "d", 86400000 } };
	size_t i;

	for (i = 0; i < countof(units); i++) {
		if (str_starts(*s, units[i].word)) {
			*s = str_from(*s, strlen(units[i].word));
			return units[i].ms;
		}
	}
	return 0;
}

msec_t read_duration(const struct stage *st, struct words *w)
{
	struct str rest = str_of(read_word(st, w, "a time"));
	msec_t sum = 0;

	do {
		size_t digits = 0;
		uint64_t n = 0;
		msec_t unit;

		while (digits < rest.n && rest.p[digits] >= '0' &&
		       rest.p[digits] <= '9')
			digits++;
		if (str_to_u64(str_sub(rest, 0, digits), &n) != 0)
			stage_wrong(st, "a time is such as 1m30s");
		rest = str_from(rest, digits);
		unit = cut_unit(&rest);
		if (unit == 0)
			stage_wrong(st, "a time has units: ms s m h d");
		sum += (msec_t)n * unit;
	} while (rest.n > 0);
	return sum;
}

uint64_t read_number(const struct stage *st, struct words *w, uint64_t most)
{
	uint64_t n = 0;

	if (str_to_u64(str_of(read_word(st, w, "a number")), &n) != 0 ||
	    n > most)
		stage_wrong(st, "a number up to %llu is expected",
		    (unsigned long long)most);
	return n;
}

struct offer_id read_offer(const struct stage *st, struct words *w,
    struct contact_id c, const struct agent *a)
{
	struct offer_id o = stage_offer(st, c, a);

	if (words_skip(w, "offer")) {
		if (id_parse('o', str_of(read_word(st, w, "an offer")), &o.v) !=
		    0)
			stage_wrong(st, "an offer is such as o1");
	} else if (!id_is_set(o)) {
		o = stage_offer(st, c, NULL);
	}
	return o;
}

uint64_t digest_of(struct str text)
{
	uint64_t d = digest64(text);

	return d == 0 ? 1 : d;
}
