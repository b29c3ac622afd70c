/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * people.c - agents, chat customers and a gateway, by dice.
 */
#include "people.h"

#include <inttypes.h>
#include <string.h>

#include "base/check.h"
#include "base/mem.h"

static const char *const names[AGENTS] = { "ann", "bob", "cat", "dan" };

static uint64_t id_of(const struct json *v, const char *name, char letter)
{
	struct str s = json_str(json_get(v, name));
	uint64_t id = 0;

	if (s.n > 0)
		check(id_parse(letter, s, &id) == 0);
	return id;
}

static bool is_type(const struct json *v, const char *type)
{
	return str_is(json_str(json_get(v, "type")), type);
}

void people_init(struct people *p, struct centre *x)
{
	size_t i;

	memset(p, 0, sizeof(*p));
	p->centre = x;
	p->customers = new_array(struct sim_customer, CUSTOMERS);
	for (i = 0; i < AGENTS; i++)
		p->agents[i].name = names[i];
}

void people_done(struct people *p)
{
	people_cut(p);
	mem_free(p->customers);
}

void people_cut(struct people *p)
{
	unsigned i;

	for (i = 0; i < AGENTS; i++) {
		line_drop(&p->agents[i].line);
		p->agents[i].signed_in = false;
		p->agents[i].offer = 0;
	}
	for (i = 0; i < p->customer_count; i++)
		line_drop(&p->customers[i].line);
	line_drop(&p->gateway);
	p->connected = false;
}

static void say(struct line *l, const char *fmt, ...) printf_like(2, 3);
static void say(struct line *l, const char *fmt, ...)
{
	struct buf text = { 0 };
	va_list ap;

	va_start(ap, fmt);
	buf_addv(&text, fmt, ap);
	va_end(ap);
	buf_add_char(&text, '\n');
	line_write(l, buf_str(&text));
	buf_done(&text);
}

void people_enrol(struct people *p)
{
	struct line control = { 0 };
	size_t i;

	line_dial(&control, p->centre, LISTENER_CONTROL, "unix");
	for (i = 0; i < AGENTS; i++) {
		struct json *v;

		say(&control,
		    "{\"id\":\"%zu\",\"cmd\":\"person-add\",\"name\":\"%s\","
		    "\"role\":\"agent\",\"password\":\"a long secret of %s\"}",
		    i, names[i], names[i]);
		centre_settle(p->centre);
		v = line_read(&control);
		check(v != NULL && json_bool(json_get(v, "ok"), false));
		json_free(v);
	}
	line_drop(&control);
}

/* ---- agents ---------------------------------------------------------------- */

static void agent_sign_in(struct people *p, struct sim_agent *a)
{
	static const char *const from[AGENTS] = { "10.0.0.1", "10.0.0.2",
		"10.0.0.3", "10.0.0.4" };

	line_dial(&a->line, p->centre, LISTENER_AGENTS, from[a - p->agents]);
	a->signed_in = false;
	a->offer = 0;
	if (a->token[0] != '\0')
		say(&a->line,
		    "{\"id\":\"l%u\",\"cmd\":\"login\",\"token\":\"%s\","
		    "\"last_seq\":%" PRIu64 "}",
		    a->next_id++, a->token, a->last_seq);
	else
		say(&a->line,
		    "{\"id\":\"l%u\",\"cmd\":\"login\",\"name\":\"%s\","
		    "\"password\":\"a long secret of %s\"}",
		    a->next_id++, a->name, a->name);
	centre_tell(p->centre, "%s signs in", a->name);
}

/* Law 4: the same key is the same message, over any connection. */
static void agent_said(struct sim_agent *a, struct str key, uint64_t message)
{
	uint64_t n;

	check(str_to_u64(str_sub(key, 0, str_find(key, '.')), &n) == 0);
	if (n != a->said_key || message == 0)
		return;
	check(a->said_as == 0 || a->said_as == message);
	a->said_as = message;
}

/* By the first letter of its id: a login, something said, or an answer that
 * comes too late. Other commands may be refused: the world has moved on. */
static void agent_result(struct sim_agent *a, const struct json *v)
{
	struct str id = json_str(json_get(v, "id"));
	struct str token = json_str(json_get(v, "token"));
	bool ok = json_bool(json_get(v, "ok"), false);

	if (id.n > 0 && id.p[0] == 'f')
		check(!ok);
	if (id.n > 0 && id.p[0] == 's' && ok)
		agent_said(a, str_from(id, 1), id_of(v, "message", 'm'));
	if (id.n == 0 || id.p[0] != 'l')
		return;
	if (!ok) {
		/* A token whose commit was lost with a crash: by password. */
		a->token[0] = '\0';
		line_drop(&a->line);
		return;
	}
	if (token.n > 0)
		check(str_copy(a->token, sizeof(a->token), token));
	a->signed_in = true;
}

static void screen_add(struct sim_agent *a, uint64_t contact)
{
	unsigned i;

	for (i = 0; i < a->hand_count; i++)
		if (a->hands[i] == contact)
			return;
	check(a->hand_count < HANDS);
	a->hands[a->hand_count++] = contact;
}

static void screen_remove(struct sim_agent *a, uint64_t contact)
{
	unsigned i;

	for (i = 0; i < a->hand_count; i++)
		if (a->hands[i] == contact)
			a->hands[i--] = a->hands[--a->hand_count];
}

static void agent_snapshot(struct sim_agent *a, const struct json *v)
{
	const struct json *all = json_get(v, "contacts");
	size_t i;

	a->hand_count = 0;
	for (i = 0; i < json_count(all); i++)
		screen_add(a, id_of(json_at(all, i), "contact", 'c'));
	a->offer = id_of(json_get(v, "offer"), "offer", 'o');
}

static void agent_screen(struct sim_agent *a, const struct json *v)
{
	if (is_type(v, "snapshot")) {
		agent_snapshot(a, v);
	} else if (is_type(v, "offer")) {
		a->offer = id_of(v, "offer", 'o');
		a->offered = id_of(v, "contact", 'c');
	} else if (is_type(v, "offer-closed")) {
		a->past = id_of(v, "offer", 'o');
		a->offer = 0;
	} else if (is_type(v, "contact")) {
		if (str_is(json_str(json_get(v, "state")), "active"))
			screen_add(a, id_of(v, "contact", 'c'));
		else
			screen_remove(a, id_of(v, "contact", 'c'));
	}
}

/* Offers are shown when their history has been read: they may come behind
 * frames of later events. Everything else is in order, and told once. */
static void agent_frame(struct sim_agent *a, const struct json *v)
{
	uint64_t seq = (uint64_t)json_int(json_get(v, "seq"), 0);
	bool sums_up = is_type(v, "snapshot") || is_type(v, "resumed");

	if (is_type(v, "result")) {
		agent_result(a, v);
		return;
	}
	agent_screen(a, v);
	if (seq == 0 || is_type(v, "offer"))
		return;
	check(seq > a->last_seq || (sums_up && seq == a->last_seq));
	a->last_seq = seq;
}

static void agent_read(struct sim_agent *a)
{
	struct json *v;

	while ((v = line_read(&a->line)) != NULL) {
		agent_frame(a, v);
		json_free(v);
	}
	if (a->line.pipe != NULL && net_memory_is_closed(a->line.pipe)) {
		line_drop(&a->line);
		a->signed_in = false;
	}
}

/* Sometimes what was said before, word for word: its answer may be lost. */
static void agent_speak(struct people *p, struct sim_agent *a, unsigned id)
{
	if (a->said_to == 0 || centre_chance(p->centre, 50)) {
		a->said_to = a->hands[id % a->hand_count];
		a->said_key = id;
		a->said_as = 0;
	}
	say(&a->line,
	    "{\"id\":\"s%u.%u\",\"cmd\":\"send\",\"contact\":\"c%" PRIu64
	    "\",\"text\":\"one moment\",\"key\":\"k%u\"}",
	    a->said_key, id, a->said_to, a->said_key);
}

/* Law 4: an offer has one answer, and one who may give it. */
static void agent_answers_late(
    struct people *p, struct sim_agent *a, unsigned id)
{
	const struct sim_agent *other =
	    &p->agents[rng_below(&p->centre->rng, AGENTS)];
	uint64_t offer = other == a ? a->past : other->offer;

	if (offer != 0)
		say(&a->line,
		    "{\"id\":\"f%u\",\"cmd\":\"accept\","
		    "\"offer\":\"o%" PRIu64 "\"}",
		    id, offer);
}

static void agent_lets_go(
    struct people *p, struct sim_agent *a, unsigned id, bool ends)
{
	uint64_t contact = a->hands[rng_below(&p->centre->rng, a->hand_count)];
	unsigned to = (unsigned)rng_below(&p->centre->rng, AGENTS);
	const char *where = to % 2 == 0 ? "queue" : "agent";
	const char *whom = to % 2 == 0 ? "two" : names[to];

	if (ends)
		say(&a->line,
		    "{\"id\":\"%u\",\"cmd\":\"end\",\"contact\":\"c%" PRIu64
		    "\"}",
		    id, contact);
	else
		say(&a->line,
		    "{\"id\":\"%u\",\"cmd\":\"transfer\","
		    "\"contact\":\"c%" PRIu64 "\",\"%s\":\"%s\"}",
		    id, contact, where, whom);
}

static void agent_command(struct people *p, struct sim_agent *a)
{
	unsigned dice = (unsigned)rng_below(&p->centre->rng, 10);
	unsigned id = a->next_id++;

	if (centre_chance(p->centre, 5))
		agent_answers_late(p, a, id);
	else if (a->offer != 0 && dice < 6)
		say(&a->line,
		    "{\"id\":\"%u\",\"cmd\":\"%s\",\"offer\":\"o%" PRIu64 "\"}",
		    id, dice < 5 ? "accept" : "reject", a->offer);
	else if (a->hand_count > 0 && dice < 4)
		agent_speak(p, a, id);
	else if (a->hand_count > 0 && dice < 8)
		agent_lets_go(p, a, id, dice < 7);
	else
		say(&a->line,
		    "{\"id\":\"%u\",\"cmd\":\"state\",\"state\":\"%s\"%s}", id,
		    dice < 9 ? "ready" : "not-ready",
		    dice < 9 ? "" : ",\"reason\":\"lunch\"");
	centre_tell(p->centre, "%s commands (%u)", a->name, dice);
}

static void agent_act(struct people *p)
{
	struct sim_agent *a = &p->agents[rng_below(&p->centre->rng, AGENTS)];

	if (a->line.pipe == NULL) {
		agent_sign_in(p, a);
	} else if (centre_chance(p->centre, 3)) {
		centre_tell(p->centre, "%s is cut off", a->name);
		if (centre_chance(p->centre, 50)) /* in mid-line */
			line_write(&a->line, STR("{\"id\":\"x\",\"cm"));
		line_drop(&a->line);
		a->signed_in = false;
	} else if (a->signed_in) {
		agent_command(p, a);
	}
}

/* ---- chat customers -------------------------------------------------------- */

/* The same request whenever it is sent again: key and content are fixed. */
static void customer_send(struct people *p, struct sim_customer *c)
{
	struct buf body = { 0 };
	struct buf all = { 0 };
	char from[32];

	buf_addf(&all, "10.%u.%u.1", 1 + c->key / 250, c->key % 250);
	check(str_copy(from, sizeof(from), buf_str(&all)));
	buf_clear(&all);
	buf_addf(&body,
	    "{\"key\":\"key-%u\",\"text\":\"%s please\",\"language\":\"%s\"}",
	    c->key, c->key % 2 == 0 ? "one" : "help",
	    c->key % 3 == 0 ? "fr" : "en");
	buf_addf(&all,
	    "POST /v1/main/chat/site HTTP/1.1\r\nHost: sim\r\n"
	    "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n",
	    body.len);
	buf_add_str(&all, buf_str(&body));
	line_dial(&c->line, p->centre, LISTENER_PAGES, from);
	line_write(&c->line, buf_str(&all));
	c->sent = true;
	buf_done(&body);
	buf_done(&all);
	centre_tell(p->centre, "customer %u writes", c->key);
}

/* I1, I8: the same key is the same contact, today and after a crash. */
static void customer_read(struct people *p, struct sim_customer *c)
{
	struct json *v = NULL;
	int status;

	if (c->line.pipe == NULL)
		return;
	status = line_answer(&c->line, &v);
	if (status == 0)
		return;
	if (status == 200 || status == 201) {
		uint64_t id = id_of(v, "contact", 'c');

		check(c->contact == 0 || c->contact == id);
		c->contact = id;
		check(str_copy(c->token, sizeof(c->token),
		    json_str(json_get(v, "token"))));
	} else {
		check(status == 429 || status == 503);
	}
	json_free(v);
	line_drop(&c->line);
	(void)p;
}

static void customer_act(struct people *p)
{
	struct sim_customer *c;

	/* Half the time somebody new, else an old one asks again. */
	if (p->customer_count < CUSTOMERS &&
	    (p->customer_count == 0 || centre_chance(p->centre, 60))) {
		c = &p->customers[p->customer_count++];
		c->key = p->customer_count;
	} else {
		c = &p->customers[rng_below(
		    &p->centre->rng, p->customer_count)];
	}
	customer_send(p, c);
	if (centre_chance(p->centre, 10)) {
		centre_tell(p->centre, "customer %u hangs up", c->key);
		line_drop(&c->line);
	}
}

/* ---- the gateway ----------------------------------------------------------- */

static struct sim_call *call_named(struct people *p, const struct json *v)
{
	struct str name = json_str(json_get(v, "call"));
	uint64_t n;

	if (name.n < 2 || str_to_u64(str_from(name, 1), &n) != 0 || n == 0 ||
	    n > p->call_count)
		return NULL;
	return &p->calls[n - 1];
}

static void gateway_list(struct people *p)
{
	struct buf all = { 0 };
	unsigned i;

	buf_add_text(&all, "{\"type\":\"calls\",\"calls\":[");
	for (i = 0; i < p->call_count; i++) {
		if (p->calls[i].here)
			buf_addf(&all, "%s\"n%u\"",
			    all.data[all.len - 1] == '[' ? "" : ",", i + 1);
	}
	buf_add_text(&all, "]}");
	say(&p->gateway, "%s", all.data);
	buf_done(&all);
}

/* Orders are done at once, most of the time. */
static void gateway_order(struct people *p, const struct json *v)
{
	int64_t order = json_int(json_get(v, "order"), 0);
	struct sim_call *c = call_named(p, v);

	if (order == 0)
		return;
	say(&p->gateway, "{\"type\":\"done\",\"order\":%lld}",
	    (long long)order);
	if (c == NULL)
		return;
	if (is_type(v, "hold"))
		say(&p->gateway, "{\"type\":\"held\",\"call\":\"n%u\"}",
		    c->number);
	else if (is_type(v, "offer"))
		c->offer = id_of(v, "offer", 'o');
	else if (is_type(v, "withdraw"))
		c->offer = 0;
	else if (is_type(v, "release") || is_type(v, "closed"))
		c->here = false;
}

static void gateway_read(struct people *p)
{
	struct json *v;

	while (p->connected && (v = line_read(&p->gateway)) != NULL) {
		struct sim_call *c = call_named(p, v);

		if (is_type(v, "calls?"))
			gateway_list(p);
		else if (is_type(v, "arrived") && c != NULL) {
			uint64_t id = id_of(v, "contact", 'c');

			check(c->contact == 0 || c->contact == id);
			c->contact = id;
		} else
			gateway_order(p, v);
		json_free(v);
	}
}

static void gateway_connect(struct people *p)
{
	line_dial(&p->gateway, p->centre, LISTENER_GATEWAY, "127.0.0.1");
	say(&p->gateway, "{\"hello\":\"usher-gateway/1\",\"gateway\":\"pbx\","
	                 "\"token\":\"the token of pbx\"}");
	p->connected = true;
	centre_tell(p->centre, "the gateway connects");
}

static void call_arrive(struct people *p)
{
	struct sim_call *c;

	if (p->call_count == CALLS)
		return;
	c = &p->calls[p->call_count++];
	c->number = p->call_count;
	c->here = true;
	say(&p->gateway,
	    "{\"type\":\"arrive\",\"call\":\"n%u\",\"from\":\"+35121555%04u\","
	    "\"to\":\"+351210000000\"}",
	    c->number, c->number % 7);
	centre_tell(p->centre, "call n%u arrives", c->number);
}

static void call_step(struct people *p, struct sim_call *c)
{
	static const char *const steps[] = { "ringing", "talking", "talking",
		"offer-failed", "agent-left", "caller-left" };
	const char *step = steps[rng_below(&p->centre->rng, countof(steps))];

	if (!c->here)
		return;
	if (c->offer != 0 && strcmp(step, "agent-left") != 0 &&
	    strcmp(step, "caller-left") != 0)
		say(&p->gateway,
		    "{\"type\":\"%s\",\"call\":\"n%u\",\"offer\":\"o%" PRIu64
		    "\"%s}",
		    step, c->number, c->offer,
		    strcmp(step, "offer-failed") == 0 ? ",\"reason\":\"busy\""
		                                      : "");
	else
		say(&p->gateway, "{\"type\":\"%s\",\"call\":\"n%u\"}",
		    c->offer == 0 ? "caller-left" : step, c->number);
	if (c->offer == 0 || strcmp(step, "caller-left") == 0)
		c->here = false;
	centre_tell(p->centre, "call n%u: %s", c->number, step);
}

static void gateway_act(struct people *p)
{
	if (!p->connected) {
		gateway_connect(p);
	} else if (centre_chance(p->centre, 3)) {
		centre_tell(p->centre, "the gateway is cut off");
		line_drop(&p->gateway);
		p->connected = false;
	} else if (p->call_count == 0 || centre_chance(p->centre, 30)) {
		call_arrive(p);
	} else {
		call_step(
		    p, &p->calls[rng_below(&p->centre->rng, p->call_count)]);
	}
}

/* ---- all ------------------------------------------------------------------- */

void people_act(struct people *p)
{
	unsigned dice = (unsigned)rng_below(&p->centre->rng, 100);

	if (dice < 50)
		agent_act(p);
	else if (dice < 75)
		customer_act(p);
	else
		gateway_act(p);
}

void people_read(struct people *p)
{
	unsigned i;

	for (i = 0; i < AGENTS; i++)
		agent_read(&p->agents[i]);
	for (i = 0; i < p->customer_count; i++)
		customer_read(p, &p->customers[i]);
	gateway_read(p);
}

/* What was acknowledged is there: live, or ended and soon forgotten. */
static void check_contact(const struct world *w, uint64_t id)
{
	const struct contact *c;

	if (id == 0)
		return;
	check(id < w->next_contact);
	c = world_contact(w, (struct contact_id){ id });
	check(c != NULL || w->tally.in_state[CONTACT_ENDED] > 0);
}

void people_check(struct people *p)
{
	const struct world *w = p->centre->server->world;
	unsigned i;

	for (i = 0; i < p->customer_count; i++)
		check_contact(w, p->customers[i].contact);
	for (i = 0; i < p->call_count; i++)
		check_contact(w, p->calls[i].contact);
}

static bool is_on_screen(const struct sim_agent *a, uint64_t contact)
{
	unsigned i;

	for (i = 0; i < a->hand_count; i++)
		if (a->hands[i] == contact)
			return true;
	return false;
}

static void compare(const struct sim_agent *a, const struct agent *is)
{
	const struct contact *c;

	if (a->line.pipe == NULL) {
		check(is->session == 0);
		return;
	}
	if (!a->signed_in)
		return;
	check(is->session != 0);
	check(a->offer == (is->offer == NULL ? 0 : is->offer->id.v));
	check(a->hand_count == list_count(&is->contacts));
	list_each(c, &is->contacts, in_owner)
		check(is_on_screen(a, c->id.v));
}

void people_compare(struct people *p)
{
	const struct world *w = p->centre->server->world;
	unsigned i;

	for (i = 0; i < AGENTS; i++)
		compare(&p->agents[i], world_agent_named(w, str_of(names[i])));
}

static void agent_serve(struct people *p, struct sim_agent *a)
{
	uint64_t hands[16];
	size_t count = 0;
	size_t i;
	struct contact *c;
	const struct agent *self =
	    world_agent_named(p->centre->server->world, str_of(a->name));

	if (a->line.pipe == NULL) {
		agent_sign_in(p, a);
		return;
	}
	if (!a->signed_in)
		return;
	if (self->offer != NULL)
		say(&a->line,
		    "{\"id\":\"%u\",\"cmd\":\"accept\",\"offer\":\"o%" PRIu64
		    "\"}",
		    a->next_id++, self->offer->id.v);
	/* Writing lets the server act at once: nothing of its is walked. */
	list_each(c, &self->contacts, in_owner) {
		if (count < countof(hands))
			hands[count++] = c->id.v;
	}
	for (i = 0; i < count; i++)
		say(&a->line,
		    "{\"id\":\"%u\",\"cmd\":\"end\",\"contact\":\"c%" PRIu64
		    "\"}",
		    a->next_id++, hands[i]);
	if (self->state == AGENT_NOT_READY)
		say(&a->line,
		    "{\"id\":\"%u\",\"cmd\":\"state\",\"state\":\"ready\"}",
		    a->next_id++);
}

/* Contacts that have not ended, and orders that are still owed. */
static uint64_t unfinished(const struct people *p)
{
	const struct world *w = p->centre->server->world;

	return w->tally.arrived - w->tally.in_state[CONTACT_ENDED] +
	       list_count(&w->order_list);
}

/* I14, liveness. Calls end because their callers give up. */
void people_finish(struct people *p)
{
	unsigned round, i;

	for (round = 0; round < 600 && unfinished(p) > 0; round++) {
		if (!p->connected)
			gateway_connect(p);
		for (i = 0; i < p->call_count; i++) {
			if (p->calls[i].here)
				say(&p->gateway,
				    "{\"type\":\"caller-left\","
				    "\"call\":\"n%u\"}",
				    i + 1);
			p->calls[i].here = false;
		}
		for (i = 0; i < AGENTS; i++)
			agent_serve(p, &p->agents[i]);
		centre_settle(p->centre);
		people_read(p);
		centre_pass(p->centre, 2500);
		centre_settle(p->centre);
		centre_check(p->centre);
	}
	check(unfinished(p) == 0);
}
