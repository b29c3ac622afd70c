/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * inlet.h - the one door upstairs, handed down at start.
 *
 * Channels and the API turn bytes into inputs and post them here; the server
 * stands behind it. post() decides at once: when it returns 0, the events are
 * in the world and in the turn's batch, and whatever is written to a peer from
 * then on leaves only after their commit (net.h, "mark").
 */
#ifndef USHER_MODEL_INLET_H
#define USHER_MODEL_INLET_H

#include "model/expr.h"
#include "model/input.h"

#define ATTRIBUTES_MAX 32

struct presented_text { /* an identifier as the outside wrote it */
	enum identifier_kind kind;
	enum level level;
	struct str value; /* normalised: E.164, lower-case mail, ... */
};

/* A contact as a channel presents it: text still in it. The intake resolves
 * the identifiers (reader thread), tests the rules' text conditions and posts
 * an ARRIVE or, with `contact` set, a PARSED. */
struct arrival {
	enum channel channel;
	struct str entrance; /* name of the channel or gateway block */
	/* Idempotency key, unique within its door; empty: none. The world
	 * knows it as the digest64 of put_u64(channel), put_str(entrance),
	 * put_str(key). */
	struct str key;
	struct contact_id contact; /* PARSED: the contact it belongs to */
	bool unparsed;             /* raw mail, `raw` names its file */
	bool failed;               /* PARSED: could not be read */
	struct presented_text by[IDENTIFIERS_MAX];
	size_t by_count;
	struct str name, language, dialled, subject, text;
	struct str from, to, message_id, raw, call;
	struct attribute attributes[ATTRIBUTES_MAX];
	size_t attribute_count;
	struct queue_id queue; /* internal requests: straight to this queue */
	/* Set: this agent starts it (START_CONTACT instead of ARRIVE). */
	struct agent_id agent;
};

typedef void (*arrive_done_fn)(void *arg, const struct outcome *out);

struct inlet {
	void *host;
	/*
	 * Stamps the time, decides, applies, appends. `payload` is a JSON text
	 * (doc/payloads.md) or empty. Returns out->err. Everything borrowed.
	 */
	int (*post)(void *host, struct input *in, struct str payload,
	    struct outcome *out);
	/* Copies what it needs; `done` comes later, on the loop, exactly once,
	 * unless an error is returned here (ERR_BUSY: law 11, refuse). */
	int (*arrive)(void *host, const struct arrival *a, arrive_done_fn done,
	    void *arg);
	/* Somebody types in a contact; nothing durable. Told to the other side
	 * at once (channel_ops.typing and the agents' sessions). May be NULL. */
	void (*typing)(void *host, struct contact_id contact, enum author who);
};

#endif
