/* SPDX-License-Identifier: Apache-2.0 */
/* The clear list and the sealed one are of one order. */
#include "ctl/waywords.h"
#include "base/text.h"

static const struct {
    const char *way, *by, *words;
} table[] = {
    {"smime", "gateway", "the gateway encrypted it with S/MIME"},
    {"openpgp", "gateway", "the gateway encrypted it with OpenPGP"},
    {"smime", "sender", "the sender encrypted it with S/MIME"},
    {"openpgp", "sender", "the sender encrypted it with OpenPGP"},
    {"container", "sender", "the sender put it into an encrypted file"},
    {"verified-tls", "mta", "the mail server demands verified TLS"},
    {"consent", "", "in clear, by consent"},
};

static const char *words_of(const json_t *way) {
    for (size_t i = 0; i < G_N_ELEMENTS(table); i++)
        if (text_equal(json_text(way, "way"), table[i].way) && text_equal(json_text_or(way, "by", ""), table[i].by))
            return table[i].words;
    return "by a way that this version does not know";
}

static void add_who(GString *line, const json_t *way, const json_t *opened) {
    json_t *recipients = json_list(opened, "rcpt"), *recipient;
    size_t i;
    if (!json_array_size(recipients)) {
        json_int_t count = json_integer_value(json_object_get(way, "n"));
        g_string_append_printf(line, "%" JSON_INTEGER_FORMAT " recipient%s", count, count == 1 ? "" : "s");
        return;
    }
    json_array_foreach(recipients, i, recipient) g_string_append_printf(
        line, "%s%s", i ? ", " : "", json_is_string(recipient) ? json_string_value(recipient) : "?");
}

json_t *way_words(const json_t *entry) {
    json_t *ways = json_list(entry, "ways"), *opened = json_list(json_object_get(entry, "opened"), "ways"), *way;
    size_t i;
    if (!json_array_size(ways))
        return NULL;
    json_t *all = json_array();
    json_array_foreach(ways, i, way) {
        const json_t *who = json_array_get(opened, i);
        const char *demand = json_text_or(who, "demand", "");
        g_autoptr(GString) line = g_string_new(NULL);
        add_who(line, way, who);
        g_string_append_printf(line, ": %s%s%s%s", words_of(way), *demand ? " (" : "", demand, *demand ? ")" : "");
        json_array_append_new(all, json_string(line->str));
    }
    return all;
}
