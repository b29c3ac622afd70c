/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * arrive.c - a contact as a channel presents it becomes an input.
 *
 *   intake_arrive -> copied, a reader asked whose identifiers these are
 *     on_read     -> numbers for new ones, verdicts of the rules on the text,
 *                    ARRIVE (or PARSED) posted, the channel told
 *
 * Entered through the inlet and by the store's answers. Everything kept is a
 * copy, bounded by ARRIVALS_MAX; each arrival is answered exactly once.
 */
#include <string.h>

#include "base/json.h"
#include "base/mem.h"
#include "server/facts.h"
#include "server/intake.h"

struct waiting {
	struct list link; /* in intake.reading or intake.settled */
	struct server *server;
	struct arrival a; /* its texts lie in `space` */
	char *space;
	arrive_done_fn done;
	void *arg;
	uint64_t recorded; /* the record held at least this when asked */
};

static void measure(void *arg, struct str *text)
{
	*(size_t *)arg += text->n;
}

static void move(void *arg, struct str *text)
{
	char **at = arg;

	if (text->n > 0)
		memcpy(*at, text->p, text->n);
	text->p = *at;
	*at += text->n;
}

/* The same identifier twice, or an empty one, says nothing. */
static void drop_idle_identifiers(struct arrival *a)
{
	size_t kept = 0;
	size_t i;
	size_t k;

	for (i = 0; i < a->by_count; i++) {
		for (k = 0; k < kept; k++)
			if (a->by[k].kind == a->by[i].kind &&
			    str_eq(a->by[k].value, a->by[i].value))
				break;
		if (k == kept && a->by[i].value.n > 0)
			a->by[kept++] = a->by[i];
	}
	a->by_count = kept;
}

static struct waiting *waiting_new(struct server *s, const struct arrival *a)
{
	struct waiting *w;
	size_t bytes = 0;
	char *at;

	w = new_of(struct waiting);
	list_init(&w->link);
	w->server = s;
	w->a = *a;
	drop_idle_identifiers(&w->a);
	facts_each_text(&w->a, measure, &bytes);
	w->space = mem_try(bytes + 1);
	if (w->space == NULL) {
		mem_free(w);
		return NULL;
	}
	at = w->space;
	facts_each_text(&w->a, move, &at);
	return w;
}

static void waiting_free(struct waiting *w)
{
	struct intake *k = w->server->intake;

	list_remove(&w->link);
	k->under_way--;
	mem_free(w->space);
	mem_free(w);
}

static enum input_kind kind_of(const struct arrival *a)
{
	if (id_is_set(a->contact))
		return INPUT_PARSED;
	return id_is_set(a->agent) ? INPUT_START_CONTACT : INPUT_ARRIVE;
}

static int post_arrival(
    struct waiting *w, const struct json *rows, struct outcome *out)
{
	struct server *s = w->server;
	struct input in = { .contact = w->a.contact, .agent = w->a.agent };
	struct facts_space space = { 0 };
	struct buf payload = { 0 };
	int err;

	in.kind = kind_of(&w->a);
	facts_fill(s, &w->a, rows, &space, &in.arrive);
	facts_write(&w->a, &in.arrive, &payload);
	err = intake_post(s, &in, buf_str(&payload), out);
	intern_logged(&s->intake->intern, s->world->seq);
	buf_done(&payload);
	return err;
}

/* Tells the channel and forgets. */
static void finish(struct waiting *w, const struct outcome *out)
{
	w->done(w->arg, out);
	waiting_free(w);
}

static void finish_failed(struct waiting *w, int err, const char *text)
{
	struct outcome out = { .err = err };

	fault_set(&out.why, err, "%s", text);
	finish(w, &out);
}

static void on_read(void *arg, int err, struct str text)
{
	struct waiting *w = arg;
	struct outcome out = { 0 };
	struct json *rows = NULL;

	if (err == 0)
		err = json_parse(text, 0, &rows, &out.why);
	if (err != 0) {
		finish_failed(w, err, "the identifiers could not be looked up");
		return;
	}
	(void)post_arrival(w, rows, &out);
	json_free(rows);
	finish(w, &out);
}

static int start_read(struct waiting *w)
{
	struct server *s = w->server;
	struct read what = { .kind = READ_IDENTIFIERS };
	struct buf text = { 0 };
	struct json_writer j;
	size_t i;
	int err;

	jw_init(&j, &text);
	jw_array(&j);
	for (i = 0; i < w->a.by_count; i++) {
		jw_object(&j);
		jw_ktext(&j, "kind", identifier_kind_word(w->a.by[i].kind));
		jw_kstr(&j, "value", w->a.by[i].value);
		jw_end(&j);
	}
	jw_end(&j);
	what.text = buf_str(&text);
	err = store_read(s->store, &what, on_read, w);
	buf_done(&text);
	return err;
}

int intake_arrive(
    void *host, const struct arrival *a, arrive_done_fn done, void *arg)
{
	struct server *s = host;
	struct intake *k = s->intake;
	struct waiting *w;
	int err = 0;

	/* Law 11: refuse before losing. What was acknowledged already (a mail
	 * being parsed) goes on. */
	if (!id_is_set(a->contact) && (k->status.must_refuse || s->stopping))
		return ERR_BUSY;
	if (k->under_way >= ARRIVALS_MAX || intern_is_full(&k->intern))
		return ERR_BUSY;
	w = waiting_new(s, a);
	if (w == NULL)
		return ERR_MEMORY;
	w->done = done;
	w->arg = arg;
	w->recorded = k->status.followed;
	k->under_way++;
	if (w->a.by_count == 0) {
		list_push(&k->settled, &w->link);
		loop_wake(s->loop);
		return 0;
	}
	list_push(&k->reading, &w->link);
	err = start_read(w);
	if (err != 0)
		waiting_free(w);
	return err;
}

/* The oldest read under way bounds what may be forgotten: a younger one saw
 * at least as much. */
static void forget_recorded(struct intake *k)
{
	struct waiting *first = list_first(&k->reading, struct waiting, link);

	intern_forget(
	    &k->intern, first == NULL ? k->status.followed : first->recorded);
}

void arrivals_settle(struct server *s)
{
	struct intake *k = s->intake;
	struct list now;
	struct waiting *w;

	forget_recorded(k);
	list_init(&now);
	while ((w = list_first(&k->settled, struct waiting, link)) != NULL) {
		list_remove(&w->link);
		list_push(&now, &w->link);
	}
	/* `done` may bring new arrivals: they are the next turn's. */
	while ((w = list_first(&now, struct waiting, link)) != NULL) {
		struct outcome out = { 0 };

		(void)post_arrival(w, NULL, &out);
		finish(w, &out);
	}
}

void arrivals_free(struct intake *k)
{
	struct waiting *w;

	while ((w = list_first(&k->settled, struct waiting, link)) != NULL)
		waiting_free(w);
	while ((w = list_first(&k->reading, struct waiting, link)) != NULL)
		waiting_free(w);
}
