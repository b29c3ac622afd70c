/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * session.h - message peers: who they are, what they still have to be told.
 *
 *   NEW --login--> LOGGING_IN --sign-in posted--> IN --logout, gone--> freed
 *                      | refused: back to NEW
 *
 * A session is found by its peer's handle or by its agent, never kept over a
 * wait. While a snapshot is being gathered (`syncing`) its frames are held
 * back, so that nothing older than the snapshot follows it.
 */
#ifndef USHER_API_SESSION_H
#define USHER_API_SESSION_H

#include "api/room.h"
#include "base/crypto.h"

#define ID_MAX_BYTES      64
#define ANSWERS_MAX       256 /* commands remembered */
#define MESSAGES_A_MINUTE 600
#define HELD_BYTES_MAX    ((size_t)1024 * 1024)

/* WebSocket close codes of ours (RFC 6455 leaves 4000-4999 to us). */
#define CLOSE_NORMAL   1000
#define CLOSE_CONFLICT 4409
#define CLOSE_DENIED   4403
#define CLOSE_SILENT   4408
#define CLOSE_BEHIND   4413

enum session_kind { SESSION_LINES, SESSION_WEBSOCKET, SESSION_CONTROL };
enum session_state { SESSION_NEW, SESSION_LOGGING_IN, SESSION_IN };

/* What a command with this id was answered: it is not executed twice. */
struct answer {
	char id[ID_MAX_BYTES + 1];
	uint64_t content; /* digest64 of the command */
	char *text;       /* NULL: still under way */
	bool used;
};

struct session {
	struct api *api;
	struct list link; /* in api.sessions */
	struct peer peer;
	enum session_kind kind;
	enum session_state state;
	char name[NAME_MAX_BYTES + 1]; /* author of what it does */
	enum role person_role;         /* as the record of people says */
	struct agent_id agent;         /* 0: no agent of the config */
	uint64_t number;               /* of the sign-in; 0: none */
	uint8_t token[SHA256_BYTES];   /* digest of what it came in with */
	bool has_token;
	bool closing; /* nothing more is heard or said */
	msec_t opened;
	msec_t heard;    /* when it last said something */
	msec_t minute;   /* start of the minute that is counted */
	unsigned spoken; /* messages in it */
	bool syncing;
	uint64_t synced;        /* told of everything up to here */
	struct buf held;        /* frames, one per line, while syncing */
	struct answer *answers; /* ANSWERS_MAX, made at the first command */
	unsigned next_answer;
};

struct session *session_open(
    struct api *a, struct peer p, enum session_kind kind);
/* Forgets it; whoever was signed in is reported gone to the router. */
void session_gone(struct session *s);
void sessions_free(struct api *a); /* all, telling nobody */
struct session *session_find(struct api *a, struct peer p);
struct session *session_of_agent(struct api *a, struct agent_id agent);

/* What it may do now: the person's role, raised by the config's word. */
enum role session_role(const struct session *s);
/* The role somebody has who is both in the record and in the config. */
enum role effective_role(
    const struct world *w, struct agent_id agent, enum role person);

/* Makes it the agent's one session; an older one gets `conflict`. */
void session_take_agent(struct session *s, struct agent_id agent);
/* Closes it; the router hears of it when the peer has gone. */
void session_cut(struct session *s, unsigned code, const char *why);
/* The same when the router knows already that the agent is no longer here. */
void session_end(struct session *s, unsigned code, const char *why);

/* Frames, one per line, of an event (`seq`) or of nothing durable (0). */
void session_send(struct session *s, uint64_t seq, struct str frames);
/* Ends the holding back: sends what waits. */
void session_synced(struct session *s);

/* It said something: it lives, and it is counted. */
void session_heard(struct session *s);
bool session_is_too_fast(const struct session *s); /* this minute */
/* Cuts lines that have been silent, and strangers who have not signed in,
 * for SILENCE_MS. */
void sessions_sweep(struct api *a);

/* NULL: never seen. Else what is known of it. */
struct answer *answer_find(struct session *s, struct str id);
void answer_begin(struct session *s, struct str id, uint64_t content);
/* Keeps a copy. No effect when the id has been forgotten meanwhile. */
void answer_finish(struct session *s, struct str id, struct str text);
/* The command was refused before it did anything: it may come again. */
void answer_forget(struct session *s, struct str id);

#endif
