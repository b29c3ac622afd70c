/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * http.h - the room's HTTP rows: login, questions, pages, the WebSocket.
 */
#ifndef USHER_API_HTTP_H
#define USHER_API_HTTP_H

#include "api/room.h"

/* Fills a->rows: the fixed rows, then one per page of a->pages. */
void http_rows_make(struct api *a);

#endif
