/* SPDX-License-Identifier: Apache-2.0 */
/* What a condition is compared with: a value that no message can ever have is a mistake of whoever wrote the rule, and
 * refused with what to write instead. */
#include "base/languagetag.h"
#include "base/text.h"
#include "facts/vocabulary.h"
#include "policy/loading.h"
#include <string.h>

/* "; did you mean "limit:*"?" of a name that only begins some, else as everywhere. */
static char *suggest_name(const char *text, const char *const *names) {
    size_t length = strcspn(text, ":");
    for (const char *const *name = names; *name; name++)
        if (g_ascii_strncasecmp(*name, text, length) == 0 && (*name)[length] == ':' && !text_suggest(text, names))
            return g_strdup_printf("; did you mean \"%.*s:*\"?", (int)length, text);
    return suggestion(text, names);
}

static void check_anomaly(Loading *loading, const Node *node, const char *text) {
    if (vocabulary_meets(anomaly_names, text))
        return;
    g_autofree char *hint = suggest_name(text, anomaly_names);
    node_error(loading->problems, node, "there is no oddity \"%s\"%s", text, hint);
}

/* People write "pdf" and "docx"; we want what a file is, or its name. */
static void check_kind(Loading *loading, const Node *node, const char *text) {
    if (vocabulary_meets(file_kinds, text))
        return;
    g_autofree char *tail = g_strconcat("*/", text, NULL);
    for (const char *const *kind = file_kinds; *kind; kind++) {
        const char *const one[] = {*kind, NULL};
        if (!strchr(text, '/') && vocabulary_meets(one, tail)) {
            node_error(loading->problems, node, "there are no files of kind \"%s\"; did you mean \"%s\"?", text, *kind);
            return;
        }
    }
    const char *near = text_suggest(text, file_kinds);
    g_autofree char *hint = near ? g_strdup_printf("; did you mean \"%s\"?", near)
                                 : g_strdup("; write a media type such as \"application/pdf\" or \"image/*\", or ask "
                                            "for the file's name: name = \"*.docx\"");
    node_error(loading->problems, node, "there are no files of kind \"%s\"%s", text, hint);
}

static void check_type(Loading *loading, const Node *node, const char *text) {
    if (!strpbrk(text, "/*"))
        node_error(loading->problems, node,
                   "no media type is \"%s\"; write one such as \"application/pdf\" or \"image/*\", or ask for the "
                   "file's name: name = \"*.%s\"",
                   text, text);
}

static void check_place(Loading *loading, const Node *node, const char *text) {
    if (vocabulary_meets(detection_places, text))
        return;
    const char *near = text_suggest(text, detection_places);
    near = near ? near : g_ascii_strncasecmp(text, "attachment", 10) == 0 ? "attachment:*" : NULL;
    near = near ? near : text_equal_nocase(text, "body") ? "text" : NULL;
    g_autofree char *hint = near ? g_strdup_printf("; did you mean \"%s\"?", near) : suggestion(text, detection_places);
    node_error(loading->problems, node, "nothing is looked for in \"%s\"%s", text, hint);
}

/* Any character that may stand for the wild ones. */
static char *without_wild(const char *text) {
    return g_strdelimit(g_strdup(text), "*?", 'x');
}

static void check_address(Loading *loading, const Node *node, const char *text) {
    g_autofree char *plain = without_wild(text);
    const char *at = strrchr(text, '@');
    bool open = strchr(text, '*') != NULL;
    if (*text == '@')
        node_error(loading->problems, node, "no address is \"%s\"; for a whole domain write domain = \"%s\"", text,
                   text + 1);
    else if (at ? !address_is_plausible(plain) : !open)
        node_error(loading->problems, node, "no address is \"%s\"; write name@domain, with * for what may be anything",
                   text);
}

static void check_domain(Loading *loading, const Node *node, const char *text) {
    g_autofree char *plain = without_wild(text);
    g_autofree char *probe = g_strconcat("x@", plain, NULL);
    const char *at = strrchr(text, '@');
    if (at && at[1])
        node_error(loading->problems, node, "no domain is \"%s\"; write what stands behind the @: \"%s\"", text,
                   at + 1);
    else if (!address_is_plausible(probe) || strchr(text, '/'))
        node_error(loading->problems, node, "no domain is \"%s\"; write it like \"client.test\" or \"*.client.test\"",
                   text);
}

static void check_header(Loading *loading, const Node *node, const char *text) {
    size_t length = strcspn(text, ": \t");
    if (text[length] && length)
        node_error(loading->problems, node, "no header is called \"%s\"; write its name alone: \"%.*s\"", text,
                   (int)length, text);
    else if (!length || !g_str_is_ascii(text))
        node_error(loading->problems, node, "no header is called \"%s\"; write a name such as \"X-Spam-Flag\"", text);
}

static void check_language(Loading *loading, const Node *node, const char *text) {
    const char *meant = language_tag_meant(text);
    if (!strpbrk(text, "*?") && !language_tag_is_known(text))
        node_error(loading->problems, node, "no language is \"%s\"; write %s%s\"", text,
                   meant ? "\"" : "a tag such as \"en\" or \"", meant ? meant : "de-AT");
}

/* Registers may know channels of their own, so it is no error. */
static void check_channel(Loading *loading, const Node *node, const char *text) {
    if (vocabulary_meets(registry_channels, text))
        return;
    g_autofree char *hint = suggestion(text, registry_channels);
    node_warning(loading->problems, node, "channel: \"%s\" is none that we know%s", text, hint);
}

void check_value(Loading *loading, const Node *node, const ConditionType *type, const char *text) {
    static const struct {
        Test test;
        void (*check)(Loading *loading, const Node *node, const char *text);
    } checks[] = {
        {TEST_ANOMALY, check_anomaly},          {TEST_DETECTION_KIND, check_detector},
        {TEST_DETECTION_WHERE, check_place},    {TEST_ATTACHMENT_KIND, check_kind},
        {TEST_ATTACHMENT_TYPE, check_type},     {TEST_PERSON_ADDRESS, check_address},
        {TEST_PERSON_DOMAIN, check_domain},     {TEST_HEADER_NAME, check_header},
        {TEST_PERSON_LANGUAGE, check_language}, {TEST_PERSON_CHANNEL, check_channel},
    };
    if (!*text) {
        node_error(loading->problems, node, "\"%s\" is compared with an empty text; write one", type->name);
        return;
    }
    if (type->value == VALUE_WORDS && !g_strv_contains(type->words, text)) {
        g_autofree char *hint = suggestion(text, type->words);
        node_error(loading->problems, node, "\"%s\" is never \"%s\"%s", type->name, text, hint);
    }
    for (size_t i = 0; i < G_N_ELEMENTS(checks); i++)
        if (checks[i].test == type->test)
            checks[i].check(loading, node, text);
}
