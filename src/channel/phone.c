/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * phone.c - telephony gateways: lines of JSON in, orders out.
 *
 * Entered by the server and by the net's line peers. A peer is nobody until it
 * has said hello with its token from a listed address. What must never happen
 * here: a call answered "arrived" that is not in the log, or two gateways of
 * one name at once.
 */
#include "channel/phone.h"

#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "channel/address.h"
#include "channel/number.h"
#include "net/net.h"

#define LINE_ERRORS_MAX 100 /* then the peer is sent away */

/* A call that was presented and whose contact is not there yet. */
struct arriving {
	struct list link; /* in room.arriving */
	struct phone_room *room;
	struct gateway *gateway;
	char *call;
};

const struct world *phone_world(const struct phone_room *room)
{
	return *room->env.world;
}

/* One object per name, made when somebody first needs it. */
struct gateway *phone_gateway(struct phone_room *room, struct str name)
{
	struct gateway *g = map_find_text(&room->gateways, name);

	if (g == NULL) {
		g = new_of(struct gateway);
		g->name = mem_text_n(name.p, name.n);
		map_put_text(&room->gateways, name, g);
	}
	return g;
}

/* A gateway object without a peer still has its calls: they hold at the
 * switch whether we are connected or not. */
static bool is_connected(const struct gateway *g)
{
	return g->peer.generation != 0;
}

/* Takes the line. A gateway that is away misses nothing: it is told anew. */
void phone_say(
    struct phone_room *room, const struct gateway *g, struct buf *line)
{
	if (is_connected(g))
		net_send(room->env.net, g->peer, buf_str(line));
	buf_done(line);
}

/* Errors of the protocol derive from no state: they are not held back. */
static void say_error(struct phone_room *room, struct peer p, struct str call,
    const struct fault *why)
{
	struct buf line = { 0 };

	phone_put_error(call, (struct offer_id){ 0 }, why, &line);
	net_send_now(room->env.net, p, buf_str(&line));
	buf_done(&line);
}

/* ---- hello ------------------------------------------------------------------ */

/* What it listed is void too: the next peer of this name lists anew. */
static void forget_peer(struct phone_room *room, struct gateway *g)
{
	if (!is_connected(g))
		return;
	map_remove(&room->peers, door_peer_key(g->peer));
	g->peer = (struct peer){ 0 };
	g->ready = false;
	g->errors = 0;
	map_done(&g->listed);
	g->listed = (struct map){ 0 };
}

static void send_away(
    struct phone_room *room, struct gateway *g, const char *why)
{
	struct fault f;

	if (!is_connected(g))
		return;
	fault_set(&f, ERR_STALE, "%s", why);
	say_error(room, g->peer, STR_NONE, &f);
	net_close(room->env.net, g->peer, 1000, why);
	forget_peer(room, g);
}

/* One answer for every wrong hello: a stranger learns nothing from it. */
static int check_hello(struct phone_room *room, struct peer p,
    const struct phone_hello *h, struct fault *why)
{
	const struct rule_entrance *door =
	    door_find(phone_world(room), h->gateway, CHANNEL_PHONE);

	struct str from = net_address(room->env.net, p);

	if (door != NULL && door->kind == ENTRANCE_GATEWAY &&
	    address_is_listed(from, door->from, door->from_count) &&
	    (door_is_local(door, from) ||
	        tokens_match(&room->tokens, door->name, h->token)))
		return 0;
	return fault_set(why, ERR_AUTH, "not a gateway of this house");
}

/* Nothing is ordered before the list of calls has come (phone_call.c). */
static void say_welcome(struct phone_room *room, struct gateway *g)
{
	struct buf line = { 0 };

	phone_put_welcome(str_of(phone_world(room)->workspace), &line);
	phone_say(room, g, &line);
	phone_put_bare("calls?", &line);
	phone_say(room, g, &line);
}

/* The newest peer of a name wins: the old one may be a dead socket. */
static void welcome(struct phone_room *room, struct peer p, struct str gateway)
{
	struct gateway *g = phone_gateway(room, gateway);

	send_away(room, g, "replaced by a newer connection");
	g->peer = p;
	map_put(&room->peers, door_peer_key(p), g);
	net_trust(room->env.net, p);
	log_info("phone", "msg=gateway-connected gateway=%s", g->name);
	say_welcome(room, g);
}

static void on_hello(struct phone_room *room, struct peer p, struct str text)
{
	struct phone_hello h = { 0 };
	struct fault why;
	int err = phone_hello_parse(text, &h, &why);

	if (err == 0)
		err = check_hello(room, p, &h, &why);
	if (err == 0) {
		welcome(room, p, h.gateway);
	} else {
		struct str from = net_address(room->env.net, p);

		log_warn("phone", "msg=hello-refused address=%.*s why=%s",
		    (int)from.n, from.p, err_name(err));
		say_error(room, p, STR_NONE, &why);
		net_close(room->env.net, p, 1008, "hello refused");
	}
	phone_hello_done(&h);
}

/* ---- a call arrives ----------------------------------------------------------- */

static void arriving_free(struct arriving *a)
{
	list_remove(&a->link);
	mem_free(a->call);
	mem_free(a);
}

static void say_refused(
    struct phone_room *room, const struct arriving *a, const struct fault *f)
{
	struct buf line = { 0 };

	phone_put_refused(str_of(a->call), f->code, f->text, &line);
	phone_say(room, a->gateway, &line);
}

/* The line may have broken meanwhile: then nothing is said, and the gateway's
 * next list of calls names it. */
static void on_arrived(void *arg, const struct outcome *out)
{
	struct arriving *a = arg;
	struct phone_room *room = a->room;
	struct fault why = out->why;
	struct buf line = { 0 };

	if (out->err == 0 && out->repeated &&
	    door_live(phone_world(room), out->contact) == NULL)
		why.code = ERR_STALE; /* hung up while we were apart */
	else
		why.code = out->err;
	if (why.code == 0) {
		call_add(room, a->gateway, str_of(a->call), out->contact);
		if (!a->gateway->ready)
			calls_name(a->gateway, out->contact);
		phone_put_arrived(str_of(a->call), out->contact, &line);
		phone_say(room, a->gateway, &line);
	} else {
		say_refused(room, a, &why);
	}
	arriving_free(a);
}

/* The number as the rules and the record know numbers; one that is no whole
 * number (an extension) still tells callers apart. */
static void present_caller(struct arrival *a, const struct rule_entrance *door,
    struct str from, char number[NUMBER_TEXT])
{
	enum level level = door->trust_caller ? LEVEL_VERIFIED : LEVEL_CLAIMED;

	a->from = from;
	if (number_is_withheld(from))
		return;
	if (number_normalise(from, door->country, number))
		a->from = str_of(number);
	door_present(a, IDENTIFIER_PHONE, level, a->from);
}

static int arrive(struct phone_room *room, struct gateway *g,
    const struct phone_line *l, const struct rule_entrance *door)
{
	struct arrival a = { .channel = CHANNEL_PHONE };
	struct arriving *arg = new_of(struct arriving);
	char from[NUMBER_TEXT];
	char to[NUMBER_TEXT];
	int err;

	a.entrance = str_of(g->name);
	a.key = l->call;
	a.call = l->call;
	a.name = l->name;
	a.language = l->language;
	a.to = l->to;
	present_caller(&a, door, l->from, from);
	a.dialled =
	    number_normalise(l->to, door->country, to) ? str_of(to) : l->to;
	door_take_attributes(l->attributes, &a);
	arg->room = room;
	arg->gateway = g;
	arg->call = mem_text_n(l->call.p, l->call.n);
	list_init(&arg->link);
	list_push(&room->arriving, &arg->link);
	err =
	    room->env.inlet->arrive(room->env.inlet->host, &a, on_arrived, arg);
	if (err != 0)
		arriving_free(arg);
	return err;
}

/* Refusing is an answer, not an error of the line. */
static int on_arrive(struct phone_room *room, struct gateway *g,
    const struct phone_line *l, struct fault *why)
{
	const struct rule_entrance *door =
	    door_find(phone_world(room), str_of(g->name), CHANNEL_PHONE);
	struct buf line = { 0 };
	int err = ERR_NOT_FOUND;

	if (str_starts(l->call, OUTBOUND_PREFIX))
		return fault_set(why, ERR_INVALID,
		    "call: ids that begin with " OUTBOUND_PREFIX " are ours");
	if (door != NULL)
		err = arrive(room, g, l, door);
	if (err != 0) {
		phone_put_refused(l->call, err, "", &line);
		phone_say(room, g, &line);
	}
	return 0;
}

/* ---- a call goes on --------------------------------------------------------- */

struct step_row {
	enum phone_line_kind line;
	enum call_step step;
	enum order_kind order; /* that led to it */
};
static const struct step_row steps[] = {
	{ PHONE_HELD, CALL_HELD, ORDER_CALL_HOLD },
	{ PHONE_RINGING, CALL_RINGING, ORDER_CALL_OFFER },
	{ PHONE_TALKING, CALL_TALKING, ORDER_CALL_OFFER },
	{ PHONE_OFFER_FAILED, CALL_FAILED, ORDER_CALL_OFFER },
	{ PHONE_AGENT_LEFT, CALL_AGENT_LEFT, ORDER_NONE },
	{ PHONE_CALLER_LEFT, CALL_CALLER_LEFT, ORDER_NONE },
};

static int post_step(struct phone_room *room, struct contact_id contact,
    const struct step_row *row, const struct phone_line *l, struct fault *why)
{
	struct input in = { .kind = INPUT_CALL, .contact = contact };
	struct outcome out = { 0 };
	int err;

	in.call.step = (uint8_t)row->step;
	in.call.offer = l->offer;
	in.call.reason = l->reason;
	err = room->env.inlet->post(room->env.inlet->host, &in, STR_NONE, &out);
	if (err != 0)
		return fault_set(why, err, "%s", out.why.text);
	return 0;
}

/* The router judges whether it is still true; whatever it says, the order that
 * led here has been carried out. */
static int on_step(struct phone_room *room, struct gateway *g,
    const struct phone_line *l, struct fault *why)
{
	const struct call *c = call_find(room, g, l->call);
	const struct step_row *row = steps;
	struct contact_id contact;
	int err;

	while (row->line != l->kind)
		row++;
	if (c == NULL)
		return fault_set(why, ERR_NOT_FOUND, "call: not known here");
	contact = c->contact;
	err = post_step(room, contact, row, l, why);
	if (row->order != ORDER_NONE)
		phone_order_answered(room, contact, row->order, l->offer);
	return err;
}

static int on_device(struct phone_room *room, struct gateway *g,
    const struct phone_line *l, struct fault *why)
{
	struct input in = { .kind = INPUT_DEVICE };
	struct buf key = { 0 };
	struct outcome out = { 0 };
	struct agent *agent;

	(void)why;
	buf_addf(&key, "%s ", g->name);
	buf_add_str(&key, l->address);
	agent = world_agent_named(phone_world(room),
	    str_of(map_find_text(&room->devices, buf_str(&key))));
	buf_done(&key);
	if (agent == NULL || agent->device == l->device)
		return 0; /* a switch tells of every phone it has */
	in.agent = agent->id;
	in.device.device = (uint8_t)l->device;
	(void)room->env.inlet->post(room->env.inlet->host, &in, STR_NONE, &out);
	return 0;
}

/* Told twice, or of an order of another gateway: no harm, no answer. */
static int on_result(struct phone_room *room, struct gateway *g,
    const struct phone_line *l, struct fault *why)
{
	(void)why;
	phone_order_done(room, g, l);
	return 0;
}

static int on_calls(struct phone_room *room, struct gateway *g,
    const struct phone_line *l, struct fault *why)
{
	(void)why;
	calls_listed(room, g, l);
	return 0;
}

/* Derives from no state, so it does not wait for a commit. */
static int on_ping(struct phone_room *room, struct gateway *g,
    const struct phone_line *l, struct fault *why)
{
	struct buf line = { 0 };

	(void)l;
	(void)why;
	phone_put_bare("pong", &line);
	net_send_now(room->env.net, g->peer, buf_str(&line));
	buf_done(&line);
	return 0;
}

typedef int (*line_fn)(struct phone_room *room, struct gateway *g,
    const struct phone_line *l, struct fault *why);
static const line_fn handlers[PHONE_LINES] = {
	[PHONE_ARRIVE] = on_arrive,
	[PHONE_DONE] = on_result,
	[PHONE_FAILED] = on_result,
	[PHONE_HELD] = on_step,
	[PHONE_RINGING] = on_step,
	[PHONE_TALKING] = on_step,
	[PHONE_OFFER_FAILED] = on_step,
	[PHONE_AGENT_LEFT] = on_step,
	[PHONE_CALLER_LEFT] = on_step,
	[PHONE_DEVICE] = on_device,
	[PHONE_CALLS] = on_calls,
	[PHONE_PING] = on_ping,
};

/* A line that did nothing is answered, so that the gateway can log why. What
 * the router refused is told with its call and offer, once committed. */
static void on_line(struct phone_room *room, struct gateway *g, struct str text)
{
	struct phone_line l = { 0 };
	struct fault why = { 0 };
	struct buf line = { 0 };
	int err = phone_line_parse(text, &l, &why);

	if (err != 0) {
		say_error(room, g->peer, STR_NONE, &why);
		if (++g->errors >= LINE_ERRORS_MAX)
			send_away(room, g, "too many lines with errors");
		return;
	}
	err = handlers[l.kind](room, g, &l, &why);
	if (err != 0) {
		phone_put_error(l.call, l.offer, &why, &line);
		phone_say(room, g, &line);
	}
	phone_line_done(&l);
}

/* ---- the app of gateway listeners ---------------------------------------------- */

/* Before a byte is read: is anybody expected from there at all? */
static bool admit(void *arg, struct net_listener *l, struct str address)
{
	const struct phone_room *room = arg;
	const struct rules *r = phone_world(room)->rules;
	size_t i;

	(void)l;
	for (i = 0; r != NULL && i < r->entrance_count; i++)
		if (r->entrances[i].kind == ENTRANCE_GATEWAY &&
		    address_is_listed(address, r->entrances[i].from,
		        r->entrances[i].from_count))
			return true;
	return false;
}

static void on_message(void *arg, struct peer p, struct str text)
{
	struct phone_room *room = arg;
	struct gateway *g = map_find(&room->peers, door_peer_key(p));

	if (g == NULL)
		on_hello(room, p, text);
	else
		on_line(room, g, text);
}

static void on_gone(void *arg, struct peer p, enum net_gone why)
{
	struct phone_room *room = arg;
	struct gateway *g = map_find(&room->peers, door_peer_key(p));

	(void)why;
	if (g == NULL)
		return;
	log_warn("phone", "msg=gateway-gone gateway=%s", g->name);
	forget_peer(room, g);
}

/* ---- the table ------------------------------------------------------------------ */

static void devices_done(struct phone_room *room)
{
	struct map_slot *slot;

	map_each(slot, &room->devices)
		mem_free(slot->value);
	map_done(&room->devices);
	room->devices = (struct map){ 0 };
}

/* Devices are told of by address; agents are looked up by name, since an index
 * would be wrong the moment new rules are active. */
static void load_devices(struct phone_room *room, const struct rules *r)
{
	struct buf key = { 0 };
	size_t i;

	devices_done(room);
	for (i = 0; i < r->agent_count; i++) {
		const struct rule_agent *a = &r->agents[i];

		if (a->phone == NULL || a->gateway == RULE_NONE)
			continue;
		buf_clear(&key);
		buf_addf(
		    &key, "%s %s", r->entrances[a->gateway].name, a->phone);
		mem_free(map_put_text(
		    &room->devices, buf_str(&key), mem_text(a->name)));
	}
	buf_done(&key);
}

static void on_rules(void *arg)
{
	struct phone_room *room = arg;
	const struct world *w = phone_world(room);
	struct map_slot *slot;

	if (w->rules == NULL)
		return;
	tokens_load(&room->tokens, w->rules, CHANNEL_PHONE);
	load_devices(room, w->rules);
	map_each(slot, &room->gateways) {
		struct gateway *g = slot->value;

		if (door_find(w, str_of(g->name), CHANNEL_PHONE) == NULL)
			send_away(room, g, "no longer in the config");
	}
}

/* Only what the room itself must remember of a call; what is to be done comes
 * as orders. */
static void on_event(void *arg, const struct event *e)
{
	struct phone_room *room = arg;
	struct call *c;

	if (e->kind != EV_CONTACT_ENDED && e->kind != EV_CONTACT_CLOSED)
		return;
	c = call_of(room, e->contact);
	if (c == NULL)
		return;
	if (e->kind == EV_CONTACT_ENDED) {
		call_ended(room, c);
	} else {
		c->action = (enum closed_action)e->closed.action;
		c->next_wall = e->closed.next_wall;
	}
}

static int start(const struct channel_env *env, void **out, struct fault *why)
{
	struct phone_room *room = new_of(struct phone_room);

	(void)why;
	room->env = *env;
	list_init(&room->ended);
	list_init(&room->waiting);
	list_init(&room->arriving);
	on_rules(room);
	*out = room;
	return 0;
}

static void gateway_free(struct gateway *g)
{
	map_done(&g->calls);
	map_done(&g->listed);
	mem_free(g->name);
	mem_free(g);
}

static void stop(void *arg)
{
	struct phone_room *room = arg;
	struct arriving *a;
	struct map_slot *slot;

	while ((a = list_first(&room->arriving, struct arriving, link)) != NULL)
		arriving_free(a);
	phone_waiting_done(room);
	calls_done(room);
	map_each(slot, &room->gateways)
		gateway_free(slot->value);
	map_done(&room->gateways);
	map_done(&room->peers);
	devices_done(room);
	tokens_done(&room->tokens);
	mem_free(room);
}

static const struct net_app gateway_app = {
	.admit = admit,
	.message = on_message,
	.gone = on_gone,
};

const struct channel_ops channel_phone = {
	.name = "phone",
	.start = start,
	.stop = stop,
	.gateway_app = &gateway_app,
	.on_event = on_event,
	.orders = PHONE_ORDERS,
	.perform = phone_perform,
	.on_rules = on_rules,
};
