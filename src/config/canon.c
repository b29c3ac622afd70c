/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * canon.c - rules back to text, one function per kind of block.
 *
 * Entered by the loader (what the log keeps), by `usherd -T` and by the diff,
 * which compares these texts line by line: so there is no second list of what
 * belongs to a queue. Each fact stands on a line of its own, always in the
 * same order, defaults too: a new version's other default changes no old log.
 */
#include "config/canon.h"

#include <inttypes.h>

#include "base/check.h"

static void line_word(struct buf *out, const char *word, const char *value)
{
	if (value == NULL)
		return;
	buf_addf(out, "\t%s ", word);
	name_show(value, out);
	buf_add_text(out, ";\n");
}

static void line_text(struct buf *out, const char *word, const char *value)
{
	if (value == NULL)
		return;
	buf_addf(out, "\t%s ", word);
	quote_show(str_of(value), out);
	buf_add_text(out, ";\n");
}

static void line_time(struct buf *out, const char *word, msec_t ms)
{
	buf_addf(out, "\t%s ", word);
	duration_show(ms, out);
	buf_add_text(out, ";\n");
}

static void open_block(struct buf *out, const char *word, const char *name)
{
	buf_addf(out, "%s ", word);
	name_show(name, out);
	buf_add_text(out, " {\n");
}

/* In one line: a skill has nothing but its name and label. */
static void canon_skill(const struct rules *r, size_t i, struct buf *out)
{
	const struct rule_skill *s = &r->skills[i];

	buf_add_text(out, "skill ");
	name_show(s->name, out);
	if (!str_is(str_of(s->name), s->label)) {
		buf_add_char(out, ' ');
		quote_show(str_of(s->label), out);
	}
	buf_add_text(out, ";\n");
}

/* "09:00-12:30, 13:30-18:00", a blank in front. */
static void show_spans(const struct hours_day *day, struct buf *out)
{
	for (unsigned i = 0; i < day->span_count; i++) {
		const struct hours_span *s = &day->spans[i];

		buf_addf(out, "%s%02d:%02d-%02d:%02d", i == 0 ? " " : ", ",
		    s->from / 60, s->from % 60, s->to / 60, s->to % 60);
	}
}

/* A day without spans is closed: there is no other difference. */
static void show_exception(const struct hours_exception *e, struct buf *out)
{
	buf_addf(out, "\t%s ", e->hours.span_count > 0 ? "open" : "closed");
	if (e->year == 0)
		buf_addf(out, "every %02d-%02d", e->month, e->day);
	else
		buf_addf(out, "%04d-%02d-%02d", e->year, e->month, e->day);
	show_spans(&e->hours, out);
	if (e->label != NULL) {
		buf_add_char(out, ' ');
		quote_show(str_of(e->label), out);
	}
	buf_add_text(out, ";\n");
}

/* A line per weekday, however the file grouped them. */
static void canon_hours(const struct rules *r, size_t i, struct buf *out)
{
	static const char *const days[] = { "mon", "tue", "wed", "thu", "fri",
		"sat", "sun" };
	const struct hours *h = &r->hours[i];

	open_block(out, "hours", h->name);
	line_text(out, "zone", h->zone.name);
	for (unsigned d = 0; d < 7; d++) {
		if (h->week[d].span_count == 0)
			continue;
		buf_addf(out, "\topen %s", days[d]);
		show_spans(&h->week[d], out);
		buf_add_text(out, ";\n");
	}
	for (size_t e = 0; e < h->exception_count; e++)
		show_exception(&h->exceptions[e], out);
	buf_add_text(out, "}\n");
}

/* `within` alone was read as 100 %. */
static void show_answer(
    const struct rules *r, const struct rule_standard *s, struct buf *out)
{
	if (s->answer_within == 0)
		return;
	buf_addf(out, "\tanswer %u%% within ", s->percent);
	duration_show(s->answer_within, out);
	if (s->open_hours != RULE_NONE) {
		buf_add_text(out, " of ");
		name_show(r->hours[s->open_hours].name, out);
	}
	if (s->per > 0) {
		buf_add_text(out, " per ");
		duration_show(s->per, out);
	}
	buf_add_text(out, ";\n");
}

static void canon_standard(const struct rules *r, size_t i, struct buf *out)
{
	const struct rule_standard *s = &r->standards[i];

	open_block(out, "standard", s->name);
	show_answer(r, s, out);
	if (s->hold_cap > 0) {
		buf_add_text(out, "\tafter ");
		duration_show(s->hold_cap, out);
		buf_add_text(out, " waiting offer callback;\n");
	}
	if (s->alarm_after > 0)
		line_time(out, "alarm after", s->alarm_after);
	buf_addf(out, "\tvalue %u;\n}\n", s->value);
}

/* The text's name is "greeting.chat" in the rules, two words in a file. */
static void canon_brand(const struct rules *r, size_t i, struct buf *out)
{
	const struct rule_brand *b = &r->brands[i];

	open_block(out, "brand", b->name);
	line_text(out, "name", b->label);
	for (size_t t = 0; t < b->text_count; t++) {
		const struct rule_text *text = &b->texts[t];
		struct str channel = str_of(text->name);
		struct str word = str_next(&channel, '.');

		buf_addf(out, "\t%.*s ", (int)word.n, word.p);
		if (channel.n > 0)
			buf_addf(out, "%.*s ", (int)channel.n, channel.p);
		if (text->language[0] != '\0')
			buf_addf(out, "%s ", text->language);
		quote_show(str_of(text->text), out);
		buf_add_text(out, ";\n");
	}
	buf_add_text(out, "}\n");
}

/* Channels that are not taken are not named: naming any unsets the rest. */
static void canon_team(const struct rules *r, size_t i, struct buf *out)
{
	const struct rule_team *t = &r->teams[i];
	const char *before = " ";

	open_block(out, "team", t->name);
	buf_add_text(out, "\ttakes");
	for (unsigned c = 0; c < CHANNELS; c++) {
		if (t->takes[c] == 0)
			continue;
		buf_addf(out, "%s%s %u", before, channel_word(c), t->takes[c]);
		before = ", ";
	}
	buf_add_text(out, before[0] == ' ' ? " nothing;\n" : ";\n");
	line_time(out, "wrap-up", t->wrap_up);
	line_time(out, "grace", t->grace);
	buf_add_text(out, "}\n");
}

/* from "10.0.0.5", "10.1.0.0/16"; in the order of the file. */
static void show_list(
    struct buf *out, const char *word, char **items, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		buf_addf(out, i == 0 ? "\t%s " : ", ", word);
		quote_show(str_of(items[i]), out);
	}
	if (count > 0)
		buf_add_text(out, ";\n");
}

static void show_smtp(const struct rule_entrance *e, struct buf *out)
{
	if (e->smtp_url == NULL)
		return;
	buf_add_text(out, "\tsmtp ");
	quote_show(str_of(e->smtp_url), out);
	if (e->smtp_from != NULL) {
		buf_add_text(out, " from ");
		quote_show(str_of(e->smtp_from), out);
	}
	buf_add_text(out, ";\n");
}

/* The secret by its file only: this text goes into the log. */
static void canon_entrance(const struct rules *r, size_t i, struct buf *out)
{
	const struct rule_entrance *e = &r->entrances[i];
	bool is_gateway = e->kind == ENTRANCE_GATEWAY;

	buf_add_text(out, is_gateway ? "gateway " : "channel ");
	if (!is_gateway)
		buf_addf(out, "%s ", channel_word(e->channel));
	name_show(e->name, out);
	buf_add_text(out, " {\n");
	line_word(out, "protocol", e->protocol);
	line_word(out, "provider", e->provider);
	line_text(out, "address", e->address);
	show_list(out, "from", e->from, e->from_count);
	show_list(out, "origin", e->origins, e->origin_count);
	line_text(out, "token file", e->token_file);
	show_smtp(e, out);
	line_word(out, "country", e->country[0] != '\0' ? e->country : NULL);
	buf_addf(out, "\ttrust %s %s;\n", is_gateway ? "caller" : "dkim",
	    e->trust_caller || e->trust_dkim ? "yes" : "no");
	if (e->brand != RULE_NONE)
		line_word(out, "brand", r->brands[e->brand].name);
	if (e->standard != RULE_NONE)
		line_word(out, "standard", r->standards[e->standard].name);
	buf_add_text(out, "}\n");
}

static void show_skills(
    const struct rules *r, const struct rule_agent *a, struct buf *out)
{
	for (size_t s = 0; s < a->skill_count; s++) {
		buf_add_text(out, s == 0 ? "\tskills " : ", ");
		name_show(r->skills[a->skills[s].skill].name, out);
		buf_addf(out, " %u", a->skills[s].level);
	}
	if (a->skill_count > 0)
		buf_add_text(out, ";\n");
}

/* The label stands inside, so that the diff sees it as a fact like others. */
static void canon_agent(const struct rules *r, size_t i, struct buf *out)
{
	const struct rule_agent *a = &r->agents[i];

	open_block(out, "agent", a->name);
	line_text(out, "label", a->label);
	line_word(out, "team", r->teams[a->team].name);
	show_skills(r, a, out);
	if (a->phone != NULL) {
		buf_add_text(out, "\tphone ");
		quote_show(str_of(a->phone), out);
		buf_add_text(out, " via ");
		name_show(r->entrances[a->gateway].name, out);
		buf_add_text(out, ";\n");
	}
	line_word(out, "role", role_word(a->role));
	if (a->language != NULL)
		buf_addf(out, "\tlanguage %s;\n", a->language);
	buf_add_text(out, "}\n");
}

/* Is the skill asked for in this step? What no longer is gets a `no`. */
static bool step_needs(const struct rule_step *s, uint32_t skill)
{
	for (unsigned i = 0; i < s->need_count; i++)
		if (s->needs[i].skill == skill)
			return true;
	return false;
}

/* All that holds from this step on, and what no longer does. */
static void show_step(const struct rules *r, const struct rule_step *s,
    const struct rule_step *before, struct buf *out)
{
	const char *comma = "";

	for (unsigned i = 0; i < s->need_count; i++) {
		buf_add_text(out, comma);
		name_show(r->skills[s->needs[i].skill].name, out);
		buf_addf(out, " %u+", s->needs[i].level);
		comma = ", ";
	}
	if (s->language)
		buf_addf(
		    out, "%slanguage of contact %u+", comma, s->language_level);
	if (s->language)
		comma = ", ";
	for (unsigned i = 0; before != NULL && i < before->need_count; i++) {
		if (step_needs(s, before->needs[i].skill))
			continue;
		buf_addf(out, "%sno ", comma);
		name_show(r->skills[before->needs[i].skill].name, out);
		comma = ", ";
	}
	if (before != NULL && before->language && !s->language)
		buf_addf(out, "%sno language of contact", comma);
}

void canon_step(const struct rules *r, const struct rule_queue *q, unsigned i,
    struct buf *out)
{
	const struct rule_step *s = &q->steps[i];

	if (i == 0 && s->need_count == 0 && !s->language)
		return;
	if (s->after > 0) {
		buf_add_text(out, "after ");
		duration_show(s->after, out);
		buf_add_char(out, ' ');
	}
	buf_add_text(out, "need ");
	show_step(r, s, i > 0 ? &q->steps[i - 1] : NULL, out);
}

static void show_steps(
    const struct rules *r, const struct rule_queue *q, struct buf *out)
{
	for (unsigned i = 0; i < q->step_count; i++) {
		struct buf line = { 0 };

		canon_step(r, q, i, &line);
		if (line.len > 0)
			buf_addf(out, "\t%s;\n", line.data);
		buf_done(&line);
	}
}

void canon_overflow(
    const struct rules *r, const struct rule_overflow *o, struct buf *out)
{
	const char *before = "when ";

	if (o->after > 0) {
		buf_add_text(out, "after ");
		duration_show(o->after, out);
		before = " or ";
	}
	if (o->when_no_agents) {
		buf_addf(out, "%sno agents", before);
		before = " or ";
	}
	if (o->longer_than > 0)
		buf_addf(out, "%smore than %" PRIu32 " waiting", before,
		    o->longer_than);
	buf_add_text(out, " also queue ");
	name_show(r->queues[o->queue].name, out);
}

static void canon_queue(const struct rules *r, size_t i, struct buf *out)
{
	const struct rule_queue *q = &r->queues[i];

	open_block(out, "queue", q->name);
	line_text(out, "label", q->label);
	show_steps(r, q, out);
	line_time(out, "ring", q->ring);
	line_time(out, "own agent", q->own_wait);
	for (unsigned o = 0; o < q->overflow_count; o++) {
		buf_add_char(out, '\t');
		canon_overflow(r, &q->overflows[o], out);
		buf_add_text(out, ";\n");
	}
	if (q->hours == RULE_NONE)
		buf_add_text(out, "\topen always;\n");
	else
		line_word(out, "open", r->hours[q->hours].name);
	buf_add_text(out, "\tclosed {\n");
	for (unsigned c = 0; c < CHANNELS; c++)
		buf_addf(out, "\t\t%s %s;\n", channel_word(c),
		    closed_action_word(q->closed[c]));
	buf_add_text(out, "\t}\n");
	if (q->standard != RULE_NONE)
		line_word(out, "standard", r->standards[q->standard].name);
	buf_add_text(out, "}\n");
}

static void canon_segment(const struct rules *r, size_t i, struct buf *out)
{
	const struct rule_segment *s = &r->segments[i];

	open_block(out, "segment", s->name);
	buf_add_char(out, '\t');
	canon_expr(r, &s->when, out);
	buf_add_text(out, ";\n}");
	buf_add_text(out, " head start ");
	duration_show(s->head_start, out);
	buf_add_text(out, ";\n");
}

/* In the order of DEF_TABLE: what is named before what names it. */
static void (*const printers[DEFS])(
    const struct rules *r, size_t i, struct buf *out) = {
	[DEF_SKILL] = canon_skill,
	[DEF_HOURS] = canon_hours,
	[DEF_STANDARD] = canon_standard,
	[DEF_BRAND] = canon_brand,
	[DEF_TEAM] = canon_team,
	[DEF_ENTRANCE] = canon_entrance,
	[DEF_AGENT] = canon_agent,
	[DEF_QUEUE] = canon_queue,
	[DEF_SEGMENT] = canon_segment,
};

void canon_def(
    const struct rules *r, enum def_kind kind, size_t i, struct buf *out)
{
	printers[kind](r, i, out);
}

void canon_rule(const struct rules *r, size_t i, struct buf *out)
{
	canon_expr(r, &r->routes[i].when, out);
	buf_add_text(out, " -> queue ");
	name_show(r->queues[r->routes[i].queue].name, out);
}

void canon_rules(const struct rules *r, struct buf *out)
{
	buf_add_text(out, "language 1;\nworkspace ");
	name_show(r->workspace, out);
	buf_addf(out, ";\ndefault language %s;\n", r->language);
	for (unsigned kind = 0; kind < DEFS; kind++)
		for (size_t i = 0; i < names_count(r, (enum def_kind)kind); i++)
			printers[kind](r, i, out);
	buf_add_text(out, "route {\n");
	for (size_t i = 0; i < r->route_count; i++) {
		buf_add_char(out, '\t');
		canon_rule(r, i, out);
		buf_add_text(out, ";\n");
	}
	buf_add_text(out, "}\n");
}
