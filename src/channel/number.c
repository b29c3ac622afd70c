/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * number.c - telephone numbers as people and switches write them, to E.164.
 *
 * Entered by the channels that present phone numbers. One row per country says
 * how numbers are written there; what does not fit its row is never guessed
 * into a number: a wrong one would join two strangers' histories.
 */
#include "channel/number.h"

#include <string.h>

#include "base/check.h"

struct plan {
	const char *country;
	const char *code;  /* behind the + */
	const char *idd;   /* dialled to get out of the country */
	const char *trunk; /* in front of national numbers; "": none */
	unsigned min, max; /* digits of a national number without trunk */
	bool zero;         /* a national number may begin with 0 */
};

/* In Italy the leading 0 is part of the number, so it has no trunk prefix. */
static const struct plan plans[] = {
	{ "AE", "971", "00", "0", 8, 9, false },
	{ "AT", "43", "00", "0", 7, 13, false },
	{ "AU", "61", "0011", "0", 9, 9, false },
	{ "BE", "32", "00", "0", 8, 9, false },
	{ "BG", "359", "00", "0", 7, 9, false },
	{ "BR", "55", "00", "0", 10, 11, false },
	{ "CA", "1", "011", "1", 10, 10, false },
	{ "CH", "41", "00", "0", 9, 9, false },
	{ "CL", "56", "00", "", 9, 9, false },
	{ "CN", "86", "00", "0", 10, 11, false },
	{ "CO", "57", "00", "", 10, 10, false },
	{ "CY", "357", "00", "", 8, 8, false },
	{ "CZ", "420", "00", "", 9, 9, false },
	{ "DE", "49", "00", "0", 6, 13, false },
	{ "DK", "45", "00", "", 8, 8, false },
	{ "EE", "372", "00", "", 7, 8, false },
	{ "EG", "20", "00", "0", 8, 10, false },
	{ "ES", "34", "00", "", 9, 9, false },
	{ "FI", "358", "00", "0", 6, 12, false },
	{ "FR", "33", "00", "0", 9, 9, false },
	{ "GB", "44", "00", "0", 9, 10, false },
	{ "GR", "30", "00", "", 10, 10, false },
	{ "HK", "852", "001", "", 8, 8, false },
	{ "HR", "385", "00", "0", 8, 9, false },
	{ "HU", "36", "00", "06", 8, 9, false },
	{ "IE", "353", "00", "0", 7, 9, false },
	{ "IL", "972", "00", "0", 8, 9, false },
	{ "IN", "91", "00", "0", 10, 10, false },
	{ "IS", "354", "00", "", 7, 7, false },
	{ "IT", "39", "00", "", 8, 11, true },
	{ "JP", "81", "010", "0", 9, 10, false },
	{ "KR", "82", "00", "0", 8, 10, false },
	{ "LU", "352", "00", "", 8, 11, false },
	{ "LV", "371", "00", "", 8, 8, false },
	{ "MA", "212", "00", "0", 9, 9, false },
	{ "MT", "356", "00", "", 8, 8, false },
	{ "MX", "52", "00", "", 10, 10, false },
	{ "MY", "60", "00", "0", 8, 10, false },
	{ "NL", "31", "00", "0", 7, 9, false },
	{ "NO", "47", "00", "", 8, 8, false },
	{ "NZ", "64", "00", "0", 8, 10, false },
	{ "PL", "48", "00", "", 9, 9, false },
	{ "PT", "351", "00", "", 9, 9, false },
	{ "RO", "40", "00", "0", 9, 9, false },
	{ "RU", "7", "810", "8", 10, 10, false },
	{ "SE", "46", "00", "0", 7, 9, false },
	{ "SG", "65", "000", "", 8, 8, false },
	{ "SI", "386", "00", "0", 8, 8, false },
	{ "SK", "421", "00", "0", 9, 9, false },
	{ "TN", "216", "00", "", 8, 8, false },
	{ "TR", "90", "00", "0", 10, 10, false },
	{ "UA", "380", "00", "0", 9, 9, false },
	{ "US", "1", "011", "1", 10, 10, false },
	{ "ZA", "27", "00", "0", 9, 9, false },
};

#define WRITTEN_MAX 32 /* characters that count; more is no number */

/* What is left of a written number: digits, perhaps behind a plus. */
struct written {
	bool plus;
	char digits[WRITTEN_MAX];
	size_t n;
};

static const struct plan *find_plan(const char *country)
{
	for (size_t i = 0; i < countof(plans); i++)
		if (strcmp(plans[i].country, country) == 0)
			return &plans[i];
	return NULL;
}

static bool is_separator(char c)
{
	return c == ' ' || c == '-' || c == '.' || c == '(' || c == ')' ||
	       c == '/' || c == '\t';
}

/* Drops the scheme, parameters and "(0)", which is only written, not dialled,
 * behind a country code. */
static struct str strip(struct str raw)
{
	raw = str_trim(raw);
	if (raw.n > 4 && str_is_nocase(str_sub(raw, 0, 4), "tel:"))
		raw = str_from(raw, 4);
	return str_sub(raw, 0, str_find(raw, ';'));
}

static bool read_written(struct str raw, struct written *out)
{
	*out = (struct written){ 0 };
	raw = strip(raw);
	if (raw.n > 0 && raw.p[0] == '+') {
		out->plus = true;
		raw = str_from(raw, 1);
	}
	while (raw.n > 0) {
		char c = raw.p[0];

		if (out->plus && str_starts(raw, "(0)")) {
			raw = str_from(raw, 3);
			continue;
		}
		raw = str_from(raw, 1);
		if (is_separator(c))
			continue;
		if (c < '0' || c > '9' || out->n == WRITTEN_MAX)
			return false;
		out->digits[out->n++] = c;
	}
	return out->n > 0;
}

/* Takes the first n digits away. */
static struct str behind(const struct written *w, size_t n)
{
	return (struct str){ w->digits + n, w->n - n };
}

static bool put(const char *code, struct str digits, char dst[NUMBER_TEXT])
{
	size_t n = strlen(code);

	if (n + digits.n > NUMBER_DIGITS_MAX)
		return false;
	dst[0] = '+';
	memcpy(dst + 1, code, n);
	memcpy(dst + 1 + n, digits.p, digits.n);
	dst[1 + n + digits.n] = '\0';
	return true;
}

static bool put_international(struct str digits, char dst[NUMBER_TEXT])
{
	/* Seven is the shortest anybody has; no country code begins with 0. */
	if (digits.n < 7 || digits.p[0] == '0')
		return false;
	return put("", digits, dst);
}

static bool fits(const struct plan *p, struct str national)
{
	if (national.n < p->min || national.n > p->max)
		return false;
	if (p->code[0] == '1' && p->code[1] == '\0') /* area and exchange */
		return national.p[0] >= '2' && national.p[3] >= '2';
	return national.p[0] != '0' || p->zero;
}

static bool put_national(
    const struct plan *p, const struct written *w, char dst[NUMBER_TEXT])
{
	struct str all = behind(w, 0);
	size_t trunk = strlen(p->trunk);

	if (trunk > 0 && str_starts(all, p->trunk) && fits(p, behind(w, trunk)))
		return put(p->code, behind(w, trunk), dst);
	/* Without its trunk prefix a number is only certain where all numbers
	 * have one length. */
	if ((trunk == 0 || p->min == p->max) && fits(p, all))
		return put(p->code, all, dst);
	/* Some trunks leave out the plus alone. */
	if (str_starts(all, p->code) && fits(p, behind(w, strlen(p->code))))
		return put(p->code, behind(w, strlen(p->code)), dst);
	return false;
}

bool number_normalise(
    struct str raw, const char *country, char dst[NUMBER_TEXT])
{
	const struct plan *p = find_plan(country);
	struct written w;
	struct str all;

	if (!read_written(raw, &w))
		return false;
	all = behind(&w, 0);
	if (w.plus)
		return put_international(all, dst);
	if (p != NULL && str_starts(all, p->idd))
		return put_international(behind(&w, strlen(p->idd)), dst);
	if (p != NULL)
		return put_national(p, &w, dst);
	if (str_starts(all, "00"))
		return put_international(behind(&w, 2), dst);
	if (str_starts(all, "011"))
		return put_international(behind(&w, 3), dst);
	return false;
}

bool number_is_withheld(struct str raw)
{
	static const char *const words[] = { "", "anonymous", "unknown",
		"private", "restricted", "withheld", "unavailable" };

	raw = str_trim(raw);
	for (size_t i = 0; i < countof(words); i++)
		if (str_is_nocase(raw, words[i]))
			return true;
	return false;
}
