/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * test_net_listen.c - listeners on real sockets: binding, TLS files, running
 * out of descriptors, and what a close leaves for the peer to read.
 */
#include "net_house.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "net/tls_make.h"

static char folder[] = "/tmp/usher-listen-XXXXXX";
static char cert[64], key[64], other_key[64], other_cert[64];

/* Makes turns until the socket has something to read; how much was read. */
static ssize_t await(struct house *h, int fd, void *dst, size_t size)
{
	ssize_t n;
	int i;

	for (i = 0; i < 5000; i++) {
		loop_poll(h->loop);
		n = recv(fd, dst, size, MSG_DONTWAIT);
		if (n >= 0 || errno != EAGAIN)
			return n;
		poll(&(struct pollfd){ fd, POLLIN, 0 }, 1, 1);
	}
	fail_msg("nothing came");
	return -1;
}

static struct net_listener *listen_at(
    struct house *h, struct net_listen *how, const char *address)
{
	struct net_listener *l = NULL;
	struct fault why;

	how->address = address;
	if (net_listen(h->net, how, &l, &why) != 0)
		fail_msg("%s", why.text);
	return l;
}

static int refused_at(struct house *h, struct net_listen *how,
    const char *address, const char *reason)
{
	struct net_listener *l;
	struct fault why = { 0 };
	int err;

	how->address = address;
	err = net_listen(h->net, how, &l, &why);
	if (strstr(why.text, reason) == NULL)
		fail_msg("\"%s\" without \"%s\"", why.text, reason);
	return err;
}

static int dial_port(unsigned port)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	a.sin_port = htons((uint16_t)port);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (void *)&a, sizeof(a)), 0);
	return fd;
}

static int dial_path(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(str_copy(a.sun_path, sizeof(a.sun_path), str_of(path)));
	if (connect(fd, (void *)&a, sizeof(a)) == 0)
		return fd;
	close(fd);
	return -1;
}

/* ---- binding ------------------------------------------------------------- */

static void greet(struct house *h)
{
	net_send(h->net, h->peer, net_address(h->net, h->peer));
}

static void a_port_of_its_own_is_found(void **state)
{
	struct house *h = house_new(NET_LINES, NULL);
	struct net_listen how = house_listen(h, NET_LINES);
	struct net_listener *l = listen_at(h, &how, "127.0.0.1:0");
	char got[64];
	int fd;

	(void)state;
	h->on_open = greet;
	assert_int_not_equal(net_port(l), 0);
	fd = dial_port(net_port(l));
	assert_int_equal(await(h, fd, got, sizeof(got)), 10);
	assert_memory_equal(got, "127.0.0.1\n", 10);
	close(fd);
	house_free(h);
}

static void bad_addresses_are_refused_with_a_reason(void **state)
{
	struct house *h = house_new(NET_LINES, NULL);
	struct net_listen how = house_listen(h, NET_LINES);
	struct net_listener *l = listen_at(h, &how, "127.0.0.1:0");
	char taken[32];

	(void)state;
	assert_int_equal(
	    refused_at(h, &how, "localhost", "address:port"), ERR_INVALID);
	assert_int_equal(
	    refused_at(h, &how, "no.such.name:1", "no.such.name"), ERR_INVALID);
	assert_int_equal(
	    refused_at(h, &how, "127.0.0.1:http", "127.0.0.1:http"),
	    ERR_INVALID);
	assert_int_equal(
	    refused_at(h, &how, "unix:/no/such/folder/x", "No such file"),
	    ERR_IO);
	snprintf(taken, sizeof(taken), "127.0.0.1:%u", net_port(l));
	assert_int_equal(
	    refused_at(h, &how, taken, "Address already in use"), ERR_IO);
	house_free(h);
}

static mode_t mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 0777;
}

static void a_unix_socket_is_private_unless_opened(void **state)
{
	struct house *h = house_new(NET_LINES, NULL);
	struct net_listen how = house_listen(h, NET_LINES);
	struct net_listener *l;
	char address[96], got[64];
	const char *path = address + 5;
	int fd;

	(void)state;
	h->on_open = greet;
	snprintf(address, sizeof(address), "unix:%s/private", folder);
	l = listen_at(h, &how, address);
	assert_int_equal(mode_of(path), 0600);
	assert_int_equal(net_port(l), 0);
	fd = dial_path(path);
	assert_int_equal(await(h, fd, got, sizeof(got)), 5);
	assert_memory_equal(got, "unix\n", 5);
	close(fd);
	net_unlisten(l);
	assert_int_equal(access(path, F_OK), -1);
	snprintf(address, sizeof(address), "unix:%s/open", folder);
	how.keep_unix_open = true;
	listen_at(h, &how, address);
	assert_int_equal(mode_of(path), 0666);
	house_free(h);
	assert_int_equal(access(path, F_OK), -1);
}

/* What a crash leaves: a socket file nobody listens behind. */
static void leave_stale(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	str_copy(a.sun_path, sizeof(a.sun_path), str_of(path));
	assert_int_equal(bind(fd, (void *)&a, sizeof(a)), 0);
	close(fd);
}

static void a_stale_unix_socket_is_replaced_but_a_live_one_is_not(void **state)
{
	struct house *h = house_new(NET_LINES, NULL);
	struct net_listen how = house_listen(h, NET_LINES);
	char address[96], file[96];
	int fd;

	(void)state;
	snprintf(address, sizeof(address), "unix:%s/stale", folder);
	leave_stale(address + 5);
	listen_at(h, &how, address);
	assert_int_equal(
	    refused_at(h, &how, address, "Address already in use"), ERR_IO);
	fd = dial_path(address + 5);
	assert_true(fd >= 0);
	close(fd);
	/* nor is a file that is no socket */
	snprintf(file, sizeof(file), "unix:%s/file", folder);
	close(open(file + 5, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(
	    refused_at(h, &how, file, "Address already in use"), ERR_IO);
	assert_int_equal(access(file + 5, F_OK), 0);
	unlink(file + 5);
	house_free(h);
}

/* ---- descriptors --------------------------------------------------------- */

static void accept_rests_while_descriptors_are_short(void **state)
{
	struct house *h = house_new(NET_LINES, NULL);
	struct net_listen how = house_listen(h, NET_LINES);
	struct net_listener *l = listen_at(h, &how, "127.0.0.1:0");
	struct rlimit before, few;
	char got[64];
	int first, second, fd;

	(void)state;
	h->on_open = greet;
	first = dial_port(net_port(l));
	assert_true(await(h, first, got, sizeof(got)) > 0);
	second = dial_port(net_port(l));
	/* from now on the process may not have one more */
	fd = dup(0);
	close(fd);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = before;
	few.rlim_cur = (rlim_t)fd;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	loop_poll(h->loop);
	loop_poll(h->loop);
	assert_int_equal(recv(second, got, sizeof(got), MSG_DONTWAIT), -1);
	assert_int_equal(house_stats(h).peers, 1);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	loop_poll(h->loop);
	assert_int_equal(house_stats(h).peers, 1); /* it does rest */
	close(first); /* a descriptor comes back: on it goes */
	assert_true(await(h, second, got, sizeof(got)) > 0);
	close(second);
	house_free(h);
}

static void accept_goes_on_by_itself_after_a_second(void **state)
{
	struct house *h = house_new(NET_LINES, NULL);
	struct net_listen how = house_listen(h, NET_LINES);
	struct net_listener *l = listen_at(h, &how, "127.0.0.1:0");
	struct rlimit before, few;
	char got[64];
	int client = dial_port(net_port(l));
	int fd = dup(0);

	(void)state;
	h->on_open = greet;
	close(fd);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = before;
	few.rlim_cur = (rlim_t)fd;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	loop_poll(h->loop);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	house_wait(h, 999);
	loop_poll(h->loop);
	assert_int_equal(house_stats(h).peers, 0);
	house_wait(h, 1);
	assert_true(await(h, client, got, sizeof(got)) > 0);
	close(client);
	house_free(h);
}

static void the_last_tenth_of_descriptors_is_for_gateways(void **state)
{
	struct rlimit before, few;
	struct house *h;
	struct net_listen how;
	struct net_listener *agents, *gateways;
	char got[64];
	int copies[40], count = 0;
	int fd = dup(0), agent, gateway;

	(void)state;
	close(fd);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = before;
	few.rlim_cur = 40; /* so from 36 on */
	assert_true(fd < 20);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	h = house_new(NET_LINES, NULL);
	h->on_open = greet;
	how = house_listen(h, NET_LINES);
	agents = listen_at(h, &how, "127.0.0.1:0");
	how.class = NET_GATEWAY;
	gateways = listen_at(h, &how, "127.0.0.1:0");
	agent = dial_port(net_port(agents));
	gateway = dial_port(net_port(gateways));
	do {
		copies[count] = dup(0);
	} while (copies[count++] < 35);
	assert_true(await(h, gateway, got, sizeof(got)) > 0);
	assert_int_equal(await(h, agent, got, sizeof(got)), 0);
	assert_int_equal(house_stats(h).refused_limit, 1);
	while (count > 0)
		close(copies[--count]);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
	close(agent);
	close(gateway);
	house_free(h);
}

/* ---- TLS ----------------------------------------------------------------- */

static void bad_tls_files_are_refused_with_a_reason(void **state)
{
	struct house *h = house_new(NET_HTTP, NULL);
	struct net_listen how = house_listen(h, NET_HTTP);

	(void)state;
	how.cert_file = "/no/such/cert.pem";
	how.key_file = key;
	assert_int_equal(
	    refused_at(h, &how, "127.0.0.1:0", "/no/such/cert.pem"),
	    ERR_INVALID);
	how.cert_file = cert;
	how.key_file = other_key; /* of another certificate */
	assert_int_equal(
	    refused_at(h, &how, "127.0.0.1:0", other_key), ERR_INVALID);
	how.key_file = cert; /* no key at all */
	assert_int_equal(refused_at(h, &how, "127.0.0.1:0", cert), ERR_INVALID);
	how.key_file = NULL;
	assert_int_equal(
	    refused_at(h, &how, "127.0.0.1:0", "key"), ERR_INVALID);
	house_free(h);
}

static void a_handshake_has_ten_seconds(void **state)
{
	struct house *h = house_new(NET_LINES, NULL);
	struct net_listen how = house_listen(h, NET_LINES);
	struct net_listener *l;
	char got[64];
	int fd;

	(void)state;
	how.cert_file = cert;
	how.key_file = key;
	l = listen_at(h, &how, "127.0.0.1:0");
	fd = dial_port(net_port(l));
	while (house_stats(h).peers == 0)
		loop_poll(h->loop);
	/* half a record, then nothing */
	assert_int_equal(send(fd, "\x16\x03\x01\x02", 4, 0), 4);
	house_wait(h, 9999);
	assert_int_equal(house_stats(h).peers, 1);
	house_wait(h, 1);
	/* reset or end: in any case not one byte of ours */
	assert_true(await(h, fd, got, sizeof(got)) <= 0);
	assert_int_equal(house_stats(h).peers, 0);
	assert_int_equal(house_stats(h).handshakes_failed, 1);
	house_heard(h, ""); /* upstairs never knew it */
	close(fd);
	house_free(h);
}

/* Rubbish fails in the first step, so failures count the steps of a turn. */
static void handshakes_have_a_budget_per_turn(void **state)
{
	static const struct net_limits limits = { .handshakes_a_turn = 2 };
	struct house *h = house_new(NET_LINES, &limits);
	struct net_listen how = house_listen(h, NET_LINES);
	struct net_listener *l;
	uint64_t failed = 0, now;
	int fds[20];
	size_t i;

	(void)state;
	how.cert_file = cert;
	how.key_file = key;
	l = listen_at(h, &how, "127.0.0.1:0");
	for (i = 0; i < countof(fds); i++)
		fds[i] = dial_port(net_port(l));
	while (house_stats(h).peers < countof(fds))
		loop_poll(h->loop);
	for (i = 0; i < countof(fds); i++)
		assert_int_equal(send(fds[i], "rubbish rubbish", 15, 0), 15);
	while (failed < countof(fds)) {
		loop_poll(h->loop);
		now = house_stats(h).handshakes_failed;
		assert_true(now - failed <= 4);
		failed = now;
	}
	for (i = 0; i < countof(fds); i++)
		close(fds[i]);
	house_free(h);
}

static void renewing_keeps_the_old_files_on_failure(void **state)
{
	struct house *h = house_new(NET_HTTP, NULL);
	struct net_listen how = house_listen(h, NET_HTTP);
	struct net_listener *l;
	struct fault why = { 0 };
	char moved[80];

	(void)state;
	how.cert_file = cert;
	how.key_file = key;
	l = listen_at(h, &how, "127.0.0.1:0");
	assert_int_equal(net_renew_tls(l, &why), 0);
	snprintf(moved, sizeof(moved), "%s.moved", cert);
	assert_int_equal(rename(cert, moved), 0);
	assert_int_equal(net_renew_tls(l, &why), ERR_INVALID);
	assert_non_null(strstr(why.text, cert));
	assert_int_equal(rename(moved, cert), 0);
	assert_int_equal(net_renew_tls(l, NULL), 0);
	how.cert_file = how.key_file = NULL;
	l = listen_at(h, &how, "127.0.0.1:0");
	assert_int_equal(net_renew_tls(l, &why), ERR_STATE);
	house_free(h);
}

/* ---- the end ------------------------------------------------------------- */

static void close_with_words(struct house *h, struct str text)
{
	(void)text;
	net_send(h->net, h->peer, STR("last words"));
	net_close(h->net, h->peer, 1000, "");
}

/* The peer is still sending when we close: a reset would eat the words. */
static void last_words_reach_a_peer_that_talks_on(void **state)
{
	struct house *h = house_new(NET_LINES, NULL);
	struct net_listen how = house_listen(h, NET_LINES);
	struct net_listener *l = listen_at(h, &how, "127.0.0.1:0");
	char got[64];
	int fd = dial_port(net_port(l));

	(void)state;
	h->on_message = close_with_words;
	assert_int_equal(send(fd, "x\ny\n", 4, 0), 4);
	while (house_stats(h).bytes_out == 0)
		loop_poll(h->loop);
	assert_int_equal(send(fd, "z\n", 2, 0), 2);
	loop_poll(h->loop);
	loop_poll(h->loop);
	assert_int_equal(await(h, fd, got, sizeof(got)), 11);
	assert_memory_equal(got, "last words\n", 11);
	assert_int_equal(await(h, fd, got, sizeof(got)), 0);
	house_heard(h, "open; x; ");
	close(fd);
	while (house_stats(h).peers > 0)
		loop_poll(h->loop);
	house_heard(h, "gone us; ");
	house_free(h);
}

static void who_never_hangs_up_is_hung_up_on(void **state)
{
	struct house *h = house_new(NET_LINES, NULL);
	struct net_listen how = house_listen(h, NET_LINES);
	struct net_listener *l = listen_at(h, &how, "127.0.0.1:0");
	char got[64];
	int fd = dial_port(net_port(l));

	(void)state;
	h->on_message = close_with_words;
	assert_int_equal(send(fd, "x\n", 2, 0), 2);
	assert_int_equal(await(h, fd, got, sizeof(got)), 11);
	assert_int_equal(await(h, fd, got, sizeof(got)), 0);
	house_wait(h, 1999);
	assert_int_equal(house_stats(h).peers, 1);
	house_wait(h, 1);
	assert_int_equal(house_stats(h).peers, 0);
	close(fd);
	house_free(h);
}

static void who_floods_after_the_end_is_hung_up_on(void **state)
{
	struct house *h = house_new(NET_LINES, NULL);
	struct net_listen how = house_listen(h, NET_LINES);
	struct net_listener *l = listen_at(h, &how, "127.0.0.1:0");
	char got[64], flood[32768] = { 0 };
	int fd = dial_port(net_port(l)), i;

	(void)state;
	h->on_message = close_with_words;
	assert_int_equal(send(fd, "x\n", 2, 0), 2);
	assert_int_equal(await(h, fd, got, sizeof(got)), 11);
	for (i = 0; i < 1000 && house_stats(h).peers > 0; i++) {
		send(fd, flood, sizeof(flood), MSG_DONTWAIT | MSG_NOSIGNAL);
		loop_poll(h->loop);
	}
	assert_int_equal(house_stats(h).peers, 0);
	assert_in_range(house_stats(h).bytes_in, 65536, 200000);
	close(fd);
	house_free(h);
}

/* The peer shuts its side; the answers come later, one after another. */
static void who_has_shut_his_side_gets_late_answers(void **state)
{
	struct house *h = house_new(NET_HTTP, NULL);
	struct net_listen how = house_listen(h, NET_HTTP);
	struct net_listener *l = listen_at(h, &how, "127.0.0.1:0");
	static const char ask[] = "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
	                          "GET /2 HTTP/1.1\r\nHost: a\r\n\r\n"
	                          "GET /3 HTT";
	char got[1000];
	int fd = dial_port(net_port(l)), i;

	(void)state;
	assert_int_equal(send(fd, ask, strlen(ask), 0), strlen(ask));
	shutdown(fd, SHUT_WR);
	for (i = 0; i < 100; i++)
		loop_poll(h->loop);
	house_heard(h, "GET /1; ");
	house_answer(h, "one");
	assert_true(await(h, fd, got, sizeof(got)) > 0);
	loop_poll(h->loop);
	house_heard(h, "GET /2; ");
	house_answer(h, "two");
	assert_true(await(h, fd, got, sizeof(got)) > 0);
	assert_int_equal(await(h, fd, got, sizeof(got)), 0);
	house_heard(h, "gone peer; ");
	close(fd);
	house_free(h);
}

static void gateways_are_served_before_the_others(void **state)
{
	struct house *h = house_new(NET_LINES, NULL);
	struct net_listen how = house_listen(h, NET_LINES);
	struct net_listener *lists[3];
	int fds[3], i;

	(void)state;
	for (i = 0; i < 3; i++) {
		how.class = (enum net_class)i;
		lists[i] = listen_at(h, &how, "127.0.0.1:0");
	}
	for (i = 2; i >= 0; i--) {
		fds[i] = dial_port(net_port(lists[i]));
		while (house_stats(h).peers != (unsigned)(3 - i))
			loop_poll(h->loop);
	}
	buf_clear(&h->journal);
	assert_int_equal(send(fds[2], "customer\n", 9, 0), 9);
	assert_int_equal(send(fds[1], "agent\n", 6, 0), 6);
	assert_int_equal(send(fds[0], "gateway\n", 8, 0), 8);
	loop_poll(h->loop);
	house_heard(h, "gateway; agent; customer; ");
	for (i = 0; i < 3; i++)
		close(fds[i]);
	house_free(h);
}

static int make_files(void **state)
{
	struct fault why;

	(void)state;
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(cert, sizeof(cert), "%s/cert.pem", folder);
	snprintf(key, sizeof(key), "%s/key.pem", folder);
	snprintf(other_cert, sizeof(other_cert), "%s/cert2.pem", folder);
	snprintf(other_key, sizeof(other_key), "%s/key2.pem", folder);
	if (tls_self_signed(cert, key, "localhost", &why) != 0 ||
	    tls_self_signed(other_cert, other_key, "localhost", &why) != 0)
		return -1;
	return 0;
}

static int remove_files(void **state)
{
	char path[96];

	(void)state;
	unlink(cert);
	unlink(key);
	unlink(other_cert);
	unlink(other_key);
	snprintf(path, sizeof(path), "%s/stale", folder);
	unlink(path);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_port_of_its_own_is_found),
		cmocka_unit_test(bad_addresses_are_refused_with_a_reason),
		cmocka_unit_test(a_unix_socket_is_private_unless_opened),
		cmocka_unit_test(
		    a_stale_unix_socket_is_replaced_but_a_live_one_is_not),
		cmocka_unit_test(accept_rests_while_descriptors_are_short),
		cmocka_unit_test(accept_goes_on_by_itself_after_a_second),
		cmocka_unit_test(the_last_tenth_of_descriptors_is_for_gateways),
		cmocka_unit_test(bad_tls_files_are_refused_with_a_reason),
		cmocka_unit_test(a_handshake_has_ten_seconds),
		cmocka_unit_test(handshakes_have_a_budget_per_turn),
		cmocka_unit_test(renewing_keeps_the_old_files_on_failure),
		cmocka_unit_test(last_words_reach_a_peer_that_talks_on),
		cmocka_unit_test(who_never_hangs_up_is_hung_up_on),
		cmocka_unit_test(who_floods_after_the_end_is_hung_up_on),
		cmocka_unit_test(who_has_shut_his_side_gets_late_answers),
		cmocka_unit_test(gateways_are_served_before_the_others),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}
