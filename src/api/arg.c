/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * arg.c - names, ids and times of commands, looked up or refused.
 *
 * Entered by command handlers with texts of peers. Pointers handed out are
 * into the world: for the handler's use before its first post only.
 */
#include "api/arg.h"

#include <ctype.h>

#include "api/command.h"

/* ---- ids ------------------------------------------------------------------ */

/* Letter and number; the bare number is taken too, as id_parse() does. */
static bool read_id(struct call *c, char letter, const char *what,
    struct str text, uint64_t *out)
{
	if (id_parse(letter, text, out) == 0 && *out != 0)
		return true;
	call_fail(c, ERR_INVALID, "\"%s\" must be an id such as \"%c42\"", what,
	    letter);
	return false;
}

bool arg_contact_id(struct call *c, struct str text, struct contact_id *out)
{
	return read_id(c, 'c', "contact", text, &out->v);
}

bool arg_offer_id(struct call *c, struct str text, struct offer_id *out)
{
	return read_id(c, 'o', "offer", text, &out->v);
}

bool arg_contact(struct call *c, struct str text, const struct contact **out)
{
	struct contact_id id;

	if (!arg_contact_id(c, text, &id))
		return false;
	*out = world_contact(api_world(c->api), id);
	if (*out == NULL)
		call_fail(c, ERR_NOT_FOUND, "no such contact");
	return *out != NULL;
}

bool arg_own_contact(
    struct call *c, struct str text, const struct contact **out)
{
	const struct agent *owner;

	if (!arg_contact(c, text, out))
		return false;
	owner = (*out)->owner;
	if (BY_LEADS & ROLE_BIT(c->role) ||
	    (owner != NULL && id_same(owner->id, c->agent)))
		return true;
	call_fail(c, ERR_STATE, "the contact is not in your hands");
	return false;
}

/* ---- names ---------------------------------------------------------------- */

struct nearest { /* name seen so far */
	struct str wanted;
	const char *name;
	unsigned distance;
};

static void consider(struct nearest *n, const char *name)
{
	unsigned d = str_distance(n->wanted, str_of(name), 2);

	if (d < n->distance) {
		n->distance = d;
		n->name = name;
	}
}

/* Names of the config are no secret to whoever is signed in. */
static bool refuse_name(
    struct call *c, const char *what, const struct nearest *n)
{
	if (n->name != NULL)
		call_fail(c, ERR_NOT_FOUND,
		    "no %s has this name; is \"%s\" meant?", what, n->name);
	else
		call_fail(c, ERR_NOT_FOUND, "no %s has this name", what);
	return false;
}

/* A name wins over an id that looks the same: "a1" may be somebody's name. */
bool arg_agent(struct call *c, struct str text, const struct agent **out)
{
	const struct world *w = api_world(c->api);
	struct nearest n = { text, NULL, 3 };
	struct agent_id id;
	size_t i;

	*out = world_agent_named(w, text);
	if (*out == NULL && str_starts(text, "a") &&
	    id_parse('a', text, &id.v) == 0)
		*out = world_agent(w, id);
	if (*out != NULL)
		return true;
	for (i = 0; i < w->agent_count; i++)
		consider(&n, w->agents[i]->name);
	return refuse_name(c, "agent", &n);
}

bool arg_queue(struct call *c, struct str text, const struct queue **out)
{
	const struct world *w = api_world(c->api);
	struct nearest n = { text, NULL, 3 };
	struct queue_id id;
	size_t i;

	*out = world_queue_named(w, text);
	if (*out == NULL && str_starts(text, "q") &&
	    id_parse('q', text, &id.v) == 0)
		*out = world_queue(w, id);
	if (*out != NULL)
		return true;
	for (i = 0; i < w->queue_count; i++)
		consider(&n, w->queues[i]->name);
	return refuse_name(c, "queue", &n);
}

bool arg_skill(struct call *c, struct str text, const struct skill **out)
{
	const struct world *w = api_world(c->api);
	struct nearest n = { text, NULL, 3 };
	size_t i;

	*out = world_skill_named(w, text);
	if (*out != NULL)
		return true;
	for (i = 0; i < w->skill_count; i++)
		consider(&n, w->skills[i]->name);
	return refuse_name(c, "skill", &n);
}

/* ---- times ---------------------------------------------------------------- */

static msec_t unit_ms(char unit)
{
	switch (unit) {
	case 's':
		return 1000;
	case 'm':
		return (msec_t)60 * 1000;
	case 'h':
		return (msec_t)3600 * 1000;
	case 'd':
		return (msec_t)86400 * 1000;
	default:
		return 0;
	}
}

#define DURATION_MAX_MS ((msec_t)400 * 86400 * 1000)

/* At most 400 days, as far as the house's calendar looks. */
static int parse_duration(struct str text, msec_t *out)
{
	msec_t unit = text.n < 2 ? 0 : unit_ms(text.p[text.n - 1]);
	uint64_t n;

	if (unit == 0 || str_to_u64(str_sub(text, 0, text.n - 1), &n) != 0)
		return ERR_INVALID;
	if (n == 0 || n > (uint64_t)(DURATION_MAX_MS / unit))
		return ERR_INVALID;
	*out = (msec_t)n * unit;
	return 0;
}

/* Digits at a fixed place of an RFC 3339 time. */
static bool take_number(struct str text, size_t at, size_t n, int *out)
{
	size_t i;

	*out = 0;
	if (at + n > text.n)
		return false;
	for (i = at; i < at + n; i++) {
		if (!isdigit((unsigned char)text.p[i]))
			return false;
		*out = *out * 10 + (text.p[i] - '0');
	}
	return true;
}

/* Days since 1970-01-01 in the Gregorian calendar, years from 1970 on: whole
 * years first, then the days before the month, then the leap day. */
static int64_t days_of(int year, int month, int day)
{
	static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243,
		273, 304, 334 };
	int64_t y = year - 1;
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	int64_t days = y * 365 + y / 4 - y / 100 + y / 400;

	days += before[month - 1] + (leap && month > 2) + day - 1;
	return days - 719162; /* of 1970-01-01 */
}

static bool parse_zone(struct str zone, int64_t *out_s)
{
	int h, m;

	*out_s = 0;
	if (str_is_nocase(zone, "z"))
		return true;
	if (zone.n != 6 || zone.p[3] != ':' ||
	    (zone.p[0] != '+' && zone.p[0] != '-') ||
	    !take_number(zone, 1, 2, &h) || !take_number(zone, 4, 2, &m) ||
	    h > 23 || m > 59)
		return false;
	*out_s = (h * 60 + m) * 60 * (zone.p[0] == '-' ? -1 : 1);
	return true;
}

/* RFC 3339; a leap second is the next minute's first, fractions are cut. */
static int parse_time(struct str t, msec_t *out)
{
	int year, month, day, hour, minute, second;
	int64_t zone_s, s;
	size_t end = 19;

	if (!take_number(t, 0, 4, &year) || !take_number(t, 5, 2, &month) ||
	    !take_number(t, 8, 2, &day) || !take_number(t, 11, 2, &hour) ||
	    !take_number(t, 14, 2, &minute) || !take_number(t, 17, 2, &second))
		return ERR_INVALID;
	if (t.p[4] != '-' || t.p[7] != '-' || (t.p[10] | 0x20) != 't' ||
	    t.p[13] != ':' || t.p[16] != ':')
		return ERR_INVALID;
	if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 ||
	    hour > 23 || minute > 59 || second > 60)
		return ERR_INVALID;
	if (end < t.n && t.p[end] == '.')
		for (end++; end < t.n && isdigit((unsigned char)t.p[end]);)
			end++;
	if (!parse_zone(str_from(t, end), &zone_s))
		return ERR_INVALID;
	s = days_of(year, month, day) * 86400 + hour * 3600 + minute * 60 +
	    second - zone_s;
	*out = s * 1000;
	return 0;
}

int until_parse(struct str text, msec_t now, msec_t *out)
{
	msec_t duration;

	if (parse_duration(text, &duration) == 0) {
		*out = now + duration;
		return 0;
	}
	return parse_time(text, out);
}

bool arg_until(struct call *c, struct str text, msec_t *out)
{
	const struct world *w = api_world(c->api);
	msec_t now = api_now(c->api) + w->wall_offset;
	msec_t until;

	*out = 0;
	if (text.n == 0)
		return true;
	if (until_parse(text, now, &until) != 0) {
		call_fail(c, ERR_INVALID,
		    "\"until\" is \"30m\", \"2h\" or "
		    "\"2026-12-24T18:00:00Z\"");
		return false;
	}
	if (until <= now) {
		call_fail(c, ERR_INVALID, "\"until\" is in the past");
		return false;
	}
	*out = until - w->wall_offset;
	return true;
}

/* ---- identifiers ---------------------------------------------------------- */

bool normal_phone(struct str text, struct buf *out)
{
	size_t digits = 0;
	size_t i;

	for (i = 0; i < text.n; i++) {
		char ch = text.p[i];

		if (isdigit((unsigned char)ch)) {
			buf_add_char(out, ch);
			digits++;
		} else if (ch == '+' && out->len == 0) {
			buf_add_char(out, ch);
		} else if (strchr(" -./()", ch) == NULL) {
			return false;
		}
	}
	/* E.164; short ones are extensions and service numbers. */
	return digits >= 2 && digits <= 15;
}

/* One address and nothing else: no list, no name, nothing that could become
 * a header of its own. */
bool normal_mail(struct str text, struct buf *out)
{
	size_t at = str_find(text, '@');
	size_t i;

	if (at == 0 || at + 1 >= text.n || text.n > 254)
		return false;
	for (i = 0; i < text.n; i++) {
		unsigned char ch = (unsigned char)text.p[i];

		if (ch <= ' ' || ch == 0x7f || ch == '<' || ch == '>' ||
		    ch == ',' || ch == ';')
			return false;
		buf_add_char(out, (char)tolower(ch));
	}
	return true;
}
