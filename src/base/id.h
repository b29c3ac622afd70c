/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * id.h - what things are called.
 *
 * An id is a number that is unique within its workspace and its kind; each
 * kind has its own struct so that a queue cannot be passed for an agent. 0 is
 * "none". As text an id is its kind's letter and the number ("c42"); outside
 * its workspace it is preceded by it ("main/c42").
 */
#ifndef USHER_BASE_ID_H
#define USHER_BASE_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/*   type        letter */
#define ID_TABLE(X)                                                            \
	X(contact, 'c')                                                        \
	X(customer, 'p')                                                       \
	X(identifier, 'i')                                                     \
	X(agent, 'a')                                                          \
	X(queue, 'q')                                                          \
	X(skill, 's')                                                          \
	X(offer, 'o')                                                          \
	X(message, 'm')                                                        \
	X(entrance, 'e')

#define ID_TYPE(type, letter)                                                  \
	struct type##_id {                                                     \
		uint64_t v;                                                    \
	};
ID_TABLE(ID_TYPE)
#undef ID_TYPE

#define ID_TEXT 24 /* bytes that hold any id as text */

/* Writes letter and number; returns dst, so it can stand in a printf. */
char *id_format(char letter, uint64_t v, char dst[ID_TEXT]);
/* Reads "c42" or "42" of the given kind. */
int id_parse(char letter, struct str text, uint64_t *out) must_check;

#define id_same(a, b) ((a).v == (b).v)
#define id_is_set(a)  ((a).v != 0)

#endif
