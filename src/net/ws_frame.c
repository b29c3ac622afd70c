/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ws_frame.c - the grammar of RFC 6455.
 *
 * Entered by ws.c and by the fuzzer. A message that lies whole in the given
 * bytes is handed on without a copy; only fragments are gathered. The size is
 * judged by the announced length, before memory is taken. Pure.
 */
#include "net/ws_frame.h"

#include "base/utf8.h"

enum { PROTOCOL = 1002, NOT_TEXT = 1007, TOO_BIG = 1009 };

#define NO_CODE 1005

struct header {
	enum ws_opcode opcode;
	bool final;
	uint64_t length;
	size_t size; /* of the header itself */
	uint8_t mask[4];
};

static uint64_t big_endian(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | *p++;
	return v;
}

/* Eight bytes at a time; the key is turned to where the last piece ended. */
static void unmask(struct ws_reader *r, uint8_t *p, size_t n)
{
	uint8_t key[8];
	uint64_t wide, word;
	size_t i;

	for (i = 0; i < sizeof(key); i++)
		key[i] = r->mask[(r->turn + i) & 3];
	memcpy(&wide, key, sizeof(wide));
	for (i = 0; i + 8 <= n; i += 8) {
		memcpy(&word, p + i, sizeof(word));
		word ^= wide;
		memcpy(p + i, &word, sizeof(word));
	}
	for (; i < n; i++)
		p[i] ^= key[i & 7];
	r->turn = (r->turn + n) & 3;
}

/* ---- text ---------------------------------------------------------------- */

/* The bounds of the second byte shut out overlong forms, surrogates and what
 * lies over U+10FFFF (RFC 3629 4). */
static bool text_first(struct ws_text *t, uint8_t c)
{
	t->low = 0x80;
	t->up = 0xbf;
	if (c >= 0xc2 && c <= 0xdf)
		t->need = 1;
	else if (c >= 0xe0 && c <= 0xef)
		t->need = 2;
	else if (c >= 0xf0 && c <= 0xf4)
		t->need = 3;
	else
		return c < 0x80;
	if (c == 0xe0)
		t->low = 0xa0;
	else if (c == 0xed)
		t->up = 0x9f;
	else if (c == 0xf0)
		t->low = 0x90;
	else if (c == 0xf4)
		t->up = 0x8f;
	return true;
}

static bool text_goes_on(struct ws_text *t, struct str s)
{
	size_t i;
	uint8_t c;

	for (i = 0; i < s.n; i++) {
		c = (uint8_t)s.p[i];
		if (t->need == 0) {
			if (c >= 0x80 && !text_first(t, c))
				return false;
			continue;
		}
		if (c < t->low || c > t->up)
			return false;
		t->need--;
		t->low = 0x80;
		t->up = 0xbf;
	}
	return true;
}

/* ---- headers ------------------------------------------------------------- */

/* 0: not yet whole. */
static size_t header_size(const uint8_t *p, size_t n)
{
	size_t size;

	if (n < 2)
		return 0;
	size = 2 + ((p[1] & 0x7f) == 126 ? 2 : 0) +
	       ((p[1] & 0x7f) == 127 ? 8 : 0) + (p[1] & 0x80 ? 4 : 0);
	return n < size ? 0 : size;
}

/* false: a length that is not in its shortest form, or over 2^63. */
static bool read_length(struct header *h, const uint8_t *p)
{
	h->length = p[1] & 0x7f;
	if (h->length == 126) {
		h->length = big_endian(p + 2, 2);
		return h->length > 125;
	}
	if (h->length == 127) {
		h->length = big_endian(p + 2, 8);
		return h->length > 0xffff && h->length >> 63 == 0;
	}
	return true;
}

static bool is_control(enum ws_opcode opcode)
{
	return opcode >= WS_CLOSE;
}

static bool is_opcode(unsigned v)
{
	return v <= WS_BINARY || (v >= WS_CLOSE && v <= WS_PONG);
}

/* The first two bytes say enough to refuse most nonsense before its length
 * has come; no extension is ever agreed on, so no reserved bit has a sense. */
static bool is_start_valid(const struct ws_reader *r, const uint8_t *p)
{
	enum ws_opcode opcode = p[0] & 0x0f;

	if (p[0] & 0x70 || !is_opcode(opcode) || !(p[1] & 0x80))
		return false;
	if (is_control(opcode))
		return p[0] & 0x80 && (p[1] & 0x7f) <= WS_CONTROL_MAX;
	return (opcode == WS_CONTINUATION) == (r->opcode != WS_CONTINUATION);
}

static enum ws_step broken(struct ws_reader *r, unsigned code)
{
	r->code = (uint16_t)code;
	return WS_BROKEN;
}

/* WS_MESSAGE: a header is there. */
static enum ws_step read_header(
    struct ws_reader *r, struct str in, struct header *out)
{
	const uint8_t *p = (const uint8_t *)in.p;

	if (in.n >= 2 && !is_start_valid(r, p))
		return broken(r, PROTOCOL);
	out->size = header_size(p, in.n);
	if (out->size == 0)
		return WS_MORE;
	out->opcode = p[0] & 0x0f;
	out->final = p[0] & 0x80;
	if (!read_length(out, p))
		return broken(r, PROTOCOL);
	memcpy(out->mask, p + out->size - 4, 4);
	return WS_MESSAGE;
}

/* ---- control frames ------------------------------------------------------ */

bool ws_code_is_valid(unsigned code)
{
	if (code >= 3000)
		return code <= 4999;
	return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}

static enum ws_step read_close(struct ws_reader *r, struct ws_item *item)
{
	struct str body = item->payload;

	r->code = NO_CODE;
	if (body.n == 0)
		return WS_MESSAGE;
	if (body.n == 1)
		return broken(r, PROTOCOL);
	r->code = (uint16_t)big_endian((const uint8_t *)body.p, 2);
	item->payload = str_from(body, 2);
	if (!ws_code_is_valid(r->code))
		return broken(r, PROTOCOL);
	if (!utf8_valid(item->payload))
		return broken(r, NOT_TEXT);
	return WS_MESSAGE;
}

/* A control frame is taken whole or not at all: it may stand between the
 * fragments of a message, whose mask and place must not suffer. */
static enum ws_step take_control(struct ws_reader *r, const struct header *h,
    struct str *in, struct ws_item *out)
{
	struct ws_reader own = { .turn = 0 };
	uint8_t *p = (uint8_t *)in->p + h->size;

	if (in->n - h->size < h->length)
		return WS_MORE;
	memcpy(own.mask, h->mask, sizeof(own.mask));
	unmask(&own, p, (size_t)h->length);
	out->opcode = h->opcode;
	out->payload = (struct str){ (const char *)p, (size_t)h->length };
	*in = str_from(*in, h->size + (size_t)h->length);
	return h->opcode == WS_CLOSE ? read_close(r, out) : WS_MESSAGE;
}

/* ---- data frames --------------------------------------------------------- */

/* The announced length is judged here, before a byte of it is kept. */
static enum ws_step start_frame(
    struct ws_reader *r, const struct ws_bounds *bounds, const struct header *h)
{
	if (h->length > bounds->message_max ||
	    r->message.len > bounds->message_max - h->length)
		return broken(r, TOO_BIG);
	if (h->opcode != WS_CONTINUATION) {
		r->opcode = h->opcode;
		r->fragments = 0;
		r->text = (struct ws_text){ 0, 0, 0 };
	}
	if (++r->fragments > bounds->fragments_max)
		return broken(r, TOO_BIG);
	memcpy(r->mask, h->mask, sizeof(r->mask));
	r->turn = 0;
	r->left = h->length;
	r->final = h->final;
	r->in_frame = true;
	return WS_MORE;
}

static enum ws_step end_message(
    struct ws_reader *r, struct str payload, struct ws_item *out)
{
	if (r->opcode == WS_TEXT && r->text.need > 0)
		return broken(r, NOT_TEXT);
	out->opcode = r->opcode;
	out->payload = payload;
	r->opcode = WS_CONTINUATION;
	return WS_MESSAGE;
}

/* Takes payload; the last piece of an unfragmented message is not copied. */
static enum ws_step take_data(
    struct ws_reader *r, struct str *in, struct ws_item *out)
{
	struct str piece =
	    str_sub(*in, 0, in->n < r->left ? in->n : (size_t)r->left);
	bool whole;

	unmask(r, (uint8_t *)piece.p, piece.n);
	*in = str_from(*in, piece.n);
	r->left -= piece.n;
	if (r->opcode == WS_TEXT && !text_goes_on(&r->text, piece))
		return broken(r, NOT_TEXT);
	r->in_frame = r->left > 0;
	whole = !r->in_frame && r->final;
	if (whole && r->message.len == 0)
		return end_message(r, piece, out);
	buf_add_str(&r->message, piece);
	if (r->message.failed)
		return broken(r, TOO_BIG);
	return whole ? end_message(r, buf_str(&r->message), out) : WS_MORE;
}

enum ws_step ws_feed(struct ws_reader *r, const struct ws_bounds *bounds,
    struct str *in, struct ws_item *out)
{
	enum ws_step step = WS_MORE;
	struct header h;

	/* The last message was borrowed by the caller until now. */
	if (r->opcode == WS_CONTINUATION && r->message.cap > 0)
		buf_done(&r->message);
	while (step == WS_MORE) {
		if (r->in_frame) {
			if (in->n == 0 && r->left > 0)
				return WS_MORE;
			step = take_data(r, in, out);
			continue;
		}
		step = read_header(r, *in, &h);
		if (step != WS_MESSAGE)
			return step;
		if (is_control(h.opcode))
			return take_control(r, &h, in, out);
		*in = str_from(*in, h.size);
		step = start_frame(r, bounds, &h);
	}
	return step;
}

void ws_reader_done(struct ws_reader *r)
{
	buf_done(&r->message);
}

/* ---- writing ------------------------------------------------------------- */

void ws_write(struct buf *out, enum ws_opcode opcode, struct str payload)
{
	uint8_t head[10];
	size_t size = 2, i;

	head[0] = 0x80 | (uint8_t)opcode;
	if (payload.n <= 125) {
		head[1] = (uint8_t)payload.n;
	} else if (payload.n <= 0xffff) {
		head[1] = 126;
		size = 4;
	} else {
		head[1] = 127;
		size = 10;
	}
	for (i = 2; i < size; i++)
		head[i] = (uint8_t)((uint64_t)payload.n >> 8 * (size - 1 - i));
	buf_add(out, head, size);
	buf_add_str(out, payload);
}

void ws_write_close(struct buf *out, unsigned code, struct str reason)
{
	char body[WS_CONTROL_MAX];

	if (code == NO_CODE) {
		ws_write(out, WS_CLOSE, STR_NONE);
		return;
	}
	reason = utf8_cut(reason, sizeof(body) - 2);
	body[0] = (char)(code >> 8);
	body[1] = (char)code;
	if (reason.n > 0)
		memcpy(body + 2, reason.p, reason.n);
	ws_write(out, WS_CLOSE, (struct str){ body, reason.n + 2 });
}
