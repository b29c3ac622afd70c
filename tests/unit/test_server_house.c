/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_server_house.c - the whole house in one deterministic process.
 *
 * Cast: a server with an inline store, a clock of our own and doors in memory.
 * Plot: hours turn, the wall clock jumps, the power goes, and nothing leaves
 * before it is on disk.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/mem.h"
#include "server/doors.h"
#include "server/intake.h"
#include "server/proxy.h"
#include "server/server.h"

#define MONDAY_8 1795420800000 /* 2026-11-23 08:00 UTC */
#define MINUTE   60000

struct house {
	char dir[64];
	msec_t mono, wall;
	struct clock clock;
	struct server *server;
	size_t live;
};

static const char rules[] =
    "language 1;\n"
    "data \"%s/data\";\n"
    "listen pages 127.0.0.1:7;\n"
    "listen control \"c.sock\";\n"
    "hours office { zone \"UTC\"; open mon-fri 09:00-17:00; }\n"
    "channel chat site { origin \"https://a.example\"; }\n"
    "team day { takes chat 3; }\n"
    "agent joe { team day; }\n"
    "queue general { ring 20s; open office; closed { chat wait; } }\n"
    "route { otherwise -> queue general; }\n";

static msec_t mono(void *arg)
{
	return ((struct house *)arg)->mono;
}

static msec_t wall(void *arg)
{
	return ((struct house *)arg)->wall;
}

static void start(struct house *h)
{
	struct server_config how = {
		.clock = &h->clock, .inline_threads = true, .memory = true
	};
	struct config_notes notes = { 0 };
	struct fault why = { 0 };
	char *text = mem_textf(rules, h->dir);
	int err = config_parse("h.conf", str_of(text), &how.config, &notes);

	if (err != 0) {
		struct buf b = { 0 };
		config_notes_show(&notes, &b);
		print_error("%s\n", b.data);
	}
	assert_int_equal(err, 0);
	err = server_new(&how, &h->server, &why);
	if (err != 0)
		print_error("%s\n", why.text);
	assert_int_equal(err, 0);
	mem_free(text);
	config_notes_done(&notes);
}

static void turns(struct house *h, int n)
{
	while (n-- > 0) {
		loop_poll(h->server->loop);
		server_turn(h->server);
	}
}

static void pass(struct house *h, msec_t ms)
{
	h->mono += ms;
	h->wall += ms;
}

static int open_house(void **state)
{
	struct house *h = calloc(1, sizeof(*h));

	h->live = mem_live();
	memcpy(h->dir, "/tmp/house-XXXXXX", sizeof("/tmp/house-XXXXXX"));
	if (mkdtemp(h->dir) == NULL)
		return -1;
	h->mono = 1000;
	h->wall = MONDAY_8;
	h->clock = (struct clock){ mono, wall, h };
	log_set_level(LOG_ERROR);
	start(h);
	turns(h, 5);
	*state = h;
	return 0;
}

static int close_house(void **state)
{
	struct house *h = *state;
	char cmd[128];

	server_free(h->server);
	snprintf(cmd, sizeof(cmd), "rm -rf %s", h->dir);
	if (mem_live() != h->live)
		print_error("leaked %zu\n", mem_live() - h->live);
	int rc = mem_live() != h->live;
	if (system(cmd))
		rc = 1;
	free(h);
	return rc;
}

static void say(struct net_pipe *p, const char *key)
{
	char body[128], head[512];

	snprintf(
	    body, sizeof(body), "{\"text\":\"hello\",\"key\":\"%s\"}", key);
	snprintf(head, sizeof(head),
	    "POST /v1/main/chat/site HTTP/1.1\r\nHost: x\r\n"
	    "Content-Length: %zu\r\n\r\n%s",
	    strlen(body), body);
	net_memory_write(p, str_of(head));
}

static size_t heard(struct net_pipe *p, struct buf *b)
{
	buf_clear(b);
	net_memory_read(p, b);
	return b->len;
}

static void nothing_leaves_before_it_is_on_disk(void **state)
{
	struct house *h = *state;
	struct server *s = h->server;
	struct net_pipe *p =
	    net_memory_dial(doors_find(s, LISTENER_PAGES), "10.0.0.9");
	struct buf b = { 0 };
	uint64_t before = s->world->seq;
	int i;

	say(p, "one");
	for (i = 0; i < 20 && s->world->seq == before; i++)
		turns(h, 1);
	assert_true(s->world->seq > before);
	assert_true(store_committed(s->store) < s->world->seq);
	assert_int_equal(heard(p, &b), 0);
	turns(h, 3);
	assert_int_equal(store_committed(s->store), s->world->seq);
	assert_true(heard(p, &b) > 0);
	assert_non_null(strstr(b.data, "201 Created"));
	buf_done(&b);
	net_memory_hang_up(p);
}

static void what_was_not_on_disk_is_gone_after_a_crash(void **state)
{
	struct house *h = *state;
	struct server *s = h->server;
	struct net_pipe *p =
	    net_memory_dial(doors_find(s, LISTENER_PAGES), "10.0.0.9");
	uint64_t before = s->world->seq;
	uint64_t committed;
	int i;

	say(p, "one");
	for (i = 0; i < 20 && s->world->seq == before; i++)
		turns(h, 1);
	committed = store_committed(s->store);
	assert_true(committed < s->world->seq);
	net_memory_hang_up(p);
	server_crash(s);
	start(h);
	assert_int_equal(h->server->recovered, committed);
	assert_int_equal(h->server->world->tally.arrived, 0);
}

static void hours_open_at_nine_and_close_at_five(void **state)
{
	struct house *h = *state;

	assert_false(world_hours_open(h->server->world, 0));
	pass(h, 59 * MINUTE);
	turns(h, 3);
	assert_false(world_hours_open(h->server->world, 0));
	pass(h, MINUTE);
	turns(h, 5);
	assert_true(world_hours_open(h->server->world, 0));
	pass(h, 8 * 60 * MINUTE);
	turns(h, 5);
	assert_false(world_hours_open(h->server->world, 0));
}

static void a_jump_of_the_wall_clock_is_an_input(void **state)
{
	struct house *h = *state;
	msec_t now = server_now(h->server);

	h->wall += 3 * 60 * MINUTE;
	pass(h, MINUTE);
	turns(h, 5);
	assert_int_equal(server_now(h->server), now + MINUTE);
	assert_int_equal(h->server->world->wall_offset, h->wall - now - MINUTE);
	assert_true(world_hours_open(h->server->world, 0));
}

static void router_time_goes_on_over_a_restart(void **state)
{
	struct house *h = *state;
	msec_t now;

	pass(h, 5 * MINUTE);
	turns(h, 3);
	now = server_now(h->server);
	server_free(h->server);
	h->mono = 7; /* the machine has been booted */
	h->wall += 30 * MINUTE;
	start(h);
	turns(h, 3);
	assert_int_equal(server_now(h->server), now + 30 * MINUTE);
	assert_int_equal(h->server->world->epoch, 2);
	server_free(h->server);
	h->wall -= 600 * MINUTE; /* somebody set the clock back */
	start(h);
	turns(h, 3);
	assert_int_equal(server_now(h->server), now + 30 * MINUTE);
}

static struct customer_id customer_of(
    struct house *h, const char *key, const char *visitor, char *out_visitor)
{
	struct server *s = h->server;
	struct net_pipe *p =
	    net_memory_dial(doors_find(s, LISTENER_PAGES), "10.0.0.9");
	struct buf b = { 0 };
	char body[400], head[700];
	char *at;

	snprintf(body, sizeof(body),
	    "{\"text\":\"hello\",\"key\":\"%s\"%s%s%s}", key,
	    visitor == NULL ? "" : ",\"visitor\":\"",
	    visitor == NULL ? "" : visitor, visitor == NULL ? "" : "\"");
	snprintf(head, sizeof(head),
	    "POST /v1/main/chat/site HTTP/1.1\r\nHost: x\r\n"
	    "Content-Length: %zu\r\n\r\n%s",
	    strlen(body), body);
	net_memory_write(p, str_of(head));
	turns(h, 20);
	heard(p, &b);
	assert_non_null(b.data);
	at = strstr(b.data, "\"visitor\":\"");
	assert_non_null(at);
	if (out_visitor != NULL)
		sscanf(at + 11, "%200[^\"]", out_visitor);
	at = strstr(b.data, "\"contact\":\"c");
	uint64_t id = strtoull(at + 12, NULL, 10);
	buf_done(&b);
	net_memory_hang_up(p);
	return world_contact(s->world, (struct contact_id){ id })->customer;
}

static void a_visitor_of_last_week_is_the_same_customer(void **state)
{
	struct house *h = *state;
	char visitor[256];
	struct customer_id first = customer_of(h, "a", NULL, visitor);
	int day;

	for (day = 0; day < 8; day++) {
		pass(h, 24 * 60 * MINUTE);
		turns(h, 3);
	}
	/* somebody else's arrival lets the world forget what is old */
	assert_true(customer_of(h, "b", NULL, NULL).v != first.v);
	assert_int_equal(list_count(&h->server->world->identifier_list), 1);
	assert_int_equal(customer_of(h, "c", visitor, NULL).v, first.v);
	server_free(h->server);
	start(h);
	turns(h, 5);
	assert_int_equal(customer_of(h, "d", visitor, NULL).v, first.v);
}

/* ---- who is behind a proxy ------------------------------------------------ */

static void networks_cover_their_addresses_and_no_others(void **state)
{
	(void)state;
	assert_true(proxy_covers("10.0.0.0/8", STR("10.255.1.2")));
	assert_false(proxy_covers("10.0.0.0/8", STR("11.0.0.1")));
	assert_true(proxy_covers("10.0.0.128/25", STR("10.0.0.129")));
	assert_false(proxy_covers("10.0.0.128/25", STR("10.0.0.127")));
	assert_true(proxy_covers("127.0.0.1", STR("127.0.0.1")));
	assert_false(proxy_covers("127.0.0.1", STR("127.0.0.2")));
	assert_true(proxy_covers("fd00::/8", STR("fdff::1")));
	assert_false(proxy_covers("fd00::/8", STR("::1")));
	assert_true(proxy_covers("0.0.0.0/0", STR("8.8.8.8")));
	assert_false(proxy_covers("10.0.0.0/33", STR("10.0.0.0")));
	assert_false(proxy_covers("10.0.0.0/8", STR("ten")));
}

static struct http_request request(const char *from, const char *list)
{
	struct http_request rq = { .address = str_of(from) };

	rq.fields[rq.field_count++] =
	    (struct http_field){ STR("x-forwarded-for"), STR("6.6.6.6") };
	rq.fields[rq.field_count++] =
	    (struct http_field){ STR("X-Forwarded-For"), str_of(list) };
	return rq;
}

static void only_a_listed_proxy_is_believed(void **state)
{
	char *proxies[] = { (char *)"10.0.0.1", (char *)"10.0.0.2" };
	struct config_setup setup = { .proxies = proxies, .proxy_count = 2 };
	struct http_request out;
	struct http_request rq = request("10.0.0.9", "1.2.3.4");

	(void)state;
	assert_false(proxy_sees(&setup, &rq, &out));
	rq = request("10.0.0.1", "9.9.9.9, 1.2.3.4");
	assert_true(proxy_sees(&setup, &rq, &out));
	assert_true(str_is(out.address, "1.2.3.4"));
	assert_false(out.secure);
	/* two proxies of ours, one behind the other */
	rq = request("10.0.0.1", "9.9.9.9, 1.2.3.4 , 10.0.0.2");
	assert_true(proxy_sees(&setup, &rq, &out));
	assert_true(str_is(out.address, "1.2.3.4"));
	rq = request("10.0.0.1", "9.9.9.9, nonsense");
	assert_false(proxy_sees(&setup, &rq, &out));
	setup.proxy_count = 0;
	assert_false(proxy_sees(&setup, &rq, &out));
}

/* ---- numbers of new identifiers -------------------------------------------- */

static void a_new_identifier_keeps_its_number_until_the_record_has_it(
    void **state)
{
	struct presented_text ana = { IDENTIFIER_PHONE, LEVEL_CLAIMED,
		STR("+1") };
	struct presented_text bob = { IDENTIFIER_MAIL, LEVEL_CLAIMED,
		STR("+1") };
	struct intern in;
	size_t before = mem_live();

	(void)state;
	intern_init(&in, 7);
	assert_int_equal(intern_number(&in, &ana), 7);
	assert_int_equal(intern_number(&in, &bob), 8);
	assert_int_equal(intern_number(&in, &ana), 7);
	intern_logged(&in, 100);
	intern_forget(&in, 99);
	assert_int_equal(intern_number(&in, &ana), 7);
	intern_forget(&in, 100);
	assert_int_equal(in.count, 0);
	/* never a second time: whoever asks now is told by the record */
	assert_int_equal(intern_number(&in, &ana), 9);
	intern_forget(&in, UINT64_MAX - 1);
	assert_int_equal(in.count, 1);
	intern_done(&in);
	assert_int_equal(mem_live(), before);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, open_house, close_house)
		T(nothing_leaves_before_it_is_on_disk),
		T(what_was_not_on_disk_is_gone_after_a_crash),
		T(hours_open_at_nine_and_close_at_five),
		T(a_jump_of_the_wall_clock_is_an_input),
		T(a_visitor_of_last_week_is_the_same_customer),
		cmocka_unit_test(networks_cover_their_addresses_and_no_others),
		cmocka_unit_test(only_a_listed_proxy_is_believed),
		cmocka_unit_test(
		    a_new_identifier_keeps_its_number_until_the_record_has_it),
		T(router_time_goes_on_over_a_restart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
