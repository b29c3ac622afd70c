/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * store_kit.c - a small house around a store.
 *
 * SQL behind the store's back goes through the sqlite3 shell's library calls
 * of this file only: tests may damage what they test.
 */
#include "store_kit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ftw.h>
#include <poll.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#include "base/check.h"
#include "base/crypto.h"
#include "base/mem.h"
#include "store/store_ops.h"

#define WALL_OFFSET 1790000000000

static int remove_one(
    const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

void shop_remove(const char *path)
{
	(void)nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Everybody may take everything: who gets a contact is not our question. */
static void open_doors(struct rules *r)
{
	size_t i;
	size_t k;

	for (i = 0; i < r->agent_count; i++)
		r->agents[i].team = 0;
	for (i = 0; i < r->queue_count; i++)
		for (k = 0; k < r->queues[i].step_count; k++)
			r->queues[i].steps[k].need_count = 0;
}

void shop_init(struct shop *x)
{
	static const struct made how = { 3, 6, 3, true };

	memset(x, 0, sizeof(*x));
	check(str_copy(x->dir, sizeof(x->dir), STR("/tmp/usher-store-XXXXXX")));
	assert_non_null(mkdtemp(x->dir));
	rng_seed(&x->rng, 7);
	x->rules = made_rules(&x->rng, &how);
	open_doors(x->rules);
	x->now = 1000;
	x->config = (struct store_config){
		.dir = x->dir,
		.workspace = "main",
		.rules_source = made_source,
		.rules_arg = &x->rules,
		.apply = apply,
		.inline_threads = true,
		.reserve_bytes = 65536,
	};
}

void shop_done(struct shop *x)
{
	shop_close(x);
	decision_done(&x->out);
	rules_unref(x->rules);
	shop_remove(x->dir);
}

static void on_committed(void *arg, const struct event *e)
{
	struct shop *x = arg;

	if (x->first == 0)
		x->first = e->seq;
	else
		assert_int_equal(e->seq, x->delivered + 1);
	x->delivered = e->seq;
	/* Law 1: what is delivered is committed. */
	assert_true(e->seq <= store_committed(x->s));
}

int shop_try_open(struct shop *x, struct fault *why)
{
	int err = store_open(&x->config, &x->s, why);

	if (err != 0) {
		x->s = NULL;
		return err;
	}
	x->first = 0;
	err = store_recover(x->s, &x->w, &x->next_identifier, why);
	if (err != 0) {
		store_close(x->s);
		x->s = NULL;
		x->w = NULL;
		return err;
	}
	store_on_committed(x->s, on_committed, x);
	if (x->w->now > x->now)
		x->now = x->w->now;
	return 0;
}

void shop_open(struct shop *x)
{
	struct input start = { .kind = INPUT_START };
	struct input config = { .kind = INPUT_CONFIG };
	struct fault why = { 0 };

	if (shop_try_open(x, &why) != 0)
		fail_msg("%s", why.text);
	start.start.epoch = x->w->epoch + 1;
	start.start.wall_offset = WALL_OFFSET;
	shop_post(x, &start, NULL);
	config.config.text = STR("made");
	config.config.author = STR("start");
	if (x->w->rules == NULL)
		shop_post(x, &config, NULL);
	shop_settle(x);
}

void shop_close(struct shop *x)
{
	if (x->s == NULL)
		return;
	store_close(x->s);
	world_free(x->w);
	x->s = NULL;
	x->w = NULL;
}

void shop_crash(struct shop *x)
{
	store_crash(x->s);
	world_free(x->w);
	x->s = NULL;
	x->w = NULL;
}

/* ---- inputs --------------------------------------------------------------*/

static void seal(struct shop *x, struct input *in, struct payload *p)
{
	uint8_t digest[SHA256_BYTES];
	struct digest *d = digest_new();

	rng_bytes(p->salt, SALT_BYTES);
	digest_add(d, p->salt, SALT_BYTES);
	digest_add(d, p->body.p, p->body.n);
	digest_end(d, digest);
	if (in->kind == INPUT_MESSAGE)
		memcpy(in->message.digest, digest, SHA256_BYTES);
	else if (in->kind == INPUT_PERSON)
		memcpy(in->person.digest, digest, SHA256_BYTES);
	else
		memcpy(in->arrive.digest, digest, SHA256_BYTES);
	in->payload = p;
	(void)x;
}

static void append_all(struct shop *x)
{
	size_t i;

	for (i = 0; i < x->out.count; i++)
		store_append(x->s, &x->out.events[i]);
}

void shop_post(struct shop *x, struct input *in, const char *payload)
{
	struct payload p;

	in->at = ++x->now;
	if (payload != NULL) {
		p.body = str_of(payload);
		seal(x, in, &p);
	}
	if (route_step(x->w, in, &x->out) != 0)
		fail_msg("%s", x->out.outcome.why.text);
	append_all(x);
}

static void post_if_legal(struct shop *x, struct input *in)
{
	in->at = ++x->now;
	if (route_step(x->w, in, &x->out) == 0)
		append_all(x);
}

static void wait_fd(struct shop *x)
{
	struct pollfd p = { store_fd(x->s), POLLIN, 0 };

	assert_true(poll(&p, 1, 20000) == 1);
}

void shop_settle(struct shop *x)
{
	struct store_status st;

	store_flush(x->s);
	for (;;) {
		while (store_pump(x->s) > 0)
			;
		store_status(x->s, &st);
		if (st.committed == st.appended && st.followed == st.appended &&
		    (x->first == 0 || x->delivered == st.appended))
			return;
		/* The follower tells nobody; a question does when it is
		 * answered, which is when the follower is there. */
		if (st.committed == st.appended) {
			struct read what = { .kind = READ_PEOPLE,
				.seq = st.appended };
			int err;

			mem_free(shop_read(x, &what, &err));
			continue;
		}
		wait_fd(x);
	}
}

static void look_up(
    struct shop *x, const struct said *said, struct presented *out)
{
	char question[128];
	struct read what = { .kind = READ_IDENTIFIERS, .seq = x->w->seq };
	struct json *rows;
	const struct json *row;
	char *answer;
	int err;

	snprintf(question, sizeof(question),
	    "[{\"kind\":\"phone\",\"value\":\"%s\"}]", said->phone);
	what.text = str_of(question);
	shop_settle(x);
	answer = shop_read(x, &what, &err);
	assert_int_equal(err, 0);
	assert_int_equal(json_parse(str_of(answer), 0, &rows, NULL), 0);
	row = json_at(rows, 0);
	out->id.v = (uint64_t)json_int(json_get(row, "id"), -1);
	out->customer.v = (uint64_t)json_int(json_get(row, "customer"), -1);
	out->owners = (uint8_t)json_int(json_get(row, "owners"), 9);
	assert_true(
	    level_parse(json_str(json_get(row, "level")), &(enum level){ 0 }));
	out->known =
	    (uint8_t)(str_is(json_str(json_get(row, "level")), "verified")
	                  ? LEVEL_VERIFIED
	                  : LEVEL_CLAIMED);
	if (out->id.v == 0)
		out->id.v = x->next_identifier++;
	json_free(rows);
	mem_free(answer);
}

struct contact_id shop_arrive(struct shop *x, const struct said *said)
{
	struct input in = { .kind = INPUT_ARRIVE };
	struct buf payload = { 0 };
	struct json_writer w;

	in.arrive.channel = (uint8_t)said->channel;
	in.arrive.language = STR("en");
	jw_init(&w, &payload);
	jw_object(&w);
	if (said->name != NULL)
		jw_ktext(&w, "name", said->name);
	if (said->text != NULL)
		jw_ktext(&w, "text", said->text);
	if (said->phone != NULL) {
		in.arrive.by_count = 1;
		look_up(x, said, &in.arrive.by[0]);
		in.arrive.by[0].kind = IDENTIFIER_PHONE;
		in.arrive.by[0].level = (uint8_t)said->level;
		jw_key(&w, "identifiers");
		jw_array(&w);
		jw_object(&w);
		jw_ku64(&w, "id", in.arrive.by[0].id.v);
		jw_ktext(&w, "kind", "phone");
		jw_ktext(&w, "value", said->phone);
		jw_ktext(&w, "level", level_word(said->level));
		jw_end(&w);
		jw_end(&w);
	}
	jw_end(&w);
	shop_post(x, &in, payload.data);
	buf_done(&payload);
	return x->out.outcome.contact;
}

void shop_say(
    struct shop *x, struct contact_id c, enum author author, const char *text)
{
	struct input in = { .kind = INPUT_MESSAGE, .contact = c };
	const struct contact *now = world_contact(x->w, c);
	char payload[512];

	in.message.author = (uint8_t)author;
	if (author == AUTHOR_AGENT && now->owner != NULL)
		in.agent = now->owner->id;
	snprintf(payload, sizeof(payload), "{\"text\":\"%s\"}", text);
	shop_post(x, &in, payload);
}

void shop_ready(struct shop *x, unsigned agent)
{
	struct input in = { .kind = INPUT_SIGN_IN };

	in.agent = x->w->agents[agent]->id;
	in.session.session = agent + 1;
	shop_post(x, &in, NULL);
	in = (struct input){ .kind = INPUT_STATE, .agent = in.agent };
	in.state.state = AGENT_READY;
	shop_post(x, &in, NULL);
}

void shop_accept(struct shop *x, struct contact_id c)
{
	const struct contact *now = world_contact(x->w, c);
	struct input in = { .kind = INPUT_ACCEPT, .contact = c };

	assert_non_null(now->offer);
	in.agent = now->offer->agent->id;
	in.offer.offer = now->offer->id;
	shop_post(x, &in, NULL);
}

void shop_end(struct shop *x, struct contact_id c, enum end_reason reason)
{
	const struct contact *now = world_contact(x->w, c);
	struct input in = { .kind = INPUT_LEAVE, .contact = c };

	in.leave.reason = (uint8_t)reason;
	if (now->owner != NULL) {
		in.kind = INPUT_END;
		in.agent = now->owner->id;
		in.end.reason = (uint8_t)reason;
	}
	shop_post(x, &in, NULL);
}

static struct contact *some_contact(struct shop *x, enum contact_state s)
{
	struct list *l = &x->w->contact_lists[s];
	size_t n = list_count(l);
	struct contact *c;

	if (n == 0)
		return NULL;
	n = rng_below(&x->rng, n);
	list_each(c, l, in_state) {
		if (n-- == 0)
			return c;
	}
	return NULL;
}

static void some_arrival(struct shop *x)
{
	static const enum channel channels[] = { CHANNEL_CHAT, CHANNEL_MAIL,
		CHANNEL_PHONE };
	char phone[32];
	char text[64];
	struct said said = { channels[rng_below(&x->rng, 3)], "Ana Silva",
		phone, LEVEL_VERIFIED, text };

	snprintf(phone, sizeof(phone), "+3512155501%02u",
	    (unsigned)rng_below(&x->rng, 40));
	snprintf(text, sizeof(text), "the %u refund",
	    (unsigned)rng_below(&x->rng, 1000));
	if (rng_below(&x->rng, 3) == 0)
		said.level = LEVEL_CLAIMED;
	if (rng_below(&x->rng, 4) == 0)
		said.phone = NULL;
	(void)shop_arrive(x, &said);
}

static void some_agent(struct shop *x)
{
	size_t i = rng_below(&x->rng, x->w->agent_count);
	struct input in = { .kind = INPUT_SIGN_IN,
		.agent = x->w->agents[i]->id };

	in.session.session = i + 1;
	if (x->w->agents[i]->state == AGENT_OFFLINE ||
	    x->w->agents[i]->state == AGENT_LOST) {
		post_if_legal(x, &in);
		return;
	}
	in = (struct input){ .kind = INPUT_STATE, .agent = in.agent };
	in.state.state =
	    rng_below(&x->rng, 5) == 0 ? AGENT_NOT_READY : AGENT_READY;
	in.state.reason = STR("lunch");
	post_if_legal(x, &in);
}

static void some_answer(struct shop *x)
{
	struct contact *c = some_contact(x, CONTACT_OFFERED);
	struct input in = { .kind = INPUT_ACCEPT };

	if (c == NULL)
		return;
	in.contact = c->id;
	in.agent = c->offer->agent->id;
	in.offer.offer = c->offer->id;
	if (c->channel == CHANNEL_PHONE) {
		in.kind = INPUT_CALL;
		in.call.step = CALL_TALKING;
		in.call.offer = c->offer->id;
	} else if (rng_below(&x->rng, 4) == 0) {
		in.kind = INPUT_REJECT;
	}
	post_if_legal(x, &in);
}

static void some_end(struct shop *x)
{
	struct contact *c = some_contact(x, CONTACT_ACTIVE);

	if (c == NULL)
		return;
	if (rng_below(&x->rng, 2) == 0)
		shop_say(x, c->id, AUTHOR_AGENT, "we will look into it");
	else
		shop_end(x, c->id, END_RESOLVED);
}

void shop_day(struct shop *x, unsigned steps)
{
	static void (*const moves[])(struct shop *) = { some_arrival,
		some_arrival, some_agent, some_answer, some_answer, some_end,
		some_end };
	struct input tick = { .kind = INPUT_TICK };

	while (steps-- > 0) {
		x->now += (msec_t)rng_below(&x->rng, 3000);
		post_if_legal(x, &tick);
		moves[rng_below(&x->rng, countof(moves))](x);
		if (rng_below(&x->rng, 4) == 0)
			store_flush(x->s);
	}
	shop_settle(x);
}

/* ---- questions ----------------------------------------------------------- */

struct answer {
	bool told;
	int err;
	char *text;
};

static void on_answer(void *arg, int err, struct str json)
{
	struct answer *a = arg;

	a->told = true;
	a->err = err;
	a->text = mem_text_n(json.p, json.n);
}

char *shop_read(struct shop *x, const struct read *what, int *err)
{
	struct answer a = { false, 0, NULL };

	assert_int_equal(store_read(x->s, what, on_answer, &a), 0);
	store_flush(x->s);
	while (!a.told) {
		wait_fd(x);
		store_pump(x->s);
	}
	*err = a.err;
	return a.text;
}

char *shop_ask(struct shop *x, enum read_kind kind, uint64_t id)
{
	struct read what = { .kind = kind, .seq = x->w->seq };
	char *text;
	int err;

	what.contact.v = id;
	what.customer.v = id;
	text = shop_read(x, &what, &err);
	if (err != 0)
		fail_msg("question %d: %s", (int)kind, err_text(err));
	return text;
}

void shop_same_world(const struct world *a, const struct world *b)
{
	struct buf first = { 0 };
	struct buf second = { 0 };

	world_encode(a, &first);
	world_encode(b, &second);
	assert_int_equal(first.len, second.len);
	assert_memory_equal(first.data, second.data, first.len);
	buf_done(&first);
	buf_done(&second);
}

static sqlite3 *behind(struct shop *x, const char *file)
{
	char path[128];
	sqlite3 *db;

	snprintf(path, sizeof(path), "%s/%s", x->dir, file);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	sqlite3_busy_timeout(db, 5000);
	return db;
}

void shop_sql(struct shop *x, const char *file, const char *sql)
{
	sqlite3 *db = behind(x, file);
	char *error = NULL;

	if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK)
		fail_msg("%s: %s", sql, error);
	sqlite3_close(db);
}

int64_t shop_sql_number(struct shop *x, const char *file, const char *sql)
{
	sqlite3 *db = behind(x, file);
	sqlite3_stmt *s;
	int64_t n;

	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &s, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(s), SQLITE_ROW);
	n = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	sqlite3_close(db);
	return n;
}
