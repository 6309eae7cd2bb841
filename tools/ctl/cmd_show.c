/* SPDX-License-Identifier: Apache-2.0 */
/* `lexgate show`: one deadline or held message with its history; what is sealed is opened where the keys may be read.
 */
#include "base/text.h"
#include "base/timesource.h"
#include "ctl/args.h"
#include "ctl/deadlines.h"
#include "ctl/firm.h"
#include "ctl/held.h"
#include "ctl/print.h"
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

static void print_deadline(const Show *show, const Deadline *deadline, const json_t *opened) {
    g_autofree char *late = deadline_late_by(deadline, show->now);
    DeadlineState state = deadline_state_at(deadline, show->now);
    g_autofree char *said =
        g_strconcat(deadline_state_name(state), deadline->soft ? ", soft" : "", *late ? ", late by " : "", late, NULL);
    printf("Deadline %s\n", deadline->id);
    print_line("state", said);
    print_line("client", deadline->client);
    print_line("matter", deadline->matter);
    print_line("owner", deadline->owner);
    print_line("service level", deadline->service_level);
    print_line("from", opened ? json_text_or(opened, "from", "") : "(sealed)");
    print_line("subject", opened ? json_text_or(opened, "subject", "") : "(sealed)");
    print_instant("received", show, deadline->start);
    print_instant("due", show, deadline->due);
    if (state == DEADLINE_SNOOZED)
        print_instant("snoozed until", show, deadline->snoozed_until);
    if (deadline->answered_by && *deadline->answered_by)
        print_line("answered by", deadline->answered_by);
    print_steps(deadline);
    for (guint i = 0; i < deadline->history->len; i++)
        print_line(i ? "" : "history", g_ptr_array_index(deadline->history, i));
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
    json_object_set_new(object, "steps", steps_to_json(deadline));
    json_object_set_new(object, "history", json_from_texts(deadline->history));
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
static int not_found(const char *id) {
    command_fail("%s: there is no such deadline or held message", id);
    return EXIT_NO;
}

static int show_one(const Show *show, const char *id) {
    g_autoptr(GError) error = NULL;
    if (!text_is_id(id))
        return not_found(id);
    g_autoptr(Deadline) deadline = store_deadline(show->store, id, &error);
    if (deadline && !viewer_may_see(show->viewer, deadline->matter))
        return not_found(id);
    if (deadline) {
        show_deadline(show, deadline);
        return EXIT_DONE;
    }
    if (!g_error_matches(error, STORE_ERROR, STORE_ABSENT))
        return command_fail("%s", error->message);
    g_autoptr(json_t) record = store_held_one(show->store, id, NULL);
    if (!record || !viewer_may_see(show->viewer, json_text_or(record, "matter", "")))
        return not_found(id);
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
    g_autoptr(Store) store = firm_store(viewer.policy, &error);
    if (!store)
        return command_fail("%s", error->message);
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
