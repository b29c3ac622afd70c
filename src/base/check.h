/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * check.h - what to do about a state that cannot be.
 *
 * check() stays in release builds: a router that has lost its mind must stop
 * and start again from the log, not go on. Never used on peer input.
 */
#ifndef USHER_BASE_CHECK_H
#define USHER_BASE_CHECK_H

#include <stddef.h>

/* Prints "impossible: ..." to stderr and aborts. */
_Noreturn void die(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#define check(cond)                                                            \
	((cond) ? (void)0                                                      \
	        : die("%s:%d: %s: %s", __FILE__, __LINE__, __func__, #cond))

#define countof(array) (sizeof(array) / sizeof((array)[0]))
#define container_of(ptr, type, member)                                        \
	((type *)(void *)((char *)(ptr)-offsetof(type, member)))

#endif
