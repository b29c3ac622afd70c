/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * check_entrance.c - reads `channel` and `gateway` blocks: the doors.
 *
 * Part of the check. A door that anybody could knock at and be believed is an
 * error here: a gateway names its addresses, and shows a token unless it lives
 * on this machine. Secrets are file names; their files are never opened here.
 */
#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "config/check.h"

#define ORIGINS_MAX 64

static void take_address(struct check *k, struct cursor *c, void *object)
{
	struct rule_entrance *e = object;
	const struct item *i = c->at;

	(void)k;
	e->address = cursor_text(c, "an address in quotes");
	if (e->address == NULL || e->channel != CHANNEL_MAIL ||
	    str_find(i->text, '@') < i->text.n)
		return;
	c->at = i;
	cursor_fail(c, "a mail address has an @");
}

/* A word of a small set, as a heap copy. */
static char *read_choice(
    struct cursor *c, const char *what, const char *const *words, size_t count)
{
	const struct item *word = c->at;
	struct suggestion s = { 0 };
	struct buf list = { 0 };

	if (cursor_name(c, what) == NULL)
		return NULL;
	for (size_t i = 0; i < count; i++)
		if (str_is(word->text, words[i]))
			return mem_text(words[i]);
	s.word = word->text;
	for (size_t i = 0; i < count; i++) {
		buf_addf(&list, "%s%s", i == 0 ? "" : ", ", words[i]);
		suggestion_consider(&s, str_of(words[i]));
	}
	c->at = word;
	c->example = NULL;
	cursor_fail(c, "%s is one of: %s", what, list.data);
	note_suggest(c->notes, &s);
	buf_done(&list);
	return NULL;
}

/* The language knows more than the channels of this version speak: such a door
 * stays shut, and somebody should know before a customer does. */
static void warn_unspoken(
    struct check *k, const struct cursor *c, const char *spoken)
{
	if (c->failed || str_is(c->last->text, spoken))
		return;
	note_warning(k->notes, &c->last->spot,
	    "this version speaks %s only: nothing will come in here", spoken);
}

/* Who posts the mails to us, and so how they are signed. */
static void take_provider(struct check *k, struct cursor *c, void *object)
{
	static const char *const words[] = { "raw", "mailgun", "postmark",
		"sendgrid", "ses", "twilio" };
	struct rule_entrance *e = object;

	e->provider = read_choice(c, "a provider", words, countof(words));
	warn_unspoken(k, c, words[0]);
}

/* What the switch speaks; ours when it is not said. */
static void take_protocol(struct check *k, struct cursor *c, void *object)
{
	static const char *const words[] = { "json", "fastagi", "ari", "esl",
		"twilio" };
	struct rule_entrance *e = object;

	mem_free(e->protocol);
	e->protocol = read_choice(c, "a protocol", words, countof(words));
	warn_unspoken(k, c, words[0]);
}

/* token file "x"; secret file "x"; both name the one secret of the door. */
static void take_secret(struct check *k, struct cursor *c, void *object)
{
	struct rule_entrance *e = object;
	const struct item *file;

	(void)k;
	if (e->token_file != NULL) {
		c->at = c->statement->items;
		c->example = NULL;
		cursor_fail(c, "a door has one secret, and it is named above");
		return;
	}
	if (cursor_is(c, ITEM_STRING)) {
		c->example = NULL;
		cursor_fail(c, "a secret is never written in a config");
		note_hint(c->notes,
		    "write: %.*s file \"NAME\"; and put it "
		    "in that file",
		    (int)c->last->text.n, c->last->text.p);
		return;
	}
	cursor_word(c, "file");
	file = cursor_take(c, ITEM_STRING, "a file");
	if (file != NULL)
		e->token_file = check_path(file);
}

static void take_from(struct check *k, struct cursor *c, void *object)
{
	struct rule_entrance *e = object;

	(void)k;
	check_networks(c, &e->from, &e->from_count);
}

/* https://acme.example: what a browser sends, so no path and no slash. */
static bool is_origin(struct str s)
{
	struct str rest = s;

	if (str_starts(s, "https://"))
		rest = str_from(s, 8);
	else if (str_starts(s, "http://"))
		rest = str_from(s, 7);
	return rest.n < s.n && rest.n > 0 && str_find(rest, '/') == rest.n &&
	       str_find(rest, ' ') == rest.n;
}

static void take_origin(struct check *k, struct cursor *c, void *object)
{
	struct rule_entrance *e = object;
	size_t cap = e->origin_count;
	const struct item *i;

	(void)k;
	do {
		i = c->at;
		if (cursor_take(c, ITEM_STRING, "an origin") == NULL)
			return;
		if (!is_origin(i->text) || e->origin_count == ORIGINS_MAX) {
			c->at = i;
			cursor_fail(
			    c, e->origin_count == ORIGINS_MAX
			           ? "too many origins"
			           : "an origin is scheme and host, no path");
			return;
		}
		mem_room(
		    &e->origins, e->origin_count, &cap, sizeof(*e->origins));
		e->origins[e->origin_count++] =
		    mem_text_n(i->text.p, i->text.n);
	} while (cursor_skip(c, ITEM_COMMA));
}

static void take_brand(struct check *k, struct cursor *c, void *object)
{
	struct rule_entrance *e = object;

	e->brand = names_read(c, k->rules, DEF_BRAND);
}

static void take_standard(struct check *k, struct cursor *c, void *object)
{
	struct rule_entrance *e = object;

	e->standard = names_read(c, k->rules, DEF_STANDARD);
}

/* trust caller yes; trust dkim; */
static void take_trust(struct check *k, struct cursor *c, void *object)
{
	struct rule_entrance *e = object;
	bool is_gateway = e->kind == ENTRANCE_GATEWAY;

	(void)k;
	cursor_word(c, is_gateway ? "caller" : "dkim");
	*(is_gateway ? &e->trust_caller : &e->trust_dkim) = cursor_yes_no(c);
}

/* smtp "smtp://mail:587" from "help@acme.example"; credentials in the URL
 * would end up in the log. */
static void take_smtp(struct check *k, struct cursor *c, void *object)
{
	struct rule_entrance *e = object;
	const struct item *i = c->at;

	(void)k;
	e->smtp_url = cursor_text(c, "a server such as \"smtp://mail:587\"");
	if (e->smtp_url == NULL)
		return;
	if (!str_starts(i->text, "smtp://") &&
	    !str_starts(i->text, "smtps://")) {
		c->at = i;
		cursor_fail(c, "this begins with smtp:// or smtps://");
	} else if (str_find(i->text, '@') < i->text.n) {
		c->at = i;
		cursor_fail(c, "a password is never written in a config");
	} else if (cursor_skip_word(c, "from")) {
		e->smtp_from = cursor_text(c, "the sender's address");
	}
}

/* Numbers without + are of this country (ISO 3166-1). */
static void take_country(struct check *k, struct cursor *c, void *object)
{
	struct rule_entrance *e = object;
	const struct item *i = c->at;

	(void)k;
	if (cursor_name(c, "a country such as FR") == NULL)
		return;
	if (i->text.n == 2 && i->text.p[0] >= 'A' && i->text.p[0] <= 'Z' &&
	    i->text.p[1] >= 'A' && i->text.p[1] <= 'Z' &&
	    !str_is(i->text, "UK")) {
		memcpy(e->country, i->text.p, 2);
		return;
	}
	c->at = i;
	cursor_fail(c, "a country has two capital letters, such as FR");
	if (str_is_nocase(i->text, "UK"))
		note_hint(c->notes, "the United Kingdom is GB");
}

static const struct row channel_rows[] = {
	{ "address", ROW_ONCE, take_address, "address \"help@acme.example\";" },
	{ "provider", ROW_ONCE, take_provider, "provider raw;" },
	{ "secret", ROW_ONCE, take_secret, "secret file \"mail.key\";" },
	{ "token", ROW_ONCE, take_secret, "token file \"mail.token\";" },
	{ "from", ROW_REPEAT, take_from, "from 10.0.0.5, 10.1.0.0/16;" },
	{ "origin", ROW_REPEAT, take_origin,
	    "origin \"https://acme.example\";" },
	{ "brand", ROW_ONCE, take_brand, "brand acme;" },
	{ "standard", ROW_ONCE, take_standard, "standard letters;" },
	{ "trust", ROW_ONCE, take_trust, "trust dkim;" },
	{ "smtp", ROW_ONCE, take_smtp,
	    "smtp \"smtp://mail.acme.example:587\" from "
	    "\"help@acme.example\";" },
};

static const struct row gateway_rows[] = {
	{ "protocol", ROW_ONCE, take_protocol, "protocol json;" },
	{ "from", ROW_REPEAT, take_from, "from 10.0.0.5;" },
	{ "token", ROW_ONCE, take_secret, "token file \"pbx1.token\";" },
	{ "country", ROW_ONCE, take_country, "country FR;" },
	{ "trust", ROW_ONCE, take_trust, "trust caller yes;" },
	{ "brand", ROW_ONCE, take_brand, "brand acme;" },
	{ "standard", ROW_ONCE, take_standard, "standard calls;" },
};

/* Calls from this machine only? */
static bool is_local(const struct rule_entrance *e)
{
	for (size_t i = 0; i < e->from_count; i++)
		if (!is_loopback(str_of(e->from[i])))
			return false;
	return e->from_count > 0;
}

/* FastAGI and ESL have no place for a token of ours: there the addresses are
 * all there is, and the manual says so. */
static bool takes_token(const struct rule_entrance *e)
{
	return e->protocol == NULL || str_is(str_of(e->protocol), "json");
}

static void check_gateway(
    struct check *k, const struct def *d, const struct rule_entrance *e)
{
	if (e->from_count == 0) {
		note_error(k->notes, &d->name->spot,
		    "this gateway does not say where it calls from");
		note_hint(k->notes, "as in: from 10.0.0.5;");
	} else if (e->token_file == NULL && takes_token(e) && !is_local(e)) {
		note_error(k->notes, &d->name->spot,
		    "a gateway on another machine needs a token");
		note_hint(k->notes, "as in: token file \"pbx1.token\";");
	}
}

/* Statements that do nothing are warned of: somebody meant something by them. */
static void check_channel(
    struct check *k, const struct def *d, const struct rule_entrance *e)
{
	if (e->channel == CHANNEL_MAIL && e->address == NULL) {
		note_error(k->notes, &d->name->spot,
		    "this mail channel has no address");
		note_hint(k->notes, "as in: address \"help@acme.example\";");
	}
	if (e->channel != CHANNEL_CHAT && e->origin_count > 0)
		note_warning(k->notes, &d->name->spot,
		    "an origin means something to a chat channel only");
	if (e->trust_dkim && e->channel != CHANNEL_MAIL)
		note_warning(k->notes, &d->name->spot,
		    "dkim means something to a mail channel only");
}

void check_entrance(
    struct check *k, const struct def *d, struct rule_entrance *e)
{
	const struct statement *s = d->statement;
	size_t errors = k->notes->errors;
	bool is_gateway = str_is(s->items->text, "gateway");

	e->brand = RULE_NONE;
	e->standard = RULE_NONE;
	e->kind = is_gateway ? ENTRANCE_GATEWAY : ENTRANCE_CHANNEL;
	e->channel = CHANNEL_PHONE;
	if (!is_gateway && !channel_parse(s->items->next->text, &e->channel))
		return;
	if (is_gateway)
		e->protocol = mem_text("json");
	check_block(k, s,
	    is_gateway ? BLOCK("a gateway", gateway_rows)
	               : BLOCK("a channel", channel_rows),
	    e);
	if (s->broken || k->notes->errors > errors)
		return;
	if (is_gateway)
		check_gateway(k, d, e);
	else
		check_channel(k, d, e);
}
