/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * decide.h - one handler per input kind; private to route/.
 *
 * 0, or the code of step_refuse(): then nothing was emitted.
 */
#ifndef USHER_ROUTE_DECIDE_H
#define USHER_ROUTE_DECIDE_H

#include "route/step.h"

int decide_start(struct step *s);
int decide_config(struct step *s);
int decide_wall(struct step *s);
int decide_hours(struct step *s);
int decide_queue_override(struct step *s);
int decide_skill_override(struct step *s);
int decide_person(struct step *s);
int decide_token(struct step *s);
int decide_revoke(struct step *s);

int decide_arrive(struct step *s);
int decide_parsed(struct step *s);
int decide_message(struct step *s);
int decide_leave(struct step *s);
int decide_start_contact(struct step *s);
int decide_identity(struct step *s);
int decide_end(struct step *s);
int decide_transfer(struct step *s);

int decide_sign_in(struct step *s);
int decide_sign_out(struct step *s);
int decide_gone(struct step *s);
int decide_state(struct step *s);
int decide_accept(struct step *s);
int decide_reject(struct step *s);

int decide_result(struct step *s);
int decide_call(struct step *s);
int decide_device(struct step *s);

/* A raw mail nobody can read is routed as it is: decide_contact.c. */
void contact_unread(struct step *s, struct contact_id id);

/* Something is due: due.c. */
void decide_due(struct step *s, const struct due *d);

#endif
