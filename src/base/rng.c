/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rng.c - both kinds of chance.
 *
 * Secrets come from the kernel, here and nowhere else. Decisions come from a
 * seeded generator that lies in the world, so a replay throws the same dice:
 * its algorithm may never change.
 */
#include "base/rng.h"

#include <errno.h>
#include <sys/random.h>

#include "base/check.h"

static uint64_t rotated(uint64_t x, int k)
{
	return (x << k) | (x >> (64 - k));
}

static uint64_t splitmix(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return z ^ (z >> 31);
}

void rng_bytes(void *dst, size_t len)
{
	char *p = dst;

	while (len > 0) {
		ssize_t got = getrandom(p, len, 0);

		if (got < 0) {
			check(errno == EINTR);
			continue;
		}
		p += got;
		len -= (size_t)got;
	}
}

void rng_seed(struct rng *r, uint64_t seed)
{
	size_t i;

	for (i = 0; i < countof(r->s); i++)
		r->s[i] = splitmix(&seed);
}

uint64_t rng_next(struct rng *r)
{
	uint64_t *s = r->s;
	uint64_t result = rotated(s[1] * 5, 7) * 9;
	uint64_t t = s[1] << 17;

	s[2] ^= s[0];
	s[3] ^= s[1];
	s[1] ^= s[2];
	s[0] ^= s[3];
	s[2] ^= t;
	s[3] = rotated(s[3], 45);
	return result;
}

/* The lowest 2^64 mod n numbers are thrown again: they would come once more
 * often than the others. */
uint64_t rng_below(struct rng *r, uint64_t n)
{
	uint64_t unfair;
	uint64_t v;

	check(n > 0);
	unfair = (0 - n) % n;
	do {
		v = rng_next(r);
	} while (v < unfair);
	return v % n;
}
