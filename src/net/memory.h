/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * memory.h - the inner side of net_memory_dial().
 */
#ifndef USHER_NET_MEMORY_H
#define USHER_NET_MEMORY_H

#include "net/conn.h"

/* Has the conn no socket? Then nobody's bytes are lost by closing early. */
bool memory_is(const struct conn *c);

#endif
