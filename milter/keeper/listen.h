/* SPDX-License-Identifier: Apache-2.0 */
/* The socket on which the MTA finds us: from systemd, or opened as the policy says. */
#pragma once
#include "policy/policy.h"

typedef struct {
    int fd;
    char *path; /* of a unix socket that we made and shall remove; NULL otherwise */
} Listener;

/* "unix:PATH" (mode 0660, group milter.socket_group), "inet:PORT@HOST", "inet6:PORT@HOST"; a socket that systemd passes
 * comes first. False with error. */
bool listener_open(const Settings *settings, Listener *listener, GError **error);
void listener_close(Listener *listener);
