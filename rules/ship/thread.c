/* SPDX-License-Identifier: Apache-2.0 */
#include "ship/thread.h"
#include <signal.h>
#include <time.h>

bool thread_start(pthread_t *thread, void *(*run)(void *data), void *data, GError **error) {
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int rc = pthread_create(thread, NULL, run, data);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (rc != 0)
        g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(rc), "cannot start a thread: %s", g_strerror(rc));
    return rc == 0;
}

void thread_init_wake(pthread_cond_t *wake) {
    pthread_condattr_t steady;
    pthread_condattr_init(&steady);
    pthread_condattr_setclock(&steady, CLOCK_MONOTONIC);
    pthread_cond_init(wake, &steady);
    pthread_condattr_destroy(&steady);
}
