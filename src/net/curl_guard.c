/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * curl_guard.c - the guard against being sent to our own neighbours.
 *
 * Entered by curl.c with the very address a socket is about to connect to, so
 * a name that resolves differently the second time gains nothing. Tables from
 * IANA's special-purpose registries. Pure.
 */
#include "net/curl_guard.h"

#include <netinet/in.h>
#include <stddef.h>
#include <string.h>

#include "base/check.h"

struct range {
	uint8_t prefix[16];
	unsigned bits;
};

static const struct range closed_v4[] = {
	{ { 0 }, 8 },             /* this host */
	{ { 10 }, 8 },            /* private */
	{ { 100, 64 }, 10 },      /* shared by carriers */
	{ { 127 }, 8 },           /* loopback */
	{ { 169, 254 }, 16 },     /* link-local, metadata services */
	{ { 172, 16 }, 12 },      /* private */
	{ { 192, 0, 0 }, 24 },    /* protocol assignments */
	{ { 192, 0, 2 }, 24 },    /* documentation */
	{ { 192, 88, 99 }, 24 },  /* relays of old */
	{ { 192, 168 }, 16 },     /* private */
	{ { 198, 18 }, 15 },      /* benchmarks */
	{ { 198, 51, 100 }, 24 }, /* documentation */
	{ { 203, 0, 113 }, 24 },  /* documentation */
	{ { 224 }, 4 },           /* multicast */
	{ { 240 }, 4 },           /* reserved, broadcast */
};

/* Only 2000::/3 is given out at all; these lie within it. */
static const struct range open_v6 = { { 0x20 }, 3 };
static const struct range closed_v6[] = {
	{ { 0x20, 0x01 }, 23 },             /* protocols, Teredo among them */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32 }, /* documentation */
	{ { 0x20, 0x02 }, 16 },             /* 6to4 holds an IPv4 address */
	{ { 0x3f, 0xff }, 20 },             /* documentation */
};

static bool is_in(const uint8_t *ip, const struct range *r)
{
	size_t whole = r->bits / 8;
	unsigned rest = r->bits % 8;

	if (memcmp(ip, r->prefix, whole) != 0)
		return false;
	return rest == 0 || (ip[whole] ^ r->prefix[whole]) >> (8 - rest) == 0;
}

static bool is_in_any(
    const uint8_t *ip, const struct range *ranges, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (is_in(ip, &ranges[i]))
			return true;
	}
	return false;
}

bool curl_guard_is_public(const struct sockaddr *a)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (a->sa_family == AF_INET) {
		memcpy(&v4, a, sizeof(v4));
		return !is_in_any((const uint8_t *)&v4.sin_addr, closed_v4,
		    countof(closed_v4));
	}
	if (a->sa_family != AF_INET6)
		return false;
	memcpy(&v6, a, sizeof(v6));
	return is_in(v6.sin6_addr.s6_addr, &open_v6) &&
	       !is_in_any(v6.sin6_addr.s6_addr, closed_v6, countof(closed_v6));
}
