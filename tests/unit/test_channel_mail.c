/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_channel_mail.c - mails come in by HTTP, are read by a helper and get
 * their answers.
 *
 * Cast: Ana, who writes; joe, who answers; a helper that is a shell script, so
 * that each test says what it says, hostile or not.
 */
#include "test_channel_kit.h"

#include <poll.h>

#include "channel/mail_compose.h"

#define POST "POST /v1/main/mail/help?from=ana@example.org"
#define AUTH "Authorization: Bearer " HOUSE_TOKEN "\r\n"
#define MAIL "From: ana@example.org\r\n\r\nhello\r\n"

/* What the helper says is written into the house's folder as a script. */
static struct house *open_with(const char *script)
{
	struct house *h = house_open(&channel_mail);
	char *path = mem_textf("%s/helper", h->dir);
	char *text = mem_textf("#!/bin/sh\n%s\n", script);

	house_write(h, "helper", text);
	assert_int_equal(chmod(path, 0700), 0);
	h->ops->stop(h->room);
	h->env.mime_helper = path;
	assert_int_equal(h->ops->start(&h->env, &h->room, NULL), 0);
	mem_free(text);
	mem_free(path);
	return h;
}

static unsigned post(
    struct house *h, const char *line, const char *fields, const char *body)
{
	struct net_pipe *p = net_memory_dial(h->pages, "10.0.0.9");
	char *text = mem_textf("%s HTTP/1.1\r\nHost: a\r\n%s"
	                       "Content-Length: %zu\r\n\r\n%s",
	    line, fields, strlen(body), body);
	unsigned status = 0;
	char *got;

	net_memory_write(p, str_of(text));
	mem_free(text);
	got = house_got(h, p);
	assert_int_equal(sscanf(got, "HTTP/1.1 %u ", &status), 1);
	mem_free(got);
	net_memory_hang_up(p);
	return status;
}

static unsigned post_mail(struct house *h, const char *raw)
{
	return post(h, POST, AUTH "Content-Type: message/rfc822\r\n", raw);
}

static bool is_owed(const struct house *h, enum order_kind kind)
{
	const struct order *o;

	list_each(o, &h->world->order_list, link)
		if (o->kind == kind)
			return true;
	return false;
}

/* The helper is a real process: its end is waited for, in short turns. */
static void wait_until_read(struct house *h)
{
	unsigned turns;

	for (turns = 0; is_owed(h, ORDER_MAIL_PARSE); turns++) {
		assert_true(turns < 2000);
		(void)poll(NULL, 0, 5);
		house_settle(h);
	}
	house_settle(h);
}

struct told {
	struct buf text;
	bool done;
};

static void on_told(void *arg, int err, struct str json)
{
	struct told *t = arg;

	assert_int_equal(err, 0);
	buf_add_str(&t->text, json);
	t->done = true;
}

/* What the record knows of a contact; the caller frees. */
static char *record_of(struct house *h, uint64_t contact)
{
	struct read what = { .kind = READ_CONTACT };
	struct told t = { 0 };

	what.contact.v = contact;
	what.seq = h->world->seq;
	assert_int_equal(store_read(h->store, &what, on_told, &t), 0);
	while (!t.done)
		house_settle(h);
	return buf_take(&t.text);
}

static void expect_record(struct house *h, uint64_t contact, const char *part)
{
	char *got = record_of(h, contact);

	if (strstr(got, part) == NULL)
		fail_msg("\"%s\" without \"%s\"", got, part);
	mem_free(got);
}

/* ---- coming in ----------------------------------------------------------------- */

#define SAYS_HELLO                                                             \
	"cat >/dev/null; echo '{\"from\":{\"name\":\"Ana Silva\","             \
	"\"address\":\"Ana@example.org\"},\"subject\":\"Invoice\","            \
	"\"message_id\":\"m1@example.org\",\"text\":\"hello\","                \
	"\"attachments\":[{\"name\":\"a.pdf\",\"type\":\"x/y\",\"size\":3}]}'"

static void a_mail_is_taken_before_it_is_read(void **state)
{
	struct house *h = open_with("exec sleep 100");

	(void)state;
	assert_int_equal(post_mail(h, MAIL), 200);
	assert_int_equal(h->world->tally.arrived, 1);
	assert_true(is_owed(h, ORDER_MAIL_PARSE));
	house_close(h);
}

static void a_mail_is_read_and_is_its_senders(void **state)
{
	struct house *h = open_with(SAYS_HELLO);

	(void)state;
	assert_int_equal(post_mail(h, MAIL), 200);
	wait_until_read(h);
	assert_int_equal(h->last_by_count, 1);
	assert_int_equal(h->last_by[0].level, LEVEL_CLAIMED);
	assert_string_equal(h->last_values[0], "ana@example.org");
	expect_record(h, 1, "\"text\":\"hello\"");
	expect_record(h, 1, "\"subject\":\"Invoice\"");
	expect_record(h, 1, "\"raw\":\"");
	house_close(h);
}

static void a_sender_is_verified_where_the_door_says_so(void **state)
{
	struct house *h = open_with(SAYS_HELLO);

	(void)state;
	h->rules->entrances[0].trust_dkim = true;
	assert_int_equal(post_mail(h, MAIL), 200);
	wait_until_read(h);
	assert_int_equal(h->last_by[0].level, LEVEL_VERIFIED);
	house_close(h);
}

static void the_same_mail_is_one_contact(void **state)
{
	struct house *h = open_with(SAYS_HELLO);

	(void)state;
	assert_int_equal(post_mail(h, MAIL), 200);
	assert_int_equal(post_mail(h, MAIL), 200);
	assert_int_equal(h->world->tally.arrived, 1);
	assert_int_equal(post_mail(h, MAIL "more\r\n"), 200);
	assert_int_equal(h->world->tally.arrived, 2);
	wait_until_read(h);
	house_close(h);
}

static void strangers_bring_no_mail(void **state)
{
	struct house *h = open_with(SAYS_HELLO);
	struct rule_entrance *e = &h->rules->entrances[0];

	(void)state;
	assert_int_equal(
	    post(h, POST, "Content-Type: message/rfc822\r\n", MAIL), 401);
	assert_int_equal(
	    post(h, POST,
	        "Authorization: Bearer x\r\nContent-Type: message/rfc822\r\n",
	        MAIL),
	    401);
	assert_int_equal(
	    post(h, POST, AUTH "Content-Type: text/plain\r\n", MAIL), 400);
	assert_int_equal(post_mail(h, ""), 400);
	assert_int_equal(post(h, "POST /v1/main/mail/site",
	                     AUTH "Content-Type: message/rfc822\r\n", MAIL),
	    404);
	e->from = new_array(char *, 1);
	e->from[0] = mem_text("10.0.0.8");
	e->from_count = 1;
	assert_int_equal(post_mail(h, MAIL), 403);
	assert_int_equal(h->world->tally.arrived, 0);
	house_close(h);
}

/* ---- a helper that cannot, or will not ------------------------------------------- */

static void expect_unreadable(const char *script, msec_t wait)
{
	struct house *h = open_with(script);

	assert_int_equal(post_mail(h, MAIL), 200);
	house_settle(h);
	if (wait > 0)
		house_wait(h, wait);
	wait_until_read(h);
	assert_int_equal(house_state(h, 1), CONTACT_WAITING);
	expect_record(h, 1, "\"raw\":\"");
	expect_record(h, 1, "\"from\":\"ana@example.org\"");
	house_close(h);
}

static void a_mail_that_cannot_be_read_is_still_a_mail(void **state)
{
	(void)state;
	expect_unreadable("echo '{\"error\":\"too-many-parts\"}'", 0);
	expect_unreadable("echo rubbish", 0);
	expect_unreadable("exit 1", 0);
	expect_unreadable("echo '{\"text\":1}'", 0);
	expect_unreadable("echo '{\"text\":\"x\",\"more\":1}'", 0);
	expect_unreadable("kill -9 $$", 0);
}

static void a_helper_has_twenty_seconds_and_a_mebibyte(void **state)
{
	(void)state;
	expect_unreadable("exec sleep 100", 21000);
	expect_unreadable("while echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;"
	                  " do :; done",
	    0);
}

static void a_helper_gets_the_mail_and_nothing_else(void **state)
{
	struct house *h = open_with(
	    "m=$(cat | wc -c); f=$(ls /proc/self/fd | tr '\\n' ' ');"
	    "e=$(tr '\\0' '\\n' </proc/self/environ | grep -vc '^PWD\\|^_\\|"
	    "^SHLVL\\|^OLDPWD');"
	    "echo \"{\\\"text\\\":\\\"$m bytes, $e words\\\"}\"");

	(void)state;
	assert_int_equal(post_mail(h, MAIL), 200);
	wait_until_read(h);
	expect_record(h, 1, "\"text\":\"32 bytes, 0 words\"");
	house_close(h);
}

/* ---- answers --------------------------------------------------------------------------- */

static char *outbox(const struct house *h, const char *name)
{
	char *path = mem_textf("%s/outbox/%s", h->dir, name);
	FILE *f = fopen(path, "r");
	char *text = mem_new(8192);

	if (f == NULL)
		fail_msg("no %s", path);
	assert_true(fread(text, 1, 8191, f) > 0);
	assert_int_equal(fclose(f), 0);
	mem_free(path);
	return text;
}

static struct house *open_answered(const char *text)
{
	struct house *h = open_with(SAYS_HELLO);

	assert_int_equal(post_mail(h, MAIL), 200);
	wait_until_read(h);
	house_ready(h, "joe");
	house_accept(h, "joe");
	house_say(h, (struct contact_id){ 1 }, "joe", AUTHOR_AGENT, text);
	return h;
}

static void an_answer_goes_to_the_outbox_when_there_is_no_server(void **state)
{
	struct house *h = open_answered("Dear Ana,\\nhere it is.");
	char *mail = outbox(h, "c1-m1.eml");

	(void)state;
	assert_false(is_owed(h, ORDER_MAIL_SEND));
	assert_non_null(strstr(mail, "\r\nTo: <ana@example.org>\r\n"));
	assert_non_null(strstr(mail, "<help@acme.example>\r\n"));
	assert_non_null(strstr(mail, "\r\nSubject: Re: Invoice\r\n"));
	assert_non_null(strstr(mail, "\r\nIn-Reply-To: <m1@example.org>\r\n"));
	assert_non_null(strstr(mail, "\r\nMessage-ID: <c.1.1."));
	assert_non_null(strstr(mail, "\r\n\r\nDear Ana,\r\nhere it is.\r\n"
	                             "\r\n--=20\r\nAcme Ltd.\r\n"));
	mem_free(mail);
	house_close(h);
}

/* The id of our first answer, as Ana's program would quote it. */
static char *our_id(const struct house *h)
{
	char *mail = outbox(h, "c1-m1.eml");
	char *at = strstr(mail, "Message-ID: <") + strlen("Message-ID: <");
	char *id = mem_text_n(at, strcspn(at, ">"));

	mem_free(mail);
	return id;
}

static void answer_back(struct house *h, const char *id)
{
	char *script = mem_textf("#!/bin/sh\ncat >/dev/null; echo '{\"from\":"
	                         "{\"address\":\"ana@example.org\"},"
	                         "\"in_reply_to\":\"%s\",\"text\":\"thanks\"}'",
	    id);

	house_write(h, "helper.new", script);
	mem_free(script);
	script = mem_textf("%s/helper.new", h->dir);
	assert_int_equal(chmod(script, 0700), 0);
	{
		char *to = mem_textf("%s/helper", h->dir);

		assert_int_equal(rename(script, to), 0);
		mem_free(to);
	}
	mem_free(script);
	assert_int_equal(post_mail(h, MAIL "again\r\n"), 200);
	wait_until_read(h);
}

static void an_answer_to_ours_joins_its_contact(void **state)
{
	struct house *h = open_answered("Here.");
	char *id = our_id(h);

	(void)state;
	answer_back(h, id);
	assert_int_equal(house_state(h, 2), CONTACT_ENDED);
	assert_int_equal(world_contact(h->world, (struct contact_id){ 2 })->end,
	    END_DUPLICATE);
	expect_record(h, 1, "\"text\":\"thanks\"");
	mem_free(id);
	house_close(h);
}

static void an_id_we_did_not_make_joins_nothing(void **state)
{
	struct house *h = open_answered("Here.");
	char *id = our_id(h);
	char *mac = strrchr(id, '.') == NULL ? id : strstr(id, "@") - 1;

	(void)state;
	*mac = *mac == '0' ? '1' : '0';
	answer_back(h, id);
	assert_int_not_equal(house_state(h, 2), CONTACT_ENDED);
	mem_free(id);
	house_close(h);
}

/* ---- composing --------------------------------------------------------------------------- */

static struct mail_reply reply(void)
{
	return (struct mail_reply){ .from = STR("help@acme.example"),
		.from_name = STR("Acme"),
		.to = STR("ana@example.org"),
		.subject = STR("Invoice"),
		.text = STR("Hello"),
		.id = STR("c.1.2.3@acme.example"),
		.wall = 1700000000000 };
}

static char *compose(const struct mail_reply *m)
{
	struct buf out = { 0 };

	assert_int_equal(mail_compose(m, &out), 0);
	return buf_take(&out);
}

static void nothing_from_outside_becomes_a_header(void **state)
{
	struct mail_reply m = reply();
	char *got;

	(void)state;
	m.subject = STR("x\r\nBcc: all@example.org\r\n\r\nbody");
	m.answers = STR("a@b>\r\nBcc: all@example.org");
	got = compose(&m);
	assert_null(strstr(got, "\nBcc"));
	assert_null(strstr(got, "In-Reply-To"));
	mem_free(got);
	m = reply();
	m.to = STR("ana@example.org>\r\nBcc: all@example.org");
	assert_int_equal(
	    mail_compose(&m, &(struct buf){ .limit = 1 }), ERR_INVALID);
}

static void only_whole_addresses_are_written_to(void **state)
{
	static const char *const bad[] = { "", "ana", "@example.org", "ana@",
		"a b@example.org", "a@b@c", "-f@example.org", "a,b@c", "<a@b>",
		"a@b\n" };
	size_t i;

	(void)state;
	assert_true(mail_address_is_good(STR("ana+1@sub.example.org")));
	for (i = 0; i < countof(bad); i++)
		if (mail_address_is_good(str_of(bad[i])))
			fail_msg("\"%s\"", bad[i]);
}

static void lines_are_short_and_plain(void **state)
{
	struct mail_reply m = reply();
	char long_text[400];
	char *got;
	char *line;

	(void)state;
	memset(long_text, 'a', sizeof(long_text));
	memcpy(long_text, ".\nFrom me\n \303\251=\t\n", 16);
	m.text = (struct str){ long_text, sizeof(long_text) };
	m.subject =
	    STR("\303\251t\303\251, and a very long subject that goes on "
	        "and on and on and on and on and on");
	got = compose(&m);
	for (line = got; *line != '\0'; line += strcspn(line, "\n") + 1)
		assert_true(strcspn(line, "\n") <= 78);
	assert_non_null(strstr(got, "\r\n=2E\r\n=46rom me\r\n"));
	assert_non_null(strstr(got, "\r\n =C3=A9=3D=09\r\n"));
	assert_non_null(strstr(got, "Subject: =?UTF-8?B?"));
	assert_non_null(
	    strstr(got, "Date: Tue, 14 Nov 2023 22:13:20 +0000\r\n"));
	mem_free(got);
}

static void an_answer_is_marked_as_one_once(void **state)
{
	struct mail_reply m = reply();
	char *got;

	(void)state;
	m.subject = STR("RE: Invoice");
	got = compose(&m);
	assert_non_null(strstr(got, "Subject: RE: Invoice\r\n"));
	mem_free(got);
}

static void our_ids_are_read_back_and_no_others(void **state)
{
	uint8_t key[SHA256_BYTES] = { 1 };
	uint8_t other[SHA256_BYTES] = { 2 };
	struct contact_id c = { 0 };
	struct buf id = { 0 };

	(void)state;
	mail_id(key, (struct contact_id){ 42 }, (struct message_id){ 7 },
	    STR("acme.example"), &id);
	assert_true(mail_id_read(key, buf_str(&id), &c));
	assert_int_equal(c.v, 42);
	assert_false(mail_id_read(other, buf_str(&id), &c));
	id.data[2] = '5';
	assert_false(mail_id_read(key, buf_str(&id), &c));
	assert_false(mail_id_read(key, STR("c.42.7"), &c));
	assert_false(mail_id_read(key, STR(""), &c));
	buf_done(&id);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mail_is_taken_before_it_is_read),
		cmocka_unit_test(a_mail_is_read_and_is_its_senders),
		cmocka_unit_test(a_sender_is_verified_where_the_door_says_so),
		cmocka_unit_test(the_same_mail_is_one_contact),
		cmocka_unit_test(strangers_bring_no_mail),
		cmocka_unit_test(a_mail_that_cannot_be_read_is_still_a_mail),
		cmocka_unit_test(a_helper_has_twenty_seconds_and_a_mebibyte),
		cmocka_unit_test(a_helper_gets_the_mail_and_nothing_else),
		cmocka_unit_test(
		    an_answer_goes_to_the_outbox_when_there_is_no_server),
		cmocka_unit_test(an_answer_to_ours_joins_its_contact),
		cmocka_unit_test(an_id_we_did_not_make_joins_nothing),
		cmocka_unit_test(nothing_from_outside_becomes_a_header),
		cmocka_unit_test(only_whole_addresses_are_written_to),
		cmocka_unit_test(lines_are_short_and_plain),
		cmocka_unit_test(an_answer_is_marked_as_one_once),
		cmocka_unit_test(our_ids_are_read_back_and_no_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
