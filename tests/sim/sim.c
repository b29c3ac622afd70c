/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sim.c - the whole server, played by dice.
 *
 *   sim --rounds N --steps N [--seed FIRST]
 *
 * Each round is one seed: a fresh centre, agents, customers and a gateway who
 * act at random over lines that cut, repeat and split what is said; crashes;
 * time that passes in leaps. After every step the invariants of world and
 * index hold, nobody who could be served waits, nobody's arrival has changed
 * and agents see on their screens what is so; after every crash whatever
 * anybody was told is still so; at the end, with faults stopped, everybody is
 * served, nothing is owed, the log replays to the live world and its hash
 * chain holds.
 * A round runs in a process of its own: an impossible state ends only that
 * round, which prints its seed and its last steps.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "base/log.h"
#include "base/mem.h"
#include "people.h"
#include "route/route.h"

static struct centre *telling; /* whose story is printed when all breaks */

static void tell_story(int signo)
{
	(void)signo;
	if (telling != NULL && telling->story.len > 0)
		(void)!write(2, telling->story.data, telling->story.len);
	_exit(1);
}

static void crash(struct centre *x, struct people *p)
{
	centre_tell(x, "crash");
	centre_crash(x, (msec_t)rng_below(&x->rng, 30000));
	people_cut(p);
	centre_start(x);
	people_check(p);
}

static void restart(struct centre *x, struct people *p)
{
	centre_tell(x, "restart");
	centre_check_replay(x);
	people_cut(p);
	centre_settle(x);
	centre_restart(x);
	people_check(p);
}

static void step(struct centre *x, struct people *p)
{
	unsigned dice = (unsigned)rng_below(&x->rng, 1000);

	people_act(p);
	if (dice < 600)
		centre_settle(x);
	else
		centre_turn(x);
	people_read(p);
	if (dice < 600)
		people_compare(p);
	if (dice % 10 < 3)
		centre_pass(x, (msec_t)rng_below(&x->rng, 3000));
	if (dice == 999)
		centre_leap(x, (msec_t)rng_below(&x->rng, 7200000) - 3600000);
	if (dice >= 990)
		crash(x, p);
	else if (dice >= 987)
		restart(x, p);
	centre_check(x);
}

static void verify(const struct centre *x)
{
	char *dir = mem_textf("%s/data", x->dir);
	const struct store_config config = { .dir = dir,
		.workspace = "main",
		.rules_source = config_rules_of_text,
		.apply = apply };
	struct buf report = { 0 };
	struct fault why = { 0 };

	if (store_verify(&config, &report, &why) != 0)
		die("the log does not verify: %s", why.text);
	buf_done(&report);
	mem_free(dir);
}

static void play(uint64_t seed, unsigned steps)
{
	struct centre x;
	struct people p;
	unsigned i;

	centre_init(&x, seed);
	telling = &x;
	(void)signal(SIGABRT, tell_story);
	log_set_level(LOG_ERROR);
	centre_start(&x);
	people_init(&p, &x);
	people_enrol(&p);
	for (i = 0; i < steps; i++)
		step(&x, &p);
	people_finish(&p);
	people_check(&p);
	centre_check_replay(&x);
	people_done(&p);
	server_free(x.server);
	x.server = NULL;
	verify(&x);
	centre_done(&x);
}

/* In a child, so that one broken round is one failed test. */
static bool round_holds(uint64_t seed, unsigned steps)
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		play(seed, steps);
		exit(0);
	}
	check(waitpid(pid, &status, 0) == pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return true;
	printf("failed: sim --rounds 1 --steps %u --seed %llu\n", steps,
	    (unsigned long long)seed);
	fflush(stdout);
	return false;
}

static uint64_t option(int argc, char **argv, const char *name, uint64_t def)
{
	uint64_t v = def;
	int i;

	for (i = 1; i + 1 < argc; i++) {
		if (strcmp(argv[i], name) == 0 &&
		    str_to_u64(str_of(argv[i + 1]), &v) != 0) {
			fprintf(stderr, "sim: %s wants a number\n", name);
			exit(2);
		}
	}
	return v;
}

int main(int argc, char **argv)
{
	uint64_t rounds = option(argc, argv, "--rounds", 10);
	uint64_t first = option(argc, argv, "--seed", 1);
	unsigned steps = (unsigned)option(argc, argv, "--steps", 1000);
	unsigned passed = 0;
	uint64_t i;

	for (i = 0; i < rounds; i++)
		passed += round_holds(first + i, steps);
	printf("%u passed, %u failed\n", passed, (unsigned)(rounds - passed));
	return passed == rounds ? 0 : 1;
}
