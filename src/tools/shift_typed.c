/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * shift_typed.c - what a person types: a command with a slash, or text for the
 * contact that is open.
 *
 * One row per command. What it means is said to the server; what only changes
 * the view is done here.
 */
#include "base/check.h"
#include "base/mem.h"
#include "tools/shift.h"

static void say(struct shift *s, enum shift_tone tone, const char *text)
{
	s->say(s->arg, NULL, tone, text);
}

/* The contact that is open and still mine; complains when there is none. */
static struct shift_contact *open_contact(struct shift *s)
{
	struct shift_contact *c = shift_current(s);

	if (c != NULL && !c->ended)
		return c;
	say(s, TONE_PROBLEM, "no contact is open");
	return NULL;
}

static void on_ready(struct shift *s, const char *rest)
{
	(void)rest;
	shift_ask(s, "state", "state", "ready", NULL);
}

static void on_away(struct shift *s, const char *rest)
{
	shift_ask(s, "state", "state", "not-ready", "reason",
	    rest[0] == '\0' ? "break" : rest, NULL);
}

static void on_accept(struct shift *s, const char *rest)
{
	(void)rest;
	if (s->offer.id[0] == '\0')
		say(s, TONE_PROBLEM, "there is no offer");
	else if (str_is(str_of(s->offer.channel), "phone"))
		say(s, TONE_PROBLEM, "pick up the phone");
	else
		shift_ask(s, "accept", "offer", s->offer.id, NULL);
}

static void on_reject(struct shift *s, const char *rest)
{
	if (s->offer.id[0] == '\0')
		say(s, TONE_PROBLEM, "there is no offer");
	else if (rest[0] == '\0')
		shift_ask(s, "reject", "offer", s->offer.id, NULL);
	else
		shift_ask(
		    s, "reject", "offer", s->offer.id, "reason", rest, NULL);
}

static void on_end(struct shift *s, const char *rest)
{
	struct shift_contact *c = open_contact(s);

	if (c == NULL)
		return;
	if (rest[0] == '\0')
		shift_ask(s, "end", "contact", c->id, NULL);
	else
		shift_ask(s, "end", "contact", c->id, "reason", rest, NULL);
}

static void on_transfer(struct shift *s, const char *rest)
{
	struct shift_contact *c = open_contact(s);
	struct str to = str_of(rest);

	if (c == NULL)
		return;
	if (str_starts(to, "@"))
		shift_ask(
		    s, "transfer", "contact", c->id, "agent", rest + 1, NULL);
	else if (to.n > 0)
		shift_ask(s, "transfer", "contact", c->id, "queue", rest, NULL);
	else
		say(s, TONE_PROBLEM, "/transfer QUEUE or /transfer @AGENT");
}

static void on_note(struct shift *s, const char *rest)
{
	struct shift_contact *c = open_contact(s);

	if (c != NULL && rest[0] != '\0')
		shift_say_to(s, "note", c, rest);
}

/* What `to` is on this channel: an address, or the queue of a request. */
static void ask_start(
    struct shift *s, const char *channel, const char *to, struct str text)
{
	const char *member =
	    str_is(str_of(channel), "internal") ? "queue" : "to";

	if (text.n > 0)
		shift_ask(s, "start", "channel", channel, member, to, "text",
		    text.p, NULL);
	else
		shift_ask(s, "start", "channel", channel, member, to, NULL);
}

/* /start mail ana@example.com Your invoice ... */
static void on_start(struct shift *s, const char *rest)
{
	struct str text = str_of(rest);
	struct str channel = str_next(&text, ' ');
	struct str to = str_next(&text, ' ');
	char *c = mem_text_n(channel.p, channel.n);
	char *t = mem_text_n(to.p, to.n);

	if (to.n == 0)
		say(s, TONE_PROBLEM,
		    "/start phone NUMBER, mail ADDRESS TEXT, "
		    "internal QUEUE TEXT");
	else
		ask_start(s, c, t, text);
	mem_free(c);
	mem_free(t);
}

static void on_confirm(struct shift *s, const char *rest)
{
	struct shift_contact *c = open_contact(s);

	if (c != NULL)
		shift_ask(s, "confirm", "contact", c->id, "evidence",
		    rest[0] == '\0' ? "asked" : rest, NULL);
}

static void on_deny(struct shift *s, const char *rest)
{
	struct shift_contact *c = open_contact(s);

	(void)rest;
	if (c != NULL)
		shift_ask(s, "deny", "contact", c->id, NULL);
}

static void on_history(struct shift *s, const char *rest)
{
	struct shift_contact *c = shift_current(s);

	(void)rest;
	s->wants_history = c != NULL;
	if (c != NULL)
		shift_ask(s, "history", "contact", c->id, NULL);
	else
		say(s, TONE_PROBLEM, "no contact is open");
}

static void on_contacts(struct shift *s, const char *rest)
{
	struct buf line = { 0 };
	size_t i;

	(void)rest;
	for (i = 0; i < s->contact_count; i++) {
		const struct shift_contact *c = &s->contacts[i];

		buf_clear(&line);
		buf_addf(&line, "%s/%zu %s %s %s%s%s",
		    i == s->current ? "* " : "  ", i + 1, c->id, c->channel,
		    c->who, c->queue == NULL ? "" : ", queue ",
		    c->queue == NULL ? "" : c->queue);
		buf_add_text(&line, c->ended ? " (ended)" : "");
		say(s, TONE_SYSTEM, line.data);
	}
	if (s->contact_count == 0)
		say(s, TONE_SYSTEM, "no contacts");
	buf_done(&line);
}

static void on_help(struct shift *s, const char *rest);

static const struct typed {
	const char *name;
	const char *usage;
	void (*run)(struct shift *s, const char *rest);
} rows[] = {
	{ "ready", "/ready                       take contacts", on_ready },
	{ "away", "/away [REASON]               take none", on_away },
	{ "accept", "/accept                      take the offer", on_accept },
	{ "reject", "/reject [REASON]             leave it", on_reject },
	{ "note", "/note TEXT                   only agents see it", on_note },
	{ "transfer", "/transfer QUEUE | @AGENT     hand on the contact",
	    on_transfer },
	{ "end", "/end                         end the contact", on_end },
	{ "start", "/start CHANNEL TO [TEXT]     begin one", on_start },
	{ "confirm", "/confirm [EVIDENCE]          yes, it is this customer",
	    on_confirm },
	{ "deny", "/deny                        no, it is not", on_deny },
	{ "history", "/history                     the customer's timeline",
	    on_history },
	{ "contacts", "/contacts, /1 ... /9         which there are; open one",
	    on_contacts },
	{ "help", "/help, /quit                 this list; sign out", on_help },
};

static void on_help(struct shift *s, const char *rest)
{
	size_t i;

	(void)rest;
	for (i = 0; i < countof(rows); i++)
		say(s, TONE_SYSTEM, rows[i].usage);
	say(s, TONE_SYSTEM, "anything else is said to the open contact");
}

static void run_command(struct shift *s, struct str name, const char *rest)
{
	uint64_t number;
	size_t i;

	if (str_to_u64(name, &number) == 0) {
		if (number > 0 && number <= s->contact_count)
			shift_select(s, (size_t)number - 1);
		else
			say(s, TONE_PROBLEM, "there are not that many");
		return;
	}
	for (i = 0; i < countof(rows); i++)
		if (str_is(name, rows[i].name)) {
			rows[i].run(s, rest);
			return;
		}
	say(s, TONE_PROBLEM, "no such command; /help lists them");
}

bool shift_typed(struct shift *s, struct str line)
{
	struct shift_contact *c;
	struct str name;
	char *rest;

	line = str_trim(line);
	if (line.n == 0)
		return true;
	if (line.p[0] != '/') {
		c = open_contact(s);
		rest = mem_text_n(line.p, line.n);
		if (c != NULL)
			shift_say_to(s, "send", c, rest);
		mem_free(rest);
		return true;
	}
	line = str_from(line, 1);
	name = str_next(&line, ' ');
	if (str_is(name, "quit"))
		return false;
	line = str_trim(line);
	rest = mem_text_n(line.p == NULL ? "" : line.p, line.n);
	run_command(s, name, rest);
	mem_free(rest);
	return true;
}
