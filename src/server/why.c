/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * why.c - who could have taken a contact, and why the others could not.
 *
 *   why_start   the record is asked for the contact's offers
 *     on_offers   it waits: the live world is explained, now
 *                 else: a work thread rebuilds the world as it was just
 *                 before the last offer and explains that one
 *
 * The explanation is route/explain's in both cases: the predicates that
 * decided, not a second opinion.
 */
#include "base/json.h"
#include "base/mem.h"
#include "base/work.h"
#include "route/explain.h"
#include "server/host.h"

struct why {
	struct pending pending;
	struct server *server;
	struct contact_id contact;
	uint64_t seq;      /* of the last offer; 0: there was none */
	struct buf agents; /* what explain said */
	int err;
	struct fault fault;
	api_done_fn done;
	void *arg;
};

static void why_free(struct why *y)
{
	pending_remove(&y->pending);
	buf_done(&y->agents);
	mem_free(y);
}

static void drop(struct pending *p)
{
	why_free(container_of(p, struct why, pending));
}

static void fail(struct why *y)
{
	y->done(y->arg, STR_NONE, &y->fault);
	why_free(y);
}

static void finish(struct why *y, const char *as_of)
{
	struct buf text = { 0 };
	struct json_writer w;

	jw_init(&w, &text);
	jw_object(&w);
	jw_kid(&w, "contact", 'c', y->contact.v);
	jw_ktext(&w, "as_of", as_of);
	jw_ku64(&w, "seq", y->seq);
	jw_key(&w, "agents");
	jw_raw(&w, y->agents.len > 0 ? buf_str(&y->agents) : STR("[]"));
	jw_end(&w);
	y->done(y->arg, buf_str(&text), NULL);
	buf_done(&text);
	why_free(y);
}

static void explain(
    struct why *y, const struct world *w, const struct contact *c)
{
	struct json_writer out;

	jw_init(&out, &y->agents);
	explain_all(w, c, &out);
}

/* On a work thread: nothing of the server is touched but its store. */
static void run(void *arg)
{
	struct why *y = arg;
	struct world *w = NULL;
	const struct contact *c;

	y->err = store_world_at(y->server->store, y->seq - 1, &w, &y->fault);
	if (y->err != 0)
		return;
	c = world_contact(w, y->contact);
	if (c == NULL)
		y->err = fault_set(&y->fault, ERR_CORRUPT,
		    "the contact was not there before its offer");
	else
		explain(y, w, c);
	world_free(w);
}

static void on_explained(void *arg)
{
	struct why *y = arg;

	if (y->err != 0)
		fail(y);
	else
		finish(y, "last offer");
}

/* The answer lists made and settled offers, oldest first. */
static uint64_t last_offer(const struct json *offers)
{
	size_t i;

	for (i = json_count(offers); i > 0; i--) {
		const struct json *e =
		    json_get(json_at(offers, i - 1), "event");

		if (str_is(json_str(json_get(e, "kind")),
		        event_name(EV_OFFER_MADE)))
			return (uint64_t)json_int(json_get(e, "seq"), 0);
	}
	return 0;
}

static void choose(struct why *y)
{
	struct server *s = y->server;
	const struct contact *c = world_contact(s->world, y->contact);

	if (c != NULL && c->state == CONTACT_WAITING) {
		y->seq = s->world->seq;
		explain(y, s->world, c);
		finish(y, "now");
	} else if (y->seq == 0) {
		finish(y, "never offered");
	} else if (work_add(s->work, run, on_explained, y) != 0) {
		y->err =
		    fault_set(&y->fault, ERR_BUSY, "too much work is waiting");
		finish(y, "");
	}
}

static void on_offers(void *arg, int err, struct str json)
{
	struct why *y = arg;
	struct json *root = NULL;

	if (err == 0)
		err = json_parse(json, 0, &root, &y->fault);
	if (err != 0) {
		fault_set(&y->fault, err, "%s", err_text(err));
		fail(y);
		return;
	}
	y->seq = last_offer(json_get(root, "offers"));
	json_free(root);
	choose(y);
}

void why_start(
    void *arg, struct contact_id contact, api_done_fn done, void *done_arg)
{
	struct server *s = arg;
	const struct read what = { .kind = READ_WHY,
		.seq = store_committed(s->store),
		.contact = contact };
	struct why *y = new_of(struct why);
	int err;

	pending_add(s, &y->pending, drop);
	y->server = s;
	y->contact = contact;
	y->done = done;
	y->arg = done_arg;
	err = store_read(s->store, &what, on_offers, y);
	if (err != 0) {
		fault_set(&y->fault, err, "%s", err_text(err));
		fail(y);
	}
}
