/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_channel_kit.h - a small house around one channel: the real router, an
 * inline store, memory pipes for peers, a clock that stands still.
 *
 * The inlet does what the intake does, in the caller's thread: identifiers get
 * new numbers, everything else is the real thing. house_settle() commits,
 * delivers and says.
 */
#ifndef USHER_TESTS_CHANNEL_KIT_H
#define USHER_TESTS_CHANNEL_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/check.h"
#include "base/codec.h"
#include "base/crypto.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/work.h"
#include "channel/channel.h"
#include "route/route.h"
#include "store/store.h"

#define HOUSE_WALL  1790000000000
#define HOUSE_TOKEN "a-token-of-this-door"

struct house {
	char dir[64];
	msec_t mono;
	struct clock clock;
	struct loop *loop;
	struct net *net;
	struct work *work;
	struct store_config store_config;
	struct store *store;
	struct rules *rules;
	struct world *world;
	struct decision decision;
	struct inlet inlet;
	struct channel_env env;
	const struct channel_ops *ops;
	void *room;
	struct net_listener *lines, *pages;
	uint64_t next_identifier;
	bool hold;   /* commits are not delivered: nothing may leave */
	bool refuse; /* the inlet takes no arrivals */
	unsigned typed;
	struct presented_text last_by[IDENTIFIERS_MAX]; /* values: kinds only */
	char last_values[IDENTIFIERS_MAX][64];
	size_t last_by_count;
};

/* ---- the inlet ------------------------------------------------------------- */

static inline int house_post(
    void *host, struct input *in, struct str body, struct outcome *out)
{
	struct house *h = host;
	struct decision *d = &h->decision;
	struct payload payload = { .body = body };
	size_t i;
	int err;

	in->at = h->world->now > h->mono ? h->world->now : h->mono;
	in->payload = body.n > 0 ? &payload : NULL;
	err = route_step(h->world, in, d);
	in->payload = NULL;
	for (i = 0; i < d->count; i++)
		store_append(h->store, &d->events[i]);
	net_mark(h->net, h->world->seq);
	if (out != NULL)
		*out = d->outcome;
	return err;
}

/* As model/inlet.h says; written anew here, so that the channels and the
 * intake cannot drift apart unseen. */
static inline uint64_t house_key(const struct arrival *a)
{
	struct buf b = { 0 };
	uint64_t key;

	put_u64(&b, a->channel);
	put_str(&b, a->entrance);
	put_str(&b, a->key);
	key = digest64(buf_str(&b));
	buf_done(&b);
	return key;
}

static inline void house_note(
    struct house *h, const struct arrival *a, struct in_arrive *in)
{
	size_t i;

	h->last_by_count = a->by_count;
	for (i = 0; i < a->by_count; i++) {
		h->last_by[i] = a->by[i];
		(void)str_copy(h->last_values[i], sizeof(h->last_values[i]),
		    a->by[i].value);
		in->by[i].id.v = h->next_identifier++;
		in->by[i].kind = (uint8_t)a->by[i].kind;
		in->by[i].level = (uint8_t)a->by[i].level;
	}
	in->by_count = (uint8_t)a->by_count;
}

static inline void house_payload(const struct arrival *a, struct buf *out)
{
	const struct {
		const char *name;
		struct str value;
	} said[] = { { "name", a->name }, { "subject", a->subject },
		{ "text", a->text }, { "raw", a->raw }, { "from", a->from },
		{ "to", a->to }, { "message_id", a->message_id },
		{ "call", a->call }, { "dialled", a->dialled } };
	struct json_writer w;
	size_t i;

	jw_init(&w, out);
	jw_object(&w);
	for (i = 0; i < countof(said); i++)
		if (said[i].value.n > 0)
			jw_kstr(&w, said[i].name, said[i].value);
	jw_end(&w);
}

static inline int house_arrive(
    void *host, const struct arrival *a, arrive_done_fn done, void *arg)
{
	struct house *h = host;
	struct entrance *e = world_entrance_named(h->world, a->entrance);
	struct input in = {
		.kind = INPUT_ARRIVE, .contact = a->contact, .agent = a->agent
	};
	struct outcome out = { 0 };
	struct buf payload = { 0 };
	uint8_t none[VERDICT_BYTES] = { 0 };

	if (h->refuse)
		return ERR_BUSY;
	if (id_is_set(a->contact))
		in.kind = INPUT_PARSED;
	if (id_is_set(a->agent))
		in.kind = INPUT_START_CONTACT;
	in.arrive.channel = (uint8_t)a->channel;
	in.arrive.entrance.v = e == NULL ? 0 : e->id.v;
	in.arrive.key = a->key.n == 0 ? 0 : house_key(a);
	in.arrive.content = digest64(a->text);
	in.arrive.language = STR("en");
	in.arrive.unparsed = a->unparsed;
	in.arrive.failed = a->failed;
	in.arrive.verdicts = (struct str){ (char *)none, sizeof(none) };
	house_note(h, a, &in.arrive);
	house_payload(a, &payload);
	(void)house_post(h, &in, buf_str(&payload), &out);
	buf_done(&payload);
	done(arg, &out);
	return 0;
}

static inline void house_typing(
    void *host, struct contact_id contact, enum author who)
{
	(void)contact;
	assert_int_equal(who, AUTHOR_CUSTOMER);
	((struct house *)host)->typed++;
}

/* ---- rules: one queue, maria with a phone, joe without -------------------- */

static inline struct rules *house_rules(const char *dir)
{
	struct rules *r = rules_new();
	struct rule_entrance *e = new_array(struct rule_entrance, 3);
	struct rule_agent *a = new_array(struct rule_agent, 2);
	struct rule_text *texts = new_array(struct rule_text, 3);
	size_t i;

	r->text = mem_text("made");
	r->workspace = mem_text("main");
	r->language = mem_text("en");
	e[0] = (struct rule_entrance){ .kind = ENTRANCE_CHANNEL,
		.channel = CHANNEL_MAIL,
		.name = mem_text("help"),
		.address = mem_text("help@acme.example") };
	e[1] = (struct rule_entrance){ .kind = ENTRANCE_GATEWAY,
		.channel = CHANNEL_PHONE,
		.name = mem_text("pbx1"),
		.protocol = mem_text("json"),
		.country = "FR",
		.trust_caller = true };
	e[2] = (struct rule_entrance){ .kind = ENTRANCE_CHANNEL,
		.channel = CHANNEL_CHAT,
		.name = mem_text("site"),
		.country = "PT" };
	e[2].origins = new_array(char *, 1);
	e[2].origins[0] = mem_text("https://acme.example");
	e[2].origin_count = 1;
	for (i = 0; i < 3; i++) {
		e[i].token_file = mem_textf("%s/token", dir);
		e[i].standard = RULE_NONE;
		e[i].brand = 0;
	}
	r->entrances = e;
	r->entrance_count = 3;
	texts[0] = (struct rule_text){ mem_text("closed"), mem_text(""),
		mem_text("We are closed.") };
	texts[1] = (struct rule_text){ mem_text("greeting.chat"), mem_text(""),
		mem_text("Hello!") };
	texts[2] = (struct rule_text){ mem_text("signature"), mem_text(""),
		mem_text("Acme Ltd.") };
	r->brands = new_array(struct rule_brand, 1);
	r->brand_count = 1;
	r->brands[0] =
	    (struct rule_brand){ mem_text("acme"), mem_text("Acme"), texts, 3 };
	r->teams = new_array(struct rule_team, 1);
	r->team_count = 1;
	r->teams[0] = (struct rule_team){ .name = mem_text("day"),
		.takes = { [CHANNEL_PHONE] = 1,
		    [CHANNEL_CHAT] = 3,
		    [CHANNEL_MAIL] = 5 },
		.grace = 20000 };
	a[0] = (struct rule_agent){ .name = mem_text("joe"),
		.label = mem_text("Joe Bell"),
		.gateway = RULE_NONE,
		.role = ROLE_AGENT };
	a[1] = (struct rule_agent){ .name = mem_text("maria"),
		.label = mem_text("Maria Costa"),
		.gateway = 1,
		.phone = mem_text("PJSIP/2001"),
		.role = ROLE_AGENT };
	r->agents = a;
	r->agent_count = 2;
	r->queues = new_array(struct rule_queue, 1);
	r->queue_count = 1;
	r->queues[0] = (struct rule_queue){ .name = mem_text("general"),
		.label = mem_text("General"),
		.step_count = 1,
		.ring = 20000,
		.hours = RULE_NONE,
		.standard = RULE_NONE,
		.closed = { [CHANNEL_PHONE] = CLOSED_VOICEMAIL,
		    [CHANNEL_CHAT] = CLOSED_MAIL_FORM } };
	r->routes = new_array(struct rule_route, 1);
	r->route_count = 1;
	r->routes[0] = (struct rule_route){ .text = mem_text("otherwise") };
	return r;
}

static inline struct rules *house_source(void *arg, struct str text)
{
	(void)text;
	return rules_ref(*(struct rules **)arg);
}

/* ---- doors ------------------------------------------------------------------- */

static inline msec_t house_mono(void *arg)
{
	return ((struct house *)arg)->mono;
}

static inline msec_t house_wall(void *arg)
{
	return HOUSE_WALL + ((struct house *)arg)->mono;
}

static inline struct http_table house_table(const struct house *h)
{
	return (struct http_table){ h->ops->rows, h->ops->row_count, h->room };
}

static inline size_t house_body_limit(
    void *arg, const struct http_request *head)
{
	struct http_table t = house_table(arg);

	return rows_body_limit(&t, 1, head);
}

static inline void house_request(
    void *arg, struct peer p, const struct http_request *rq)
{
	struct house *h = arg;
	struct http_table t = house_table(h);

	rows_dispatch(&t, 1, h->net, p, rq);
}

static inline void house_message(void *arg, struct peer p, struct str text)
{
	struct house *h = arg;

	(void)h->ops->message(h->room, p, text);
}

static inline void house_gone(void *arg, struct peer p, enum net_gone why)
{
	struct house *h = arg;

	if (h->ops->gone != NULL)
		h->ops->gone(h->room, p, why);
}

static inline struct net_listener *house_listen(
    struct house *h, const struct net_app *app, enum net_tongue tongue)
{
	struct net_listen how = { .address = "memory:",
		.tongue = tongue,
		.class = NET_GATEWAY,
		.app = *app };
	struct net_listener *l = NULL;
	struct fault why;

	if (net_listen(h->net, &how, &l, &why) != 0)
		fail_msg("%s", why.text);
	return l;
}

static inline void house_doors(struct house *h)
{
	const struct net_app pages = { .arg = h,
		.body_limit = house_body_limit,
		.request = house_request,
		.message = house_message,
		.gone = house_gone };
	struct net_app lines;

	if (h->ops->gateway_app != NULL) {
		lines = *h->ops->gateway_app;
		lines.arg = h->room;
		h->lines = house_listen(h, &lines, NET_LINES);
	}
	if (h->ops->row_count > 0)
		h->pages = house_listen(h, &pages, NET_HTTP);
}

/* ---- the house --------------------------------------------------------------- */

static inline void house_settle(struct house *h)
{
	unsigned idle = 0;
	size_t did;

	while (idle < 3) {
		loop_poll(h->loop);
		did = work_collect(h->work);
		if (!h->hold) {
			store_flush(h->store);
			did += store_pump(h->store);
			net_release(h->net, store_committed(h->store));
		}
		idle = did == 0 ? idle + 1 : 0;
	}
}

static inline void house_wait(struct house *h, msec_t ms)
{
	struct input in = { .kind = INPUT_TICK };

	h->mono += ms;
	loop_poll(h->loop);
	(void)house_post(h, &in, STR_NONE, NULL);
	house_settle(h);
}

static inline void house_perform(struct house *h, uint64_t id, bool again)
{
	const struct order *o = map_find(&h->world->orders, id);
	struct order copy;

	if (o == NULL || (h->ops->orders & UINT32_C(1) << o->kind) == 0)
		return;
	copy = *o;
	h->ops->perform(h->room, &copy, again);
}

static inline void house_committed(void *arg, const struct event *e)
{
	struct house *h = arg;

	if (h->room == NULL)
		return;
	if (h->ops->on_event != NULL)
		h->ops->on_event(h->room, e);
	if (e->kind == EV_ORDER_OWED)
		house_perform(h, e->seq, false);
}

static inline void house_redo(struct house *h)
{
	const struct order *o;
	struct buf ids = { 0 };
	uint64_t id;
	size_t i;

	list_each(o, &h->world->order_list, link)
		buf_add(&ids, &o->id, sizeof(o->id));
	for (i = 0; i < ids.len; i += sizeof(id)) {
		memcpy(&id, ids.data + i, sizeof(id));
		house_perform(h, id, true);
	}
	buf_done(&ids);
}

static inline void house_start(struct house *h)
{
	struct input in = { .kind = INPUT_START };
	struct fault why;
	uint64_t next;

	h->clock = (struct clock){ house_mono, house_wall, h };
	h->loop = loop_new(&h->clock);
	h->net = net_new(h->loop, NULL);
	h->work = work_new(0);
	if (store_open(&h->store_config, &h->store, &why) != 0 ||
	    store_recover(h->store, &h->world, &next, &why) != 0)
		fail_msg("%s", why.text);
	store_on_committed(h->store, house_committed, h);
	in.start.epoch = h->world->epoch + 1;
	in.start.wall_offset = HOUSE_WALL;
	assert_int_equal(house_post(h, &in, STR_NONE, NULL), 0);
	in = (struct input){ .kind = INPUT_CONFIG };
	in.config.text = STR("made");
	in.config.author = STR("start");
	if (h->world->rules == NULL)
		assert_int_equal(house_post(h, &in, STR_NONE, NULL), 0);
	house_settle(h);
	h->env = (struct channel_env){ h->loop, h->net, h->store, h->work, NULL,
		&h->inlet, (const struct world *const *)&h->world,
		"/nowhere/usher-mime", h->dir };
	if (h->ops->start(&h->env, &h->room, &why) != 0)
		fail_msg("%s", why.text);
	house_doors(h);
	house_redo(h);
	house_settle(h);
}

static inline void house_stop(struct house *h)
{
	h->ops->stop(h->room);
	h->room = NULL;
	work_free(h->work);
	net_free(h->net);
	store_close(h->store);
	world_free(h->world);
	loop_free(h->loop);
}

static inline void house_restart(struct house *h)
{
	house_settle(h);
	house_stop(h);
	house_start(h);
}

static inline void house_write(
    const struct house *h, const char *name, const char *text)
{
	char *path = mem_textf("%s/%s", h->dir, name);
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, 0600), 0);
	mem_free(path);
}

static inline struct house *house_open(const struct channel_ops *ops)
{
	struct house *h = new_of(struct house);

	check(str_copy(h->dir, sizeof(h->dir), STR("/tmp/usher-room-XXXXXX")));
	assert_non_null(mkdtemp(h->dir));
	house_write(h, "token", HOUSE_TOKEN "\n");
	h->mono = 1000;
	h->next_identifier = 1;
	h->ops = ops;
	h->rules = house_rules(h->dir);
	h->store_config = (struct store_config){ .dir = h->dir,
		.workspace = "main",
		.rules_source = house_source,
		.rules_arg = &h->rules,
		.apply = apply,
		.inline_threads = true,
		.reserve_bytes = 65536 };
	h->inlet = (struct inlet){ h, house_post, house_arrive, house_typing };
	house_start(h);
	return h;
}

static inline int house_remove(
    const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

static inline void house_close(struct house *h)
{
	house_stop(h);
	decision_done(&h->decision);
	rules_unref(h->rules);
	(void)nftw(h->dir, house_remove, 16, FTW_DEPTH | FTW_PHYS);
	mem_free(h);
}

/* ---- people -------------------------------------------------------------------- */

static inline struct agent_id house_agent(struct house *h, const char *name)
{
	return world_agent_named(h->world, str_of(name))->id;
}

static inline void house_ready(struct house *h, const char *name)
{
	struct input in = { .kind = INPUT_SIGN_IN };

	in.agent = house_agent(h, name);
	in.session.session = in.agent.v;
	assert_int_equal(house_post(h, &in, STR_NONE, NULL), 0);
	in = (struct input){ .kind = INPUT_STATE };
	in.agent = house_agent(h, name);
	in.state.state = AGENT_READY;
	assert_int_equal(house_post(h, &in, STR_NONE, NULL), 0);
	house_settle(h);
}

static inline void house_accept(struct house *h, const char *name)
{
	struct input in = { .kind = INPUT_ACCEPT };
	struct agent *a = world_agent_named(h->world, str_of(name));

	assert_non_null(a->offer);
	in.agent = a->id;
	in.contact = a->offer->contact->id;
	in.offer.offer = a->offer->id;
	assert_int_equal(house_post(h, &in, STR_NONE, NULL), 0);
	house_settle(h);
}

static inline void house_say(struct house *h, struct contact_id contact,
    const char *name, enum author author, const char *text)
{
	struct input in = { .kind = INPUT_MESSAGE, .contact = contact };
	char payload[256];

	in.agent = house_agent(h, name);
	in.message.author = (uint8_t)author;
	(void)snprintf(payload, sizeof(payload), "{\"text\":\"%s\"}", text);
	assert_int_equal(house_post(h, &in, str_of(payload), NULL), 0);
	house_settle(h);
}

static inline void house_shut_queue(struct house *h)
{
	struct input in = { .kind = INPUT_QUEUE_OVERRIDE };

	in.queue_override.queue =
	    world_queue_named(h->world, STR("general"))->id;
	in.queue_override.what = 2;
	in.queue_override.author = STR("lena");
	assert_int_equal(house_post(h, &in, STR_NONE, NULL), 0);
	house_settle(h);
}

static inline enum contact_state house_state(
    const struct house *h, uint64_t contact)
{
	const struct contact *c =
	    world_contact(h->world, (struct contact_id){ contact });

	return c == NULL ? CONTACT_ENDED : c->state;
}

/* What came since the last look holds this; the caller frees the text. */
static inline char *house_got(struct house *h, struct net_pipe *p)
{
	struct buf b = { 0 };

	house_settle(h);
	net_memory_read(p, &b);
	buf_add_text(&b, "");
	return buf_take(&b);
}

static inline void house_gets(
    struct house *h, struct net_pipe *p, const char *part)
{
	char *got = house_got(h, p);

	if (strstr(got, part) == NULL)
		fail_msg("got \"%s\" without \"%s\"", got, part);
	mem_free(got);
}

static inline void house_gets_nothing(struct house *h, struct net_pipe *p)
{
	char *got = house_got(h, p);

	if (got[0] != '\0')
		fail_msg("got \"%s\"", got);
	mem_free(got);
}

#endif
