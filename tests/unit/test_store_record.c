/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_store_record.c - what the record answers, question by question.
 *
 * The cast: Ana (+351215550101), Rui (+351215550102), agents a0..a5. Answers
 * are read as JSON and looked at member by member.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "base/check.h"
#include "base/crypto.h"
#include "base/mem.h"
#include "store_kit.h"

#define ANA "+351215550101"
#define RUI "+351215550102"

static const struct said ana_chats = { CHANNEL_CHAT, "Ana Silva", ANA,
	LEVEL_VERIFIED, "where is my refund" };

struct asked {
	char *text;
	struct json *root;
};

static struct asked parse(char *text)
{
	struct asked a = { text, NULL };
	struct fault why;

	if (json_parse(str_of(text), 0, &a.root, &why) != 0)
		fail_msg("%s: %s", why.text, text);
	return a;
}

static struct asked ask(struct shop *x, enum read_kind kind, uint64_t id)
{
	return parse(shop_ask(x, kind, id));
}

static struct asked ask_text(
    struct shop *x, enum read_kind kind, const char *text)
{
	struct read what = {
		.kind = kind, .seq = x->w->seq, .text = str_of(text)
	};
	char *answer;
	int err;

	answer = shop_read(x, &what, &err);
	assert_int_equal(err, 0);
	return parse(answer);
}

static int err_of(
    struct shop *x, enum read_kind kind, uint64_t id, const char *text)
{
	struct read what = {
		.kind = kind, .seq = x->w->seq, .text = str_of(text)
	};
	int err;

	what.contact.v = what.customer.v = id;
	mem_free(shop_read(x, &what, &err));
	return err;
}

static void done(struct asked *a)
{
	json_free(a->root);
	mem_free(a->text);
}

static void assert_str(const struct json *v, const char *name, const char *want)
{
	struct str got = json_str(json_get(v, name));

	if (want == NULL ? got.n != 0 : !str_is(got, want))
		fail_msg("%s is \"%.*s\", not \"%s\"", name, (int)got.n, got.p,
		    want == NULL ? "(absent)" : want);
}

static const struct json *row(const struct asked *a, const char *name, size_t i)
{
	return json_at(json_get(a->root, name), i);
}

static int64_t first_row_number(const struct asked *a, const char *name)
{
	return json_int(json_get(json_at(a->root, 0), name), -1);
}

static struct asked identify(struct shop *x, const char *phone)
{
	char question[128];

	snprintf(question, sizeof(question),
	    "[{\"kind\":\"phone\",\"value\":\"%s\"}]", phone);
	return ask_text(x, READ_IDENTIFIERS, question);
}

static void open_with(struct shop *x, struct contact_id *c)
{
	shop_init(x);
	shop_open(x);
	shop_ready(x, 0);
	shop_ready(x, 1);
	shop_ready(x, 2);
	shop_ready(x, 3);
	shop_ready(x, 4);
	shop_ready(x, 5);
	*c = shop_arrive(x, &ana_chats);
}

static void a_number_never_seen_is_new(void **state)
{
	struct shop x;
	struct asked a;

	(void)state;
	shop_init(&x);
	shop_open(&x);
	a = identify(&x, RUI);
	assert_int_equal(first_row_number(&a, "id"), 0);
	assert_int_equal(first_row_number(&a, "customer"), 0);
	assert_int_equal(first_row_number(&a, "owners"), 0);
	done(&a);
	a = ask_text(&x, READ_IDENTIFIERS, "[]");
	assert_int_equal(json_count(a.root), 0);
	done(&a);
	shop_done(&x);
}

static void a_number_seen_has_its_customer(void **state)
{
	struct contact_id c;
	struct shop x;
	struct asked a;

	(void)state;
	open_with(&x, &c);
	a = identify(&x, ANA);
	assert_int_equal(first_row_number(&a, "id"), 1);
	assert_int_equal(first_row_number(&a, "customer"),
	    world_contact(x.w, c)->customer.v);
	assert_int_equal(first_row_number(&a, "owners"), 1);
	assert_int_equal(first_row_number(&a, "own"), 0);
	assert_str(json_at(a.root, 0), "level", "verified");
	done(&a);
	shop_done(&x);
}

static void the_agent_who_served_last_is_own(void **state)
{
	struct contact_id c;
	struct agent_id agent;
	struct shop x;
	struct asked a;

	(void)state;
	open_with(&x, &c);
	agent = world_contact(x.w, c)->offer->agent->id;
	shop_accept(&x, c);
	shop_end(&x, c, END_RESOLVED);
	a = identify(&x, ANA);
	assert_int_equal(first_row_number(&a, "own"), agent.v);
	done(&a);
	shop_done(&x);
}

static void a_number_of_two_people_has_two_owners(void **state)
{
	struct said rui = { CHANNEL_CHAT, "Rui", RUI, LEVEL_VERIFIED, "hi" };
	struct event link = { .kind = EV_IDENTIFIER_LINKED };
	struct contact_id c;
	struct shop x;
	struct asked a;

	(void)state;
	open_with(&x, &c);
	(void)shop_arrive(&x, &rui);
	link.seq = x.w->seq + 1;
	link.epoch = x.w->epoch;
	link.at = x.w->now;
	link.customer = x.out.outcome.customer;
	link.linked.identifier.v = 1;
	link.linked.identifier_kind = IDENTIFIER_PHONE;
	link.linked.level = LEVEL_CLAIMED;
	apply(x.w, &link);
	store_append(x.s, &link);
	a = identify(&x, ANA);
	assert_int_equal(first_row_number(&a, "owners"), 2);
	assert_int_equal(first_row_number(&a, "customer"),
	    world_contact(x.w, c)->customer.v);
	assert_int_equal(first_row_number(&a, "own"), 0);
	done(&a);
	shop_done(&x);
}

static void a_question_that_is_not_json_is_invalid(void **state)
{
	struct shop x;

	(void)state;
	shop_init(&x);
	shop_open(&x);
	assert_int_equal(err_of(&x, READ_IDENTIFIERS, 0, "{}"), ERR_INVALID);
	assert_int_equal(err_of(&x, READ_IDENTIFIERS, 0, "["), ERR_INVALID);
	assert_int_equal(err_of(&x, READ_IDENTIFIERS, 0,
	                     "[{\"kind\":\"shoe\",\"value\":\"x\"}]"),
	    ERR_INVALID);
	assert_int_equal(err_of(&x, READ_TOKEN, 0, "zz"), ERR_INVALID);
	assert_int_equal(err_of(&x, READ_SEARCH, 0, "  "), ERR_INVALID);
	shop_done(&x);
}

static void what_is_not_there_is_not_found(void **state)
{
	struct shop x;

	(void)state;
	shop_init(&x);
	shop_open(&x);
	assert_int_equal(err_of(&x, READ_CUSTOMER, 9, ""), ERR_NOT_FOUND);
	assert_int_equal(err_of(&x, READ_LATEST, 0, ""), ERR_NOT_FOUND);
	assert_int_equal(err_of(&x, READ_TIMELINE, 9, ""), ERR_NOT_FOUND);
	assert_int_equal(err_of(&x, READ_CONTACT, 9, ""), ERR_NOT_FOUND);
	assert_int_equal(err_of(&x, READ_PERSON, 0, "x"), ERR_NOT_FOUND);
	shop_done(&x);
}

static void latest_tells_of_the_last_contacts(void **state)
{
	struct contact_id first;
	struct contact_id second;
	struct said mail = { CHANNEL_MAIL, "Ana S. Silva", ANA, LEVEL_VERIFIED,
		"second" };
	struct agent *agent;
	char label[32];
	struct shop x;
	struct asked a;

	(void)state;
	open_with(&x, &first);
	agent = world_contact(x.w, first)->offer->agent;
	snprintf(label, sizeof(label), "Agent %s", agent->name + 1);
	shop_accept(&x, first);
	shop_end(&x, first, END_RESOLVED);
	x.now += 60000;
	second = shop_arrive(&x, &mail);
	a = ask(&x, READ_LATEST, world_contact(x.w, first)->customer.v);
	assert_str(a.root, "customer", "p1");
	assert_str(a.root, "name", "Ana S. Silva");
	assert_str(row(&a, "identifiers", 0), "value", ANA);
	assert_str(row(&a, "identifiers", 0), "level", "verified");
	assert_int_equal(json_count(json_get(a.root, "open")), 1);
	assert_true(str_is(json_str(row(&a, "open", 0)), "c2"));
	assert_int_equal(json_count(json_get(a.root, "contacts")), 2);
	assert_int_equal(second.v, 2);
	assert_str(row(&a, "contacts", 0), "id", "c2");
	assert_str(row(&a, "contacts", 0), "channel", "mail");
	assert_str(row(&a, "contacts", 0), "words", "second");
	assert_str(row(&a, "contacts", 1), "id", "c1");
	assert_str(row(&a, "contacts", 1), "channel", "chat");
	assert_str(row(&a, "contacts", 1), "queue", "q2");
	assert_str(row(&a, "contacts", 1), "state", "ended");
	assert_str(row(&a, "contacts", 1), "end", "resolved");
	assert_str(row(&a, "contacts", 1), "agent", label);
	assert_str(row(&a, "contacts", 1), "agent_name", agent->name);
	assert_str(row(&a, "contacts", 1), "words", "where is my refund");
	done(&a);
	shop_done(&x);
}

static void latest_keeps_to_its_number(void **state)
{
	struct read what = { .kind = READ_LATEST };
	struct contact_id c;
	struct shop x;
	struct asked a;
	int err;
	int i;

	(void)state;
	open_with(&x, &c);
	for (i = 0; i < 5; i++)
		(void)shop_arrive(&x, &ana_chats);
	what.customer.v = 1;
	what.most = 3;
	what.seq = x.w->seq;
	a = parse(shop_read(&x, &what, &err));
	assert_int_equal(json_count(json_get(a.root, "contacts")), 3);
	assert_str(row(&a, "contacts", 0), "id", "c6");
	done(&a);
	shop_done(&x);
}

static void who_is_only_maybe_hers_is_said_so(void **state)
{
	struct said claimed = { CHANNEL_CHAT, "Mallory", ANA, LEVEL_CLAIMED,
		"it is me" };
	struct contact_id first;
	struct contact_id second;
	struct shop x;
	struct asked a;

	(void)state;
	open_with(&x, &first);
	second = shop_arrive(&x, &claimed);
	assert_int_equal(world_contact(x.w, second)->customer.v, 0);
	assert_int_equal(world_contact(x.w, second)->maybe.v, 1);
	a = ask(&x, READ_LATEST, 1);
	assert_str(row(&a, "contacts", 0), "id", "c2");
	assert_true(
	    json_bool(json_get(row(&a, "contacts", 0), "maybe"), false));
	assert_null(json_get(row(&a, "contacts", 1), "maybe"));
	assert_str(a.root, "name", "Ana Silva");
	assert_int_equal(json_count(json_get(a.root, "open")), 2);
	done(&a);
	a = ask(&x, READ_CONTACT, 2);
	assert_str(a.root, "customer", NULL);
	assert_str(a.root, "maybe_customer", "p1");
	done(&a);
	shop_done(&x);
}

static void a_settled_identity_moves_the_contact(void **state)
{
	struct said claimed = { CHANNEL_CHAT, "Ana Maria", ANA, LEVEL_CLAIMED,
		"it is me" };
	struct input in = { .kind = INPUT_IDENTITY };
	struct contact_id first;
	struct shop x;
	struct asked a;

	(void)state;
	open_with(&x, &first);
	in.contact = shop_arrive(&x, &claimed);
	in.agent = world_contact(x.w, in.contact)->offer->agent->id;
	shop_accept(&x, in.contact);
	in.identity.confirmed = true;
	in.identity.evidence = STR("knew the order");
	shop_post(&x, &in, NULL);
	a = ask(&x, READ_CUSTOMER, 1);
	assert_str(a.root, "name", "Ana Maria");
	assert_null(json_get(row(&a, "contacts", 0), "maybe"));
	done(&a);
	shop_done(&x);
}

static void a_name_counts_only_with_a_sure_identifier(void **state)
{
	static const char *const payload =
	    "{\"name\":\"Eve\",\"identifiers\":["
	    "{\"id\":1,\"kind\":\"phone\",\"value\":\"" ANA
	    "\",\"level\":\"claimed\"},"
	    "{\"id\":2,\"kind\":\"mail\",\"value\":\"e@x.org\","
	    "\"level\":\"claimed\"}]}";
	struct input in = { .kind = INPUT_ARRIVE };
	struct shop x;
	struct asked a;

	(void)state;
	shop_init(&x);
	shop_open(&x);
	in.arrive.channel = CHANNEL_CHAT;
	in.arrive.by_count = 2;
	in.arrive.by[0] = (struct presented){
		.id = { 1 }, .kind = IDENTIFIER_PHONE, .level = LEVEL_CLAIMED
	};
	in.arrive.by[1] = (struct presented){
		.id = { 2 }, .kind = IDENTIFIER_MAIL, .level = LEVEL_CLAIMED
	};
	shop_post(&x, &in, payload);
	a = ask(&x, READ_CUSTOMER, 1);
	assert_str(a.root, "name", NULL);
	assert_int_equal(json_count(json_get(a.root, "identifiers")), 2);
	done(&a);
	shop_done(&x);
}

static void a_timeline_has_every_message_in_order(void **state)
{
	struct contact_id c;
	struct shop x;
	struct asked a;
	const struct json *messages;

	(void)state;
	open_with(&x, &c);
	shop_accept(&x, c);
	shop_say(&x, c, AUTHOR_AGENT, "one moment");
	shop_say(&x, c, AUTHOR_CUSTOMER, "thanks");
	a = ask(&x, READ_TIMELINE, 1);
	messages = json_get(row(&a, "contacts", 0), "messages");
	assert_int_equal(json_count(messages), 3);
	assert_str(json_at(messages, 0), "text", "where is my refund");
	assert_str(json_at(messages, 0), "author", "customer");
	assert_str(json_at(messages, 0), "id", NULL);
	assert_str(json_at(messages, 1), "text", "one moment");
	assert_str(json_at(messages, 1), "author", "agent");
	assert_str(json_at(messages, 1), "id", "m1");
	assert_true(json_get(json_at(messages, 1), "agent") != NULL);
	assert_str(json_at(messages, 2), "id", "m2");
	done(&a);
	shop_done(&x);
}

static void messages_go_on_after_a_number(void **state)
{
	struct read what = { .kind = READ_MESSAGES, .after = 1, .most = 2 };
	struct contact_id c;
	struct shop x;
	struct asked a;
	int err;
	int i;

	(void)state;
	open_with(&x, &c);
	for (i = 0; i < 5; i++)
		shop_say(&x, c, AUTHOR_CUSTOMER, "and");
	what.contact = c;
	what.seq = x.w->seq;
	a = parse(shop_read(&x, &what, &err));
	assert_int_equal(json_count(json_get(a.root, "messages")), 2);
	assert_str(row(&a, "messages", 0), "id", "m2");
	assert_str(row(&a, "messages", 1), "id", "m3");
	done(&a);
	shop_done(&x);
}

static void attachments_lie_with_their_message(void **state)
{
	struct input in = { .kind = INPUT_MESSAGE };
	struct contact_id c;
	struct shop x;
	struct asked a;
	const struct json *file;

	(void)state;
	open_with(&x, &c);
	in.contact = c;
	in.message.author = AUTHOR_CUSTOMER;
	shop_post(&x, &in,
	    "{\"text\":\"see\",\"attachments\":[{\"file\":\"ab\","
	    "\"name\":\"bill.pdf\",\"type\":\"application/pdf\",\"size\":9},"
	    "{\"name\":\"no file\"}]}");
	a = ask(&x, READ_MESSAGES, c.v);
	file = json_get(row(&a, "messages", 1), "attachments");
	assert_int_equal(json_count(file), 1);
	assert_str(json_at(file, 0), "name", "bill.pdf");
	assert_int_equal(json_int(json_get(json_at(file, 0), "size"), 0), 9);
	done(&a);
	shop_done(&x);
}

static void a_contact_has_everything(void **state)
{
	struct contact_id c;
	struct shop x;
	struct asked a;

	(void)state;
	open_with(&x, &c);
	shop_accept(&x, c);
	shop_say(&x, c, AUTHOR_AGENT, "one moment");
	a = ask(&x, READ_CONTACT, c.v);
	assert_str(a.root, "id", "c1");
	assert_str(a.root, "customer", "p1");
	assert_str(a.root, "state", "active");
	assert_str(a.root, "queue", "q2");
	assert_str(a.root, "language", "en");
	assert_str(row(&a, "identifiers", 0), "value", ANA);
	assert_int_equal(json_count(json_get(a.root, "agents")), 1);
	assert_int_equal(json_count(json_get(a.root, "messages")), 2);
	assert_str(row(&a, "events", 0), "kind", "contact.arrived");
	assert_true(json_count(json_get(a.root, "events")) >= 6);
	assert_true(json_type(json_get(a.root, "facts")) == JSON_OBJECT);
	done(&a);
	shop_done(&x);
}

static void a_raw_mail_is_filled_in_when_parsed(void **state)
{
	struct input in = { .kind = INPUT_ARRIVE };
	struct contact_id c;
	struct shop x;
	struct asked a;

	(void)state;
	shop_init(&x);
	shop_open(&x);
	in.arrive.channel = CHANNEL_MAIL;
	in.arrive.unparsed = true;
	shop_post(&x, &in, "{\"raw\":\"ab\",\"to\":\"help@acme.example\"}");
	c = x.out.outcome.contact;
	in = (struct input){ .kind = INPUT_PARSED, .contact = c };
	in.arrive.channel = CHANNEL_MAIL;
	in.arrive.language = STR("pt");
	in.arrive.by_count = 1;
	in.arrive.by[0] = (struct presented){
		.id = { 1 }, .kind = IDENTIFIER_MAIL, .level = LEVEL_CLAIMED
	};
	shop_post(&x, &in,
	    "{\"subject\":\"Invoice\",\"text\":\"Where is it?\","
	    "\"name\":\"Ana\",\"from\":\"ana@example.org\",\"identifiers\":"
	    "[{\"id\":1,\"kind\":\"mail\",\"value\":\"ana@example.org\","
	    "\"level\":\"claimed\"}]}");
	a = ask(&x, READ_CONTACT, c.v);
	assert_str(a.root, "subject", "Invoice");
	assert_str(a.root, "words", "Where is it?");
	assert_str(a.root, "language", "pt");
	assert_str(json_get(a.root, "facts"), "raw", "ab");
	assert_str(json_get(a.root, "facts"), "from", "ana@example.org");
	assert_int_equal(json_count(json_get(a.root, "messages")), 1);
	done(&a);
	a = ask(&x, READ_CUSTOMER, 1);
	assert_str(a.root, "name", "Ana");
	done(&a);
	shop_done(&x);
}

static void why_names_the_deciding_step(void **state)
{
	struct contact_id c;
	struct shop x;
	struct asked a;

	(void)state;
	open_with(&x, &c);
	shop_accept(&x, c);
	a = ask(&x, READ_WHY, c.v);
	assert_int_equal(json_count(json_get(a.root, "offers")), 2);
	assert_true(json_get(row(&a, "offers", 0), "why") != NULL);
	assert_str(row(&a, "offers", 0), "queue", "Queue 2");
	assert_str(
	    json_get(row(&a, "offers", 0), "event"), "kind", "offer.made");
	assert_str(json_get(row(&a, "offers", 1), "event"), "end", "accepted");
	done(&a);
	shop_done(&x);
}

static void search_finds_words_not_operators(void **state)
{
	struct contact_id c;
	struct shop x;
	struct asked a;

	(void)state;
	open_with(&x, &c);
	shop_say(&x, c, AUTHOR_CUSTOMER, "o cart\xc3\xa3o est\xc3\xa1 aqui");
	a = ask_text(&x, READ_SEARCH, "CARTAO");
	assert_int_equal(json_count(json_get(a.root, "hits")), 1);
	assert_str(row(&a, "hits", 0), "contact", "c1");
	assert_str(row(&a, "hits", 0), "message", "m1");
	assert_str(row(&a, "hits", 0), "customer", "p1");
	assert_str(row(&a, "hits", 0), "name", "Ana Silva");
	done(&a);
	a = ask_text(&x, READ_SEARCH, "my ref");
	assert_int_equal(json_count(json_get(a.root, "hits")), 1);
	assert_str(row(&a, "hits", 0), "message", NULL);
	done(&a);
	a = ask_text(&x, READ_SEARCH, "refund NOT my");
	assert_int_equal(json_count(json_get(a.root, "hits")), 0);
	done(&a);
	a = ask_text(&x, READ_SEARCH, "\" OR ( * : ^ - NEAR(");
	done(&a);
	a = ask_text(&x, READ_SEARCH, "...");
	assert_int_equal(json_count(json_get(a.root, "hits")), 0);
	done(&a);
	shop_done(&x);
}

static void a_person_keeps_the_password_when_only_the_role_changes(void **state)
{
	struct input in = { .kind = INPUT_PERSON };
	struct shop x;
	struct asked a;

	(void)state;
	shop_init(&x);
	shop_open(&x);
	in.person.name = STR("maria");
	in.person.role = ROLE_AGENT;
	shop_post(&x, &in, "{\"hash\":\"$argon2id$x\"}");
	in.person.role = ROLE_LEAD;
	in.person.disabled = true;
	memset(in.person.digest, 0, sizeof(in.person.digest));
	in.payload = NULL;
	shop_post(&x, &in, NULL);
	a = ask_text(&x, READ_PERSON, "maria");
	assert_str(a.root, "hash", "$argon2id$x");
	assert_str(a.root, "role", "lead");
	assert_true(json_bool(json_get(a.root, "disabled"), false));
	done(&a);
	a = ask(&x, READ_PEOPLE, 0);
	assert_int_equal(json_count(json_get(a.root, "people")), 1);
	assert_null(json_get(row(&a, "people", 0), "hash"));
	done(&a);
	shop_done(&x);
}

static void a_token_is_known_until_revoked(void **state)
{
	struct input in = { .kind = INPUT_TOKEN };
	struct buf hex = { 0 };
	struct shop x;
	struct asked a;

	(void)state;
	shop_init(&x);
	shop_open(&x);
	in.token.name = STR("maria");
	in.token.role = ROLE_AGENT;
	in.token.until_wall = 77;
	memset(in.token.token, 0xab, sizeof(in.token.token));
	hex_encode(in.token.token, sizeof(in.token.token), &hex);
	shop_post(&x, &in, NULL);
	a = ask_text(&x, READ_TOKEN, hex.data);
	assert_str(a.root, "name", "maria");
	assert_str(a.root, "role", "agent");
	assert_int_equal(json_int(json_get(a.root, "until_wall"), 0), 77);
	done(&a);
	in.kind = INPUT_REVOKE;
	shop_post(&x, &in, NULL);
	assert_int_equal(err_of(&x, READ_TOKEN, 0, hex.data), ERR_NOT_FOUND);
	buf_done(&hex);
	shop_done(&x);
}

static void a_payload_that_is_rubbish_stops_nobody(void **state)
{
	static const char *const rubbish[] = { "", "{", "[]", "null",
		"{\"text\":5,\"name\":[],\"identifiers\":{},"
		"\"attachments\":7,\"attributes\":\"x\"}",
		"{\"identifiers\":[5,{\"id\":-1,\"kind\":\"phone\","
		"\"value\":\"x\",\"level\":\"claimed\"},{\"id\":3}]}" };
	struct input in = { .kind = INPUT_ARRIVE };
	struct shop x;
	struct asked a;
	size_t i;

	(void)state;
	shop_init(&x);
	shop_open(&x);
	in.arrive.channel = CHANNEL_CHAT;
	for (i = 0; i < countof(rubbish); i++)
		shop_post(&x, &in, rubbish[i]);
	a = ask(&x, READ_CONTACT, countof(rubbish));
	assert_str(a.root, "state", "waiting");
	assert_int_equal(json_count(json_get(a.root, "identifiers")), 0);
	done(&a);
	shop_done(&x);
}

static void a_question_waits_for_its_event(void **state)
{
	struct read what = { .kind = READ_CONTACT };
	struct contact_id c;
	struct shop x;
	char *text;
	int err;

	(void)state;
	shop_init(&x);
	x.config.inline_threads = false;
	shop_open(&x);
	c = shop_arrive(&x, &ana_chats);
	/* Asked before the flush: the answer must hold what comes with it. */
	what.contact = c;
	what.seq = x.w->seq;
	text = shop_read(&x, &what, &err);
	assert_int_equal(err, 0);
	mem_free(text);
	shop_done(&x);
}

static void on_nothing(void *arg, int err, struct str json)
{
	(void)arg;
	(void)err;
	(void)json;
}

static void too_many_questions_are_refused(void **state)
{
	struct read what = { .kind = READ_PEOPLE };
	struct shop x;
	int i;

	(void)state;
	shop_init(&x);
	shop_open(&x);
	what.seq = x.w->seq + 1;
	for (i = 0; i < 4096; i++)
		assert_int_equal(store_read(x.s, &what, on_nothing, NULL), 0);
	assert_int_equal(store_read(x.s, &what, on_nothing, NULL), ERR_BUSY);
	shop_done(&x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_never_seen_is_new),
		cmocka_unit_test(a_number_seen_has_its_customer),
		cmocka_unit_test(the_agent_who_served_last_is_own),
		cmocka_unit_test(a_number_of_two_people_has_two_owners),
		cmocka_unit_test(a_question_that_is_not_json_is_invalid),
		cmocka_unit_test(what_is_not_there_is_not_found),
		cmocka_unit_test(latest_tells_of_the_last_contacts),
		cmocka_unit_test(latest_keeps_to_its_number),
		cmocka_unit_test(who_is_only_maybe_hers_is_said_so),
		cmocka_unit_test(a_settled_identity_moves_the_contact),
		cmocka_unit_test(a_name_counts_only_with_a_sure_identifier),
		cmocka_unit_test(a_timeline_has_every_message_in_order),
		cmocka_unit_test(messages_go_on_after_a_number),
		cmocka_unit_test(attachments_lie_with_their_message),
		cmocka_unit_test(a_contact_has_everything),
		cmocka_unit_test(a_raw_mail_is_filled_in_when_parsed),
		cmocka_unit_test(why_names_the_deciding_step),
		cmocka_unit_test(search_finds_words_not_operators),
		cmocka_unit_test(
		    a_person_keeps_the_password_when_only_the_role_changes),
		cmocka_unit_test(a_token_is_known_until_revoked),
		cmocka_unit_test(a_payload_that_is_rubbish_stops_nobody),
		cmocka_unit_test(a_question_waits_for_its_event),
		cmocka_unit_test(too_many_questions_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
