/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * shift.c - frames of the server to what an agent sees.
 *
 * One row per type of frame. Nothing here is believed beyond its shape: a
 * frame that lacks a member changes nothing. Commands are numbered; results
 * are shown only when they are refusals or answers somebody waits for.
 */
#include "tools/shift.h"

#include <inttypes.h>
#include <stdarg.h>

#include "base/check.h"
#include "base/crypto.h"
#include "base/mem.h"

#define FRAME_STRING_MAX ((size_t)4 * 1024 * 1024)

/* ---- small pieces --------------------------------------------------------- */

static void set_text(char **at, struct str text)
{
	mem_free(*at);
	*at = text.n == 0 ? NULL : mem_text_n(text.p, text.n);
}

static struct str text_of(const struct json *v, const char *name)
{
	return json_str(json_get(v, name));
}

static void sayf(struct shift *s, enum shift_tone tone, const char *fmt, ...)
    printf_like(3, 4);
static void sayf(struct shift *s, enum shift_tone tone, const char *fmt, ...)
{
	struct buf text = { 0 };
	va_list ap;

	va_start(ap, fmt);
	buf_addv(&text, fmt, ap);
	va_end(ap);
	s->say(s->arg, NULL, tone, text.data);
	buf_done(&text);
}

/* "2026-11-22T02:44:31.123Z" as "02:44". */
static struct str clock_of(const struct json *v)
{
	return str_sub(text_of(v, "at"), 11, 5);
}

/* ---- sending -------------------------------------------------------------- */

static void begin(
    struct shift *s, const char *cmd, struct json_writer *w, struct buf *out)
{
	jw_init(w, out);
	jw_object(w);
	jw_key(w, "id");
	jw_textf(w, "%" PRIu64, ++s->next_id);
	jw_ktext(w, "cmd", cmd);
}

static void finish(struct shift *s, struct json_writer *w, struct buf *out)
{
	jw_end(w);
	s->send(s->arg, buf_str(out));
	buf_done(out);
}

/* As finish(), for commands that must not get lost with a connection. */
static void finish_surely(
    struct shift *s, struct json_writer *w, struct buf *out)
{
	if (s->pending_count < SHIFT_PENDING)
		s->pending[s->pending_count++] =
		    mem_textf("%.*s}", (int)out->len, out->data);
	finish(s, w, out);
}

static void send_again(struct shift *s)
{
	size_t i;

	for (i = 0; i < s->pending_count; i++)
		s->send(s->arg, str_of(s->pending[i]));
}

/* Messages begin with their id: {"id":"7", */
static void forget_pending(struct shift *s, struct str id)
{
	size_t i;

	for (i = 0; i < s->pending_count; i++) {
		struct str text = str_from(str_of(s->pending[i]), 7);

		if (!str_eq(str_next(&text, '"'), id))
			continue;
		mem_free(s->pending[i]);
		s->pending_count--;
		memmove(s->pending + i, s->pending + i + 1,
		    (s->pending_count - i) * sizeof(s->pending[0]));
		return;
	}
}

void shift_ask(struct shift *s, const char *cmd, ...)
{
	struct buf out = { 0 };
	struct json_writer w;
	const char *name;
	va_list ap;

	begin(s, cmd, &w, &out);
	va_start(ap, cmd);
	while ((name = va_arg(ap, const char *)) != NULL)
		jw_ktext(&w, name, va_arg(ap, const char *));
	va_end(ap);
	finish_surely(s, &w, &out);
}

void shift_say_to(struct shift *s, const char *cmd,
    const struct shift_contact *c, const char *text)
{
	char key[64];

	snprintf(key, sizeof(key), "%s-%" PRIu64, s->run, s->next_id + 1);
	shift_ask(s, cmd, "contact", c->id, "text", text, "key", key, NULL);
}

void shift_login(struct shift *s)
{
	struct buf out = { 0 };
	struct json_writer w;

	begin(s, "login", &w, &out);
	if (s->token != NULL) {
		jw_ktext(&w, "token", s->token);
	} else {
		jw_ktext(&w, "name", s->name);
		jw_ktext(&w, "password", s->password);
	}
	if (s->last_seq > 0)
		jw_ku64(&w, "last_seq", s->last_seq);
	jw_kint(&w, "protocol", 1);
	finish(s, &w, &out);
}

void shift_ping(struct shift *s)
{
	struct buf out = { 0 };
	struct json_writer w;

	if (!s->signed_in)
		return;
	begin(s, "ping", &w, &out);
	finish(s, &w, &out);
}

/* ---- contacts ------------------------------------------------------------- */

struct shift_contact *shift_find(struct shift *s, struct str id)
{
	size_t i;

	for (i = 0; i < s->contact_count; i++)
		if (str_is(id, s->contacts[i].id))
			return &s->contacts[i];
	return NULL;
}

struct shift_contact *shift_current(struct shift *s)
{
	return s->current < s->contact_count ? &s->contacts[s->current] : NULL;
}

void shift_select(struct shift *s, size_t index)
{
	if (index >= s->contact_count)
		return;
	s->current = index;
	s->contacts[index].unread = 0;
}

static void forget_lines(struct shift_contact *c)
{
	size_t i;

	for (i = 0; i < c->line_count; i++)
		mem_free(c->lines[i].text);
	c->line_count = 0;
}

static void forget_contact(struct shift *s, struct shift_contact *c)
{
	size_t at = (size_t)(c - s->contacts);

	forget_lines(c);
	mem_free(c->lines);
	mem_free(c->who);
	mem_free(c->queue);
	mem_free(c->probably);
	s->contact_count--;
	memmove(c, c + 1, (s->contact_count - at) * sizeof(*c));
	if (s->current > at || s->current == s->contact_count)
		s->current = s->current > 0 ? s->current - 1 : 0;
}

/* Room for one more: the oldest that has ended makes way. */
static struct shift_contact *add_contact(struct shift *s, struct str id)
{
	struct shift_contact *c = shift_find(s, id);
	size_t i;

	if (c != NULL)
		return c;
	for (i = 0; i < s->contact_count; i++)
		if (s->contacts[i].ended &&
		    s->contact_count == SHIFT_CONTACTS) {
			forget_contact(s, &s->contacts[i]);
			break;
		}
	if (s->contact_count == SHIFT_CONTACTS)
		return NULL;
	c = &s->contacts[s->contact_count++];
	*c = (struct shift_contact){ 0 };
	str_copy(c->id, sizeof(c->id), id);
	c->who = mem_text("somebody");
	c->lines = new_array(struct shift_line, SHIFT_LINES);
	return c;
}

/* The oldest line makes way: a chat of a day must not eat the memory. */
static void keep_line(
    struct shift_contact *c, enum shift_tone tone, const char *text)
{
	if (c->line_count == SHIFT_LINES) {
		mem_free(c->lines[0].text);
		c->line_count--;
		memmove(c->lines, c->lines + 1,
		    c->line_count * sizeof(c->lines[0]));
	}
	c->lines[c->line_count].text = mem_text(text);
	c->lines[c->line_count].tone = tone;
	c->line_count++;
}

void shift_note(struct shift *s, struct shift_contact *c, enum shift_tone tone,
    const char *text)
{
	keep_line(c, tone, text);
	if (c != shift_current(s))
		c->unread++;
	s->say(s->arg, c, tone, text);
}

static enum shift_tone tone_of(struct str author)
{
	if (str_is(author, "customer"))
		return TONE_CUSTOMER;
	if (str_is(author, "agent"))
		return TONE_AGENT;
	return str_is(author, "note") ? TONE_NOTE : TONE_SYSTEM;
}

/* "10:42 Maria Costa: hello"; who the customer is stands in the bar, and may
 * be learned later than this line. */
static void write_said(const struct json *m, struct buf *out)
{
	struct str author = text_of(m, "author");
	struct str agent = text_of(m, "agent");
	struct str at = clock_of(m);

	buf_add_str(out, at);
	buf_add_char(out, ' ');
	buf_add_str(out, agent.n > 0 ? agent : author);
	if (str_is(author, "note"))
		buf_add_text(out, " (note)");
	buf_add_text(out, ": ");
	buf_add_str(out, text_of(m, "text"));
}

/* The conversation as the record has it replaces what was kept. */
static void take_history(struct shift_contact *c, const struct json *messages)
{
	struct buf text = { 0 };
	size_t i;

	forget_lines(c);
	for (i = 0; i < json_count(messages); i++) {
		const struct json *m = json_at(messages, i);

		buf_clear(&text);
		write_said(m, &text);
		keep_line(c, tone_of(text_of(m, "author")), text.data);
	}
	buf_done(&text);
}

static void ask_contact(struct shift *s, const char *id)
{
	shift_ask(s, "contact", "contact", id, NULL);
}

/* ---- frames --------------------------------------------------------------- */

/* The timer of the state starts with our clock: the server's may differ. */
static void set_state(struct shift *s, const struct json *v, msec_t now)
{
	struct str state = text_of(v, "state");

	if (state.n == 0)
		return;
	str_copy(s->state, sizeof(s->state), state);
	set_text(&s->reason, text_of(v, "reason"));
	s->since = now;
}

static void on_state(struct shift *s, const struct json *f, msec_t now)
{
	struct str whom = text_of(f, "agent");

	if (whom.n > 0 && !str_is(whom, s->name))
		return;
	set_state(s, f, now);
	sayf(s, TONE_SYSTEM, "you are %s%s%s", s->state,
	    s->reason == NULL ? "" : ": ", s->reason == NULL ? "" : s->reason);
}

static void forget_offer(struct shift *s)
{
	struct shift_offer *o = &s->offer;
	size_t i;

	mem_free(o->title);
	mem_free(o->who);
	mem_free(o->queue);
	mem_free(o->probably);
	for (i = 0; i < o->latest_count; i++)
		mem_free(o->latest[i]);
	*o = (struct shift_offer){ 0 };
}

/* "2026-11-22 10:42 mail ended, Maria: invoice 4711" */
static char *latest_line(const struct json *c)
{
	struct buf text = { 0 };
	struct str at = text_of(c, "at");

	buf_add_str(&text, str_sub(at, 0, 10));
	buf_add_char(&text, ' ');
	buf_add_str(&text, str_sub(at, 11, 5));
	buf_add_char(&text, ' ');
	buf_add_str(&text, text_of(c, "channel"));
	buf_add_char(&text, ' ');
	buf_add_str(&text, text_of(c, "state"));
	if (text_of(c, "agent").n > 0) {
		buf_add_text(&text, ", ");
		buf_add_str(&text, text_of(c, "agent"));
	}
	if (text_of(c, "subject").n + text_of(c, "words").n > 0)
		buf_add_text(&text, ": ");
	buf_add_str(&text, text_of(c, "subject").n > 0 ? text_of(c, "subject")
	                                               : text_of(c, "words"));
	return buf_take(&text);
}

static void set_who(struct shift_offer *o, const struct json *f)
{
	const struct json *customer = json_get(f, "customer");
	struct str name = text_of(customer, "name");
	struct str probably = text_of(customer, "probably");

	if (probably.n > 0)
		name = probably;
	if (name.n == 0)
		name = text_of(customer, "id");
	set_text(&o->who, name.n > 0 ? name : STR("somebody new"));
	set_text(&o->probably, probably);
}

/* Replaces the offer there was: an agent has at most one. After a resume the
 * same one comes again, with the time that is left. */
static void on_offer(struct shift *s, const struct json *f, msec_t now)
{
	struct shift_offer *o = &s->offer;
	const struct json *latest = json_get(f, "latest");
	size_t i;

	forget_offer(s);
	str_copy(o->id, sizeof(o->id), text_of(f, "offer"));
	str_copy(o->contact, sizeof(o->contact), text_of(f, "contact"));
	str_copy(o->channel, sizeof(o->channel), text_of(f, "channel"));
	set_text(&o->queue, text_of(f, "queue"));
	set_who(o, f);
	o->deadline = now + json_int(json_get(f, "rings_ms"), 0);
	o->title = mem_textf("%s %s %s: %s, queue %s", o->id, o->contact,
	    o->channel, o->who, o->queue == NULL ? "-" : o->queue);
	for (i = 0; i < json_count(latest) && i < SHIFT_LATEST; i++)
		o->latest[o->latest_count++] = latest_line(json_at(latest, i));
	sayf(s, TONE_OFFER, "offer %s", o->title);
	for (i = 0; i < o->latest_count; i++)
		sayf(s, TONE_OFFER, "  before: %s", o->latest[i]);
}

static void on_offer_closed(struct shift *s, const struct json *f, msec_t now)
{
	struct str reason = text_of(f, "reason");

	(void)now;
	if (!str_is(text_of(f, "offer"), s->offer.id))
		return;
	/* what an accepted one leads to comes as a contact: keep who it is */
	if (!str_is(reason, "accepted")) {
		sayf(s, TONE_SYSTEM, "offer %s closed: %.*s", s->offer.id,
		    (int)reason.n, reason.p);
		forget_offer(s);
	}
}

static void begin_contact(struct shift *s, const struct json *f)
{
	struct shift_contact *c = add_contact(s, text_of(f, "contact"));
	struct shift_offer *o = &s->offer;

	if (c == NULL)
		return;
	c->ended = false;
	str_copy(c->channel, sizeof(c->channel), text_of(f, "channel"));
	set_text(&c->queue, text_of(f, "queue"));
	if (str_is(text_of(f, "contact"), o->contact)) {
		set_text(&c->who, str_of(o->who));
		set_text(&c->probably, str_of(o->probably));
		forget_offer(s);
	}
	sayf(s, TONE_SYSTEM, "contact %s is yours: %s, %s", c->id, c->channel,
	    c->who);
	if (shift_current(s) == NULL || shift_current(s)->ended)
		shift_select(s, (size_t)(c - s->contacts));
	ask_contact(s, c->id);
}

/* Ended, or gone to somebody else: it stays to be read, but takes no text. */
static void end_contact(struct shift *s, const struct json *f)
{
	struct shift_contact *c = shift_find(s, text_of(f, "contact"));
	struct str state = text_of(f, "state");
	struct str reason = text_of(f, "reason");
	struct buf text = { 0 };

	if (c == NULL || c->ended)
		return;
	c->ended = true;
	buf_addf(&text, "%s %s: %.*s", c->id,
	    str_is(state, "ended") ? "has ended" : "is no longer yours",
	    (int)reason.n, reason.p);
	shift_note(s, c, TONE_SYSTEM, text.data);
	buf_done(&text);
}

static void on_contact(struct shift *s, const struct json *f, msec_t now)
{
	(void)now;
	if (str_is(text_of(f, "state"), "active"))
		begin_contact(s, f);
	else
		end_contact(s, f);
}

static void on_message(struct shift *s, const struct json *f, msec_t now)
{
	struct shift_contact *c = shift_find(s, text_of(f, "contact"));
	struct buf text = { 0 };

	(void)now;
	if (c == NULL)
		return;
	write_said(f, &text);
	shift_note(s, c, tone_of(text_of(f, "author")), text.data);
	buf_done(&text);
}

static void on_identity(struct shift *s, const struct json *f, msec_t now)
{
	struct shift_contact *c = shift_find(s, text_of(f, "contact"));
	const struct json *confirmed = json_get(f, "confirmed");

	(void)now;
	if (c == NULL)
		return;
	if (confirmed != NULL) {
		shift_note(s, c, TONE_SYSTEM,
		    json_bool(confirmed, false) ? "identity confirmed"
		                                : "identity denied");
		set_text(&c->probably, STR_NONE);
	}
	ask_contact(s, c->id);
}

static void on_call(struct shift *s, const struct json *f, msec_t now)
{
	struct shift_contact *c = shift_find(s, text_of(f, "contact"));
	struct str step = text_of(f, "step");
	char text[64];

	(void)now;
	if (c == NULL)
		return;
	snprintf(text, sizeof(text), "call: %.*s", (int)step.n, step.p);
	shift_note(s, c, TONE_SYSTEM, text);
}

static void take_snapshot_contact(struct shift *s, const struct json *v)
{
	struct shift_contact *c = add_contact(s, text_of(v, "contact"));

	if (c == NULL)
		return;
	c->ended = false;
	str_copy(c->channel, sizeof(c->channel), text_of(v, "channel"));
	take_history(c, json_get(v, "history"));
	ask_contact(s, c->id);
}

/* All that was known is replaced; what had been kept of contacts that are
 * still mine is told anew by the record. */
static void on_snapshot(struct shift *s, const struct json *f, msec_t now)
{
	const struct json *contacts = json_get(f, "contacts");
	const struct json *offer = json_get(f, "offer");
	size_t i;

	for (i = 0; i < s->contact_count; i++)
		s->contacts[i].ended = true;
	for (i = 0; i < json_count(contacts); i++)
		take_snapshot_contact(s, json_at(contacts, i));
	set_state(s, json_get(f, "agent"), now);
	forget_offer(s);
	send_again(s);
	if (json_get(offer, "offer") != NULL)
		on_offer(s, offer, now);
	sayf(s, TONE_SYSTEM, "signed in as %s, %s, %zu contacts", s->name,
	    s->state, json_count(contacts));
}

static void on_resumed(struct shift *s, const struct json *f, msec_t now)
{
	(void)f;
	(void)now;
	sayf(s, TONE_SYSTEM, "back again, nothing was missed");
	send_again(s);
}

static void on_conflict(struct shift *s, const struct json *f, msec_t now)
{
	(void)f;
	(void)now;
	s->refused = true;
	sayf(s, TONE_PROBLEM, "you signed in somewhere else");
}

/* ---- results -------------------------------------------------------------- */

static void on_login(struct shift *s, const struct json *f)
{
	s->signed_in = true;
	if (text_of(f, "token").n > 0)
		set_text(&s->token, text_of(f, "token"));
}

/* What the record knows; the customer's name is asked for apart. */
static void take_contact(struct shift *s, const struct json *f)
{
	const struct json *v = json_get(f, "contact");
	struct shift_contact *c = shift_find(s, text_of(v, "id"));
	struct str customer = text_of(v, "customer");

	if (c == NULL)
		return;
	if (customer.n > 0)
		set_text(&c->probably, STR_NONE);
	else
		customer = text_of(v, "maybe_customer");
	set_text(&c->queue, text_of(v, "queue"));
	take_history(c, json_get(v, "messages"));
	s->say(s->arg, c, TONE_SYSTEM, NULL);
	if (customer.n == 0 ||
	    !str_copy(c->customer, sizeof(c->customer), customer))
		return;
	shift_ask(s, "history", "customer", c->customer, NULL);
}

/* The customer's contacts, oldest first, into the open conversation. */
static void show_timeline(struct shift *s, const struct json *history)
{
	const struct json *contacts = json_get(history, "contacts");
	struct shift_contact *c = shift_current(s);
	size_t i;

	s->wants_history = false;
	for (i = json_count(contacts); c != NULL && i > 0; i--) {
		char *line = latest_line(json_at(contacts, i - 1));

		shift_note(s, c, TONE_SYSTEM, line);
		mem_free(line);
	}
}

static void take_history_answer(struct shift *s, const struct json *history)
{
	struct str name = text_of(history, "name");
	struct str customer = text_of(history, "customer");
	size_t i;

	for (i = 0; name.n > 0 && i < s->contact_count; i++)
		if (str_is(customer, s->contacts[i].customer) &&
		    s->contacts[i].probably == NULL)
			set_text(&s->contacts[i].who, name);
	if (s->wants_history)
		show_timeline(s, history);
	s->say(s->arg, NULL, TONE_SYSTEM, NULL);
}

/* Refusals of commands are for the person; refusals of a login decide whether
 * it is worth trying again. */
static void on_refusal(struct shift *s, const struct json *f)
{
	struct str text = text_of(f, "text");
	struct str error = text_of(f, "error");

	sayf(s, TONE_PROBLEM, "%.*s", (int)(text.n > 0 ? text.n : error.n),
	    text.n > 0 ? text.p : error.p);
	if (s->signed_in)
		return;
	/* a token may have run out; the password is still known */
	if (s->token != NULL && s->password != NULL) {
		set_text(&s->token, STR_NONE);
		shift_login(s);
	} else if (json_bool(json_get(f, "retry"), false)) {
		s->later = true;
	} else {
		s->refused = true;
	}
}

static void on_result(struct shift *s, const struct json *f, msec_t now)
{
	(void)now;
	forget_pending(s, text_of(f, "id"));
	if (!json_bool(json_get(f, "ok"), false))
		on_refusal(s, f);
	else if (!s->signed_in)
		on_login(s, f);
	else if (json_get(f, "history") != NULL)
		take_history_answer(s, json_get(f, "history"));
	else
		take_contact(s, f);
}

/* ---- the table ------------------------------------------------------------ */

static const struct {
	const char *type;
	void (*take)(struct shift *s, const struct json *f, msec_t now);
} frames[] = {
	{ "result", on_result },
	{ "snapshot", on_snapshot },
	{ "resumed", on_resumed },
	{ "state", on_state },
	{ "offer", on_offer },
	{ "offer-closed", on_offer_closed },
	{ "contact", on_contact },
	{ "message", on_message },
	{ "note", on_message },
	{ "identity", on_identity },
	{ "call", on_call },
	{ "conflict", on_conflict },
	{ "error", on_result },
};

void shift_take(struct shift *s, struct str line, msec_t now)
{
	struct json *f = NULL;
	struct fault why;
	struct str type;
	int64_t seq;
	size_t i;

	if (json_parse(line, FRAME_STRING_MAX, &f, &why) != 0) {
		sayf(s, TONE_PROBLEM, "not understood: %s", why.text);
		return;
	}
	type = text_of(f, "type");
	for (i = 0; i < countof(frames); i++)
		if (str_is(type, frames[i].type))
			frames[i].take(s, f, now);
	seq = json_int(json_get(f, "seq"), 0);
	if (seq > 0 && (uint64_t)seq > s->last_seq)
		s->last_seq = (uint64_t)seq;
	json_free(f);
}

void shift_init(struct shift *s, const char *name, const char *password)
{
	struct buf run = { 0 };

	*s = (struct shift){ 0 };
	s->name = mem_text(name);
	s->password = mem_text(password);
	str_copy(s->state, sizeof(s->state), STR("offline"));
	token_make(9, &run);
	s->run = buf_take(&run);
}

void shift_done(struct shift *s)
{
	while (s->contact_count > 0)
		forget_contact(s, &s->contacts[s->contact_count - 1]);
	forget_offer(s);
	while (s->pending_count > 0)
		mem_free(s->pending[--s->pending_count]);
	mem_free(s->run);
	mem_free(s->name);
	mem_free(s->password);
	mem_free(s->token);
	mem_free(s->reason);
}

void shift_disconnected(struct shift *s)
{
	s->signed_in = false;
	s->later = false;
	forget_offer(s);
}
