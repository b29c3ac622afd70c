/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_net_peer.c - peers as upstairs sees them: handles, marks, lines, limits.
 */
#include "net_house.h"

#include <unistd.h>

#include "net/limits.h"

/* ---- lines --------------------------------------------------------------- */

static void lines_are_messages(void **state)
{
	struct house *h = house_new(NET_LINES, NULL);
	struct net_pipe *p = house_dial(h);

	(void)state;
	house_heard(h, "open; ");
	house_say(p, "one\ntwo\r\n\n\r\nthr");
	house_heard(h, "one; two; ");
	house_say(p, "ee\n");
	house_heard(h, "three; ");
	net_send(h->net, h->peer, STR("{\"a\":1}"));
	net_send(h->net, h->peer, STR("{\n\"b\":2}"));
	house_gets(p, "{\"a\":1}\n{ \"b\":2}\n");
	net_memory_hang_up(p);
	loop_poll(h->loop);
	house_heard(h, "gone peer; ");
	house_free(h);
}

static void lines_may_come_byte_by_byte(void **state)
{
	static const char text[] = "one\r\ntwo\n";
	struct house *h = house_new(NET_LINES, NULL);
	struct net_pipe *p = house_dial(h);
	size_t i;

	(void)state;
	for (i = 0; i < strlen(text); i++)
		net_memory_write(p, (struct str){ text + i, 1 });
	house_heard(h, "open; one; two; ");
	net_memory_hang_up(p);
	house_free(h);
}

/* A line of n bytes, its end not counted, byte by byte or at once. */
static void say_line(struct net_pipe *p, size_t n, const char *end, bool slow)
{
	struct buf b = { 0 };
	size_t i;

	for (i = 0; i < n; i++)
		buf_add_char(&b, 'x');
	buf_add_text(&b, end);
	for (i = 0; slow && i < b.len; i++)
		net_memory_write(p, str_sub(buf_str(&b), i, 1));
	if (!slow)
		net_memory_write(p, buf_str(&b));
	buf_done(&b);
}

static void check_line(size_t n, const char *end, bool fits, bool slow)
{
	struct house *h = house_new(NET_LINES, NULL);
	struct net_listen how = house_listen(h, NET_LINES);
	struct net_listener *l;
	struct net_pipe *p;

	how.message_max = 10;
	assert_int_equal(net_listen(h->net, &how, &l, NULL), 0);
	p = net_memory_dial(l, "10.0.0.5");
	say_line(p, n, end, slow);
	loop_poll(h->loop);
	if (fits) {
		house_heard(
		    h, n == 10 ? "open; xxxxxxxxxx; " : "open; xxxxxxxxx; ");
		house_gets(p, "");
	} else {
		house_heard(h, "open; gone limit; ");
		house_gets_with(p, "{\"error\":\"too-large\",");
		assert_true(net_memory_is_closed(p));
	}
	net_memory_hang_up(p);
	house_free(h);
}

static void a_line_over_the_limit_ends_the_talk(void **state)
{
	unsigned slow;

	(void)state;
	for (slow = 0; slow < 2; slow++) {
		check_line(9, "\n", true, slow);
		check_line(10, "\n", true, slow);
		check_line(10, "\r\n", true, slow);
		check_line(11, "\n", false, slow);
		check_line(11, "\r\n", false, slow);
		check_line(12, "", false, slow);
		check_line(500000, "\n", false, false);
	}
}

static void a_line_that_is_no_text_ends_the_talk(void **state)
{
	struct house *h = house_new(NET_LINES, NULL);
	struct net_pipe *p = house_dial(h);

	(void)state;
	house_say(p, "good\n\xc3(\nnever heard\n");
	house_heard(h, "open; good; gone error; ");
	house_gets_with(p, "{\"error\":\"syntax\",");
	assert_true(net_memory_is_closed(p));
	assert_int_equal(house_stats(h).framing_errors, 1);
	net_memory_hang_up(p);
	house_free(h);
}

static void a_silent_peer_is_closed(void **state)
{
	struct house *h = house_new(NET_LINES, NULL);
	struct net_pipe *silent = house_dial(h);
	struct net_pipe *speaks = house_dial(h);
	struct net_pipe *known = house_dial(h);

	(void)state;
	net_trust(h->net, h->peer);
	house_say(speaks, "x\n");
	house_wait(h, 4999);
	assert_false(net_memory_is_closed(silent));
	house_wait(h, 1);
	assert_true(net_memory_is_closed(silent));
	house_wait(h, 3600000);
	assert_false(net_memory_is_closed(speaks));
	assert_false(net_memory_is_closed(known));
	house_heard(h, "open; open; open; x; gone timeout; ");
	net_memory_hang_up(silent);
	net_memory_hang_up(speaks);
	net_memory_hang_up(known);
	house_free(h);
}

static void many_lines_at_once_take_several_turns(void **state)
{
	struct house *h = house_new(NET_LINES, NULL);
	struct net_pipe *p = house_dial(h);
	struct buf b = { 0 };
	size_t i, before;

	(void)state;
	for (i = 0; i < 1000; i++)
		buf_add_text(&b, "a\n");
	buf_clear(&h->journal);
	net_memory_write(p, buf_str(&b));
	before = h->journal.len;
	assert_true(before < 1000 * 3);
	for (i = 0; i < 1000; i++)
		loop_poll(h->loop);
	assert_int_equal(h->journal.len, 1000 * 3);
	buf_done(&b);
	net_memory_hang_up(p);
	house_free(h);
}

/* ---- handles ------------------------------------------------------------- */

static void a_dead_handle_is_harmless(void **state)
{
	struct house *h = house_new(NET_LINES, NULL);
	struct net_pipe *p = house_dial(h);
	struct net_pipe *q;
	struct peer dead = h->peer;
	struct peer none = { 0, 0 };

	(void)state;
	assert_true(net_is_there(h->net, dead));
	assert_true(str_is(net_address(h->net, dead), "10.0.0.5"));
	net_memory_hang_up(p);
	loop_poll(h->loop);
	assert_false(net_is_there(h->net, dead));
	q = house_dial(h);
	assert_int_equal(h->peer.slot, dead.slot);
	assert_int_not_equal(h->peer.generation, dead.generation);
	net_set_tag(h->net, dead, 7);
	net_send(h->net, dead, STR("x"));
	net_send_now(h->net, dead, STR("x"));
	net_close(h->net, dead, 1000, "x");
	net_trust(h->net, dead);
	net_send(h->net, none, STR("x"));
	assert_int_equal(net_tag(h->net, dead), 0);
	assert_int_equal(net_tag(h->net, h->peer), 0);
	assert_true(net_is_there(h->net, h->peer));
	assert_null(net_address(h->net, dead).p);
	house_gets(q, "");
	net_memory_hang_up(q);
	house_free(h);
}

static void look_at_the_tag(struct house *h)
{
	buf_addf(&h->journal, "tag %d; ", (int)net_tag(h->net, h->peer));
	assert_false(net_is_there(h->net, h->peer));
	net_send(h->net, h->peer, STR("into the void"));
}

static void the_tag_is_there_until_the_end(void **state)
{
	struct house *h = house_new(NET_LINES, NULL);
	struct net_pipe *p = house_dial(h);

	(void)state;
	h->on_gone = look_at_the_tag;
	net_set_tag(h->net, h->peer, 42);
	net_memory_hang_up(p);
	loop_poll(h->loop);
	house_heard(h, "open; gone peer; tag 42; ");
	house_free(h);
}

static void close_itself(struct house *h, struct str text)
{
	(void)text;
	net_send(h->net, h->peer, STR("bye"));
	net_close(h->net, h->peer, 1000, "");
	net_send(h->net, h->peer, STR("too late"));
	net_close(h->net, h->peer, 1000, "");
}

static void a_callback_may_close_its_own_peer(void **state)
{
	struct house *h = house_new(NET_LINES, NULL);
	struct net_pipe *p = house_dial(h);

	(void)state;
	h->on_message = close_itself;
	house_say(p, "one\ntwo\nthree\n");
	house_heard(h, "open; one; gone us; ");
	house_gets(p, "bye\n");
	assert_true(net_memory_is_closed(p));
	net_memory_hang_up(p);
	house_free(h);
}

static void close_on_open(struct house *h)
{
	net_close(h->net, h->peer, 1000, "");
}

static void open_may_close_its_own_peer(void **state)
{
	struct house *h = house_new(NET_LINES, NULL);
	struct net_pipe *p;

	(void)state;
	h->on_open = close_on_open;
	p = house_dial(h);
	house_say(p, "x\n");
	loop_poll(h->loop);
	house_heard(h, "open; gone us; ");
	assert_true(net_memory_is_closed(p));
	net_memory_hang_up(p);
	house_free(h);
}

static struct peer others[2];

static void close_the_other(struct house *h, struct str text)
{
	struct peer other = others[others[0].slot == h->peer.slot];

	(void)text;
	net_close(h->net, other, 1000, "");
}

static void a_callback_may_close_another_peer(void **state)
{
	struct house *h = house_new(NET_LINES, NULL);
	struct net_pipe *p = house_dial(h);
	struct net_pipe *q;

	(void)state;
	others[0] = h->peer;
	q = house_dial(h);
	others[1] = h->peer;
	h->on_message = close_the_other;
	house_say(p, "x\n");
	assert_true(net_memory_is_closed(q));
	assert_false(net_memory_is_closed(p));
	house_heard(h, "open; open; x; gone us; ");
	net_memory_hang_up(p);
	net_memory_hang_up(q);
	house_free(h);
}

static struct net_pipe *other_end;

static void move_the_other_end(struct house *h, struct str text)
{
	(void)text;
	h->on_message = NULL;
	house_say(other_end, "from within\n");
	net_memory_hang_up(other_end);
}

static void clients_may_move_within_a_callback(void **state)
{
	struct house *h = house_new(NET_LINES, NULL);
	struct net_pipe *p = house_dial(h);

	(void)state;
	other_end = house_dial(h);
	h->on_message = move_the_other_end;
	house_say(p, "go\n");
	house_heard(h, "open; open; go; ");
	loop_poll(h->loop);
	loop_poll(h->loop);
	house_heard(h, "from within; gone peer; ");
	net_memory_hang_up(p);
	house_free(h);
}

static void close_then_wait(void *arg)
{
	struct house *h = arg;

	if (str_is(buf_str(&h->journal), "open; gone us; "))
		loop_stop(h->loop);
	else
		net_close(h->net, h->peer, 1000, "");
}

/* The peer goes after the turn that closed it: what upstairs made of `gone`
 * must not wait for some socket to speak. */
static void a_gone_peer_makes_another_turn(void **state)
{
	struct house *h = house_new(NET_LINES, NULL);
	struct net_listen how = house_listen(h, NET_LINES);
	struct net_listener *l;
	struct net_pipe *p;

	(void)state;
	how.first_message = 3600000;
	assert_int_equal(net_listen(h->net, &how, &l, NULL), 0);
	p = net_memory_dial(l, "10.0.0.5");
	alarm(20); /* or this waits for an hour */
	loop_wake(h->loop);
	loop_run(h->loop, close_then_wait, h);
	alarm(0);
	house_heard(h, "open; gone us; ");
	net_memory_hang_up(p);
	house_free(h);
}

static void the_net_may_go_before_its_clients(void **state)
{
	struct house *h = house_new(NET_LINES, NULL);
	struct net_pipe *p = house_dial(h);

	(void)state;
	house_heard(h, "open; ");
	net_send(h->net, h->peer, STR("never flushed"));
	net_free(h->net);
	house_heard(h, ""); /* and calls no `gone` */
	assert_true(net_memory_is_closed(p));
	house_say(p, "x\n");
	net_memory_hang_up(p);
	h->net = net_new(h->loop, NULL);
	house_free(h);
}

static void peers_outlive_their_listener(void **state)
{
	struct house *h = house_new(NET_LINES, NULL);
	struct net_pipe *p = house_dial(h);

	(void)state;
	net_unlisten(h->listener);
	house_say(p, "still here\n");
	house_heard(h, "open; still here; ");
	net_memory_hang_up(p);
	loop_poll(h->loop);
	house_heard(h, "gone peer; ");
	house_free(h);
}

/* ---- the mark gate ------------------------------------------------------- */

static void writes_wait_for_their_mark(void **state)
{
	struct house *h = house_new(NET_LINES, NULL);
	struct net_pipe *p = house_dial(h);

	(void)state;
	net_send(h->net, h->peer, STR("zero"));
	net_mark(h->net, 5);
	net_send(h->net, h->peer, STR("five"));
	net_mark(h->net, 6);
	net_send(h->net, h->peer, STR("six"));
	house_gets(p, "zero\n");
	assert_int_equal(house_stats(h).held, 2);
	net_release(h->net, 4);
	house_gets(p, "");
	net_release(h->net, 5);
	house_gets(p, "five\n");
	net_send(h->net, h->peer, STR("six again"));
	house_gets(p, "");
	net_release(h->net, 9);
	house_gets(p, "six\nsix again\n");
	net_send(h->net, h->peer, STR("at once"));
	house_gets(p, "at once\n");
	assert_int_equal(house_stats(h).held, 0);
	net_memory_hang_up(p);
	house_free(h);
}

static void a_lower_mark_never_overtakes(void **state)
{
	struct house *h = house_new(NET_LINES, NULL);
	struct net_pipe *p = house_dial(h);

	(void)state;
	net_mark(h->net, 5);
	net_send(h->net, h->peer, STR("first"));
	net_mark(h->net, 0);
	net_send(h->net, h->peer, STR("second"));
	house_gets(p, "");
	net_release(h->net, 5);
	house_gets(p, "first\nsecond\n");
	net_memory_hang_up(p);
	house_free(h);
}

static void each_peer_waits_for_its_own_mark_only(void **state)
{
	struct house *h = house_new(NET_LINES, NULL);
	struct net_pipe *p = house_dial(h);
	struct peer first = h->peer;
	struct net_pipe *q = house_dial(h);

	(void)state;
	net_mark(h->net, 5);
	net_send(h->net, first, STR("held"));
	net_mark(h->net, 0);
	net_send(h->net, h->peer, STR("free"));
	house_gets(p, "");
	house_gets(q, "free\n");
	net_memory_hang_up(p);
	net_memory_hang_up(q);
	house_free(h);
}

static void send_now_passes_what_is_held(void **state)
{
	struct house *h = house_new(NET_LINES, NULL);
	struct net_pipe *p = house_dial(h);

	(void)state;
	net_send_now(h->net, h->peer, STR("typing"));
	net_mark(h->net, 5);
	net_send(h->net, h->peer, STR("held"));
	net_send_now(h->net, h->peer, STR("typing on"));
	house_gets(p, "typing\ntyping on\n");
	net_release(h->net, 5);
	house_gets(p, "held\n");
	net_memory_hang_up(p);
	house_free(h);
}

static void a_close_waits_for_its_mark_too(void **state)
{
	struct house *h = house_new(NET_LINES, NULL);
	struct net_pipe *p = house_dial(h);
	struct peer peer = h->peer;

	(void)state;
	net_mark(h->net, 5);
	net_send(h->net, peer, STR("last words"));
	net_mark(h->net, 6);
	net_close(h->net, peer, 1000, "");
	assert_false(net_is_there(h->net, peer));
	net_send(h->net, peer, STR("never"));
	net_release(h->net, 5);
	house_gets(p, "last words\n");
	assert_false(net_memory_is_closed(p));
	house_say(p, "not heard\n");
	house_heard(h, "open; ");
	net_release(h->net, 6);
	loop_poll(h->loop);
	assert_true(net_memory_is_closed(p));
	house_heard(h, "gone us; ");
	net_memory_hang_up(p);
	house_free(h);
}

static void held_writes_of_the_dead_are_dropped(void **state)
{
	struct house *h = house_new(NET_LINES, NULL);
	struct net_pipe *p = house_dial(h);
	struct net_pipe *q;

	(void)state;
	net_mark(h->net, 5);
	net_send(h->net, h->peer, STR("held for p"));
	net_memory_hang_up(p);
	loop_poll(h->loop);
	q = house_dial(h);
	net_send(h->net, h->peer, STR("held for q"));
	net_release(h->net, 5);
	house_gets(q, "held for q\n");
	assert_int_equal(house_stats(h).held, 0);
	net_memory_hang_up(q);
	house_free(h);
}

static void order_holds_over_many_marks_and_peers(void **state)
{
	struct house *h = house_new(NET_LINES, NULL);
	struct net_pipe *pipes[3];
	struct peer peers[3];
	struct buf want[3] = { { 0 } };
	char text[32];
	char *got;
	unsigned i, who;

	(void)state;
	for (i = 0; i < 3; i++) {
		pipes[i] = house_dial(h);
		peers[i] = h->peer;
	}
	/* Enough for the held bytes to be moved up more than once. */
	for (i = 1; i <= 20000; i++) {
		who = i * 7 % 3;
		snprintf(text, sizeof(text), "%u", i);
		net_mark(h->net, i);
		net_send(h->net, peers[who], str_of(text));
		buf_addf(&want[who], "%u\n", i);
		if (i > 5000)
			net_release(h->net, i - 5000);
	}
	assert_int_equal(house_stats(h).held, 5000);
	net_release(h->net, 20000);
	for (i = 0; i < 3; i++) {
		got = house_got(pipes[i]);
		assert_string_equal(got, want[i].data);
		mem_free(got);
		buf_done(&want[i]);
		net_memory_hang_up(pipes[i]);
	}
	house_free(h);
}

/* ---- limits -------------------------------------------------------------- */

static void a_slow_reader_is_dropped_at_the_limit(void **state)
{
	static const struct net_limits limits = { .backlog_max = 1000 };
	struct house *h = house_new(NET_LINES, &limits);
	struct net_pipe *p = house_dial(h);
	char kilo[1000];

	(void)state;
	memset(kilo, 'x', sizeof(kilo));
	net_mark(h->net, 5); /* what is held counts too */
	net_send(h->net, h->peer, (struct str){ kilo, 499 });
	net_send(h->net, h->peer, (struct str){ kilo, 499 });
	loop_poll(h->loop);
	assert_true(net_is_there(h->net, h->peer));
	net_send(h->net, h->peer, STR(""));
	loop_poll(h->loop);
	house_heard(h, "open; gone limit; ");
	assert_true(net_memory_is_closed(p));
	assert_int_equal(house_stats(h).slow_dropped, 1);
	net_memory_hang_up(p);
	house_free(h);
}

static void a_reader_that_reads_has_no_backlog(void **state)
{
	static const struct net_limits limits = { .backlog_max = 100000 };
	struct house *h = house_new(NET_LINES, &limits);
	struct net_pipe *p = house_dial(h);
	struct peer peer = h->peer;
	char big[50000];
	char *got;
	unsigned i;

	(void)state;
	memset(big, 'x', sizeof(big));
	for (i = 0; i < 20; i++) {
		net_send(h->net, peer, (struct str){ big, sizeof(big) });
		loop_poll(h->loop);
		net_send(h->net, peer, (struct str){ big, sizeof(big) - 2 });
		got = house_got(p);
		assert_int_equal(strlen(got), 2 * sizeof(big));
		mem_free(got);
	}
	assert_true(net_is_there(h->net, peer));
	net_memory_hang_up(p);
	house_free(h);
}

static void a_peer_that_takes_nothing_is_dropped_in_time(void **state)
{
	struct house *h = house_new(NET_LINES, NULL);
	struct net_pipe *p = house_dial(h);
	char big[100000];

	(void)state;
	net_trust(h->net, h->peer);
	memset(big, 'x', sizeof(big));
	house_wait(h, 60000); /* not slow while there is nothing to take */
	net_send(h->net, h->peer, (struct str){ big, sizeof(big) });
	house_wait(h, 29000);
	house_heard(h, "open; ");
	house_wait(h, 29999);
	house_heard(h, "");
	house_wait(h, 1);
	house_heard(h, "gone timeout; ");
	net_memory_hang_up(p);
	house_free(h);
}

static void strangers_from_one_address_are_limited(void **state)
{
	static const struct net_limits limits = { .per_address_max = 2 };
	struct house *h = house_new(NET_LINES, &limits);
	struct net_pipe *pipes[6];
	size_t i;

	(void)state;
	pipes[0] = net_memory_dial(h->listener, "10.0.0.5");
	pipes[1] = net_memory_dial(h->listener, "10.0.0.5");
	pipes[2] = net_memory_dial(h->listener, "10.0.0.5");
	assert_true(net_memory_is_closed(pipes[2]));
	assert_int_equal(house_stats(h).refused_limit, 1);
	pipes[3] = net_memory_dial(h->listener, "10.0.0.6");
	assert_false(net_memory_is_closed(pipes[3]));
	/* one who has proved himself does not count, nor one who has left */
	net_trust(h->net, (struct peer){ 0, 1 });
	pipes[4] = net_memory_dial(h->listener, "10.0.0.5");
	assert_false(net_memory_is_closed(pipes[4]));
	net_memory_hang_up(pipes[1]);
	loop_poll(h->loop);
	pipes[1] = net_memory_dial(h->listener, "10.0.0.5");
	assert_false(net_memory_is_closed(pipes[1]));
	pipes[5] = net_memory_dial(h->listener, "10.0.0.5");
	assert_true(net_memory_is_closed(pipes[5]));
	assert_int_equal(house_stats(h).refused_limit, 2);
	for (i = 0; i < countof(pipes); i++)
		net_memory_hang_up(pipes[i]);
	house_free(h);
}

static void the_trusted_do_not_give_their_place_twice(void **state)
{
	static const struct net_limits limits = { .per_address_max = 1 };
	struct house *h = house_new(NET_LINES, &limits);
	struct net_pipe *p = house_dial(h);
	struct net_pipe *q, *r;

	(void)state;
	net_trust(h->net, h->peer);
	net_trust(h->net, h->peer);
	q = house_dial(h);
	assert_false(net_memory_is_closed(q));
	net_memory_hang_up(p);
	loop_poll(h->loop);
	r = house_dial(h);
	assert_true(net_memory_is_closed(r));
	net_memory_hang_up(q);
	net_memory_hang_up(r);
	house_free(h);
}

static void gateways_are_not_counted_by_address(void **state)
{
	static const struct net_limits limits = { .per_address_max = 1 };
	struct house *h = house_new(NET_LINES, &limits);
	struct net_listen how = house_listen(h, NET_LINES);
	struct net_listener *l;
	struct net_pipe *p, *q;

	(void)state;
	how.class = NET_GATEWAY;
	assert_int_equal(net_listen(h->net, &how, &l, NULL), 0);
	p = net_memory_dial(l, "10.0.0.5");
	q = net_memory_dial(l, "10.0.0.5");
	assert_false(net_memory_is_closed(p));
	assert_false(net_memory_is_closed(q));
	net_memory_hang_up(p);
	net_memory_hang_up(q);
	house_free(h);
}

static void a_gateway_that_says_nothing_is_closed(void **state)
{
	struct house *h = house_new(NET_LINES, NULL);
	struct net_listen how = house_listen(h, NET_LINES);
	struct net_listener *l;
	struct net_pipe *silent, *speaks;

	(void)state;
	how.class = NET_GATEWAY;
	assert_int_equal(net_listen(h->net, &how, &l, NULL), 0);
	silent = net_memory_dial(l, "10.0.0.5");
	speaks = net_memory_dial(l, "10.0.0.5");
	house_say(speaks, "x\n");
	house_wait(h, 5000);
	assert_true(net_memory_is_closed(silent));
	assert_false(net_memory_is_closed(speaks));
	net_memory_hang_up(silent);
	net_memory_hang_up(speaks);
	house_free(h);
}

static void the_last_fifth_is_not_for_customers(void **state)
{
	static const struct net_limits limits = { .peers_max = 5 };
	struct house *h = house_new(NET_LINES, &limits);
	struct net_listen how = house_listen(h, NET_LINES);
	struct net_listener *l;
	struct net_pipe *pipes[7];
	size_t i;

	(void)state;
	how.class = NET_CUSTOMER;
	assert_int_equal(net_listen(h->net, &how, &l, NULL), 0);
	for (i = 0; i < 5; i++)
		pipes[i] = net_memory_dial(l, "10.0.0.5");
	assert_false(net_memory_is_closed(pipes[3]));
	assert_true(net_memory_is_closed(pipes[4]));
	pipes[5] = house_dial(h); /* an agent */
	assert_false(net_memory_is_closed(pipes[5]));
	pipes[6] = house_dial(h);
	assert_true(net_memory_is_closed(pipes[6]));
	assert_int_equal(house_stats(h).peers, 5);
	for (i = 0; i < countof(pipes); i++)
		net_memory_hang_up(pipes[i]);
	house_free(h);
}

static void an_address_may_be_refused_by_the_app(void **state)
{
	struct house *h = house_new(NET_LINES, NULL);
	struct net_pipe *p;

	(void)state;
	h->refuses = true;
	p = house_dial(h);
	assert_true(net_memory_is_closed(p));
	house_say(p, "x\n");
	house_heard(h, "");
	assert_int_equal(house_stats(h).refused_address, 1);
	net_memory_hang_up(p);
	house_free(h);
}

static void addresses_are_counted_as_their_owners(void **state)
{
	(void)state;
	assert_int_equal(limits_key(STR("unix")), 0);
	assert_int_equal(limits_key(STR("")), 0);
	assert_int_not_equal(limits_key(STR("::1")), 0);
	assert_int_not_equal(limits_key(STR("0.0.0.0")), 0);
	assert_true(
	    limits_key(STR("10.0.0.5")) == limits_key(STR("::ffff:10.0.0.5")));
	assert_true(limits_key(STR("10.0.0.5")) != limits_key(STR("10.0.0.6")));
	/* one subscriber holds a whole /64 */
	assert_true(limits_key(STR("2001:db8::1")) ==
	            limits_key(STR("2001:db8::ffff:1")));
	assert_true(limits_key(STR("2001:db8::1")) !=
	            limits_key(STR("2001:db8:0:1::1")));
}

/* ---- memory -------------------------------------------------------------- */

static void echo(struct house *h, struct str text)
{
	net_send(h->net, h->peer, text);
}

/* Whatever allocation fails: at worst this one peer is lost, nothing leaks,
 * and the next one is served as if nothing had been. */
static void running_out_of_memory_costs_one_peer(void **state)
{
	struct house *h;
	struct net_pipe *p, *q;
	size_t n;

	(void)state;
	for (n = 1; n < 40; n++) {
		h = house_new(NET_LINES, NULL);
		h->on_message = echo;
		p = house_dial(h);
		mem_fail_after(n);
		net_mark(h->net, 5);
		house_say(p, "half of a li");
		house_say(p, "ne\nand another one\n");
		net_release(h->net, 5);
		loop_poll(h->loop);
		mem_fail_after(0);
		buf_clear(&h->journal);
		q = house_dial(h);
		house_say(q, "well?\n");
		loop_poll(h->loop);
		house_gets_with(q, "well?\n");
		net_memory_hang_up(p);
		net_memory_hang_up(q);
		house_free(h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_messages),
		cmocka_unit_test(lines_may_come_byte_by_byte),
		cmocka_unit_test(a_line_over_the_limit_ends_the_talk),
		cmocka_unit_test(a_line_that_is_no_text_ends_the_talk),
		cmocka_unit_test(a_silent_peer_is_closed),
		cmocka_unit_test(many_lines_at_once_take_several_turns),
		cmocka_unit_test(a_dead_handle_is_harmless),
		cmocka_unit_test(the_tag_is_there_until_the_end),
		cmocka_unit_test(a_callback_may_close_its_own_peer),
		cmocka_unit_test(open_may_close_its_own_peer),
		cmocka_unit_test(a_callback_may_close_another_peer),
		cmocka_unit_test(clients_may_move_within_a_callback),
		cmocka_unit_test(a_gone_peer_makes_another_turn),
		cmocka_unit_test(the_net_may_go_before_its_clients),
		cmocka_unit_test(peers_outlive_their_listener),
		cmocka_unit_test(writes_wait_for_their_mark),
		cmocka_unit_test(a_lower_mark_never_overtakes),
		cmocka_unit_test(each_peer_waits_for_its_own_mark_only),
		cmocka_unit_test(send_now_passes_what_is_held),
		cmocka_unit_test(a_close_waits_for_its_mark_too),
		cmocka_unit_test(held_writes_of_the_dead_are_dropped),
		cmocka_unit_test(order_holds_over_many_marks_and_peers),
		cmocka_unit_test(a_slow_reader_is_dropped_at_the_limit),
		cmocka_unit_test(a_reader_that_reads_has_no_backlog),
		cmocka_unit_test(a_peer_that_takes_nothing_is_dropped_in_time),
		cmocka_unit_test(strangers_from_one_address_are_limited),
		cmocka_unit_test(the_trusted_do_not_give_their_place_twice),
		cmocka_unit_test(gateways_are_not_counted_by_address),
		cmocka_unit_test(a_gateway_that_says_nothing_is_closed),
		cmocka_unit_test(the_last_fifth_is_not_for_customers),
		cmocka_unit_test(an_address_may_be_refused_by_the_app),
		cmocka_unit_test(addresses_are_counted_as_their_owners),
		cmocka_unit_test(running_out_of_memory_costs_one_peer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
