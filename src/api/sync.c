/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sync.c - what a session has missed: frames from the ring, or a snapshot.
 *
 * Entered by the login. A snapshot is true as of the seq it was begun at: its
 * contacts are read as of that seq, frames of later events wait behind it, and
 * frames of earlier ones are never sent.
 */
#include "api/sync.h"

#include "api/frame.h"
#include "api/offers.h"
#include "api/show.h"
#include "base/mem.h"
#include "store/store.h"

#define CONTACTS_MAX 64
/* Of all messages in one snapshot: it must stay under the limit of what may
 * wait for one peer. The `contact` command has the rest. */
#define MESSAGES_BYTES_MAX ((size_t)512 * 1024)

/* ---- resume --------------------------------------------------------------- */

/* The open offer comes afterwards: it needs the record. */
static void send_missed(void *arg, const struct event *e)
{
	struct session *s = arg;
	struct buf frame = { 0 };

	if (frame_of_event(api_world(s->api), e, &frame))
		session_send(s, e->seq, buf_str(&frame));
	buf_done(&frame);
}

static void resume(struct session *s, uint64_t last_seq)
{
	struct api *a = s->api;
	const struct agent *agent = world_agent(api_world(a), s->agent);
	struct buf frame = { 0 };
	struct event made;

	ring_each(&a->ring, last_seq, s->agent, send_missed, s);
	s->synced = a->ring.last;
	frame_resumed(&frame, s->synced);
	session_send(s, 0, buf_str(&frame));
	buf_done(&frame);
	/* One that is not committed yet comes with its commit. */
	if (agent != NULL && agent->offer != NULL &&
	    ring_find_offer(&a->ring, agent->offer->id, &made))
		offer_tell(a, agent->offer->id);
}

/* ---- snapshot ------------------------------------------------------------- */

struct part { /* one contact, written as far as it is known */
	struct snapshot *of;
	struct buf out;
	struct json_writer w;
};

struct snapshot {
	struct ask ask;
	struct api *api;
	struct peer peer;
	struct buf head; /* up to the contacts, open */
	struct json_writer w;
	struct buf offer; /* empty: none */
	size_t count, waiting;
	struct part parts[];
};

static void drop(struct ask *k)
{
	struct snapshot *n = container_of(k, struct snapshot, ask);
	size_t i;

	ask_close(&n->ask);
	for (i = 0; i < n->count; i++)
		buf_done(&n->parts[i].out);
	buf_done(&n->head);
	buf_done(&n->offer);
	mem_free(n);
}

static void send_snapshot(struct snapshot *n)
{
	struct session *s = session_find(n->api, n->peer);
	size_t i;

	jw_key(&n->w, "contacts");
	jw_array(&n->w);
	for (i = 0; i < n->count; i++)
		jw_raw(&n->w, buf_str(&n->parts[i].out));
	jw_end(&n->w);
	jw_key(&n->w, "offer");
	if (n->offer.len > 0)
		jw_raw(&n->w, buf_str(&n->offer));
	else
		jw_null(&n->w);
	jw_end(&n->w);
	if (s != NULL && !s->closing) {
		net_send(n->api->env.net, n->peer, buf_str(&n->head));
		session_synced(s);
	}
	drop(&n->ask);
}

/* The last answer sends it, whichever that is. */
static void one_less(struct snapshot *n)
{
	n->waiting--;
	if (n->waiting == 0)
		send_snapshot(n);
}

/* The youngest messages that fit, in order; says so when some do not. */
static void write_messages(
    struct json_writer *w, const struct json *messages, size_t budget)
{
	size_t first = json_count(messages);
	size_t bytes = 0;
	size_t i;

	while (first > 0) {
		const struct json *m = json_at(messages, first - 1);

		bytes += 256 + json_str(json_get(m, "text")).n;
		if (bytes > budget)
			break;
		first--;
	}
	jw_key(w, "history");
	jw_array(w);
	for (i = first; i < json_count(messages); i++)
		jw_json(w, json_at(messages, i));
	jw_end(w);
	jw_kbool(w, "cut", first > 0);
}

static void write_record(struct part *p, const struct json *record)
{
	static const char *const names[] = { "subject", "facts",
		"identifiers" };
	size_t i;

	for (i = 0; i < countof(names); i++) {
		const struct json *v = json_get(record, names[i]);

		if (v == NULL)
			continue;
		jw_key(&p->w, names[i]);
		jw_json(&p->w, v);
	}
	write_messages(&p->w, json_get(record, "messages"),
	    MESSAGES_BYTES_MAX / p->of->count);
}

/* Without the events: they would not be shown, only read. */
static int parse_record(struct str text, struct json **out)
{
	struct buf brief = { 0 };
	struct json_writer w;
	int err;

	jw_init(&w, &brief);
	show_record(&w, text);
	/* One string may be a whole mail. */
	err = json_parse(buf_str(&brief), MESSAGES_BYTES_MAX, out, NULL);
	buf_done(&brief);
	return err;
}

static void on_contact(void *arg, int err, struct str text)
{
	struct part *p = arg;
	struct json *record = NULL;

	if (err == 0)
		err = parse_record(text, &record);
	if (err == 0)
		write_record(p, record);
	else
		jw_kbool(&p->w, "cut", true);
	json_free(record);
	jw_end(&p->w);
	one_less(p->of);
}

static void on_offer(void *arg, struct str frame)
{
	struct snapshot *n = arg;

	buf_add_str(&n->offer, frame);
	one_less(n);
}

static void ask_contact(struct part *p, const struct contact *c)
{
	struct api *a = p->of->api;
	const struct world *world = api_world(a);
	struct read what = {
		.kind = READ_CONTACT, .seq = world->seq, .contact = c->id
	};
	int err;

	jw_init(&p->w, &p->out);
	jw_object(&p->w);
	show_contact_members(&p->w, world, c, api_now(a));
	err = store_read(a->env.store, &what, on_contact, p);
	if (err != 0)
		on_contact(p, err, STR_NONE);
}

static size_t count_contacts(const struct agent *agent)
{
	size_t count = agent == NULL ? 0 : list_count(&agent->contacts);

	return count < CONTACTS_MAX ? count : CONTACTS_MAX;
}

static struct snapshot *snapshot_new(struct session *s, size_t count)
{
	struct snapshot *n = mem_new(sizeof(*n) + count * sizeof(n->parts[0]));
	size_t i;

	n->api = s->api;
	n->peer = s->peer;
	n->count = count;
	for (i = 0; i < count; i++)
		n->parts[i].of = n;
	ask_open(s->api, &n->ask, drop);
	return n;
}

static void write_head(struct snapshot *n, const struct agent *agent)
{
	const struct world *world = api_world(n->api);

	jw_init(&n->w, &n->head);
	jw_object(&n->w);
	jw_ktext(&n->w, "type", "snapshot");
	jw_ku64(&n->w, "seq", world->seq);
	show_time(&n->w, "at", world, api_now(n->api));
	jw_key(&n->w, "agent");
	if (agent != NULL)
		show_agent(&n->w, world, agent, true);
	else
		jw_null(&n->w);
}

/* From here until it is sent, later frames wait in s->held. */
static void take_snapshot(struct session *s)
{
	struct api *a = s->api;
	const struct agent *agent = world_agent(api_world(a), s->agent);
	size_t count = count_contacts(agent);
	struct snapshot *n = snapshot_new(s, count);
	const struct contact *c;
	size_t i = 0;

	s->syncing = true;
	s->synced = api_world(a)->seq;
	write_head(n, agent);
	/* The extra one keeps it whole until everything has been asked. */
	n->waiting = count + 1;
	if (agent != NULL && agent->offer != NULL) {
		n->waiting++;
		offer_frame(a, agent->offer->id, on_offer, n);
	}
	if (agent != NULL)
		list_each(c, &agent->contacts, in_owner)
			if (i < count)
				ask_contact(&n->parts[i++], c);
	one_less(n);
}

void sync_start(struct session *s, uint64_t last_seq)
{
	if (last_seq > 0 && id_is_set(s->agent) &&
	    ring_reaches(&s->api->ring, last_seq))
		resume(s, last_seq);
	else
		take_snapshot(s);
}
