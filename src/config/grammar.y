/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * grammar.y - tokens to statements.
 *
 * Knows the shape of the language (statements, blocks, conditions), not the
 * meaning of its words: that is in the tables of the check_*.c files. Every
 * `error` stands where reading can safely go on: behind a ; or a block, so
 * that one pass reports all errors.
 */
%define api.pure full
%define api.prefix {cfg_}
%define api.token.prefix {TOKEN_}
%define api.location.type {struct spot}
%define parse.error custom
%locations
%param {void *scanner} {struct parse *p}
%initial-action { @$ = p->at; }

%code requires {
#include "config/parse.h"
}

%union {
	struct item *item;
	struct items items;
	struct node *node;
	struct statement *statement;
	struct statements statements;
}

%code {
#define YYMALLOC   mem_new
#define YYFREE     mem_free
#define YYMAXDEPTH 2000
#define YYLLOC_DEFAULT(current, rhs, n)                                       \
	((current) = (n) ? spot_join(YYRHSLOC(rhs, 1), YYRHSLOC(rhs, n))     \
	                 : YYRHSLOC(rhs, 0))

static int cfg_lex(CFG_STYPE *value, struct spot *at, void *scanner,
    struct parse *p);
static void cfg_error(const struct spot *at, void *scanner, struct parse *p,
    const char *text);

#include "base/mem.h"

static struct items one_item(struct item *i)
{
	return (struct items){ i, i };
}
}

%token END 0
%token <item> WORD VALUE COMMA PLUS DASH COMPARE
%token <item> ROUTE SEGMENT AND OR NOT IN
%token ARROW "->" SEMICOLON ";" OPEN "{" CLOSE "}" LEFT "(" RIGHT ")"

%type <item> word item tail value
%type <items> head items leaf tails values
%type <node> expr
%type <statement> statement opened rule target route segment
%type <statements> statements rules block

%left OR
%left AND
%precedence NOT

%%

file:
	%empty
|	file statement        { statements_add(p->out, $2); }
|	file "}"              { parse_stray_end(p, &@2); }
|	file opened END       { statements_add(p->out, $2);
				parse_missing_end(p, $2); YYACCEPT; }
;

statements:
	%empty                { $$ = (struct statements){ NULL, NULL }; }
|	statements statement  { $$ = $1; statements_add(&$$, $2); }
;

statement:
	";"                   { $$ = NULL; }
|	opened ";"
|	opened block          { $$ = $1; $$->body = $2; $$->has_body = true; }
|	opened error ";"      { $$ = $1; $$->broken = true; yyerrok; }
|	opened error block    { $$ = $1; $$->body = $3; $$->has_body = true;
				$$->broken = true; yyerrok; }
|	error ";"             { $$ = NULL; yyerrok; }
|	error block           { $$ = NULL; yyerrok; }
|	route
|	segment
;

opened:
	head                  { $$ = statement_new(p->arena, $1.first); }
;

head:
	WORD                  { $$ = one_item($1); }
|	head item             { $$ = $1; items_add(&$$, $2); }
;

block:
	"{" statements "}"    { $$ = $2; }
|	"{" statements opened "}" { $$ = $2; statements_add(&$$, $3);
				parse_missing_end(p, $3); }
|	"{" statements error "}" { $$ = $2; yyerrok; }
;

items:
	%empty                { $$ = (struct items){ NULL, NULL }; }
|	items item            { $$ = $1; items_add(&$$, $2); }
;

item: word | VALUE | COMMA | PLUS | DASH | COMPARE ;
word: WORD | ROUTE | SEGMENT | AND | OR | NOT | IN ;

segment:
	SEGMENT item "{" expr semicolon "}" items ";"
		{ $$ = parse_segment(p, $1, $2, $4); $$->tail = $7.first; }
|	SEGMENT item "{" error "}" items ";"
		{ $$ = parse_segment(p, $1, $2, NULL); yyerrok; }
|	SEGMENT "{" expr semicolon "}" items ";"
		{ parse_no_name(p, &@2); $$ = NULL; }
|	SEGMENT error ";"     { $$ = NULL; yyerrok; }
;

semicolon: %empty | ";" ;

route:
	ROUTE "{" rules "}"   { $$ = statement_new(p->arena, $1);
				$$->body = $3; $$->has_body = true; }
|	ROUTE "{" rules error "}" { $$ = statement_new(p->arena, $1);
				$$->body = $3; $$->has_body = true;
				$$->broken = true; yyerrok; }
|	ROUTE "{" rules target "}" { $$ = statement_new(p->arena, $1);
				$$->body = $3; $$->has_body = true;
				statements_add(&$$->body, $4);
				parse_missing_end(p, $4); }
|	ROUTE error "{" rules "}" { $$ = statement_new(p->arena, $1);
				$$->body = $4; $$->has_body = true;
				$$->broken = true; yyerrok; }
;

rules:
	%empty                { $$ = (struct statements){ NULL, NULL }; }
|	rules rule            { $$ = $1; statements_add(&$$, $2); }
;

rule:
	";"                   { $$ = NULL; }
|	target ";"
|	target error ";"      { $$ = $1; $$->broken = true; yyerrok; }
|	error ";"             { $$ = parse_lost_rule(p, &@1); yyerrok; }
;

target:
	expr ARROW head       { $$ = statement_new(p->arena, $3.first);
				$$->when = $1; $$->spot = @1; }
;

expr:
	leaf                  { $$ = leaf_new(p->arena, $1.first); }
|	expr OR expr          { $$ = parse_join(p, NODE_OR, $1, $3); }
|	expr AND expr         { $$ = parse_join(p, NODE_AND, $1, $3); }
|	NOT expr              { $$ = parse_join(p, NODE_NOT, $2, NULL); }
|	"(" expr ")"          { $$ = $2; }
;

leaf:
	WORD tails            { $$ = one_item($1); $1->next = $2.first; }
;

tails:
	%empty                { $$ = (struct items){ NULL, NULL }; }
|	tails tail            { $$ = $1; items_add(&$$, $2); }
|	tails IN "(" values ")" { $$ = $1; items_add(&$$, $2);
				items_add(&$$, $4.first); $$.last = $4.last; }
;

tail: WORD | VALUE | COMMA | COMPARE ;

values:
	value                 { $$ = one_item($1); }
|	values COMMA value    { $$ = $1; items_add(&$$, $2);
				items_add(&$$, $3); }
;

value: WORD | VALUE ;

%%

static int cfg_lex(CFG_STYPE *value, struct spot *at, void *scanner,
    struct parse *p)
{
	int token = parse_next(p, scanner, &value->item);

	*at = p->at;
	return token;
}

/* Only for what is no syntax error: the parser's own stack is full. */
static void cfg_error(const struct spot *at, void *scanner, struct parse *p,
    const char *text)
{
	(void)scanner;
	(void)text;
	parse_stop(p, at, "this is nested too deep");
}

static int yyreport_syntax_error(const yypcontext_t *context, void *scanner,
    struct parse *p)
{
	enum { MANY = 24 };
	yysymbol_kind_t expected[MANY];
	struct parse_fault fault = { .at = *yypcontext_location(context) };
	int count = yypcontext_expected_tokens(context, expected, MANY);

	(void)scanner;
	fault.at_end = yypcontext_token(context) == YYSYMBOL_YYEOF;
	for (int i = 0; i < count; i++) {
		fault.wants_end |= expected[i] == YYSYMBOL_SEMICOLON;
		fault.wants_arrow |= expected[i] == YYSYMBOL_ARROW;
		fault.wants_condition |= expected[i] == YYSYMBOL_NOT;
	}
	parse_syntax_error(p, &fault);
	return 0;
}
