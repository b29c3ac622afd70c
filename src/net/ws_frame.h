/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ws_frame.h - RFC 6455 frames: bytes in, messages out; no sockets, no clock.
 *
 * The reader is a server's: frames must be masked. Text is checked while it
 * arrives, so that a bad character ends the talk at once. What is broken says
 * with which close code. No extensions.
 */
#ifndef USHER_NET_WS_FRAME_H
#define USHER_NET_WS_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/str.h"

#define WS_CONTROL_MAX 125

enum ws_opcode {
	WS_CONTINUATION = 0,
	WS_TEXT = 1,
	WS_BINARY = 2,
	WS_CLOSE = 8,
	WS_PING = 9,
	WS_PONG = 10,
};

enum ws_step {
	WS_MORE,    /* what could be taken was taken */
	WS_MESSAGE, /* `opcode` says what; `payload` holds it */
	WS_BROKEN,  /* close with `code`; feed no more */
};

/* Where a text stands between two pieces of it. */
struct ws_text {
	uint8_t need;    /* bytes the character under way still lacks */
	uint8_t low, up; /* between which the next of them must lie */
};

struct ws_reader {
	struct buf message; /* fragments so far */
	uint64_t left;      /* payload bytes the open data frame still lacks */
	unsigned fragments;
	uint16_t code; /* of WS_BROKEN; of a received close (1005: none) */
	uint8_t mask[4];
	uint8_t turn;   /* which mask byte is next */
	uint8_t opcode; /* of the message under way; WS_CONTINUATION: none */
	bool in_frame;
	bool final;
	struct ws_text text;
};

struct ws_item {
	enum ws_opcode opcode;
	struct str payload; /* borrowed; of a close: the reason */
};

struct ws_bounds {
	size_t message_max;
	unsigned fragments_max;
};

/* A reader starts as all zero bytes. */
void ws_reader_done(struct ws_reader *r);
/*
 * Takes bytes from the front of `in` (unmasking them in place) up to the end
 * of the next message. A header or a control frame that is not yet whole stays
 * in `in`: at most 139 bytes.
 */
enum ws_step ws_feed(struct ws_reader *r, const struct ws_bounds *bounds,
    struct str *in, struct ws_item *out);
/* One whole frame, not masked. */
void ws_write(struct buf *out, enum ws_opcode opcode, struct str payload);
/* Code 1005 writes a close without a body. */
void ws_write_close(struct buf *out, unsigned code, struct str reason);
/* May a peer send this code? */
bool ws_code_is_valid(unsigned code);

#endif
