/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_api_stream.c - what agents hear, when, and what they hear again after
 * they were away. One agent (a0) works; a second (a1) takes over.
 */
#include "api_kit.h"

#include "api/ring.h"

static int open_one(void **state)
{
	struct house *h = house_open(NULL);

	house_person(h, "a0", "agent");
	house_person(h, "a1", "agent");
	*state = h;
	return 0;
}

static int close_one(void **state)
{
	house_close(*state);
	return 0;
}

#define READY "\"cmd\":\"state\",\"state\":\"ready\""

static struct client *ready_client(struct house *h, const char *name)
{
	struct client *c = client_login(h, name);

	client_ok(c, READY);
	return c;
}

/* An agent with one chat in hand. */
static struct client *busy_client(struct house *h, struct contact_id *out)
{
	struct client *c = ready_client(h, "a0");
	char offer[24];

	*out = house_arrive(h, CHANNEL_CHAT, "+33155501010", "my refund");
	str_copy(offer, sizeof(offer),
	    str_of(text_of(client_expect(c, "offer"), "offer")));
	client_send(
	    c, "{\"id\":\"go\",\"cmd\":\"accept\",\"offer\":\"%s\"}", offer);
	assert_text(client_expect(c, "offer-closed"), "reason", "accepted");
	assert_null(json_get(c->last, "seq")); /* only the last of two has it */
	assert_text(client_expect(c, "contact"), "state", "active");
	assert_true(json_int(json_get(c->last, "seq"), 0) > 0);
	return c;
}

/* ---- offers ------------------------------------------------------------------ */

static void an_offer_says_who_what_and_why(void **state)
{
	struct house *h = *state;
	struct client *c = ready_client(h, "a0");
	const struct json *v, *customer;

	house_arrive(h, CHANNEL_CHAT, "+33155501010", "my refund");
	v = client_expect(c, "offer");
	assert_true(json_int(json_get(v, "seq"), 0) > 0);
	assert_text(v, "offer", "o1");
	assert_text(v, "contact", "c1");
	assert_text(v, "channel", "chat");
	assert_text(v, "queue", "q2");
	assert_text(v, "language", "en");
	assert_text(v, "words", "my refund");
	assert_int_equal(json_int(json_get(v, "rings_ms"), 0), 10000);
	assert_true(strlen(text_of(v, "why")) > 0);
	customer = json_get(v, "customer");
	assert_text(customer, "id", "p1");
	assert_text(customer, "name", "Ana Silva");
	assert_text(customer, "level", "verified");
	assert_int_equal(json_type(json_get(customer, "probably")), JSON_NULL);
	assert_int_equal(json_count(json_get(v, "latest")), 0);
	client_close(c);
}

static void a_stranger_is_offered_with_their_words(void **state)
{
	struct house *h = *state;
	struct client *c = ready_client(h, "a0");
	const struct json *v;

	house_arrive(h, CHANNEL_CHAT, NULL, "anybody there?");
	v = client_expect(c, "offer");
	assert_text(v, "words", "anybody there?");
	assert_text(json_get(v, "customer"), "level", "anonymous");
	client_close(c);
}

static void the_customers_latest_contacts_come_with_the_offer(void **state)
{
	struct house *h = *state;
	struct contact_id first;
	struct client *c = busy_client(h, &first);
	struct input in = { .kind = INPUT_ARRIVE };
	const struct json *v;

	client_ok(c, "\"cmd\":\"end\",\"contact\":\"c1\"");
	in.arrive.channel = CHANNEL_CHAT;
	in.arrive.language = STR("en");
	in.arrive.by_count = 1;
	in.arrive.by[0] = (struct presented){
		.id = { 1 }, .kind = IDENTIFIER_PHONE, .level = LEVEL_VERIFIED
	};
	assert_int_equal(house_post(h, &in, "{\"text\":\"again me\"}"), 0);
	v = client_expect(c, "offer");
	assert_text(v, "words", "again me");
	assert_int_equal(json_count(json_get(v, "latest")), 1);
	v = json_at(json_get(v, "latest"), 0);
	assert_text(v, "id", "c1");
	assert_text(v, "end", "resolved");
	client_close(c);
}

static void a_claimed_number_is_probably_somebody(void **state)
{
	struct house *h = *state;
	struct contact_id first;
	struct client *c = busy_client(h, &first);
	struct input in = { .kind = INPUT_ARRIVE };
	const struct json *v;

	client_ok(c, "\"cmd\":\"end\",\"contact\":\"c1\"");
	in.arrive.channel = CHANNEL_MESSAGE;
	in.arrive.language = STR("en");
	in.arrive.by_count = 1;
	in.arrive.by[0] = (struct presented){
		.id = { 1 }, .kind = IDENTIFIER_PHONE, .level = LEVEL_CLAIMED
	};
	h->rules->teams[0].takes[CHANNEL_MESSAGE] = 1;
	h->world->agents[0]->takes[CHANNEL_MESSAGE] = 1;
	assert_int_equal(house_post(h, &in, "{\"text\":\"hi\"}"), 0);
	assert_true(id_is_set(
	    world_contact(h->world, (struct contact_id){ 2 })->maybe));
	client_ok(c, READY);
	client_ok(
	    c, "\"cmd\":\"state\",\"state\":\"not-ready\",\"reason\":\"x\"");
	client_ok(c, READY);
	v = json_get(client_expect(c, "offer"), "customer");
	assert_text(v, "id", "p1");
	assert_text(v, "probably", "probably Ana Silva (number matches)");
	client_close(c);
}

static void a_settled_offer_is_closed(void **state)
{
	struct house *h = *state;
	struct client *c = ready_client(h, "a0");
	const struct json *v;

	house_arrive(h, CHANNEL_CHAT, NULL, "hello");
	client_expect(c, "offer");
	client_send(c, "{\"id\":\"n\",\"cmd\":\"reject\",\"offer\":\"o1\","
	               "\"reason\":\"lunch\"}");
	v = client_expect(c, "offer-closed");
	assert_text(v, "offer", "o1");
	assert_text(v, "contact", "c1");
	assert_text(v, "reason", "rejected");
	client_refused(c, "stale", "\"cmd\":\"accept\",\"offer\":\"o1\"");
	client_close(c);
}

static void an_offer_settled_before_it_was_told_is_not_told(void **state)
{
	struct house *h = *state;
	struct client *c = ready_client(h, "a0");
	struct input in = { .kind = INPUT_LEAVE };

	h->hold = true;
	in.contact = house_arrive(h, CHANNEL_CHAT, NULL, "hello");
	in.leave.reason = END_CUSTOMER_LEFT;
	assert_int_equal(house_post(h, &in, NULL), 0);
	h->hold = false;
	client_expect_no(c, "offer");
	client_close(c);
}

/* ---- contacts ------------------------------------------------------------------ */

static void messages_reach_the_owner_in_order(void **state)
{
	struct house *h = *state;
	struct contact_id id;
	struct client *c = busy_client(h, &id);
	const struct json *v;
	int64_t seq;

	house_say(h, id, "one");
	house_say(h, id, "two");
	v = client_expect(c, "message");
	assert_text(v, "contact", "c1");
	assert_text(v, "author", "customer");
	assert_text(v, "text", "one");
	seq = json_int(json_get(v, "seq"), 0);
	v = client_expect(c, "message");
	assert_text(v, "text", "two");
	assert_true(json_int(json_get(v, "seq"), 0) > seq);
	client_close(c);
}

static void a_message_committed_with_the_end_still_reaches_the_owner(
    void **state)
{
	struct house *h = *state;
	struct contact_id id;
	struct client *c = busy_client(h, &id);
	struct input in = { .kind = INPUT_LEAVE };

	in.contact = id;
	in.leave.reason = END_CUSTOMER_LEFT;
	house_say(h, id, "bye");
	assert_int_equal(house_post(h, &in, NULL), 0);
	assert_text(client_expect(c, "message"), "text", "bye");
	assert_text(client_expect(c, "contact"), "reason", "customer-left");
	client_close(c);
}

static void what_the_agent_says_comes_back_with_its_seq(void **state)
{
	struct house *h = *state;
	struct contact_id id;
	struct client *c = busy_client(h, &id);
	const struct json *v;

	client_send(c, "{\"id\":\"s\",\"cmd\":\"send\",\"contact\":\"c1\","
	               "\"text\":\"Here you are\"}");
	v = client_expect(c, "message");
	assert_text(v, "author", "agent");
	assert_text(v, "agent", "a0");
	assert_text(v, "text", "Here you are");
	client_send(c, "{\"id\":\"n\",\"cmd\":\"note\",\"contact\":\"c1\","
	               "\"text\":\"was polite\"}");
	v = client_expect(c, "note");
	assert_text(v, "author", "note");
	client_close(c);
}

static void a_sent_key_is_not_sent_twice_over_a_reconnect(void **state)
{
	static const char send[] =
	    "\"cmd\":\"send\",\"contact\":\"c1\",\"text\":\"hi\","
	    "\"key\":\"k1\"";
	struct house *h = *state;
	struct contact_id id;
	struct client *c = busy_client(h, &id);
	const struct json *v = client_ok(c, "%s", send);
	char first[24];

	str_copy(first, sizeof(first), str_of(text_of(v, "message")));
	client_close(c);
	c = client_login(h, "a0");
	v = client_ok(c, "%s", send);
	assert_text(v, "message", first);
	assert_true(json_bool(json_get(v, "repeated"), false));
	assert_int_equal(h->world->tally.messages, 1);
	client_refused(c, "conflict",
	    "\"cmd\":\"send\",\"contact\":\"c1\",\"text\":\"other\","
	    "\"key\":\"k1\"");
	client_close(c);
}

static void another_agents_contact_is_not_mine(void **state)
{
	struct house *h = *state;
	struct contact_id id;
	struct client *c = busy_client(h, &id);
	struct client *d = client_login(h, "a1");

	client_refused(
	    d, "state", "\"cmd\":\"send\",\"contact\":\"c1\",\"text\":\"x\"");
	client_refused(d, "state", "\"cmd\":\"end\",\"contact\":\"c1\"");
	client_refused(d, "state", "\"cmd\":\"typing\",\"contact\":\"c1\"");
	client_refused(d, "state",
	    "\"cmd\":\"transfer\",\"contact\":\"c1\",\"queue\":\"q0\"");
	house_say(h, id, "secret");
	client_expect_no(d, "message");
	client_close(d);
	client_close(c);
}

static void a_transfer_takes_it_from_one_and_gives_it_to_another(void **state)
{
	struct house *h = *state;
	struct contact_id id;
	struct client *c = busy_client(h, &id);
	struct client *d = ready_client(h, "a1");
	const struct json *v;

	client_send(c, "{\"id\":\"t\",\"cmd\":\"transfer\","
	               "\"contact\":\"c1\",\"agent\":\"a1\","
	               "\"note\":\"speaks French\"}");
	v = client_expect(c, "contact");
	assert_text(v, "state", "waiting");
	assert_text(v, "reason", "transfer");
	assert_text(client_expect(d, "offer"), "contact", "c1");
	client_ok(d, "\"cmd\":\"contact\",\"contact\":\"c1\"");
	v = json_get(json_get(d->last, "contact"), "messages");
	assert_text(json_at(v, json_count(v) - 1), "text", "speaks French");
	client_close(d);
	client_close(c);
}

static void typing_goes_both_ways_and_leaves_no_trace(void **state)
{
	struct house *h = *state;
	struct contact_id id;
	struct client *c = busy_client(h, &id);
	uint64_t seq = h->world->seq;

	h->hold = true;
	api_typing(h->api, id);
	assert_text(client_expect(c, "typing"), "contact", "c1");
	h->hold = false;
	client_ok(c, "\"cmd\":\"typing\",\"contact\":\"c1\"");
	assert_int_equal(h->typed, 1);
	assert_true(id_same(h->typed_in, id));
	assert_int_equal(h->world->seq, seq);
	client_close(c);
}

static void a_confirmed_identity_is_told(void **state)
{
	struct house *h = *state;
	struct contact_id id;
	struct client *c = busy_client(h, &id);
	struct input in = { .kind = INPUT_ARRIVE };
	const struct json *v;

	client_refused(c, "state",
	    "\"cmd\":\"confirm\",\"contact\":\"c1\",\"evidence\":\"id card\"");
	in.arrive.channel = CHANNEL_CHAT;
	in.arrive.language = STR("en");
	in.arrive.by_count = 1;
	in.arrive.by[0] = (struct presented){
		.id = { 1 }, .kind = IDENTIFIER_PHONE, .level = LEVEL_CLAIMED
	};
	assert_int_equal(house_post(h, &in, "{}"), 0);
	client_expect(c, "offer");
	client_ok(c, "\"cmd\":\"accept\",\"offer\":\"o2\"");
	client_refused(c, "invalid", "\"cmd\":\"confirm\",\"contact\":\"c2\"");
	client_send(c, "{\"id\":\"i\",\"cmd\":\"confirm\","
	               "\"contact\":\"c2\",\"evidence\":\"id card\"}");
	v = client_expect(c, "identity");
	assert_text(v, "contact", "c2");
	assert_text(v, "customer", "p1");
	assert_true(json_bool(json_get(v, "confirmed"), false));
	client_close(c);
}

static void a_forced_state_names_who_forced_it(void **state)
{
	struct house *h = *state;
	struct client *c = ready_client(h, "a0");
	struct client *lead;
	const struct json *v;

	house_person(h, "a1", "lead");
	lead = client_login(h, "a1");
	client_ok(lead, "\"cmd\":\"force-state\",\"agent\":\"a0\","
	                "\"state\":\"not-ready\",\"reason\":\"meeting\"");
	do {
		v = client_expect(c, "state");
	} while (strcmp(text_of(v, "state"), "not-ready") != 0);
	assert_text(v, "agent", "a0");
	assert_text(v, "reason", "meeting");
	assert_text(v, "by", "a1");
	client_ok(lead, "\"cmd\":\"force-state\",\"agent\":\"a0\","
	                "\"state\":\"offline\"");
	assert_true(client_is_closed(c));
	assert_int_equal(h->world->agents[0]->state, AGENT_OFFLINE);
	client_close(lead);
	client_close(c);
}

static void a_lead_moves_anothers_contact(void **state)
{
	struct house *h = *state;
	struct contact_id id;
	struct client *c = busy_client(h, &id);
	struct client *admin = client_open(h, h->control);

	client_ok(
	    admin, "\"cmd\":\"move\",\"contact\":\"c1\",\"queue\":\"q1\"");
	assert_text(client_expect(c, "contact"), "state", "waiting");
	client_close(admin);
	client_close(c);
}

/* ---- beginning one --------------------------------------------------------------- */

static void an_agent_starts_a_request_to_a_queue(void **state)
{
	struct house *h = *state;
	struct client *c = client_login(h, "a0");
	const struct json *v = client_ok(c,
	    "\"cmd\":\"start\",\"channel\":\"internal\",\"queue\":\"q1\","
	    "\"text\":\"please check\"");
	const struct contact *k;

	assert_text(v, "contact", "c1");
	k = world_contact(h->world, (struct contact_id){ 1 });
	assert_int_equal(k->channel, CHANNEL_INTERNAL);
	assert_ptr_equal(k->places[0]->queue, h->world->queues[1]);
	client_refused(c, "invalid",
	    "\"cmd\":\"start\",\"channel\":\"internal\",\"queue\":\"q1\"");
	client_refused(c, "invalid",
	    "\"cmd\":\"start\",\"channel\":\"chat\",\"to\":\"x\"");
	client_refused(c, "invalid",
	    "\"cmd\":\"start\",\"channel\":\"phone\",\"to\":\"maria\"");
	client_refused(c, "state",
	    "\"cmd\":\"start\",\"channel\":\"mail\",\"to\":\"a@b.example\"");
	client_close(c);
}

static void a_started_mail_is_the_agents_and_says_its_first_words(void **state)
{
	struct house *h = *state;
	struct client *c = client_login(h, "a0");
	const struct json *v;
	static struct rule_entrance door = { .kind = ENTRANCE_CHANNEL,
		.channel = CHANNEL_MAIL };

	door.name = mem_text("help");
	door.brand = door.standard = RULE_NONE;
	h->rules->entrances = mem_copy(&door, sizeof(door));
	h->rules->entrance_count = 1;
	client_send(c, "{\"id\":\"m\",\"cmd\":\"start\","
	               "\"channel\":\"mail\",\"to\":\"Ana@b.example\","
	               "\"text\":\"Dear Ana\"}");
	assert_text(client_expect(c, "contact"), "state", "active");
	v = client_expect(c, "message");
	assert_text(v, "text", "Dear Ana");
	assert_text(v, "author", "agent");
	assert_false(list_is_empty(&h->world->order_list));
	client_close(c);
}

static void a_mail_that_did_not_leave_is_told(void **state)
{
	struct house *h = *state;
	struct contact_id id;
	struct client *c = busy_client(h, &id);
	struct input in = { .kind = INPUT_RESULT };
	struct contact *mail = world_contact(h->world, id);
	const struct json *v;

	/* A chat that is a mail for a moment: an order to send is owed. */
	mail->channel = CHANNEL_MAIL;
	client_ok(c, "\"cmd\":\"send\",\"contact\":\"c1\",\"text\":\"x\"");
	mail->channel = CHANNEL_CHAT;
	in.result.order =
	    list_first(&h->world->order_list, struct order, link)->id;
	in.result.code = ERR_TIMEOUT;
	assert_int_equal(house_post(h, &in, NULL), 0);
	v = client_expect(c, "error");
	assert_text(v, "contact", "c1");
	assert_text(v, "error", "timeout");
	client_close(c);
}

/* ---- coming back ------------------------------------------------------------------ */

static struct client *come_back(
    struct house *h, const char *name, int64_t last_seq)
{
	struct client *c = client_open(h, h->agents);

	client_send(c,
	    "{\"id\":\"back\",\"cmd\":\"login\",\"name\":\"%s\","
	    "\"password\":\"secret-secret\",\"last_seq\":%lld}",
	    name, (long long)last_seq);
	assert_true(
	    json_bool(json_get(client_expect(c, "result"), "ok"), false));
	return c;
}

static void missed_messages_come_before_resumed(void **state)
{
	struct house *h = *state;
	struct contact_id id;
	struct client *c = busy_client(h, &id);
	const struct json *v;
	int64_t seen;

	house_say(h, id, "one");
	seen = json_int(json_get(client_expect(c, "message"), "seq"), 0);
	client_close(c);
	house_say(h, id, "two");
	house_say(h, id, "three");
	c = come_back(h, "a0", seen);
	v = client_expect(c, "message");
	assert_text(v, "text", "two");
	v = client_expect(c, "message");
	assert_text(v, "text", "three");
	v = client_expect(c, "resumed");
	assert_true(json_int(json_get(v, "seq"), 0) > seen);
	client_expect_no(c, "snapshot");
	client_close(c);
}

static void a_restart_of_the_server_is_resumed_over(void **state)
{
	struct house *h = *state;
	struct contact_id id;
	struct client *c = busy_client(h, &id);
	int64_t seen;

	house_say(h, id, "one");
	seen = json_int(json_get(client_expect(c, "message"), "seq"), 0);
	client_close(c);
	house_say(h, id, "two");
	house_restart(h);
	c = come_back(h, "a0", seen);
	assert_text(client_expect(c, "message"), "text", "two");
	client_expect(c, "resumed");
	client_close(c);
}

static void a_seq_from_the_future_gets_a_snapshot(void **state)
{
	struct house *h = *state;
	struct client *c = come_back(h, "a0", 1000000);

	client_expect(c, "snapshot");
	client_close(c);
}

static void nothing_is_missed_or_doubled_around_resume(void **state)
{
	struct house *h = *state;
	struct contact_id id;
	struct client *c = busy_client(h, &id);
	const struct json *v;
	int64_t seen = json_int(json_get(c->last, "seq"), 0);
	unsigned next = 0;
	char wanted[8];
	unsigned i, round;

	/* Some committed before, some posted while it comes back. */
	for (round = 0; round < 4; round++) {
		client_close(c);
		for (i = 0; i < 3; i++) {
			snprintf(wanted, sizeof(wanted), "%u", round * 4 + i);
			house_say(h, id, wanted);
		}
		house_settle(h);
		c = client_open(h, h->agents);
		client_send(c,
		    "{\"id\":\"x\",\"cmd\":\"login\",\"name\":\"a0\","
		    "\"password\":\"secret-secret\",\"last_seq\":%lld}",
		    (long long)seen);
		snprintf(wanted, sizeof(wanted), "%u", round * 4 + 3);
		house_say(h, id, wanted);
		while ((v = client_next(c)) != NULL) {
			int64_t seq = json_int(json_get(v, "seq"), 0);

			seen = seq > seen ? seq : seen;
			if (strcmp(text_of(v, "type"), "message") != 0)
				continue;
			snprintf(wanted, sizeof(wanted), "%u", next++);
			assert_text(v, "text", wanted);
		}
	}
	assert_int_equal(next, 16);
	client_close(c);
}

static void a_snapshot_holds_all_in_hand(void **state)
{
	struct house *h = *state;
	struct contact_id id;
	struct client *c = busy_client(h, &id);
	const struct json *v, *k;

	house_say(h, id, "one");
	client_close(c);
	house_arrive(h, CHANNEL_CHAT, NULL, "another");
	c = client_open(h, h->agents);
	client_ok(c, "\"cmd\":\"login\",\"name\":\"a0\","
	             "\"password\":\"secret-secret\"");
	v = client_expect(c, "snapshot");
	assert_text(json_get(v, "agent"), "name", "a0");
	assert_int_equal(json_count(json_get(v, "contacts")), 1);
	k = json_at(json_get(v, "contacts"), 0);
	assert_text(k, "contact", "c1");
	assert_text(k, "state", "active");
	assert_false(json_bool(json_get(k, "cut"), true));
	assert_int_equal(json_count(json_get(k, "history")), 2);
	assert_text(json_at(json_get(k, "history"), 0), "text", "my refund");
	assert_text(json_at(json_get(k, "history"), 1), "text", "one");
	client_close(c);
}

static void a_snapshot_shows_the_open_offer(void **state)
{
	struct house *h = *state;
	struct client *c = ready_client(h, "a0");
	struct client *d;
	const struct json *v;

	house_arrive(h, CHANNEL_CHAT, NULL, "hello");
	client_expect(c, "offer");
	/* A second client of the same agent: the offer is still open. */
	d = client_open(h, h->agents);
	client_ok(d, "\"cmd\":\"login\",\"name\":\"a0\","
	             "\"password\":\"secret-secret\"");
	v = client_expect(d, "snapshot");
	if (h->world->agents[0]->offer != NULL)
		assert_text(json_get(v, "offer"), "offer",
		    text_of(json_get(v, "agent"), "offer"));
	else
		assert_int_equal(json_type(json_get(v, "offer")), JSON_NULL);
	client_close(d);
	client_close(c);
}

static void frames_wait_behind_the_snapshot(void **state)
{
	struct house *h = *state;
	struct contact_id id;
	struct client *c = busy_client(h, &id);
	const struct json *v;
	int64_t at = 0;

	client_close(c);
	c = client_open(h, h->agents);
	client_send(c, "{\"id\":\"x\",\"cmd\":\"login\",\"name\":\"a0\","
	               "\"password\":\"secret-secret\"}");
	house_say(h, id, "while you were coming");
	while ((v = client_next(c)) != NULL) {
		if (strcmp(text_of(v, "type"), "snapshot") == 0)
			at = json_int(json_get(v, "seq"), 0);
		else if (json_get(v, "seq") != NULL)
			assert_true(
			    at > 0 && json_int(json_get(v, "seq"), 0) > at);
	}
	assert_true(at > 0);
	client_close(c);
}

/* ---- the ring ----------------------------------------------------------------------- */

static struct event message_event(uint64_t seq, const struct payload *p)
{
	struct event e = { .seq = seq,
		.kind = EV_MESSAGE_ADDED,
		.contact = { 1 },
		.payload = p };

	e.message.message.v = seq;
	return e;
}

static void count_event(void *arg, const struct event *e)
{
	uint64_t *sum = arg;

	assert_int_equal(e->message.message.v, e->seq);
	*sum = *sum * 100 + e->seq;
}

static void the_ring_keeps_what_it_was_told_to_keep(void **state)
{
	struct audience one = { { { 1 } }, 1 };
	struct audience two = { { { 2 } }, 1 };
	struct ring r;
	struct event e;
	uint64_t sum = 0;
	uint64_t seq;

	(void)state;
	ring_init(&r, RING_BYTES);
	assert_false(ring_reaches(&r, 0));
	for (seq = 11; seq <= 16; seq++) {
		e = message_event(seq, NULL);
		ring_add(&r, &e, seq % 2 == 1 ? &one : &two, seq != 15);
	}
	assert_false(ring_reaches(&r, 9));
	assert_true(ring_reaches(&r, 10));
	assert_true(ring_reaches(&r, 16));
	assert_false(ring_reaches(&r, 17));
	ring_each(&r, 11, (struct agent_id){ 1 }, count_event, &sum);
	assert_int_equal(sum, 13);
	sum = 0;
	ring_each(&r, 10, (struct agent_id){ 2 }, count_event, &sum);
	assert_int_equal(sum, 121416);
	ring_done(&r);
}

static void the_ring_has_a_budget_of_bytes(void **state)
{
	static char big[1000];
	struct payload p = { .body = { big, sizeof(big) } };
	struct audience one = { { { 1 } }, 1 };
	struct ring r;
	struct event e;
	uint64_t seq;

	(void)state;
	memset(big, 'x', sizeof(big));
	ring_init(&r, 10000);
	for (seq = 1; seq <= 100; seq++) {
		e = message_event(seq, &p);
		ring_add(&r, &e, &one, true);
		assert_true(r.bytes <= 10000);
	}
	assert_true(r.count >= 5);
	assert_int_equal(r.from, 100 - r.count + 1);
	assert_false(ring_reaches(&r, r.from - 2));
	assert_true(ring_reaches(&r, r.from - 1));
	ring_done(&r);
}

static void the_ring_forgets_the_oldest_of_8193(void **state)
{
	struct audience one = { { { 1 } }, 1 };
	struct ring r;
	struct event e;
	uint64_t seq;

	(void)state;
	ring_init(&r, RING_BYTES);
	for (seq = 1; seq <= RING_EVENTS; seq++) {
		e = message_event(seq, NULL);
		ring_add(&r, &e, &one, true);
	}
	assert_true(ring_reaches(&r, 0));
	e = message_event(seq, NULL);
	ring_add(&r, &e, &one, true);
	assert_false(ring_reaches(&r, 0));
	assert_true(ring_reaches(&r, 1));
	ring_done(&r);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, open_one, close_one)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(an_offer_says_who_what_and_why),
		CASE(a_stranger_is_offered_with_their_words),
		CASE(the_customers_latest_contacts_come_with_the_offer),
		CASE(a_claimed_number_is_probably_somebody),
		CASE(a_settled_offer_is_closed),
		CASE(an_offer_settled_before_it_was_told_is_not_told),
		CASE(messages_reach_the_owner_in_order),
		CASE(a_message_committed_with_the_end_still_reaches_the_owner),
		CASE(what_the_agent_says_comes_back_with_its_seq),
		CASE(a_sent_key_is_not_sent_twice_over_a_reconnect),
		CASE(another_agents_contact_is_not_mine),
		CASE(a_transfer_takes_it_from_one_and_gives_it_to_another),
		CASE(typing_goes_both_ways_and_leaves_no_trace),
		CASE(a_confirmed_identity_is_told),
		CASE(a_forced_state_names_who_forced_it),
		CASE(a_lead_moves_anothers_contact),
		CASE(an_agent_starts_a_request_to_a_queue),
		CASE(a_started_mail_is_the_agents_and_says_its_first_words),
		CASE(a_mail_that_did_not_leave_is_told),
		CASE(missed_messages_come_before_resumed),
		CASE(a_restart_of_the_server_is_resumed_over),
		CASE(a_seq_from_the_future_gets_a_snapshot),
		CASE(nothing_is_missed_or_doubled_around_resume),
		CASE(a_snapshot_holds_all_in_hand),
		CASE(a_snapshot_shows_the_open_offer),
		CASE(frames_wait_behind_the_snapshot),
		cmocka_unit_test(the_ring_keeps_what_it_was_told_to_keep),
		cmocka_unit_test(the_ring_has_a_budget_of_bytes),
		cmocka_unit_test(the_ring_forgets_the_oldest_of_8193),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
