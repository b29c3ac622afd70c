/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * limits.c - the counts behind "refuse before losing".
 *
 * Entered at accept, at trust and at burial. Only peers that have not proved
 * who they are count for their address: a whole centre sits behind one. The
 * last fifth of the places is not for customers, so a crowd at the widget
 * never keeps an agent out. Nothing here sends or closes anything.
 */
#include "net/limits.h"

#include <arpa/inet.h>

#define PEERS_MAX         15000
#define PER_ADDRESS_MAX   50
#define BACKLOG_MAX       (1024 * 1024)
#define HANDSHAKES_A_TURN 8
/* A full TLS 1.3 handshake is read in two steps. */
#define STEPS_A_HANDSHAKE 2
/* IPv4 keys live where no global IPv6 prefix does. */
#define KEY_OF_IPV4 (UINT64_C(1) << 32)

void limits_fill(struct net_limits *l)
{
	if (l->peers_max == 0)
		l->peers_max = PEERS_MAX;
	if (l->per_address_max == 0)
		l->per_address_max = PER_ADDRESS_MAX;
	if (l->backlog_max == 0)
		l->backlog_max = BACKLOG_MAX;
	if (l->handshakes_a_turn == 0)
		l->handshakes_a_turn = HANDSHAKES_A_TURN;
}

static uint64_t big_endian(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | *p++;
	return v;
}

/* IPv6 by its /64: one subscriber holds all of it. */
static uint64_t key_of_ipv6(const uint8_t ip[16])
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	uint64_t prefix;

	if (memcmp(ip, mapped, sizeof(mapped)) == 0)
		return KEY_OF_IPV4 | big_endian(ip + 12, 4);
	prefix = big_endian(ip, 8);
	/* ::1 and its like have prefix 0, which would mean "not counted" */
	return prefix != 0 ? prefix : 1;
}

uint64_t limits_key(struct str address)
{
	char text[LINK_ADDRESS];
	uint8_t ip[16];

	if (!str_copy(text, sizeof(text), address))
		return 0;
	if (inet_pton(AF_INET, text, ip) == 1)
		return KEY_OF_IPV4 | big_endian(ip, 4);
	if (inet_pton(AF_INET6, text, ip) == 1)
		return key_of_ipv6(ip);
	return 0;
}

/* The map holds the counts themselves in the place of pointers. */
static uintptr_t count_of(const struct net *n, uint64_t key)
{
	return (uintptr_t)map_find(&n->addresses, key);
}

static void set_count(struct net *n, uint64_t key, uintptr_t count)
{
	if (count == 0)
		map_remove(&n->addresses, key);
	else
		map_put(&n->addresses, key, (void *)count);
}

bool limits_has_room(const struct net *n, enum net_class class, uint64_t key)
{
	unsigned most = n->limits.peers_max;

	if (class == NET_CUSTOMER)
		most -= most / 5;
	if (n->stats.peers >= most)
		return false;
	return key == 0 || count_of(n, key) < n->limits.per_address_max;
}

void limits_count(struct net *n, uint64_t key)
{
	if (key != 0)
		set_count(n, key, count_of(n, key) + 1);
}

void limits_uncount(struct net *n, uint64_t key)
{
	if (key != 0)
		set_count(n, key, count_of(n, key) - 1);
}

bool limits_take_shake(struct net *n)
{
	if (n->shakes == 0)
		return false;
	n->shakes--;
	return true;
}
