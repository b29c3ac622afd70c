/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * classes.h - the rows contacts wait in; private to the index.
 */
#ifndef USHER_MODEL_CLASSES_H
#define USHER_MODEL_CLASSES_H

#include "model/index.h"

bool class_before(const struct heap_node *a, const struct heap_node *b);
void class_free(struct class *k);
/* Somebody who could serve the set came in or left: classes of it whose queue
 * overflows when nobody is in join or leave index.stranded. */
void classes_strand(struct world *w, struct set *s);
/* The overflow a class may take now that nobody is in: 1 + its index, or 0. */
unsigned class_no_agents_overflow(const struct world *w, const struct class *k);

#endif
