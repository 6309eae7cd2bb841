/* SPDX-License-Identifier: Apache-2.0 */
/* Mail we submit ourselves, over SMTP with libcurl. */
#pragma once
#include "base/instant.h"
#include <glib.h>
#include <stdbool.h>

typedef struct {
    const char *relay;          /* host:port */
    const char *user, *password; /* NULL: none. With a password TLS is required */
    Duration timeout;
} PostSettings;

typedef struct {
    const char *return_path;    /* "" for the null return path */
    const GPtrArray *recipients; /* char * */
    const char *message;        /* complete, CRLF */
    size_t length;
} PostMail;

/* Once per process, before threads. */
void post_prepare(void);

/* Blocks. True: the relay said 250 to DATA with all recipients accepted. False with what it answered, for people; *permanent tells a
 * 5xx from everything else. */
bool post_send(const PostSettings *settings, const PostMail *mail, bool *permanent, GError **error);
