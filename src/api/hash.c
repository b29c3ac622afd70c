/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hash.c - the line in front of the two places where passwords are hashed.
 *
 * Entered by the login and by person-add. run() is called on another thread
 * and touches its job only, so a job owns all it needs.
 */
#include "api/hash.h"

#include "base/mem.h"

struct hash_job {
	struct list link; /* in running or waiting */
	struct hasher *hasher;
	char *password;
	size_t password_size;
	bool verify; /* against `text`; else `text` is filled */
	bool known;  /* verify: there is a hash to compare with */
	bool right;
	char text[PASSWORD_TEXT];
	hash_done_fn done;
	void *arg;
};

void hasher_init(struct hasher *h, struct work *work)
{
	*h = (struct hasher){ .work = work };
	list_init(&h->running);
	list_init(&h->waiting);
}

static void job_free(struct hash_job *j)
{
	explicit_bzero(j->password, j->password_size);
	mem_free(j->password);
	mem_free(j);
}

void hasher_done(struct hasher *h)
{
	struct hash_job *j, *next;

	list_each_safe(j, next, &h->waiting, link)
		job_free(j);
	hasher_init(h, NULL);
}

static void run(void *arg)
{
	struct hash_job *j = arg;
	struct str password = { j->password, j->password_size };

	/* A name nobody has costs the same as a wrong password. */
	if (j->verify)
		j->right = password_verify(password, j->known ? j->text : NULL);
	else
		password_hash(password, j->text);
}

static int submit(struct hasher *h, struct hash_job *j, work_fn done)
{
	int err = work_add(h->work, run, done, j);

	if (err == 0) {
		list_push(&h->running, &j->link);
		h->running_count++;
	}
	return err;
}

static void finish(struct hash_job *j, int err)
{
	j->done(j->arg, err, j->right, j->text);
	job_free(j);
}

/* A pool that is full of other things refuses; so do we then. */
static void start_next(struct hasher *h, work_fn done)
{
	struct hash_job *j;
	int err;

	while (
	    h->running_count < HASHES_AT_ONCE && !list_is_empty(&h->waiting)) {
		j = list_first(&h->waiting, struct hash_job, link);
		list_remove(&j->link);
		h->waiting_count--;
		err = submit(h, j, done);
		if (err != 0)
			finish(j, err);
	}
}

static void on_done(void *arg)
{
	struct hash_job *j = arg;
	struct hasher *h = j->hasher;

	list_remove(&j->link);
	h->running_count--;
	start_next(h, on_done);
	finish(j, 0);
}

static int start(struct hasher *h, struct hash_job *j)
{
	int err = ERR_BUSY;

	if (h->running_count < HASHES_AT_ONCE) {
		err = submit(h, j, on_done);
	} else if (h->waiting_count < HASHES_WAITING) {
		list_push(&h->waiting, &j->link);
		h->waiting_count++;
		err = 0;
	}
	if (err != 0)
		job_free(j);
	return err;
}

static struct hash_job *job_new(
    struct hasher *h, struct str password, hash_done_fn done, void *arg)
{
	struct hash_job *j = new_of(struct hash_job);

	list_init(&j->link);
	j->hasher = h;
	j->password = mem_text_n(password.p, password.n);
	j->password_size = password.n;
	j->done = done;
	j->arg = arg;
	return j;
}

/* A hash too long to be one of ours is as good as none. */
int hash_verify(struct hasher *h, struct str password, const char *hash,
    hash_done_fn done, void *arg)
{
	struct hash_job *j = job_new(h, password, done, arg);

	j->verify = true;
	j->known =
	    hash != NULL && str_copy(j->text, sizeof(j->text), str_of(hash));
	return start(h, j);
}

int hash_make(
    struct hasher *h, struct str password, hash_done_fn done, void *arg)
{
	return start(h, job_new(h, password, done, arg));
}
