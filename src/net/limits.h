/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * limits.h - how many may be connected, and how many from one address.
 */
#ifndef USHER_NET_LIMITS_H
#define USHER_NET_LIMITS_H

#include "net/link.h"

/* Fills zero members with the defaults. */
void limits_fill(struct net_limits *l);
/* What addresses are counted by; 0: not an IP address, not counted. */
uint64_t limits_key(struct str address);
bool limits_has_room(const struct net *n, enum net_class class, uint64_t key);
void limits_count(struct net *n, uint64_t key);
void limits_uncount(struct net *n, uint64_t key);
/* Takes one of this turn's handshake steps; false: none is left. */
bool limits_take_shake(struct net *n);

#endif
