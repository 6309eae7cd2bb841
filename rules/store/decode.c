/* SPDX-License-Identifier: Apache-2.0 */
/* The JSON of to_json() in lib.lua as a Deadline. Lua writes an empty list as {}, which is read as no list at all. */
#include "store/decode.h"
#include "base/json.h"
#include "base/text.h"

#define SECONDS_MAX INT64_C(253402300799) /* the year 9999 */

static bool read_instant(const json_t *value, Instant *t) {
    if (!json_is_number(value))
        return false;
    double seconds = json_number_value(value);
    if (!(seconds >= 0 && seconds <= (double)SECONDS_MAX))
        return false;
    *t = instant_from_seconds((int64_t)seconds);
    return true;
}

static void take_text(const json_t *object, const char *key, char **text) {
    g_free(*text);
    *text = g_strdup(json_text_or(object, key, ""));
}

/* Flat: at, tell, sent (1; 2 is passed over), at, … */
static bool read_steps(const json_t *steps, Deadline *deadline) {
    for (size_t i = 0; i + 2 < json_array_size(steps); i += 3) {
        const char *tell = json_string_value(json_array_get(steps, i + 1));
        Instant at;
        if (!tell || !read_instant(json_array_get(steps, i), &at))
            return false;
        DeadlineStep *made = deadline_step_new(at, tell);
        json_int_t state = json_integer_value(json_array_get(steps, i + 2));
        made->sent = state == 1;
        made->passed_over = state == 2;
        g_ptr_array_add(deadline->steps, made);
    }
    return true;
}

static void add_history(Deadline *deadline, Instant t, const char *phrase) {
    char when[INSTANT_TEXT];
    g_autofree char *line = g_strdup_printf("%s %s", instant_format(t, when), phrase);
    g_ptr_array_add(deadline->history, text_printable(line, strlen(line), 500));
}

/* Flat: time, phrase, time, … */
static bool read_history(const json_t *history, Deadline *deadline) {
    add_history(deadline, deadline->start, "opened");
    for (size_t i = 0; i + 1 < json_array_size(history); i += 2) {
        const char *phrase = json_string_value(json_array_get(history, i + 1));
        Instant t;
        if (!phrase || !read_instant(json_array_get(history, i), &t))
            return false;
        add_history(deadline, t, phrase);
    }
    return true;
}

static bool read_all(const json_t *object, Deadline *deadline) {
    const char *id = json_text(object, "id"), *state = json_text(object, "state");
    int64_t priority = json_number(object, "priority", -1), generation = json_number(object, "generation", -1);
    if (!id || !text_is_id(id) || !state || !deadline_state_parse(state, &deadline->state) || priority < 0 ||
        priority > UINT32_MAX || generation < 0 || generation > UINT32_MAX)
        return false;
    take_text(object, "id", &deadline->id);
    take_text(object, "client", &deadline->client);
    take_text(object, "matter", &deadline->matter);
    take_text(object, "owner", &deadline->owner);
    take_text(object, "sl", &deadline->service_level);
    take_text(object, "p", &deadline->sealed);
    take_text(object, "by", &deadline->answered_by);
    deadline->soft = json_flag(object, "soft", false);
    deadline->priority = (unsigned)priority;
    deadline->generation = (unsigned)generation;
    return read_instant(json_object_get(object, "start"), &deadline->start) &&
           read_instant(json_object_get(object, "due"), &deadline->due) &&
           read_instant(json_object_get(object, "until"), &deadline->snoozed_until) &&
           read_steps(json_list(object, "steps"), deadline) && read_history(json_list(object, "history"), deadline);
}

Deadline *decode_deadline(const char *json, size_t length) {
    g_autoptr(json_t) object = json_parse(json, length, NULL);
    g_autoptr(Deadline) deadline = deadline_new();
    return json_is_object(object) && read_all(object, deadline) ? g_steal_pointer(&deadline) : NULL;
}
