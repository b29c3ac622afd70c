/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fuzz_ws.c - any bytes as the frames of a client.
 *
 * Beside what the sanitizers see: the same bytes in one piece and one by one
 * must end the same way with the same messages; text that is handed on is
 * UTF-8; the limits hold.
 */
#include "base/check.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "net/ws_frame.h"

#define MESSAGE_MAX   300
#define FRAGMENTS_MAX 4

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct story {
	enum ws_step step;
	unsigned code;
	unsigned messages;
	uint64_t digest;
};

static void look_at(struct story *s, const struct ws_item *item)
{
	size_t i;

	if (item->opcode == WS_TEXT || item->opcode == WS_CLOSE)
		check(utf8_valid(item->payload));
	check(item->payload.n <=
	      (item->opcode >= WS_CLOSE ? WS_CONTROL_MAX : MESSAGE_MAX));
	s->messages++;
	s->digest = (s->digest ^ (unsigned)item->opcode) * 0x100000001b3;
	for (i = 0; i < item->payload.n; i++)
		s->digest =
		    (s->digest ^ (uint8_t)item->payload.p[i]) * 0x100000001b3;
}

/* Feeds pieces of `piece` bytes, keeping what is not taken, as link.c does. */
static struct story tell(const uint8_t *data, size_t size, size_t piece)
{
	static const struct ws_bounds bounds = { MESSAGE_MAX, FRAGMENTS_MAX };
	struct ws_reader r = { .code = 0 };
	struct story s = { WS_MORE, 0, 0, 0xcbf29ce484222325 };
	struct ws_item item;
	struct buf kept = { 0 };
	struct str in;
	size_t at;

	for (at = 0; at < size && s.step != WS_BROKEN; at += piece) {
		buf_add(
		    &kept, data + at, piece < size - at ? piece : size - at);
		in = buf_str(&kept);
		while (
		    (s.step = ws_feed(&r, &bounds, &in, &item)) == WS_MESSAGE)
			look_at(&s, &item);
		buf_drop(&kept, kept.len - in.n);
		check(s.step == WS_BROKEN || kept.len < 140);
	}
	if (s.step == WS_BROKEN)
		s.code = r.code;
	ws_reader_done(&r);
	buf_done(&kept);
	return s;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct story whole = tell(data, size, size > 0 ? size : 1);
	struct story bytes = tell(data, size, 1);

	check(whole.step == bytes.step);
	check(whole.code == bytes.code);
	check(whole.messages == bytes.messages);
	check(whole.digest == bytes.digest);
	check(mem_live() == 0);
	return 0;
}
