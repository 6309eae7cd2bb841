/* SPDX-License-Identifier: Apache-2.0 */
/* Many messages as people keep them: files, folders of files (Maildir, MH) and mailboxes (mbox), one message in memory
 * at a time, and none that is larger than wanted. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
    /* One message as it lies there; `name` is its path, of a mailbox with ":N", the line where it begins. False: stop.
     */
    bool (*message)(const char *name, const GString *data, void *state);
    /* A file, folder or message that cannot be read: one line; the next one follows. */
    void (*problem)(const char *why, void *state);
    /* So many bytes of all files are behind us. False: stop. */
    bool (*progress)(uint64_t bytes, void *state);
    void *state;
    size_t limit; /* bytes of a message; a larger one is a problem */
} MailstoreVisitor;

/* Bytes of all regular files below; what cannot be read counts nothing. */
uint64_t mailstore_size(const char *path);

/* Everything below `path`, in the order of names: hidden files and what is no regular file are passed over, a file that
 * begins with "From " is a mailbox, any other one message. False when the visitor stopped. */
bool mailstore_visit(const char *path, const MailstoreVisitor *visitor);
