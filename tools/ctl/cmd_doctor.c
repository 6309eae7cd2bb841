/* SPDX-License-Identifier: Apache-2.0 */
/* `lexgate doctor`: looks at everything Lexgate depends on. */
#include "base/text.h"
#include "base/timesource.h"
#include "ctl/args.h"
#include "ctl/doctor.h"
#include "ctl/print.h"
#include "policy/load.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const state_names[] = {[FINDING_OK] = "ok", [FINDING_WARN] = "warn", [FINDING_FAIL] = "fail"};

static void add(Doctor *doctor, const Complaint *complaint, const char *what) {
    g_autofree char *clean = text_printable(what, strlen(what), 1000);
    doctor->fails += complaint->state == FINDING_FAIL;
    doctor->warnings += complaint->state == FINDING_WARN;
    json_array_append_new(doctor->list,
                          json_pack("{s:s, s:s, s:s, s:s?}", "check", complaint->check, "state",
                                    state_names[complaint->state], "what", clean, "do", complaint->remedy));
}

void doctor_ok(Doctor *doctor, const char *check, const char *format, ...) {
    va_list list;
    va_start(list, format);
    g_autofree char *what = g_strdup_vprintf(format, list);
    va_end(list);
    add(doctor, &(Complaint){FINDING_OK, check, NULL}, what);
}

void doctor_complain(Doctor *doctor, const Complaint *complaint, const char *format, ...) {
    va_list list;
    va_start(list, format);
    g_autofree char *what = g_strdup_vprintf(format, list);
    va_end(list);
    add(doctor, complaint, what);
}

static void look_at_configuration(Doctor *doctor, const GPtrArray *problems) {
    for (guint i = 0; i < problems->len; i++) {
        const Problem *problem = g_ptr_array_index(problems, i);
        g_autofree char *text = problem_say(problem);
        Complaint complaint = {problem->kind == PROBLEM_ERROR ? FINDING_FAIL : FINDING_WARN, "configuration",
                               "correct the line it names; \"lexgate check\" shows all of them"};
        doctor_complain(doctor, &complaint, "%s", text);
    }
    if (doctor->policy && problems->len == 0)
        doctor_ok(doctor, "configuration", "%s and the registry are without fault", doctor->line->config);
}

static void print_text(const Doctor *doctor) {
    size_t i;
    json_t *finding;
    json_array_foreach(doctor->list, i, finding) {
        const char *remedy = json_text(finding, "do");
        printf("%-5s %-37s %s\n", json_text(finding, "state"), json_text(finding, "check"), json_text(finding, "what"));
        if (remedy)
            printf("%-5s %-37s -> %s\n", "", "", remedy);
    }
    printf("%u failed, %u warnings, %zu looked at\n", doctor->fails, doctor->warnings, json_array_size(doctor->list));
}

int cmd_doctor(const CommandLine *line) {
    gboolean json = FALSE;
    g_autofree char *postfix = NULL;
    g_auto(GStrv) probes = NULL;
    g_auto(Args) args = {0};
    const GOptionEntry options[] = {
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, "a JSON array", NULL},
        {"probe", 0, 0, G_OPTION_ARG_STRING_ARRAY, &probes, "also try the TLS of this domain's mail servers", "DOMAIN"},
        {"postfix-config", 0, 0, G_OPTION_ARG_FILENAME, &postfix, "configuration directory of Postfix", "DIR"},
        {NULL}};
    int status = args_parse(line, options, 0, 0, &args);
    if (status >= 0)
        return status;
    TimeSource clock = timesource_system();
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
    g_autoptr(Registry) registry = NULL;
    g_autoptr(json_t) list = json_array();
    Doctor doctor = {.line = line, .postfix = postfix, .probes = probes, .now = timesource_now(&clock), .list = list};
    g_autoptr(Policy) policy = policy_load_offline(line->config, doctor.now, &registry, problems);
    doctor.policy = policy;
    doctor.registry = registry;
    look_at_configuration(&doctor, problems);
    if (policy) {
        doctor_look_at_files(&doctor);
        doctor_look_at_certs(&doctor);
        doctor_look_at_services(&doctor);
        doctor_look_at_mta_log(&doctor);
        doctor_look_at_postfix(&doctor);
    }
    if (json)
        print_json(list);
    else
        print_text(&doctor);
    return doctor.fails ? EXIT_NO : EXIT_DONE;
}
