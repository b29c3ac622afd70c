/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_config.c - right configs: what they compile to, their canonical text,
 * includes, differences, test blocks, and the documents' examples.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/check.h"
#include "base/clock.h"
#include "base/mem.h"
#include "config/config.h"

/* ---- helpers ----------------------------------------------------------- */

static struct config *parse(const char *text)
{
	struct config_notes notes = { 0 };
	struct config *c = NULL;
	struct buf shown = { 0 };

	if (config_parse("x.conf", str_of(text), &c, &notes) != 0) {
		config_notes_show(&notes, &shown);
		fail_msg("%s", shown.data);
	}
	config_notes_done(&notes);
	return c;
}

static struct config *load(const char *path)
{
	struct config_notes notes = { 0 };
	struct config *c = NULL;
	struct buf shown = { 0 };

	if (config_load(path, &c, &notes) != 0) {
		config_notes_show(&notes, &shown);
		fail_msg("%s", shown.data);
	}
	config_notes_done(&notes);
	return c;
}

/* The notes of a config that must not load, as shown. */
static char *refusal(const char *path)
{
	struct config_notes notes = { 0 };
	struct config *c = NULL;
	struct buf shown = { 0 };

	assert_int_not_equal(config_load(path, &c, &notes), 0);
	assert_null(c);
	config_notes_show(&notes, &shown);
	config_notes_done(&notes);
	return buf_take(&shown);
}

static void in_source_tree(char dst[4096], const char *name)
{
	const char *dir = getenv("srcdir");

	snprintf(dst, 4096, "%s/%s", dir != NULL ? dir : ".", name);
}

static char folder[64];

static int make_folder(void **state)
{
	(void)state;
	snprintf(folder, sizeof(folder), "/tmp/usher-config-XXXXXX");
	return mkdtemp(folder) == NULL;
}

static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

static const char *path_of(const char *name)
{
	static char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void put(const char *name, const char *text)
{
	FILE *f = fopen(path_of(name), "w");

	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

static void drop(const char *name)
{
	remove(path_of(name));
}

/* ---- equality ---------------------------------------------------------- */

static void same_text(const char *a, const char *b)
{
	assert_true((a == NULL) == (b == NULL));
	if (a != NULL)
		assert_string_equal(a, b);
}

static void same_expr(const struct expr *a, const struct expr *b)
{
	assert_int_equal(a->step_count, b->step_count);
	for (size_t i = 0; i < a->step_count; i++) {
		assert_int_equal(a->steps[i].op, b->steps[i].op);
		assert_int_equal(a->steps[i].compare, b->steps[i].compare);
		assert_int_equal(a->steps[i].arg, b->steps[i].arg);
		assert_int_equal(a->steps[i].value, b->steps[i].value);
	}
}

static void same_texts(char **a, char **b, size_t n, size_t m)
{
	assert_int_equal(n, m);
	for (size_t i = 0; i < n; i++)
		same_text(a[i], b[i]);
}

static void same_leaves(const struct rules *a, const struct rules *b)
{
	assert_int_equal(a->leaf_count, b->leaf_count);
	for (size_t i = 0; i < a->leaf_count; i++) {
		const struct leaf *x = &a->leaves[i];
		const struct leaf *y = &b->leaves[i];

		assert_int_equal(x->kind, y->kind);
		assert_int_equal(x->compare, y->compare);
		assert_int_equal(x->channels, y->channels);
		same_text(x->name, y->name);
		same_texts(
		    x->values, y->values, x->value_count, y->value_count);
	}
}

static void same_day(const struct hours_day *a, const struct hours_day *b)
{
	assert_int_equal(a->span_count, b->span_count);
	for (unsigned i = 0; i < a->span_count; i++) {
		assert_int_equal(a->spans[i].from, b->spans[i].from);
		assert_int_equal(a->spans[i].to, b->spans[i].to);
	}
}

static void same_hours(const struct hours *a, const struct hours *b)
{
	same_text(a->name, b->name);
	same_text(a->zone.name, b->zone.name);
	assert_int_equal(a->zone.change_count, b->zone.change_count);
	for (unsigned d = 0; d < 7; d++)
		same_day(&a->week[d], &b->week[d]);
	assert_int_equal(a->exception_count, b->exception_count);
	for (size_t i = 0; i < a->exception_count; i++) {
		const struct hours_exception *x = &a->exceptions[i];
		const struct hours_exception *y = &b->exceptions[i];

		assert_int_equal(x->year, y->year);
		assert_int_equal(x->month, y->month);
		assert_int_equal(x->day, y->day);
		same_day(&x->hours, &y->hours);
		same_text(x->label, y->label);
	}
}

static void same_entrance(
    const struct rule_entrance *a, const struct rule_entrance *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->channel, b->channel);
	same_text(a->name, b->name);
	same_text(a->address, b->address);
	same_text(a->protocol, b->protocol);
	same_text(a->provider, b->provider);
	same_texts(a->from, b->from, a->from_count, b->from_count);
	same_texts(a->origins, b->origins, a->origin_count, b->origin_count);
	same_text(a->token_file, b->token_file);
	same_text(a->smtp_url, b->smtp_url);
	same_text(a->smtp_from, b->smtp_from);
	assert_string_equal(a->country, b->country);
	assert_int_equal(a->trust_caller, b->trust_caller);
	assert_int_equal(a->trust_dkim, b->trust_dkim);
	assert_int_equal(a->brand, b->brand);
	assert_int_equal(a->standard, b->standard);
}

static void same_agent(const struct rule_agent *a, const struct rule_agent *b)
{
	same_text(a->name, b->name);
	same_text(a->label, b->label);
	assert_int_equal(a->team, b->team);
	assert_int_equal(a->skill_count, b->skill_count);
	for (size_t i = 0; i < a->skill_count; i++) {
		assert_int_equal(a->skills[i].skill, b->skills[i].skill);
		assert_int_equal(a->skills[i].level, b->skills[i].level);
	}
	same_text(a->phone, b->phone);
	assert_int_equal(a->gateway, b->gateway);
	assert_int_equal(a->role, b->role);
	same_text(a->language, b->language);
}

static void same_step(const struct rule_step *a, const struct rule_step *b)
{
	assert_int_equal(a->after, b->after);
	assert_int_equal(a->need_count, b->need_count);
	for (unsigned i = 0; i < a->need_count; i++) {
		assert_int_equal(a->needs[i].skill, b->needs[i].skill);
		assert_int_equal(a->needs[i].level, b->needs[i].level);
	}
	assert_int_equal(a->language, b->language);
	assert_int_equal(a->language_level, b->language_level);
}

static void same_queue(const struct rule_queue *a, const struct rule_queue *b)
{
	same_text(a->name, b->name);
	same_text(a->label, b->label);
	assert_int_equal(a->step_count, b->step_count);
	for (unsigned i = 0; i < a->step_count; i++)
		same_step(&a->steps[i], &b->steps[i]);
	assert_int_equal(a->overflow_count, b->overflow_count);
	for (unsigned i = 0; i < a->overflow_count; i++) {
		const struct rule_overflow *x = &a->overflows[i];
		const struct rule_overflow *y = &b->overflows[i];

		assert_int_equal(x->queue, y->queue);
		assert_int_equal(x->after, y->after);
		assert_int_equal(x->when_no_agents, y->when_no_agents);
		assert_int_equal(x->longer_than, y->longer_than);
	}
	assert_int_equal(a->ring, b->ring);
	assert_int_equal(a->own_wait, b->own_wait);
	assert_int_equal(a->hours, b->hours);
	assert_memory_equal(a->closed, b->closed, sizeof(a->closed));
	assert_int_equal(a->standard, b->standard);
}

static void same_people(const struct rules *a, const struct rules *b)
{
	assert_int_equal(a->skill_count, b->skill_count);
	for (size_t i = 0; i < a->skill_count; i++) {
		same_text(a->skills[i].name, b->skills[i].name);
		same_text(a->skills[i].label, b->skills[i].label);
		assert_int_equal(a->skills[i].parent, b->skills[i].parent);
	}
	assert_int_equal(a->team_count, b->team_count);
	for (size_t i = 0; i < a->team_count; i++) {
		same_text(a->teams[i].name, b->teams[i].name);
		assert_memory_equal(
		    a->teams[i].takes, b->teams[i].takes, CHANNELS);
		assert_int_equal(a->teams[i].wrap_up, b->teams[i].wrap_up);
		assert_int_equal(a->teams[i].grace, b->teams[i].grace);
	}
	assert_int_equal(a->agent_count, b->agent_count);
	for (size_t i = 0; i < a->agent_count; i++)
		same_agent(&a->agents[i], &b->agents[i]);
}

static void same_service(const struct rules *a, const struct rules *b)
{
	assert_int_equal(a->hours_count, b->hours_count);
	for (size_t i = 0; i < a->hours_count; i++)
		same_hours(&a->hours[i], &b->hours[i]);
	assert_int_equal(a->standard_count, b->standard_count);
	for (size_t i = 0; i < a->standard_count; i++) {
		const struct rule_standard *x = &a->standards[i];
		const struct rule_standard *y = &b->standards[i];

		same_text(x->name, y->name);
		assert_int_equal(x->percent, y->percent);
		assert_int_equal(x->answer_within, y->answer_within);
		assert_int_equal(x->open_hours, y->open_hours);
		assert_int_equal(x->per, y->per);
		assert_int_equal(x->hold_cap, y->hold_cap);
		assert_int_equal(x->alarm_after, y->alarm_after);
		assert_int_equal(x->value, y->value);
	}
	assert_int_equal(a->brand_count, b->brand_count);
	for (size_t i = 0; i < a->brand_count; i++) {
		const struct rule_brand *x = &a->brands[i];
		const struct rule_brand *y = &b->brands[i];

		same_text(x->name, y->name);
		same_text(x->label, y->label);
		assert_int_equal(x->text_count, y->text_count);
		for (size_t t = 0; t < x->text_count; t++) {
			same_text(x->texts[t].name, y->texts[t].name);
			same_text(x->texts[t].language, y->texts[t].language);
			same_text(x->texts[t].text, y->texts[t].text);
		}
	}
}

static void same_rules(const struct rules *a, const struct rules *b)
{
	assert_string_equal(a->text, b->text);
	assert_memory_equal(a->digest, b->digest, sizeof(a->digest));
	same_text(a->workspace, b->workspace);
	same_text(a->language, b->language);
	same_people(a, b);
	same_service(a, b);
	assert_int_equal(a->entrance_count, b->entrance_count);
	for (size_t i = 0; i < a->entrance_count; i++)
		same_entrance(&a->entrances[i], &b->entrances[i]);
	assert_int_equal(a->queue_count, b->queue_count);
	for (size_t i = 0; i < a->queue_count; i++)
		same_queue(&a->queues[i], &b->queues[i]);
	assert_int_equal(a->segment_count, b->segment_count);
	for (size_t i = 0; i < a->segment_count; i++) {
		same_text(a->segments[i].name, b->segments[i].name);
		same_expr(&a->segments[i].when, &b->segments[i].when);
		assert_int_equal(
		    a->segments[i].head_start, b->segments[i].head_start);
	}
	assert_int_equal(a->route_count, b->route_count);
	for (size_t i = 0; i < a->route_count; i++) {
		same_expr(&a->routes[i].when, &b->routes[i].when);
		assert_int_equal(a->routes[i].queue, b->routes[i].queue);
		same_text(a->routes[i].text, b->routes[i].text);
	}
	same_leaves(a, b);
}

/* ---- what a config compiles to ----------------------------------------- */

#define ROUTE "queue general { } route { otherwise -> queue general; }"

static const char everything[] =
    "language 1; workspace acme; default language fr; log debug;\n"
    "data \"d\"; web \"/w\"; mime-helper \"m\"; proxy from 10.0.0.1, ::1;\n"
    "listen pages 0.0.0.0:7443 tls { certificate \"c.pem\"; key \"k.pem\"; };\n"
    "listen agents [::1]:7444; listen control \"usher.sock\";\n"
    "skill billing; skill billing.refunds \"Refunds\", lang.fr \"French\";\n"
    "skill \"language\", route;\n"
    "segment vip { customer.tier = \"gold\", \"platinum\"; } head start 2m;\n"
    "segment \"in\" { contact.age >= 65 or contact.score < 2.5; } head start "
    "90s;\n"
    "hours office { zone \"Europe/Paris\"; open mon-fri 09:00-12:30, "
    "13:30-18:00; open sat 10:00-12:00; closed 2026-12-25 \"Christmas\"; "
    "closed every 01-01; open 2026-12-24 10:00-12:00; }\n"
    "hours \"always\" { zone \"UTC\"; open daily 00:00-24:00; }\n"
    "standard calls { answer 80% within 20s per 30m; after 30s waiting offer "
    "callback; alarm after 5m; value 3; }\n"
    "standard letters { within 4h of office; }\n"
    "brand acme { name \"Acme \\\"&\\\" Co\"; greeting chat \"Hello\";\n"
    "  greeting chat fr \"Bonjour\\nà vous\"; closed \"Closed\";\n"
    "  signature \"--\\tAcme\"; }\n"
    "channel mail help { address \"help@acme.example\"; provider raw; token "
    "file \"help.token\"; brand acme; standard letters; trust dkim;\n"
    "  smtp \"smtp://mail:587\" from \"help@acme.example\"; }\n"
    "channel chat site { origin \"https://a.example\", "
    "\"http://localhost:8080\"; from 10.0.0.0/8; }\n"
    "gateway pbx1 { from 10.0.0.5, 2001:db8::/32; token file \"/t\"; country "
    "FR; trust caller yes; standard calls; }\n"
    "team day { takes phone 1, chat 3; wrap-up 1500ms; grace 90s; }\n"
    "team desk { takes nothing; }\n"
    "agent maria \"Maria\" { team day; skills lang.fr 60, billing 80; phone "
    "\"PJSIP/1\" via pbx1; role lead; language fr; }\n"
    "agent joe { team desk; label \"Joe\"; skills \"language\" 5; }\n"
    "queue general { ring 30s; }\n"
    "queue billing { label \"Billing\"; need billing 60+, language of "
    "contact;\n"
    "  after 30s need billing 20+; after 1m need no language of contact;\n"
    "  after 2m or no agents also queue general; own agent 20s; open office;\n"
    "  closed { mail refuse; } standard calls; }\n"
    "queue late { need \"language\" 1+; when more than 20 waiting also queue "
    "billing; open \"always\"; }\n"
    "route {\n"
    "  dialled \"+33 1 55 50 10 10\" -> queue billing;\n"
    "  dialled starts \"+331\", \"+332\" -> queue billing;\n"
    "  channel in (chat, mail) and text has \"Invoice\", \"crédit note\" -> "
    "queue billing;\n"
    "  text matches /a\\/b(c|d)/i -> queue billing;\n"
    "  not (from site or from in (help, pbx1)) and language fr -> queue late;\n"
    "  contact.topic present and (contact.a = \"x\" or contact.b starts "
    "\"y\") -> queue late;\n"
    "  contact.a = \"x\" and (contact.b = 7 and not during office) -> queue "
    "late;\n"
    "  during \"always\" and queue general waiting > 20 -> queue late;\n"
    "  queue general longest >= 2m or queue general ready < 1 -> queue late;\n"
    "  otherwise -> queue general;\n"
    "}\n"
    "test \"t\" { zone \"UTC\"; at 2026-11-23 10:00; chat site \"hi\"; expect nobody; }\n";

static void every_statement_lands_in_the_rules(void **state)
{
	struct config *c = parse(everything);
	const struct rules *r = c->rules;
	const struct rule_queue *q;
	const struct rule_agent *a;

	(void)state;
	assert_string_equal(r->workspace, "acme");
	assert_string_equal(r->language, "fr");
	q = &r->queues[rules_find_queue(r, STR("billing"))];
	assert_int_equal(q->step_count, 3);
	assert_int_equal(q->steps[1].after, 30000);
	assert_int_equal(q->steps[1].needs[0].level, 20);
	assert_true(q->steps[1].language);
	assert_false(q->steps[2].language);
	assert_int_equal(q->steps[2].needs[0].level, 20);
	assert_int_equal(q->ring, 20000);
	assert_int_equal(q->own_wait, 20000);
	assert_int_equal(q->overflows[0].after, 120000);
	assert_true(q->overflows[0].when_no_agents);
	assert_int_equal(q->closed[CHANNEL_MAIL], CLOSED_REFUSE);
	assert_int_equal(q->closed[CHANNEL_PHONE], CLOSED_VOICEMAIL);
	assert_int_equal(q->hours, rules_find_hours(r, STR("office")));
	a = &r->agents[rules_find_agent(r, STR("maria"))];
	assert_int_equal(a->skill_count, 2);
	assert_int_equal(
	    a->skills[0].skill, rules_find_skill(r, STR("billing")));
	assert_int_equal(a->role, ROLE_LEAD);
	assert_int_equal(a->gateway, rules_find_entrance(r, STR("pbx1")));
	assert_int_equal(r->teams[a->team].takes[CHANNEL_CHAT], 3);
	assert_int_equal(r->teams[a->team].takes[CHANNEL_MAIL], 0);
	assert_int_equal(
	    r->skills[rules_find_skill(r, STR("billing.refunds"))].parent,
	    rules_find_skill(r, STR("billing")));
	assert_int_equal(r->routes[r->route_count - 1].when.step_count, 0);
	assert_string_equal(r->routes[3].text, "text matches /a\\/b(c|d)/i");
	assert_int_equal(r->routes[0].line, 31);
	config_free(c);
}

static void the_setup_is_kept_apart(void **state)
{
	struct config *c = parse(everything);
	const struct config_setup *s = &c->setup;

	(void)state;
	assert_string_equal(s->data_dir, "d");
	assert_string_equal(s->web_dir, "/w");
	assert_string_equal(s->log_level, "debug");
	assert_int_equal(s->proxy_count, 2);
	assert_int_equal(s->listener_count, 3);
	assert_int_equal(s->listeners[0].use, LISTENER_PAGES);
	assert_true(s->listeners[0].tls);
	assert_string_equal(s->listeners[0].cert_file, "c.pem");
	assert_string_equal(s->listeners[1].address, "[::1]:7444");
	assert_false(s->listeners[1].tls);
	assert_string_equal(s->listeners[2].address, "usher.sock");
	assert_null(strstr(c->rules->text, "listen"));
	assert_null(strstr(c->rules->text, "k.pem"));
	assert_int_equal(c->test_count, 1);
	assert_string_equal(c->tests[0].name, "t");
	config_free(c);
}

static void what_is_not_said_has_a_default(void **state)
{
	struct config *c = parse("language 1;" ROUTE);

	(void)state;
	assert_string_equal(c->rules->workspace, "main");
	assert_string_equal(c->rules->language, "en");
	assert_string_equal(c->setup.data_dir, "data");
	assert_string_equal(c->setup.log_level, "info");
	assert_null(c->setup.web_dir);
	assert_int_equal(c->rules->queues[0].ring, 20000);
	assert_int_equal(c->rules->queues[0].step_count, 1);
	assert_int_equal(c->rules->queues[0].hours, RULE_NONE);
	config_free(c);
}

static void a_later_step_replaces_only_the_skill_it_names(void **state)
{
	struct config *c =
	    parse("language 1; skill a, b, c; " ROUTE
	          "queue q { after 1m need b 5+; need b 60+, a 50+;"
	          " after 30s need a 10+, c 20+; after 2m need no a; }");
	const struct rule_queue *q = &c->rules->queues[1];

	(void)state;
	assert_int_equal(q->step_count, 4);
	assert_int_equal(q->steps[1].need_count, 3);
	assert_int_equal(q->steps[1].needs[0].level, 10);
	assert_int_equal(q->steps[1].needs[1].level, 60);
	assert_int_equal(q->steps[1].needs[2].level, 20);
	assert_int_equal(q->steps[2].after, 60000);
	assert_int_equal(q->steps[2].needs[1].level, 5);
	assert_int_equal(q->steps[3].need_count, 2);
	assert_int_equal(q->steps[3].needs[0].skill, 1);
	config_free(c);
}

static void equal_questions_get_one_verdict(void **state)
{
	struct config *c =
	    parse("language 1; queue general { } route {"
	          " channel chat and text has \"x\" -> queue general;"
	          " channel mail and text has \"X\" -> queue general;"
	          " text has \"y\" or text has \"x\" -> queue general;"
	          " otherwise -> queue general; }");

	(void)state;
	assert_int_equal(c->rules->leaf_count, 4);
	config_free(c);
}

static void files_of_a_config_are_relative_to_it(void **state)
{
	struct config *c;
	char expected[256];

	(void)state;
	put("a.conf", "language 1; channel mail m { address \"a@b\"; token "
	              "file \"m.token\"; brand b; }"
	              "brand b { signature file \"sig.txt\"; }" ROUTE);
	put("sig.txt", "Acme\r\n\"us\"\n\n");
	c = load(path_of("a.conf"));
	snprintf(expected, sizeof(expected), "%s/m.token", folder);
	assert_string_equal(c->rules->entrances[0].token_file, expected);
	assert_string_equal(c->rules->brands[0].texts[0].text, "Acme\n\"us\"");
	snprintf(expected, sizeof(expected), "%s/data", folder);
	assert_string_equal(c->setup.data_dir, expected);
	config_free(c);
	drop("a.conf");
	drop("sig.txt");
}

static void a_text_falls_back_to_any_language(void **state)
{
	struct config *c =
	    parse("language 1; default language en;"
	          "brand b { closed \"any\"; closed fr \"fermé\"; greeting en "
	          "\"hello\"; greeting fr \"salut\"; }" ROUTE);
	const struct rules *r = c->rules;

	(void)state;
	assert_string_equal(rules_text(r, 0, "closed", STR("fr")), "fermé");
	assert_string_equal(rules_text(r, 0, "closed", STR("fr-CA")), "fermé");
	assert_string_equal(rules_text(r, 0, "closed", STR("pt")), "any");
	assert_string_equal(rules_text(r, 0, "greeting", STR("pt")), "hello");
	assert_null(rules_text(r, 0, "ended", STR("pt")));
	assert_null(rules_text(r, RULE_NONE, "closed", STR("pt")));
	config_free(c);
}

/* ---- canonical text ---------------------------------------------------- */

static void is_fixpoint(const struct rules *r)
{
	struct config *again = parse(r->text);
	struct rules *from_log = config_rules_of_text(NULL, str_of(r->text));

	same_rules(r, again->rules);
	assert_non_null(from_log);
	same_rules(r, from_log);
	rules_unref(from_log);
	config_free(again);
}

static void canonical_text_reads_back_as_itself(void **state)
{
	struct config *c = parse(everything);

	(void)state;
	is_fixpoint(c->rules);
	config_free(c);
}

static void the_sample_loads_passes_its_tests_and_reads_back(void **state)
{
	struct config_notes notes = { 0 };
	struct config *c;
	char path[4096];
	size_t run = 0;

	(void)state;
	in_source_tree(path, "etc/sample/usher.conf");
	c = load(path);
	is_fixpoint(c->rules);
	assert_int_equal(config_run_tests(c, &notes, &run), 0);
	assert_int_equal(run, 4);
	assert_int_equal(notes.count, 0);
	config_notes_done(&notes);
	config_free(c);
}

static void canonical_text_is_spelt_out(void **state)
{
	struct config *c =
	    parse("language 1; team t { } agent a { team t; }"
	          "queue general { when no agents also queue b; } queue b { }"
	          "route { channel mail, chat and (language fr or not text has "
	          "\"B\", \"a\") -> queue b; otherwise -> queue general; }");

	(void)state;
	assert_string_equal(c->rules->text,
	    "language 1;\n"
	    "workspace main;\n"
	    "default language en;\n"
	    "team t {\n"
	    "\ttakes phone 1, chat 3, walkin 1, mail 5, message 5, fax 5, "
	    "internal 5;\n"
	    "\twrap-up 0s;\n"
	    "\tgrace 1m;\n"
	    "}\n"
	    "agent a {\n"
	    "\tlabel \"a\";\n"
	    "\tteam t;\n"
	    "\trole agent;\n"
	    "}\n"
	    "queue b {\n"
	    "\tlabel \"b\";\n"
	    "\tring 20s;\n"
	    "\town agent 0s;\n"
	    "\topen always;\n"
	    "\tclosed {\n"
	    "\t\tphone voicemail;\n"
	    "\t\tchat mail-form;\n"
	    "\t\twalkin refuse;\n"
	    "\t\tmail wait;\n"
	    "\t\tmessage wait;\n"
	    "\t\tfax wait;\n"
	    "\t\tinternal wait;\n"
	    "\t}\n"
	    "}\n"
	    "queue general {\n"
	    "\tlabel \"general\";\n"
	    "\tring 20s;\n"
	    "\town agent 0s;\n"
	    "\twhen no agents also queue b;\n"
	    "\topen always;\n"
	    "\tclosed {\n"
	    "\t\tphone voicemail;\n"
	    "\t\tchat mail-form;\n"
	    "\t\twalkin refuse;\n"
	    "\t\tmail wait;\n"
	    "\t\tmessage wait;\n"
	    "\t\tfax wait;\n"
	    "\t\tinternal wait;\n"
	    "\t}\n"
	    "}\n"
	    "route {\n"
	    "\tchannel in (chat, mail) and (language fr or not text has "
	    "\"b\", \"a\") -> queue b;\n"
	    "\totherwise -> queue general;\n"
	    "}\n");
	config_free(c);
}

static void only_needed_parentheses_are_written(void **state)
{
	static const char *const conditions[] = {
		"channel chat and language fr or language en",
		"channel chat and (language fr or language en)",
		"(channel chat or language fr) and language en",
		"channel chat and (language fr and language en)",
		"channel chat or (language fr or language en)",
		"not (channel chat and language fr)",
		"not channel chat and language fr",
		"not not channel chat",
		"channel chat and not (language fr or language en)",
	};

	(void)state;
	for (size_t i = 0; i < countof(conditions); i++) {
		struct buf text = { 0 };
		struct config *c;

		buf_addf(&text,
		    "language 1; queue general { } route { %s -> queue "
		    "general; otherwise -> queue general; }",
		    conditions[i]);
		c = parse(text.data);
		assert_string_equal(c->rules->routes[0].text, conditions[i]);
		config_free(c);
		buf_done(&text);
	}
}

static void the_order_of_blocks_does_not_matter(void **state)
{
	struct config *a = parse("language 1; skill x, y; team t { } "
	                         "queue q { } queue general { } "
	                         "agent m { team t; skills y 1, x 2; }"
	                         "route { otherwise -> queue general; }");
	struct config *b = parse("language 1; "
	                         "route { otherwise -> queue general; }"
	                         "agent m { skills x 2; team t; skills y 1; }"
	                         "queue general { } queue q { }"
	                         "team t { } skill y; skill x;");

	(void)state;
	same_rules(a->rules, b->rules);
	config_free(a);
	config_free(b);
}

static void a_text_that_is_no_config_gives_no_rules(void **state)
{
	(void)state;
	assert_null(config_rules_of_text(NULL, STR("language 2;")));
	assert_null(config_rules_of_text(NULL, STR("")));
}

/* ---- includes ---------------------------------------------------------- */

static void includes_are_merged(void **state)
{
	struct config *c;

	(void)state;
	mkdir(path_of("q.d"), 0700);
	put("q.d/b.conf", "queue b { }");
	put("q.d/a.conf", "language 1; queue a { after 1m also queue b; }");
	put("main.conf", "language 1; include \"q.d/*.conf\";"
	                 "route { otherwise -> queue b; }");
	c = load(path_of("main.conf"));
	assert_int_equal(c->rules->queue_count, 2);
	assert_int_equal(c->rules->queues[0].overflows[0].queue, 1);
	is_fixpoint(c->rules);
	config_free(c);
	drop("q.d/a.conf");
	drop("q.d/b.conf");
	rmdir(path_of("q.d"));
	drop("main.conf");
}

static void includes_that_cannot_be_are_refused(void **state)
{
	char *shown;

	(void)state;
	put("main.conf", "language 1; include \"a.conf\"; include \"a.conf\";"
	                 "include \"none.conf\"; include \"none.*\";"
	                 "include \"b.conf\";" ROUTE);
	put("a.conf", "include \"main.conf\"; skill x;");
	put("b.conf", "language 1; skill y;\n"
	              "route { otherwise -> queue general; }\n"
	              "queue c { ring 20 }\n");
	shown = refusal(path_of("main.conf"));
	assert_non_null(strstr(shown, "main.conf includes itself"));
	assert_non_null(strstr(shown, "a.conf is included a second time"));
	assert_non_null(strstr(shown, "error: there is no file"));
	assert_non_null(strstr(shown, "warning: no file matches"));
	assert_non_null(strstr(
	    shown, "b.conf:2:1: error: the route stands in the main file"));
	assert_non_null(strstr(shown, "b.conf:3:18: error: ; is missing"));
	assert_non_null(strstr(
	    shown, "b.conf:3:16: error: a duration such as 20s is expected"));
	mem_free(shown);
	drop("main.conf");
	drop("a.conf");
	drop("b.conf");
}

static void includes_have_a_depth(void **state)
{
	char *shown;

	(void)state;
	for (int i = 0; i < 10; i++) {
		char name[16];
		char text[64];

		snprintf(name, sizeof(name), "%d.conf", i);
		snprintf(text, sizeof(text), "language 1; include \"%d.conf\";",
		    i + 1);
		put(name, text);
	}
	shown = refusal(path_of("0.conf"));
	assert_non_null(strstr(shown, "includes are nested too deep"));
	mem_free(shown);
	for (int i = 0; i < 10; i++) {
		char name[16];

		snprintf(name, sizeof(name), "%d.conf", i);
		drop(name);
	}
}

static void nothing_is_included_into_a_text(void **state)
{
	struct config_notes notes = { 0 };
	struct config *c = NULL;

	(void)state;
	assert_int_equal(
	    config_parse("x",
	        STR("language 1; include \"/etc/passwd\"; brand b { signature "
	            "file \"/etc/passwd\"; }" ROUTE),
	        &c, &notes),
	    ERR_INVALID);
	assert_int_equal(notes.errors, 2);
	assert_string_equal(notes.items[0].text, "nothing is included here");
	assert_string_equal(notes.items[1].text, "no files are read here");
	config_notes_done(&notes);
}

static void what_cannot_be_read_says_so(void **state)
{
	struct config_notes notes = { 0 };
	struct config *c = NULL;
	char *shown;
	FILE *f;

	(void)state;
	assert_int_equal(config_load("/no/such/file", &c, &notes), ERR_IO);
	assert_int_equal(notes.errors, 1);
	config_notes_done(&notes);
	assert_int_equal(config_load("/dev/zero", &c, &notes), ERR_IO);
	config_notes_done(&notes);
	f = fopen(path_of("big.conf"), "w");
	assert_non_null(f);
	fputs("language 1;", f);
	for (int i = 0; i < 1048576; i++)
		fputc('\n', f);
	fclose(f);
	shown = refusal(path_of("big.conf"));
	assert_non_null(strstr(shown, "is larger than 1048576 bytes"));
	mem_free(shown);
	drop("big.conf");
}

/* ---- differences ------------------------------------------------------- */

static void a_diff_knows_doors_and_losses(void **state)
{
	struct config *from = parse(
	    "language 1; workspace a; channel chat c { origin "
	    "\"https://x.example\"; } gateway g { from 127.0.0.1; } channel "
	    "walkin w { }"
	    "segment s { language fr; } head start 1m;" ROUTE);
	struct config *to = parse(
	    "language 1; workspace b; channel chat c { } gateway g { from "
	    "127.0.0.1; country FR; } segment s { language pt; } head start "
	    "2m;" ROUTE);
	struct buf out = { 0 };

	(void)state;
	config_diff(from->rules, to->rules, &out);
	assert_string_equal(out.data,
	    "workspace a -> b\n"
	    "channel c: without origin \"https://x.example\"\n"
	    "gateway g: with country FR\n"
	    "channel w: removed\n"
	    "segment s: language fr -> pt\n"
	    "segment s: head start 1m -> 2m\n");
	buf_done(&out);
	config_free(from);
	config_free(to);
}

static void a_diff_names_what_changed(void **state)
{
	struct config *from = parse(
	    "language 1; skill billing; skill x; team day { takes phone 1; }\n"
	    "agent a { team day; skills billing 50; }\n"
	    "hours h { zone \"UTC\"; open daily 00:00-24:00; }\n"
	    "queue general { ring 20s; need billing 60+; } queue old { }\n"
	    "route { channel chat -> queue general; channel mail -> queue old; "
	    "text has \"x\" -> queue old; otherwise -> queue general; }");
	struct config *to = parse(
	    "language 1; default language fr; skill billing \"Bills\"; skill "
	    "y; team day { takes phone 1, chat 2; }\n"
	    "agent a \"Anna\" { team day; skills billing 50; role lead; }\n"
	    "agent b { team day; }\n"
	    "hours h { zone \"UTC\"; open daily 00:00-24:00; closed "
	    "2026-12-25; }\n"
	    "queue general { ring 15s; need billing 60+; after 30s need "
	    "billing 20+; closed { chat wait; } open h; } queue b { }\n"
	    "route { channel chat -> queue general; text has \"x\" -> queue "
	    "b; otherwise -> queue general; }");
	struct buf out = { 0 };

	(void)state;
	config_diff(from->rules, to->rules, &out);
	assert_string_equal(out.data,
	    "default language en -> fr\n"
	    "skill billing: with \"Bills\"\n"
	    "skill x: removed\n"
	    "skill y: added\n"
	    "hours h: with closed 2026-12-25\n"
	    "team day: takes phone 1 -> 1, chat 2\n"
	    "agent a: label \"a\" -> \"Anna\"\n"
	    "agent a: role agent -> lead\n"
	    "agent b: added\n"
	    "queue b: added\n"
	    "queue general: ring 20s -> 15s\n"
	    "queue general: open always -> h\n"
	    "queue general: closed chat mail-form -> wait\n"
	    "queue general: with after 30s need billing 20+\n"
	    "queue old: removed\n"
	    "route: without channel mail -> queue old\n"
	    "route: without text has \"x\" -> queue old\n"
	    "route: with text has \"x\" -> queue b\n");
	buf_clear(&out);
	config_diff(to->rules, to->rules, &out);
	assert_int_equal(out.len, 0);
	buf_done(&out);
	config_free(from);
	config_free(to);
}

/* ---- test blocks and try ----------------------------------------------- */

#define HOUSE                                                                  \
	"language 1; skill a; team t { takes chat 1, phone 1; }\n"             \
	"agent ann { team t; skills a 50; } agent bob { team t; }\n"           \
	"hours office { zone \"Europe/Paris\"; open mon-fri 09:00-18:00; "     \
	"closed 2026-12-25 \"Christmas\"; }\n"                                 \
	"channel chat site { } gateway pbx { from 127.0.0.1; }\n"              \
	"queue a { need a 20+; open office; }\n"                               \
	"queue general { when no agents also queue a; }\n"                     \
	"route { text has \"refund\" -> queue a;\n"                            \
	"contact.topic = \"a\" and dialled \"+331\" -> queue a;\n"             \
	"otherwise -> queue general; }\n"

static void a_failing_test_says_what_came_instead(void **state)
{
	struct config *c = parse(HOUSE
	    "test \"good\" { chat site \"refund\"; expect queue a, agent ann, "
	    "open office; }\n"
	    "test \"bad\" { chat site \"hello\";\n\texpect queue a; }\n"
	    "test \"closed\" { at 2026-12-25 10:00; chat site \"Refund!\"; "
	    "expect open office, voicemail; }\n"
	    "test \"nobody\" { chat site \"refund\"; ready bob; expect agent "
	    "ann; }\n"
	    "test \"sunday\" { at sun 10:00; chat site \"refund\"; expect "
	    "closed office, mail-form, nobody; }\n"
	    "test \"phone\" { phone pbx; dialled \"+331\"; attribute "
	    "contact.topic = \"A\"; expect queue a; }\n");
	struct config_notes notes = { 0 };
	struct buf shown = { 0 };
	size_t run = 0;

	(void)state;
	assert_int_equal(config_run_tests(c, &notes, &run), ERR_INVALID);
	assert_int_equal(run, 6);
	config_notes_show(&notes, &shown);
	assert_string_equal(shown.data,
	    "x.conf:12:9: error: test \"bad\": expected queue a, got queue "
	    "general\n"
	    "    \texpect queue a; }\n"
	    "    \t       ^~~~~~~\n"
	    "    line 9 matched: otherwise\n"
	    "x.conf:13:66: error: test \"closed\": expected open office, got "
	    "closed office\n"
	    "    test \"closed\" { at 2026-12-25 10:00; chat site \"Refund!\"; "
	    "expect open office, voicemail; }\n"
	    "                                                                 "
	    "    ^~~~~~~~~~~\n"
	    "x.conf:13:79: error: test \"closed\": expected voicemail, got "
	    "mail-form\n"
	    "    test \"closed\" { at 2026-12-25 10:00; chat site \"Refund!\"; "
	    "expect open office, voicemail; }\n"
	    "                                                                 "
	    "                 ^~~~~~~~~\n"
	    "x.conf:14:55: error: test \"nobody\": expected agent ann, got "
	    "nobody\n"
	    "    test \"nobody\" { chat site \"refund\"; ready bob; expect "
	    "agent ann; }\n"
	    "                                                          "
	    "^~~~~~~~~\n"
	    "    ann: offline\n");
	config_notes_done(&notes);
	buf_done(&shown);
	config_free(c);
}

static void a_failing_test_says_why_not_this_agent(void **state)
{
	struct config *c = parse(
	    "language 1; skill a; team t { takes chat 1; }\n"
	    "agent ann { team t; skills a 9; } agent bob { team t; }\n"
	    "hours h { zone \"UTC\"; open daily 00:00-24:00; }\n"
	    "channel chat site { } queue general { open h; }\n"
	    "route { queue general ready < 2 and during h -> queue general; "
	    "otherwise -> queue general; }\n"
	    "test \"1\" { chat site; expect agent bob; }\n"
	    "test \"2\" { chat site; subject \"x\"; ready all; expect "
	    "nobody; }\n"
	    "test \"3\" { chat site; expect closed h; }\n"
	    "test \"4\" { chat site; expect wait; }\n");
	struct config_notes notes = { 0 };
	size_t run = 0;

	(void)state;
	assert_int_equal(config_run_tests(c, &notes, &run), ERR_INVALID);
	assert_int_equal(notes.count, 4);
	assert_string_equal(notes.items[0].text,
	    "test \"1\": expected agent bob, got agent ann");
	assert_string_equal(notes.items[0].hint,
	    "bob could take it too; what decided: lowest id");
	assert_string_equal(
	    notes.items[1].text, "test \"2\": expected nobody, got agent ann");
	assert_string_equal(
	    notes.items[2].text, "test \"3\": expected closed h, got open h");
	assert_string_equal(notes.items[3].text,
	    "test \"4\": expected wait, got an open queue");
	config_notes_done(&notes);
	config_free(c);
}

#define ASK(what, at, now) (&(struct config_question){ what, at, now })

static void try_tells_the_story(void **state)
{
	struct config *c = parse(HOUSE);
	struct buf out = { 0 };
	struct fault why = { 0 };

	(void)state;
	assert_int_equal(config_try(c,
	                     ASK(STR("chat site \"refund please\""),
	                         STR("2026-11-23 10:00"), 0),
	                     &out, &why),
	    0);
	assert_non_null(strstr(out.data,
	    "\"at\":\"2026-11-23T09:00:00.000Z\",\"queue\":\"a\","
	    "\"agent\":\"ann\""));
	assert_non_null(strstr(out.data,
	    "\"reasons\":[\"line 7: text has \\\"refund\\\" -> queue a\","
	    "\"office is open\",\"agent ann: nobody else could\"]"));
	buf_clear(&out);
	assert_int_equal(
	    config_try(c,
	        ASK(STR("chat site; ready nobody"), STR("2026-12-25 10:00"), 0),
	        &out, &why),
	    0);
	assert_non_null(strstr(out.data, "\"queue\":\"general\""));
	assert_non_null(strstr(out.data, "\"agent\":null"));
	assert_non_null(
	    strstr(out.data, "\"ladder\":[\"when no agents also queue a\"]"));
	buf_clear(&out);
	assert_int_equal(
	    config_try(c,
	        ASK(STR("chat site \"refund\""), STR("2026-12-25 10:00"), 0),
	        &out, &why),
	    0);
	assert_non_null(
	    strstr(out.data, "\"open\":false,\"closed\":\"mail-form\""));
	assert_non_null(
	    strstr(out.data, "a closed queue answers chat with mail-form"));
	buf_clear(&out);
	assert_int_equal(
	    config_try(c, ASK(STR("chat sit"), STR_NONE, 0), &out, &why),
	    ERR_INVALID);
	assert_string_equal(why.text,
	    "no channel or gateway is called \"sit\"; did you mean \"site\"?");
	assert_int_equal(
	    config_try(c, ASK(STR("}}}} {"), STR("\""), 0), &out, &why),
	    ERR_INVALID);
	assert_int_equal(out.len, 0);
	buf_done(&out);
	config_free(c);
}

/* Monday 2026-11-23 00:00 UTC is Monday 01:00 in Paris. */
static void try_without_a_date_means_now_and_next(void **state)
{
	struct config *c = parse(HOUSE);
	struct buf out = { 0 };
	struct fault why = { 0 };
	const msec_t now = 1795392000000;

	(void)state;
	assert_int_equal(
	    config_try(c, ASK(STR("chat site"), STR_NONE, now), &out, &why), 0);
	assert_non_null(strstr(out.data, "\"2026-11-23T00:00:00.000Z\""));
	buf_clear(&out);
	assert_int_equal(
	    config_try(
	        c, ASK(STR("chat site"), STR("mon 10:00"), now), &out, &why),
	    0);
	assert_non_null(strstr(out.data, "\"2026-11-23T09:00:00.000Z\""));
	buf_clear(&out);
	assert_int_equal(
	    config_try(
	        c, ASK(STR("chat site"), STR("sun 00:30"), now), &out, &why),
	    0);
	assert_non_null(strstr(out.data, "\"2026-11-28T23:30:00.000Z\""));
	buf_done(&out);
	config_free(c);
}

/* ---- size -------------------------------------------------------------- */

static void ten_thousand_agents_load_and_are_found(void **state)
{
	struct buf text = { 0 };
	struct config *c;
	int64_t began;
	char name[16];

	(void)state;
	buf_add_text(&text, "language 1; skill billing, lang.fr; team day { "
	                    "takes phone 1, chat 3; }\n" ROUTE "\n");
	for (int i = 0; i < 10000; i++)
		buf_addf(&text,
		    "agent a%d \"Agent %d\" { team day; skills billing %d, "
		    "lang.fr %d; }\n",
		    i, i, i % 101, (i * 7) % 101);
	began = clock_mono_ns();
	c = parse(text.data);
	/* 40 ms on one core; sanitizers and a busy machine get room. */
	assert_true(clock_mono_ns() - began < 5000000000);
	assert_int_equal(c->rules->agent_count, 10000);
	for (int i = 0; i < 10000; i++) {
		uint32_t at;

		snprintf(name, sizeof(name), "a%d", i);
		at = rules_find_agent(c->rules, str_of(name));
		assert_int_not_equal(at, RULE_NONE);
		assert_string_equal(c->rules->agents[at].name, name);
	}
	assert_int_equal(rules_find_agent(c->rules, STR("a10000")), RULE_NONE);
	is_fixpoint(c->rules);
	config_free(c);
	buf_done(&text);
}

static void references_keep_rules_alive(void **state)
{
	struct config *c = parse("language 1;" ROUTE);
	struct rules *r = rules_ref(c->rules);
	size_t live;

	(void)state;
	config_free(c);
	assert_string_equal(r->queues[0].name, "general");
	live = mem_live();
	rules_unref(r);
	assert_true(mem_live() < live);
	rules_unref(NULL);
}

/* ---- the manual -------------------------------------------------------- */

static char *read_all(const char *path)
{
	FILE *f = fopen(path, "r");
	struct buf text = { 0 };
	char part[4096];
	size_t n;

	assert_non_null(f);
	while ((n = fread(part, 1, sizeof(part), f)) > 0)
		buf_add(&text, part, n);
	fclose(f);
	return buf_take(&text);
}

/* Every ```usher block of the manual is a config that loads without a word,
 * and whose tests pass. */
static void every_example_of_the_manual_is_true(void **state)
{
	char path[4096];
	char *text;
	char *at;
	size_t examples = 0;

	(void)state;
	in_source_tree(path, "doc/config.md");
	text = read_all(path);
	at = text;
	while ((at = strstr(at, "\n```usher\n")) != NULL) {
		struct config_notes notes = { 0 };
		struct config *c = NULL;
		struct buf shown = { 0 };
		char *end = strstr(at + 10, "\n```\n");
		size_t run = 0;

		assert_non_null(end);
		end[1] = '\0';
		if (config_parse("manual", str_of(at + 10), &c, &notes) == 0)
			assert_int_equal(config_run_tests(c, &notes, &run), 0);
		config_notes_show(&notes, &shown);
		if (notes.count > 0)
			fail_msg("%s\n%s", at + 10, shown.data);
		examples++;
		config_free(c);
		config_notes_done(&notes);
		buf_done(&shown);
		at = end + 2;
	}
	assert_int_equal(examples, 8);
	mem_free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_statement_lands_in_the_rules),
		cmocka_unit_test(the_setup_is_kept_apart),
		cmocka_unit_test(what_is_not_said_has_a_default),
		cmocka_unit_test(a_later_step_replaces_only_the_skill_it_names),
		cmocka_unit_test(equal_questions_get_one_verdict),
		cmocka_unit_test(files_of_a_config_are_relative_to_it),
		cmocka_unit_test(a_text_falls_back_to_any_language),
		cmocka_unit_test(canonical_text_reads_back_as_itself),
		cmocka_unit_test(
		    the_sample_loads_passes_its_tests_and_reads_back),
		cmocka_unit_test(canonical_text_is_spelt_out),
		cmocka_unit_test(only_needed_parentheses_are_written),
		cmocka_unit_test(the_order_of_blocks_does_not_matter),
		cmocka_unit_test(a_text_that_is_no_config_gives_no_rules),
		cmocka_unit_test(includes_are_merged),
		cmocka_unit_test(includes_that_cannot_be_are_refused),
		cmocka_unit_test(includes_have_a_depth),
		cmocka_unit_test(nothing_is_included_into_a_text),
		cmocka_unit_test(what_cannot_be_read_says_so),
		cmocka_unit_test(a_diff_knows_doors_and_losses),
		cmocka_unit_test(a_diff_names_what_changed),
		cmocka_unit_test(a_failing_test_says_what_came_instead),
		cmocka_unit_test(a_failing_test_says_why_not_this_agent),
		cmocka_unit_test(try_tells_the_story),
		cmocka_unit_test(try_without_a_date_means_now_and_next),
		cmocka_unit_test(ten_thousand_agents_load_and_are_found),
		cmocka_unit_test(references_keep_rules_alive),
		cmocka_unit_test(every_example_of_the_manual_is_true),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
