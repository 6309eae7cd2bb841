/* SPDX-License-Identifier: Apache-2.0 */
/* Serves act_handle() on a unix socket: at most 32 clients, lines of at most 64 kB, 5 seconds for each. */
#pragma once
#include "escalated/daemon.h"

/* Until daemon_stop(). `listener` is closed at the end. */
void socket_serve(Daemon *daemon, int listener);
