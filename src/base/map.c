/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * map.c - tables by number and by text.
 *
 * Entered from every floor. Linear probing with removal by shifting back, so
 * that there are no tombstones and a table never grows slower with age.
 * Invariant: between a slot's home and the slot there is no empty slot.
 */
#include "base/map.h"

#include <stdbool.h>

#include "base/check.h"
#include "base/mem.h"
#include "base/rng.h"

#define FIRST_CAP 16

/* Drawn before main() and never again: a later change would lose every key,
 * and a lazy draw would race with the store's threads. */
static uint64_t secret[4];

__attribute__((constructor)) static void draw_secret(void)
{
	rng_bytes(secret, sizeof(secret));
	secret[1] |= 1;
	secret[3] |= 1;
}

/* Both halves of a 128-bit product, folded. */
static uint64_t folded_product(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 wide = (unsigned __int128)a * b;

	return (uint64_t)wide ^ (uint64_t)(wide >> 64);
}

static uint64_t number_hash(uint64_t key)
{
	uint64_t x = folded_product(key ^ secret[0], secret[1]);

	return folded_product(x ^ secret[2], secret[3]);
}

static uint64_t rotated(uint64_t x, int k)
{
	return (x << k) | (x >> (64 - k));
}

static void sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = rotated(v[1], 13) ^ v[0];
	v[3] = rotated(v[3], 16) ^ v[2];
	v[0] = rotated(v[0], 32) + v[3];
	v[2] += v[1];
	v[3] = rotated(v[3], 21) ^ v[0];
	v[1] = rotated(v[1], 17) ^ v[2];
	v[2] = rotated(v[2], 32);
}

static void sip_word(uint64_t v[4], uint64_t word)
{
	v[3] ^= word;
	sip_round(v);
	v[0] ^= word;
}

/* SipHash-1-3: text keys are the peers' to choose, so the hash must be one
 * that is known to keep its secret. The byte order of the machine is taken as
 * it is: a hash never leaves the process. */
static uint64_t text_hash(struct str key)
{
	uint64_t v[4] = {
		secret[0] ^ UINT64_C(0x736f6d6570736575),
		secret[2] ^ UINT64_C(0x646f72616e646f6d),
		secret[0] ^ UINT64_C(0x6c7967656e657261),
		secret[2] ^ UINT64_C(0x7465646279746573),
	};
	uint64_t last = (uint64_t)key.n << 56;
	uint64_t word;
	size_t at;

	for (at = 0; at + 8 <= key.n; at += 8) {
		memcpy(&word, key.p + at, 8);
		sip_word(v, word);
	}
	for (; at < key.n; at++)
		last |= (uint64_t)(unsigned char)key.p[at] << (at % 8 * 8);
	sip_word(v, last);
	v[2] ^= 0xff;
	sip_round(v);
	sip_round(v);
	sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/*
 * A copied text stands behind its length, so that keys with NUL bytes in them
 * are compared whole.
 */
static char *copied_text(struct str s)
{
	char *block = mem_resize(NULL, sizeof(size_t) + s.n + 1);

	memcpy(block, &s.n, sizeof(size_t));
	if (s.n > 0)
		memcpy(block + sizeof(size_t), s.p, s.n);
	block[sizeof(size_t) + s.n] = '\0';
	return block + sizeof(size_t);
}

static struct str slot_text(const struct map_slot *slot)
{
	struct str s = { slot->text, 0 };

	memcpy(&s.n, slot->text - sizeof(size_t), sizeof(size_t));
	return s;
}

static void free_text(char *text)
{
	if (text != NULL)
		mem_free(text - sizeof(size_t));
}

/* Where the search for the slot's key begins. */
static size_t home_of(const struct map *m, const struct map_slot *slot)
{
	uint64_t hash = slot->text == NULL ? number_hash(slot->key) : slot->key;

	return (size_t)hash & (m->cap - 1);
}

/* The slot of the key, or the empty slot where it would go. */
static struct map_slot *number_slot(const struct map *m, uint64_t key)
{
	size_t i = (size_t)number_hash(key) & (m->cap - 1);

	while (m->slots[i].value != NULL && m->slots[i].key != key)
		i = (i + 1) & (m->cap - 1);
	return &m->slots[i];
}

static struct map_slot *text_slot(
    const struct map *m, struct str key, uint64_t hash)
{
	size_t i = (size_t)hash & (m->cap - 1);
	struct map_slot *slot;

	for (;; i = (i + 1) & (m->cap - 1)) {
		slot = &m->slots[i];
		if (slot->value == NULL)
			return slot;
		if (slot->key == hash && str_eq(slot_text(slot), key))
			return slot;
	}
}

/* Old slots are all different: the first empty place is theirs. */
static void rehome(struct map *m, const struct map_slot *slot)
{
	size_t i = home_of(m, slot);

	while (m->slots[i].value != NULL)
		i = (i + 1) & (m->cap - 1);
	m->slots[i] = *slot;
}

/* Keeps at least a quarter of the slots empty, so that searches end soon. */
static void make_room(struct map *m)
{
	struct map old = *m;
	size_t i;

	if (m->cap != 0 && m->used + 1 <= m->cap - m->cap / 4)
		return;
	m->cap = old.cap == 0 ? FIRST_CAP : old.cap * 2;
	m->slots = new_array(struct map_slot, m->cap);
	for (i = 0; i < old.cap; i++)
		if (old.slots[i].value != NULL)
			rehome(m, &old.slots[i]);
	mem_free(old.slots);
}

/* Is the slot at `i` reached on the way from its home past the hole? */
static bool may_fill(const struct map *m, size_t hole, size_t i)
{
	size_t home = home_of(m, &m->slots[i]);

	return ((i - home) & (m->cap - 1)) >= ((i - hole) & (m->cap - 1));
}

static void *take_out(struct map *m, struct map_slot *slot)
{
	size_t hole = (size_t)(slot - m->slots);
	size_t i = hole;
	void *value = slot->value;

	free_text(slot->text);
	for (;;) {
		i = (i + 1) & (m->cap - 1);
		if (m->slots[i].value == NULL)
			break;
		if (!may_fill(m, hole, i))
			continue;
		m->slots[hole] = m->slots[i];
		hole = i;
	}
	m->slots[hole] = (struct map_slot){ 0 };
	m->used--;
	return value;
}

void map_done(struct map *m)
{
	size_t i;

	for (i = 0; i < m->cap; i++)
		free_text(m->slots[i].text);
	mem_free(m->slots);
	*m = (struct map){ 0 };
}

void *map_find(const struct map *m, uint64_t key)
{
	return m->used == 0 ? NULL : number_slot(m, key)->value;
}

void *map_put(struct map *m, uint64_t key, void *value)
{
	struct map_slot *slot;
	void *older;

	check(value != NULL);
	make_room(m);
	slot = number_slot(m, key);
	older = slot->value;
	m->used += older == NULL;
	slot->key = key;
	slot->value = value;
	return older;
}

void *map_remove(struct map *m, uint64_t key)
{
	struct map_slot *slot;

	if (m->used == 0)
		return NULL;
	slot = number_slot(m, key);
	return slot->value == NULL ? NULL : take_out(m, slot);
}

void *map_find_text(const struct map *m, struct str key)
{
	if (m->used == 0)
		return NULL;
	return text_slot(m, key, text_hash(key))->value;
}

void *map_put_text(struct map *m, struct str key, void *value)
{
	uint64_t hash = text_hash(key);
	struct map_slot *slot;
	void *older;

	check(value != NULL);
	make_room(m);
	slot = text_slot(m, key, hash);
	older = slot->value;
	if (older == NULL) {
		m->used++;
		slot->key = hash;
		slot->text = copied_text(key);
	}
	slot->value = value;
	return older;
}

void *map_remove_text(struct map *m, struct str key)
{
	struct map_slot *slot;

	if (m->used == 0)
		return NULL;
	slot = text_slot(m, key, text_hash(key));
	return slot->value == NULL ? NULL : take_out(m, slot);
}

struct map_slot *map_next(const struct map *m, const struct map_slot *slot)
{
	size_t i = slot == NULL ? 0 : (size_t)(slot - m->slots) + 1;

	for (; i < m->cap; i++)
		if (m->slots[i].value != NULL)
			return &m->slots[i];
	return NULL;
}
