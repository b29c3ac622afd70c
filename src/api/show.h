/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * show.h - objects of the world as JSON, for people and programs.
 *
 * Each writes one whole JSON object. Times are RFC 3339 in UTC, ids are their
 * letter and number, named things also carry their name. The shapes are in
 * doc/schema/agent-protocol.schema.json.
 */
#ifndef USHER_API_SHOW_H
#define USHER_API_SHOW_H

#include "base/json.h"
#include "model/world.h"

/* "name":"2026-11-22T02:44:31.123Z"; router time 0 (never) is null. */
void show_time(struct json_writer *w, const char *name,
    const struct world *world, msec_t router_time);
/* "agent":"a3","name":"maria" under other keys; null for nobody. */
void show_agent_name(struct json_writer *w, const char *name,
    const struct world *world, struct agent_id id);
void show_queue_name(struct json_writer *w, const char *name,
    const struct world *world, struct queue_id id);
void show_language(struct json_writer *w, uint16_t packed);

/* `whole`: with the skills, which cost a look at each skill there is. */
void show_agent(struct json_writer *w, const struct world *world,
    const struct agent *a, bool whole);
void show_queue(struct json_writer *w, const struct world *world,
    const struct queue *q, msec_t now);
void show_contact(struct json_writer *w, const struct world *world,
    const struct contact *c, msec_t now);
/* The same into an object that is open already. */
void show_contact_members(struct json_writer *w, const struct world *world,
    const struct contact *c, msec_t now);
/* The record's answer about a contact without its events, which are for whoever
 * looks closely (`show`), and long. */
void show_record(struct json_writer *w, struct str record);
/* An array of everything that wins over the config, with author and end. */
void show_overrides(struct json_writer *w, const struct world *world);

#endif
