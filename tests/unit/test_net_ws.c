/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_net_ws.c - RFC 6455 over memory pipes: handshake, frames, closing, time.
 */
#include "net_house.h"

#include "net/ws_frame.h"

#define KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define HANDSHAKE                                                              \
	"GET /ws HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n"                \
	"Connection: Upgrade\r\nSec-WebSocket-Key: " KEY "\r\n"                \
	"Sec-WebSocket-Version: 13\r\n\r\n"

static int upgraded; /* what net_upgrade() said last */

static void upgrade(struct house *h, const struct http_request *rq)
{
	upgraded = net_upgrade(h->net, h->peer, rq, "usher.v1");
}

static void echo(struct house *h, struct str text)
{
	net_send(h->net, h->peer, text);
}

static struct house *ws_house(const struct net_limits *limits)
{
	struct house *h = house_new(NET_HTTP, limits);

	h->on_request = upgrade;
	return h;
}

/* A WebSocket that is open and has nothing unread. */
static struct net_pipe *ws_dial(struct house *h)
{
	struct net_pipe *p = house_dial(h);

	house_say(p, HANDSHAKE);
	house_gets_with(p, "HTTP/1.1 101 ");
	house_heard(h, "GET /ws; open; ");
	return p;
}

static void leave(struct house *h, struct net_pipe *p)
{
	net_memory_hang_up(p);
	house_free(h);
}

/* ---- a client's frames --------------------------------------------------- */

static void add_length(struct buf *b, size_t n, bool masked)
{
	unsigned char m = masked ? 0x80 : 0;
	int i;

	if (n <= 125) {
		buf_add_char(b, (char)(m | n));
	} else if (n <= 0xffff) {
		buf_add_char(b, (char)(m | 126));
		buf_add_char(b, (char)(n >> 8));
		buf_add_char(b, (char)n);
	} else {
		buf_add_char(b, (char)(m | 127));
		for (i = 7; i >= 0; i--)
			buf_add_char(b, (char)((uint64_t)n >> 8 * i));
	}
}

/* `first`: FIN, reserved bits and opcode. */
static void add_frame(struct buf *b, unsigned first, struct str payload)
{
	static const unsigned char mask[4] = { 0x12, 0x00, 0xfe, 0xa5 };
	size_t i;

	buf_add_char(b, (char)first);
	add_length(b, payload.n, true);
	buf_add(b, mask, 4);
	for (i = 0; i < payload.n; i++)
		buf_add_char(
		    b, (char)((unsigned char)payload.p[i] ^ mask[i & 3]));
}

static void say_frame(struct net_pipe *p, unsigned first, struct str payload)
{
	struct buf b = { 0 };

	add_frame(&b, first, payload);
	net_memory_write(p, buf_str(&b));
	buf_done(&b);
}

static void gets_frame(struct net_pipe *p, unsigned first, struct str payload)
{
	struct buf got = { 0 };
	struct buf want = { 0 };

	net_memory_read(p, &got);
	buf_add_char(&want, (char)first);
	add_length(&want, payload.n, false);
	buf_add_str(&want, payload);
	assert_int_equal(got.len, want.len);
	assert_memory_equal(got.data, want.data, want.len);
	buf_done(&got);
	buf_done(&want);
}

static void gets_close(struct net_pipe *p, unsigned code)
{
	char body[2] = { (char)(code >> 8), (char)code };

	gets_frame(p, 0x88, (struct str){ body, 2 });
}

/* ---- the handshake ------------------------------------------------------- */

static void the_handshake_is_that_of_the_rfc(void **state)
{
	struct house *h = ws_house(NULL);
	struct net_pipe *p = house_dial(h);
	char *got;

	(void)state;
	house_say(p, HANDSHAKE);
	assert_int_equal(upgraded, 0);
	house_heard(h, "GET /ws; open; ");
	got = house_got(p);
	assert_non_null(strstr(got, "HTTP/1.1 101 Switching Protocols\r\n"));
	assert_non_null(strstr(
	    got, "\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
	assert_non_null(
	    strstr(got, "\r\nSec-WebSocket-Protocol: usher.v1\r\n"));
	mem_free(got);
	leave(h, p);
}

static void check_handshake(const char *request, const char *status)
{
	struct house *h = ws_house(NULL);
	struct net_pipe *p = house_dial(h);

	upgraded = 0;
	house_say(p, request);
	assert_int_equal(upgraded, ERR_INVALID);
	house_gets_with(p, status);
	assert_true(net_memory_is_closed(p));
	leave(h, p);
}

static void other_handshakes_are_refused(void **state)
{
#define ASK(start, upgrade, key, version)                                      \
	start "\r\nHost: a\r\n" upgrade key "Sec-WebSocket-Version: " version  \
	      "\r\n\r\n"
#define UP "Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n"
#define K  "Sec-WebSocket-Key: " KEY "\r\n"
#define G  "GET / HTTP/1.1"

	(void)state;
	check_handshake(ASK("POST / HTTP/1.1", UP, K, "13"), " 400 ");
	check_handshake(ASK("GET / HTTP/1.0", UP, K, "13"), " 400 ");
	check_handshake(ASK(G, "Upgrade: websocket\r\n", K, "13"), " 400 ");
	check_handshake(ASK(G, "Connection: Upgrade\r\n", K, "13"), " 400 ");
	check_handshake(
	    ASK(G, "Connection: Upgrade\r\nUpgrade: h2c\r\n", K, "13"),
	    " 400 ");
	check_handshake(ASK(G, UP, "", "13"), " 400 ");
	check_handshake(ASK(G, UP, K K, "13"), " 400 ");
	check_handshake(
	    ASK(G, UP, "Sec-WebSocket-Key: c2hvcnQ=\r\n", "13"), " 400 ");
	check_handshake(
	    ASK(G, UP, "Sec-WebSocket-Key: ???\r\n", "13"), " 400 ");
	check_handshake(ASK(G, UP, K, "8"), " 426 ");
	check_handshake(
	    ASK(G, UP, K, "8"), "\r\nSec-WebSocket-Version: 13\r\n");
#undef ASK
#undef UP
#undef K
#undef G
}

static void frames_may_follow_the_handshake_at_once(void **state)
{
	struct house *h = ws_house(NULL);
	struct net_pipe *p = house_dial(h);
	struct buf b = { 0 };

	(void)state;
	buf_add_text(&b, HANDSHAKE);
	add_frame(&b, 0x81, STR("early"));
	net_memory_write(p, buf_str(&b));
	house_heard(h, "GET /ws; open; early; ");
	buf_done(&b);
	leave(h, p);
}

static void upgrade_and_greet(struct house *h, const struct http_request *rq)
{
	upgrade(h, rq);
	net_send(h->net, h->peer, STR("hello"));
}

static void a_held_handshake_is_not_overtaken(void **state)
{
	struct house *h = ws_house(NULL);
	struct net_pipe *p = house_dial(h);
	char *got;

	(void)state;
	h->on_request = upgrade_and_greet;
	net_mark(h->net, 5);
	house_say(p, HANDSHAKE);
	say_frame(p, 0x89, STR("ping"));
	net_send_now(h->net, h->peer, STR("now"));
	house_gets(p, "");
	net_release(h->net, 5);
	got = house_got(p);
	assert_true(str_starts(str_of(got), "HTTP/1.1 101 "));
	/* behind it greeting, pong and word, in the order they were posted */
	assert_string_equal(strstr(got, "\r\n\r\n"),
	    "\r\n\r\n\x81\x05hello\x8a\x04ping\x81\x03now");
	mem_free(got);
	/* from then on pongs pass what is held */
	net_send(h->net, h->peer, STR("free"));
	net_mark(h->net, 9);
	net_send(h->net, h->peer, STR("held"));
	say_frame(p, 0x89, STR("2"));
	house_gets(p, "\x81\x04"
	              "free\x8a\x01"
	              "2");
	leave(h, p);
}

/* ---- messages ------------------------------------------------------------ */

static void messages_are_echoed_at_every_length(void **state)
{
	static const size_t sizes[] = { 0, 1, 7, 8, 9, 124, 125, 126, 127, 128,
		65535, 65536 };
	struct house *h = ws_house(NULL);
	struct net_pipe *p = ws_dial(h);
	char *text = mem_new(65537);
	size_t i;

	(void)state;
	h->on_message = echo;
	for (i = 0; i < 65536; i++)
		text[i] = (char)('a' + i % 26);
	for (i = 0; i < countof(sizes); i++) {
		say_frame(p, 0x81, (struct str){ text, sizes[i] });
		gets_frame(p, 0x81, (struct str){ text, sizes[i] });
	}
	mem_free(text);
	leave(h, p);
}

static void frames_may_come_byte_by_byte(void **state)
{
	struct house *h = ws_house(NULL);
	struct net_pipe *p = ws_dial(h);
	struct buf b = { 0 };
	char text[300];
	size_t i;

	(void)state;
	memset(text, 'x', sizeof(text));
	add_frame(&b, 0x01, STR("caf\xc3")); /* cut within a character */
	add_frame(&b, 0x89, STR("ping"));
	add_frame(&b, 0x00, STR(""));
	add_frame(&b, 0x80, STR("\xa9!"));
	add_frame(&b, 0x82, (struct str){ text, sizeof(text) });
	for (i = 0; i < b.len; i++)
		net_memory_write(p, str_sub(buf_str(&b), i, 1));
	house_heard(h, "caf\xc3\xa9!; binary 300; ");
	gets_frame(p, 0x8a, STR("ping"));
	buf_done(&b);
	leave(h, p);
}

static void binary_without_a_taker_is_refused(void **state)
{
	struct house *h = house_new(NET_HTTP, NULL);
	struct net_listen how = house_listen(h, NET_HTTP);
	struct net_listener *l;
	struct net_pipe *p;

	(void)state;
	h->on_request = upgrade;
	how.app.binary = NULL;
	assert_int_equal(net_listen(h->net, &how, &l, NULL), 0);
	p = net_memory_dial(l, "10.0.0.5");
	house_say(p, HANDSHAKE);
	mem_free(house_got(p));
	say_frame(p, 0x82, STR("\x01"));
	gets_frame(p, 0x88,
	    STR("\x03\xeb"
	        "text only"));
	leave(h, p);
}

/* ---- what is refused ----------------------------------------------------- */

/* These bytes, raw, end the talk with this code, however they are cut. */
static void check_raw(struct str bytes, unsigned code)
{
	struct house *h;
	struct net_pipe *p;
	size_t i, slow;

	for (slow = 0; slow < 2; slow++) {
		h = ws_house(NULL);
		p = ws_dial(h);
		for (i = 0; slow && i < bytes.n; i++)
			net_memory_write(p, str_sub(bytes, i, 1));
		if (!slow)
			net_memory_write(p, bytes);
		gets_close(p, code);
		loop_poll(h->loop);
		house_heard(h, code == 1009 ? "gone limit; " : "gone error; ");
		assert_true(net_memory_is_closed(p));
		leave(h, p);
	}
}
#define RAW(literal, code)                                                     \
	check_raw((struct str){ literal, sizeof(literal) - 1 }, code)
#define MASK "\0\0\0\0"

static void broken_frames_are_protocol_errors(void **state)
{
	(void)state;
	RAW("\x81\x01x", 1002);     /* not masked */
	RAW("\x89\x00", 1002);      /* nor is the ping */
	RAW("\xc1\x80" MASK, 1002); /* reserved bits */
	RAW("\xa1\x80" MASK, 1002);
	RAW("\x91\x80" MASK, 1002);
	RAW("\x83\x80" MASK, 1002); /* reserved opcodes */
	RAW("\x87\x80" MASK, 1002);
	RAW("\x8b\x80" MASK, 1002);
	RAW("\x8f\x80" MASK, 1002);
	RAW("\x09\x80" MASK, 1002); /* a ping in fragments */
	RAW("\x08\x80" MASK, 1002);
	RAW("\x89\xfe\x00\x7e" MASK, 1002); /* a ping over 125 */
	RAW("\x80\x80" MASK, 1002);         /* nothing to continue */
	RAW("\x00\x80" MASK, 1002);
	RAW("\x01\x80" MASK "\x81\x80" MASK, 1002); /* two at once */
	RAW("\x01\x80" MASK "\x02\x80" MASK, 1002);
	RAW("\x81\xfe\x00\x7d" MASK, 1002); /* lengths not in shortest form */
	RAW("\x81\xff\0\0\0\0\0\0\xff\xff" MASK, 1002);
	RAW("\x81\xff\x80\0\0\0\0\0\0\0" MASK, 1002);
	RAW("\x81\xff\0\0\0\0\0\x01\0\x01" MASK, 1009); /* 64 KiB and one */
	RAW("\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff" MASK, 1009);
}

static void close_frames_are_checked(void **state)
{
	(void)state;
	RAW("\x88\x81" MASK "\x03", 1002);     /* half a code */
	RAW("\x88\x82" MASK "\x03\xed", 1002); /* 1005 */
	RAW("\x88\x86" MASK "\x03\xe8\xc3(ok", 1007);
	RAW("\x88\x83" MASK "\x03\xe8\xc3", 1007); /* cut character */
}

static void codes_of_the_registry_may_be_sent(void **state)
{
	static const unsigned good[] = { 1000, 1001, 1002, 1003, 1007, 1008,
		1009, 1010, 1011, 1012, 1014, 3000, 3999, 4000, 4999 };
	static const unsigned bad[] = { 0, 1, 999, 1004, 1005, 1006, 1015, 1016,
		1100, 2000, 2999, 5000, 65535 };
	struct house *h;
	struct net_pipe *p;
	char body[2];
	size_t i;

	(void)state;
	for (i = 0; i < countof(good) + countof(bad); i++) {
		unsigned code =
		    i < countof(good) ? good[i] : bad[i - countof(good)];

		h = ws_house(NULL);
		p = ws_dial(h);
		body[0] = (char)(code >> 8);
		body[1] = (char)code;
		say_frame(p, 0x88, (struct str){ body, 2 });
		gets_close(p, i < countof(good) ? code : 1002);
		house_heard(
		    h, i < countof(good) ? "gone peer; " : "gone error; ");
		leave(h, p);
	}
}

static void text_must_be_utf8(void **state)
{
	static const char *const bad[] = {
		"\xff",
		"a\x80",
		"\xc0\xaf",
		"\xc1\xbf",
		"\xe0\x9f\xbf",
		"\xed\xa0\x80",
		"\xed\xbf\xbf",
		"\xf0\x8f\xbf\xbf",
		"\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80",
		"\xc3(",
		"\xe2\x82(",
		"ok\xc3",
		"\xf0\x9f\x98",
	};
	static const char *const good[] = {
		"\xc2\x80",
		"\xdf\xbf",
		"\xe0\xa0\x80",
		"\xed\x9f\xbf",
		"\xee\x80\x80",
		"\xef\xbf\xbf",
		"\xf0\x90\x80\x80",
		"\xf4\x8f\xbf\xbf",
		"plain",
		"",
	};
	struct buf b = { 0 };
	struct house *h;
	struct net_pipe *p;
	size_t i, at;

	(void)state;
	for (i = 0; i < countof(bad); i++) {
		add_frame(&b, 0x81, str_of(bad[i]));
		check_raw(buf_str(&b), 1007);
		buf_clear(&b);
	}
	/* cut into fragments at every byte */
	for (i = 0; i < countof(good); i++) {
		h = ws_house(NULL);
		p = ws_dial(h);
		h->on_message = echo;
		add_frame(&b, 0x01, STR_NONE);
		for (at = 0; at < strlen(good[i]); at++)
			add_frame(&b, 0x00, (struct str){ good[i] + at, 1 });
		add_frame(&b, 0x80, STR_NONE);
		net_memory_write(p, buf_str(&b));
		gets_frame(p, 0x81, str_of(good[i]));
		buf_clear(&b);
		leave(h, p);
	}
	buf_done(&b);
}

static void bad_text_ends_the_talk_before_the_frame_does(void **state)
{
	(void)state;
	/* 100 bytes announced, two sent */
	RAW("\x81\xe4" MASK "\xed\xa0", 1007);
	/* and in a fragment, with the end of the message to come */
	RAW("\x01\x82" MASK "\xf4\x90", 1007);
}

static void binary_may_be_anything(void **state)
{
	struct house *h = ws_house(NULL);
	struct net_pipe *p = ws_dial(h);

	(void)state;
	say_frame(p, 0x82, STR("\xff\xfe\xc0"));
	house_heard(h, "binary 3; ");
	leave(h, p);
}

/* ---- limits -------------------------------------------------------------- */

static void check_fragments(unsigned count, size_t each, unsigned code)
{
	struct house *h = ws_house(NULL);
	struct net_pipe *p = ws_dial(h);
	struct buf b = { 0 };
	char *text = mem_new(each + 1);
	unsigned i;

	memset(text, 'x', each);
	for (i = 0; i < count; i++)
		add_frame(&b, (i == 0 ? 2 : 0) | (i == count - 1 ? 0x80 : 0),
		    (struct str){ text, each });
	net_memory_write(p, buf_str(&b));
	loop_poll(h->loop);
	if (code != 0) {
		gets_close(p, code);
		house_heard(h, "gone limit; ");
	} else {
		assert_int_equal(buf_str(&h->journal).p[0], 'b');
	}
	mem_free(text);
	buf_done(&b);
	leave(h, p);
}

static void fragments_and_bytes_are_limited(void **state)
{
	(void)state;
	check_fragments(63, 0, 0);
	check_fragments(64, 0, 0);
	check_fragments(65, 0, 1009);
	check_fragments(1, 65535, 0);
	check_fragments(1, 65536, 0);
	check_fragments(1, 65537, 1009);
	check_fragments(64, 1024, 0);
	check_fragments(2, 32769, 1009);
}

/* ---- closing ------------------------------------------------------------- */

static void the_peers_close_is_answered(void **state)
{
	struct house *h = ws_house(NULL);
	struct net_pipe *p = ws_dial(h);

	(void)state;
	say_frame(p, 0x88,
	    STR("\x03\xe9"
	        "going away"));
	gets_close(p, 1001);
	assert_true(net_memory_is_closed(p));
	house_heard(h, "gone peer; ");
	net_memory_hang_up(p);
	p = ws_dial(h);
	say_frame(p, 0x88, STR_NONE);
	gets_frame(p, 0x88, STR_NONE);
	leave(h, p);
}

static void after_a_close_nothing_is_heard(void **state)
{
	struct house *h = ws_house(NULL);
	struct net_pipe *p = ws_dial(h);
	struct buf b = { 0 };

	(void)state;
	add_frame(&b, 0x88, STR("\x03\xe8"));
	add_frame(&b, 0x81, STR("ghost"));
	add_frame(&b, 0x89, STR("ghost"));
	net_memory_write(p, buf_str(&b));
	gets_close(p, 1000);
	house_heard(h, "gone peer; ");
	buf_done(&b);
	leave(h, p);
}

static void our_close_waits_for_the_answer(void **state)
{
	struct house *h = ws_house(NULL);
	struct net_pipe *p = ws_dial(h);

	(void)state;
	net_send(h->net, h->peer, STR("last"));
	net_close(h->net, h->peer, 4001, "signed out");
	house_gets(p, "\x81\x04last\x88\x0c\x0f\xa1signed out");
	assert_false(net_memory_is_closed(p));
	say_frame(p, 0x81, STR("not heard"));
	say_frame(p, 0x89, STR("not answered"));
	house_heard(h, "");
	say_frame(p, 0x88, STR("\x0f\xa1"));
	house_gets(p, "");
	assert_true(net_memory_is_closed(p));
	house_heard(h, "gone us; ");
	leave(h, p);
}

static void our_close_does_not_wait_for_ever(void **state)
{
	struct house *h = ws_house(NULL);
	struct net_pipe *p = ws_dial(h);

	(void)state;
	net_close(h->net, h->peer, 1000, "");
	loop_poll(h->loop);
	house_wait(h, 4999);
	assert_false(net_memory_is_closed(p));
	house_wait(h, 1);
	assert_true(net_memory_is_closed(p));
	house_heard(h, "gone us; ");
	leave(h, p);
}

static void a_code_that_may_not_be_sent_becomes_normal(void **state)
{
	struct house *h = ws_house(NULL);
	struct net_pipe *p = ws_dial(h);

	(void)state;
	net_close(h->net, h->peer, 1006, NULL);
	gets_close(p, 1000);
	leave(h, p);
}

static void a_long_reason_is_cut_between_characters(void **state)
{
	struct house *h = ws_house(NULL);
	struct net_pipe *p = ws_dial(h);
	char reason[202] = "x";
	char want[102] = "\x03\xe8x";
	int i;

	(void)state;
	for (i = 0; i < 100; i++)
		memcpy(reason + 1 + 2 * i, "\xc3\xa9", 3);
	memcpy(want + 3, reason + 1, 98);
	net_close(h->net, h->peer, 1000, reason);
	gets_frame(p, 0x88, (struct str){ want, 101 });
	leave(h, p);
}

static void a_hang_up_without_a_close_is_noticed(void **state)
{
	struct house *h = ws_house(NULL);
	struct net_pipe *p = ws_dial(h);

	(void)state;
	net_memory_hang_up(p);
	loop_poll(h->loop);
	house_heard(h, "gone peer; ");
	house_free(h);
}

/* ---- time ---------------------------------------------------------------- */

static void who_misses_two_pings_is_gone(void **state)
{
	struct house *h = ws_house(NULL);
	struct net_pipe *p = ws_dial(h);

	(void)state;
	say_frame(p, 0x81, STR("here"));
	house_heard(h, "here; ");
	house_wait(h, 24999);
	house_gets(p, "");
	house_wait(h, 1);
	gets_frame(p, 0x89, STR_NONE);
	house_wait(h, 25000);
	gets_frame(p, 0x89, STR_NONE);
	say_frame(p, 0x8a, STR_NONE); /* late, but alive */
	house_wait(h, 25000);
	gets_frame(p, 0x89, STR_NONE);
	house_wait(h, 25000);
	gets_frame(p, 0x89, STR_NONE);
	house_wait(h, 24999);
	house_heard(h, "");
	house_wait(h, 1);
	house_heard(h, "gone timeout; ");
	leave(h, p);
}

static void a_silent_socket_is_closed(void **state)
{
	struct house *h = ws_house(NULL);
	struct net_pipe *p = ws_dial(h);

	(void)state;
	house_wait(h, 3000);
	say_frame(p, 0x89, STR("alive")); /* is no message */
	gets_frame(p, 0x8a, STR("alive"));
	house_wait(h, 1999);
	house_gets(p, "");
	house_wait(h, 1);
	gets_frame(p, 0x88,
	    STR("\x03\xf0"
	        "no message came"));
	leave(h, p);
}

static void pongs_nobody_reads_are_a_backlog_too(void **state)
{
	static const struct net_limits limits = { .backlog_max = 10000 };
	struct house *h = ws_house(&limits);
	struct net_pipe *p = ws_dial(h);
	char text[100];
	int i;

	(void)state;
	memset(text, 'x', sizeof(text));
	for (i = 0; i < 1000; i++)
		say_frame(p, 0x89, (struct str){ text, sizeof(text) });
	loop_poll(h->loop);
	house_heard(h, "gone limit; ");
	leave(h, p);
}

static void running_out_of_memory_costs_one_peer(void **state)
{
	struct buf b = { 0 };
	struct house *h;
	struct net_pipe *p, *q;
	size_t n;

	(void)state;
	add_frame(&b, 0x01, STR("in "));
	add_frame(&b, 0x89, STR("ping"));
	add_frame(&b, 0x80, STR("two"));
	for (n = 1; n < 60; n++) {
		h = ws_house(NULL);
		h->on_message = echo;
		p = house_dial(h);
		mem_fail_after(n);
		house_say(p, HANDSHAKE);
		net_memory_write(p, buf_str(&b));
		loop_poll(h->loop);
		mem_fail_after(0);
		buf_clear(&h->journal);
		q = ws_dial(h);
		say_frame(q, 0x81, STR("well?"));
		gets_frame(q, 0x81, STR("well?"));
		net_memory_hang_up(q);
		leave(h, p);
	}
	buf_done(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_handshake_is_that_of_the_rfc),
		cmocka_unit_test(other_handshakes_are_refused),
		cmocka_unit_test(frames_may_follow_the_handshake_at_once),
		cmocka_unit_test(a_held_handshake_is_not_overtaken),
		cmocka_unit_test(messages_are_echoed_at_every_length),
		cmocka_unit_test(frames_may_come_byte_by_byte),
		cmocka_unit_test(binary_without_a_taker_is_refused),
		cmocka_unit_test(broken_frames_are_protocol_errors),
		cmocka_unit_test(close_frames_are_checked),
		cmocka_unit_test(codes_of_the_registry_may_be_sent),
		cmocka_unit_test(text_must_be_utf8),
		cmocka_unit_test(bad_text_ends_the_talk_before_the_frame_does),
		cmocka_unit_test(binary_may_be_anything),
		cmocka_unit_test(fragments_and_bytes_are_limited),
		cmocka_unit_test(the_peers_close_is_answered),
		cmocka_unit_test(after_a_close_nothing_is_heard),
		cmocka_unit_test(our_close_waits_for_the_answer),
		cmocka_unit_test(our_close_does_not_wait_for_ever),
		cmocka_unit_test(a_code_that_may_not_be_sent_becomes_normal),
		cmocka_unit_test(a_long_reason_is_cut_between_characters),
		cmocka_unit_test(a_hang_up_without_a_close_is_noticed),
		cmocka_unit_test(who_misses_two_pings_is_gone),
		cmocka_unit_test(a_silent_socket_is_closed),
		cmocka_unit_test(pongs_nobody_reads_are_a_backlog_too),
		cmocka_unit_test(running_out_of_memory_costs_one_peer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
