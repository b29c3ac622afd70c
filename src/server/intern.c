/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * intern.c - numbers of identifiers the record does not know yet.
 *
 * Entered by the intake alone, on the loop. A number is never given twice, not
 * even when the post that wanted it failed: numbers are cheap, a person who is
 * taken for somebody else is not.
 */
#include "server/intern.h"

#include "base/buf.h"
#include "base/mem.h"

#define NOT_LOGGED UINT64_MAX

struct interned {
	struct list link;
	uint64_t number;
	uint64_t seq; /* where the log has it */
	char *text;   /* key in by_text */
	size_t len;
};

static void put_key(struct buf *key, const struct presented_text *by)
{
	buf_addf(key, "%u ", (unsigned)by->kind);
	buf_add_str(key, by->value);
}

static void forget(struct intern *in, struct interned *e)
{
	map_remove_text(&in->by_text, (struct str){ e->text, e->len });
	list_remove(&e->link);
	in->count--;
	mem_free(e->text);
	mem_free(e);
}

void intern_init(struct intern *in, uint64_t next)
{
	*in = (struct intern){ .next = next };
	list_init(&in->oldest);
}

void intern_done(struct intern *in)
{
	struct interned *e;

	while ((e = list_first(&in->oldest, struct interned, link)) != NULL)
		forget(in, e);
	map_done(&in->by_text);
}

bool intern_is_full(const struct intern *in)
{
	return in->count >= INTERN_MAX;
}

uint64_t intern_number(struct intern *in, const struct presented_text *by)
{
	struct buf key = { 0 };
	struct interned *e;

	put_key(&key, by);
	e = map_find_text(&in->by_text, buf_str(&key));
	if (e == NULL) {
		e = new_of(struct interned);
		e->number = in->next++;
		e->seq = NOT_LOGGED;
		e->len = key.len;
		e->text = buf_take(&key);
		map_put_text(&in->by_text, (struct str){ e->text, e->len }, e);
		list_push(&in->oldest, &e->link);
		in->count++;
	}
	buf_done(&key);
	return e->number;
}

void intern_logged(struct intern *in, uint64_t seq)
{
	struct list *node = in->oldest.prev;

	/* Only the newest can be without a place: walk back from the end. */
	while (node != &in->oldest) {
		struct interned *e = list_entry(node, struct interned, link);

		if (e->seq != NOT_LOGGED)
			break;
		e->seq = seq;
		node = node->prev;
	}
}

void intern_forget(struct intern *in, uint64_t seq)
{
	struct interned *e;

	while ((e = list_first(&in->oldest, struct interned, link)) != NULL &&
	       e->seq <= seq)
		forget(in, e);
}
