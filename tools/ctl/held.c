/* SPDX-License-Identifier: Apache-2.0 */
/* Records of held mail, opened where the keys are at hand. */
#include "ctl/held.h"
#include "base/text.h"
#include "ctl/print.h"
#include "policy/unencrypted.h"
#include <stdio.h>
#include <string.h>

static json_t *open_personal(const json_t *record, Keyring *keys) {
    const char *sealed = json_text_or(record, "p", "");
    if (!keys || !*sealed)
        return NULL;
    const char *client = json_text_or(record, "k", KEYRING_FIRM);
    g_autofree char *plain = keyring_open_value(keys, *client ? client : KEYRING_FIRM, sealed, NULL);
    return plain ? json_parse(plain, strlen(plain), NULL) : NULL;
}

static void copy_member(json_t *to, const char *name, const json_t *from, const char *key) {
    json_t *value = from ? json_object_get(from, key) : NULL;
    json_object_set_new(to, name, value ? json_incref(value) : json_null());
}

static json_t *since(const json_t *record) {
    int64_t seconds = json_number(record, "t", 0);
    return json_instant(instant_from_seconds(seconds));
}

json_t *held_to_json(const json_t *record, Keyring *keys) {
    static const char *const members[] = {"client", "matter", "rules", "confirm", "copies"};
    const char *in_clear = unencrypted_state(json_text(record, "in_clear"));
    g_autoptr(json_t) personal = open_personal(record, keys);
    json_t *held = json_object();
    copy_member(held, "queue_id", record, "qid");
    json_object_set_new(held, "since", since(record));
    copy_member(held, "sender", record, "staff");
    for (size_t i = 0; i < G_N_ELEMENTS(members); i++)
        copy_member(held, members[i], record, members[i]);
    json_object_set_new(held, "in_clear", json_string(*in_clear ? in_clear : "no"));
    bool partly = json_flag(record, "partly", false);
    json_object_set_new(held, "partly", json_boolean(partly));
    copy_member(held, "from", personal, "from");
    copy_member(held, "to", personal, partly ? "reached" : "rcpt");
    copy_member(held, "subject", personal, "subject");
    copy_member(held, "in_clear_to", personal, "in_clear");
    return held;
}

GPtrArray *held_queue_ids(const json_t *record) {
    GPtrArray *ids = json_texts(json_list(record, "copies"));
    if (!ids->len)
        g_ptr_array_add(ids, g_strdup(json_text_or(record, "qid", "")));
    return ids;
}

char *held_in_clear(const json_t *held) {
    g_autoptr(GPtrArray) to = json_texts(json_list(held, "in_clear_to"));
    g_ptr_array_add(to, NULL);
    g_autofree char *joined = g_strjoinv(", ", (char **)to->pdata);
    g_autofree char *named = text_printable(joined, strlen(joined), 500);
    g_autofree char *words = unencrypted_words(json_text(held, "in_clear"), named);
    return words ? g_strdup_printf("%s; \"release\" needs --in-clear and --note REASON", words) : NULL;
}

char *held_part(const json_t *held) {
    if (!json_flag(held, "partly", false))
        return NULL;
    return g_strdup("holds copies for a part of its recipients: the mail server was told to bring the rest again. "
                    "Released or refused, these go or end alone");
}

static void print_member(const char *label, const json_t *value) {
    g_autoptr(GString) text = g_string_new(NULL);
    size_t i;
    json_t *element;
    if (json_is_string(value))
        g_string_append(text, json_string_value(value));
    else if (json_is_boolean(value))
        g_string_append(text, json_is_true(value) ? "yes" : "no");
    json_array_foreach((json_t *)value, i, element)
        g_string_append_printf(text, "%s%s", i ? ", " : "", json_is_string(element) ? json_string_value(element) : "?");
    g_autofree char *line = text_printable(text->str, text->len, 500);
    printf("  %-9s %s\n", label, *line ? line : "-");
}

void held_print(const json_t *held) {
    printf("Held message %s\n", json_text_or(held, "queue_id", "?"));
    print_member("since", json_object_get(held, "since"));
    print_member("sender", json_object_get(held, "sender"));
    print_member("client", json_object_get(held, "client"));
    print_member("matter", json_object_get(held, "matter"));
    print_member("rules", json_object_get(held, "rules"));
    print_member("confirm", json_object_get(held, "confirm"));
    print_member("to", json_object_get(held, "to"));
    print_member("subject", json_object_get(held, "subject"));
    g_autofree char *in_clear = held_in_clear(held);
    if (in_clear)
        printf("  %s\n", in_clear);
    g_autofree char *part = held_part(held);
    if (part)
        printf("  %s\n", part);
}
