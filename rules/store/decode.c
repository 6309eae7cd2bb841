/* SPDX-License-Identifier: Apache-2.0 */
/* A record's places are those that lib.lua names. */
#include "store/decode.h"
#include "base/text.h"
#include "store/packed.h"
#include <string.h>

#define SECONDS_MAX INT64_C(253402300799) /* the year 9999 */

/* ---- Values ---- */

static char *text_of(const PackedValue *value) {
    bool good = value->type == PACKED_TEXT && g_utf8_validate(value->text, (gssize)value->length, NULL);
    return good ? g_strndup(value->text, value->length) : NULL;
}

static bool read_text(Packed *packed, char **text) {
    PackedValue value;
    g_free(*text);
    *text = packed_next(packed, &value) ? text_of(&value) : NULL;
    return *text != NULL;
}

static bool read_whole(Packed *packed, int64_t most, int64_t *number) {
    PackedValue value;
    if (!packed_next(packed, &value) || value.type != PACKED_NUMBER ||
        !(value.number >= 0 && value.number <= (double)most))
        return false;
    *number = (int64_t)value.number;
    return true;
}

static bool read_instant(Packed *packed, Instant *t) {
    int64_t seconds;
    if (!read_whole(packed, SECONDS_MAX, &seconds))
        return false;
    *t = instant_from_seconds(seconds);
    return true;
}

static bool read_head(Packed *packed, PackedType type, size_t *length) {
    PackedValue value;
    if (!packed_next(packed, &value) || value.type != type)
        return false;
    *length = value.length;
    return true;
}

/* ---- Steps and history ---- */

/* Flat: at, tell, sent (1; 2 is passed over), at, … */
static bool read_steps(Packed *packed, GPtrArray *steps) {
    size_t values;
    if (!read_head(packed, PACKED_LIST, &values) || values % 3 != 0)
        return false;
    for (size_t i = 0; i < values; i += 3) {
        g_autofree char *tell = NULL;
        Instant at;
        int64_t state;
        if (!read_instant(packed, &at) || !read_text(packed, &tell) || !read_whole(packed, 2, &state))
            return false;
        DeadlineStep *made = deadline_step_new(at, tell);
        made->sent = state == 1;
        made->passed_over = state == 2;
        g_ptr_array_add(steps, made);
    }
    return true;
}

/* Seconds of before and after. */
static char *detail_of_recompute(const char *detail) {
    char before[INSTANT_TEXT], after[INSTANT_TEXT], *end = NULL;
    int64_t was = g_ascii_strtoll(detail, &end, 10), due = g_ascii_strtoll(end, NULL, 10);
    if (was < 0 || was > SECONDS_MAX || due < 0 || due > SECONDS_MAX)
        return g_strdup(detail);
    return g_strdup_printf("%s, before %s", instant_format(instant_from_seconds(due), after),
                           instant_format(instant_from_seconds(was), before));
}

/* Until when it was put off is kept as seconds. */
static char *detail_of(const char *event, const char *detail) {
    char when[INSTANT_TEXT];
    int64_t seconds = g_ascii_strtoll(detail, NULL, 10);
    if (text_equal(event, "recomputed"))
        return detail_of_recompute(detail);
    if (!text_equal(event, "snoozed") || seconds < 0 || seconds > SECONDS_MAX)
        return g_strdup(detail);
    return g_strdup(instant_format(instant_from_seconds(seconds), when));
}

/* By time, and not in the order in which several writers told of it; the opening first, whatever their clocks say. */
static gint by_time(gconstpointer a, gconstpointer b) {
    const HistoryEvent *x = *(const HistoryEvent *const *)a, *y = *(const HistoryEvent *const *)b;
    bool x_opens = text_equal(x->event, "opened"), y_opens = text_equal(y->event, "opened");
    return x_opens || y_opens ? y_opens - x_opens : instant_compare(x->at, y->at);
}

/* Time, event, who, detail, why, message. */
static HistoryEvent *read_event(Packed *packed) {
    g_autofree char *event = NULL, *who = NULL, *detail = NULL, *why = NULL, *message = NULL;
    Instant at;
    if (!read_instant(packed, &at) || !read_text(packed, &event) || !read_text(packed, &who) ||
        !read_text(packed, &detail) || !read_text(packed, &why) || !read_text(packed, &message))
        return NULL;
    g_autofree char *shown = detail_of(event, detail);
    return history_event_new(at, event, who, shown, why, message);
}

static bool read_history(Packed *packed, GPtrArray *history) {
    enum { EVENT = 6 };
    size_t values;
    if (!read_head(packed, PACKED_LIST, &values) || values % EVENT != 0)
        return false;
    for (size_t i = 0; i < values; i += EVENT) {
        HistoryEvent *event = read_event(packed);
        if (!event)
            return false;
        g_ptr_array_add(history, event);
    }
    g_ptr_array_sort(history, by_time);
    return true;
}

/* ---- What is special of it ---- */

static bool is_key(const PackedValue *value, const char *key) {
    return value->type == PACKED_TEXT && value->length == strlen(key) && memcmp(value->text, key, value->length) == 0;
}

/* One question: `kind` of the first, `held` of the first that has it. */
static bool read_question(Packed *packed, bool first, Deadline *deadline) {
    size_t pairs;
    if (!read_head(packed, PACKED_MAP, &pairs))
        return false;
    while (pairs--) {
        PackedValue key;
        if (!packed_next(packed, &key))
            return false;
        bool wanted = (is_key(&key, "kind") && first) || (is_key(&key, "held") && !deadline->held);
        if (wanted ? !read_text(packed, is_key(&key, "kind") ? &deadline->kind : &deadline->held)
                   : !packed_skip(packed))
            return false;
    }
    return true;
}

static bool read_questions(Packed *packed, Deadline *deadline) {
    size_t questions;
    if (!read_head(packed, PACKED_LIST, &questions))
        return false;
    for (size_t i = 0; i < questions; i++)
        if (!read_question(packed, i == 0, deadline))
            return false;
    return true;
}

static bool read_suggested(Packed *packed, Deadline *deadline) {
    size_t values;
    return read_head(packed, PACKED_LIST, &values) && values == 3 && read_instant(packed, &deadline->suggested_at) &&
           read_text(packed, &deadline->suggested_by) && read_text(packed, &deadline->suggested_own);
}

/* Which of its questions gives the time, where that is not the first. */
static bool read_lead(Packed *packed, Deadline *deadline) {
    size_t values;
    return read_head(packed, PACKED_LIST, &values) && values == 2 && read_text(packed, &deadline->lead) &&
           read_instant(packed, &deadline->lead_start);
}

static bool read_flag(Packed *packed, bool *flag) {
    PackedValue value;
    if (!packed_next(packed, &value) || value.type != PACKED_FLAG)
        return false;
    *flag = value.number != 0;
    return true;
}

static bool read_threads(Packed *packed, GPtrArray *threads) {
    size_t hashes;
    if (!read_head(packed, PACKED_LIST, &hashes))
        return false;
    for (size_t i = 0; i < hashes; i++) {
        char *hash = NULL;
        if (!read_text(packed, &hash))
            return false;
        g_ptr_array_add(threads, hash);
    }
    return true;
}

/* Lua's empty table is a list without values. */
static bool read_more(Packed *packed, Deadline *deadline) {
    PackedValue more;
    if (!packed_next(packed, &more) || (more.type != PACKED_MAP && more.length > 0))
        return false;
    for (size_t pairs = more.length; pairs--;) {
        PackedValue key;
        if (!packed_next(packed, &key))
            return false;
        bool good = is_key(&key, "asks")        ? read_questions(packed, deadline)
                    : is_key(&key, "suggested") ? read_suggested(packed, deadline)
                    : is_key(&key, "lead")      ? read_lead(packed, deadline)
                    : is_key(&key, "clears")    ? read_text(packed, &deadline->clears)
                    : is_key(&key, "joint")     ? read_flag(packed, &deadline->joint)
                                                : packed_skip(packed);
        if (!good)
            return false;
    }
    return true;
}

/* ---- The record ---- */

/* The sign of what is expected of a client (lib.lua, EXPECTED) is not a part of the name; `kind` says so too. */
static bool read_client(Packed *packed, char **client) {
    if (!read_text(packed, client))
        return false;
    if (**client == '>')
        memmove(*client, *client + 1, strlen(*client));
    return true;
}

/* From the first place to the twelfth. */
static bool read_outline(Packed *packed, Deadline *deadline) {
    int64_t state, soft, priority, generation;
    if (!read_client(packed, &deadline->client) || !read_text(packed, &deadline->matter) ||
        !read_text(packed, &deadline->owner) || !read_text(packed, &deadline->service_level) ||
        !read_whole(packed, DEADLINE_CLOSED + 1, &state) || state < 1 || !read_whole(packed, 1, &soft) ||
        !read_whole(packed, UINT32_MAX, &priority) || !read_whole(packed, UINT32_MAX, &generation))
        return false;
    deadline->state = (DeadlineState)(state - 1);
    deadline->soft = soft;
    deadline->priority = (unsigned)priority;
    deadline->generation = (unsigned)generation;
    return read_instant(packed, &deadline->start) && read_instant(packed, &deadline->due) &&
           read_instant(packed, &deadline->snoozed_until) && read_steps(packed, deadline->steps);
}

static bool read_all(Packed *packed, Deadline *deadline) {
    enum { PLACES = 18 };
    size_t places;
    if (!deadline->id || !text_is_id(deadline->id) || !read_head(packed, PACKED_LIST, &places) || places < PLACES)
        return false;
    return read_outline(packed, deadline) && read_threads(packed, deadline->threads) &&
           read_text(packed, &deadline->sealed) && read_text(packed, &deadline->answered_by) &&
           read_history(packed, deadline->history) && packed_skip(packed) &&
           packed_skip(packed) /* queue id, since */ && (places == PLACES || read_more(packed, deadline));
}

/* Nothing special of it: "". */
static void fill(char **text) {
    if (!*text)
        *text = g_strdup("");
}

/* Takes the id over. */
static Deadline *decode(char *id, Packed packed) {
    g_autoptr(Deadline) deadline = deadline_new();
    deadline->id = id;
    if (!read_all(&packed, deadline))
        return NULL;
    if (!deadline->lead) {
        deadline->lead = g_strdup(deadline->id);
        deadline->lead_start = deadline->start;
    }
    fill(&deadline->clears);
    fill(&deadline->suggested_by);
    fill(&deadline->suggested_own);
    fill(&deadline->kind);
    fill(&deadline->held);
    return g_steal_pointer(&deadline);
}

static Packed packed_of(const char *bytes, size_t length) {
    const unsigned char *begin = (const unsigned char *)bytes;
    return (Packed){begin, begin + length};
}

Deadline *decode_deadline(const char *packed, size_t length) {
    Packed rest = packed_of(packed, length);
    char *id = NULL;
    return read_text(&rest, &id) ? decode(id, rest) : NULL;
}

Deadline *decode_job(const char *key, const char *record, size_t length) {
    const char *id = strchr(key, ':'), *end = id ? strchr(id + 1, ':') : NULL;
    return end ? decode(g_strndup(id + 1, (gsize)(end - id - 1)), packed_of(record, length)) : NULL;
}
