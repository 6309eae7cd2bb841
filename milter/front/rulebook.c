/* SPDX-License-Identifier: Apache-2.0 */
/* A ring of generations. A message keeps the one it began with; a judge's answer names its own. */
#include "front/rulebook.h"
#include "base/timesource.h"
#include "policy/load.h"
#include <pthread.h>

enum { RING = 4 };

struct Rulebooks {
    pthread_mutex_t lock;
    Rulebook *ring[RING]; /* [0] is the current one */
};

Rulebooks *rulebooks_new(void) {
    Rulebooks *books = g_new0(Rulebooks, 1);
    pthread_mutex_init(&books->lock, NULL);
    return books;
}

void rulebook_unref(Rulebook *book) {
    if (!book || atomic_fetch_sub(&book->references, 1) > 1)
        return;
    policy_unref(book->policy);
    registry_free(book->registry);
    g_free(book);
}

static Rulebook *load(int source_fd, const char *snapshot, GError **error) {
    g_autoptr(PolicySource) source = policy_source_from_fd(source_fd, error);
    if (!source)
        return NULL;
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
    TimeSource clock = timesource_system();
    g_autoptr(Policy) policy = policy_parse(source, timesource_now(&clock), problems);
    if (!policy) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "the policy that the keeper checked does not parse");
        return NULL;
    }
    g_autoptr(Registry) registry = registry_open(snapshot, error);
    if (!registry)
        return NULL;
    Rulebook *book = g_new0(Rulebook, 1);
    book->policy = g_steal_pointer(&policy);
    book->registry = g_steal_pointer(&registry);
    atomic_init(&book->references, 1);
    return book;
}

bool rulebooks_load(Rulebooks *books, unsigned generation, int source, const char *snapshot, GError **error) {
    Rulebook *book = load(source, snapshot, error);
    if (!book)
        return false;
    book->generation = generation;
    pthread_mutex_lock(&books->lock);
    Rulebook *oldest = books->ring[RING - 1];
    for (int i = RING - 1; i > 0; i--)
        books->ring[i] = books->ring[i - 1];
    books->ring[0] = book;
    pthread_mutex_unlock(&books->lock);
    rulebook_unref(oldest);
    return true;
}

Rulebook *rulebooks_current(Rulebooks *books) {
    pthread_mutex_lock(&books->lock);
    Rulebook *book = books->ring[0];
    atomic_fetch_add(&book->references, 1);
    pthread_mutex_unlock(&books->lock);
    return book;
}

Rulebook *rulebooks_of(Rulebooks *books, unsigned generation) {
    Rulebook *found = NULL;
    pthread_mutex_lock(&books->lock);
    for (int i = 0; i < RING && !found; i++)
        if (books->ring[i] && books->ring[i]->generation == generation)
            found = books->ring[i];
    if (found)
        atomic_fetch_add(&found->references, 1);
    pthread_mutex_unlock(&books->lock);
    return found;
}
