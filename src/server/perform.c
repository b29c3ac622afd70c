/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * perform.c - committed events out to whoever waits for them.
 *
 * Entered by the store's pump only, so nothing here can happen before its
 * commit. A channel may post from inside: that is why orders are copied before
 * they are handed over, and why nothing is walked while it is.
 */
#include "server/perform.h"

#include "base/check.h"
#include "base/log.h"
#include "base/mem.h"
#include "server/intake.h"

static const struct room *room_for(const struct server *s, enum order_kind kind)
{
	size_t i;

	for (i = 0; i < s->room_count; i++)
		if (s->rooms[i].ops->orders & (UINT32_C(1) << kind))
			return &s->rooms[i];
	return NULL;
}

/* Nobody can do it: said as a result, or it would be owed for ever. */
static void refuse(struct server *s, const struct order *o)
{
	struct input in = { .kind = INPUT_RESULT, .contact = o->contact };

	in.result.order = o->id;
	in.result.code = ERR_UNSUPPORTED;
	log_warn("perform", "msg=no-channel order=%s id=%llu",
	    order_kind_word(o->kind), (unsigned long long)o->id);
	(void)intake_post(s, &in, STR_NONE, NULL);
}

static void perform(struct server *s, uint64_t id, bool again)
{
	const struct order *owed = map_find(&s->world->orders, id);
	const struct room *room;
	struct order o;

	/* Settled between its decision and its commit: nothing to do. */
	if (owed == NULL)
		return;
	o = *owed;
	list_init(&o.link);
	room = room_for(s, o.kind);
	if (room == NULL)
		refuse(s, &o);
	else
		room->ops->perform(room->arg, &o, again);
}

void perform_committed(void *arg, const struct event *e)
{
	struct server *s = arg;
	size_t i;

	api_on_event(s->api, e);
	for (i = 0; i < s->room_count; i++)
		if (s->rooms[i].ops->on_event != NULL)
			s->rooms[i].ops->on_event(s->rooms[i].arg, e);
	if (e->kind == EV_ORDER_OWED)
		perform(s, e->seq, false);
}

void perform_owed(struct server *s)
{
	struct order *o;
	uint64_t *ids;
	size_t count = 0;
	size_t i;

	ids = new_array(uint64_t, list_count(&s->world->order_list) + 1);
	list_each(o, &s->world->order_list, link)
		if (o->id <= s->recovered)
			ids[count++] = o->id;
	for (i = 0; i < count; i++)
		perform(s, ids[i], true);
	if (count > 0)
		log_info("perform", "msg=owed-again orders=%zu", count);
	mem_free(ids);
}
