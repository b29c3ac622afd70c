/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * list.h - intrusive doubly linked lists.
 *
 * A node lies inside its object; a node that is in no list points to itself.
 * Everything is O(1) but list_count().
 */
#ifndef USHER_BASE_LIST_H
#define USHER_BASE_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/check.h"

struct list {
	struct list *prev;
	struct list *next;
};

static inline void list_init(struct list *l)
{
	l->prev = l;
	l->next = l;
}

static inline bool list_is_empty(const struct list *l)
{
	return l->next == l;
}

static inline bool list_is_linked(const struct list *node)
{
	return node->next != node;
}

static inline void list_add_before(struct list *at, struct list *node)
{
	node->prev = at->prev;
	node->next = at;
	at->prev->next = node;
	at->prev = node;
}

static inline void list_push(struct list *l, struct list *node)
{
	list_add_before(l, node);
}

static inline void list_push_front(struct list *l, struct list *node)
{
	list_add_before(l->next, node);
}

/* Takes a node out of whatever list it is in; harmless when it is in none. */
static inline void list_remove(struct list *node)
{
	node->prev->next = node->next;
	node->next->prev = node->prev;
	list_init(node);
}

size_t list_count(const struct list *l);

#define list_entry(node, type, member) container_of(node, type, member)
#define list_first(l, type, member)                                            \
	(list_is_empty(l) ? NULL : list_entry((l)->next, type, member))
#define list_last(l, type, member)                                             \
	(list_is_empty(l) ? NULL : list_entry((l)->prev, type, member))
#define list_each(var, l, member)                                              \
	for ((var) = list_entry((l)->next, __typeof__(*(var)), member);        \
	     &(var)->member != (l); (var) = list_entry((var)->member.next,     \
	                                __typeof__(*(var)), member))
/* As list_each; the current element may be removed or freed. */
#define list_each_safe(var, tmp, l, member)                                    \
	for ((var) = list_entry((l)->next, __typeof__(*(var)), member),        \
	    (tmp) =                                                            \
	         list_entry((var)->member.next, __typeof__(*(var)), member);   \
	     &(var)->member != (l); (var) = (tmp),                             \
	    (tmp) =                                                            \
	         list_entry((tmp)->member.next, __typeof__(*(tmp)), member))

#endif
