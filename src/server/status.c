/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * status.c - how the house is doing, as one JSON document.
 *
 * Entered by `usherctl status` through the API. Numbers are read where they
 * are kept; nothing is counted here.
 */
#include "base/crypto.h"
#include "base/json.h"
#include "route/route.h"
#include "server/host.h"
#include "server/intake.h"

static void write_config(struct json_writer *w, const struct rules *r)
{
	struct buf digest = { 0 };

	hex_encode(r->digest, sizeof(r->digest), &digest);
	jw_key(w, "config");
	jw_object(w);
	jw_kstr(w, "digest", buf_str(&digest));
	jw_ku64(w, "queues", r->queue_count);
	jw_ku64(w, "agents", r->agent_count);
	jw_ku64(w, "routes", r->route_count);
	jw_end(w);
	buf_done(&digest);
}

static void write_contacts(struct json_writer *w, const struct world *world)
{
	const struct tally *t = &world->tally;
	unsigned state;

	jw_key(w, "contacts");
	jw_object(w);
	jw_ku64(w, "arrived", t->arrived);
	for (state = 0; state < CONTACT_KINDS; state++)
		jw_ku64(w, contact_state_word(state), t->in_state[state]);
	jw_ku64(w, "offers", t->offers);
	jw_ku64(w, "accepted", t->accepted);
	jw_ku64(w, "messages", t->messages);
	jw_ku64(w, "orders_owed", list_count(&world->order_list));
	jw_end(w);
}

static void write_agents(struct json_writer *w, const struct world *world)
{
	uint64_t in_state[AGENT_KINDS] = { 0 };
	unsigned state;
	size_t i;

	for (i = 0; i < world->agent_count; i++)
		in_state[world->agents[i]->state]++;
	jw_key(w, "agents");
	jw_object(w);
	for (state = 0; state < AGENT_KINDS; state++)
		jw_ku64(w, agent_state_word(state), in_state[state]);
	jw_end(w);
}

static void write_store(struct json_writer *w, struct store *store)
{
	struct store_status st;

	store_status(store, &st);
	jw_key(w, "store");
	jw_object(w);
	jw_ku64(w, "appended", st.appended);
	jw_ku64(w, "committed", st.committed);
	jw_ku64(w, "followed", st.followed);
	jw_ku64(w, "checkpoint", st.checkpoint);
	jw_kint(w, "follower_lag_ms", st.follower_lag_ms);
	jw_ku64(w, "log_bytes", st.log_bytes);
	jw_ku64(w, "disk_free_bytes", st.disk_free_bytes);
	jw_kbool(w, "refusing", st.must_refuse);
	if (st.must_refuse)
		jw_ktext(w, "refuse_why", st.refuse_why);
	jw_end(w);
}

static void write_net(struct json_writer *w, struct net *net)
{
	struct net_stats st;

	net_stats(net, &st);
	jw_key(w, "net");
	jw_object(w);
	jw_ku64(w, "peers", st.peers);
	jw_ku64(w, "accepted", st.accepted);
	jw_ku64(w, "refused_address", st.refused_address);
	jw_ku64(w, "refused_limit", st.refused_limit);
	jw_ku64(w, "handshakes_failed", st.handshakes_failed);
	jw_ku64(w, "framing_errors", st.framing_errors);
	jw_ku64(w, "slow_dropped", st.slow_dropped);
	jw_ku64(w, "bytes_in", st.bytes_in);
	jw_ku64(w, "bytes_out", st.bytes_out);
	jw_ku64(w, "held", st.held);
	jw_end(w);
}

static void write_router(struct json_writer *w, const struct server *s)
{
	const struct world *world = s->world;

	jw_key(w, "router");
	jw_object(w);
	jw_ku64(w, "version", ROUTER_VERSION);
	jw_ku64(w, "seq", world->seq);
	jw_ku64(w, "epoch", world->epoch);
	jw_kint(w, "now", server_now(s));
	jw_kint(w, "next_due", world_next_due(world));
	jw_ku64(w, "arrivals_under_way", s->intake->under_way);
	jw_end(w);
}

void status_write(const struct server *s, struct buf *out)
{
	struct json_writer w;
	char wall[CLOCK_TEXT];

	clock_format(clock_wall(s->clock), wall);
	jw_init(&w, out);
	jw_object(&w);
	jw_ktext(&w, "version", server_version());
	jw_ktext(&w, "workspace", s->world->workspace);
	jw_kbool(&w, "ready", s->ready);
	jw_kint(&w, "uptime_ms", loop_now(s->loop) - s->started);
	jw_ktext(&w, "time", wall);
	write_config(&w, s->world->rules);
	write_router(&w, s);
	write_contacts(&w, s->world);
	write_agents(&w, s->world);
	write_store(&w, s->store);
	write_net(&w, s->net);
	jw_end(&w);
}
