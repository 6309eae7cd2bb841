/* SPDX-License-Identifier: Apache-2.0 */
/* A new checkpoint is made from the last one and what came behind it: what did not matter then does not now, but for a
 * deadline that was opened again, whose act tells the question once more. */
#include "ship/upkeep.h"
#include "base/log.h"
#include "ship/translate.h"
#include <inttypes.h>
#include <string.h>

#define DAY_S 86400
#define AGAIN_S 60     /* a writer catches up, or Redis went away meanwhile */
#define MISSING_S 3600 /* something is missing: until somebody has looked */

struct Upkeep {
    UpkeepSettings settings;
    const char *name;
    Checkpoint *last, *going_by; /* `going_by`: what upkeep_place() gave */
    bool looked;                 /* for `last` */
    Instant due;
    /* of the one that is being made */
    Checkpoint *next; /* NULL: none is */
    Cursor cursor;
    Instant since, oldest;
};

Upkeep *upkeep_new(const UpkeepSettings *settings) {
    Upkeep *upkeep = g_new0(Upkeep, 1);
    upkeep->settings = *settings;
    upkeep->name = journal_writer_name(settings->writer);
    upkeep->cursor = (Cursor){.folder = settings->folder, .writer = settings->writer};
    return upkeep;
}

static void give_up(Upkeep *upkeep) {
    g_clear_pointer(&upkeep->next, checkpoint_free);
    cursor_set(&upkeep->cursor, 0);
}

void upkeep_free(Upkeep *upkeep) {
    if (!upkeep)
        return;
    give_up(upkeep);
    checkpoint_free(upkeep->last);
    checkpoint_free(upkeep->going_by);
    g_free(upkeep);
}

static Instant now_of(const Upkeep *upkeep) {
    return timesource_now(&upkeep->settings.clock);
}

/* INSTANT_NEVER: there is none. */
static Instant first_entry_at(const Upkeep *upkeep) {
    g_autoptr(JournalReader) reader = journal_reader_open(upkeep->settings.folder, upkeep->name, 0, NULL);
    g_autoptr(Entry) entry = NULL;
    return reader && journal_read(reader, &entry, NULL) == READ_ENTRY ? entry->t : INSTANT_NEVER;
}

static Checkpoint *load(const Upkeep *upkeep) {
    g_autoptr(GError) error = NULL;
    Checkpoint *checkpoint = checkpoint_load(upkeep->settings.folder, upkeep->name, &error);
    if (!checkpoint && error->code != G_FILE_ERROR_NOENT)
        log_warning("journal: the checkpoint is left alone: %s", error->message);
    return checkpoint;
}

/* ---- Filling ---- */

static bool read_all_again(Upkeep *upkeep, GError **error) {
    log_warning(
        "redis: the checkpoint of %s does not go together with how Redis was filled: all journals are read from "
        "their beginning",
        upkeep->name);
    if (store_wipe(upkeep->settings.store, error))
        g_set_error_literal(error, STORE_ERROR, STORE_MARK, "redis: was emptied to be filled from the beginning");
    return false;
}

static bool choose(Upkeep *upkeep, uint64_t mark, GError **error) {
    FillKind kind = FILL_LATER;
    g_autoptr(Checkpoint) checkpoint = load(upkeep);
    Filler filler = {.writer = upkeep->name,
                     .listed = checkpoint != NULL,
                     .at = checkpoint ? checkpoint->made : first_entry_at(upkeep),
                     .through = checkpoint ? checkpoint->through : 0,
                     .now = now_of(upkeep)};
    if (!store_fill(upkeep->settings.store, &filler, &kind, error))
        return false;
    if (kind == FILL_LATER) {
        g_set_error_literal(error, STORE_ERROR, STORE_AWAY, "redis: is being wiped");
        return false;
    }
    if (kind == FILL_APART)
        return read_all_again(upkeep, error);
    char made[INSTANT_TEXT];
    if (kind == FILL_LISTED && mark == 0)
        log_info("redis: has nothing of %s: filled from the checkpoint of %s, by which %" PRIu64 " of %" PRIu64
                 " entries matter",
                 upkeep->name, instant_format(checkpoint->made, made), checkpoint_count(checkpoint),
                 checkpoint->through);
    if (kind == FILL_LISTED)
        upkeep->going_by = g_steal_pointer(&checkpoint);
    return true;
}

bool upkeep_place(Upkeep *upkeep, uint64_t mark, const Checkpoint **only, GError **error) {
    uint64_t through = 0;
    Instant made;
    *only = NULL;
    upkeep_doubt(upkeep);
    g_clear_pointer(&upkeep->going_by, checkpoint_free);
    if (mark && !store_filled(upkeep->settings.store, upkeep->name, &through, &made, error))
        return false;
    if (mark == 0 ? journal_synced(upkeep->settings.writer) == 0 : mark >= through)
        return true;
    if (!choose(upkeep, mark, error))
        return false;
    *only = upkeep->going_by;
    return true;
}

/* ---- Making one ---- */

void upkeep_doubt(Upkeep *upkeep) {
    if (upkeep->next)
        upkeep->due = instant_add(now_of(upkeep), duration_seconds(AGAIN_S));
    give_up(upkeep);
}

/* When nothing was made yet: so long after the first entry, since a young journal is read in no time. */
static bool is_due(Upkeep *upkeep) {
    if (!upkeep->looked) {
        Instant first = first_entry_at(upkeep);
        upkeep->last = load(upkeep);
        upkeep->looked = upkeep->last || instant_compare(first, INSTANT_NEVER) != 0;
        if (!upkeep->looked)
            return false;
        upkeep->due = instant_add(upkeep->last ? upkeep->last->made : first, upkeep->settings.every);
    }
    return instant_compare(now_of(upkeep), upkeep->due) >= 0;
}

static void again_in(Upkeep *upkeep, int64_t seconds) {
    give_up(upkeep);
    upkeep->due = instant_add(now_of(upkeep), duration_seconds(seconds));
}

static bool begin(Upkeep *upkeep, uint64_t at, GError **error) {
    Instant now = now_of(upkeep);
    Duration youth = {MIN(upkeep->settings.every.us, duration_seconds(DAY_S).us)};
    if (!store_matters_since(upkeep->settings.store, youth, now, &upkeep->since, error))
        return false;
    if (instant_compare(upkeep->since, INSTANT_NEVER) == 0) {
        again_in(upkeep, AGAIN_S);
        return true;
    }
    upkeep->next = checkpoint_new(at, now);
    upkeep->oldest = now;
    upkeep->cursor.only = upkeep->last;
    cursor_set(&upkeep->cursor, 0);
    return true;
}

static void add(Upkeep *upkeep, const Entry *entry, char answer) {
    checkpoint_add(upkeep->next, entry->seq);
    if (answer != '2' && instant_compare(entry->t, upkeep->oldest) < 0)
        upkeep->oldest = entry->t;
}

/* The changes of entries that have to be asked for; counts[i] of them are of entry i. */
static GPtrArray *changes_of(const Upkeep *upkeep, const Batch *batch, guint *counts) {
    GPtrArray *changes = g_ptr_array_new_with_free_func(g_free);
    for (guint i = 0; i < batch->entries->len; i++) {
        Entry *entry = g_ptr_array_index(batch->entries, i);
        guint before = changes->len;
        if (instant_compare(entry->t, upkeep->since) < 0)
            translate_to_changes(entry, changes);
        counts[i] = changes->len - before;
    }
    return changes;
}

/* Of the answers to one entry. */
static char strongest(const char *answers, guint count) {
    for (const char *kind = "312"; *kind; kind++)
        if (memchr(answers, *kind, count))
            return *kind;
    return '0';
}

static bool take(Upkeep *upkeep, const Batch *batch, GError **error) {
    g_autofree guint *counts = g_new0(guint, batch->entries->len + 1);
    g_autoptr(GPtrArray) changes = changes_of(upkeep, batch, counts);
    g_autofree char *answers = g_malloc0(changes->len + 1);
    const char *answer = answers;
    if (changes->len && !store_matters(upkeep->settings.store, changes, now_of(upkeep), answers, error))
        return false;
    for (guint i = 0; i < batch->entries->len; i++) {
        const Entry *entry = g_ptr_array_index(batch->entries, i);
        char found = strongest(answer, counts[i]);
        answer += counts[i];
        if (instant_compare(entry->t, upkeep->since) >= 0)
            found = '1';
        if (found == '3') {
            log_error("journal: what number %" PRIu64 " of %s opened is missing from Redis: no checkpoint is made; "
                      "\"lexgate doctor\" says more, \"lexgate rebuild --yes\" brings it back",
                      entry->seq, upkeep->name);
            again_in(upkeep, MISSING_S);
            return true;
        }
        if (found != '0')
            add(upkeep, entry, found);
    }
    return true;
}

static void end(Upkeep *upkeep) {
    g_autoptr(GError) error = NULL;
    uint64_t count = checkpoint_count(upkeep->next);
    if (!checkpoint_save(upkeep->settings.writer, upkeep->settings.folder, upkeep->next, &error) ||
        !store_note_oldest(upkeep->settings.store, upkeep->name, upkeep->oldest, &error)) {
        log_warning("journal: no checkpoint could be made: %s", error->message);
        again_in(upkeep, MISSING_S);
        return;
    }
    log_info("journal: checkpoint of %s at number %" PRIu64 ": %" PRIu64 " entries matter", upkeep->name,
             upkeep->next->through, count);
    checkpoint_free(upkeep->last);
    upkeep->last = g_steal_pointer(&upkeep->next);
    upkeep->due = instant_add(upkeep->last->made, upkeep->settings.every);
    give_up(upkeep);
}

bool upkeep_some(Upkeep *upkeep, uint64_t at) {
    g_autoptr(GError) error = NULL;
    if (upkeep->settings.every.us <= 0 || at == 0)
        return false;
    if (!upkeep->next) {
        if (!is_due(upkeep) || (begin(upkeep, at, &error) && !upkeep->next))
            return false;
    } else if (upkeep->cursor.at >= upkeep->next->through) {
        end(upkeep);
    } else {
        g_autoptr(Batch) batch = cursor_read(&upkeep->cursor, upkeep->next->through);
        if (batch)
            take(upkeep, batch, &error);
        else
            again_in(upkeep, AGAIN_S); /* it cannot be read now */
    }
    if (error) {
        log_warning("journal: no checkpoint for now: %s", error->message);
        again_in(upkeep, AGAIN_S);
    }
    return upkeep->next != NULL;
}

UpkeepState upkeep_state(const Upkeep *upkeep) {
    const Checkpoint *last = upkeep->last;
    return last ? (UpkeepState){last->made, last->through, checkpoint_count(last)} : (UpkeepState){INSTANT_NEVER, 0, 0};
}
