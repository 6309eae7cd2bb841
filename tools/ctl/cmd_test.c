/* SPDX-License-Identifier: Apache-2.0 */
/* `lexgate test`: a firm's own cases against its policy, so that a change of rules shows what it changes.
 *
 * A case is a file NAME.json: {"message": "NAME.eml", "from", "rcpt": [ ], "auth", "client", "at", "hints": { },
 * "expect": { }}, and `expect` is a part of what `explain --json` prints. */
#include "base/io.h"
#include "base/timesource.h"
#include "ctl/args.h"
#include "ctl/likeness.h"
#include "ctl/mailfile.h"
#include "ctl/trial.h"
#include <stdio.h>
#include <string.h>

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static GPtrArray *list_cases(const char *folder, GError **error) {
    g_autoptr(GDir) dir = g_dir_open(folder, 0, error);
    if (!dir)
        return NULL;
    GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
    for (const char *name; (name = g_dir_read_name(dir));)
        if (g_str_has_suffix(name, ".json"))
            g_ptr_array_add(paths, g_build_filename(folder, name, NULL));
    g_ptr_array_sort(paths, compare_names);
    return paths;
}

static json_t *load_case(const char *path, GError **error) {
    size_t length = 0;
    g_autofree char *text = io_read_file(path, MAILFILE_MAX, &length, error);
    g_autoptr(json_t) object = text ? json_parse(text, length, error) : NULL;
    if (!object)
        return NULL;
    if (json_text(object, "message") && json_member(object, "expect"))
        return g_steal_pointer(&object);
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                "\"message\" (a file) and \"expect\" (an object) are needed");
    return NULL;
}

static GString *load_message(const char *case_path, const json_t *object, GError **error) {
    size_t length = 0;
    g_autofree char *path = io_path_from(case_path, json_text(object, "message"));
    g_autofree char *data = io_read_file(path, MAILFILE_MAX, &length, error);
    return data ? mailfile_to_wire(data, length) : NULL;
}

/* What the case says of the envelope; `hints` and `rcpt` are borrowed by the trial. */
static bool read_trial(const json_t *object, const Hints *hints, const GPtrArray *rcpt, Trial *trial) {
    TimeSource clock = timesource_system();
    const char *at = json_text(object, "at");
    *trial = (Trial){.from = json_text(object, "from"),
                     .rcpt = json_list(object, "rcpt") ? (const char *const *)rcpt->pdata : NULL,
                     .auth = json_text(object, "auth"),
                     .client = json_text(object, "client"),
                     .received = timesource_now(&clock),
                     .hints = hints};
    return !at || instant_parse(at, &trial->received);
}

static json_t *judge_case(const Bench *bench, const char *path, const json_t *object, GError **error) {
    json_t *known = json_member(object, "hints");
    g_autoptr(Hints) hints = known ? hints_from_json(known, error) : hints_new();
    GString *wire = hints ? load_message(path, object, error) : NULL;
    g_autoptr(GPtrArray) rcpt = json_texts(json_list(object, "rcpt"));
    g_autoptr(Facts) facts = NULL;
    Trial trial;
    if (!wire)
        return NULL;
    g_ptr_array_add(rcpt, NULL);
    g_autoptr(Decision) decision = NULL;
    if (read_trial(object, hints, rcpt, &trial))
        decision = trial_judge(bench, &trial, wire, &facts, error);
    else
        g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "\"at\" wants a time like 2026-11-23T14:00:00Z");
    g_string_free(wire, TRUE);
    return decision ? decision_to_json(decision, facts) : NULL;
}

static int run_case(const Bench *bench, const char *path) {
    g_autoptr(GError) error = NULL;
    g_autofree char *name = g_path_get_basename(path);
    g_autoptr(json_t) object = load_case(path, &error);
    g_autoptr(json_t) got = object ? judge_case(bench, path, object, &error) : NULL;
    if (!got)
        return command_fail("%s: %s", name, error->message);
    g_autofree char *difference = likeness_difference(json_member(object, "expect"), got);
    printf("%s %s%s%s\n", difference ? "FAILED" : "ok    ", name, difference ? ": " : "", difference ? difference : "");
    return difference ? EXIT_NO : EXIT_DONE;
}

int cmd_test(const CommandLine *line) {
    g_auto(Args) args = {0};
    int status = args_parse(line, NULL, 1, 1, &args);
    if (status >= 0)
        return status;
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) cases = list_cases(args.rest[0], &error);
    if (!cases)
        return command_fail("%s", error->message);
    if (cases->len == 0)
        return command_fail("%s: there is no case (NAME.json) in this folder", args.rest[0]);
    TimeSource clock = timesource_system();
    g_auto(Bench) bench = {0};
    if (!bench_open(line, timesource_now(&clock), &bench))
        return EXIT_USAGE;
    unsigned good = 0;
    status = EXIT_DONE;
    for (guint i = 0; i < cases->len; i++) {
        int one = run_case(&bench, g_ptr_array_index(cases, i));
        good += one == EXIT_DONE;
        status = MAX(status, one);
    }
    printf("%u of %u cases are as expected\n", good, cases->len);
    return status;
}
