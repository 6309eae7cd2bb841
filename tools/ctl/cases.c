/* SPDX-License-Identifier: Apache-2.0 */
/* From a case to what a judge says of it. */
#include "ctl/cases.h"
#include "base/io.h"
#include "base/text.h"
#include "base/timesource.h"
#include "ctl/caserefs.h"
#include "ctl/hintsread.h"
#include "ctl/likeness.h"
#include "ctl/mailfile.h"
#include "ctl/sketch.h"
#include "ctl/words.h"
#include <string.h>

static const char *const case_keys[] = {"name", "message", "from",   "rcpt",    "auth",           "client",
                                        "at",   "hints",   "expect", "applies", "does_not_apply", NULL};

static bool wrong(GError **error, const char *what) {
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s", what);
    return false;
}

static bool is_texts(const json_t *value) {
    size_t i;
    json_t *element;
    json_array_foreach((json_t *)value, i, element) {
        if (!json_is_string(element))
            return false;
    }
    return json_is_array(value);
}

static bool check_case(const json_t *object, GError **error) {
    static const char *const lists[] = {"rcpt", "applies", "does_not_apply"}, *const objects[] = {"expect", "hints"};
    static const char *const texts[] = {"name", "from", "auth", "client", "at", NULL};
    if (!words_check_keys(object, case_keys, "a case", error) || !words_check_texts(object, texts, error))
        return false;
    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
        const json_t *value = json_object_get(object, lists[i]);
        if (value && !is_texts(value)) {
            g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "\"%s\" is a list of texts", lists[i]);
            return false;
        }
    }
    for (size_t i = 0; i < G_N_ELEMENTS(objects); i++) {
        if (json_object_get(object, objects[i]) && !json_member(object, objects[i])) {
            g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "\"%s\" is an object", objects[i]);
            return false;
        }
    }
    if (!json_text(object, "message") && !json_member(object, "message"))
        return wrong(error, "\"message\" is missing: a file, or an object that describes one");
    if (!json_member(object, "expect") && !json_list(object, "applies") && !json_list(object, "does_not_apply"))
        return wrong(error, "nothing is expected; give \"expect\", \"applies\" or \"does_not_apply\"");
    return true;
}

static GString *load_message(const Case *one, Instant at, GError **error) {
    const char *file = json_text(one->object, "message");
    if (!file) {
        g_autofree char *digest = g_compute_checksum_for_string(G_CHECKSUM_SHA256, one->name, -1);
        g_autofree char *id = g_strdup_printf("%.20s@case.invalid", digest);
        return sketch_message(json_member(one->object, "message"), one->path, id, at, error);
    }
    size_t length = 0;
    g_autofree char *path = io_path_from(one->path, file);
    g_autofree char *data = io_read_file(path, MAILFILE_MAX, &length, error);
    return data ? mailfile_to_wire(data, length) : NULL;
}

static const RuleResult *result_of(const Decision *decision, const char *id) {
    for (guint i = 0; i < decision->rules->len; i++) {
        const RuleResult *result = g_ptr_array_index(decision->rules, i);
        if (text_equal(result->rule->id, id))
            return result;
    }
    return NULL;
}

static char *say_result(const RuleResult *result) {
    GString *words = g_string_new(result->applies ? "it applies" : "it does not apply");
    for (guint i = 0; i < result->why->len; i++)
        g_string_append_printf(words, "%s%s", i ? "; " : ": ", (const char *)g_ptr_array_index(result->why, i));
    return g_string_free(words, FALSE);
}

static void compare_rules(const Decision *decision, const json_t *ids, bool wanted, GPtrArray *differences) {
    g_autoptr(GPtrArray) texts = json_texts(ids);
    for (guint i = 0; i < texts->len; i++) {
        const char *id = g_ptr_array_index(texts, i);
        const RuleResult *result = result_of(decision, id);
        if (!result || result->applies == wanted)
            continue;
        g_autofree char *path = g_strdup_printf("rules[%s]", id);
        g_autofree char *got = say_result(result);
        g_ptr_array_add(differences, difference_new(path, wanted ? "that it applies" : "that it does not apply", got));
    }
}

static void compare(const json_t *object, const Decision *decision, const Facts *facts, GPtrArray *differences) {
    g_autoptr(json_t) got = decision_to_json(decision, facts);
    if (json_member(object, "expect"))
        likeness_compare(json_member(object, "expect"), got, differences);
    compare_rules(decision, json_list(object, "applies"), true, differences);
    compare_rules(decision, json_list(object, "does_not_apply"), false, differences);
}

static Decision *judge(const Bench *bench, const Case *one, Facts **facts, GError **error) {
    TimeSource clock = timesource_system();
    const json_t *object = one->object;
    const char *at = json_text(object, "at");
    json_t *known = json_member(object, "hints");
    g_autoptr(GPtrArray) rcpt = json_texts(json_list(object, "rcpt"));
    g_ptr_array_add(rcpt, NULL);
    Trial trial = {.from = json_text(object, "from"),
                   .rcpt = json_list(object, "rcpt") ? (const char *const *)rcpt->pdata : NULL,
                   .auth = json_text(object, "auth"),
                   .client = json_text(object, "client"),
                   .received = timesource_now(&clock)};
    if (at && !instant_parse(at, &trial.received)) {
        wrong(error, "\"at\" wants a time like 2026-11-23T14:00:00Z");
        return NULL;
    }
    g_autoptr(Hints) hints = known ? hints_read(known, error) : hints_new();
    GString *wire = hints ? load_message(one, trial.received, error) : NULL;
    if (!wire)
        return NULL;
    trial.hints = hints;
    Decision *decision = trial_judge(bench, &trial, wire, facts, error);
    g_string_free(wire, TRUE);
    return decision;
}

bool case_judge(const Bench *bench, const Case *one, GHashTable *applied, GPtrArray *differences, GError **error) {
    g_autoptr(Facts) facts = NULL;
    g_autoptr(Decision) decision = NULL;
    if (!check_case(one->object, error) || !caserefs_check(bench, one->object, error))
        return false;
    decision = judge(bench, one, &facts, error);
    if (!decision)
        return false;
    for (guint i = 0; i < decision->rules->len; i++) {
        const RuleResult *result = g_ptr_array_index(decision->rules, i);
        if (result->applies)
            g_hash_table_add(applied, g_strdup(result->rule->id));
    }
    compare(one->object, decision, facts, differences);
    return true;
}
