/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * login.h - who somebody is, by password or by token.
 *
 * The command `login` itself is a row (session_commands); HTTP asks for the
 * owner of a bearer token at each request, so that a person switched off is
 * out at once.
 */
#ifndef USHER_API_LOGIN_H
#define USHER_API_LOGIN_H

#include "api/room.h"
#include "store/store.h"

/* The people in the record as of their last committed change. */
int read_person(
    struct api *a, struct str name, read_done_fn done, void *arg) must_check;

/* A person found by token. err: 0, ERR_AUTH or what the store said. */
struct known_person {
	int err;
	char name[NAME_MAX_BYTES + 1];
	enum role role; /* of the record, not yet raised by the config */
};
typedef void (*known_fn)(void *arg, const struct known_person *who);
void token_owner(struct api *a, struct str token, known_fn done, void *arg);

#endif
