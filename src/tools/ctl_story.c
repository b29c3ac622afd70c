/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ctl_story.c - answers that are read from top to bottom: one contact, one
 * customer over all channels, why an agent was chosen.
 *
 * Customers' words go to the terminal only through ctl_plain().
 */
#include <inttypes.h>

#include "base/check.h"
#include "tools/ctl.h"

#define SAID_COLUMNS 100

static void add_text(
    const struct json *object, const char *name, struct buf *out)
{
	ctl_value(json_get(object, name), out);
}

static bool has(const struct json *object, const char *name)
{
	const struct json *v = json_get(object, name);

	return v != NULL && json_type(v) != JSON_NULL &&
	       !(json_type(v) == JSON_STRING && json_str(v).n == 0);
}

static void add_after(const char *between, const struct json *object,
    const char *name, struct buf *out)
{
	if (!has(object, name))
		return;
	buf_add_text(out, between);
	add_text(object, name, out);
}

static void add_head(const char *text, bool colour, struct buf *out)
{
	buf_addf(out, colour ? "\033[1m%s\033[0m\n" : "%s\n", text);
}

/* ---- a contact ------------------------------------------------------------ */

static void add_message(
    const struct json *m, const char *indent, struct buf *out)
{
	buf_add_text(out, indent);
	ctl_time(json_str(json_get(m, "at")), out);
	buf_add_text(out, "  ");
	add_text(m, has(m, "agent") ? "agent" : "author", out);
	if (str_is(json_str(json_get(m, "author")), "note"))
		buf_add_text(out, " (note)");
	buf_add_text(out, ": ");
	ctl_plain(json_str(json_get(m, "text")), SAID_COLUMNS, out);
	buf_add_char(out, '\n');
}

static void add_messages(
    const struct json *contact, const char *indent, struct buf *out)
{
	const struct json *messages = json_get(contact, "messages");
	size_t i;

	for (i = 0; i < json_count(messages); i++)
		add_message(json_at(messages, i), indent, out);
}

/* "c3  chat  ended (resolved)  queue billing  with Maria: the subject" */
static void add_contact_line(const struct json *c, struct buf *out)
{
	add_text(c, "id", out);
	add_after("  ", c, "channel", out);
	add_after("  ", c, "state", out);
	if (has(c, "end")) {
		buf_add_text(out, " (");
		add_text(c, "end", out);
		buf_add_char(out, ')');
	}
	add_after("  queue ", c, "queue", out);
	add_after("  with ", c, "agent", out);
	if (json_bool(json_get(c, "maybe"), false))
		buf_add_text(out, "  (probably)");
	add_after("  ", c, "subject", out);
	buf_add_char(out, '\n');
}

/* Internal numbers and the bodies that repeat what stands beside them. */
static bool is_shown(struct str name)
{
	static const char *const hidden[] = { "seq", "at", "kind", "contact",
		"body", "digest", "key", "content", "version" };
	size_t i;

	for (i = 0; i < countof(hidden); i++)
		if (str_is(name, hidden[i]))
			return false;
	return true;
}

static void add_event(const struct json *e, struct buf *out)
{
	const struct json *v;
	struct str name;
	size_t i;

	buf_addf(out, "  %6" PRId64 "  ", json_int(json_get(e, "seq"), 0));
	add_text(e, "kind", out);
	for (i = 0; json_member(e, i, &name, &v); i++) {
		if (!is_shown(name))
			continue;
		buf_addf(out, "  %.*s=", (int)name.n, name.p);
		ctl_value(v, out);
	}
	buf_add_char(out, '\n');
}

static void add_events(const struct json *contact, bool colour, struct buf *out)
{
	const struct json *events = json_get(contact, "events");
	size_t i;

	if (json_count(events) == 0)
		return;
	buf_add_char(out, '\n');
	add_head("What happened", colour, out);
	for (i = 0; i < json_count(events); i++)
		add_event(json_at(events, i), out);
}

static void add_identifiers(const struct json *list, struct buf *out)
{
	size_t i;

	for (i = 0; i < json_count(list); i++) {
		const struct json *v = json_at(list, i);

		buf_add_text(out, i == 0 ? "  " : ", ");
		add_text(v, "kind", out);
		add_after(" ", v, "value", out);
		add_after(" (", v, "level", out);
		buf_add_char(out, ')');
	}
	if (json_count(list) > 0)
		buf_add_char(out, '\n');
}

bool ctl_show_contact(const struct json *r, bool colour, struct buf *out)
{
	const struct json *c = json_get(r, "record");

	/* the record has everything; a contact it does not know yet is new */
	if (c == NULL || json_type(c) != JSON_OBJECT) {
		ctl_object(json_get(r, "contact"), 0, out);
		return true;
	}
	add_contact_line(c, out);
	add_after("  customer ", c, "customer", out);
	add_after("  probably ", c, "maybe_customer", out);
	buf_add_text(out, "  arrived ");
	ctl_time(json_str(json_get(c, "at")), out);
	buf_add_text(out, "  answered ");
	ctl_time(json_str(json_get(c, "answered_at")), out);
	buf_add_text(out, "  ended ");
	ctl_time(json_str(json_get(c, "ended_at")), out);
	buf_add_char(out, '\n');
	add_identifiers(json_get(c, "identifiers"), out);
	if (json_count(json_get(c, "messages")) > 0) {
		buf_add_char(out, '\n');
		add_head("What was said", colour, out);
		add_messages(c, "  ", out);
	}
	add_events(c, colour, out);
	return true;
}

/* ---- a customer ----------------------------------------------------------- */

static void add_past_contact(const struct json *c, bool colour, struct buf *out)
{
	buf_add_char(out, '\n');
	if (colour)
		buf_add_text(out, "\033[1m");
	ctl_time(json_str(json_get(c, "at")), out);
	buf_add_text(out, colour ? "\033[0m  " : "  ");
	add_contact_line(c, out);
	add_messages(c, "    ", out);
}

bool ctl_show_customer(const struct json *r, bool colour, struct buf *out)
{
	const struct json *who = json_get(r, "history");
	const struct json *contacts;
	size_t i;

	add_text(who, has(who, "name") ? "name" : "customer", out);
	if (has(who, "name"))
		add_after("  ", who, "customer", out);
	buf_add_text(out, "  known since ");
	ctl_time(json_str(json_get(who, "since")), out);
	buf_add_char(out, '\n');
	add_identifiers(json_get(who, "identifiers"), out);
	contacts = json_get(who, "contacts");
	for (i = 0; i < json_count(contacts); i++)
		add_past_contact(json_at(contacts, i), colour, out);
	return true;
}

/* ---- why ------------------------------------------------------------------- */

/* "made to Maria from queue billing: longest idle, before Joe" */
static void add_offer(const struct json *o, struct buf *out)
{
	const struct json *e = json_get(o, "event");

	buf_addf(out, "  %6" PRId64 "  ", json_int(json_get(e, "seq"), 0));
	if (has(o, "why")) {
		add_text(e, "offer", out);
		add_after(" to ", o, "agent", out);
		add_after(" from queue ", o, "queue", out);
		add_after(": ", o, "why", out);
		add_after(", before ", o, "second", out);
	} else {
		add_text(e, "offer", out);
		add_after(" ", e, "end", out);
		add_after(" by ", o, "agent", out);
	}
	buf_add_char(out, '\n');
}

bool ctl_show_why(const struct json *r, bool colour, struct buf *out)
{
	const struct json *offers = json_get(json_get(r, "why"), "offers");
	const struct json *again = json_get(r, "recomputed");
	size_t i;

	add_head("Offers", colour, out);
	for (i = 0; i < json_count(offers); i++)
		add_offer(json_at(offers, i), out);
	if (json_count(offers) == 0)
		buf_add_text(out, "  none yet\n");
	if (json_count(again) > 0) {
		buf_add_text(out, "\nThe agents as of ");
		add_text(again, "as_of", out);
		buf_add_char(out, '\n');
		ctl_show_verdicts(json_get(again, "agents"), colour, out);
	}
	if (has(r, "text")) {
		add_text(r, "text", out);
		buf_add_char(out, '\n');
	}
	return true;
}

/* ---- try ------------------------------------------------------------------- */

static void add_lines(const struct json *list, struct buf *out)
{
	size_t i;

	for (i = 0; i < json_count(list); i++) {
		buf_add_text(out, "  ");
		ctl_value(json_at(list, i), out);
		buf_add_char(out, '\n');
	}
}

bool ctl_show_try(const struct json *r, bool colour, struct buf *out)
{
	const struct json *v = json_get(r, "try");

	buf_add_text(out, "queue ");
	add_text(v, "queue", out);
	buf_add_text(out, "  agent ");
	add_text(v, "agent", out);
	add_after("  before ", v, "runner_up", out);
	add_after("  closed: ", v, "closed", out);
	buf_add_text(out, "  at ");
	ctl_time(json_str(json_get(v, "at")), out);
	buf_add_text(out, "\n\n");
	add_head("Why", colour, out);
	add_lines(json_get(v, "reasons"), out);
	if (json_count(json_get(v, "ladder")) > 0) {
		buf_add_char(out, '\n');
		add_head("What the queue asks", colour, out);
		add_lines(json_get(v, "ladder"), out);
	}
	if (json_count(json_get(v, "agents")) > 0) {
		buf_add_char(out, '\n');
		ctl_show_verdicts(json_get(v, "agents"), colour, out);
	}
	return true;
}

/* ---- reload --------------------------------------------------------------- */

bool ctl_show_reload(const struct json *r, bool colour, struct buf *out)
{
	const struct json *v = json_get(r, "reload");
	bool ok = json_bool(json_get(v, "ok"), false);
	bool dry = json_bool(json_get(v, "dry_run"), false);
	struct str report = json_str(json_get(v, "report"));

	(void)colour;
	/* its lines are the server's, made from the files */
	while (report.n > 0) {
		ctl_plain(str_next(&report, '\n'), 0, out);
		buf_add_char(out, '\n');
	}
	add_lines(json_get(v, "changes"), out);
	if (!ok)
		buf_add_text(out, "refused; the old rules stay\n");
	else if (json_count(json_get(v, "changes")) == 0)
		buf_add_text(out, "no rule is different\n");
	else
		buf_add_text(out, dry ? "good; nothing was changed\n"
		                      : "the new rules are active\n");
	return ok;
}
