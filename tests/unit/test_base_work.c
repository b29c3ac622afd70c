/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_base_work.c - the pool: who runs where, who waits, who is told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/work.h"

#define WAITING_MAX 1024

struct task {
	atomic_int ran;
	int told;
	pthread_t runner;
	struct work *pool;
};

static sem_t gate;

static void run_task(void *arg)
{
	struct task *t = arg;

	t->runner = pthread_self();
	atomic_fetch_add(&t->ran, 1);
}

static void run_at_gate(void *arg)
{
	while (sem_wait(&gate) != 0)
		;
	run_task(arg);
}

static void done_task(void *arg)
{
	((struct task *)arg)->told++;
}

static void done_and_add(void *arg)
{
	struct task *t = arg;

	if (t->told++ == 0)
		assert_int_equal(
		    work_add(t->pool, run_task, done_and_add, t), 0);
}

static bool is_readable(const struct work *w, int timeout_ms)
{
	struct pollfd p = { work_fd(w), POLLIN, 0 };

	return poll(&p, 1, timeout_ms) == 1;
}

/* Collects until n were told; each wait is for an event. */
static void collect_all(struct work *w, size_t n)
{
	size_t got = 0;

	while (got < n) {
		assert_true(is_readable(w, 10000));
		got += work_collect(w);
	}
	assert_int_equal(got, n);
}

static void without_threads_work_is_done_in_collect(void **state)
{
	struct work *w = work_new(0);
	struct task t = { 0 };

	(void)state;
	assert_false(is_readable(w, 0));
	assert_int_equal(work_collect(w), 0);
	assert_int_equal(work_add(w, run_task, done_task, &t), 0);
	assert_true(is_readable(w, 0));
	assert_int_equal(t.ran, 0);
	assert_int_equal(work_collect(w), 1);
	assert_int_equal(t.ran, 1);
	assert_int_equal(t.told, 1);
	assert_true(pthread_equal(t.runner, pthread_self()));
	assert_false(is_readable(w, 0));
	work_free(w);
	assert_int_equal(mem_live(), 0);
}

static void with_threads_run_is_elsewhere_and_done_is_here(void **state)
{
	struct work *w = work_new(2);
	struct task t = { 0 };

	(void)state;
	assert_int_equal(work_add(w, run_task, done_task, &t), 0);
	collect_all(w, 1);
	assert_int_equal(t.ran, 1);
	assert_int_equal(t.told, 1);
	assert_false(pthread_equal(t.runner, pthread_self()));
	work_free(w);
	assert_int_equal(mem_live(), 0);
}

static void every_task_is_run_once_and_told_once(void **state)
{
	static struct task tasks[900];
	struct work *w = work_new(4);
	size_t i;

	(void)state;
	for (i = 0; i < countof(tasks); i++)
		assert_int_equal(
		    work_add(w, run_task, done_task, &tasks[i]), 0);
	collect_all(w, countof(tasks));
	for (i = 0; i < countof(tasks); i++) {
		assert_int_equal(tasks[i].ran, 1);
		assert_int_equal(tasks[i].told, 1);
	}
	assert_int_equal(work_collect(w), 0);
	work_free(w);
}

static void done_may_add_more(void **state)
{
	struct work *w = work_new(0);
	struct task t = { .pool = w };

	(void)state;
	assert_int_equal(work_add(w, run_task, done_and_add, &t), 0);
	assert_int_equal(work_collect(w), 1);
	assert_int_equal(t.ran, 1);
	assert_true(is_readable(w, 0));
	assert_int_equal(work_collect(w), 1);
	assert_int_equal(t.told, 2);
	assert_int_equal(work_collect(w), 0);
	work_free(w);
}

static void more_than_1024_waiting_is_busy(void **state)
{
	struct task t = { 0 };
	struct work *w = work_new(0);
	int i;

	(void)state;
	for (i = 0; i < WAITING_MAX; i++)
		assert_int_equal(work_add(w, run_task, done_task, &t), 0);
	assert_int_equal(work_add(w, run_task, done_task, &t), ERR_BUSY);
	assert_int_equal(work_collect(w), WAITING_MAX);
	assert_int_equal(t.told, WAITING_MAX);
	assert_int_equal(work_add(w, run_task, done_task, &t), 0);
	work_free(w);
	assert_int_equal(mem_live(), 0);
}

static void free_finishes_what_is_queued_and_tells_nobody(void **state)
{
	static struct task tasks[50];
	unsigned threads;

	(void)state;
	for (threads = 0; threads < 3; threads++) {
		struct work *w = work_new(threads);
		size_t i;

		for (i = 0; i < countof(tasks); i++) {
			tasks[i] = (struct task){ 0 };
			assert_int_equal(sem_post(&gate), 0);
			assert_int_equal(
			    work_add(w, run_at_gate, done_task, &tasks[i]), 0);
		}
		work_free(w);
		for (i = 0; i < countof(tasks); i++) {
			assert_int_equal(tasks[i].ran, 1);
			assert_int_equal(tasks[i].told, 0);
		}
	}
	work_free(NULL);
	assert_int_equal(mem_live(), 0);
}

static void look_at_signals(void *arg)
{
	sigset_t blocked;

	check(pthread_sigmask(SIG_SETMASK, NULL, &blocked) == 0);
	*(bool *)arg = sigismember(&blocked, SIGTERM) == 1 &&
	               sigismember(&blocked, SIGCHLD) == 1;
}

static void pool_threads_take_no_signals(void **state)
{
	struct work *w = work_new(1);
	sigset_t mine;
	bool blocked = false;

	(void)state;
	assert_int_equal(work_add(w, look_at_signals, NULL, &blocked), 0);
	collect_all(w, 1);
	assert_true(blocked);
	assert_int_equal(pthread_sigmask(SIG_SETMASK, NULL, &mine), 0);
	assert_int_equal(sigismember(&mine, SIGTERM), 0);
	work_free(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_threads_work_is_done_in_collect),
		cmocka_unit_test(
		    with_threads_run_is_elsewhere_and_done_is_here),
		cmocka_unit_test(every_task_is_run_once_and_told_once),
		cmocka_unit_test(done_may_add_more),
		cmocka_unit_test(more_than_1024_waiting_is_busy),
		cmocka_unit_test(free_finishes_what_is_queued_and_tells_nobody),
		cmocka_unit_test(pool_threads_take_no_signals),
	};

	if (sem_init(&gate, 0, 0) != 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
