/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bench_route.c - what a decision costs, beside two floors in the same run.
 *
 *   pick    a free agent looks for its contact (route/match.c), nothing else
 *   cycle   end of a contact -> offer -> accepted -> a new contact arrives:
 *           three inputs, all events applied, the log's bodies encoded
 *   scan    the pick by looking at every waiting contact (the oracle's way)
 *   heap    pop and push of a bare 4-ary heap of as many nodes
 *
 * 64 skills with Zipf popularity; requirements of 1-4 skills, agents of 4-12.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/heap.h"
#include "base/mem.h"
#include "base/rng.h"
#include "model/index.h"
#include "route/match.h"
#include "route/route.h"

#define SKILLS   64
#define QUEUES   400
#define PROFILES 1000 /* distinct bundles of skills */
#define ROUNDS   5

struct bench {
	struct rng rng;
	struct rules *rules;
	struct world *w;
	struct decision out;
	msec_t now;
	uint64_t events;
};

/* Zipf over the skills: the k-th is asked for 1/k as often as the first. */
static uint32_t zipf(struct rng *r)
{
	static double sum[SKILLS];
	double at;
	uint32_t i;

	if (sum[0] == 0) {
		for (i = 0; i < SKILLS; i++)
			sum[i] = (i == 0 ? 0 : sum[i - 1]) + 1.0 / (i + 1);
	}
	at = (double)(rng_next(r) >> 11) / 9007199254740992.0 * sum[SKILLS - 1];
	for (i = 0; sum[i] < at; i++)
		;
	return i;
}

/* n different skills with levels, ascending. */
static size_t some_skills(struct rng *r, struct rule_level *out, size_t n)
{
	uint64_t have = 0;
	size_t count = 0;
	uint32_t i;

	while ((size_t)__builtin_popcountll(have) < n)
		have |= (uint64_t)1 << zipf(r);
	for (i = 0; i < SKILLS; i++) {
		if ((have >> i & 1) != 0)
			out[count++] = (struct rule_level){ i,
				(uint8_t)(20 + 20 * rng_below(r, 4)) };
	}
	return count;
}

static void copy_skills(const struct rule_agent *from, struct rule_agent *to)
{
	to->skill_count = from->skill_count;
	memcpy(to->skills, from->skills,
	    from->skill_count * sizeof(to->skills[0]));
}

static struct rules *make_rules(struct rng *r, size_t agents)
{
	struct rules *x = rules_new();
	size_t i;

	x->text = mem_text("bench");
	x->workspace = mem_text("main");
	x->language = mem_text("en");
	x->skills = new_array(struct rule_skill, SKILLS);
	x->skill_count = SKILLS;
	for (i = 0; i < SKILLS; i++) {
		x->skills[i].name = mem_textf("s%02zu", i);
		x->skills[i].parent = RULE_NONE;
	}
	x->teams = new_of(struct rule_team);
	x->team_count = 1;
	x->teams[0].name = mem_text("t");
	x->teams[0].takes[CHANNEL_CHAT] = 1;
	x->agents = new_array(struct rule_agent, agents);
	x->agent_count = agents;
	for (i = 0; i < agents; i++) {
		x->agents[i].name = mem_textf("a%05zu", i);
		x->agents[i].gateway = RULE_NONE;
		x->agents[i].skills = new_array(struct rule_level, SKILLS);
		if (i < PROFILES)
			x->agents[i].skill_count = some_skills(
			    r, x->agents[i].skills, 4 + rng_below(r, 9));
		else
			copy_skills(&x->agents[i % PROFILES], &x->agents[i]);
	}
	x->queues = new_array(struct rule_queue, QUEUES);
	x->queue_count = QUEUES;
	for (i = 0; i < QUEUES; i++) {
		struct rule_queue *q = &x->queues[i];

		q->name = mem_textf("q%03zu", i);
		q->hours = q->standard = RULE_NONE;
		q->ring = 20000;
		q->step_count = 2;
		q->steps[0].need_count = (uint8_t)some_skills(
		    r, q->steps[0].needs, 1 + rng_below(r, 4));
		q->steps[1] = q->steps[0];
		q->steps[1].after = 3600000;
		q->steps[1].need_count = 1;
	}
	return x;
}

static struct rules *source(void *arg, struct str text)
{
	(void)text;
	return rules_ref(arg);
}

static void post(struct bench *b, struct input *in)
{
	in->at = b->now;
	if (route_step(b->w, in, &b->out) != 0)
		abort();
	b->events += b->out.count;
}

static void arrive(struct bench *b)
{
	struct input in = { .kind = INPUT_ARRIVE };

	in.arrive.channel = CHANNEL_CHAT;
	in.arrive.queue.v = 1 + rng_below(&b->rng, QUEUES);
	b->now += 1;
	post(b, &in);
}

static void fill(struct bench *b, size_t agents, size_t waiting)
{
	struct input in = { .kind = INPUT_CONFIG };
	size_t i;

	rng_seed(&b->rng, 7);
	b->rules = make_rules(&b->rng, agents);
	b->w = world_new("main", source, b->rules);
	in.config.text = STR("bench");
	post(b, &in);
	in = (struct input){ .kind = INPUT_START };
	in.start.epoch = 1;
	post(b, &in);
	for (i = 0; i < waiting + agents; i++)
		arrive(b);
	for (i = 1; i <= agents; i++) {
		in = (struct input){ .kind = INPUT_SIGN_IN, .agent = { i } };
		in.session.session = i;
		post(b, &in);
		in = (struct input){ .kind = INPUT_STATE, .agent = { i } };
		in.state.state = AGENT_READY;
		post(b, &in);
	}
}

static void accept(struct bench *b)
{
	struct contact *c = list_first(
	    &b->w->contact_lists[CONTACT_OFFERED], struct contact, in_state);
	struct input in = { .kind = INPUT_ACCEPT };

	if (c == NULL)
		return;
	in.agent = c->offer->agent->id;
	in.offer.offer = c->offer->id;
	post(b, &in);
}

/* One assignment from end to end; the waiting stay as many. */
static void cycle(struct bench *b)
{
	struct contact *c = list_first(
	    &b->w->contact_lists[CONTACT_ACTIVE], struct contact, in_state);
	struct input in = { .kind = INPUT_END };

	if (c != NULL) {
		in.contact = c->id;
		in.agent = c->owner->id;
		post(b, &in);
	}
	accept(b);
	arrive(b);
	accept(b);
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

static double median(double v[ROUNDS])
{
	qsort(v, ROUNDS, sizeof(v[0]), by_value);
	return v[ROUNDS / 2];
}

static double time_cycles(struct bench *b, unsigned n)
{
	int64_t from = clock_mono_ns();
	unsigned i;

	for (i = 0; i < n; i++)
		cycle(b);
	return (double)(clock_mono_ns() - from) / n;
}

/* As if each agent in turn were free: its heads are looked at all the same. */
static double time_picks(struct bench *b, unsigned n, const void **sink)
{
	int64_t from;
	unsigned i;

	from = clock_mono_ns();
	for (i = 0; i < n; i++) {
		const struct agent *a =
		    b->w->agents[rng_below(&b->rng, b->w->agent_count)];
		const struct profile *p = a->profile;
		const struct contact *best = NULL;
		size_t k;

		for (k = 0; k < p->serves_count[CHANNEL_CHAT]; k++) {
			const struct contact *c =
			    p->serves[CHANNEL_CHAT][k]->head;

			if (c != NULL &&
			    (best == NULL || contact_before(c, best)))
				best = c;
		}
		*sink = best;
	}
	return (double)(clock_mono_ns() - from) / n;
}

static double time_scans(struct bench *b, unsigned n, const void **sink)
{
	int64_t from = clock_mono_ns();
	unsigned i;

	for (i = 0; i < n; i++) {
		const struct agent *a =
		    b->w->agents[rng_below(&b->rng, b->w->agent_count)];
		const struct contact *best = NULL;
		const struct contact *c;

		list_each(c, &b->w->contact_lists[CONTACT_WAITING], in_state) {
			if ((best == NULL || contact_before(c, best)) &&
			    profile_reaches(
			        a->profile, c->places[0]->class->set))
				best = c;
		}
		*sink = best;
	}
	return (double)(clock_mono_ns() - from) / n;
}

struct node {
	struct heap_node n;
	uint64_t key;
};

static bool node_before(const struct heap_node *a, const struct heap_node *b)
{
	return container_of(a, const struct node, n)->key <
	       container_of(b, const struct node, n)->key;
}

static double time_heap(size_t size, unsigned n)
{
	struct node *nodes = new_array(struct node, size);
	struct heap h;
	struct rng r;
	int64_t from;
	size_t i;

	rng_seed(&r, 3);
	heap_init(&h, node_before);
	for (i = 0; i < size; i++) {
		nodes[i].key = rng_next(&r) >> 8;
		heap_add(&h, &nodes[i].n);
	}
	from = clock_mono_ns();
	for (i = 0; i < n; i++) {
		struct heap_node *m = heap_min(&h);

		heap_remove(&h, m);
		container_of(m, struct node, n)->key += rng_next(&r) >> 8;
		heap_add(&h, m);
	}
	from = clock_mono_ns() - from;
	heap_done(&h);
	mem_free(nodes);
	return (double)from / n;
}

static void row(size_t agents, size_t waiting)
{
	struct bench b = { 0 };
	const void *sink = NULL;
	double pick[ROUNDS], cyc[ROUNDS], scan[ROUNDS], heap[ROUNDS];
	unsigned scans = waiting > 10000 ? 20 : 500;
	double p, c, s, h;
	int i;

	fill(&b, agents, waiting);
	for (i = 0; i < ROUNDS; i++) {
		pick[i] = time_picks(&b, 20000, &sink);
		cyc[i] = time_cycles(&b, 20000);
		scan[i] = time_scans(&b, scans, &sink);
		heap[i] = time_heap(waiting, 20000);
	}
	p = median(pick);
	c = median(cyc);
	s = median(scan);
	h = median(heap);
	printf("| %6zu | %7zu | %5zu | %8.0f | %9.0f | %10.0f | %6.0f | "
	       "%7.0fx | %9.0f |\n",
	    agents, waiting, b.w->index->set_count, p, c, s, h, s / p, 1e9 / c);
	if (sink == &b)
		puts("");
	world_free(b.w);
	decision_done(&b.out);
	rules_unref(b.rules);
}

int main(void)
{
	puts("| agents | waiting |  sets | pick, ns | cycle, ns | scan, ns   |"
	     " heap, ns | scan/pick | assignments/s |");
	puts(
	    "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
	row(1000, 1000);
	row(1000, 100000);
	row(10000, 1000);
	row(10000, 100000);
	return 0;
}
