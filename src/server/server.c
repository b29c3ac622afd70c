/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * server.c - the loop body; the table of contents of the program.
 *
 * Entered by main and by in-process tests. Everything is made here in order of
 * need and unmade in the opposite order; server_turn() says what happens when.
 * What must never happen: a byte of uncommitted state that leaves, or a wait.
 */
#include "server/server.h"

#include <inttypes.h>

#include "base/check.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/work.h"
#include "config.h"
#include "net/curl.h"
#include "server/doors.h"
#include "server/host.h"
#include "server/hours.h"
#include "server/intake.h"
#include "server/lockdown.h"
#include "server/notify.h"
#include "server/perform.h"
#include "server/reload.h"

#define WORK_THREADS 2    /* "at most 2 password hashes at once" */
#define STOP_MS      5000 /* then it ends even if a commit hangs */
#define MIME_HELPER  USHER_LIBEXECDIR "/usher-mime"
#define WEB_DIR      USHER_DATADIR "/web"

const char *server_version(void)
{
	return PACKAGE_VERSION;
}

struct running *running_new(struct config *c)
{
	struct running *r = new_of(struct running);

	r->references = 1;
	r->config = c;
	return r;
}

struct running *running_ref(struct running *r)
{
	r->references++;
	return r;
}

void running_unref(struct running *r)
{
	if (r == NULL || --r->references > 0)
		return;
	config_free(r->config);
	mem_free(r);
}

/* ---- start --------------------------------------------------------------- */

/* Watches and timers only make the loop turn; the turn does the work. */
static void nothing(void *arg)
{
	(void)arg;
}

static void on_calendar(void *arg)
{
	calendar_check(arg);
}

static int open_store(
    struct server *s, const struct server_config *how, struct fault *why)
{
	const struct config *c = s->running->config;
	const struct store_config config = {
		.dir = c->setup.data_dir,
		.workspace = c->rules->workspace,
		.rules_source = config_rules_of_text,
		.apply = apply,
		.inline_threads = how->inline_threads,
	};
	uint64_t next = 1;
	int err;

	err = store_open(&config, &s->store, why);
	if (err == 0)
		err = store_recover(s->store, &s->world, &next, why);
	if (err != 0)
		return err;
	s->world->rules_source = reload_rules;
	s->world->rules_arg = s;
	s->recovered = s->world->seq;
	s->intake = intake_new(s, next);
	net_mark(s->net, s->world->seq);
	net_release(s->net, s->world->seq);
	store_on_committed(s->store, perform_committed, s);
	s->store_watch = loop_watch(s->loop, store_fd(s->store), nothing, s);
	return 0;
}

static int post_start(struct server *s, struct fault *why)
{
	struct input in = { .kind = INPUT_START };
	struct outcome out = { 0 };
	struct rules *r;
	int err;

	in.start.epoch = s->world->epoch + 1;
	in.start.wall_offset = clock_wall(s->clock) - server_now(s);
	if (intake_post(s, &in, STR_NONE, &out) != 0) {
		*why = out.why;
		return out.err;
	}
	if (reload_is_active(s, s->running->config->rules))
		return 0;
	r = config_rules_of_text(NULL, str_of(s->running->config->rules->text));
	if (r == NULL)
		return fault_set(why, ERR_CORRUPT,
		    "the config cannot be read back from the log");
	err = reload_activate(s, r, "start", why);
	rules_unref(r);
	return err;
}

static void start_api(struct server *s)
{
	const struct config_setup *setup = &s->running->config->setup;
	const struct api_env env = {
		.loop = s->loop,
		.net = s->net,
		.store = s->store,
		.work = s->work,
		.inlet = &s->inlet,
		.world = (const struct world *const *)&s->world,
		.host = &s->host,
		.web_dir = setup->web_dir == NULL ? WEB_DIR : setup->web_dir,
		.version = server_version(),
	};

	s->host = host_table(s);
	s->api = api_new(&env);
}

static int start_rooms(struct server *s, struct fault *why)
{
	static const struct channel_ops *const all[] = { &channel_chat,
		&channel_mail, &channel_phone };
	const struct config_setup *setup = &s->running->config->setup;
	const struct channel_env env = {
		.loop = s->loop,
		.net = s->net,
		.store = s->store,
		.work = s->work,
		.curl = s->curl,
		.inlet = &s->inlet,
		.world = (const struct world *const *)&s->world,
		.mime_helper = setup->mime_helper == NULL ? MIME_HELPER
		                                          : setup->mime_helper,
		.data_dir = setup->data_dir,
	};
	size_t i;
	int err = 0;

	for (i = 0; err == 0 && i < countof(all); i++) {
		struct room *room = &s->rooms[s->room_count];

		err = all[i]->start(&env, &room->arg, why);
		if (err != 0)
			break;
		room->ops = all[i];
		s->room_count++;
	}
	return err;
}

static int open_doors(struct server *s, struct fault *why)
{
	struct doors *plan;
	int err = doors_plan(s, &s->running->config->setup, &plan, why);

	if (err == 0)
		doors_take(s, plan);
	return err;
}

/* Law 1 does not hold here: typing is no fact, only a sign of life. */
static void on_typing(void *host, struct contact_id contact, enum author who)
{
	struct server *s = host;
	size_t i;

	if (who == AUTHOR_CUSTOMER) {
		api_typing(s->api, contact);
		return;
	}
	for (i = 0; i < s->room_count; i++)
		if (s->rooms[i].ops->typing != NULL)
			s->rooms[i].ops->typing(s->rooms[i].arg, contact);
}

static void make_empty(struct server *s, const struct server_config *how)
{
	s->clock = how->clock == NULL ? clock_system() : how->clock;
	s->memory = how->memory;
	s->running = running_new(how->config);
	s->ready_fd = -1;
	list_init(&s->pending);
	s->loop = loop_new(s->clock);
	s->net = net_new(s->loop, NULL);
	s->work = work_new(how->inline_threads ? 0 : WORK_THREADS);
	s->curl = curl_room_new(s->loop);
	s->reload = reload_new(how->file);
	s->inlet = (struct inlet){ .host = s,
		.post = intake_post,
		.arrive = intake_arrive,
		.typing = on_typing };
	s->wake = loop_timer_new(s->loop, nothing, s);
	s->calendar = loop_timer_new(s->loop, on_calendar, s);
	s->work_watch = loop_watch(s->loop, work_fd(s->work), nothing, s);
	s->started = loop_now(s->loop);
}

int server_new(
    const struct server_config *how, struct server **out, struct fault *why)
{
	struct server *s = new_of(struct server);
	int err;

	make_empty(s, how);
	err = lockdown_secrets(how->config, why);
	if (err == 0)
		err = open_store(s, how, why);
	if (err == 0)
		err = post_start(s, why);
	if (err != 0)
		goto out;
	/* Rooms want rules to read and rows to be called by: so after START
	 * and before the doors. Nothing was flushed yet: a start that fails
	 * here leaves no trace in the log. */
	calendar_check(s);
	start_api(s);
	err = start_rooms(s, why);
	if (err == 0)
		err = open_doors(s, why);
	if (err != 0)
		goto out;
	s->start_seq = s->world->seq;
	store_flush(s->store);
	loop_wake(s->loop);
	*out = s;
	s = NULL;
out:
	server_free(s);
	return err;
}

/* ---- end ----------------------------------------------------------------- */

static void free_watches(struct server *s)
{
	loop_unwatch(s->store_watch);
	loop_unwatch(s->work_watch);
	loop_timer_free(s->wake);
	loop_timer_free(s->calendar);
}

static void free_rooms(struct server *s)
{
	while (s->room_count > 0) {
		s->room_count--;
		s->rooms[s->room_count].ops->stop(s->rooms[s->room_count].arg);
	}
	api_free(s->api);
}

static void free_store(struct server *s)
{
	if (s->crashed)
		store_crash(s->store);
	else
		store_close(s->store);
	pending_drop_all(s);
	intake_free(s->intake);
	world_free(s->world);
}

void server_free(struct server *s)
{
	if (s == NULL)
		return;
	s->stopping = true;
	doors_free(s);
	/* Who waits for a thread is answered while all rooms still stand. */
	work_drain(s->work);
	free_rooms(s);
	/* Joins its threads: nobody reads a running config after this. */
	free_watches(s);
	work_free(s->work);
	reload_free(s->reload);
	curl_room_free(s->curl);
	net_free(s->net);
	free_store(s);
	loop_free(s->loop);
	running_unref(s->running);
	mem_free(s);
}

void server_crash(struct server *s)
{
	s->crashed = true;
	server_free(s);
}

void server_stop(struct server *s)
{
	if (s->stopping)
		return;
	log_info("server", "msg=stopping");
	notify_manager("STOPPING=1");
	s->stopping = true;
	s->stop_by = loop_now(s->loop) + STOP_MS;
	doors_close(s);
	loop_wake(s->loop);
}

/* ---- the loop body ------------------------------------------------------- */

static void say_ready(struct server *s)
{
	s->ready = true;
	perform_owed(s);
	log_info("server",
	    "msg=ready version=%s workspace=%s epoch=%" PRIu64 " seq=%" PRIu64
	    " contacts=%zu",
	    server_version(), s->world->workspace, s->world->epoch,
	    s->world->seq, s->world->contacts.used);
	notify_manager("READY=1");
	notify_starter(s->ready_fd);
	s->ready_fd = -1;
}

/* The loop ends when all is on disk, and a turn later: so that what the last
 * commit released has been written. */
static void end_loop(struct server *s)
{
	bool done = store_committed(s->store) >= s->world->seq;

	if (s->settled || loop_now(s->loop) >= s->stop_by) {
		loop_stop(s->loop);
	} else if (done) {
		s->settled = true;
		loop_wake(s->loop);
	} else {
		loop_timer_set(s->wake, s->stop_by - loop_now(s->loop));
	}
}

void server_turn(void *arg)
{
	struct server *s = arg;

	/* What has reached the disk: streams are fed, orders performed (they
	 * may post: that is this turn's work), and answers of readers come. */
	store_pump(s->store);
	/* Only then may what was written about it leave (law 1). */
	net_release(s->net, store_committed(s->store));
	if (!s->ready && store_committed(s->store) >= s->start_seq)
		say_ready(s);
	/* Hashed passwords, checked configs, explained decisions. */
	work_collect(s->work);
	/* Arrivals whose owner is known; then what time alone changes. */
	intake_turn(s);
	/* Everything this turn decided: one transaction, one fsync. */
	store_flush(s->store);
	if (s->stopping)
		end_loop(s);
}

void server_run(struct server *s)
{
	loop_run(s->loop, server_turn, s);
}
