/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * classes.c - the rows contacts wait in, and the few who wait beside them.
 *
 * A class is a row of places in order of key and of entry, so that its first
 * is both the next to be served and the next to relax; whoever comes out of
 * order (a transfer that keeps its age) stands in the side heap with a timer
 * of its own. A class without contacts is freed.
 */
#include "model/classes.h"

#include <string.h>

#include "base/check.h"
#include "base/mem.h"
#include "model/world.h"

bool class_before(const struct heap_node *a, const struct heap_node *b)
{
	return contact_before(container_of(a, const struct class, in_set)->head,
	    container_of(b, const struct class, in_set)->head);
}

static bool side_before(const struct heap_node *a, const struct heap_node *b)
{
	return contact_before(
	    container_of(a, const struct place, side)->contact,
	    container_of(b, const struct place, side)->contact);
}

void class_free(struct class *k)
{
	heap_done(&k->side);
	mem_free(k);
}

#define CLASS_KEY_MAX 32
static struct str class_key(const struct class *k, char dst[CLASS_KEY_MAX])
{
	memcpy(dst, &k->queue->id.v, 8);
	memcpy(dst + 8, &k->offset, 8);
	memcpy(dst + 16, &k->set->id, 4);
	dst[20] = (char)k->rung;
	dst[21] = (char)k->flowed;
	return (struct str){ dst, 22 };
}

static struct class *class_of(struct world *w, const struct place *p)
{
	struct class wanted = { .queue = p->queue,
		.rung = p->rung,
		.flowed = p->flowed,
		.offset = p->contact->offset };
	char key[CLASS_KEY_MAX];
	struct str s;
	struct class *k;

	wanted.set = index_set(w, p->contact, p->queue, p->rung);
	s = class_key(&wanted, key);
	k = map_find_text(&w->index->class_keys, s);
	if (k != NULL)
		return k;
	k = mem_copy(&wanted, sizeof(wanted));
	list_init(&k->row);
	list_init(&k->stranded);
	heap_init(&k->side, side_before);
	k->due.kind = DUE_CLASS;
	map_put_text(&w->index->class_keys, s, k);
	return k;
}

/* When the place climbs to its next rung; -1: it stands on the last. */
static msec_t relaxes_at(const struct place *p)
{
	return p->rung + 1 < p->queue->rung_count
	           ? p->entered + p->queue->rungs[p->rung + 1].after
	           : -1;
}

static void time_place(struct world *w, struct place *p)
{
	msec_t at = relaxes_at(p);

	if (at >= 0)
		due_set(w, &p->due, at);
}

static void time_row(struct world *w, struct class *k)
{
	struct place *first = list_first(&k->row, struct place, row);
	msec_t at = first == NULL ? -1 : relaxes_at(first);

	if (at < 0) {
		due_clear(w, &k->due);
		return;
	}
	if (k->due.id != first->due.id) { /* the heap orders by it */
		due_clear(w, &k->due);
		k->due.id = first->due.id;
	}
	due_set(w, &k->due, at);
}

static struct contact *first_of(const struct class *k)
{
	const struct place *r = list_first(&k->row, struct place, row);
	struct heap_node *n = heap_min(&k->side);
	const struct place *s =
	    n == NULL ? NULL : container_of(n, struct place, side);

	if (r == NULL || s == NULL)
		return r != NULL ? r->contact : s != NULL ? s->contact : NULL;
	return contact_before(r->contact, s->contact) ? r->contact : s->contact;
}

/* The head changed: the set learns it. An empty class goes. */
static void settle(struct world *w, struct class *k)
{
	struct contact *head = first_of(k);
	struct set *s = k->set;
	struct heap_node *n;
	char key[CLASS_KEY_MAX];

	if (head != k->head) {
		if (k->head != NULL)
			heap_remove(&s->classes, &k->in_set);
		k->head = head;
		if (head != NULL)
			heap_add(&s->classes, &k->in_set);
		n = heap_min(&s->classes);
		s->head = n == NULL
		              ? NULL
		              : container_of(n, struct class, in_set)->head;
	}
	if (head != NULL)
		return;
	due_clear(w, &k->due);
	list_remove(&k->stranded);
	map_remove_text(&w->index->class_keys, class_key(k, key));
	class_free(k);
}

static void insert(struct world *w, struct place *p)
{
	struct class *k = class_of(w, p);
	struct place *last = list_last(&k->row, struct place, row);

	p->class = k;
	if (last == NULL || (contact_before(last->contact, p->contact) &&
	                        last->entered <= p->entered)) {
		list_push(&k->row, &p->row);
	} else {
		heap_add(&k->side, &p->side);
		time_place(w, p);
	}
	if (last == NULL)
		time_row(w, k);
	settle(w, k);
	if (class_no_agents_overflow(w, k) != 0 &&
	    !list_is_linked(&k->stranded) && !set_has_present(k->set))
		list_push(&w->index->stranded, &k->stranded);
}

static void take_out(struct world *w, struct place *p)
{
	struct class *k = p->class;
	bool was_first = k->row.next == &p->row;

	p->class = NULL;
	if (heap_holds(&p->side)) {
		heap_remove(&k->side, &p->side);
		due_clear(w, &p->due);
	} else {
		list_remove(&p->row);
		if (was_first)
			time_row(w, k);
	}
	settle(w, k);
}

struct contact *class_second(const struct class *k)
{
	const struct place *r = list_first(&k->row, struct place, row);
	struct contact *best = NULL;
	size_t i;

	if (r != NULL && r->contact == k->head)
		r = r->row.next == &k->row
		        ? NULL
		        : list_entry(r->row.next, struct place, row);
	if (r != NULL)
		best = r->contact;
	/* The second of a 4-ary heap is among the root's four children. */
	for (i = 0; i < k->side.used && i < 5; i++) {
		struct contact *c =
		    container_of(k->side.nodes[i], struct place, side)->contact;

		if (c != k->head && (best == NULL || contact_before(c, best)))
			best = c;
	}
	return best;
}

/* ---- demand ---------------------------------------------------------------- */

static void count_demand(struct world *w, const struct place *p, int by)
{
	struct index *x = w->index;
	const struct set *s = index_set(w, p->contact, p->queue, p->rung);
	size_t i;

	for (i = 0; i < s->need_count; i++) {
		uint64_t skill = s->needs[i].skill.v;
		uint64_t bit = (uint64_t)1 << (skill % 64);

		x->demand[skill] += (size_t)by;
		if (x->demand[skill] > 0)
			x->demand_bits[skill / 64] |= bit;
		else
			x->demand_bits[skill / 64] &= ~bit;
	}
}

/* ---- exceptions ------------------------------------------------------------ */

/* Oldest first; ids break ties, so that a rebuilt list is the same list. */
static void list_exception(struct index *x, struct contact *c)
{
	struct contact *at =
	    list_last(&x->exceptions, struct contact, excepted);

	while (at != NULL &&
	       (at->excepted_at > c->excepted_at ||
	           (at->excepted_at == c->excepted_at && at->id.v > c->id.v)))
		at = at->excepted.prev == &x->exceptions
		         ? NULL
		         : list_entry(
		               at->excepted.prev, struct contact, excepted);
	if (at == NULL)
		list_push_front(&x->exceptions, &c->excepted);
	else
		list_add_before(at->excepted.next, &c->excepted);
	x->exception_count++;
}

/* The list is scanned, so it is bounded: the oldest becomes ordinary. */
static void bound_exceptions(struct world *w)
{
	struct contact *c;

	if (w->index->exception_count <= EXCEPTIONS_MAX)
		return;
	c = list_first(&w->index->exceptions, struct contact, excepted);
	index_remove_contact(w, c);
	contact_clear_exceptions(w, c, INT64_MAX);
	index_add_contact(w, c);
}

/* ---- in and out ------------------------------------------------------------ */

/* In order of key: so a rebuilt list is the same list. */
static void list_dormant(struct contact *c)
{
	struct list *all = &c->places[0]->queue->dormant;
	struct list *at;

	for (at = all->prev; at != all; at = at->prev) {
		if (contact_before(list_entry(at, struct contact, excepted), c))
			break;
	}
	list_push_front(at, &c->excepted);
}

static bool is_matched(const struct contact *c)
{
	return c->state == CONTACT_WAITING && !c->unparsed &&
	       c->place_count > 0;
}

void index_add_contact(struct world *w, struct contact *c)
{
	size_t i;

	if (!is_matched(c))
		return;
	for (i = 0; i < c->place_count; i++)
		c->places[i]->queue->waiting++;
	if (c->dormant) {
		list_dormant(c);
		return;
	}
	for (i = 0; i < c->place_count; i++)
		count_demand(w, c->places[i], 1);
	if (!contact_is_exceptional(c)) {
		for (i = 0; i < c->place_count; i++)
			insert(w, c->places[i]);
		return;
	}
	list_exception(w->index, c);
	for (i = 0; i < c->place_count; i++)
		time_place(w, c->places[i]);
	bound_exceptions(w);
}

void index_remove_contact(struct world *w, struct contact *c)
{
	size_t i;

	if (!is_matched(c))
		return;
	for (i = 0; i < c->place_count; i++)
		c->places[i]->queue->waiting--;
	if (c->dormant) {
		list_remove(&c->excepted);
		if (list_is_empty(&c->places[0]->queue->dormant))
			list_remove(&c->places[0]->queue->waking);
		return;
	}
	if (list_is_linked(&c->excepted)) {
		list_remove(&c->excepted);
		w->index->exception_count--;
	}
	for (i = 0; i < c->place_count; i++) {
		struct place *p = c->places[i];

		count_demand(w, p, -1);
		if (p->class != NULL)
			take_out(w, p);
		else
			due_clear(w, &p->due);
	}
}

/* ---- when nobody is in ----------------------------------------------------- */

unsigned class_no_agents_overflow(const struct world *w, const struct class *k)
{
	const struct rule_queue *rule = queue_rule(w->rules, k->queue);
	unsigned i;

	for (i = 0; rule != NULL && i < rule->overflow_count; i++) {
		if (rule->overflows[i].when_no_agents &&
		    (k->flowed & 1u << i) == 0)
			return i + 1;
	}
	return 0;
}

void classes_strand(struct world *w, struct set *s)
{
	bool present = set_has_present(s);
	size_t i;

	for (i = 0; i < s->classes.used; i++) {
		struct class *k =
		    container_of(s->classes.nodes[i], struct class, in_set);

		list_remove(&k->stranded);
		if (!present && class_no_agents_overflow(w, k) != 0)
			list_push(&w->index->stranded, &k->stranded);
	}
}
