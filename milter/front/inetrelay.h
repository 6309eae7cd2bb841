/* SPDX-License-Identifier: Apache-2.0 */
/* A milter on a TCP socket, without the 40 ms that Nagle and delayed acknowledgements cost each step: libmilter sets
 * neither TCP_NODELAY nor TCP_QUICKACK, so it listens on a local socket instead and a thread carries bytes between the
 * two. */
#pragma once
#include <glib.h>

/* `listener` is the TCP one. Gives the descriptor of the local listening socket, which lies in `folder`; -1 with error.
 * At most `connections` are carried at once, others wait to be accepted. */
int inetrelay_start(int listener, const char *folder, unsigned connections, GError **error);
