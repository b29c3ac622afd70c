/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reload.c - SIGHUP and `usherctl reload`.
 *
 *   reload_start   one at a time
 *     run          on a work thread: load, check, run the test blocks
 *     finish       on the loop: bind new doors, post INPUT_CONFIG, swap
 *
 * The order in finish matters: doors that cannot be bound and secrets that
 * cannot be read refuse the config before the log knows it. The world gets the
 * rules as read from their canonical text, never those read from the files:
 * only so are they the same after a restart, and in the store's second world.
 */
#include "server/reload.h"

#include <string.h>

#include "base/crypto.h"
#include "base/json.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/work.h"
#include "server/doors.h"
#include "server/hours.h"
#include "server/intake.h"
#include "server/lockdown.h"

struct
try {
	struct server *server;
	bool dry_run;
	char *author;
	const char *file;
	api_done_fn done;
	void *arg;
	struct config *config; /* what was read; NULL: it has errors */
	struct rules *rules;   /* of its canonical text: the world's to be */
	struct config_notes notes;
	size_t tests;
	int err;
};

struct reload {
	char *file;
	struct try *under_way; /* NULL: none */
};

struct reload *reload_new(const char *file)
{
	struct reload *r = new_of(struct reload);

	r->file = file == NULL ? NULL : mem_text(file);
	return r;
}

static void try_free(struct try *t)
{
	if (t == NULL)
		return;
	config_free(t->config);
	rules_unref(t->rules);
	config_notes_done(&t->notes);
	mem_free(t->author);
	mem_free(t);
}

void reload_free(struct reload *r)
{
	if (r == NULL)
		return;
	try_free(r->under_way);
	mem_free(r->file);
	mem_free(r);
}

struct rules *reload_rules(void *arg, struct str text)
{
	struct server *s = arg;

	if (s->fresh != NULL && str_is(text, s->fresh->text))
		return rules_ref(s->fresh);
	return config_rules_of_text(NULL, text);
}

int reload_activate(
    struct server *s, struct rules *r, const char *author, struct fault *why)
{
	struct input in = { .kind = INPUT_CONFIG };
	struct outcome out = { 0 };
	int err;

	memcpy(in.config.digest, r->digest, sizeof(in.config.digest));
	in.config.text = str_of(r->text);
	in.config.author = str_of(author);
	s->fresh = r;
	err = intake_post(s, &in, STR_NONE, &out);
	s->fresh = NULL;
	if (err != 0)
		*why = out.why;
	return err;
}

bool reload_is_active(const struct server *s, const struct rules *r)
{
	const struct rules *now = s->world->rules;

	return now != NULL &&
	       memcmp(now->digest, r->digest, sizeof(r->digest)) == 0;
}

/* ---- the answer ---------------------------------------------------------- */

static void write_note(struct json_writer *w, const struct config_note *n)
{
	jw_object(w);
	jw_ktext(w, "severity", n->is_error ? "error" : "warning");
	jw_ktext(w, "file", n->file);
	jw_ku64(w, "line", n->line);
	jw_ku64(w, "column", n->column);
	jw_ktext(w, "text", n->text);
	if (n->hint != NULL)
		jw_ktext(w, "hint", n->hint);
	jw_end(w);
}

static void write_notes(struct json_writer *w, const struct config_notes *n)
{
	struct buf report = { 0 };
	size_t i;

	jw_key(w, "notes");
	jw_array(w);
	for (i = 0; i < n->count; i++)
		write_note(w, &n->items[i]);
	jw_end(w);
	/* With the source line and the caret, for people. */
	config_notes_show(n, &report);
	jw_kstr(w, "report", buf_str(&report));
	buf_done(&report);
}

static void write_changes(struct json_writer *w, struct str diff)
{
	jw_key(w, "changes");
	jw_array(w);
	while (diff.n > 0) {
		struct str line = str_next(&diff, '\n');

		if (line.n > 0)
			jw_str(w, line);
	}
	jw_end(w);
}

static void answer(struct try *t, bool ok, struct str diff)
{
	const struct rules *r = t->server->world->rules;
	struct buf text = { 0 };
	struct buf digest = { 0 };
	struct json_writer w;

	hex_encode(r->digest, sizeof(r->digest), &digest);
	jw_init(&w, &text);
	jw_object(&w);
	jw_kbool(&w, "ok", ok);
	jw_kbool(&w, "dry_run", t->dry_run);
	jw_kstr(&w, "digest", buf_str(&digest));
	jw_ku64(&w, "tests", t->tests);
	write_changes(&w, diff);
	write_notes(&w, &t->notes);
	jw_end(&w);
	t->done(t->arg, buf_str(&text), NULL);
	buf_done(&digest);
	buf_done(&text);
}

static void answer_fault(struct try *t, const struct fault *why)
{
	log_warn(
	    "reload", "msg=refused author=%s why=\"%s\"", t->author, why->text);
	t->done(t->arg, STR_NONE, why);
}

/* ---- the way through ----------------------------------------------------- */

static void run(void *arg)
{
	struct try *t = arg;

	t->err = config_load(t->file, &t->config, &t->notes);
	if (t->err == 0)
		t->err = config_run_tests(t->config, &t->notes, &t->tests);
	if (t->err == 0)
		t->rules =
		    config_rules_of_text(NULL, str_of(t->config->rules->text));
}

static void tell_rooms(struct server *s)
{
	size_t i;

	for (i = 0; i < s->room_count; i++)
		if (s->rooms[i].ops->on_rules != NULL)
			s->rooms[i].ops->on_rules(s->rooms[i].arg);
}

static void warn_of_fixed(
    const struct config_setup *old, const struct config_setup *new)
{
	if (!str_eq(str_of(old->data_dir), str_of(new->data_dir)) ||
	    !str_eq(str_of(old->mime_helper), str_of(new->mime_helper)) ||
	    !str_eq(str_of(old->web_dir), str_of(new->web_dir)))
		log_warn("reload", "msg=needs-restart what=\"folders and "
		                   "programs are taken at start\"");
}

/* Takes the config that was read; on failure nothing has changed. */
static int swap(struct try *t, struct fault *why)
{
	struct server *s = t->server;
	struct doors *plan = NULL;
	struct running *old = s->running;
	enum log_level level;
	int err;

	if (t->rules == NULL)
		return fault_set(why, ERR_CORRUPT,
		    "the config cannot be read back from the log");
	err = lockdown_secrets(t->config, why);
	if (err == 0)
		err = doors_plan(s, &t->config->setup, &plan, why);
	if (err != 0)
		return err;
	if (!reload_is_active(s, t->rules))
		err = reload_activate(s, t->rules, t->author, why);
	if (err != 0) {
		doors_drop(s, plan);
		return err;
	}
	warn_of_fixed(&old->config->setup, &t->config->setup);
	s->running = running_new(t->config);
	t->config = NULL;
	running_unref(old);
	doors_take(s, plan);
	doors_renew_tls(s);
	if (log_parse_level(s->running->config->setup.log_level, &level))
		log_set_level(level);
	calendar_check(s);
	tell_rooms(s);
	return 0;
}

static void finish_good(struct try *t)
{
	struct server *s = t->server;
	struct buf diff = { 0 };
	struct fault why = { 0 };
	int err = 0;

	config_diff(s->world->rules, t->config->rules, &diff);
	if (!t->dry_run)
		err = swap(t, &why);
	if (err != 0) {
		answer_fault(t, &why);
	} else {
		answer(t, true, buf_str(&diff));
		log_info("reload", "msg=%s author=%s tests=%zu",
		    t->dry_run ? "checked" : "active", t->author, t->tests);
	}
	buf_done(&diff);
}

static void finish(void *arg)
{
	struct try *t = arg;
	struct fault why;

	t->server->reload->under_way = NULL;
	if (t->server->stopping) {
		/* New doors now would never be closed again. */
		fault_set(&why, ERR_BUSY, "the server is stopping");
		answer_fault(t, &why);
	} else if (t->err == 0) {
		finish_good(t);
	} else if (t->notes.errors == 0) {
		fault_set(&why, t->err, "%s cannot be read", t->file);
		answer_fault(t, &why);
	} else {
		log_warn("reload", "msg=refused author=%s errors=%zu",
		    t->author, t->notes.errors);
		answer(t, false, STR_NONE);
	}
	try_free(t);
}

void reload_start(struct server *s, bool dry_run, const char *author,
    api_done_fn done, void *arg)
{
	struct fault why;
	struct try *t;

	if (s->reload->file == NULL || s->reload->under_way != NULL) {
		fault_set(&why,
		    s->reload->file == NULL ? ERR_UNSUPPORTED : ERR_BUSY,
		    s->reload->file == NULL ? "there is no file to read"
		                            : "a reload is under way");
		done(arg, STR_NONE, &why);
		return;
	}
	t = new_of(struct try);
	*t = (struct try){ .server = s,
		.dry_run = dry_run,
		.author = mem_text(author),
		.file = s->reload->file,
		.done = done,
		.arg = arg };
	if (work_add(s->work, run, finish, t) != 0) {
		fault_set(&why, ERR_BUSY, "too much work is waiting");
		answer_fault(t, &why);
		try_free(t);
		return;
	}
	s->reload->under_way = t;
}
