/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_channel_chat.c - customers on memory pipes and the chat channel.
 *
 * Plot of most: Ana opens a chat on acme.example, joe answers.
 */
#include "test_channel_kit.h"

#include "channel/secret.h"
#include "channel/visitor.h"

#define ORIGIN "https://acme.example"
#define CHATS  "/v1/main/chat/site"

struct answer {
	unsigned status;
	char *all;
	struct json *body;
};

static void answer_done(struct answer *a)
{
	json_free(a->body);
	mem_free(a->all);
	*a = (struct answer){ 0 };
}

static struct answer read_answer(struct house *h, struct net_pipe *p)
{
	struct answer a = { 0 };
	char *body;

	a.all = house_got(h, p);
	if (sscanf(a.all, "HTTP/1.1 %u ", &a.status) != 1)
		return a;
	body = strstr(a.all, "\r\n\r\n");
	if (body != NULL && body[4] == '{')
		assert_int_equal(
		    json_parse(str_of(body + 4), 0, &a.body, NULL), 0);
	return a;
}

/* `fields`: header lines, each ended by CRLF. */
static void send_request(
    struct net_pipe *p, const char *line, const char *fields, const char *body)
{
	char *text = mem_textf(
	    "%s HTTP/1.1\r\nHost: a\r\n%s"
	    "Content-Type: application/json\r\nContent-Length: %zu\r\n\r\n%s",
	    line, fields, strlen(body), body);

	net_memory_write(p, str_of(text));
	mem_free(text);
}

static struct answer ask(
    struct house *h, const char *line, const char *fields, const char *body)
{
	struct net_pipe *p = net_memory_dial(h->pages, "10.0.0.9");
	struct answer a;

	send_request(p, line, fields, body);
	a = read_answer(h, p);
	net_memory_hang_up(p);
	return a;
}

static struct str member(const struct answer *a, const char *name)
{
	return json_str(json_get(a->body, name));
}

static void expect_status(struct house *h, unsigned status, const char *line,
    const char *fields, const char *body)
{
	struct answer a = ask(h, line, fields, body);

	if (a.status != status)
		fail_msg("%s: not %u but \"%s\"", line, status, a.all);
	answer_done(&a);
}

/* Ana's chat: what she holds in hand. */
struct ana {
	char contact[24];
	char bearer[256]; /* header line */
	char token[200];
};

static struct ana arrive(struct house *h, const char *body)
{
	struct answer a = ask(h, "POST " CHATS, "Origin: " ORIGIN "\r\n", body);
	struct ana ana;

	if (a.status != 201)
		fail_msg("not 201 but \"%s\"", a.all);
	assert_true(
	    str_copy(ana.contact, sizeof(ana.contact), member(&a, "contact")));
	assert_true(
	    str_copy(ana.token, sizeof(ana.token), member(&a, "token")));
	(void)snprintf(ana.bearer, sizeof(ana.bearer),
	    "Authorization: Bearer %s\r\n", ana.token);
	answer_done(&a);
	return ana;
}

static char *path_of(
    const struct ana *ana, const char *method, const char *tail)
{
	return mem_textf("%s " CHATS "/%s%s", method, ana->contact, tail);
}

static struct answer ana_asks(struct house *h, const struct ana *ana,
    const char *method, const char *tail, const char *body)
{
	char *line = path_of(ana, method, tail);
	struct answer a = ask(h, line, ana->bearer, body);

	mem_free(line);
	return a;
}

static unsigned ana_says(
    struct house *h, const struct ana *ana, const char *key, const char *text)
{
	char *body = mem_textf("{\"key\":\"%s\",\"text\":\"%s\"}", key, text);
	struct answer a = ana_asks(h, ana, "POST", "/messages", body);
	unsigned status = a.status;

	answer_done(&a);
	mem_free(body);
	return status;
}

/* Texts of the messages of a poll, joined by "|". */
static void expect_messages(const struct answer *a, const char *want)
{
	const struct json *rows = json_get(a->body, "messages");
	struct buf got = { 0 };
	size_t i;

	buf_add_text(&got, "");
	for (i = 0; i < json_count(rows); i++) {
		struct str text = json_str(json_get(json_at(rows, i), "text"));

		buf_addf(
		    &got, "%s%.*s", i == 0 ? "" : "|", (int)text.n, text.p);
	}
	assert_string_equal(got.data, want);
	buf_done(&got);
}

#define HELLO "{\"text\":\"hello\",\"key\":\"k1\"}"

/* ---- arriving ---------------------------------------------------------------- */

static void a_chat_arrives_and_is_given_its_token(void **state)
{
	struct house *h = house_open(&channel_chat);
	struct answer a = ask(h, "POST " CHATS, "", HELLO);

	(void)state;
	assert_int_equal(a.status, 201);
	assert_true(str_is(member(&a, "contact"), "c1"));
	assert_true(str_starts(member(&a, "token"), "c1."));
	assert_true(str_is(member(&a, "greeting"), "Hello!"));
	assert_true(str_is(
	    json_str(json_get(json_get(a.body, "state"), "state")), "waiting"));
	answer_done(&a);
	house_close(h);
}

static void no_answer_leaves_before_it_is_on_disk(void **state)
{
	struct house *h = house_open(&channel_chat);
	struct net_pipe *p = net_memory_dial(h->pages, "10.0.0.9");

	(void)state;
	h->hold = true;
	send_request(p, "POST " CHATS, "", HELLO);
	house_gets_nothing(h, p);
	h->hold = false;
	house_gets(h, p, "HTTP/1.1 201 ");
	net_memory_hang_up(p);
	house_close(h);
}

static void the_same_key_is_the_same_chat_and_other_words_are_refused(
    void **state)
{
	struct house *h = house_open(&channel_chat);
	struct ana first = arrive(h, HELLO);
	struct ana again = arrive(h, HELLO);

	(void)state;
	assert_string_equal(first.contact, again.contact);
	expect_status(
	    h, 409, "POST " CHATS, "", "{\"text\":\"other\",\"key\":\"k1\"}");
	assert_int_equal(h->world->tally.arrived, 1);
	house_close(h);
}

static void what_is_wrong_with_an_arrival_is_said(void **state)
{
	struct house *h = house_open(&channel_chat);
	char *long_text = mem_new(4100);
	char *body;

	(void)state;
	expect_status(h, 400, "POST " CHATS, "", "{");
	expect_status(h, 400, "POST " CHATS, "", "{\"text\":\"x\"}");
	expect_status(h, 400, "POST " CHATS, "",
	    "{\"text\":\"x\",\"key\":\"k\",\"txt\":\"x\"}");
	expect_status(h, 400, "POST " CHATS, "",
	    "{\"text\":\"x\",\"key\":\"k\",\"attributes\":{\"a\":1}}");
	expect_status(h, 404, "POST /v1/main/chat/help", "", HELLO);
	expect_status(h, 404, "POST /v1/other/chat/site", "", HELLO);
	memset(long_text, 'a', 4001);
	body = mem_textf("{\"text\":\"%s\",\"key\":\"k\"}", long_text);
	expect_status(h, 413, "POST " CHATS, "", body);
	mem_free(body);
	body = mem_textf("{\"text\":\"%.4000s\",\"key\":\"k\"}", long_text);
	expect_status(h, 201, "POST " CHATS, "", body);
	mem_free(body);
	mem_free(long_text);
	h->refuse = true;
	expect_status(h, 503, "POST " CHATS, "", HELLO);
	house_close(h);
}

static void only_listed_pages_may_come_in(void **state)
{
	struct house *h = house_open(&channel_chat);
	struct answer a;

	(void)state;
	expect_status(
	    h, 403, "POST " CHATS, "Origin: https://evil.example\r\n", HELLO);
	expect_status(h, 403, "POST " CHATS, "Origin: null\r\n", HELLO);
	expect_status(h, 403, "POST " CHATS, "Cookie: a=b\r\n", HELLO);
	a = ask(h, "POST " CHATS, "Origin: " ORIGIN "\r\n", HELLO);
	assert_non_null(
	    strstr(a.all, "Access-Control-Allow-Origin: " ORIGIN "\r\n"));
	answer_done(&a);
	a = ask(h, "OPTIONS " CHATS, "Origin: " ORIGIN "\r\n", "");
	assert_int_equal(a.status, 204);
	assert_non_null(strstr(a.all, "Access-Control-Allow-Headers: "
	                              "Authorization, Content-Type\r\n"));
	answer_done(&a);
	house_close(h);
}

/* ---- who is it ------------------------------------------------------------------ */

static bool was_presented(const struct house *h, enum identifier_kind kind,
    enum level level, const char *value)
{
	size_t i;

	for (i = 0; i < h->last_by_count; i++)
		if (h->last_by[i].kind == kind &&
		    h->last_by[i].level == level &&
		    (value == NULL || strcmp(h->last_values[i], value) == 0))
			return true;
	return false;
}

static void what_is_typed_is_claimed(void **state)
{
	struct house *h = house_open(&channel_chat);

	(void)state;
	(void)arrive(h, "{\"text\":\"x\",\"key\":\"k\",\"mail\":"
	                "\"Ana@Example.ORG \",\"phone\":\"912 345 678\"}");
	assert_true(was_presented(
	    h, IDENTIFIER_MAIL, LEVEL_CLAIMED, "ana@example.org"));
	assert_true(
	    was_presented(h, IDENTIFIER_PHONE, LEVEL_CLAIMED, "+351912345678"));
	house_close(h);
}

/* What the site's own server makes with the token of the channel. */
static char *sign(const char *json, const char *secret)
{
	struct buf out = { 0 };
	uint8_t mac[SHA256_BYTES];

	base64url_encode(str_of(json), &out);
	hmac_sha256(str_of(secret), buf_str(&out), mac);
	buf_add_char(&out, '.');
	base64url_encode((struct str){ (char *)mac, sizeof(mac) }, &out);
	return buf_take(&out);
}

static unsigned arrive_as(struct house *h, const char *json, const char *secret)
{
	char *identity = sign(json, secret);
	char *body = mem_textf(
	    "{\"text\":\"x\",\"key\":\"k\",\"identity\":\"%s\"}", identity);
	struct answer a = ask(h, "POST " CHATS, "", body);
	unsigned status = a.status;

	answer_done(&a);
	mem_free(body);
	mem_free(identity);
	return status;
}

static void what_the_site_signed_is_verified(void **state)
{
	struct house *h = house_open(&channel_chat);

	(void)state;
	assert_int_equal(arrive_as(h,
	                     "{\"account\":\"u17\",\"mail\":"
	                     "\"ana@example.org\",\"exp\":9999999999}",
	                     HOUSE_TOKEN),
	    201);
	assert_true(
	    was_presented(h, IDENTIFIER_ACCOUNT, LEVEL_VERIFIED, "u17"));
	assert_true(was_presented(
	    h, IDENTIFIER_MAIL, LEVEL_VERIFIED, "ana@example.org"));
	assert_int_equal(h->last_by_count, 2); /* others may use the browser */
	house_close(h);
}

static void what_the_site_did_not_sign_is_refused(void **state)
{
	struct house *h = house_open(&channel_chat);

	(void)state;
	assert_int_equal(arrive_as(h,
	                     "{\"account\":\"u17\",\"exp\":"
	                     "9999999999}",
	                     "another-secret"),
	    401);
	assert_int_equal(
	    arrive_as(h, "{\"account\":\"u17\",\"exp\":1}", HOUSE_TOKEN), 401);
	assert_int_equal(
	    arrive_as(h, "{\"account\":\"u17\"}", HOUSE_TOKEN), 400);
	house_close(h);
}

static void a_browser_is_known_by_what_we_gave_it(void **state)
{
	struct house *h = house_open(&channel_chat);
	struct answer a = ask(h, "POST " CHATS, "", HELLO);
	char *body;
	char *known;

	(void)state;
	body = mem_textf("{\"text\":\"x\",\"key\":\"k2\",\"visitor\":\"%.*s\"}",
	    (int)member(&a, "visitor").n, member(&a, "visitor").p);
	(void)arrive(h, body);
	assert_true(was_presented(h, IDENTIFIER_VISITOR, LEVEL_VERIFIED, NULL));
	known = mem_text(h->last_values[0]);
	/* Agents read identifiers: what proves the browser is not in them. */
	assert_null(strchr(known, '.'));
	assert_true(str_starts(member(&a, "visitor"), known));
	/* A visitor of somebody's making is nobody: a fresh one comes. */
	(void)arrive(h, "{\"text\":\"x\",\"key\":\"k3\",\"visitor\":\"1\"}");
	assert_true(was_presented(h, IDENTIFIER_VISITOR, LEVEL_VERIFIED, NULL));
	assert_string_not_equal(h->last_values[0], known);
	assert_string_not_equal(h->last_values[0], "1");
	mem_free(known);
	mem_free(body);
	answer_done(&a);
	house_close(h);
}

/* ---- saying ------------------------------------------------------------------------- */

static void a_token_is_of_one_chat_only(void **state)
{
	struct house *h = house_open(&channel_chat);
	struct ana ana = arrive(h, HELLO);
	struct ana other = arrive(h, "{\"text\":\"x\",\"key\":\"k2\"}");
	struct ana thief = ana;

	(void)state;
	(void)str_copy(
	    thief.contact, sizeof(thief.contact), str_of(other.contact));
	assert_int_equal(ana_says(h, &ana, "m1", "mine"), 201);
	assert_int_equal(ana_says(h, &thief, "m1", "not mine"), 401);
	thief = ana;
	thief.bearer[0] = '\0';
	assert_int_equal(ana_says(h, &thief, "m2", "nobody"), 401);
	house_close(h);
}

static void a_token_lasts_a_day(void **state)
{
	uint8_t key[SECRET_BYTES] = { 7 };
	struct visitor_scope s = { key, STR("main") };
	struct visitor_scope other = { key, STR("other") };
	struct contact_id c = { 42 };
	struct buf token = { 0 };

	(void)state;
	visitor_token(&s, c, 1000000, &token);
	assert_true(visitor_token_is_good(&s, buf_str(&token), c, 1000000));
	assert_true(visitor_token_is_good(
	    &s, buf_str(&token), c, 1000000 + VISITOR_TOKEN_LIFE_MS - 1));
	assert_false(visitor_token_is_good(
	    &s, buf_str(&token), c, 1000000 + VISITOR_TOKEN_LIFE_MS));
	assert_false(
	    visitor_token_is_good(&other, buf_str(&token), c, 1000000));
	token.data[4] ^= 1; /* a digit of the time */
	assert_false(visitor_token_is_good(&s, buf_str(&token), c, 1000000));
	buf_done(&token);
}

static void a_message_twice_is_one_and_other_words_are_refused(void **state)
{
	struct house *h = house_open(&channel_chat);
	struct ana ana = arrive(h, HELLO);
	struct answer a;

	(void)state;
	assert_int_equal(ana_says(h, &ana, "m1", "once"), 201);
	assert_int_equal(ana_says(h, &ana, "m1", "once"), 201);
	assert_int_equal(ana_says(h, &ana, "m1", "twice"), 409);
	a = ana_asks(h, &ana, "GET", "/messages?after=0", "");
	expect_messages(&a, "hello|Hello!|once");
	answer_done(&a);
	house_close(h);
}

static void a_hundred_messages_a_minute_and_no_more(void **state)
{
	struct house *h = house_open(&channel_chat);
	struct ana ana = arrive(h, HELLO);
	char key[16];
	unsigned i;

	(void)state;
	for (i = 0; i < 100; i++) {
		(void)snprintf(key, sizeof(key), "m%u", i);
		assert_int_equal(ana_says(h, &ana, key, "again"), 201);
	}
	assert_int_equal(ana_says(h, &ana, "one-more", "again"), 429);
	h->mono += 60000;
	assert_int_equal(ana_says(h, &ana, "one-more", "again"), 201);
	house_close(h);
}

static void nothing_can_be_said_after_the_end(void **state)
{
	struct house *h = house_open(&channel_chat);
	struct ana ana = arrive(h, HELLO);
	struct answer a;

	(void)state;
	assert_int_equal(ana_says(h, &ana, "m1", "before"), 201);
	a = ana_asks(h, &ana, "POST", "/end", "{}");
	assert_int_equal(a.status, 200);
	assert_true(str_is(member(&a, "state"), "ended"));
	answer_done(&a);
	assert_int_equal(house_state(h, 1), CONTACT_ENDED);
	assert_int_equal(ana_says(h, &ana, "m2", "after"), 409);
	assert_int_equal(ana_says(h, &ana, "m1", "before"), 201);
	a = ana_asks(h, &ana, "GET", "/messages?after=0&wait=30", "");
	expect_messages(&a, "hello|Hello!|before");
	answer_done(&a);
	house_close(h);
}

/* ---- polls ----------------------------------------------------------------------------- */

static void a_poll_waits_for_what_is_new(void **state)
{
	struct house *h = house_open(&channel_chat);
	struct ana ana = arrive(h, HELLO);
	struct answer a = ana_asks(h, &ana, "GET", "/messages?after=0", "");
	struct net_pipe *p = net_memory_dial(h->pages, "10.0.0.9");
	char *tail = mem_textf("/messages?wait=25&after=%u",
	    (unsigned)json_int(json_get(a.body, "seq"), 0));
	char *line = path_of(&ana, "GET", tail);

	(void)state;
	expect_messages(&a, "hello|Hello!");
	answer_done(&a);
	send_request(p, line, ana.bearer, "");
	house_gets_nothing(h, p);
	house_ready(h, "joe");
	house_accept(h, "joe");
	a = read_answer(h, p);
	expect_messages(&a, "");
	assert_true(
	    str_is(json_str(json_get(json_get(a.body, "state"), "agent")),
	        "Joe Bell"));
	answer_done(&a);
	net_memory_hang_up(p);
	mem_free(line);
	mem_free(tail);
	house_close(h);
}

static void a_poll_is_over_when_its_time_is(void **state)
{
	struct house *h = house_open(&channel_chat);
	struct ana ana = arrive(h, HELLO);
	struct net_pipe *p = net_memory_dial(h->pages, "10.0.0.9");
	char *line = path_of(&ana, "GET", "/messages?wait=5&after=1000000");

	(void)state;
	send_request(p, line, ana.bearer, "");
	house_wait(h, 4000);
	house_gets_nothing(h, p);
	house_wait(h, 1500);
	house_gets(h, p, "HTTP/1.1 200 ");
	net_memory_hang_up(p);
	mem_free(line);
	house_close(h);
}

static void notes_of_agents_are_not_for_customers(void **state)
{
	struct house *h = house_open(&channel_chat);
	struct ana ana = arrive(h, HELLO);
	struct answer a;

	(void)state;
	house_ready(h, "joe");
	house_accept(h, "joe");
	house_say(h, (struct contact_id){ 1 }, "joe", AUTHOR_NOTE, "a bore");
	house_say(h, (struct contact_id){ 1 }, "joe", AUTHOR_AGENT, "Hi Ana");
	a = ana_asks(h, &ana, "GET", "/messages?after=0", "");
	expect_messages(&a, "hello|Hello!|Hi Ana");
	assert_null(strstr(a.all, "bore"));
	answer_done(&a);
	house_close(h);
}

/* ---- WebSockets -------------------------------------------------------------------------- */

static struct net_pipe *open_socket(struct house *h, const struct ana *ana)
{
	struct net_pipe *p = net_memory_dial(h->pages, "10.0.0.9");
	char *text = mem_textf("GET " CHATS "/%s/ws HTTP/1.1\r\nHost: a\r\n"
	                       "Connection: Upgrade\r\nUpgrade: websocket\r\n"
	                       "Sec-WebSocket-Version: 13\r\n"
	                       "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
	                       "Origin: " ORIGIN "\r\n\r\n",
	    ana->contact);

	net_memory_write(p, str_of(text));
	mem_free(text);
	house_gets(h, p, "HTTP/1.1 101 ");
	return p;
}

/* A masked text frame; a mask of zeros leaves the words readable. */
static void socket_says(struct house *h, struct net_pipe *p, const char *text)
{
	size_t n = strlen(text);
	struct buf b = { 0 };

	buf_add_char(&b, (char)0x81);
	if (n < 126) {
		buf_add_char(&b, (char)(0x80 | n));
	} else {
		buf_add_char(&b, (char)(0x80 | 126));
		buf_add_char(&b, (char)(n >> 8));
		buf_add_char(&b, (char)n);
	}
	buf_add(&b, "\0\0\0\0", 4);
	buf_add_text(&b, text);
	net_memory_write(p, buf_str(&b));
	buf_done(&b);
	house_settle(h);
}

static void socket_joins(
    struct house *h, struct net_pipe *p, const struct ana *ana, unsigned after)
{
	char *text =
	    mem_textf("{\"token\":\"%s\",\"after\":%u}", ana->token, after);

	socket_says(h, p, text);
	mem_free(text);
}

/* Every byte that came, frames' heads included, NULs as dots. */
static char *socket_got(struct house *h, struct net_pipe *p)
{
	struct buf b = { 0 };
	size_t i;

	house_settle(h);
	net_memory_read(p, &b);
	for (i = 0; i < b.len; i++)
		if (b.data[i] == '\0')
			b.data[i] = '.';
	buf_add_text(&b, "");
	return buf_take(&b);
}

static void socket_gets(struct house *h, struct net_pipe *p, const char *part)
{
	char *got = socket_got(h, p);

	if (strstr(got, part) == NULL)
		fail_msg("got \"%s\" without \"%s\"", got, part);
	mem_free(got);
}

static unsigned times(const char *text, const char *part)
{
	unsigned n = 0;

	for (; (text = strstr(text, part)) != NULL; text++)
		n++;
	return n;
}

static void a_socket_needs_the_token_first(void **state)
{
	struct house *h = house_open(&channel_chat);
	struct ana ana = arrive(h, HELLO);
	struct ana other = arrive(h, "{\"text\":\"x\",\"key\":\"k2\"}");
	struct net_pipe *p = open_socket(h, &ana);

	(void)state;
	socket_says(h, p, "{\"type\":\"say\",\"key\":\"1\",\"text\":\"x\"}");
	socket_gets(h, p, "sign in first"); /* of the close frame */
	net_memory_hang_up(p);
	p = open_socket(h, &ana);
	socket_joins(h, p, &other, 0);
	socket_gets(h, p, "\"error\":\"auth\"");
	net_memory_hang_up(p);
	house_close(h);
}

static void a_talk_over_a_socket(void **state)
{
	struct house *h = house_open(&channel_chat);
	struct ana ana = arrive(h, HELLO);
	struct net_pipe *p = open_socket(h, &ana);
	char *got;

	(void)state;
	socket_joins(h, p, &ana, 0);
	got = socket_got(h, p);
	assert_non_null(
	    strstr(got, "\"author\":\"customer\",\"text\":\"hello\""));
	assert_non_null(
	    strstr(got, "\"author\":\"system\",\"text\":\"Hello!\""));
	assert_non_null(strstr(got, "\"state\":\"waiting\",\"place\":\"1\","
	                            "\"queue\":\"General\""));
	mem_free(got);
	house_ready(h, "joe");
	house_accept(h, "joe");
	socket_gets(h, p, "\"state\":\"with-agent\",\"agent\":\"Joe Bell\"");
	socket_says(h, p, "{\"type\":\"say\",\"key\":\"1\",\"text\":\"mine\"}");
	got = socket_got(h, p);
	assert_non_null(strstr(got, "{\"type\":\"ack\",\"key\":\"1\","
	                            "\"message\":\"m2\""));
	assert_int_equal(times(got, "\"text\":\"mine\""), 1);
	mem_free(got);
	house_say(h, (struct contact_id){ 1 }, "joe", AUTHOR_AGENT, "Hi Ana");
	socket_gets(h, p,
	    "\"author\":\"agent\",\"name\":\"Joe Bell\","
	    "\"text\":\"Hi Ana\"");
	channel_chat.typing(h->room, (struct contact_id){ 1 });
	socket_gets(h, p, "{\"type\":\"typing\"}");
	socket_says(h, p, "{\"type\":\"typing\"}");
	assert_int_equal(h->typed, 1);
	socket_says(h, p, "{\"type\":\"dance\"}");
	socket_gets(h, p, "\"error\":\"invalid\"");
	socket_says(h, p, "{\"type\":\"end\"}");
	got = socket_got(h, p);
	assert_non_null(strstr(got, "\"state\":\"ended\""));
	assert_string_equal(got + strlen(got) - strlen("ended"), "ended");
	mem_free(got);
	net_memory_hang_up(p);
	house_close(h);
}

static void nothing_is_lost_or_doubled_over_a_restart(void **state)
{
	struct house *h = house_open(&channel_chat);
	struct ana ana = arrive(h, HELLO);
	struct net_pipe *p;
	char *got;

	(void)state;
	house_ready(h, "joe");
	house_accept(h, "joe");
	house_say(h, (struct contact_id){ 1 }, "joe", AUTHOR_AGENT, "first");
	house_restart(h);
	p = open_socket(h, &ana);
	h->hold = true; /* what comes now is not on disk yet */
	socket_joins(h, p, &ana, 0);
	(void)ana_says(h, &ana, "m1", "second");
	h->hold = false;
	got = socket_got(h, p);
	assert_int_equal(times(got, "\"text\":\"hello\""), 1);
	assert_int_equal(times(got, "\"text\":\"first\""), 1);
	assert_int_equal(times(got, "\"text\":\"second\""), 1);
	assert_true(strstr(got, "first") < strstr(got, "second"));
	mem_free(got);
	net_memory_hang_up(p);
	house_close(h);
}

static void a_socket_goes_on_where_it_was(void **state)
{
	struct house *h = house_open(&channel_chat);
	struct ana ana = arrive(h, HELLO);
	struct answer a;
	struct net_pipe *p;
	unsigned seq;
	char *got;

	(void)state;
	(void)ana_says(h, &ana, "m1", "seen");
	a = ana_asks(h, &ana, "GET", "/messages?after=0", "");
	seq = (unsigned)json_int(json_get(a.body, "seq"), 0);
	answer_done(&a);
	(void)ana_says(h, &ana, "m2", "unseen");
	p = open_socket(h, &ana);
	socket_joins(h, p, &ana, seq);
	got = socket_got(h, p);
	assert_int_equal(times(got, "\"text\":\"seen\""), 0);
	assert_int_equal(times(got, "\"text\":\"unseen\""), 1);
	mem_free(got);
	net_memory_hang_up(p);
	house_close(h);
}

static void a_closed_queue_is_told_with_its_words(void **state)
{
	struct house *h = house_open(&channel_chat);
	struct net_pipe *p;
	struct ana ana;

	(void)state;
	house_shut_queue(h);
	ana = arrive(h, HELLO);
	house_settle(h);
	p = open_socket(h, &ana);
	socket_joins(h, p, &ana, 0);
	socket_gets(h, p,
	    "\"action\":\"mail-form\",\"next\":null,"
	    "\"text\":\"We are closed.\"}");
	net_memory_hang_up(p);
	house_close(h);
}

static void the_place_in_line_moves_on(void **state)
{
	struct house *h = house_open(&channel_chat);
	struct ana first = arrive(h, HELLO);
	struct ana ana = arrive(h, "{\"text\":\"x\",\"key\":\"k2\"}");
	struct net_pipe *p = open_socket(h, &ana);
	struct answer a;

	(void)state;
	socket_joins(h, p, &ana, 0);
	socket_gets(h, p, "\"place\":\"2\"");
	a = ana_asks(h, &first, "POST", "/end", "{}");
	answer_done(&a);
	house_wait(h, 5000);
	socket_gets(h, p, "\"place\":\"1\"");
	net_memory_hang_up(p);
	house_close(h);
}

static void a_page_that_does_not_come_back_gives_up_its_place(void **state)
{
	struct house *h = house_open(&channel_chat);
	struct ana ana = arrive(h, HELLO);
	struct net_pipe *p = open_socket(h, &ana);

	(void)state;
	socket_joins(h, p, &ana, 0);
	net_memory_hang_up(p);
	house_settle(h);
	house_wait(h, 170000);
	assert_int_equal(house_state(h, 1), CONTACT_WAITING);
	house_wait(h, 15000);
	assert_int_equal(house_state(h, 1), CONTACT_ENDED);
	house_close(h);
}

static void the_secret_is_made_once_and_kept_to_the_house(void **state)
{
	struct house *h = house_open(&channel_chat);
	uint8_t one[SECRET_BYTES];
	uint8_t two[SECRET_BYTES];
	char *path = mem_textf("%s/secret", h->dir);
	struct fault why;

	(void)state;
	assert_int_equal(secret_key(h->dir, "a", one, &why), 0);
	assert_int_equal(secret_key(h->dir, "a", two, &why), 0);
	assert_memory_equal(one, two, sizeof(one));
	assert_int_equal(secret_key(h->dir, "b", two, &why), 0);
	assert_memory_not_equal(one, two, sizeof(one));
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(secret_key(h->dir, "a", one, &why), ERR_DENIED);
	mem_free(path);
	house_close(h);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_chat_arrives_and_is_given_its_token),
		cmocka_unit_test(no_answer_leaves_before_it_is_on_disk),
		cmocka_unit_test(
		    the_same_key_is_the_same_chat_and_other_words_are_refused),
		cmocka_unit_test(what_is_wrong_with_an_arrival_is_said),
		cmocka_unit_test(only_listed_pages_may_come_in),
		cmocka_unit_test(what_is_typed_is_claimed),
		cmocka_unit_test(what_the_site_signed_is_verified),
		cmocka_unit_test(what_the_site_did_not_sign_is_refused),
		cmocka_unit_test(a_browser_is_known_by_what_we_gave_it),
		cmocka_unit_test(a_token_is_of_one_chat_only),
		cmocka_unit_test(a_token_lasts_a_day),
		cmocka_unit_test(
		    a_message_twice_is_one_and_other_words_are_refused),
		cmocka_unit_test(a_hundred_messages_a_minute_and_no_more),
		cmocka_unit_test(nothing_can_be_said_after_the_end),
		cmocka_unit_test(a_poll_waits_for_what_is_new),
		cmocka_unit_test(a_poll_is_over_when_its_time_is),
		cmocka_unit_test(notes_of_agents_are_not_for_customers),
		cmocka_unit_test(a_socket_needs_the_token_first),
		cmocka_unit_test(a_talk_over_a_socket),
		cmocka_unit_test(nothing_is_lost_or_doubled_over_a_restart),
		cmocka_unit_test(a_socket_goes_on_where_it_was),
		cmocka_unit_test(a_closed_queue_is_told_with_its_words),
		cmocka_unit_test(the_place_in_line_moves_on),
		cmocka_unit_test(
		    a_page_that_does_not_come_back_gives_up_its_place),
		cmocka_unit_test(the_secret_is_made_once_and_kept_to_the_house),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
