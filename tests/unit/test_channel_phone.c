/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_channel_phone.c - a gateway on a memory pipe and the phone channel.
 *
 * Plot of most: pbx1 says hello, a call arrives, maria's phone is rung.
 */
#include "test_channel_kit.h"

#include "channel/phone_wire.h"

#define HELLO                                                                          \
	"{\"hello\":\"usher-gateway/1\",\"gateway\":\"pbx1\",\"token\":\"" HOUSE_TOKEN \
	"\"}\n"
#define ARRIVE(call)                                                           \
	"{\"type\":\"arrive\",\"call\":\"" call "\",\"from\":\"01 55 50 10 10" \
	"\",\"to\":\"0155501099\"}\n"
#define NO_CALLS "{\"type\":\"calls\",\"calls\":[]}\n"

static struct net_pipe *dial(struct house *h)
{
	return net_memory_dial(h->lines, "10.0.0.5");
}

static void say(struct house *h, struct net_pipe *p, const char *line)
{
	net_memory_write(p, str_of(line));
	house_settle(h);
}

/* A gateway that has said hello and has no calls. */
static struct net_pipe *connect_gateway(struct house *h, const char *calls)
{
	struct net_pipe *p = dial(h);

	say(h, p, HELLO);
	house_gets(h, p, "{\"type\":\"calls?\"}");
	say(h, p, calls);
	return p;
}

static void leave(struct house *h, struct net_pipe *p)
{
	net_memory_hang_up(p);
	house_close(h);
}

static bool is_owed(const struct house *h, enum order_kind kind)
{
	const struct order *o;

	list_each(o, &h->world->order_list, link)
		if (o->kind == kind)
			return true;
	return false;
}

/* ---- hello ------------------------------------------------------------------- */

static void a_gateway_is_welcome_with_its_token(void **state)
{
	struct house *h = house_open(&channel_phone);
	struct net_pipe *p = dial(h);

	(void)state;
	say(h, p, HELLO);
	house_gets(h, p,
	    "{\"type\":\"welcome\",\"protocol\":"
	    "\"usher-gateway/1\",\"workspace\":\"main\"}\n"
	    "{\"type\":\"calls?\"}\n");
	assert_false(net_memory_is_closed(p));
	leave(h, p);
}

static void expect_refused_hello(const char *hello, const char *error)
{
	struct house *h = house_open(&channel_phone);
	struct net_pipe *p = dial(h);

	say(h, p, hello);
	house_gets(h, p, error);
	assert_true(net_memory_is_closed(p));
	leave(h, p);
}

static void whoever_says_hello_wrongly_is_sent_away(void **state)
{
	(void)state;
	expect_refused_hello("{\"hello\":\"usher-gateway/1\",\"gateway\":"
	                     "\"pbx1\",\"token\":\"a-token-of-this-doo\"}\n",
	    "\"error\":\"auth\"");
	expect_refused_hello("{\"hello\":\"usher-gateway/1\",\"gateway\":"
	                     "\"site\",\"token\":\"" HOUSE_TOKEN "\"}\n",
	    "\"error\":\"auth\"");
	expect_refused_hello("{\"hello\":\"usher-gateway/2\",\"gateway\":"
	                     "\"pbx1\",\"token\":\"x\"}\n",
	    "\"error\":\"version\"");
	expect_refused_hello(ARRIVE("1"), "\"error\":\"unknown-field\"");
	expect_refused_hello("x\n", "\"error\":\"syntax\"");
}

static void an_address_that_is_not_listed_is_not_admitted(void **state)
{
	struct house *h = house_open(&channel_phone);
	struct rule_entrance *e = &h->rules->entrances[1];
	struct net_pipe *p;

	(void)state;
	e->from = new_array(char *, 1);
	e->from[0] = mem_text("10.0.0.6");
	e->from_count = 1;
	p = dial(h);
	house_settle(h);
	assert_true(p == NULL || net_memory_is_closed(p));
	if (p != NULL)
		net_memory_hang_up(p);
	house_close(h);
}

static void a_gateway_of_this_machine_may_go_without_a_token(void **state)
{
	struct house *h = house_open(&channel_phone);
	struct rule_entrance *e = &h->rules->entrances[1];
	const char *hello = "{\"hello\":\"usher-gateway/1\","
	                    "\"gateway\":\"pbx1\"}\n";
	struct net_pipe *near;
	struct net_pipe *far;

	(void)state;
	mem_free(e->token_file);
	e->token_file = NULL;
	channel_phone.on_rules(h->room);
	near = net_memory_dial(h->lines, "127.0.0.1");
	say(h, near, hello);
	house_gets(h, near, "welcome");
	far = dial(h);
	say(h, far, hello);
	house_gets(h, far, "\"error\":\"auth\"");
	net_memory_hang_up(far);
	leave(h, near);
}

static void the_newer_of_two_of_one_name_wins(void **state)
{
	struct house *h = house_open(&channel_phone);
	struct net_pipe *old = connect_gateway(h, NO_CALLS);
	struct net_pipe *p = connect_gateway(h, NO_CALLS);

	(void)state;
	house_gets(h, old, "replaced");
	assert_true(net_memory_is_closed(old));
	say(h, p, "{\"type\":\"ping\"}\n");
	house_gets(h, p, "{\"type\":\"pong\"}\n");
	net_memory_hang_up(old);
	leave(h, p);
}

/* ---- one call --------------------------------------------------------------------- */

static void a_call_goes_all_its_way(void **state)
{
	struct house *h = house_open(&channel_phone);
	struct net_pipe *p = connect_gateway(h, NO_CALLS);

	(void)state;
	say(h, p, ARRIVE("17.1"));
	house_gets(h, p,
	    "{\"type\":\"arrived\",\"call\":\"17.1\","
	    "\"contact\":\"c1\"}\n{\"type\":\"hold\",\"order\":");
	say(h, p, "{\"type\":\"held\",\"call\":\"17.1\"}\n");
	assert_false(is_owed(h, ORDER_CALL_HOLD));
	house_ready(h, "maria");
	house_gets(h, p,
	    "\"call\":\"17.1\",\"offer\":\"o1\","
	    "\"agent\":\"PJSIP/2001\",\"ring_ms\":20000}\n");
	say(h, p,
	    "{\"type\":\"ringing\",\"call\":\"17.1\",\"offer\":\"o1\"}\n");
	assert_int_equal(house_state(h, 1), CONTACT_OFFERED);
	say(h, p,
	    "{\"type\":\"talking\",\"call\":\"17.1\",\"offer\":\"o1\"}\n");
	assert_int_equal(house_state(h, 1), CONTACT_ACTIVE);
	assert_false(is_owed(h, ORDER_CALL_OFFER));
	say(h, p, "{\"type\":\"caller-left\",\"call\":\"17.1\"}\n");
	assert_int_equal(house_state(h, 1), CONTACT_ENDED);
	house_gets_nothing(h, p);
	leave(h, p);
}

static void nothing_is_said_before_it_is_on_disk(void **state)
{
	struct house *h = house_open(&channel_phone);
	struct net_pipe *p = connect_gateway(h, NO_CALLS);

	(void)state;
	h->hold = true;
	say(h, p, ARRIVE("1"));
	house_gets_nothing(h, p);
	h->hold = false;
	house_gets(h, p, "\"arrived\"");
	leave(h, p);
}

static void the_caller_is_known_by_the_whole_number(void **state)
{
	struct house *h = house_open(&channel_phone);
	struct net_pipe *p = connect_gateway(h, NO_CALLS);

	(void)state;
	say(h, p, ARRIVE("1"));
	assert_int_equal(h->last_by_count, 1);
	assert_int_equal(h->last_by[0].kind, IDENTIFIER_PHONE);
	assert_int_equal(h->last_by[0].level, LEVEL_VERIFIED);
	assert_string_equal(h->last_values[0], "+33155501010");
	h->rules->entrances[1].trust_caller = false;
	say(h, p, ARRIVE("2"));
	assert_int_equal(h->last_by[0].level, LEVEL_CLAIMED);
	say(h, p,
	    "{\"type\":\"arrive\",\"call\":\"3\",\"from\":\"anonymous\"}\n");
	assert_int_equal(h->last_by_count, 0);
	say(h, p, "{\"type\":\"arrive\",\"call\":\"4\",\"from\":\"2001\"}\n");
	assert_string_equal(h->last_values[0], "2001");
	leave(h, p);
}

static void the_same_call_twice_is_one_contact(void **state)
{
	struct house *h = house_open(&channel_phone);
	struct net_pipe *p = connect_gateway(h, NO_CALLS);

	(void)state;
	say(h, p, ARRIVE("1") ARRIVE("1"));
	house_gets(h, p, "\"contact\":\"c1\"");
	say(h, p, ARRIVE("1"));
	house_gets(h, p,
	    "{\"type\":\"arrived\",\"call\":\"1\","
	    "\"contact\":\"c1\"}");
	assert_int_equal(h->world->tally.arrived, 1);
	leave(h, p);
}

static void a_call_that_has_ended_is_not_taken_again(void **state)
{
	struct house *h = house_open(&channel_phone);
	struct net_pipe *p = connect_gateway(h, NO_CALLS);

	(void)state;
	say(h, p, ARRIVE("1") "{\"type\":\"caller-left\",\"call\":\"1\"}\n");
	mem_free(house_got(h, p));
	say(h, p, ARRIVE("1"));
	house_gets(h, p,
	    "{\"type\":\"refused\",\"call\":\"1\","
	    "\"error\":\"stale\"");
	leave(h, p);
}

static void a_house_that_is_full_refuses(void **state)
{
	struct house *h = house_open(&channel_phone);
	struct net_pipe *p = connect_gateway(h, NO_CALLS);

	(void)state;
	h->refuse = true;
	say(h, p, ARRIVE("1"));
	house_gets(h, p,
	    "{\"type\":\"refused\",\"call\":\"1\","
	    "\"error\":\"busy\",\"text\":");
	leave(h, p);
}

static void a_busy_phone_gives_the_call_back(void **state)
{
	struct house *h = house_open(&channel_phone);
	struct net_pipe *p = connect_gateway(h, NO_CALLS);

	(void)state;
	house_ready(h, "maria");
	say(h, p, ARRIVE("1"));
	house_gets(h, p, "\"offer\":\"o1\"");
	say(h, p,
	    "{\"type\":\"offer-failed\",\"call\":\"1\",\"offer\":\"o1\","
	    "\"reason\":\"busy\"}\n");
	assert_int_equal(house_state(h, 1), CONTACT_WAITING);
	say(h, p, "{\"type\":\"talking\",\"call\":\"1\",\"offer\":\"o1\"}\n");
	house_gets(h, p, "\"call\":\"1\",\"offer\":\"o1\",\"error\":\"stale\"");
	leave(h, p);
}

static void a_gateway_that_cannot_ring_fails_the_offer(void **state)
{
	struct house *h = house_open(&channel_phone);
	struct net_pipe *p = connect_gateway(h, NO_CALLS);
	const struct order *o;
	char line[96];

	(void)state;
	house_ready(h, "maria");
	say(h, p, ARRIVE("1"));
	o = list_last(&h->world->order_list, struct order, link);
	assert_int_equal(o->kind, ORDER_CALL_OFFER);
	(void)snprintf(line, sizeof(line),
	    "{\"type\":\"failed\",\"order\":%u,\"reason\":\"no trunk\"}\n",
	    (unsigned)o->id);
	say(h, p, line);
	assert_false(is_owed(h, ORDER_CALL_OFFER));
	assert_int_equal(house_state(h, 1), CONTACT_WAITING);
	leave(h, p);
}

static void when_the_agent_hangs_up_the_caller_is_released(void **state)
{
	struct house *h = house_open(&channel_phone);
	struct net_pipe *p = connect_gateway(h, NO_CALLS);

	(void)state;
	house_ready(h, "maria");
	say(h, p, ARRIVE("1"));
	say(h, p, "{\"type\":\"talking\",\"call\":\"1\",\"offer\":\"o1\"}\n");
	mem_free(house_got(h, p));
	say(h, p, "{\"type\":\"agent-left\",\"call\":\"1\"}\n");
	house_gets(h, p, "{\"type\":\"release\",\"order\":");
	assert_true(is_owed(h, ORDER_CALL_RELEASE));
	leave(h, p);
}

static void a_closed_queue_says_what_to_do_and_until_when(void **state)
{
	struct house *h = house_open(&channel_phone);
	struct net_pipe *p = connect_gateway(h, NO_CALLS);

	(void)state;
	house_shut_queue(h);
	say(h, p, ARRIVE("1"));
	house_gets(h, p,
	    "\"call\":\"1\",\"action\":\"voicemail\","
	    "\"next\":null}\n");
	leave(h, p);
}

/* ---- away and back ------------------------------------------------------------------ */

static void orders_wait_for_the_list_of_calls(void **state)
{
	struct house *h = house_open(&channel_phone);
	struct net_pipe *p = dial(h);

	(void)state;
	say(h, p, HELLO ARRIVE("1"));
	house_gets(h, p, "\"arrived\"");
	assert_true(is_owed(h, ORDER_CALL_HOLD));
	say(h, p, "{\"type\":\"calls\",\"calls\":[],\"more\":true}\n");
	house_gets_nothing(h, p);
	say(h, p, "{\"type\":\"calls\",\"calls\":[\"1\"]}\n");
	house_gets(h, p, "{\"type\":\"hold\",\"order\":");
	leave(h, p);
}

static void orders_are_sent_when_the_gateway_is_back_if_still_true(void **state)
{
	struct house *h = house_open(&channel_phone);
	struct net_pipe *p = connect_gateway(h, NO_CALLS);
	char *got;

	(void)state;
	say(h, p, ARRIVE("1") ARRIVE("2"));
	say(h, p,
	    "{\"type\":\"held\",\"call\":\"1\"}\n"
	    "{\"type\":\"held\",\"call\":\"2\"}\n");
	net_memory_hang_up(p);
	house_settle(h);
	house_ready(h, "maria");
	assert_true(is_owed(h, ORDER_CALL_OFFER));
	p = connect_gateway(
	    h, "{\"type\":\"calls\",\"calls\":[\"1\",\"2\"]}\n");
	house_gets(h, p, "\"call\":\"1\",\"offer\":\"o1\"");
	net_memory_hang_up(p);
	house_wait(h, 25000); /* the offer's time is over */
	assert_int_equal(house_state(h, 1), CONTACT_WAITING);
	p = connect_gateway(
	    h, "{\"type\":\"calls\",\"calls\":[\"1\",\"2\"]}\n");
	got = house_got(h, p);
	assert_null(strstr(got, "\"type\":\"offer\""));
	mem_free(got);
	leave(h, p);
}

static void calls_that_are_gone_are_ended(void **state)
{
	struct house *h = house_open(&channel_phone);
	struct net_pipe *p = connect_gateway(h, NO_CALLS);

	(void)state;
	say(h, p, ARRIVE("1") ARRIVE("2"));
	net_memory_hang_up(p);
	p = connect_gateway(
	    h, "{\"type\":\"calls\",\"calls\":[\"2\",\"9\"]}\n");
	house_gets(h, p, "{\"type\":\"unknown\",\"call\":\"9\"}");
	assert_int_equal(house_state(h, 1), CONTACT_ENDED);
	assert_int_equal(house_state(h, 2), CONTACT_WAITING);
	assert_int_equal(world_contact(h->world, (struct contact_id){ 1 })->end,
	    END_GATEWAY_LOST);
	leave(h, p);
}

static void calls_are_known_again_after_a_restart(void **state)
{
	struct house *h = house_open(&channel_phone);
	struct net_pipe *p = connect_gateway(h, NO_CALLS);

	(void)state;
	say(h, p, ARRIVE("1"));
	net_memory_hang_up(p);
	house_restart(h);
	p = connect_gateway(h, "{\"type\":\"calls\",\"calls\":[\"1\"]}\n");
	house_gets(h, p, "{\"type\":\"hold\",\"order\":");
	say(h, p, "{\"type\":\"held\",\"call\":\"1\"}\n");
	assert_false(is_owed(h, ORDER_CALL_HOLD));
	house_ready(h, "maria");
	house_gets(h, p, "\"type\":\"offer\"");
	leave(h, p);
}

/* ---- agents' phones and calls ----------------------------------------------------------- */

static void a_phone_that_is_busy_is_not_rung(void **state)
{
	struct house *h = house_open(&channel_phone);
	struct net_pipe *p = connect_gateway(h, NO_CALLS);
	struct agent *maria = world_agent_named(h->world, STR("maria"));

	(void)state;
	say(h, p,
	    "{\"type\":\"device\",\"address\":\"PJSIP/2001\","
	    "\"state\":\"busy\"}\n");
	assert_int_equal(maria->device, DEVICE_BUSY);
	say(h, p,
	    "{\"type\":\"device\",\"address\":\"PJSIP/9999\","
	    "\"state\":\"idle\"}\n");
	house_gets_nothing(h, p);
	leave(h, p);
}

static void on_started(void *arg, const struct outcome *out)
{
	(void)arg;
	assert_int_equal(out->err, 0);
}

static void an_agent_calls_a_customer(void **state)
{
	struct house *h = house_open(&channel_phone);
	struct net_pipe *p = connect_gateway(h, NO_CALLS);
	struct arrival a = { .channel = CHANNEL_PHONE,
		.entrance = STR("pbx1"),
		.dialled = STR("+351912345678") };

	(void)state;
	house_ready(h, "maria");
	a.agent = house_agent(h, "maria");
	assert_int_equal(house_arrive(h, &a, on_started, NULL), 0);
	house_gets(h, p,
	    "\"call\":\"usher-c1\",\"agent\":\"PJSIP/2001\","
	    "\"to\":\"+351912345678\"}\n");
	say(h, p, "{\"type\":\"talking\",\"call\":\"usher-c1\"}\n");
	assert_false(is_owed(h, ORDER_CALL_START));
	say(h, p, "{\"type\":\"caller-left\",\"call\":\"usher-c1\"}\n");
	assert_int_equal(house_state(h, 1), CONTACT_ENDED);
	leave(h, p);
}

/* ---- lines that are wrong ------------------------------------------------------------------ */

static void expect_error(const char *line, const char *part)
{
	struct house *h = house_open(&channel_phone);
	struct net_pipe *p = connect_gateway(h, NO_CALLS);

	say(h, p, line);
	house_gets(h, p, part);
	assert_false(net_memory_is_closed(p));
	leave(h, p);
}

static void what_is_wrong_with_a_line_is_named(void **state)
{
	(void)state;
	expect_error(
	    "{\"type\":\"arrive\",\"call\":\"1\",\"form\":\"x\"}\n", "form");
	expect_error("{\"type\":\"arrive\"}\n", "call");
	expect_error("{\"type\":\"dance\"}\n", "\"error\":\"invalid\"");
	expect_error("{\"call\":\"1\"}\n", "type");
	expect_error("{\"type\":\"ringing\",\"call\":\"1\",\"offer\":\"x9\"}\n",
	    "offer");
	expect_error(
	    "{\"type\":\"device\",\"address\":\"a\",\"state\":\"x\"}\n",
	    "state");
	expect_error("{\"type\":\"calls\",\"calls\":[1]}\n", "calls");
	expect_error("{\"type\":\"arrive\",\"call\":\"1\",\"attributes\":"
	             "{\"a\":1}}\n",
	    "attributes");
	expect_error("{\"type\":\"held\",\"call\":\"nobody\"}\n",
	    "\"call\":\"nobody\",\"error\":\"not-found\"");
	expect_error("{\"type\":\"arrive\",\"call\":\"usher-c7\"}\n", "usher-");
}

static void a_call_id_has_at_most_128_bytes(void **state)
{
	char line[256];
	char id[130];
	struct phone_line l;
	struct fault why;
	int n;

	(void)state;
	memset(id, 'a', sizeof(id));
	for (n = 128; n <= 129; n++) {
		(void)snprintf(line, sizeof(line),
		    "{\"type\":\"held\",\"call\":\"%.*s\"}", n, id);
		assert_int_equal(
		    phone_line_parse(str_of(line), &l, &why) == 0, n == 128);
		if (n == 128)
			phone_line_done(&l);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_gateway_is_welcome_with_its_token),
		cmocka_unit_test(whoever_says_hello_wrongly_is_sent_away),
		cmocka_unit_test(an_address_that_is_not_listed_is_not_admitted),
		cmocka_unit_test(
		    a_gateway_of_this_machine_may_go_without_a_token),
		cmocka_unit_test(the_newer_of_two_of_one_name_wins),
		cmocka_unit_test(a_call_goes_all_its_way),
		cmocka_unit_test(nothing_is_said_before_it_is_on_disk),
		cmocka_unit_test(the_caller_is_known_by_the_whole_number),
		cmocka_unit_test(the_same_call_twice_is_one_contact),
		cmocka_unit_test(a_call_that_has_ended_is_not_taken_again),
		cmocka_unit_test(a_house_that_is_full_refuses),
		cmocka_unit_test(a_busy_phone_gives_the_call_back),
		cmocka_unit_test(a_gateway_that_cannot_ring_fails_the_offer),
		cmocka_unit_test(
		    when_the_agent_hangs_up_the_caller_is_released),
		cmocka_unit_test(a_closed_queue_says_what_to_do_and_until_when),
		cmocka_unit_test(orders_wait_for_the_list_of_calls),
		cmocka_unit_test(
		    orders_are_sent_when_the_gateway_is_back_if_still_true),
		cmocka_unit_test(calls_that_are_gone_are_ended),
		cmocka_unit_test(calls_are_known_again_after_a_restart),
		cmocka_unit_test(a_phone_that_is_busy_is_not_rung),
		cmocka_unit_test(an_agent_calls_a_customer),
		cmocka_unit_test(what_is_wrong_with_a_line_is_named),
		cmocka_unit_test(a_call_id_has_at_most_128_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
