/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * host.c - the server's side of the admin commands.
 *
 * Entered by the API through a table of functions, never the other way round.
 * What is slow runs on a work or store thread; each question is answered once.
 */
#include "server/host.h"

#include "base/json.h"
#include "base/mem.h"
#include "base/work.h"
#include "server/reload.h"

#define PATH_BYTES 1024

void pending_add(
    struct server *s, struct pending *p, void (*drop)(struct pending *p))
{
	p->drop = drop;
	list_init(&p->link);
	list_push(&s->pending, &p->link);
}

void pending_remove(struct pending *p)
{
	list_remove(&p->link);
}

void pending_drop_all(struct server *s)
{
	struct pending *p;

	while ((p = list_first(&s->pending, struct pending, link)) != NULL) {
		list_remove(&p->link);
		p->drop(p);
	}
}

static void host_reload(void *arg, bool dry_run, const char *author,
    api_done_fn done, void *done_arg)
{
	reload_start(arg, dry_run, author, done, done_arg);
}

static void host_status(void *arg, api_done_fn done, void *done_arg)
{
	struct buf text = { 0 };

	status_write(arg, &text);
	done(done_arg, buf_str(&text), NULL);
	buf_done(&text);
}

static void say_fault(api_done_fn done, void *arg, int err, const char *text)
{
	struct fault why;

	fault_set(&why, err, "%s", text);
	done(arg, STR_NONE, &why);
}

/* ---- try: what would happen to this contact? ---------------------------- */

struct trial {
	struct pending pending;
	struct running *running; /* a reload meanwhile does not take it away */
	char *what;
	char *at;
	msec_t wall;
	struct buf out;
	struct fault why;
	int err;
	api_done_fn done;
	void *arg;
};

static void trial_run(void *arg)
{
	struct trial *t = arg;
	const struct config_question q = { .what = str_of(t->what),
		.at = str_of(t->at),
		.wall_now = t->wall };

	t->err = config_try(t->running->config, &q, &t->out, &t->why);
}

static void trial_free(struct trial *t)
{
	pending_remove(&t->pending);
	running_unref(t->running);
	mem_free(t->what);
	mem_free(t->at);
	buf_done(&t->out);
	mem_free(t);
}

static void trial_drop(struct pending *p)
{
	trial_free(container_of(p, struct trial, pending));
}

static void trial_done(void *arg)
{
	struct trial *t = arg;

	t->done(t->arg, buf_str(&t->out), t->err == 0 ? NULL : &t->why);
	trial_free(t);
}

static void host_try(
    void *arg, struct str what, struct str at, api_done_fn done, void *done_arg)
{
	struct server *s = arg;
	struct trial *t = new_of(struct trial);

	pending_add(s, &t->pending, trial_drop);
	t->running = running_ref(s->running);
	t->what = mem_text_n(what.p, what.n);
	t->at = mem_text_n(at.p, at.n);
	t->wall = clock_wall(s->clock);
	t->done = done;
	t->arg = done_arg;
	if (work_add(s->work, trial_run, trial_done, t) != 0) {
		say_fault(done, done_arg, ERR_BUSY, "too much work is waiting");
		trial_free(t);
	}
}

/* ---- backup -------------------------------------------------------------- */

struct backup {
	struct pending pending;
	char *dir;
	api_done_fn done;
	void *arg;
};

static void backup_free(struct backup *b)
{
	pending_remove(&b->pending);
	mem_free(b->dir);
	mem_free(b);
}

static void backup_drop(struct pending *p)
{
	backup_free(container_of(p, struct backup, pending));
}

static void backup_done(void *arg, int err, const char *text)
{
	struct backup *b = arg;
	struct buf out = { 0 };
	struct json_writer w;

	if (err != 0) {
		say_fault(b->done, b->arg, err, text);
	} else {
		jw_init(&w, &out);
		jw_object(&w);
		jw_ktext(&w, "dir", b->dir);
		jw_ktext(&w, "text", text);
		jw_end(&w);
		b->done(b->arg, buf_str(&out), NULL);
	}
	buf_done(&out);
	backup_free(b);
}

static void host_backup(
    void *arg, struct str dir, api_done_fn done, void *done_arg)
{
	struct server *s = arg;
	char path[PATH_BYTES];
	struct backup *b;
	int err;

	/* Relative to what? The server's own folder is nobody's business. */
	if (!str_starts(dir, "/") || !str_copy(path, sizeof(path), dir)) {
		say_fault(done, done_arg, ERR_INVALID,
		    "the folder must be an absolute path");
		return;
	}
	b = new_of(struct backup);
	pending_add(s, &b->pending, backup_drop);
	b->dir = mem_text(path);
	b->done = done;
	b->arg = done_arg;
	err = store_backup(s->store, path, backup_done, b);
	if (err != 0) {
		say_fault(done, done_arg, err, err_text(err));
		backup_free(b);
	}
}

struct api_host host_table(struct server *s)
{
	return (struct api_host){
		.arg = s,
		.reload = host_reload,
		.try_contact = host_try,
		.backup = host_backup,
		.status = host_status,
		.why = why_start,
	};
}
