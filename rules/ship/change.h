/* SPDX-License-Identifier: Apache-2.0 */
/* What a change (store/changes.md) is put together from: the members of a payload that are there, each as Lua wants it.
 */
#pragma once
#include "base/jsontext.h"
#include "base/jsonview.h"
#include "journal/entry.h"

typedef struct {
    const Entry *entry;
    const JsonView *body;
    GPtrArray *changes; /* appended to */
    const char *qid;    /* for the operations of an act, which else have none; or NULL */
    bool on_hold;       /* for the operations of a message that nobody may see yet */
} Translation;

/* A change begun: its operation, number and time. */
void change_begin(const Translation *to, GString *out, const char *name, const char *op);
GString *change_new(const Translation *to, const char *op);

/* Ends and takes it; where it is not `good` it is thrown away. Returns `good`. */
bool change_give(Translation *to, GString *change, bool good);

/* Texts that are there; false when a needed one (marked by '!') is not. */
bool copy_texts(GString *change, const JsonView *from, const char *const *names);
bool copy_time(GString *change, const JsonView *from, const char *name);
bool copy_number(GString *change, const JsonView *from, const char *name);
void copy_list(GString *change, const JsonView *from, const char *name);

/* A list of words as one text. */
void copy_words(GString *change, const char *name, const JsonView *list);

/* {"at", "tell"} as [seconds, "owner cover"]; tell is one text or a list of words. Nothing when it is neither. */
void copy_step(GString *change, const char *name, const JsonView *step);
void copy_steps(GString *change, const JsonView *from);

/* Under what Redis knows that this message answered this client; NULL: nothing to know it by. Caller owns. */
char *answer_name(const Translation *to, const char *client);
