/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * centre.c - the server under simulation: life, death, time, invariants.
 */
#include "centre.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../unit/oracle.h"
#include "base/check.h"
#include "base/mem.h"
#include "config/config.h"
#include "route/route.h"
#include "store/store_room.h"

#define STORY_BYTES 4096
#define TURNS_MAX   1000
#define HOLD_MS     30000 /* the longest anybody is kept from a contact */

static const char config_text[] =
    "language 1; workspace main; data \"data\"; log error;\n"
    "listen pages 127.0.0.1:1; listen agents 127.0.0.1:2;\n"
    "listen gateway 127.0.0.1:3; listen control \"ctl.sock\";\n"
    "skill a; skill b; skill lang.fr \"French\";\n"
    "team day  { takes phone 1, chat 3, mail 5; wrap-up 5s; grace 20s; }\n"
    "team late { takes chat 2; wrap-up 0s; grace 10s; }\n"
    "agent ann { team day; skills a 80, b 20; phone \"S/1\" via pbx; }\n"
    "agent bob { team day; skills a 40, b 60; phone \"S/2\" via pbx; }\n"
    "agent cat { team late; skills b 80, lang.fr 50; }\n"
    "agent dan { team day; skills a 100, b 100, lang.fr 90;\n"
    "    phone \"S/3\" via pbx; }\n"
    "channel chat site { origin \"https://a.example\"; }\n"
    "gateway pbx { protocol json; from 127.0.0.1; country PT;\n"
    "    token file \"pbx.token\"; trust caller yes; }\n"
    "queue one { need a 60+; after 10s need a 30+; ring 8s;\n"
    "    own agent 5s; after 20s or no agents also queue two; }\n"
    "queue two { need b 10+, language of contact; ring 12s; }\n"
    "route { text has \"one\" -> queue one;\n"
    "    channel in (phone) -> queue one; otherwise -> queue two; }\n";

static msec_t read_mono(void *arg)
{
	return ((struct centre *)arg)->mono;
}

static msec_t read_wall(void *arg)
{
	return ((struct centre *)arg)->wall;
}

static void write_file(const char *dir, const char *name, const char *text)
{
	char *path = mem_textf("%s/%s", dir, name);
	FILE *f = fopen(path, "w");

	check(f != NULL);
	fputs(text, f);
	check(fclose(f) == 0);
	check(chmod(path, 0600) == 0);
	mem_free(path);
}

void centre_init(struct centre *x, uint64_t seed)
{
	static const char *const roots[] = { "/dev/shm", "/tmp" };
	const char *root = roots[access(roots[0], W_OK) == 0 ? 0 : 1];

	memset(x, 0, sizeof(*x));
	rng_seed(&x->rng, seed);
	x->mono = 1000;
	x->wall = 1800000000000;
	x->clock = (struct clock){ read_mono, read_wall, x };
	x->dir = mem_textf("%s/usher-sim-XXXXXX", root);
	check(mkdtemp(x->dir) != NULL);
	write_file(x->dir, "usher.conf", config_text);
	write_file(x->dir, "pbx.token", "the token of pbx\n");
}

static void remove_folder(char *dir)
{
	char *const command[] = { (char *)"rm", (char *)"-rf", dir, NULL };
	pid_t pid = fork();

	if (pid == 0) {
		execvp("rm", command);
		_exit(127);
	}
	check(waitpid(pid, NULL, 0) == pid);
}

void centre_done(struct centre *x)
{
	server_free(x->server);
	remove_folder(x->dir);
	mem_free(x->dir);
	map_done(&x->arrivals);
	buf_done(&x->story);
}

/* Numbers given to what was never committed are given again. */
static void forget_unborn(struct centre *x)
{
	uint64_t id = x->server->world->next_contact;

	while (map_remove(&x->arrivals, id) != NULL)
		id++;
}

void centre_start(struct centre *x)
{
	struct server_config how = {
		.clock = &x->clock, .inline_threads = true, .memory = true
	};
	struct config_notes notes = { 0 };
	struct fault why = { 0 };
	char *file = mem_textf("%s/usher.conf", x->dir);
	struct buf text = { 0 };

	if (config_load(file, &how.config, &notes) != 0) {
		config_notes_show(&notes, &text);
		die("%s", text.data);
	}
	if (server_new(&how, &x->server, &why) != 0)
		die("the server does not start: %s", why.text);
	config_notes_done(&notes);
	mem_free(file);
	centre_settle(x);
	/* Law 1: whatever anybody saw has survived. */
	check(x->server->world->seq >= x->seen_seq);
	/* Law 3: the time the house was down has passed in it too. */
	check(x->leapt || server_now(x->server) >= x->not_before);
	x->leapt = false;
	forget_unborn(x);
}

void centre_crash(struct centre *x, msec_t down)
{
	x->not_before = server_now(x->server) + down;
	server_crash(x->server);
	x->server = NULL;
	centre_pass(x, down);
	x->crashes++;
}

static void check_same(const struct world *w, const struct buf *wanted)
{
	struct buf bytes = { 0 };

	world_encode(w, &bytes);
	check(bytes.len == wanted->len);
	check(memcmp(bytes.data, wanted->data, bytes.len) == 0);
	buf_done(&bytes);
}

static void check_log(
    const struct centre *x, uint64_t seq, const struct buf *wanted)
{
	struct fault why = { 0 };
	struct world *w = NULL;

	if (store_world_at(x->server->store, seq, &w, &why) != 0)
		die("no world from the log: %s", why.text);
	check_same(w, wanted);
	world_free(w);
}

void centre_restart(struct centre *x)
{
	uint64_t seq = x->server->world->seq;
	struct buf live = { 0 };

	x->not_before = server_now(x->server);
	world_encode(x->server->world, &live);
	server_free(x->server);
	x->server = NULL;
	centre_start(x);
	check_log(x, seq, &live);
	buf_done(&live);
}

void centre_turn(struct centre *x)
{
	loop_poll(x->server->loop);
	server_turn(x->server);
	/* What a turn decides is on its way to the disk when it ends. */
	check(x->server->store->open == NULL);
}

/* Whatever time alone changes has changed. */
static void check_nothing_due(const struct centre *x)
{
	struct heap_node *n = heap_min(&x->server->world->due);

	check(n == NULL ||
	      container_of(n, struct due, node)->at > server_now(x->server));
}

void centre_settle(struct centre *x)
{
	unsigned quiet = 0;
	unsigned turns = 0;

	while (quiet < 4) {
		uint64_t seq = x->server->world->seq;

		centre_turn(x);
		quiet = x->server->world->seq == seq ? quiet + 1 : 0;
		check(++turns < TURNS_MAX);
	}
	check_nothing_due(x);
}

void centre_pass(struct centre *x, msec_t ms)
{
	x->mono += ms;
	x->wall += ms;
}

void centre_leap(struct centre *x, msec_t ms)
{
	x->wall += ms;
	x->leapt = true;
}

void centre_tell(struct centre *x, const char *fmt, ...)
{
	va_list ap;

	if (x->story.len > STORY_BYTES)
		buf_drop(&x->story, x->story.len - STORY_BYTES / 2);
	buf_addf(&x->story, "%lld ", (long long)x->mono);
	va_start(ap, fmt);
	buf_addv(&x->story, fmt, ap);
	va_end(ap);
	buf_add_char(&x->story, '\n');
}

bool centre_chance(struct centre *x, unsigned percent)
{
	return rng_below(&x->rng, 100) < percent;
}

/* Part 5: the first arrival is kept, over transfers, losses and restarts. */
static void check_arrivals(struct centre *x)
{
	const struct world *w = x->server->world;
	const struct contact *c;
	size_t s;

	for (s = 0; s < CONTACT_ENDED; s++) {
		list_each(c, &w->contact_lists[s], in_state) {
			void *now = (void *)(uintptr_t)c->arrived;
			const void *was = map_find(&x->arrivals, c->id.v);

			if (was == NULL)
				map_put(&x->arrivals, c->id.v, now);
			else
				check(was == now);
		}
	}
}

/* Nobody is kept from a contact for longer than was promised. */
static void check_exceptions(const struct world *w)
{
	const struct contact *c;
	size_t i;

	list_each(c, &w->contact_lists[CONTACT_WAITING], in_state) {
		check(!id_is_set(c->held_for) ||
		      c->held_until <= w->now + HOLD_MS);
		/* Whoever refused what was held for them has had it. */
		check(!contact_is_excluded(c, c->held_for));
		for (i = 0; i < c->excluded_count; i++)
			check(c->excluded[i].until <= w->now + HOLD_MS);
	}
	list_each(c, &w->contact_lists[CONTACT_ACTIVE], in_state)
		check(!contact_is_exceptional(c) && c->place_count == 0);
}

/* Who is lost has exactly the team's grace; who is away has nothing in hand
 * but a call, which hangs on the phone. */
static void check_agents(const struct world *w)
{
	const struct contact *c;
	size_t i;

	for (i = 0; i < w->agent_count; i++) {
		const struct agent *a = w->agents[i];
		const struct rule_agent *rule = agent_rule(w->rules, a);

		check((a->session == 0) ==
		      (a->state == AGENT_LOST || a->state == AGENT_OFFLINE));
		check(a->state != AGENT_LOST ||
		      a->until - a->since == w->rules->teams[rule->team].grace);
		if (a->state != AGENT_OFFLINE)
			continue;
		list_each(c, &a->contacts, in_owner)
			check(c->call == CALL_TALKING);
	}
}

void centre_check(struct centre *x)
{
	const struct world *w = x->server->world;

	world_check(w);
	oracle_conserves(w);
	check_arrivals(x);
	check_exceptions(w);
	check_agents(w);
}

void centre_check_replay(struct centre *x)
{
	struct buf live = { 0 };

	centre_settle(x);
	check(store_committed(x->server->store) == x->server->world->seq);
	world_encode(x->server->world, &live);
	check_log(x, x->server->world->seq, &live);
	check_same(x->server->store->follower.world, &live);
	buf_done(&live);
}

/* ---- lines ---------------------------------------------------------------- */

void line_dial(
    struct line *l, struct centre *x, enum listener_use use, const char *from)
{
	line_drop(l);
	l->centre = x;
	l->pipe = net_memory_dial(doors_find(x->server, use), from);
}

void line_drop(struct line *l)
{
	if (l->pipe != NULL)
		net_memory_hang_up(l->pipe);
	l->pipe = NULL;
	buf_done(&l->in);
}

/* In pieces: a parser must not care where the wire cuts. */
void line_write(struct line *l, struct str bytes)
{
	struct rng *r = &l->centre->rng;

	while (bytes.n > 0 && l->pipe != NULL) {
		size_t n =
		    rng_below(r, 3) == 0 ? 1 + rng_below(r, bytes.n) : bytes.n;

		net_memory_write(l->pipe, str_sub(bytes, 0, n));
		bytes = str_from(bytes, n);
	}
}

static void receive(struct line *l)
{
	if (l->pipe != NULL)
		net_memory_read(l->pipe, &l->in);
}

static void note_seq(struct line *l, const struct json *v)
{
	int64_t seq = json_int(json_get(v, "seq"), 0);

	if (seq > 0 && (uint64_t)seq > l->centre->seen_seq)
		l->centre->seen_seq = (uint64_t)seq;
}

struct json *line_read(struct line *l)
{
	struct json *v = NULL;
	struct fault why = { 0 };
	size_t end;

	receive(l);
	end = str_find(buf_str(&l->in), '\n');
	if (end == l->in.len)
		return NULL;
	if (json_parse(str_sub(buf_str(&l->in), 0, end), 0, &v, &why) != 0)
		die("the server sent no JSON: %s", why.text);
	buf_drop(&l->in, end + 1);
	note_seq(l, v);
	return v;
}

static size_t content_length(struct str head)
{
	static const char field[] = "Content-Length: ";
	size_t at = str_find_str(head, str_of(field));
	uint64_t n = 0;
	struct str rest;

	if (at == head.n)
		return 0;
	rest = str_from(head, at + sizeof(field) - 1);
	check(str_to_u64(str_sub(rest, 0, str_find(rest, '\r')), &n) == 0);
	return (size_t)n;
}

int line_answer(struct line *l, struct json **out)
{
	struct fault why = { 0 };
	struct str all, head;
	uint64_t status;
	size_t body;

	receive(l);
	all = buf_str(&l->in);
	body = str_find_str(all, STR("\r\n\r\n"));
	if (body == all.n)
		return 0;
	head = str_sub(all, 0, body + 2);
	body += 4;
	if (all.n < body + content_length(head))
		return 0;
	check(str_starts(all, "HTTP/1.1 ") &&
	      str_to_u64(str_sub(all, 9, 3), &status) == 0);
	if (json_parse(
	        str_sub(all, body, content_length(head)), 0, out, &why) != 0)
		die("the answer is no JSON: %s", why.text);
	note_seq(l, *out);
	buf_clear(&l->in);
	return (int)status;
}
