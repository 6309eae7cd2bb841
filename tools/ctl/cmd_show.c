/* SPDX-License-Identifier: Apache-2.0 */
/* `lexgate show`: one deadline or held message with its history; what is sealed is opened where the keys may be read.
 */
#include "base/text.h"
#include "base/timesource.h"
#include "ctl/args.h"
#include "ctl/deadlines.h"
#include "ctl/fatewords.h"
#include "ctl/firm.h"
#include "ctl/held.h"
#include "ctl/print.h"
#include "store/fill.h"
#include <stdio.h>
#include <string.h>

typedef struct {
    const Viewer *viewer;
    Store *store;
    Keyring *keys;
    Instant now;
    bool json; /* one object for each id, instead of text */
} Show;

/* {"subject", "from", "message_id"} or NULL. New reference. */
static json_t *open_sealed(const Show *show, const Deadline *deadline) {
    if (!show->keys || !deadline->sealed || !*deadline->sealed)
        return NULL;
    const char *client = *deadline->client ? deadline->client : KEYRING_FIRM;
    g_autofree char *plain = keyring_open_value(show->keys, client, deadline->sealed, NULL);
    return plain ? json_parse(plain, strlen(plain), NULL) : NULL;
}

static void print_line(const char *label, const char *text) {
    g_autofree char *line = text_printable(text, strlen(text), 500);
    printf("  %-14s %s\n", label, *line ? line : "-");
}

static void print_instant(const char *label, const Show *show, Instant t) {
    char utc[INSTANT_TEXT];
    const Calendar *calendar = policy_calendar(show->viewer->policy, NULL);
    g_autofree char *local = calendar ? calendar_say(calendar, t) : NULL;
    g_autofree char *text =
        g_strdup_printf("%s%s%s%s", instant_format(t, utc), local ? " (" : "", local ? local : "", local ? ")" : "");
    print_line(label, text);
}

static void print_steps(const Deadline *deadline) {
    for (guint i = 0; i < deadline->steps->len; i++) {
        const DeadlineStep *step = g_ptr_array_index(deadline->steps, i);
        char at[INSTANT_TEXT];
        g_autofree char *text =
            g_strdup_printf("%s  %s%s", instant_format(step->at, at), step->tell, step->sent ? " (told)" : "");
        print_line(i ? "" : "tells", text);
    }
}

static void print_history(const Deadline *deadline) {
    for (guint i = 0; i < deadline->history->len; i++) {
        HistoryEvent *event = g_ptr_array_index(deadline->history, i);
        char at[INSTANT_TEXT];
        g_autofree char *said = history_event_say(event);
        g_autofree char *text = g_strdup_printf("%s  %s", instant_format(event->at, at), said);
        print_line(i ? "" : "history", text);
    }
}

/* ---- What became of the replies ---- */

static GPtrArray *tracks_of(const Deadline *deadline) {
    GPtrArray *tracks = g_ptr_array_new();
    for (guint i = 0; i < deadline->history->len; i++) {
        const HistoryEvent *event = g_ptr_array_index(deadline->history, i);
        if (strcmp(event->event, "reply") == 0 && *event->message)
            g_ptr_array_add(tracks, event->message);
    }
    return tracks;
}

/* A reply may be about more than this deadline's matter. */
static bool may_show(const Show *show, const json_t *fate) {
    g_autoptr(GPtrArray) matters = json_texts(json_list(fate, "matters"));
    bool may = viewer_may_see(show->viewer, json_text_or(fate, "matter", ""));
    for (guint i = 0; i < matters->len; i++)
        may = may && viewer_may_see(show->viewer, g_ptr_array_index(matters, i));
    return may;
}

/* In words (char *), oldest first; caller owns. */
static GPtrArray *fates_of(const Show *show, const Deadline *deadline) {
    GPtrArray *lines = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) tracks = tracks_of(deadline);
    g_autoptr(json_t) fates = tracks->len ? store_fates(show->store, tracks, NULL) : NULL;
    size_t i;
    json_t *fate;
    json_array_foreach(fates, i, fate) {
        const char *sealed = json_text_or(fate, "p", "");
        g_autofree char *plain =
            show->keys && *sealed ? keyring_open_value(show->keys, json_text_or(fate, "k", ""), sealed, NULL) : NULL;
        g_autoptr(json_t) opened = plain ? json_parse(plain, strlen(plain), NULL) : NULL;
        GPtrArray *words = may_show(show, fate) ? fate_words(json_text_or(fate, "what", ""), fate, opened) : NULL;
        if (words)
            g_ptr_array_extend_and_steal(lines, words);
    }
    return lines;
}

static void print_fates(const Show *show, const Deadline *deadline) {
    g_autoptr(GPtrArray) lines = fates_of(show, deadline);
    for (guint i = 0; i < lines->len; i++)
        print_line(i ? "" : "the reply", g_ptr_array_index(lines, i));
}

/* The label of what it is about, and what that is. */
static void print_kind(const Deadline *deadline) {
    const char *kind = deadline_kind_name(deadline);
    if (strcmp(kind, "expected") == 0)
        print_line("expected", "an answer of the client, for which our own mail asked");
    else
        print_line("owed for",
                   strcmp(kind, "question") == 0 ? "a question of the client" : "what our own reply promised");
}

static void print_deadline(const Show *show, const Deadline *deadline, const json_t *opened) {
    g_autofree char *late = deadline_late_by(deadline, show->now);
    DeadlineState state = deadline_state_at(deadline, show->now);
    g_autofree char *said =
        g_strconcat(deadline_state_name(state), deadline->soft ? ", soft" : "", *late ? ", late by " : "", late, NULL);
    printf("Deadline %s\n", deadline->id);
    print_line("state", said);
    print_kind(deadline);
    if (deadline->held && *deadline->held)
        print_line("on hold", deadline->held);
    print_line("client", deadline->client);
    print_line("matter", deadline->matter);
    print_line("owner", deadline->owner);
    print_line("service level", deadline->service_level);
    print_line("from", opened ? json_text_or(opened, "from", "") : "(sealed)");
    print_line("subject", opened ? json_text_or(opened, "subject", "") : "(sealed)");
    print_instant(strcmp(deadline_kind_name(deadline), "expected") == 0 ? "sent" : "received", show, deadline->start);
    print_instant("due", show, deadline->due);
    if (state == DEADLINE_SNOOZED)
        print_instant("snoozed until", show, deadline->snoozed_until);
    if (deadline->answered_by && *deadline->answered_by)
        print_line("answered by", deadline->answered_by);
    if (deadline->suggested_by && *deadline->suggested_by) {
        print_line("perhaps by", deadline->suggested_by);
        print_instant("written", show, deadline->suggested_at);
        print_line("", "was that the answer? lexgate answer ID --suggested, or --no");
    }
    print_steps(deadline);
    print_history(deadline);
    print_fates(show, deadline);
}

static json_t *steps_to_json(const Deadline *deadline) {
    json_t *steps = json_array();
    for (guint i = 0; i < deadline->steps->len; i++) {
        const DeadlineStep *step = g_ptr_array_index(deadline->steps, i);
        g_autoptr(GPtrArray) words = text_words(step->tell);
        json_t *object = json_object();
        json_object_set_new(object, "at", json_instant(step->at));
        json_object_set_new(object, "tell", json_from_texts(words));
        json_object_set_new(object, "sent", json_boolean(step->sent));
        json_array_append_new(steps, object);
    }
    return steps;
}

static json_t *words_to_json(const char *text) {
    g_autoptr(GPtrArray) words = text_words(text);
    return json_from_texts(words);
}

static json_t *history_to_json(const Deadline *deadline) {
    json_t *history = json_array();
    for (guint i = 0; i < deadline->history->len; i++) {
        const HistoryEvent *event = g_ptr_array_index(deadline->history, i);
        json_array_append_new(history, json_pack("{s:o, s:s, s:o, s:s, s:o, s:s, s:s}", "at", json_instant(event->at),
                                                 "event", event->event, "who", words_to_json(event->who), "detail",
                                                 event->detail, "rules", words_to_json(event->rules), "policy",
                                                 event->policy, "message", event->message));
    }
    return history;
}

static void show_deadline(const Show *show, const Deadline *deadline) {
    g_autoptr(json_t) opened = open_sealed(show, deadline);
    if (!show->json) {
        print_deadline(show, deadline, opened);
        return;
    }
    static const char *const sealed[] = {"from", "subject", "message_id"};
    g_autoptr(json_t) object = deadline_to_json(deadline, show->now);
    for (size_t i = 0; i < G_N_ELEMENTS(sealed); i++) {
        json_t *value = opened ? json_object_get(opened, sealed[i]) : NULL;
        json_object_set_new(object, sealed[i], value ? json_incref(value) : json_null());
    }
    json_object_set_new(object, "held", deadline->held && *deadline->held ? json_string(deadline->held) : json_null());
    json_object_set_new(object, "steps", steps_to_json(deadline));
    json_object_set_new(object, "history", history_to_json(deadline));
    g_autoptr(GPtrArray) fates = fates_of(show, deadline);
    json_object_set_new(object, "replies", json_from_texts(fates));
    print_json(object);
}

static void show_held(const Show *show, const json_t *record) {
    g_autoptr(json_t) held = held_to_json(record, show->keys);
    if (show->json)
        print_json(held);
    else
        held_print(held);
}

/* What is behind a wall is told apart from what does not exist by nobody. */
static int not_found(const Show *show, const char *id) {
    char at[INSTANT_TEXT];
    Instant made;
    if (store_is_filled_in_part(show->store, &made, NULL))
        command_fail("%s: there is no such deadline or held message; Redis lost what it held, and has of what was over "
                     "before %s nothing: \"lexgate rebuild --yes\" brings that back",
                     id, instant_format(made, at));
    else
        command_fail("%s: there is no such deadline or held message", id);
    return EXIT_NO;
}

static int show_one(const Show *show, const char *id) {
    g_autoptr(GError) error = NULL;
    if (!text_is_id(id))
        return not_found(show, id);
    g_autoptr(Deadline) deadline = store_deadline(show->store, id, &error);
    if (deadline && !viewer_may_see(show->viewer, deadline->matter))
        return not_found(show, id);
    if (deadline) {
        show_deadline(show, deadline);
        return EXIT_DONE;
    }
    if (!g_error_matches(error, STORE_ERROR, STORE_ABSENT))
        return command_fail("%s", error->message);
    g_autoptr(json_t) record = store_held_one(show->store, id, NULL);
    if (!record || !viewer_may_see(show->viewer, json_text_or(record, "matter", "")))
        return not_found(show, id);
    show_held(show, record);
    return EXIT_DONE;
}

int cmd_show(const CommandLine *line) {
    g_autofree char *as = NULL;
    gboolean json = FALSE;
    g_auto(Args) args = {0};
    const GOptionEntry options[] = {{"json", 0, 0, G_OPTION_ARG_NONE, &json, "one JSON object for each", NULL},
                                    {"as", 0, 0, G_OPTION_ARG_FILENAME, &as, "as this staff member sees it", "PERSON"},
                                    {NULL}};
    int status = args_parse(line, options, 1, ARGS_ANY, &args);
    if (status >= 0)
        return status;
    g_auto(Viewer) viewer = {0};
    if (!viewer_open(line, as, &viewer))
        return EXIT_USAGE;
    g_autoptr(GError) error = NULL;
    g_autoptr(Store) store = firm_store(viewer.policy);
    g_autoptr(Keyring) keys = firm_keyring(viewer.policy);
    TimeSource clock = timesource_system();
    Show show = {.viewer = &viewer, .store = store, .keys = keys, .now = timesource_now(&clock), .json = json};
    status = EXIT_DONE;
    for (int i = 0; i < args.count; i++) {
        int one = show_one(&show, args.rest[i]);
        status = MAX(status, one);
    }
    return status;
}
