/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rng.h - chance: the kernel's for secrets, a seeded one for decisions.
 */
#ifndef USHER_BASE_RNG_H
#define USHER_BASE_RNG_H

#include <stddef.h>
#include <stdint.h>

/* Unpredictable bytes from the kernel; aborts when there are none. */
void rng_bytes(void *dst, size_t len);

/* xoshiro256** seeded by splitmix64: the same seed gives the same numbers. */
struct rng {
	uint64_t s[4];
};

void rng_seed(struct rng *r, uint64_t seed);
uint64_t rng_next(struct rng *r);
uint64_t rng_below(struct rng *r, uint64_t n); /* unbiased, 0..n-1; n > 0 */

#endif
