/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * door.h - what the channels share: doors of the config, keys, results.
 *
 * A door is a `channel` or `gateway` block. Everything is looked up anew in
 * the world each time; nothing found here is kept.
 */
#ifndef USHER_CHANNEL_DOOR_H
#define USHER_CHANNEL_DOOR_H

#include "channel/channel.h"
#include "model/inlet.h"

/* The block of that name and channel, or NULL. */
const struct rule_entrance *door_find(
    const struct world *w, struct str name, enum channel channel);
/* The block a contact came in by, or NULL when it left the config. */
const struct rule_entrance *door_of(
    const struct world *w, const struct contact *c);
/* A brand's text in the language: the channel's own ("greeting.chat"), else
 * the one for all; NULL: none. */
const char *door_text(const struct world *w, const struct rule_entrance *door,
    const char *name, struct str language);

/* A contact that is in the world and has not ended, or NULL. */
const struct contact *door_live(
    const struct world *w, struct contact_id contact);
/* May this peer come in without a token: a door without a token file, and a
 * peer of this machine? */
bool door_is_local(const struct rule_entrance *door, struct str address);

/* Which contact came with this key within seven days; 0: none. */
struct contact_id door_contact_of_key(const struct world *w,
    enum channel channel, struct str door, struct str key);

/* Object of texts -> attributes, at most ATTRIBUTES_MAX. */
void door_take_attributes(const struct json *object, struct arrival *a);
/* Adds an identifier unless it is empty or there are too many. */
void door_present(struct arrival *a, enum identifier_kind kind,
    enum level level, struct str value);

/* The result of an order, unless it is settled already. */
void door_settle(
    const struct channel_env *env, const struct order *o, int64_t code);
bool door_is_owed(const struct channel_env *env, const struct order *o);
/* The customer of a contact has gone. */
int door_leave(const struct channel_env *env, struct contact_id contact,
    enum end_reason reason);

/* Peers as keys of a map. */
uint64_t door_peer_key(struct peer p);
bool door_same_peer(struct peer a, struct peer b);

#endif
