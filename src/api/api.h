/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * api.h - what people and programs may ask of the house.
 *
 * Commands are rows: name, roles, fields, handler. The same rows serve agents
 * (lines over TLS and WebSocket), usherctl (UNIX socket) and, where it makes
 * sense, HTTP. Handlers post inputs, read the world and the record; they
 * decide nothing.
 */
#ifndef USHER_API_API_H
#define USHER_API_API_H

#include "model/inlet.h"
#include "model/world.h"
#include "net/rows.h"

struct api;
struct loop;
struct store;
struct work;

/* What only the server can do, asked for by admin commands. Each answers by
 * calling `done` once, now or later, with a JSON document or a fault. */
typedef void (*api_done_fn)(
    void *arg, struct str json, const struct fault *fault);
struct api_host {
	void *arg;
	void (*reload)(void *arg, bool dry_run, const char *author,
	    api_done_fn done, void *done_arg);
	void (*try_contact)(void *arg, struct str what, struct str at,
	    api_done_fn done, void *done_arg);
	void (*backup)(
	    void *arg, struct str dir, api_done_fn done, void *done_arg);
	/* version, uptime, config digest, store status, net counters */
	void (*status)(void *arg, api_done_fn done, void *done_arg);
	/* losers of a contact's last offer, or of now: route/explain run on
	 * a world rebuilt at that seq, off the loop */
	void (*why)(void *arg, struct contact_id contact, api_done_fn done,
	    void *done_arg);
};

struct api_env {
	struct loop *loop;
	struct net *net;
	struct store *store;
	struct work *work;
	const struct inlet *inlet;
	const struct world *const *world; /* read anew each time */
	const struct api_host *host;
	const char *web_dir; /* static pages; NULL: none */
	const char *version; /* of the program; NULL: not told */
};

struct api *api_new(const struct api_env *env);
/* Answers that store, work or host still owe are given up: none of them may
 * call back after this. */
void api_free(struct api *a);

/* HTTP rows (login, REST reads, static pages, /agent WebSocket upgrade). */
struct http_table api_http(struct api *a);
/* Line listeners: agents (must log in) and control (UNIX socket, admin). */
struct net_app api_agent_app(struct api *a);
struct net_app api_control_app(struct api *a);
/* A message peer upgraded by one of api_http()'s rows; true: mine. */
bool api_message(struct api *a, struct peer p, struct str text);
void api_gone(struct api *a, struct peer p, enum net_gone why);
/* Every committed event, in order: frames for those it concerns. */
void api_on_event(struct api *a, const struct event *e);
/* The customer of this contact types: told to its agent at once. */
void api_typing(struct api *a, struct contact_id contact);

#endif
