/* SPDX-License-Identifier: Apache-2.0 */
/* Mail we submit ourselves, over SMTP with libcurl. */
#pragma once
#include "base/instant.h"
#include "base/seal.h"
#include <glib.h>
#include <stdbool.h>

typedef enum {
    POST_UNREACHABLE, /* the relay did not answer, or stopped answering: another mail would fare no better */
    POST_LATER,       /* a 4xx for this mail */
    POST_REFUSED,     /* a 5xx for this mail */
    POST_INVALID,     /* our own settings or addresses are wrong: nothing was sent */
} PostError;
#define POST_ERROR post_error_quark()
GQuark post_error_quark(void);

typedef struct {
    const char *relay;              /* host:port */
    const char *user, *password;    /* NULL: none. With a password TLS with a valid certificate is required */
    Duration timeout;               /* for the whole of one mail */
    bool (*cancelled)(void *state); /* NULL, or asked about once a second: true gives up at once */
    void *state;
} PostSettings;

typedef struct {
    const char *return_path;     /* "" for the null return path */
    const GPtrArray *recipients; /* char * */
    const Bytes *pieces;         /* of the message: complete, CRLF */
    size_t count;
    GString *answer; /* NULL, or gets what the relay said to the whole mail when it took it */
} PostMail;

/* Once per process, before threads. */
void post_prepare(void);

/* Blocks. True: the relay said 250 to DATA with all recipients accepted. False with what it answered, for people
 * (POST_ERROR); *permanent tells a 5xx from everything else. */
bool post_send(const PostSettings *settings, const PostMail *mail, bool *permanent, GError **error);

/* The relay's queue id in such an answer, as Postfix and Sendmail say it; "" when there is none. Caller owns. */
char *post_queue_id(const char *answer);
