/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * banned.h - calls that are not made in this house.
 *
 * Forced in front of every file of ours by the makefile: using one of these is
 * a compile error, not a review comment. Each has a bounded or clearer kin in
 * base/str, base/buf or base/clock.
 */
#ifndef USHER_BASE_BANNED_H
#define USHER_BASE_BANNED_H

/* This file is the first one every compile sees, so the dialect is set here. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif

/* The system's own headers must be seen before the words are poisoned. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#pragma GCC poison strcpy strcat strncat sprintf vsprintf strtok atoi atol
#pragma GCC poison atoll gets localtime ctime asctime tmpnam mktemp

#endif
