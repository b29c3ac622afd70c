/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * channel.h - bytes of customers and switches to inputs, and orders back.
 *
 * One const table (struct channel_ops) per medium; the server knows them only
 * by it. A channel posts through the inlet, reads the world and the record,
 * writes to peers (held back until committed by the net), and reports every
 * order's result as an input. It decides nothing.
 */
#ifndef USHER_CHANNEL_CHANNEL_H
#define USHER_CHANNEL_CHANNEL_H

#include "model/inlet.h"
#include "model/order.h"
#include "model/world.h"
#include "net/rows.h"

struct curl_room;
struct loop;
struct store;
struct work;

/* What a channel may use; lives as long as the channels. */
struct channel_env {
	struct loop *loop;
	struct net *net;
	struct store *store;
	struct work *work;
	struct curl_room *curl;
	const struct inlet *inlet;
	/* world and the rules in it change under the loop's feet: read anew
	 * each time, keep nothing */
	const struct world *const *world;
	const char *mime_helper; /* path of usher-mime */
	const char *data_dir;
};

struct channel_ops {
	const char *name; /* "chat", "mail", "phone" */
	int (*start)(
	    const struct channel_env *env, void **out, struct fault *why);
	void (*stop)(void *room);
	/* HTTP endpoints, called with the room; count 0: none. */
	const struct http_row *rows;
	size_t row_count;
	/* NET_LINES listeners of LISTENER_GATEWAY speak to this one; NULL for
	 * other channels. `arg` of the app is the room. */
	const struct net_app *gateway_app;
	/* A message peer that was upgraded from one of `rows`; true: mine. */
	bool (*message)(void *room, struct peer p, struct str text);
	void (*gone)(void *room, struct peer p, enum net_gone why);
	/* Every committed event, in order: feed streams from here. */
	void (*on_event)(void *room, const struct event *e);
	/* Orders of these kinds are this channel's to perform (bit per
	 * order_kind). `again`: owed from before a restart. The result must
	 * come back as INPUT_RESULT or as the CALL input it leads to. */
	uint32_t orders;
	void (*perform)(void *room, const struct order *o, bool again);
	/* New rules are active. */
	void (*on_rules)(void *room);
	/* The agent of this contact types; nothing durable. May be NULL. */
	void (*typing)(void *room, struct contact_id contact);
};

extern const struct channel_ops channel_chat;
extern const struct channel_ops channel_mail;
extern const struct channel_ops channel_phone;

#endif
