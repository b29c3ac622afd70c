/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * visitor.c - what a chat customer holds in hand.
 *
 * Entered by the chat rows and its WebSocket. Nothing is stored: whatever is
 * believed here was signed by us or by the site, and is checked before it is
 * read.
 */
#include "channel/visitor.h"

#include <inttypes.h>
#include <stddef.h>

#define IDENTITY_MAX   4096 /* bytes of the signed text */
#define VISITOR_RANDOM 16

static void add_mac(
    const struct visitor_scope *s, struct str said, struct buf *out)
{
	struct str key = { (const char *)s->key, SECRET_BYTES };
	uint8_t mac[SHA256_BYTES];

	hmac_sha256(key, said, mac);
	base64url_encode((struct str){ (char *)mac, sizeof(mac) }, out);
}

static bool is_same(const struct buf *a, struct str b)
{
	return a->len == b.n && crypto_same(a->data, b.p, b.n);
}

/* The workspace is signed but not shown: a token of one is nothing in another. */
static void add_token(const struct visitor_scope *s, struct contact_id contact,
    int64_t until, struct buf *out)
{
	struct buf said = { 0 };

	buf_addf(&said, "%.*s c%" PRIu64 " %" PRId64, (int)s->workspace.n,
	    s->workspace.p, contact.v, until);
	buf_addf(out, "c%" PRIu64 ".%" PRId64 ".", contact.v, until);
	add_mac(s, buf_str(&said), out);
	buf_done(&said);
}

void visitor_token(const struct visitor_scope *s, struct contact_id contact,
    msec_t wall, struct buf *out)
{
	add_token(s, contact, (wall + VISITOR_TOKEN_LIFE_MS) / 1000, out);
}

bool visitor_token_is_good(const struct visitor_scope *s, struct str token,
    struct contact_id contact, msec_t wall)
{
	struct str rest = token;
	struct buf right = { 0 };
	int64_t until;
	bool good;

	(void)str_next(&rest, '.');
	if (str_to_i64(str_next(&rest, '.'), &until) != 0)
		return false;
	add_token(s, contact, until, &right);
	good = is_same(&right, token) && until > wall / 1000;
	buf_done(&right);
	return good;
}

static void add_visitor(
    const struct visitor_scope *s, struct str random, struct buf *out)
{
	struct buf said = { 0 };

	buf_addf(&said, "visitor %.*s", (int)random.n, random.p);
	buf_add_str(out, random);
	buf_add_char(out, '.');
	add_mac(s, buf_str(&said), out);
	buf_done(&said);
}

void visitor_make(
    const struct visitor_scope *s, struct str key, struct buf *out)
{
	struct str secret = { (const char *)s->key, SECRET_BYTES };
	struct buf said = { 0 };
	struct buf random = { 0 };
	uint8_t mac[SHA256_BYTES];

	buf_add_text(&said, "first key ");
	buf_add_str(&said, s->workspace);
	buf_add_char(&said, ' ');
	buf_add_str(&said, key);
	hmac_sha256(secret, buf_str(&said), mac);
	base64url_encode((struct str){ (char *)mac, VISITOR_RANDOM }, &random);
	add_visitor(s, buf_str(&random), out);
	buf_done(&said);
	buf_done(&random);
}

bool visitor_is_ours(const struct visitor_scope *s, struct str visitor)
{
	struct str rest = visitor;
	struct str random = str_next(&rest, '.');
	struct buf right = { 0 };
	bool ours;

	if (random.n == visitor.n || random.n > 64)
		return false;
	add_visitor(s, random, &right);
	ours = is_same(&right, visitor);
	buf_done(&right);
	return ours;
}

/* ---- the site's word ------------------------------------------------------- */

#define S(member, most)                                                        \
	{                                                                      \
#member, WANT_STR, false, offsetof(struct identity, member),   \
		    1, most                                                    \
	}
static const struct json_field identity_fields[] = {
	S(account, 256),
	S(mail, 320),
	S(phone, 64),
	S(name, 256),
	{ "exp", WANT_INT, true, offsetof(struct identity, exp), 0,
	    INT64_C(1) << 40 },
	JSON_FIELD_END,
};
#undef S

static int read_signed(const struct site *site, struct str text,
    struct buf *out, struct fault *why)
{
	size_t dot = str_find(text, '.');
	struct buf mac = { 0 };
	int err = ERR_AUTH;

	if (text.n <= IDENTITY_MAX && dot < text.n &&
	    base64_decode(str_from(text, dot + 1), &mac) == 0 &&
	    tokens_signed(
	        site->tokens, site->door, str_sub(text, 0, dot), buf_str(&mac)))
		err = base64_decode(str_sub(text, 0, dot), out);
	buf_done(&mac);
	if (err != 0)
		return fault_set(why, ERR_AUTH, "identity: not signed by us");
	return 0;
}

int identity_read(const struct site *site, struct str text,
    struct identity *out, struct fault *why)
{
	struct identity id = { 0 };
	struct buf said = { 0 };
	int err = read_signed(site, text, &said, why);

	if (err == 0)
		err = json_parse(buf_str(&said), 0, &id.tree, why);
	buf_done(&said);
	if (err == 0)
		err = json_take(id.tree, identity_fields, &id, why);
	if (err == 0 && id.exp <= site->wall / 1000)
		err = fault_set(why, ERR_AUTH, "identity: its time is over");
	if (err != 0) {
		json_free(id.tree);
		return err;
	}
	*out = id;
	return 0;
}

void identity_done(struct identity *i)
{
	json_free(i->tree);
	*i = (struct identity){ 0 };
}
