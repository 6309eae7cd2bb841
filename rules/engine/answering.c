/* SPDX-License-Identifier: Apache-2.0 */
/* A reply of somebody who may give it, to the client who asked, in the thread: nothing else answers. */
#include "engine/answering.h"
#include "base/text.h"
#include "engine/clues.h"
#include "engine/threadhints.h"
#include "facts/autosubject.h"

static bool intersects(const GPtrArray *words, const char *word) {
    for (guint i = 0; *word && i < words->len; i++) {
        if (text_equal_nocase(g_ptr_array_index(words, i), word))
            return true;
    }
    return false;
}

static bool is_somebody(const char *address, void *unused) {
    return *address;
}

static bool is_among(const char *address, void *words) {
    return intersects(words, address);
}

/* Is somebody on copy in whose name the writer may write? */
static bool has_chief_on_copy(const Decision *decision) {
    for (guint i = 0; i < decision->recipients->len; i++) {
        const Person *person = g_ptr_array_index(decision->recipients, i);
        if (person->staff && intersects(decision->sender->staff->acts_for, person->staff->address))
            return true;
    }
    return false;
}

/* An assistant answers only for those they act for: who is in charge here, or is on copy. */
static bool may_answer(const EngineInput *in, const Decision *decision, const Person *client, bool on_copy) {
    const Staff *writer = decision->sender->staff;
    if (on_copy || !text_equal_nocase(writer->role, "assistant"))
        return true;
    bool named = false, acts = false;
    g_autoptr(GPtrArray) hints = thread_hints(in, client->client->id);
    for (guint i = 0; i < hints->len; i++) {
        const char *owner = ((const ThreadHint *)g_ptr_array_index(hints, i))->owner;
        named |= *owner && !text_equal_nocase(owner, writer->address);
        acts |= intersects(writer->acts_for, owner);
    }
    const MatterColumn in_charge[] = {COLUMN_HANDLER, COLUMN_RESPONSIBLE};
    for (size_t i = 0; client->matter && i < G_N_ELEMENTS(in_charge); i++) {
        const MatterSet *about = client->matter->about;
        named |= matterset_any(about, MATTERS_ALL, in_charge[i], is_somebody, NULL);
        acts |= matterset_any(about, MATTERS_ALL, in_charge[i], is_among, writer->acts_for);
    }
    return acts || (!named && writer->acts_for->len);
}

static void add_op(Decision *decision, const char *name, const Person *client, const char *id, const char *matter) {
    for (guint i = 0; i < decision->deadlines->len; i++) {
        const DeadlineOp *op = g_ptr_array_index(decision->deadlines, i);
        if (text_equal(op->client, client->client->id) && text_equal(op->id, id) && text_equal(op->op, name))
            return;
    }
    DeadlineOp *op = deadline_op_new(name);
    text_set(&op->id, id);
    text_set(&op->client, client->client->id);
    text_set(&op->matter, matter);
    text_set(&op->owner, decision->sender->staff->address);
    g_ptr_array_add(decision->deadlines, op);
}

static void add_clear(Decision *decision, const Person *client, const char *id) {
    add_op(decision, "clear", client, id, client->matter ? client->matter->id : "");
}

/* In no thread: it may be the answer to what is open on the matter that a question of this client would be filed under.
 */
static void suggest(Decision *decision, const Person *client) {
    add_op(decision, "suggest", client, "", client->matter ? client->matter->filed : "");
}

static void clear_deadlines(const EngineInput *in, Decision *decision, const Person *client) {
    g_autoptr(GPtrArray) hints = thread_hints(in, client->client->id);
    bool any = false;
    for (guint i = 0; i < hints->len; i++) {
        const GPtrArray *ids = ((const ThreadHint *)g_ptr_array_index(hints, i))->deadlines;
        for (guint d = 0; d < ids->len; d++, any = true)
            add_clear(decision, client, g_ptr_array_index(ids, d));
    }
    /* The hints may be behind: the store finds the deadline by its thread, or keeps the answer until it is opened. */
    if (!any)
        add_clear(decision, client, "");
}

static bool may_clear(const EngineInput *in, const Decision *decision) {
    return decision->direction == DIRECTION_OUTGOING && decision->sender->staff && decision->automatic == AUTO_NONE &&
           !subject_is_absence_note(in->facts->subject);
}

void owed_clear(const EngineInput *in, Decision *decision) {
    if (!may_clear(in, decision))
        return;
    bool on_copy = has_chief_on_copy(decision);
    for (guint i = 0; i < decision->recipients->len; i++) {
        const Person *person = g_ptr_array_index(decision->recipients, i);
        if (!person->client || !may_answer(in, decision, person, on_copy))
            continue;
        if (thread_is_known(in, person->client->id))
            clear_deadlines(in, decision, person);
        else
            suggest(decision, person);
    }
}
