/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_api_http.c - the HTTP rows: who may ask over HTTP, static pages, and
 * the WebSocket that leads to the same commands.
 */
#include "api_kit.h"

#include <sys/stat.h>
#include <unistd.h>

static char web[64];

static void put_file(const char *name, const char *text)
{
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", web, name);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
}

static int make_web(void **state)
{
	char path[128];

	(void)state;
	str_copy(web, sizeof(web), STR("/tmp/usher-web-XXXXXX"));
	assert_non_null(mkdtemp(web));
	snprintf(path, sizeof(path), "%s/desk", web);
	assert_int_equal(mkdir(path, 0700), 0);
	put_file("index.html", "<h1>front</h1>");
	put_file("chat.html", "<h1>chat</h1>");
	put_file("desk/index.html", "<h1>desk</h1>");
	put_file("desk/desk.js", "let a = 1;");
	put_file(".secret.html", "hidden");
	put_file("notes.exe", "no type");
	snprintf(path, sizeof(path), "%s/link.html", web);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	return 0;
}

static int remove_web(void **state)
{
	static const char *const names[] = { "index.html", "chat.html",
		"desk/index.html", "desk/desk.js", ".secret.html", "notes.exe",
		"link.html", "desk", "" };
	char path[128];
	size_t i;

	(void)state;
	for (i = 0; i < countof(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", web, names[i]);
		assert_int_equal(remove(path), 0);
	}
	return 0;
}

static int open_one(void **state)
{
	struct house *h = house_open(web);

	house_person(h, "a0", "agent");
	house_person(h, "boss", "lead");
	house_person(h, "robot", "integrator");
	*state = h;
	return 0;
}

static int close_one(void **state)
{
	house_close(*state);
	return 0;
}

/* ---- asking ------------------------------------------------------------------------- */

struct reply {
	int status;
	struct buf text; /* head and body */
	const char *body;
};

static struct reply ask_with(
    struct house *h, const char *line, const char *fields, const char *body)
{
	struct net_pipe *pipe = net_memory_dial(h->pages, "10.0.0.7");
	struct buf rq = { 0 };
	struct reply r = { 0 };

	buf_addf(&rq, "%s HTTP/1.1\r\nHost: c.example\r\n%s", line, fields);
	if (body != NULL)
		buf_addf(&rq, "Content-Length: %zu\r\n", strlen(body));
	buf_addf(&rq, "\r\n%s", body == NULL ? "" : body);
	net_memory_write(pipe, buf_str(&rq));
	house_settle(h);
	net_memory_read(pipe, &r.text);
	net_memory_hang_up(pipe);
	house_settle(h);
	buf_done(&rq);
	assert_true(r.text.len > 12);
	r.status = (int)strtol(r.text.data + 9, NULL, 10);
	r.body = strstr(r.text.data, "\r\n\r\n");
	assert_non_null(r.body);
	r.body += 4;
	return r;
}

static void assert_reply(struct house *h, const char *line, const char *fields,
    int status, const char *part)
{
	struct reply r = ask_with(h, line, fields, NULL);

	if (r.status != status || strstr(r.text.data, part) == NULL)
		fail_msg("%s: %d and \"%s\" wanted, not\n%s", line, status,
		    part, r.text.data);
	buf_done(&r.text);
}

static void login_as(struct house *h, const char *name, char field[128])
{
	char body[128];
	struct json *v;
	struct reply r;

	snprintf(body, sizeof(body),
	    "{\"name\":\"%s\",\"password\":\"secret-secret\"}", name);
	r = ask_with(h, "POST /v1/main/login", "", body);
	assert_int_equal(r.status, 201);
	assert_int_equal(json_parse(str_of(r.body), 0, &v, NULL), 0);
	snprintf(
	    field, 128, "Authorization: Bearer %s\r\n", text_of(v, "token"));
	json_free(v);
	buf_done(&r.text);
}

static void a_login_gives_a_token_and_signs_nobody_in(void **state)
{
	struct house *h = *state;
	char field[128];

	login_as(h, "a0", field);
	assert_true(strlen(field) > 40);
	assert_int_equal(h->world->agents[0]->state, AGENT_OFFLINE);
}

static void a_login_over_http_is_guarded_too(void **state)
{
	static const char wrong[] = "{\"name\":\"a0\",\"password\":\"nope\"}";
	struct house *h = *state;
	struct reply r;
	unsigned i;

	for (i = 0; i < 5; i++) {
		r = ask_with(h, "POST /v1/main/login", "", wrong);
		assert_int_equal(r.status, 401);
		assert_non_null(strstr(r.text.data, "problem+json"));
		buf_done(&r.text);
	}
	r = ask_with(h, "POST /v1/main/login", "", wrong);
	assert_int_equal(r.status, 429);
	buf_done(&r.text);
	r = ask_with(h, "POST /v1/main/login", "", "{\"name\":\"a0\"}");
	assert_int_equal(r.status, 400);
	buf_done(&r.text);
}

static void status_and_health_are_for_anybody(void **state)
{
	assert_reply(*state, "GET /v1/main/status", "", 200,
	    "{\"status\":\"ok\",\"version\":\"0.1.test\"}");
	assert_reply(*state, "GET /healthz", "", 200, "\"status\":\"ok\"");
	assert_reply(*state, "GET /v1/other/status", "", 404, "workspace");
}

static void questions_need_a_token_of_the_right_role(void **state)
{
	struct house *h = *state;
	char agent[128], lead[128], robot[128];

	login_as(h, "a0", agent);
	login_as(h, "boss", lead);
	login_as(h, "robot", robot);
	assert_reply(
	    h, "GET /v1/main/queues", "", 401, "WWW-Authenticate: Bearer\r\n");
	assert_reply(h, "GET /v1/main/queues", "Authorization: Bearer abc\r\n",
	    401, "not valid");
	assert_reply(h, "GET /v1/main/queues", agent, 403, "agent");
	assert_reply(h, "GET /v1/main/queues", lead, 200, "\"queues\":[");
	assert_reply(h, "GET /v1/main/agents", robot, 200, "\"agents\":[");
	assert_reply(h, "GET /v1/other/agents", robot, 404, "workspace");
}

static void contacts_are_asked_with_a_query(void **state)
{
	struct house *h = *state;
	char lead[128];

	login_as(h, "boss", lead);
	house_arrive(h, CHANNEL_MAIL, "+33155501010", "hello");
	house_arrive(h, CHANNEL_MAIL, NULL, "hello");
	assert_reply(h, "GET /v1/main/contacts?state=waiting&limit=1", lead,
	    200, "\"next\":\"c1\"");
	assert_reply(h, "GET /v1/main/contacts?after=c1", lead, 200,
	    "{\"contacts\":[{\"contact\":\"c2\"");
	assert_reply(h, "GET /v1/main/contacts?limit=x", lead, 400, "query");
	assert_reply(h, "GET /v1/main/contacts?state=lost", lead, 400,
	    "no contact's state");
	assert_reply(h, "GET /v1/main/contacts/c1", lead, 200,
	    "{\"contact\":{\"id\":\"c1\"");
	assert_reply(h, "GET /v1/main/contacts/c9", lead, 404, "no such");
	assert_reply(h, "GET /v1/main/contacts/x", lead, 400, "c42");
	assert_reply(
	    h, "GET /v1/main/contacts/c1/why", lead, 200, "\"offers\":[");
	assert_reply(h, "GET /v1/main/customers/p1", lead, 200, "Ana Silva");
}

static void many_bad_tokens_from_one_address_have_to_wait(void **state)
{
	struct house *h = *state;
	unsigned i;

	for (i = 0; i < 20; i++)
		assert_reply(h, "GET /v1/main/queues",
		    "Authorization: Bearer abc\r\n", 401, "");
	assert_reply(
	    h, "GET /v1/main/queues", "Authorization: Bearer abc\r\n", 429, "");
}

/* ---- pages ------------------------------------------------------------------------------ */

static void pages_are_served_under_their_names(void **state)
{
	struct house *h = *state;

	assert_reply(h, "GET /", "", 200, "<h1>front</h1>");
	assert_reply(h, "GET /index.html", "", 200, "text/html");
	assert_reply(h, "GET /chat", "", 200, "<h1>chat</h1>");
	assert_reply(h, "GET /desk", "", 308, "Location: /desk/\r\n");
	assert_reply(h, "GET /desk/", "", 200, "<h1>desk</h1>");
	assert_reply(h, "GET /desk/desk.js", "", 200, "text/javascript");
}

static void pages_carry_a_strict_policy(void **state)
{
	struct house *h = *state;

	assert_reply(h, "GET /desk/", "", 200,
	    "Content-Security-Policy: default-src 'self'; base-uri 'none'; "
	    "object-src 'none'; frame-ancestors 'self'\r\n");
	assert_reply(h, "GET /chat", "", 200, "object-src 'none'\r\n");
	assert_reply(h, "GET /desk/", "", 200, "nosniff");
}

static void what_is_not_in_the_list_is_not_there(void **state)
{
	static const char *const paths[] = { "/.secret.html", "/notes.exe",
		"/link.html", "/link", "/desk/missing.js", "/index.html/",
		"/DESK/" };
	char line[64];
	size_t i;

	for (i = 0; i < countof(paths); i++) {
		snprintf(line, sizeof(line), "GET %s", paths[i]);
		assert_reply(*state, line, "", 404, "problem+json");
	}
	assert_reply(*state, "GET /../etc/passwd", "", 400, "");
	assert_reply(*state, "GET /%2e%2e/etc/passwd", "", 400, "");
	assert_reply(*state, "POST /", "", 405, "Allow: GET");
}

static void an_unchanged_page_is_not_sent_again(void **state)
{
	struct house *h = *state;
	struct reply r = ask_with(h, "GET /desk/", "", NULL);
	const char *etag = strstr(r.text.data, "ETag: ");
	char field[128];

	assert_non_null(etag);
	snprintf(field, sizeof(field), "If-None-Match: %.34s\r\n", etag + 6);
	buf_done(&r.text);
	assert_reply(h, "GET /desk/", field, 304, "ETag");
	r = ask_with(h, "GET /desk/", field, NULL);
	assert_string_equal(r.body, "");
	buf_done(&r.text);
}

/* ---- the WebSocket -------------------------------------------------------------------------- */

#define UPGRADE                                                                \
	"Connection: Upgrade\r\nUpgrade: websocket\r\n"                        \
	"Sec-WebSocket-Version: 13\r\n"                                        \
	"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"

static void the_upgrade_wants_its_own_origin(void **state)
{
	struct house *h = *state;

	assert_reply(h, "GET /v1/main/agent", UPGRADE, 101,
	    "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
	assert_reply(h, "GET /v1/main/agent",
	    UPGRADE "Origin: https://c.example\r\n", 101, "");
	assert_reply(h, "GET /v1/main/agent",
	    UPGRADE "Origin: https://evil.example\r\n", 403, "origin");
	assert_reply(h, "GET /v1/main/agent",
	    UPGRADE "Origin: https://c.example.evil\r\n", 403, "");
	assert_reply(
	    h, "GET /v1/main/agent", UPGRADE "Origin: null\r\n", 403, "");
	assert_reply(h, "GET /v1/other/agent", UPGRADE, 404, "workspace");
	assert_reply(h, "GET /v1/main/agent", "", 400, "");
}

/* One masked text frame, mask 0 so that it can be read here. */
static void put_frame(struct buf *out, const char *text)
{
	size_t n = strlen(text);

	assert_true(n < 126);
	buf_add_char(out, (char)0x81);
	buf_add_char(out, (char)(0x80 | n));
	buf_add(out, "\0\0\0\0", 4);
	buf_add_text(out, text);
}

static void the_same_commands_are_answered_over_websocket(void **state)
{
	struct house *h = *state;
	struct net_pipe *pipe = net_memory_dial(h->pages, "10.0.0.7");
	struct buf b = { 0 };

	buf_add_text(&b, "GET /v1/main/agent HTTP/1.1\r\n"
	                 "Host: c.example\r\n" UPGRADE "\r\n");
	net_memory_write(pipe, buf_str(&b));
	house_settle(h);
	buf_clear(&b);
	net_memory_read(pipe, &b);
	buf_clear(&b);
	put_frame(&b, "{\"id\":\"1\",\"cmd\":\"login\",\"name\":\"a0\","
	              "\"password\":\"secret-secret\"}");
	put_frame(&b, "{\"id\":\"2\",\"cmd\":\"ping\"}");
	net_memory_write(pipe, buf_str(&b));
	house_settle(h);
	buf_clear(&b);
	net_memory_read(pipe, &b);
	/* Heads of frames hold no NUL here but in lengths: search as bytes. */
	assert_non_null(memmem(b.data, b.len, "\"heartbeat\":25", 14));
	assert_non_null(memmem(b.data, b.len, "\"type\":\"snapshot\"", 17));
	assert_int_equal(h->world->agents[0]->state, AGENT_NOT_READY);
	net_memory_hang_up(pipe);
	house_settle(h);
	assert_int_equal(h->world->agents[0]->state, AGENT_LOST);
	buf_done(&b);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, open_one, close_one)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_login_gives_a_token_and_signs_nobody_in),
		CASE(a_login_over_http_is_guarded_too),
		CASE(status_and_health_are_for_anybody),
		CASE(questions_need_a_token_of_the_right_role),
		CASE(contacts_are_asked_with_a_query),
		CASE(many_bad_tokens_from_one_address_have_to_wait),
		CASE(pages_are_served_under_their_names),
		CASE(pages_carry_a_strict_policy),
		CASE(what_is_not_in_the_list_is_not_there),
		CASE(an_unchanged_page_is_not_sent_again),
		CASE(the_upgrade_wants_its_own_origin),
		CASE(the_same_commands_are_answered_over_websocket),
	};

	return cmocka_run_group_tests(tests, make_web, remove_web);
}
