/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_net_loop.c - turns, timers, watches and signals.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/mem.h"
#include "net/loop.h"

static msec_t now = 1000;

static msec_t read_now(void *arg)
{
	(void)arg;
	return now;
}

static const struct clock hand = { read_now, read_now, NULL };

/* What was called, in order. */
static struct buf story;
static struct loop *loop;
static struct loop_timer *timers[3];

static int set_up(void **state)
{
	(void)state;
	now = 1000;
	loop = loop_new(&hand);
	return 0;
}

static int tear_down(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < countof(timers); i++) {
		loop_timer_free(timers[i]);
		timers[i] = NULL;
	}
	loop_free(loop);
	buf_done(&story);
	return mem_live() == 0 ? 0 : -1;
}

static char turn_name[] = "turn ";

static void tell(const char *what)
{
	buf_add_text(&story, what);
}

static void say(void *arg)
{
	tell(arg);
}

static void heard(const char *what)
{
	assert_true(str_is(buf_str(&story), what));
	buf_clear(&story);
}

static void advance(msec_t ms)
{
	now += ms;
	loop_poll(loop);
}

static void make_timers(loop_fn fn)
{
	static char names[3][2] = { "a", "b", "c" };
	size_t i;

	for (i = 0; i < countof(timers); i++)
		timers[i] = loop_timer_new(loop, fn, names[i]);
}

static void timers_are_called_in_order_of_time(void **state)
{
	(void)state;
	make_timers(say);
	loop_timer_set(timers[0], 30);
	loop_timer_set(timers[1], 10);
	loop_timer_set(timers[2], 20);
	advance(9);
	heard("");
	advance(1);
	heard("b");
	advance(100);
	heard("ca");
	advance(1000);
	heard("");
}

static void equal_times_are_called_in_order_of_setting(void **state)
{
	(void)state;
	make_timers(say);
	loop_timer_set(timers[2], 10);
	loop_timer_set(timers[0], 10);
	loop_timer_set(timers[1], 10);
	advance(10);
	heard("cab");
}

static void a_timer_is_moved_and_turned_off(void **state)
{
	(void)state;
	make_timers(say);
	loop_timer_set(timers[0], 10);
	loop_timer_set(timers[0], 20);
	loop_timer_set(timers[1], 10);
	loop_timer_set(timers[1], -1);
	advance(15);
	heard("");
	advance(5);
	heard("a");
}

static void set_again(void *arg)
{
	say(arg);
	loop_timer_set(timers[0], 0);
	loop_timer_set(timers[1], -1);
}

static void a_timer_may_set_timers_without_ending_the_world(void **state)
{
	(void)state;
	make_timers(set_again);
	loop_timer_set(timers[0], 5);
	loop_timer_set(timers[1], 6);
	advance(10); /* b is due as well, but a turned it off */
	heard("a");
	advance(0);
	heard("a");
}

static void free_itself(void *arg)
{
	say(arg);
	loop_timer_free(timers[0]);
	timers[0] = NULL;
}

static void a_timer_may_free_itself(void **state)
{
	(void)state;
	make_timers(free_itself);
	loop_timer_set(timers[0], 1);
	advance(1);
	heard("a");
}

static struct loop_watch *watch;

static void read_and_unwatch(void *arg)
{
	uint64_t n;

	assert_int_equal(read(*(int *)arg, &n, sizeof(n)), sizeof(n));
	tell("woken ");
	loop_unwatch(watch);
}

static void a_watch_may_end_itself(void **state)
{
	int fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	uint64_t one = 1;

	(void)state;
	watch = loop_watch(loop, fd, read_and_unwatch, &fd);
	loop_poll(loop);
	heard("");
	assert_int_equal(write(fd, &one, sizeof(one)), sizeof(one));
	loop_poll(loop);
	heard("woken ");
	assert_int_equal(write(fd, &one, sizeof(one)), sizeof(one));
	loop_poll(loop);
	heard("");
	close(fd);
}

static int turns;

static void count_turns(void *arg)
{
	say(arg);
	if (++turns == 3)
		loop_stop(loop);
	else
		loop_wake(loop);
}

static void wake_makes_a_turn_without_any_socket(void **state)
{
	(void)state;
	turns = 0;
	loop_wake(loop);
	loop_run(loop, count_turns, turn_name);
	heard("turn turn turn ");
}

static void on_signal(void *arg)
{
	tell("signal ");
	loop_stop(arg);
}

static void a_signal_ends_the_wait_and_is_served_before_the_turn(void **state)
{
	(void)state;
	loop_on_signal(loop, SIGUSR1, on_signal, loop);
	raise(SIGUSR1);
	loop_run(loop, say, turn_name);
	heard("signal turn ");
}

static void stop(void *arg)
{
	tell("timer ");
	loop_stop(arg);
}

/* With the real clock: the wait itself must end when the timer is due. */
static void the_wait_ends_when_a_timer_is_due(void **state)
{
	struct loop *real = loop_new(clock_system());
	struct loop_timer *t = loop_timer_new(real, stop, real);
	msec_t before = clock_mono(clock_system());

	(void)state;
	loop_timer_set(t, 20);
	loop_run(real, NULL, NULL);
	assert_true(clock_mono(clock_system()) - before >= 20);
	heard("timer ");
	loop_timer_free(t);
	loop_free(real);
}

static void time_stands_still_within_a_turn(void **state)
{
	(void)state;
	loop_poll(loop);
	now += 500;
	assert_int_equal(loop_now(loop), 1000);
	loop_poll(loop);
	assert_int_equal(loop_now(loop), 1500);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(timers_are_called_in_order_of_time),
		TEST(equal_times_are_called_in_order_of_setting),
		TEST(a_timer_is_moved_and_turned_off),
		TEST(a_timer_may_set_timers_without_ending_the_world),
		TEST(a_timer_may_free_itself),
		TEST(a_watch_may_end_itself),
		TEST(wake_makes_a_turn_without_any_socket),
		TEST(a_signal_ends_the_wait_and_is_served_before_the_turn),
		TEST(the_wait_ends_when_a_timer_is_due),
		TEST(time_stands_still_within_a_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
