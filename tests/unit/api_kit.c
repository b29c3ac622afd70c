/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * api_kit.c - a small house around the api.
 *
 * Does what server/ does, in the caller's thread and at the caller's pace:
 * posts are decided at once, commits and answers come in house_settle().
 */
#include "api_kit.h"

#include <ftw.h>
#include <unistd.h>

#define WALL_OFFSET 1790000000000

/* ---- the inlet ------------------------------------------------------------ */

static int post(
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

/* Identifiers are not looked up: the tests that need it say whose they are. */
static int arrive(
    void *host, const struct arrival *a, arrive_done_fn done, void *arg)
{
	struct house *h = host;
	struct input in = { .kind = INPUT_ARRIVE, .agent = a->agent };
	struct outcome out = { 0 };
	struct buf payload = { 0 };

	if (id_is_set(a->agent))
		in.kind = INPUT_START_CONTACT;
	in.arrive.channel = (uint8_t)a->channel;
	in.arrive.language = STR("en");
	in.arrive.queue = a->queue;
	buf_addf(&payload, "{\"to\":\"%.*s\",\"text\":\"%.*s\"}", (int)a->to.n,
	    a->to.p, (int)a->text.n, a->text.p);
	(void)post(h, &in, buf_str(&payload), &out);
	buf_done(&payload);
	done(arg, &out);
	return 0;
}

static void typing(void *host, struct contact_id contact, enum author who)
{
	struct house *h = host;

	assert_int_equal(who, AUTHOR_AGENT);
	h->typed++;
	h->typed_in = contact;
}

/* ---- the host ------------------------------------------------------------- */

static void answer(
    struct house *h, api_done_fn done, void *arg, const char *json)
{
	struct fault why;

	fault_set(&why, ERR_INVALID, "the config has 2 errors");
	done(arg, h->refuse ? STR_NONE : str_of(json), h->refuse ? &why : NULL);
}

static void host_reload(void *arg, bool dry_run, const char *author,
    api_done_fn done, void *done_arg)
{
	char json[128];

	snprintf(json, sizeof(json), "{\"dry_run\":%s,\"author\":\"%s\"}",
	    dry_run ? "true" : "false", author);
	answer(arg, done, done_arg, json);
}

static void host_try(
    void *arg, struct str what, struct str at, api_done_fn done, void *done_arg)
{
	(void)at;
	assert_true(str_is(what, "chat site \"hello\""));
	answer(arg, done, done_arg, "{\"queue\":\"q0\"}");
}

static void host_backup(
    void *arg, struct str dir, api_done_fn done, void *done_arg)
{
	(void)dir;
	answer(arg, done, done_arg, "{\"dir\":\"/tmp/x\"}");
}

static void host_status(void *arg, api_done_fn done, void *done_arg)
{
	answer(arg, done, done_arg, "{\"uptime_ms\":5}");
}

static void host_why(
    void *arg, struct contact_id contact, api_done_fn done, void *done_arg)
{
	(void)contact;
	answer(arg, done, done_arg, "{\"agents\":[]}");
}

/* ---- the clock ------------------------------------------------------------ */

static msec_t mono(void *arg)
{
	return ((struct house *)arg)->mono;
}

static msec_t wall(void *arg)
{
	return ((struct house *)arg)->wall;
}

/* ---- the house ------------------------------------------------------------ */

static void on_committed(void *arg, const struct event *e)
{
	struct house *h = arg;

	api_on_event(h->api, e);
}

static size_t body_limit(void *arg, const struct http_request *head)
{
	struct house *h = arg;
	struct http_table t = api_http(h->api);

	return rows_body_limit(&t, 1, head);
}

static void on_request(void *arg, struct peer p, const struct http_request *rq)
{
	struct house *h = arg;
	struct http_table t = api_http(h->api);

	rows_dispatch(&t, 1, h->net, p, rq);
}

static void on_message(void *arg, struct peer p, struct str text)
{
	struct house *h = arg;

	assert_true(api_message(h->api, p, text));
}

static void on_gone(void *arg, struct peer p, enum net_gone why)
{
	api_gone(((struct house *)arg)->api, p, why);
}

static struct net_listener *listen_for(
    struct house *h, struct net_app app, enum net_tongue tongue)
{
	struct net_listen how = { .address = "memory:",
		.tongue = tongue,
		.class = NET_AGENT,
		.app = app };
	struct net_listener *l = NULL;
	struct fault why;

	if (net_listen(h->net, &how, &l, &why) != 0)
		fail_msg("%s", why.text);
	return l;
}

static void open_doors(struct house *h)
{
	struct net_app pages = { .arg = h,
		.body_limit = body_limit,
		.request = on_request,
		.message = on_message,
		.gone = on_gone };

	h->agents = listen_for(h, api_agent_app(h->api), NET_LINES);
	h->control = listen_for(h, api_control_app(h->api), NET_LINES);
	h->pages = listen_for(h, pages, NET_HTTP);
}

/* Who gets a contact is not our question: everybody may take everything. */
static void make_rules(struct house *h)
{
	static const struct made how = { 3, 6, 3, false };
	struct rng rng;
	size_t i, k;

	rng_seed(&rng, 7);
	h->rules = made_rules(&rng, &how);
	for (i = 0; i < h->rules->agent_count; i++)
		h->rules->agents[i].team = 0;
	for (i = 0; i < h->rules->queue_count; i++)
		for (k = 0; k < h->rules->queues[i].step_count; k++)
			h->rules->queues[i].steps[k].need_count = 0;
}

static void start(struct house *h, const char *web_dir)
{
	struct input in = { .kind = INPUT_START };
	struct fault why;
	uint64_t next;
	struct api_env env = { .web_dir = web_dir, .version = "0.1.test" };

	h->clock = (struct clock){ mono, wall, h };
	h->loop = loop_new(&h->clock);
	h->net = net_new(h->loop, NULL);
	h->work = work_new(0);
	if (store_open(&h->store_config, &h->store, &why) != 0 ||
	    store_recover(h->store, &h->world, &next, &why) != 0)
		fail_msg("%s", why.text);
	store_on_committed(h->store, on_committed, h);
	in.start.epoch = h->world->epoch + 1;
	in.start.wall_offset = WALL_OFFSET;
	assert_int_equal(house_post(h, &in, NULL), 0);
	in = (struct input){ .kind = INPUT_CONFIG };
	in.config.text = STR("made");
	in.config.author = STR("start");
	if (h->world->rules == NULL)
		assert_int_equal(house_post(h, &in, NULL), 0);
	env.loop = h->loop;
	env.net = h->net;
	env.store = h->store;
	env.work = h->work;
	env.inlet = &h->inlet;
	env.world = (const struct world *const *)&h->world;
	env.host = &h->host;
	h->api = api_new(&env);
	open_doors(h);
	house_settle(h);
}

static void stop(struct house *h)
{
	api_free(h->api);
	work_free(h->work);
	net_free(h->net);
	store_close(h->store);
	world_free(h->world);
	loop_free(h->loop);
}

struct house *house_open(const char *web_dir)
{
	struct house *h = new_of(struct house);

	check(str_copy(h->dir, sizeof(h->dir), STR("/tmp/usher-api-XXXXXX")));
	assert_non_null(mkdtemp(h->dir));
	h->mono = 1000;
	h->wall = WALL_OFFSET + h->mono;
	h->next_identifier = 1;
	make_rules(h);
	h->store_config = (struct store_config){ .dir = h->dir,
		.workspace = "main",
		.rules_source = made_source,
		.rules_arg = &h->rules,
		.apply = apply,
		.inline_threads = true,
		.reserve_bytes = 65536 };
	h->inlet = (struct inlet){ h, post, arrive, typing };
	h->host = (struct api_host){ h, host_reload, host_try, host_backup,
		host_status, host_why };
	start(h, web_dir);
	return h;
}

static int remove_one(
    const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

void house_close(struct house *h)
{
	stop(h);
	decision_done(&h->decision);
	rules_unref(h->rules);
	(void)nftw(h->dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	mem_free(h);
}

void house_restart(struct house *h)
{
	house_settle(h);
	stop(h);
	start(h, NULL);
}

void house_settle(struct house *h)
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

void house_wait(struct house *h, msec_t ms)
{
	h->mono += ms;
	h->wall += ms;
	loop_poll(h->loop);
	house_settle(h);
}

int house_post(struct house *h, struct input *in, const char *payload)
{
	return post(h, in, str_of(payload), NULL);
}

/* ---- people ---------------------------------------------------------------- */

void house_person(struct house *h, const char *name, const char *role)
{
	struct client *c = client_open(h, h->control);

	client_ok(c,
	    "\"cmd\":\"person-add\",\"name\":\"%s\",\"role\":\"%s\","
	    "\"password\":\"secret-secret\"",
	    name, role);
	client_close(c);
}

struct contact_id house_arrive(
    struct house *h, enum channel channel, const char *phone, const char *text)
{
	struct input in = { .kind = INPUT_ARRIVE };
	struct outcome out = { 0 };
	struct buf payload = { 0 };

	in.arrive.channel = (uint8_t)channel;
	in.arrive.language = STR("en");
	buf_addf(&payload, "{\"name\":\"Ana Silva\",\"text\":\"%s\"", text);
	if (phone != NULL) {
		in.arrive.by_count = 1;
		in.arrive.by[0].id.v = h->next_identifier++;
		in.arrive.by[0].kind = IDENTIFIER_PHONE;
		in.arrive.by[0].level = LEVEL_VERIFIED;
		buf_addf(&payload,
		    ",\"identifiers\":[{\"id\":%u,\"kind\":\"phone\","
		    "\"value\":\"%s\",\"level\":\"verified\"}]",
		    (unsigned)in.arrive.by[0].id.v, phone);
	}
	buf_add_text(&payload, "}");
	assert_int_equal(post(h, &in, buf_str(&payload), &out), 0);
	buf_done(&payload);
	return out.contact;
}

void house_say(struct house *h, struct contact_id c, const char *text)
{
	struct input in = { .kind = INPUT_MESSAGE, .contact = c };
	char payload[256];

	in.message.author = AUTHOR_CUSTOMER;
	snprintf(payload, sizeof(payload), "{\"text\":\"%s\"}", text);
	assert_int_equal(house_post(h, &in, payload), 0);
}

/* ---- clients ---------------------------------------------------------------- */

struct client *client_open(struct house *h, struct net_listener *at)
{
	struct client *c = new_of(struct client);

	c->house = h;
	c->pipe = net_memory_dial(at, "10.0.0.5");
	house_settle(h);
	return c;
}

void client_close(struct client *c)
{
	net_memory_hang_up(c->pipe);
	house_settle(c->house);
	json_free(c->last);
	buf_done(&c->in);
	mem_free(c);
}

bool client_is_closed(struct client *c)
{
	house_settle(c->house);
	return net_memory_is_closed(c->pipe);
}

static void send_v(struct client *c, const char *fmt, va_list ap)
{
	struct buf line = { 0 };

	buf_addv(&line, fmt, ap);
	buf_add_char(&line, '\n');
	net_memory_write(c->pipe, buf_str(&line));
	buf_done(&line);
}

void client_send(struct client *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	send_v(c, fmt, ap);
	va_end(ap);
}

const struct json *client_next(struct client *c)
{
	struct str rest, line;
	struct fault why;

	house_settle(c->house);
	net_memory_read(c->pipe, &c->in);
	json_free(c->last);
	c->last = NULL;
	rest = buf_str(&c->in);
	if (str_find(rest, '\n') == rest.n)
		return NULL;
	line = str_next(&rest, '\n');
	if (json_parse(line, 1 << 20, &c->last, &why) != 0)
		fail_msg("%s in: %.*s", why.text, (int)line.n, line.p);
	buf_drop(&c->in, line.n + 1);
	return c->last;
}

const struct json *client_expect(struct client *c, const char *type)
{
	const struct json *v;

	while ((v = client_next(c)) != NULL) {
		if (strcmp(text_of(v, "type"), type) == 0)
			return v;
		if (json_get(v, "error") != NULL)
			print_message("%s\n", text_of(v, "text"));
	}
	fail_msg("no frame of type %s came", type);
	return NULL;
}

void client_expect_no(struct client *c, const char *type)
{
	const struct json *v;

	while ((v = client_next(c)) != NULL)
		if (strcmp(text_of(v, "type"), type) == 0)
			fail_msg("a frame of type %s came", type);
}

static const struct json *ask_v(struct client *c, const char *fmt, va_list ap)
{
	struct buf members = { 0 };
	const struct json *v;
	char id[24];

	buf_addv(&members, fmt, ap);
	snprintf(id, sizeof(id), "t%u", ++c->next_id);
	client_send(c, "{\"id\":\"%s\",%s}", id, members.data);
	buf_done(&members);
	do {
		v = client_expect(c, "result");
	} while (strcmp(text_of(v, "id"), id) != 0);
	return v;
}

const struct json *client_ask(struct client *c, const char *fmt, ...)
{
	const struct json *v;
	va_list ap;

	va_start(ap, fmt);
	v = ask_v(c, fmt, ap);
	va_end(ap);
	return v;
}

const struct json *client_ok(struct client *c, const char *fmt, ...)
{
	const struct json *v;
	va_list ap;

	va_start(ap, fmt);
	v = ask_v(c, fmt, ap);
	va_end(ap);
	if (!json_bool(json_get(v, "ok"), false))
		fail_msg("refused: %s", text_of(v, "text"));
	return v;
}

void client_refused(struct client *c, const char *error, const char *fmt, ...)
{
	const struct json *v;
	va_list ap;

	va_start(ap, fmt);
	v = ask_v(c, fmt, ap);
	va_end(ap);
	assert_false(json_bool(json_get(v, "ok"), true));
	if (strcmp(text_of(v, "error"), error) != 0)
		fail_msg("\"%s\" was wanted: %s: %s", error,
		    text_of(v, "error"), text_of(v, "text"));
}

struct client *client_login(struct house *h, const char *name)
{
	struct client *c = client_open(h, h->agents);

	client_ok(c,
	    "\"cmd\":\"login\",\"name\":\"%s\","
	    "\"password\":\"secret-secret\"",
	    name);
	client_expect(c, "snapshot");
	return c;
}

const char *text_of(const struct json *v, const char *name)
{
	struct str s = json_str(json_get(v, name));

	return s.p == NULL ? "" : s.p;
}
