/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * doors.c - listeners, and the way from a request to the room it is for.
 *
 * Entered at start and by reloads; the net calls the functions of the pages'
 * app for each request. Nothing is understood here: rows say whose a path is,
 * and a message peer belongs to whoever says so first.
 */
#include "server/doors.h"

#include <stdio.h>

#include "base/check.h"
#include "base/log.h"
#include "base/mem.h"
#include "server/proxy.h"

#define ADDRESS_MAX 256

struct door {
	enum listener_use use;
	bool tls;
	char *address;
	char *cert_file;
	struct net_listener *listener;
	bool shared; /* with the doors before, while this is a plan */
};

struct doors {
	struct door *items;
	size_t count;
};

/* ---- the pages' app ------------------------------------------------------ */

static size_t tables_of(const struct server *s, struct http_table *out)
{
	size_t count = 0;
	size_t i;

	out[count++] = api_http(s->api);
	for (i = 0; i < s->room_count; i++) {
		const struct channel_ops *ops = s->rooms[i].ops;

		if (ops->row_count == 0)
			continue;
		out[count++] = (struct http_table){ ops->rows, ops->row_count,
			s->rooms[i].arg };
	}
	return count;
}

static size_t on_body_limit(void *arg, const struct http_request *head)
{
	struct http_table tables[ROOMS_MAX + 1];
	size_t count = tables_of(arg, tables);

	return rows_body_limit(tables, count, head);
}

static void on_request(void *arg, struct peer p, const struct http_request *rq)
{
	struct server *s = arg;
	struct http_table tables[ROOMS_MAX + 1];
	size_t count = tables_of(s, tables);
	struct http_request seen;

	/* Only a listed proxy is believed about who is behind it (law 9). */
	if (proxy_sees(&s->running->config->setup, rq, &seen))
		rq = &seen;
	rows_dispatch(tables, count, s->net, p, rq);
}

static void on_message(void *arg, struct peer p, struct str text)
{
	struct server *s = arg;
	size_t i;

	if (api_message(s->api, p, text))
		return;
	for (i = 0; i < s->room_count; i++)
		if (s->rooms[i].ops->message != NULL &&
		    s->rooms[i].ops->message(s->rooms[i].arg, p, text))
			return;
}

static void on_gone(void *arg, struct peer p, enum net_gone why)
{
	struct server *s = arg;
	size_t i;

	api_gone(s->api, p, why);
	for (i = 0; i < s->room_count; i++)
		if (s->rooms[i].ops->gone != NULL)
			s->rooms[i].ops->gone(s->rooms[i].arg, p, why);
}

/* ---- listening ----------------------------------------------------------- */

static struct net_app gateway_app(const struct server *s)
{
	struct net_app app = { 0 };
	size_t i;

	for (i = 0; i < s->room_count; i++)
		if (s->rooms[i].ops->gateway_app != NULL) {
			app = *s->rooms[i].ops->gateway_app;
			app.arg = s->rooms[i].arg;
			break;
		}
	return app;
}

static struct net_listen how_to_listen(
    struct server *s, const struct config_listener *l)
{
	struct net_listen how = { .tongue = NET_LINES, .class = NET_AGENT };

	switch (l->use) {
	case LISTENER_PAGES:
		how.tongue = NET_HTTP;
		how.class = NET_CUSTOMER;
		how.app = (struct net_app){ .arg = s,
			.body_limit = on_body_limit,
			.request = on_request,
			.message = on_message,
			.gone = on_gone };
		break;
	case LISTENER_AGENTS:
		how.app = api_agent_app(s->api);
		break;
	case LISTENER_GATEWAY:
		how.class = NET_GATEWAY;
		how.app = gateway_app(s);
		break;
	case LISTENER_CONTROL:
		how.app = api_control_app(s->api);
		break;
	}
	if (l->tls && !s->memory) {
		how.cert_file = l->cert_file;
		how.key_file = l->key_file;
	}
	return how;
}

static int listen_at(struct server *s, const struct config_listener *l,
    struct net_listener **out, struct fault *why)
{
	struct net_listen how = how_to_listen(s, l);
	char address[ADDRESS_MAX];
	const char *scheme = l->use == LISTENER_CONTROL ? "unix:" : "";

	if (snprintf(address, sizeof(address), "%s%s", scheme, l->address) >=
	    (int)sizeof(address))
		return fault_set(why, ERR_INVALID,
		    "the address to listen at is too long: %s", l->address);
	how.address = s->memory ? "memory:" : address;
	return net_listen(s->net, &how, out, why);
}

static bool same_text(const char *a, const char *b)
{
	return str_eq(str_of(a), str_of(b));
}

/* The door that is open there already, or NULL. */
static struct door *open_door(
    const struct server *s, const struct config_listener *l)
{
	size_t i;

	for (i = 0; s->doors != NULL && i < s->doors->count; i++) {
		struct door *d = &s->doors->items[i];

		if (d->use == l->use && same_text(d->address, l->address))
			return d;
	}
	return NULL;
}

static int plan_door(struct server *s, const struct config_listener *l,
    struct door *out, struct fault *why)
{
	struct door *old = open_door(s, l);
	int err = 0;

	out->use = l->use;
	out->tls = l->tls;
	if (old == NULL) {
		err = listen_at(s, l, &out->listener, why);
	} else if (old->tls != l->tls ||
	           !same_text(old->cert_file, l->cert_file)) {
		/* A socket cannot be bound twice, and the listener knows its
		 * files by name. */
		err = fault_set(why, ERR_INVALID,
		    "%s: TLS cannot be changed while running; keep the names "
		    "and replace the files, or restart",
		    l->address);
	} else {
		out->listener = old->listener;
		out->shared = true;
	}
	if (err != 0)
		return err;
	out->address = mem_text(l->address);
	out->cert_file = mem_text(l->cert_file == NULL ? "" : l->cert_file);
	return 0;
}

static void plan_free(struct doors *plan)
{
	size_t i;

	for (i = 0; i < plan->count; i++) {
		mem_free(plan->items[i].address);
		mem_free(plan->items[i].cert_file);
	}
	mem_free(plan->items);
	mem_free(plan);
}

int doors_plan(struct server *s, const struct config_setup *setup,
    struct doors **out, struct fault *why)
{
	struct doors *plan = new_of(struct doors);
	size_t i;
	int err = 0;

	plan->items = new_array(struct door, setup->listener_count + 1);
	for (i = 0; err == 0 && i < setup->listener_count; i++) {
		err = plan_door(s, &setup->listeners[i], &plan->items[i], why);
		if (err == 0)
			plan->count++;
	}
	if (err != 0) {
		doors_drop(s, plan);
		return err;
	}
	*out = plan;
	return 0;
}

void doors_drop(struct server *s, struct doors *plan)
{
	size_t i;

	(void)s;
	for (i = 0; i < plan->count; i++)
		if (!plan->items[i].shared)
			net_unlisten(plan->items[i].listener);
	plan_free(plan);
}

static bool is_in(const struct doors *plan, const struct net_listener *l)
{
	size_t i;

	for (i = 0; i < plan->count; i++)
		if (plan->items[i].listener == l)
			return true;
	return false;
}

void doors_take(struct server *s, struct doors *plan)
{
	struct doors *old = s->doors;
	size_t i;

	for (i = 0; old != NULL && i < old->count; i++)
		if (!is_in(plan, old->items[i].listener))
			net_unlisten(old->items[i].listener);
	for (i = 0; i < plan->count; i++)
		plan->items[i].shared = false;
	if (old != NULL)
		plan_free(old);
	s->doors = plan;
}

void doors_renew_tls(struct server *s)
{
	size_t i;

	for (i = 0; !s->memory && i < s->doors->count; i++) {
		struct door *d = &s->doors->items[i];
		struct fault why = { 0 };

		if (d->tls && net_renew_tls(d->listener, &why) != 0)
			log_warn("doors",
			    "msg=certificate-kept address=%s "
			    "why=\"%s\"",
			    d->address, why.text);
	}
}

void doors_close(struct server *s)
{
	struct doors *none = new_of(struct doors);

	none->items = new_array(struct door, 1);
	doors_take(s, none);
}

void doors_free(struct server *s)
{
	if (s->doors == NULL)
		return;
	doors_close(s);
	plan_free(s->doors);
	s->doors = NULL;
}

struct net_listener *doors_find(const struct server *s, enum listener_use use)
{
	size_t i;

	for (i = 0; s->doors != NULL && i < s->doors->count; i++)
		if (s->doors->items[i].use == use)
			return s->doors->items[i].listener;
	return NULL;
}
