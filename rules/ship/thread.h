/* SPDX-License-Identifier: Apache-2.0 */
/* How the threads of this module are made. */
#pragma once
#include <glib.h>
#include <pthread.h>
#include <stdbool.h>

/* With all signals blocked: those are the main thread's. */
bool thread_start(pthread_t *thread, void *(*run)(void *data), void *data, GError **error);

/* A condition that goes by the monotonic clock (monotonic_after). */
void thread_init_wake(pthread_cond_t *wake);
