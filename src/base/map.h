/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * map.h - open-addressing tables: 64-bit number -> pointer, text -> pointer.
 *
 * Values are never NULL. Iteration order is unspecified: nothing a decision
 * depends on may walk a map (sort first, or keep a list beside it). Text keys
 * are copied in. Hashes are keyed per process, so peers cannot build clashes.
 */
#ifndef USHER_BASE_MAP_H
#define USHER_BASE_MAP_H

#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

struct map_slot {
	uint64_t key; /* the number, or the hash of the text */
	char *text;   /* owned copy of a text key, else NULL */
	void *value;  /* NULL: empty */
};

struct map {
	struct map_slot *slots;
	size_t used;
	size_t cap; /* 0 or a power of two */
};

/* Starts as all zero bytes; map_done() frees the table, not the values. */
void map_done(struct map *m);
void *map_find(const struct map *m, uint64_t key);
/* Replaces an older value, which is returned (NULL: there was none). */
void *map_put(struct map *m, uint64_t key, void *value);
void *map_remove(struct map *m, uint64_t key); /* the value, or NULL */

/* The same for text keys; do not mix both kinds in one map. */
void *map_find_text(const struct map *m, struct str key);
void *map_put_text(struct map *m, struct str key, void *value);
void *map_remove_text(struct map *m, struct str key);

/* for (slot = map_next(m, NULL); slot; slot = map_next(m, slot)) */
struct map_slot *map_next(const struct map *m, const struct map_slot *slot);
#define map_each(slot, m)                                                      \
	for ((slot) = map_next((m), NULL); (slot);                             \
	     (slot) = map_next((m), (slot)))

#endif
