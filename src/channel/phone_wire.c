/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * phone_wire.c - lines of the JSON gateway protocol, as structs.
 *
 * Entered by phone.c, by tests and by a fuzzer. No state, no peers: a line is
 * wholly understood here or refused with the name of the field at fault.
 */
#include "channel/phone_wire.h"

#include <inttypes.h>
#include <stddef.h>

#include "base/check.h"

#define ATTRIBUTE_NAME_MAX  64
#define ATTRIBUTE_VALUE_MAX 512
#define ORDER_MAX           (INT64_C(1) << 53)

#define L(member) offsetof(struct phone_line, member)
#define TYPE                                                                   \
	{                                                                      \
		"type", WANT_STR, true, L(type), 1, 32                         \
	}
#define CALL                                                                   \
	{                                                                      \
		"call", WANT_STR, true, L(call), 1, CALL_ID_MAX                \
	}
/* Calls that an agent started have no offer. */
#define OFFER                                                                  \
	{                                                                      \
		"offer", WANT_STR, false, L(offer_text), 2, 24                 \
	}
#define ORDER                                                                  \
	{                                                                      \
		"order", WANT_INT, true, L(order), 1, ORDER_MAX                \
	}
#define REASON                                                                 \
	{                                                                      \
		"reason", WANT_STR, false, L(reason), 0, 64                    \
	}

static const struct json_field bare_fields[] = { TYPE, JSON_FIELD_END };
static const struct json_field arrive_fields[] = {
	TYPE,
	CALL,
	{ "from", WANT_STR, false, L(from), 0, 256 },
	{ "to", WANT_STR, false, L(to), 0, 256 },
	{ "name", WANT_STR, false, L(name), 0, 256 },
	{ "language", WANT_STR, false, L(language), 0, 16 },
	{ "attributes", WANT_ANY, false, L(attributes), 0, 0 },
	JSON_FIELD_END,
};
static const struct json_field done_fields[] = { TYPE, ORDER, JSON_FIELD_END };
static const struct json_field failed_fields[] = { TYPE, ORDER, REASON,
	JSON_FIELD_END };
static const struct json_field call_fields[] = { TYPE, CALL, JSON_FIELD_END };
static const struct json_field offer_fields[] = { TYPE, CALL, OFFER,
	JSON_FIELD_END };
static const struct json_field offer_failed_fields[] = { TYPE, CALL, OFFER,
	REASON, JSON_FIELD_END };
static const struct json_field device_fields[] = {
	TYPE,
	{ "address", WANT_STR, true, L(address), 1, 256 },
	{ "state", WANT_STR, true, L(state), 1, 32 },
	JSON_FIELD_END,
};
static const struct json_field calls_fields[] = {
	TYPE,
	{ "calls", WANT_ANY, true, L(calls), 0, 0 },
	{ "more", WANT_BOOL, false, L(more), 0, 0 },
	JSON_FIELD_END,
};

static const struct {
	const char *word;
	const struct json_field *fields;
} kinds[] = {
#define PHONE_LINE_ROW(symbol, word, fields) { word, fields },
	PHONE_LINE_TABLE(PHONE_LINE_ROW)
#undef PHONE_LINE_ROW
};

/* The kind first: its table then says which fields there may be. */
static int find_kind(
    const struct json *tree, enum phone_line_kind *out, struct fault *why)
{
	struct str type = json_str(json_get(tree, "type"));

	for (size_t i = 0; i < countof(kinds); i++) {
		if (!str_is(type, kinds[i].word))
			continue;
		*out = (enum phone_line_kind)i;
		return 0;
	}
	return fault_set(why, ERR_INVALID, "type: not one of this protocol");
}

static int check_attributes(const struct json *a, struct fault *why)
{
	const struct json *v;
	struct str name;

	if (a == NULL)
		return 0;
	if (json_type(a) != JSON_OBJECT || json_count(a) > ATTRIBUTES_MAX)
		return fault_set(why, ERR_INVALID,
		    "attributes: not an object of at most %d texts",
		    ATTRIBUTES_MAX);
	for (size_t i = 0; json_member(a, i, &name, &v); i++)
		if (json_type(v) != JSON_STRING || name.n == 0 ||
		    name.n > ATTRIBUTE_NAME_MAX ||
		    json_str(v).n > ATTRIBUTE_VALUE_MAX)
			return fault_set(why, ERR_INVALID,
			    "attributes: number %zu is not a short text",
			    i + 1);
	return 0;
}

static int check_calls(const struct json *calls, struct fault *why)
{
	if (json_type(calls) != JSON_ARRAY)
		return fault_set(why, ERR_INVALID, "calls: not a list");
	for (size_t i = 0; i < json_count(calls); i++) {
		struct str id = json_str(json_at(calls, i));

		if (id.n == 0 || id.n > CALL_ID_MAX)
			return fault_set(why, ERR_INVALID,
			    "calls: number %zu is not a call id", i + 1);
	}
	return 0;
}

/* What a table of fields cannot say. */
static int check_rest(struct phone_line *l, struct fault *why)
{
	if (l->offer_text.n > 0 &&
	    id_parse('o', l->offer_text, &l->offer.v) != 0)
		return fault_set(why, ERR_INVALID, "offer: not an offer's id");
	if (l->kind == PHONE_DEVICE &&
	    !device_state_parse(l->state, &l->device))
		return fault_set(why, ERR_INVALID, "state: not one of ours");
	if (l->kind == PHONE_CALLS)
		return check_calls(l->calls, why);
	return check_attributes(l->attributes, why);
}

int phone_line_parse(struct str text, struct phone_line *out, struct fault *why)
{
	struct phone_line l = { 0 };
	int err = json_parse(text, 0, &l.tree, why);

	if (err != 0)
		return err;
	err = find_kind(l.tree, &l.kind, why);
	if (err == 0)
		err = json_take(l.tree, kinds[l.kind].fields, &l, why);
	if (err == 0)
		err = check_rest(&l, why);
	if (err != 0) {
		json_free(l.tree);
		return err;
	}
	*out = l;
	return 0;
}

void phone_line_done(struct phone_line *l)
{
	json_free(l->tree);
	*l = (struct phone_line){ 0 };
}

#define H(member) offsetof(struct phone_hello, member)
static const struct json_field hello_fields[] = {
	{ "hello", WANT_STR, true, H(hello), 1, 64 },
	{ "gateway", WANT_STR, true, H(gateway), 1, 64 },
	/* Not asked of a gateway on this machine that has none. */
	{ "token", WANT_STR, false, H(token), 0, 512 },
	JSON_FIELD_END,
};
#undef H

int phone_hello_parse(
    struct str text, struct phone_hello *out, struct fault *why)
{
	struct phone_hello h = { 0 };
	int err = json_parse(text, 0, &h.tree, why);

	if (err != 0)
		return err;
	err = json_take(h.tree, hello_fields, &h, why);
	if (err == 0 && !str_is(h.hello, PHONE_PROTOCOL))
		err = fault_set(why, ERR_VERSION,
		    "hello: this server speaks " PHONE_PROTOCOL);
	if (err != 0) {
		json_free(h.tree);
		return err;
	}
	*out = h;
	return 0;
}

void phone_hello_done(struct phone_hello *h)
{
	json_free(h->tree);
	*h = (struct phone_hello){ 0 };
}

/* ---- writing --------------------------------------------------------------- */

static void begin(struct json_writer *w, const char *type, struct buf *out)
{
	jw_init(w, out);
	jw_object(w);
	jw_ktext(w, "type", type);
}

/* A member that says nothing is left out. */
static void put_if(struct json_writer *w, const char *name, struct str s)
{
	if (s.n > 0)
		jw_kstr(w, name, s);
}

static const char *order_type(enum order_kind kind)
{
	switch (kind) {
	case ORDER_CALL_HOLD:
		return "hold";
	case ORDER_CALL_OFFER:
		return "offer";
	case ORDER_CALL_WITHDRAW:
		return "withdraw";
	case ORDER_CALL_RELEASE:
		return "release";
	case ORDER_CALL_START:
		return "start";
	case ORDER_CALL_CLOSED:
		return "closed";
	default:
		die("order %d is not a gateway's", (int)kind);
	}
}

/* Of an order the number is what is answered; the rest is what to do. */
void phone_put_order(const struct phone_order *o, struct buf *out)
{
	struct json_writer w;
	char when[CLOCK_TEXT];

	begin(&w, order_type(o->kind), out);
	jw_ku64(&w, "order", o->id);
	jw_kstr(&w, "call", o->call);
	if (id_is_set(o->offer))
		jw_kid(&w, "offer", 'o', o->offer.v);
	put_if(&w, "agent", o->agent);
	put_if(&w, "to", o->to);
	if (o->kind == ORDER_CALL_OFFER)
		jw_kint(&w, "ring_ms", o->ring_ms);
	if (o->kind == ORDER_CALL_RELEASE)
		jw_ktext(&w, "cause", o->word);
	if (o->kind == ORDER_CALL_CLOSED) {
		jw_ktext(&w, "action", o->word);
		if (o->next_wall >= 0)
			clock_format(o->next_wall, when);
		jw_ktext(&w, "next", o->next_wall >= 0 ? when : NULL);
	}
	jw_end(&w);
}

void phone_put_arrived(
    struct str call, struct contact_id contact, struct buf *out)
{
	struct json_writer w;

	begin(&w, "arrived", out);
	jw_kstr(&w, "call", call);
	jw_kid(&w, "contact", 'c', contact.v);
	jw_end(&w);
}

void phone_put_refused(
    struct str call, int err, const char *text, struct buf *out)
{
	struct json_writer w;

	begin(&w, "refused", out);
	jw_kstr(&w, "call", call);
	jw_ktext(&w, "error", err_name(err));
	jw_ktext(&w, "text", text[0] == '\0' ? err_text(err) : text);
	jw_end(&w);
}

void phone_put_error(struct str call, struct offer_id offer,
    const struct fault *why, struct buf *out)
{
	struct json_writer w;

	begin(&w, "error", out);
	put_if(&w, "call", call);
	if (id_is_set(offer))
		jw_kid(&w, "offer", 'o', offer.v);
	jw_ktext(&w, "error", err_name(why->code));
	jw_ktext(
	    &w, "text", why->text[0] == '\0' ? err_text(why->code) : why->text);
	jw_end(&w);
}

void phone_put_unknown(struct str call, struct buf *out)
{
	struct json_writer w;

	begin(&w, "unknown", out);
	jw_kstr(&w, "call", call);
	jw_end(&w);
}

void phone_put_welcome(struct str workspace, struct buf *out)
{
	struct json_writer w;

	begin(&w, "welcome", out);
	jw_ktext(&w, "protocol", PHONE_PROTOCOL);
	jw_kstr(&w, "workspace", workspace);
	jw_end(&w);
}

void phone_put_bare(const char *type, struct buf *out)
{
	struct json_writer w;

	begin(&w, type, out);
	jw_end(&w);
}
