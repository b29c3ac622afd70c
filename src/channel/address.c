/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * address.c - is this peer one of those the config names?
 *
 * Entered by mail and phone before they believe anybody. An entry that cannot
 * be read lets nobody in.
 */
#include "channel/address.h"

#include <arpa/inet.h>
#include <string.h>

struct address {
	uint8_t bytes[16]; /* IPv4 as ::ffff:a.b.c.d */
	bool is_v4;
};

static const uint8_t mapped[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

static bool read_address(struct str text, struct address *out)
{
	char copy[64];

	if (!str_copy(copy, sizeof(copy), text))
		return false;
	memcpy(out->bytes, mapped, sizeof(mapped));
	if (inet_pton(AF_INET, copy, out->bytes + 12) == 1) {
		out->is_v4 = true;
		return true;
	}
	if (inet_pton(AF_INET6, copy, out->bytes) != 1)
		return false;
	out->is_v4 = memcmp(out->bytes, mapped, sizeof(mapped)) == 0;
	return true;
}

static bool same_bits(const uint8_t *a, const uint8_t *b, size_t bits)
{
	size_t whole = bits / 8;
	uint8_t mask = (uint8_t)(0xff00 >> (bits % 8));

	if (memcmp(a, b, whole) != 0)
		return false;
	return bits % 8 == 0 || ((a[whole] ^ b[whole]) & mask) == 0;
}

static bool matches(const struct address *a, struct str entry)
{
	struct str rest = entry;
	struct str host = str_next(&rest, '/');
	struct address net;
	uint64_t bits;

	if (!read_address(host, &net) || net.is_v4 != a->is_v4)
		return false;
	bits = net.is_v4 ? 32 : 128;
	if (host.n < entry.n) {
		uint64_t most = bits;

		if (str_to_u64(rest, &bits) != 0 || bits > most)
			return false;
	}
	return same_bits(a->bytes, net.bytes, bits + (net.is_v4 ? 96 : 0));
}

bool address_is_listed(struct str address, char *const *list, size_t list_count)
{
	struct address a;
	bool readable = read_address(address, &a);

	if (list_count == 0)
		return true;
	for (size_t i = 0; i < list_count; i++) {
		if (str_is(address, list[i]))
			return true;
		if (readable && matches(&a, str_of(list[i])))
			return true;
	}
	return false;
}
