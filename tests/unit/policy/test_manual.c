/* SPDX-License-Identifier: Apache-2.0 */
/* lexgate.conf(5) names everything that the tables of the code name. */
#include "facts/vocabulary.h"
#include "policy/condition.h"
#include "policy/rules.h"
#include "policy/settings.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static char *manual;

static int read_manual(void **state) {
    const char *top = getenv("top_srcdir");
    g_autofree char *path = g_build_filename(top ? top : "../..", "conf", "lexgate.conf.5", NULL);
    return g_file_get_contents(path, &manual, NULL, NULL) ? 0 : -1;
}

static int free_manual(void **state) {
    g_free(manual);
    return 0;
}

/* The text between a section or subsection title and the next one. */
static char *section(const char *title) {
    g_autofree char *head = g_strdup_printf("%s\n", title);
    const char *start = strstr(manual, head);
    if (!start)
        fail_msg("the manual has no section \"%s\"", title);
    start += strlen(head);
    const char *end = strstr(start, "\n.Sh"), *sub = strstr(start, "\n.Ss");
    end = sub && (!end || sub < end) ? sub : end;
    return end ? g_strndup(start, (gsize)(end - start)) : g_strdup(start);
}

static void must_name(const char *text, const char *macro, const char *name, const char *where) {
    g_autofree char *line = g_strdup_printf(".It %s %s", macro, name);
    for (const char *at = text; (at = strstr(at, line)); at++)
        if (strchr(" \n", at[strlen(line)]))
            return;
    fail_msg("%s: the manual does not say \"%s\"", where, line);
}

static void every_setting_is_in_the_manual_with_its_default(void **state) {
    g_autofree char *text = section(".Sh SETTINGS");
    for (size_t i = 0; i < settings_count; i++) {
        g_autofree char *name = setting_full_name(&settings_table[i]);
        must_name(text, "Ic", name, "SETTINGS");
        if (!settings_table[i].otherwise)
            continue;
        g_autofree char *line = g_strdup_printf(".It Ic %s", name);
        const char *entry = strstr(text, line);
        const char *next = strstr(entry + 1, ".It ");
        g_autofree char *body = next ? g_strndup(entry, (gsize)(next - entry)) : g_strdup(entry);
        g_autofree char *value = g_strdup_printf(".Ql %s", settings_table[i].otherwise);
        if (!strstr(body, value))
            fail_msg("the manual does not say the default of %s: \"%s\"", name, value);
    }
}

static void every_condition_and_word_is_in_the_manual(void **state) {
    static const struct {
        ConditionKind group;
        const char *title;
    } groups[] = {{COND_ALL, ".Ss The message"},
                  {COND_SENDER, ".Ss sender and recipient"},
                  {COND_RECIPIENT, ".Ss sender and recipient"},
                  {COND_MATTER, ".Ss matter"},
                  {COND_ATTACHMENT, ".Ss attachment"},
                  {COND_HEADER, ".Ss header"},
                  {COND_DETECTION, ".Ss detects"}};
    for (size_t i = 0; i < condition_type_count; i++) {
        const ConditionType *type = &condition_types[i];
        size_t g = 0;
        while (groups[g].group != type->group)
            g++;
        g_autofree char *text = section(groups[g].title);
        must_name(text, "Ic", type->name, groups[g].title);
        for (size_t w = 0; type->words && type->words[w]; w++)
            if (!strstr(text, type->words[w]))
                fail_msg("%s: the manual does not say \"%s\"", type->name, type->words[w]);
    }
}

static void every_detector_is_in_the_manual(void **state) {
    g_autofree char *text = section(".Sh DETECTORS");
    for (size_t i = 0; detector_names[i]; i++)
        must_name(text, "Ic", detector_names[i], "DETECTORS");
}

static void every_key_of_a_rule_and_placeholder_is_in_the_manual(void **state) {
    g_autofree char *rules = section(".Sh RULES");
    for (int i = 0; rule_keys[i]; i++)
        must_name(rules, "Ic", rule_keys[i], "RULES");
    for (int i = 0; rule_placeholders[i]; i++) {
        g_autofree char *braced = g_strdup_printf("Brq %s", rule_placeholders[i]);
        if (!strstr(manual, braced))
            fail_msg("the manual does not say {%s}", rule_placeholders[i]);
    }
}

/* The name itself, or what it begins with and then, among the words of that item, the rest. */
static void must_tell_oddity(const char *text, const char *name) {
    size_t head = strcspn(name, ":");
    g_autofree char *whole = g_strdup_printf("Cm %s", name);
    if (strstr(text, whole))
        return;
    g_autofree char *cm = g_strdup_printf("Cm %.*s%s", (int)head, name, name[head] ? ":" : "");
    const char *item = NULL;
    for (const char *at = text; !item && (at = strstr(at, cm)); at++)
        item = strchr(" \n", at[strlen(cm)]) ? at : NULL;
    if (!item)
        fail_msg("ODDITIES of the manual does not say \"%s\"", cm);
    const char *rest = name[head] ? name + head + 1 : "*", *next = strstr(item, "\n.It ");
    g_autofree char *body = next ? g_strndup(item, (gsize)(next - item)) : g_strdup(item);
    g_autofree char *word = g_strdup_printf("\\b%.*s\\b", (int)strcspn(rest, ":@*"), rest);
    if (*rest != '*' && !g_regex_match_simple(word, body, 0, 0))
        fail_msg("ODDITIES of the manual does not say \"%s\"", name);
}

static void every_oddity_is_in_the_manual_and_no_other(void **state) {
    g_autofree char *text = section(".Sh ODDITIES");
    for (int i = 0; anomaly_names[i]; i++)
        must_tell_oddity(text, anomaly_names[i]);
    g_autoptr(GRegex) told = g_regex_new("^\\.It .*$", G_REGEX_MULTILINE, 0, NULL);
    g_autoptr(GMatchInfo) at = NULL;
    for (g_regex_match(told, text, 0, &at); g_match_info_matches(at); g_match_info_next(at, NULL)) {
        g_autofree char *line = g_match_info_fetch(at, 0);
        g_auto(GStrv) words = g_regex_split_simple("[ ,]+", line, 0, 0);
        for (char **word = words + 1; *word; word++) {
            g_autofree char *open = g_strconcat(*word, "*", NULL);
            if (strlen(*word) > 2 && **word != '*' && strcmp(word[-1], "Ar") != 0 &&
                !vocabulary_meets(anomaly_names, g_str_has_suffix(*word, ":") ? open : *word))
                fail_msg("ODDITIES of the manual says \"%s\", which is none", *word);
        }
    }
}

static void every_channel_is_in_the_manual(void **state) {
    g_autofree char *text = section(".Ss clients");
    for (int i = 0; registry_channels[i]; i++) {
        g_autofree char *word = g_strdup_printf(" %s ", registry_channels[i]);
        if (!strstr(text, word))
            fail_msg("the manual does not say the channel %s", registry_channels[i]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_setting_is_in_the_manual_with_its_default),
        cmocka_unit_test(every_condition_and_word_is_in_the_manual),
        cmocka_unit_test(every_detector_is_in_the_manual),
        cmocka_unit_test(every_key_of_a_rule_and_placeholder_is_in_the_manual),
        cmocka_unit_test(every_oddity_is_in_the_manual_and_no_other),
        cmocka_unit_test(every_channel_is_in_the_manual),
    };
    return cmocka_run_group_tests(tests, read_manual, free_manual);
}
