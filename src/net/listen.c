/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * listen.c - listeners: addresses bound, connections accepted.
 *
 * Entered by main (net_listen and its kin) and by the loop. Accepts a few per
 * turn, gateways' listeners first. When descriptors run short it stops asking
 * for connections until one is given back: spinning on EMFILE would starve
 * those who are already in.
 */
#include "net/listen.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"

#define ACCEPTS_A_TURN 64
#define BACKLOG        1024
#define RESUME_MS      1000
#define MESSAGE_MAX    65536
#define FRAGMENTS_MAX  64
#define FIRST_MS       5000

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un path;
	struct sockaddr_storage room;
};

/* ---- life ---------------------------------------------------------------- */

struct net_listener *listen_ref(struct net_listener *l)
{
	l->refs++;
	return l;
}

void listen_unref(struct net_listener *l)
{
	if (--l->refs > 0)
		return;
	tls_free(l->tls);
	mem_free(l->cert_file);
	mem_free(l->key_file);
	mem_free(l);
}

/* The file of a UNIX socket is removed by who made it, and before its last peer
 * has gone: a new process may want the path. */
void net_unlisten(struct net_listener *l)
{
	if (l == NULL)
		return;
	list_remove(&l->in_net);
	loop_io_done(&l->io);
	if (l->fd >= 0)
		close(l->fd);
	if (l->unix_path != NULL)
		unlink(l->unix_path);
	mem_free(l->unix_path);
	l->unix_path = NULL;
	l->fd = -1;
	listen_unref(l);
}

unsigned net_port(const struct net_listener *l)
{
	return l->port;
}

int net_renew_tls(struct net_listener *l, struct fault *why)
{
	struct tls *t;
	int err;

	if (l->tls == NULL)
		return fault_set(why, ERR_STATE, "this listener has no TLS");
	err =
	    tls_new(l->cert_file, l->key_file, l->tongue == NET_HTTP, &t, why);
	if (err != 0)
		return err;
	tls_free(l->tls);
	l->tls = t;
	return 0;
}

/* ---- accepting ----------------------------------------------------------- */

/* The limit as it stands when the net is made: raise it before. */
int listen_fd_max(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) != 0 || r.rlim_cur > INT32_MAX)
		return INT32_MAX;
	return (int)(r.rlim_cur - r.rlim_cur / 10);
}

/* Cheap when nothing is paused, for every burial asks. */
void listen_resume(void *net)
{
	struct net *n = net;
	struct net_listener *l;

	if (!n->paused)
		return;
	n->paused = false;
	list_each(l, &n->listeners, in_net)
		loop_io_want(&l->io, LOOP_READ);
}

/* A burial resumes it; the timer does when others hold the descriptors. */
static void pause_all(struct net *n, bool gateways_too)
{
	struct net_listener *l;

	if (!n->paused)
		log_warn(
		    "net", "msg=\"accept paused\" peers=%u", n->stats.peers);
	n->paused = true;
	list_each(l, &n->listeners, in_net) {
		if (gateways_too || l->class != NET_GATEWAY)
			loop_io_want(&l->io, 0);
	}
	loop_timer_set(n->resume, RESUME_MS);
}

/* The peer's address as text: "10.0.0.5", "::1", "unix". */
static struct str address_text(const union address *a, char text[LINK_ADDRESS])
{
	if (a->any.sa_family == AF_INET)
		inet_ntop(AF_INET, &a->v4.sin_addr, text, LINK_ADDRESS);
	else if (a->any.sa_family == AF_INET6)
		inet_ntop(AF_INET6, &a->v6.sin6_addr, text, LINK_ADDRESS);
	else
		return STR("unix");
	return str_of(text);
}

/* Small messages must not wait for each other's acknowledgement; a peer that
 * vanished without a word is found by the kernel's own probes. */
static void set_options(int fd, const union address *a)
{
	int on = 1;

	setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	if (a->any.sa_family != AF_UNIX)
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static void welcome(struct net_listener *l, int fd, const union address *a)
{
	char text[LINK_ADDRESS];
	struct link *k = link_admit(l, address_text(a, text));

	/* Without a word: who is over a limit gets no work out of us. */
	if (k == NULL) {
		close(fd);
		return;
	}
	set_options(fd, a);
	conn_init(&k->conn, l->net->loop, fd, l->class, link_serve);
	if (l->tls != NULL && tls_attach(l->tls, &k->conn, link_now(k)) != 0)
		link_kill(k, NET_GONE_ERROR);
	link_start(k);
}

/* false: no more for now. */
static bool accept_one(struct net_listener *l)
{
	struct net *n = l->net;
	union address a = { .room = { 0 } };
	socklen_t size = sizeof(a);
	int fd = accept4(l->fd, &a.any, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (fd < 0) {
		if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
		    errno == ENOMEM)
			pause_all(n, true);
		return errno == EINTR || errno == ECONNABORTED;
	}
	if (fd >= n->fd_max && l->class != NET_GATEWAY) {
		close(fd);
		n->stats.refused_limit++;
		pause_all(n, false);
		return false;
	}
	welcome(l, fd, &a);
	return true;
}

static void on_ready(struct loop_io *io, unsigned what)
{
	struct net_listener *l = list_entry(io, struct net_listener, io);
	unsigned i;

	(void)what;
	l->net->busy++;
	/* The app may close the listener from within `open`. */
	listen_ref(l);
	for (i = 0; i < ACCEPTS_A_TURN && l->fd >= 0; i++) {
		if (!accept_one(l))
			break;
	}
	l->net->busy--;
	listen_unref(l);
}

/* ---- binding ------------------------------------------------------------- */

/* Numbers only: a resolver would block, and a listener that moves with DNS is
 * nobody's wish. */
static int read_host_port(
    const char *text, union address *out, socklen_t *size, struct fault *why)
{
	struct addrinfo how = {
		.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV | AI_PASSIVE,
		.ai_socktype = SOCK_STREAM,
	};
	struct addrinfo *found = NULL;
	char host[64];
	const char *colon = strrchr(text, ':');
	struct str name;
	int err;

	if (colon == NULL)
		return fault_set(
		    why, ERR_INVALID, "%s: address:port is wanted", text);
	name = (struct str){ text, (size_t)(colon - text) };
	if (name.n > 2 && name.p[0] == '[' && name.p[name.n - 1] == ']')
		name = str_sub(name, 1, name.n - 2);
	if (!str_copy(host, sizeof(host), name))
		return fault_set(why, ERR_INVALID, "%s: too long", text);
	err = getaddrinfo(host, colon + 1, &how, &found);
	if (err != 0)
		return fault_set(
		    why, ERR_INVALID, "%s: %s", text, gai_strerror(err));
	memcpy(out, found->ai_addr, found->ai_addrlen);
	*size = found->ai_addrlen;
	freeaddrinfo(found);
	return 0;
}

static int read_path(
    const char *path, union address *out, socklen_t *size, struct fault *why)
{
	out->path.sun_family = AF_UNIX;
	if (!str_copy(
	        out->path.sun_path, sizeof(out->path.sun_path), str_of(path)))
		return fault_set(why, ERR_INVALID, "%s: too long", path);
	*size = sizeof(out->path);
	return 0;
}

/* A socket file nobody listens behind was left by a crash. */
static void remove_stale(const union address *a)
{
	struct stat st;
	int fd, err = 0;

	if (stat(a->path.sun_path, &st) != 0 || !S_ISSOCK(st.st_mode))
		return;
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	if (connect(fd, &a->any, sizeof(a->path)) != 0)
		err = errno;
	close(fd);
	if (err == ECONNREFUSED)
		unlink(a->path.sun_path);
}

/* The mode of the socket becomes that of its file at bind(2): so the file is
 * never there with a wider one. */
static int bind_path(
    struct net_listener *l, const union address *a, bool keep_open)
{
	remove_stale(a);
	if (fchmod(l->fd, 0600) != 0 ||
	    bind(l->fd, &a->any, sizeof(a->path)) != 0)
		return -1;
	l->unix_path = mem_text(a->path.sun_path);
	return keep_open ? chmod(l->unix_path, 0666) : 0;
}

static int bind_ip(
    struct net_listener *l, const union address *a, socklen_t size)
{
	union address bound = { .room = { 0 } };
	int on = 1;

	setsockopt(l->fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	/* "[::]" means IPv6: whoever wants both says both. */
	if (a->any.sa_family == AF_INET6)
		setsockopt(l->fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(l->fd, &a->any, size) != 0)
		return -1;
	size = sizeof(bound);
	if (getsockname(l->fd, &bound.any, &size) != 0)
		return -1;
	l->port = ntohs(a->any.sa_family == AF_INET6 ? bound.v6.sin6_port
	                                             : bound.v4.sin_port);
	return 0;
}

static int open_socket(
    struct net_listener *l, const struct net_listen *how, struct fault *why)
{
	union address a = { .room = { 0 } };
	socklen_t size = 0;
	bool is_path = str_starts(str_of(how->address), "unix:");
	int err = is_path ? read_path(how->address + 5, &a, &size, why)
	                  : read_host_port(how->address, &a, &size, why);

	if (err != 0)
		return err;
	l->fd = socket(
	    a.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (l->fd < 0 ||
	    (is_path ? bind_path(l, &a, how->keep_unix_open)
	             : bind_ip(l, &a, size)) != 0 ||
	    listen(l->fd, BACKLOG) != 0)
		return fault_set(
		    why, ERR_IO, "%s: %s", how->address, strerror(errno));
	return 0;
}

static struct net_listener *make(struct net *n, const struct net_listen *how)
{
	struct net_listener *l = new_of(struct net_listener);

	l->net = n;
	l->app = how->app;
	l->tongue = how->tongue;
	l->class = how->class;
	l->bounds.message_max =
	    how->message_max != 0 ? how->message_max : MESSAGE_MAX;
	l->bounds.fragments_max =
	    how->fragments_max != 0 ? how->fragments_max : FRAGMENTS_MAX;
	l->first_message =
	    how->first_message != 0 ? how->first_message : FIRST_MS;
	l->fd = -1;
	l->refs = 1;
	list_init(&l->in_net);
	loop_io_init(&l->io, n->loop, -1, l->class);
	return l;
}

static int open_tls(
    struct net_listener *l, const struct net_listen *how, struct fault *why)
{
	if (how->cert_file == NULL)
		return 0;
	if (how->key_file == NULL)
		return fault_set(why, ERR_INVALID, "a certificate needs a key");
	l->cert_file = mem_text(how->cert_file);
	l->key_file = mem_text(how->key_file);
	return tls_new(
	    l->cert_file, l->key_file, l->tongue == NET_HTTP, &l->tls, why);
}

int net_listen(struct net *n, const struct net_listen *how,
    struct net_listener **out, struct fault *why)
{
	struct net_listener *l = make(n, how);
	bool memory = str_is(str_of(how->address), "memory:");
	int err = memory ? 0 : open_tls(l, how, why);

	if (err == 0 && !memory)
		err = open_socket(l, how, why);
	if (err != 0) {
		net_unlisten(l);
		return err;
	}
	list_push(&n->listeners, &l->in_net);
	if (!memory) {
		loop_io_init(&l->io, n->loop, l->fd, l->class);
		l->io.fn = on_ready;
		loop_io_want(&l->io, LOOP_READ);
	}
	*out = l;
	return 0;
}
