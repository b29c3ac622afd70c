/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * check.h - from the tree to the rules: what every check_*.c shares.
 *
 * First all names are collected, so that blocks may stand in any order; then
 * each block is read by the rows of its table into its place in the rules;
 * last come the checks that need to see everything.
 */
#ifndef USHER_CONFIG_CHECK_H
#define USHER_CONFIG_CHECK_H

#include "base/map.h"
#include "config/cursor.h"

/* symbol, array, count, type of a row, what one is called, limit */
#define DEF_TABLE(X)                                                           \
	X(SKILL, skills, skill_count, struct rule_skill, "a skill", 4096)      \
	X(HOURS, hours, hours_count, struct hours, "hours", 256)               \
	X(STANDARD, standards, standard_count, struct rule_standard,           \
	    "a standard", 256)                                                 \
	X(BRAND, brands, brand_count, struct rule_brand, "a brand", 256)       \
	X(TEAM, teams, team_count, struct rule_team, "a team", 1024)           \
	X(ENTRANCE, entrances, entrance_count, struct rule_entrance,           \
	    "a channel or gateway", 1024)                                      \
	X(AGENT, agents, agent_count, struct rule_agent, "an agent", 100000)   \
	X(QUEUE, queues, queue_count, struct rule_queue, "a queue", 1024)      \
	X(SEGMENT, segments, segment_count, struct rule_segment, "a segment",  \
	    64)

#define DEF_ENUM(symbol, ...) DEF_##symbol,
enum def_kind { DEF_TABLE(DEF_ENUM) DEFS };
#undef DEF_ENUM

/* Where a name was defined. Each list is sorted by name and lies parallel to
 * the array of the rules. */
struct def {
	const struct statement *statement;
	const struct item *name;
	const struct item *rest; /* the items behind the name */
	size_t order;
};

struct defs {
	struct def *items;
	size_t count, cap;
};

struct check {
	struct arena *arena;
	struct config_notes *notes;
	struct config *config;
	struct rules *rules;
	const struct source *main; /* the first file */
	bool in_memory;            /* no file may be read but the zones' */
	struct defs defs[DEFS];
	size_t def_order;
	const struct statement *route;
	struct defs tests;
	size_t leaf_cap;
	struct map *leaf_numbers; /* canonical text -> leaf + 1 */
};

/* One row per statement a block may hold. */
#define ROW_ONCE   1u
#define ROW_BLOCK  2u /* may have a block of its own */
#define ROW_REPEAT 0u
struct row {
	const char *word;
	unsigned flags;
	void (*take)(struct check *k, struct cursor *c, void *object);
	const char *example;
};
/* Reads a block; `what` names it in notes ("a queue"). */
struct block {
	const char *what;
	const struct row *rows;
	size_t count;
};
#define BLOCK(what, rows) ((struct block){ what, rows, countof(rows) })
void check_block(
    struct check *k, const struct statement *s, struct block b, void *object);
void check_statements(struct check *k, const struct statements *list,
    struct block b, void *object);

/* check_names.c: names in the rules, all kinds alike. */
const char *def_one(enum def_kind kind);  /* "a queue" */
const char *def_word(enum def_kind kind); /* "queue" */
size_t def_limit(enum def_kind kind);
size_t names_count(const struct rules *r, enum def_kind kind);
const char *names_get(const struct rules *r, enum def_kind kind, size_t i);
void *names_row(const struct rules *r, enum def_kind kind, size_t i);
uint32_t names_find(const struct rules *r, enum def_kind kind, struct str name);
void names_make(struct rules *r, enum def_kind kind, const struct defs *defs);
/* Reads a name and finds it: RULE_NONE and a note when there is none. */
uint32_t names_read(
    struct cursor *c, const struct rules *r, enum def_kind kind);

/* check.c; check_top.c */
void check_all(struct check *k, const struct statements *all);
void check_collect(struct check *k, const struct statements *all);

/* One reader per kind of block. */
void check_skill(struct check *k, const struct def *d, struct rule_skill *s);
void check_hours(struct check *k, const struct def *d, struct hours *h);
void check_standard(
    struct check *k, const struct def *d, struct rule_standard *s);
void check_brand(struct check *k, const struct def *d, struct rule_brand *b);
void check_team(struct check *k, const struct def *d, struct rule_team *t);
void check_entrance(
    struct check *k, const struct def *d, struct rule_entrance *e);
void check_agent(struct check *k, const struct def *d, struct rule_agent *a);
void check_queue(struct check *k, const struct def *d, struct rule_queue *q);
void check_segment(
    struct check *k, const struct def *d, struct rule_segment *s);
void check_route(struct check *k);
void check_tests(struct check *k);
void check_whole(struct check *k);

/* check_setup.c: the statements that are no definitions. */
const struct row *check_setup_rows(size_t *out_count);
char *check_path(const struct item *file); /* relative to the naming file */
int weekday_of(struct str s);              /* 0: "mon"; -1: no day */

/* check_net.c */
bool is_network(struct str s);  /* "10.0.0.0/8", "::1" */
bool is_loopback(struct str s); /* address or network, port allowed */
bool is_endpoint(struct str s); /* "0.0.0.0:7443" */
/* Reads "10.0.0.5, 10.0.1.0/24" into an array of heap texts. */
void check_networks(struct cursor *c, char ***list, size_t *count);

/* check_expr.c: a condition to a program; false when some question in it was
 * noted as wrong. */
bool check_condition(struct check *k, const struct node *n, struct expr *out);
/* check_leaf.c: one question; false when it is noted as wrong. */
bool check_leaf(struct check *k, const struct node *n, struct leaf *l,
    struct expr_step *out_step);

#endif
