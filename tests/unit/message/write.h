/* SPDX-License-Identifier: Apache-2.0 */
/* Sentences written into a message as a gateway would do it, for tests. */
#pragma once
#include "message/insert.h"

typedef struct {
    char *message; /* with what was written and the header changed accordingly */
    size_t length;
    const char *why; /* NULL: it was written into, or bears all of it already */
    char *where;
    InsertResult result; /* of the first sentence */
    guint edits;
    bool relabelled; /* the header of the message was changed */
} Written;

typedef struct {
    const char *banner, *disclaimer; /* NULL: none */
    bool anywhere;
} Sentences;

Written *write_bytes(const char *data, size_t length, const Sentences *sentences);
void written_free(Written *written);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Written, written_free)

/* Aborts unless all parts but those that were written into are as they were, byte for byte, and no line became too
 * long. */
void written_check(const char *data, size_t length, const Written *written);
