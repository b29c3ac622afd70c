/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * act.h - a command of a story becomes inputs. The commands: README.md.
 */
#ifndef USHER_TESTS_ACT_H
#define USHER_TESTS_ACT_H

#include "stage.h"

void act(struct stage *st, const struct beat *b);

#endif
