/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * chain.c - how the events of one commit are sealed.
 *
 * The bytes hashed are the columns as varints and the body with its length, so
 * that no two rows can give the same bytes. This form is on disk for ever: a
 * change of it is a new version of the log.
 */
#include "store/log.h"

static uint32_t fnv1a(struct str s)
{
	uint32_t h = 2166136261u;
	size_t i;

	for (i = 0; i < s.n; i++)
		h = (h ^ (uint8_t)s.p[i]) * 16777619u;
	return h;
}

void chain_begin(struct chain *c, const uint8_t before[SHA256_BYTES])
{
	c->digest = digest_new();
	buf_clear(&c->marks);
	digest_add(c->digest, before, SHA256_BYTES);
}

void chain_add(struct chain *c, const struct event_row *row)
{
	struct buf *b = &c->scratch;
	uint32_t mark;

	buf_clear(b);
	put_u64(b, row->seq);
	put_u64(b, row->epoch);
	put_i64(b, row->at);
	put_u64(b, row->kind);
	put_u64(b, row->version);
	put_u64(b, row->contact);
	put_u64(b, row->customer);
	put_u64(b, row->agent);
	put_str(b, row->body);
	check(!b->failed);
	digest_add(c->digest, b->data, b->len);
	mark = fnv1a(buf_str(b));
	buf_add_char(&c->marks, (char)(mark >> 24));
	buf_add_char(&c->marks, (char)(mark >> 16));
	buf_add_char(&c->marks, (char)(mark >> 8));
	buf_add_char(&c->marks, (char)mark);
}

void chain_end(struct chain *c, uint8_t out[SHA256_BYTES])
{
	digest_end(c->digest, out);
	c->digest = NULL;
}

void chain_done(struct chain *c)
{
	uint8_t unused[SHA256_BYTES];

	if (c->digest != NULL)
		digest_end(c->digest, unused);
	buf_done(&c->scratch);
	buf_done(&c->marks);
}
