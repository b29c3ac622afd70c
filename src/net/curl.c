/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * curl.c - libcurl on our loop.
 *
 * Entered by the floors above with a request, and by the loop when one of
 * libcurl's sockets or its timer has something to say. Results are handed up
 * from the loop, never from within curl_post(). Nothing blocks the loop: names
 * are resolved by libcurl's own thread, and mail leaves from a small pool,
 * because libcurl waits for the answer to a mail's end without asking
 * (curl/curl issue 8555), whichever interface it is driven by.
 */
#include "net/curl.h"

#include <curl/curl.h>
#include <stdatomic.h>
#include <sys/socket.h>

#include "base/buf.h"
#include "base/check.h"
#include "base/mem.h"
#include "base/work.h"
#include "net/curl_guard.h"
#include "net/loop_io.h"

#define CONNECT_MS   5000L
#define TOTAL_MS     20000L
#define ANSWER_MAX   65536
#define PER_HOST_MAX 10L
#define MAIL_THREADS 4 /* so many mails at once, and no more */

struct curl_room {
	struct loop *loop;
	CURLM *multi;
	struct loop_timer *timer;
	struct list jobs;
	struct work *mails; /* NULL before the first one */
	struct loop_watch *watch;
	atomic_bool stopping; /* read by the pool's threads */
};

struct job {
	struct list in_room;
	struct curl_room *room;
	CURL *easy;
	struct curl_slist *fields;
	struct curl_slist *to;
	struct buf message; /* of a mail, being sent */
	size_t sent;
	struct buf answer;
	curl_done_fn done;
	void *arg;
	bool allow_private;
	bool refused;  /* by the guard */
	bool cut;      /* the answer was longer than we keep */
	bool shared;   /* driven by the multi handle */
	CURLcode code; /* of a mail */
	char error[CURL_ERROR_SIZE];
};

/* libcurl's interest in one of its sockets. */
struct interest {
	struct loop_io io;
	struct curl_room *room;
	curl_socket_t fd;
};

/* ---- results ------------------------------------------------------------- */

static void job_free(struct job *j)
{
	list_remove(&j->in_room);
	if (j->shared)
		curl_multi_remove_handle(j->room->multi, j->easy);
	curl_easy_cleanup(j->easy);
	curl_slist_free_all(j->fields);
	curl_slist_free_all(j->to);
	buf_done(&j->message);
	buf_done(&j->answer);
	mem_free(j);
}

static int error_of(const struct job *j, CURLcode code)
{
	if (code == CURLE_OK || (code == CURLE_WRITE_ERROR && j->cut))
		return 0;
	if (j->refused)
		return ERR_DENIED;
	switch (code) {
	case CURLE_OPERATION_TIMEDOUT:
		return ERR_TIMEOUT;
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_URL_MALFORMAT:
		return ERR_INVALID;
	case CURLE_OUT_OF_MEMORY:
		return ERR_MEMORY;
	case CURLE_LOGIN_DENIED:
		return ERR_AUTH;
	default:
		return ERR_IO;
	}
}

static void finish(struct job *j, CURLcode code)
{
	struct curl_result result = { .err = error_of(j, code) };
	long status = 0;

	curl_easy_getinfo(j->easy, CURLINFO_RESPONSE_CODE, &status);
	result.status = (int)status;
	result.body = buf_str(&j->answer);
	if (j->refused)
		result.text = "the address is not a public one";
	else if (result.err != 0)
		result.text =
		    j->error[0] != '\0' ? j->error : curl_easy_strerror(code);
	/* Out of the list first: the receiver may ask for the next one. */
	list_remove(&j->in_room);
	j->done(j->arg, &result);
	job_free(j);
}

/* The message is libcurl's and dies with its handle: so one at a time. */
static void gather(struct curl_room *c)
{
	CURLMsg *m;
	struct job *j;
	int left;

	while ((m = curl_multi_info_read(c->multi, &left)) != NULL) {
		if (m->msg != CURLMSG_DONE)
			continue;
		curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &j);
		finish(j, m->data.result);
	}
}

/* ---- the loop and libcurl ------------------------------------------------ */

static void on_ready(struct loop_io *io, unsigned what)
{
	struct interest *i = list_entry(io, struct interest, io);
	struct curl_room *c = i->room;
	int flags = 0, running;

	if (what & LOOP_READ)
		flags |= CURL_CSELECT_IN;
	if (what & LOOP_WRITE)
		flags |= CURL_CSELECT_OUT;
	/* `i` may be gone after this. */
	curl_multi_socket_action(c->multi, i->fd, flags, &running);
	gather(c);
}

static void on_time(void *arg)
{
	struct curl_room *c = arg;
	int running;

	curl_multi_socket_action(c->multi, CURL_SOCKET_TIMEOUT, 0, &running);
	gather(c);
}

static int want_timer(CURLM *multi, long ms, void *arg)
{
	struct curl_room *c = arg;

	(void)multi;
	loop_timer_set(c->timer, ms);
	return 0;
}

/* libcurl tells which of its sockets it wants to hear of. */
static int want_socket(
    CURL *easy, curl_socket_t fd, int what, void *arg, void *before)
{
	struct curl_room *c = arg;
	struct interest *i = before;
	unsigned wants = 0;

	(void)easy;
	if (what == CURL_POLL_REMOVE) {
		if (i != NULL)
			loop_io_done(&i->io);
		mem_free(i);
		return 0;
	}
	if (i == NULL) {
		i = new_of(struct interest);
		loop_io_init(&i->io, c->loop, fd, LOOP_SECOND);
		i->io.fn = on_ready;
		i->room = c;
		i->fd = fd;
		curl_multi_assign(c->multi, fd, i);
	}
	if (what & CURL_POLL_IN)
		wants |= LOOP_READ;
	if (what & CURL_POLL_OUT)
		wants |= LOOP_WRITE;
	loop_io_want(&i->io, wants);
	return 0;
}

struct curl_room *curl_room_new(struct loop *l)
{
	struct curl_room *c = new_of(struct curl_room);

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != 0)
		die("libcurl does not start");
	c->loop = l;
	c->multi = curl_multi_init();
	if (c->multi == NULL)
		die("libcurl does not start");
	c->timer = loop_timer_new(l, on_time, c);
	list_init(&c->jobs);
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETFUNCTION, want_socket);
	curl_multi_setopt(c->multi, CURLMOPT_SOCKETDATA, c);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERFUNCTION, want_timer);
	curl_multi_setopt(c->multi, CURLMOPT_TIMERDATA, c);
	curl_multi_setopt(
	    c->multi, CURLMOPT_MAX_HOST_CONNECTIONS, PER_HOST_MAX);
	/* Sharing a connection would share the guard's verdict on it. */
	curl_multi_setopt(c->multi, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
	return c;
}

/* libcurl asks about once a second while a mail is under way, so that is what
 * the end of the process may have to wait for. */
void curl_room_free(struct curl_room *c)
{
	struct job *j, *tmp;

	if (c == NULL)
		return;
	atomic_store(&c->stopping, true);
	loop_unwatch(c->watch);
	work_free(c->mails);
	list_each_safe(j, tmp, &c->jobs, in_room)
		job_free(j);
	curl_multi_cleanup(c->multi);
	loop_timer_free(c->timer);
	mem_free(c);
	curl_global_cleanup();
}

/* ---- one transfer -------------------------------------------------------- */

static curl_socket_t open_socket(
    void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
	struct job *j = arg;

	if (purpose != CURLSOCKTYPE_IPCXN)
		return CURL_SOCKET_BAD;
	if (!j->allow_private && !curl_guard_is_public(&a->addr)) {
		j->refused = true;
		return CURL_SOCKET_BAD;
	}
	j->refused = false; /* another address of the name was public */
	return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

/* Taking less than was given ends the transfer, which is then no failure. */
static size_t keep_answer(char *data, size_t one, size_t count, void *arg)
{
	struct job *j = arg;
	size_t n = one * count;
	size_t room = ANSWER_MAX - j->answer.len;

	j->cut = n > room;
	buf_add(&j->answer, data, j->cut ? room : n);
	return j->cut ? 0 : n;
}

static size_t give_message(char *dst, size_t one, size_t count, void *arg)
{
	struct job *j = arg;
	size_t n = one * count;

	if (n > j->message.len - j->sent)
		n = j->message.len - j->sent;
	if (n > 0)
		memcpy(dst, j->message.data + j->sent, n);
	j->sent += n;
	return n;
}

static bool add_line(struct curl_slist **list, const char *line)
{
	struct curl_slist *longer = curl_slist_append(*list, line);

	if (longer == NULL)
		return false;
	*list = longer;
	return true;
}

static bool add_lines(struct curl_slist **list, const char *const *lines)
{
	for (; lines != NULL && *lines != NULL; lines++) {
		if (!add_line(list, *lines))
			return false;
	}
	return true;
}

/* What holds for every transfer. An empty proxy also bars those named in the
 * environment. */
static bool set_common(struct job *j, const char *url, const char *protocols)
{
	CURL *e = j->easy;
	CURLcode bad = CURLE_OK;

	bad |= curl_easy_setopt(e, CURLOPT_URL, url);
	bad |= curl_easy_setopt(e, CURLOPT_PROTOCOLS_STR, protocols);
	bad |= curl_easy_setopt(e, CURLOPT_PRIVATE, j);
	bad |= curl_easy_setopt(e, CURLOPT_ERRORBUFFER, j->error);
	bad |= curl_easy_setopt(e, CURLOPT_NOSIGNAL, 1L);
	bad |= curl_easy_setopt(e, CURLOPT_PROXY, "");
	bad |= curl_easy_setopt(e, CURLOPT_FOLLOWLOCATION, 0L);
	bad |= curl_easy_setopt(e, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	bad |= curl_easy_setopt(e, CURLOPT_TIMEOUT_MS, TOTAL_MS);
	bad |= curl_easy_setopt(e, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	bad |= curl_easy_setopt(e, CURLOPT_OPENSOCKETDATA, j);
	bad |= curl_easy_setopt(e, CURLOPT_WRITEFUNCTION, keep_answer);
	bad |= curl_easy_setopt(e, CURLOPT_WRITEDATA, j);
	/* A connection into the house must not be found again by a transfer
	 * that may not go there. */
	if (j->allow_private)
		bad |= curl_easy_setopt(e, CURLOPT_FORBID_REUSE, 1L);
	return bad == CURLE_OK;
}

/* A name in the URL would be sent as a password to whoever the URL names. */
static bool set_post(struct job *j, const struct curl_post *post)
{
	CURL *e = j->easy;
	CURLcode bad = CURLE_OK;

	/* Without "Expect:" libcurl waits a second before a larger body. */
	if (!add_lines(&j->fields, post->fields) ||
	    !add_line(&j->fields, "Expect:"))
		return false;
	bad |= curl_easy_setopt(e, CURLOPT_POST, 1L);
	bad |= curl_easy_setopt(
	    e, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)post->body.n);
	bad |= curl_easy_setopt(
	    e, CURLOPT_COPYPOSTFIELDS, post->body.n > 0 ? post->body.p : "");
	bad |= curl_easy_setopt(e, CURLOPT_HTTPHEADER, j->fields);
	bad |= curl_easy_setopt(e, CURLOPT_USERAGENT, "usher");
	bad |= curl_easy_setopt(e, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	return bad == CURLE_OK;
}

static int is_stopping(void *arg, curl_off_t down_all, curl_off_t down,
    curl_off_t up_all, curl_off_t up)
{
	struct job *j = arg;

	(void)down_all;
	(void)down;
	(void)up_all;
	(void)up;
	return atomic_load(&j->room->stopping);
}

/* Without require_tls STARTTLS is still used where it is offered. */
static bool set_mail(struct job *j, const struct curl_mail *mail)
{
	CURL *e = j->easy;
	CURLcode bad = CURLE_OK;

	buf_add_str(&j->message, mail->message);
	if (j->message.failed || !add_lines(&j->to, mail->to))
		return false;
	bad |= curl_easy_setopt(e, CURLOPT_MAIL_FROM, mail->from);
	bad |= curl_easy_setopt(e, CURLOPT_MAIL_RCPT, j->to);
	bad |= curl_easy_setopt(e, CURLOPT_UPLOAD, 1L);
	bad |= curl_easy_setopt(e, CURLOPT_READFUNCTION, give_message);
	bad |= curl_easy_setopt(e, CURLOPT_READDATA, j);
	bad |= curl_easy_setopt(
	    e, CURLOPT_INFILESIZE_LARGE, (curl_off_t)j->message.len);
	bad |= curl_easy_setopt(e, CURLOPT_NOPROGRESS, 0L);
	bad |= curl_easy_setopt(e, CURLOPT_XFERINFOFUNCTION, is_stopping);
	bad |= curl_easy_setopt(e, CURLOPT_XFERINFODATA, j);
	bad |= curl_easy_setopt(e, CURLOPT_USE_SSL,
	    mail->require_tls ? (long)CURLUSESSL_ALL : (long)CURLUSESSL_TRY);
	if (mail->user != NULL) {
		bad |= curl_easy_setopt(e, CURLOPT_USERNAME, mail->user);
		bad |= curl_easy_setopt(e, CURLOPT_PASSWORD, mail->password);
	}
	return bad == CURLE_OK;
}

static struct job *job_new(
    struct curl_room *c, bool allow_private, curl_done_fn done, void *arg)
{
	struct job *j = new_of(struct job);

	list_init(&j->in_room);
	j->room = c;
	j->easy = curl_easy_init();
	j->allow_private = allow_private;
	j->done = done;
	j->arg = arg;
	return j;
}

int curl_post(struct curl_room *c, const struct curl_post *post,
    curl_done_fn done, void *arg)
{
	struct job *j = job_new(c, post->allow_private, done, arg);
	bool good = j->easy != NULL && set_common(j, post->url, "http,https") &&
	            set_post(j, post);

	if (!good || curl_multi_add_handle(c->multi, j->easy) != CURLM_OK) {
		job_free(j);
		return ERR_MEMORY;
	}
	j->shared = true;
	list_push(&c->jobs, &j->in_room);
	return 0;
}

/* ---- mail: on a thread of the pool --------------------------------------- */

static void run_mail(void *arg)
{
	struct job *j = arg;

	j->code = CURLE_ABORTED_BY_CALLBACK;
	if (!atomic_load(&j->room->stopping))
		j->code = curl_easy_perform(j->easy);
}

static void end_mail(void *arg)
{
	struct job *j = arg;

	finish(j, j->code);
}

static void on_mails(void *arg)
{
	work_collect(arg);
}

static void start_pool(struct curl_room *c)
{
	c->mails = work_new(MAIL_THREADS);
	c->watch = loop_watch(c->loop, work_fd(c->mails), on_mails, c->mails);
}

int curl_mail(struct curl_room *c, const struct curl_mail *mail,
    curl_done_fn done, void *arg)
{
	struct job *j = job_new(c, mail->allow_private, done, arg);
	bool good = j->easy != NULL && set_common(j, mail->url, "smtp,smtps") &&
	            set_mail(j, mail);
	int err = good ? 0 : ERR_MEMORY;

	if (c->mails == NULL)
		start_pool(c);
	if (err == 0)
		err = work_add(c->mails, run_mail, end_mail, j);
	if (err != 0)
		job_free(j);
	else
		list_push(&c->jobs, &j->in_room);
	return err;
}
