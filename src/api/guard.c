/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * guard.c - failures per name and per address, bounded in number.
 *
 * Entered by the login before and after a secret was looked at. Peers choose
 * the keys: the entry longest untouched is forgotten first, so filling the
 * table costs an attacker the very minute it was meant to save.
 */
#include "api/guard.h"

#include "base/mem.h"

#define ADDRESS_WINDOW_MS ((msec_t)60 * 1000)
#define NAME_MEMORY_MS    ((msec_t)15 * 60 * 1000) /* then it starts anew */

struct guarded {
	struct list link;
	char *key;
	unsigned failures;
	msec_t since; /* of the address's window */
	msec_t last;  /* failure */
};

struct shelf { /* one of the guard's two tables */
	struct map *map;
	struct list *list;
	size_t *count;
};

void guard_init(struct guard *g)
{
	*g = (struct guard){ 0 };
	list_init(&g->name_list);
	list_init(&g->address_list);
}

static void forget(struct shelf s, struct guarded *e)
{
	map_remove_text(s.map, str_of(e->key));
	list_remove(&e->link);
	mem_free(e->key);
	mem_free(e);
	(*s.count)--;
}

static void forget_all(struct shelf s)
{
	struct guarded *e, *next;

	list_each_safe(e, next, s.list, link)
		forget(s, e);
	map_done(s.map);
}

static struct shelf names(struct guard *g)
{
	return (struct shelf){ &g->names, &g->name_list, &g->name_count };
}

static struct shelf addresses(struct guard *g)
{
	return (
	    struct shelf){ &g->addresses, &g->address_list, &g->address_count };
}

void guard_done(struct guard *g)
{
	forget_all(names(g));
	forget_all(addresses(g));
}

/* The entry of a key, made when needed, now the youngest. */
static struct guarded *touch(struct shelf s, struct str key, msec_t now)
{
	struct guarded *e = map_find_text(s.map, key);

	if (e == NULL) {
		if (*s.count >= GUARD_ENTRIES_MAX)
			forget(s, list_first(s.list, struct guarded, link));
		e = new_of(struct guarded);
		list_init(&e->link);
		e->key = mem_text_n(key.p, key.n);
		e->since = e->last = now;
		map_put_text(s.map, key, e);
		(*s.count)++;
	}
	list_remove(&e->link);
	list_push(s.list, &e->link);
	return e;
}

/* 2, 4, 8 ... s after the last failure, from the fifth on. */
static msec_t name_wait(const struct guarded *e, msec_t now)
{
	unsigned over;
	msec_t wait_s = GUARD_WAIT_MAX_S;
	msec_t until;

	if (e == NULL || e->failures < GUARD_FREE_FAILURES)
		return 0;
	over = e->failures - GUARD_FREE_FAILURES + 1;
	if (over < 16 && ((msec_t)1 << over) < wait_s)
		wait_s = (msec_t)1 << over;
	until = e->last + wait_s * 1000;
	return until > now ? until - now : 0;
}

static msec_t address_wait(const struct guarded *e, msec_t now)
{
	msec_t until;

	if (e == NULL || e->failures < GUARD_ADDRESS_MAX)
		return 0;
	until = e->since + ADDRESS_WINDOW_MS;
	return until > now ? until - now : 0;
}

msec_t guard_wait(
    const struct guard *g, struct str name, struct str address, msec_t now)
{
	msec_t a = name_wait(map_find_text(&g->names, name), now);
	msec_t b = address_wait(map_find_text(&g->addresses, address), now);

	return a > b ? a : b;
}

void guard_failed(
    struct guard *g, struct str name, struct str address, msec_t now)
{
	struct guarded *e;

	if (name.n > 0) {
		e = touch(names(g), name, now);
		if (now - e->last > NAME_MEMORY_MS)
			e->failures = 0;
		e->failures++;
		e->last = now;
	}
	if (address.n > 0) {
		e = touch(addresses(g), address, now);
		if (now - e->since >= ADDRESS_WINDOW_MS) {
			e->failures = 0;
			e->since = now;
		}
		e->failures++;
		e->last = now;
	}
}

/* The address is not forgiven: one right password must not pay for guessing
 * at others. */
void guard_passed(struct guard *g, struct str name)
{
	struct guarded *e = map_find_text(&g->names, name);

	if (e != NULL)
		forget(names(g), e);
}
