/* SPDX-License-Identifier: Apache-2.0 */
/* The milter's socket as libmilter writes it and as Postfix does: the two differ. */
#pragma once
#include <glib.h>
#include <stdbool.h>

typedef struct {
    char *path;        /* of a unix socket; else NULL and */
    char *host, *port; /* host "" means every address */
} Endpoint;

void endpoint_clear(Endpoint *endpoint);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Endpoint, endpoint_clear)

/* "unix:/path", "local:/path", "/path", "inet:port@host", "inet:port", "inet6:…". False with a sentence. */
bool endpoint_parse(const char *libmilter, Endpoint *endpoint, GError **error);

/* For smtpd_milters: "unix:lexgate/milter.sock" when the path is below `queue_directory`, where Postfix's daemons work,
 * chrooted or not; else "unix:/path" or "inet:host:port". Caller owns. */
char *endpoint_for_postfix(const Endpoint *endpoint, const char *queue_directory);

/* Is this what one element of smtpd_milters means? Chrooted, plain and relative paths are all known. */
bool endpoint_is(const Endpoint *endpoint, const char *queue_directory, const char *postfix);

/* A connected socket; -1 with error. */
int endpoint_connect(const Endpoint *endpoint, int timeout_ms, GError **error);
