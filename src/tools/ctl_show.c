/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ctl_show.c - lists as tables.
 *
 * A table is rows of (head, member of the answer, how it reads). An answer
 * that lacks a member shows "-": an older server must not break the tool.
 */
#include "base/check.h"
#include "tools/ctl.h"
#include "tools/table.h"

enum reading { AS_TEXT, AS_NUMBER, AS_SPAN, AS_TIME };

struct column {
	const char *head;
	const char *member; /* "a|b": b when a is missing or null */
	enum reading as;
};

static const struct json *member_of(const struct json *row, const char *member)
{
	struct str rest = str_of(member);
	const struct json *v = NULL;
	char name[32];

	while (rest.n > 0 && (v == NULL || json_type(v) == JSON_NULL)) {
		str_copy(name, sizeof(name), str_next(&rest, '|'));
		v = json_get(row, name);
	}
	return v;
}

/* "-" for what is not there, so that columns stay columns for awk. */
static void add_cell(
    struct table *t, const struct column *c, const struct json *row)
{
	const struct json *v = member_of(row, c->member);
	struct buf text = { 0 };

	if (c->as == AS_SPAN && v != NULL && json_type(v) == JSON_INT)
		ctl_span(json_int(v, 0), &text);
	else if (c->as == AS_TIME)
		ctl_time(json_str(v), &text);
	else
		ctl_value(v, &text);
	table_cell(t, text.len == 0 ? STR("-") : buf_str(&text));
	buf_done(&text);
}

/* Adds `rows` as a table, or says that there are none. */
static void show_rows(const struct json *rows, const struct column *columns,
    const char *none, bool colour, struct buf *out)
{
	struct table t;
	size_t i, c;

	if (json_count(rows) == 0) {
		buf_addf(out, "%s\n", none);
		return;
	}
	table_init(&t);
	for (c = 0; columns[c].head != NULL; c++)
		table_column(&t, columns[c].head,
		    columns[c].as == AS_NUMBER || columns[c].as == AS_SPAN);
	for (i = 0; i < json_count(rows); i++)
		for (c = 0; columns[c].head != NULL; c++)
			add_cell(&t, &columns[c], json_at(rows, i));
	table_show(&t, colour, out);
	table_done(&t);
}

/* The record's answers come as they are or under the command's name. */
static const struct json *inner(
    const struct json *r, const char *outer, const char *name)
{
	const struct json *v = json_get(r, name);

	if (v == NULL || json_type(v) != JSON_ARRAY)
		v = json_get(json_get(r, outer), name);
	return v;
}

bool ctl_show_status(const struct json *r, bool colour, struct buf *out)
{
	(void)colour;
	ctl_object(json_get(r, "status"), 0, out);
	return true;
}

bool ctl_show_queues(const struct json *r, bool colour, struct buf *out)
{
	static const struct column columns[] = {
		{ "queue", "name", AS_TEXT },
		{ "open", "open", AS_TEXT },
		{ "waiting", "waiting", AS_NUMBER },
		{ "offered", "offered", AS_NUMBER },
		{ "longest", "longest_wait_ms", AS_SPAN },
		{ "mean wait", "mean_wait_ms", AS_SPAN },
		{ "arrived", "arrived", AS_NUMBER },
		{ "answered", "answered", AS_NUMBER },
		{ "ended", "ended", AS_NUMBER },
		{ "override", "override", AS_TEXT },
		{ NULL, NULL, AS_TEXT },
	};

	show_rows(json_get(r, "queues"), columns, "no queues", colour, out);
	return true;
}

bool ctl_show_agents(const struct json *r, bool colour, struct buf *out)
{
	static const struct column columns[] = {
		{ "agent", "name", AS_TEXT },
		{ "id", "agent", AS_TEXT },
		{ "state", "state", AS_TEXT },
		{ "reason", "reason", AS_TEXT },
		{ "since (UTC)", "since", AS_TIME },
		{ "phone", "device", AS_TEXT },
		{ "contacts", "contacts", AS_TEXT },
		{ "offer", "offer", AS_TEXT },
		{ "free for", "free", AS_TEXT },
		{ NULL, NULL, AS_TEXT },
	};

	show_rows(json_get(r, "agents"), columns, "no agents", colour, out);
	return true;
}

bool ctl_show_contacts(const struct json *r, bool colour, struct buf *out)
{
	static const struct column columns[] = {
		{ "contact", "contact", AS_TEXT },
		{ "channel", "channel", AS_TEXT },
		{ "state", "state", AS_TEXT },
		{ "agent", "agent", AS_TEXT },
		{ "customer", "customer|maybe", AS_TEXT },
		{ "arrived (UTC)", "arrived", AS_TIME },
		{ "since (UTC)", "since", AS_TIME },
		{ "messages", "messages", AS_NUMBER },
		{ "offers", "offers", AS_NUMBER },
		{ NULL, NULL, AS_TEXT },
	};

	show_rows(json_get(r, "contacts"), columns, "no contacts", colour, out);
	return true;
}

bool ctl_show_people(const struct json *r, bool colour, struct buf *out)
{
	static const struct column columns[] = {
		{ "name", "name", AS_TEXT },
		{ "role", "role", AS_TEXT },
		{ "disabled", "disabled", AS_TEXT },
		{ NULL, NULL, AS_TEXT },
	};

	show_rows(inner(r, "people", "people"), columns, "nobody", colour, out);
	return true;
}

bool ctl_show_found(const struct json *r, bool colour, struct buf *out)
{
	static const struct column columns[] = {
		{ "at (UTC)", "at", AS_TIME },
		{ "contact", "contact", AS_TEXT },
		{ "channel", "channel", AS_TEXT },
		{ "state", "state", AS_TEXT },
		{ "customer", "name|customer", AS_TEXT },
		{ "by", "author", AS_TEXT },
		{ "words", "words", AS_TEXT },
		{ NULL, NULL, AS_TEXT },
	};

	show_rows(inner(r, "found", "hits"), columns, "nothing was said of it",
	    colour, out);
	return true;
}

bool ctl_show_overrides(const struct json *r, bool colour, struct buf *out)
{
	static const struct column columns[] = {
		{ "what", "queue|agent", AS_TEXT },
		{ "skill", "skill", AS_TEXT },
		{ "set to", "set|level", AS_TEXT },
		{ "until (UTC)", "until", AS_TIME },
		{ "by", "author", AS_TEXT },
		{ NULL, NULL, AS_TEXT },
	};

	show_rows(json_get(r, "overrides"), columns,
	    "nothing wins over the config", colour, out);
	return true;
}

/* Whether each agent could take it, or the first test that fails. */
void ctl_show_verdicts(const struct json *rows, bool colour, struct buf *out)
{
	static const struct column columns[] = {
		{ "agent", "agent", AS_TEXT },
		{ "state", "state", AS_TEXT },
		{ "verdict", "refusal", AS_TEXT },
		{ "skill", "skill", AS_TEXT },
		{ "asked", "asked", AS_NUMBER },
		{ "has", "has", AS_NUMBER },
		{ "chats", "chats", AS_NUMBER },
		{ "in demand", "skills_in_demand", AS_NUMBER },
		{ NULL, NULL, AS_TEXT },
	};

	show_rows(rows, columns, "no agents", colour, out);
}

bool ctl_show_why_not(const struct json *r, bool colour, struct buf *out)
{
	ctl_show_verdicts(json_get(r, "agents"), colour, out);
	return true;
}

/* What is left of an answer whose head is always the same. */
bool ctl_show_done(const struct json *r, bool colour, struct buf *out)
{
	const struct json *v;
	struct str name;
	size_t i;
	bool any = false;

	(void)colour;
	for (i = 0; json_member(r, i, &name, &v); i++) {
		if (str_is(name, "type") || str_is(name, "id") ||
		    str_is(name, "ok"))
			continue;
		buf_addf(out, "%.*s ", (int)name.n, name.p);
		ctl_value(v, out);
		buf_add_char(out, '\n');
		any = true;
	}
	if (!any)
		buf_add_text(out, "done\n");
	return true;
}
