/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * people.h - who talks to the simulated server: agents, customers, a gateway.
 *
 * Each keeps its own notes of what the server acknowledged; people_check()
 * holds the server to them.
 */
#ifndef USHER_SIM_PEOPLE_H
#define USHER_SIM_PEOPLE_H

#include "centre.h"

#define AGENTS    4
#define CUSTOMERS 400
#define HANDS     16

struct sim_agent {
	const char *name;
	struct line line;
	char token[128]; /* empty before the first login */
	bool signed_in;  /* the result of the login came */
	unsigned next_id;
	uint64_t offer, offered; /* open offer and its contact */
	uint64_t past;         /* an offer that was closed: no answer counts */
	uint64_t hands[HANDS]; /* contacts on the screen */
	unsigned hand_count;
	uint64_t last_seq; /* of frames; must never go back */
	unsigned said_key; /* of what was said last, and to whom */
	uint64_t said_to, said_as;
};

/* One request for help by chat, and what became of it. */
struct sim_customer {
	struct line line;
	unsigned key;     /* idempotency key of the contact */
	bool sent;        /* the request may have arrived */
	uint64_t contact; /* acknowledged as this */
	char token[256];
};

struct sim_call {
	unsigned number;
	bool here; /* the switch has it */
	uint64_t contact;
	uint64_t offer;
};
#define CALLS 60

struct people {
	struct centre *centre;
	struct sim_agent agents[AGENTS];
	struct sim_customer *customers;
	unsigned customer_count;
	struct line gateway;
	bool connected;
	struct sim_call calls[CALLS];
	unsigned call_count;
};

void people_init(struct people *p, struct centre *x);
void people_done(struct people *p);
/* The server has died: all lines with it. */
void people_cut(struct people *p);
/* Passwords for all agents, by the control line. */
void people_enrol(struct people *p);
/* One random act of somebody. */
void people_act(struct people *p);
/* Everybody reads what has come, and believes it. */
void people_read(struct people *p);
/* Faults have stopped: everybody works until nobody waits. */
void people_finish(struct people *p);
void people_check(struct people *p);
/* When all has settled and been read: each screen shows what is so. */
void people_compare(struct people *p);

#endif
