/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * check_net.c - addresses, networks, endpoints: are they what they seem?
 *
 * Part of the check, for entrances and listeners. Names of machines are not
 * looked up here: a config must mean the same tomorrow.
 */
#include <arpa/inet.h>
#include <string.h>

#include "base/mem.h"
#include "config/check.h"

#define NETWORKS_MAX 256

/* Addresses as the C library reads them: no short forms, no names. */
static bool is_address(struct str s, bool *out_six)
{
	unsigned char bytes[16];
	char text[64];

	if (!str_copy(text, sizeof(text), s))
		return false;
	*out_six = inet_pton(AF_INET6, text, bytes) == 1;
	return *out_six || inet_pton(AF_INET, text, bytes) == 1;
}

bool is_network(struct str s)
{
	struct str bits = s;
	struct str address = str_next(&bits, '/');
	uint64_t count;
	bool six;

	if (!is_address(address, &six))
		return false;
	if (address.n == s.n)
		return true;
	return str_to_u64(bits, &count) == 0 && count <= (six ? 128 : 32);
}

bool is_loopback(struct str s)
{
	return str_starts(s, "127.") || str_starts(s, "localhost:") ||
	       str_starts(s, "[::1]") || str_is(s, "::1") ||
	       str_is(s, "::1/128");
}

static bool is_port(struct str s)
{
	uint64_t port;

	return s.n <= 5 && str_to_u64(s, &port) == 0 && port <= 65535;
}

/* Where the port begins, or s.n. */
static size_t port_at(struct str s)
{
	size_t at = s.n;

	while (at > 0 && s.p[at - 1] != ':')
		at--;
	return at;
}

/* Port 0 lets the system choose: tests use it. */
bool is_endpoint(struct str s)
{
	size_t at = port_at(s);
	struct str host = str_sub(s, 0, at > 0 ? at - 1 : 0);
	bool six;

	if (at == 0 || !is_port(str_from(s, at)))
		return false;
	if (host.n > 2 && host.p[0] == '[' && host.p[host.n - 1] == ']')
		return is_address(str_sub(host, 1, host.n - 2), &six) && six;
	return str_is(host, "localhost") || (is_address(host, &six) && !six);
}

static const struct item *read_network(struct cursor *c)
{
	const struct item *i = c->at;

	if (!cursor_is(c, ITEM_ADDRESS) && !cursor_is(c, ITEM_STRING))
		return cursor_take(c, ITEM_ADDRESS, "an address");
	if (is_network(i->text))
		return cursor_any(c, "an address");
	cursor_fail(c, "this is no address or network");
	return NULL;
}

void check_networks(struct cursor *c, char ***list, size_t *count)
{
	size_t cap = *count;

	do {
		const struct item *i = read_network(c);

		if (i == NULL)
			return;
		if (*count == NETWORKS_MAX) {
			cursor_fail(c, "at most %d addresses", NETWORKS_MAX);
			return;
		}
		mem_room(list, *count, &cap, sizeof(**list));
		(*list)[(*count)++] = mem_text_n(i->text.p, i->text.n);
	} while (cursor_skip(c, ITEM_COMMA));
}
