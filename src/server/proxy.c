/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * proxy.c - X-Forwarded-For, believed from listed addresses only.
 *
 * Entered for every request when proxies are listed. Read from the right: each
 * proxy appends whom it saw, so the first address that is no proxy of ours is
 * the only one that nobody outside can have made up.
 */
#include "server/proxy.h"

#include <arpa/inet.h>
#include <string.h>

#define ADDRESS_TEXT 64

struct address {
	uint8_t bytes[16];
	unsigned bits; /* 32 or 128 */
};

static bool read_address(struct str text, struct address *out)
{
	char copy[ADDRESS_TEXT];

	if (!str_copy(copy, sizeof(copy), text))
		return false;
	out->bits = str_find(text, ':') < text.n ? 128 : 32;
	return inet_pton(
	           out->bits == 32 ? AF_INET : AF_INET6, copy, out->bytes) == 1;
}

static bool same_bits(const uint8_t *a, const uint8_t *b, unsigned bits)
{
	uint8_t mask = (uint8_t)(0xff00 >> (bits % 8));

	if (memcmp(a, b, bits / 8) != 0)
		return false;
	return bits % 8 == 0 || ((a[bits / 8] ^ b[bits / 8]) & mask) == 0;
}

bool proxy_covers(const char *network, struct str address)
{
	struct str rest = str_of(network);
	struct str base = str_next(&rest, '/');
	struct address net;
	struct address peer;
	uint64_t bits;

	if (!read_address(base, &net) || !read_address(address, &peer) ||
	    net.bits != peer.bits)
		return false;
	bits = net.bits;
	if (rest.n > 0 && (str_to_u64(rest, &bits) != 0 || bits > net.bits))
		return false;
	return same_bits(net.bytes, peer.bytes, (unsigned)bits);
}

static bool is_proxy(const struct config_setup *setup, struct str address)
{
	size_t i;

	for (i = 0; i < setup->proxy_count; i++)
		if (proxy_covers(setup->proxies[i], address))
			return true;
	return false;
}

/* The last field of this name: the one the nearest proxy wrote. */
static struct str last_field(const struct http_request *rq, const char *name)
{
	size_t i;

	for (i = rq->field_count; i > 0; i--)
		if (str_is_nocase(rq->fields[i - 1].name, name))
			return rq->fields[i - 1].value;
	return STR_NONE;
}

/* Cuts the last element off a comma-separated list. */
static struct str take_last(struct str *list)
{
	size_t at = list->n;
	struct str last;

	while (at > 0 && list->p[at - 1] != ',')
		at--;
	last = str_trim(str_from(*list, at));
	list->n = at > 0 ? at - 1 : 0;
	return last;
}

bool proxy_sees(const struct config_setup *setup, const struct http_request *rq,
    struct http_request *out)
{
	struct str list;
	struct str seen = STR_NONE;
	struct address unused;

	if (setup->proxy_count == 0 || !is_proxy(setup, rq->address))
		return false;
	list = last_field(rq, "X-Forwarded-For");
	while (list.n > 0) {
		seen = take_last(&list);
		if (!is_proxy(setup, seen))
			break;
	}
	if (!read_address(seen, &unused))
		return false;
	*out = *rq;
	out->address = seen;
	out->secure =
	    str_is_nocase(last_field(rq, "X-Forwarded-Proto"), "https");
	return true;
}
