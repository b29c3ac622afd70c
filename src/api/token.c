/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * token.c - whose token this is, and whether they may still come in.
 *
 *   digest -> READ_TOKEN: name, until -> READ_PERSON: role, disabled
 *
 * Entered by the login and by every HTTP request with a bearer. Only digests
 * of tokens are stored and asked for: a stolen record lets nobody in.
 */
#include "api/login.h"

#include "base/crypto.h"
#include "base/json.h"
#include "base/mem.h"

struct owner_ask {
	struct ask ask;
	struct api *api;
	known_fn done;
	void *arg;
	struct known_person who;
};

static void drop(struct ask *k)
{
	struct owner_ask *o = container_of(k, struct owner_ask, ask);

	ask_close(&o->ask);
	mem_free(o);
}

static void finish(struct owner_ask *o, int err)
{
	o->who.err = err;
	o->done(o->arg, &o->who);
	drop(&o->ask);
}

/* "Not there" is the peer's fault; anything else is ours, and told as such. */
static int blame(int err)
{
	return err == ERR_NOT_FOUND || err == ERR_INVALID ? ERR_AUTH : err;
}

int read_person(struct api *a, struct str name, read_done_fn done, void *arg)
{
	struct read what = {
		.kind = READ_PERSON, .seq = a->people_seq, .text = name
	};

	return store_read(a->env.store, &what, done, arg);
}

static void on_person(void *arg, int err, struct str text)
{
	struct owner_ask *o = arg;
	struct json *person = NULL;

	if (err == 0)
		err = json_parse(text, 0, &person, NULL);
	if (err == 0 &&
	    (json_bool(json_get(person, "disabled"), true) ||
	        !role_parse(json_str(json_get(person, "role")), &o->who.role)))
		err = ERR_AUTH;
	json_free(person);
	finish(o, blame(err));
}

/* 0: it has no end. */
static bool is_over(const struct json *token, msec_t now)
{
	msec_t until = json_int(json_get(token, "until_wall"), 1);

	return until != 0 && until <= now;
}

static void on_token(void *arg, int err, struct str text)
{
	struct owner_ask *o = arg;
	msec_t now = clock_wall(loop_clock(o->api->env.loop));
	struct json *token = NULL;

	if (err == 0)
		err = json_parse(text, 0, &token, NULL);
	if (err == 0 &&
	    (is_over(token, now) || !str_copy(o->who.name, sizeof(o->who.name),
	                                json_str(json_get(token, "name")))))
		err = ERR_AUTH;
	json_free(token);
	if (err == 0)
		err = read_person(o->api, str_of(o->who.name), on_person, o);
	if (err != 0)
		finish(o, blame(err));
}

void token_owner(struct api *a, struct str token, known_fn done, void *arg)
{
	struct owner_ask *o = new_of(struct owner_ask);
	struct read what = { .kind = READ_TOKEN, .seq = a->people_seq };
	uint8_t digest[SHA256_BYTES];
	struct buf hex = { 0 };
	int err;

	o->api = a;
	o->done = done;
	o->arg = arg;
	ask_open(a, &o->ask, drop);
	sha256(token, digest);
	hex_encode(digest, sizeof(digest), &hex);
	what.text = buf_str(&hex);
	err = store_read(a->env.store, &what, on_token, o);
	buf_done(&hex);
	if (err != 0)
		finish(o, err);
}
