/* SPDX-License-Identifier: Apache-2.0 */
/* Only the word that changes is replaced, and what comes out is read once more. */
#include "message/relabel.h"
#include "message/message.h"

enum { VALUE_MOST = 900 }; /* of a header, as the front takes it */

/* Behind the token or quoted string at `at`. */
static const char *skip_word(const char *at, const char *end) {
    if (at < end && *at == '"') {
        for (at++; at < end && *at != '"'; at++)
            at += *at == '\\' && at + 1 < end;
        return MIN(at + 1, end);
    }
    while (at < end && *at != ';' && !g_ascii_isspace(*at) && *at != '"')
        at++;
    return at;
}

/* The value of charset= outside of quotes; at the end of the type where there is none. */
static Slice charset_word(Slice value, const char **lead) {
    const char *at = value.at, *end = at + value.length;
    while (at < end && g_ascii_isspace(*at))
        at++;
    const char *type_end = skip_word(at, end);
    *lead = "";
    for (at = type_end; at < end;) {
        if (*at == '"') {
            at = skip_word(at, end);
            continue;
        }
        bool begins = at > value.at && (at[-1] == ';' || g_ascii_isspace(at[-1]));
        if (begins && slice_begins(slice_between(at, end), "charset")) {
            const char *word = at + 7;
            while (word < end && g_ascii_isspace(*word))
                word++;
            if (word < end && *word == '=') {
                for (word++; word < end && g_ascii_isspace(*word);)
                    word++;
                return slice_between(word, skip_word(word, end));
            }
        }
        at++;
    }
    *lead = "; charset=";
    return (Slice){type_end, 0};
}

static GString *with_word(Slice value, Slice old, const char *lead, const char *word) {
    GString *out = g_string_new_len(value.at, old.at - value.at);
    g_string_append_printf(out, "%s%s", lead, word);
    g_string_append_len(out, old.at + old.length, value.at + value.length - (old.at + old.length));
    return out;
}

/* One charset, the new one, and all else as it was. */
static bool reads_well(const Leaf *leaf, const GString *value, const char *charset) {
    unsigned count;
    g_autoptr(Field) field = field_parse((Slice){value->str, value->len}, message_limits.parameters);
    const FieldParam *param = field_param_entry(field, "charset", &count);
    const Field *before = leaf->part->content_type;
    if (field->odd || field->comment || field->too_many || count != 1 || strcmp(param->value, charset) != 0 ||
        strcmp(field->value, leaf->part->type) != 0)
        return false;
    unsigned had =
        field_param(before, "charset") != NULL ? before->params->len : (before ? before->params->len : 0) + 1;
    return field->params->len == had;
}

/* A header of its own, at the end of the head. */
static void add_line(const Leaf *leaf, const char *name, const char *value, Splices *splices) {
    Slice head = leaf->entity.head;
    GString *line = g_string_new(NULL);
    g_string_printf(line, "%s: %s\r\n", name, value);
    splices_add(splices, (Slice){head.at + head.length - 2, 0}, line);
}

static bool change_charset(const Leaf *leaf, const char *charset, Splices *splices) {
    RawHeader header;
    unsigned count = entity_header(leaf->entity.head, "content-type", &header);
    bool own = leaf->part->parent != NULL;
    if (count == 0) {
        g_autofree char *value = g_strdup_printf("text/plain; charset=%s", charset);
        if (own)
            add_line(leaf, "Content-Type", value, splices);
        else
            splices->content_type = g_steal_pointer(&value);
        return part_is(leaf->part, "text/plain");
    }
    const char *lead;
    Slice old = charset_word(header.value, &lead);
    g_autoptr(GString) value = with_word(header.value, old, lead, charset);
    if (count > 1 || value->len > VALUE_MOST || leaf->part->content_type == NULL || !reads_well(leaf, value, charset))
        return false;
    if (own) {
        splices_add(splices, old, g_string_append(g_string_new(lead), charset));
        return true;
    }
    splices->content_type = header_unfold((Slice){value->str, value->len});
    return g_ascii_strncasecmp(splices->content_type, "text/plain;", 11) == 0; /* as the front takes it */
}

static bool change_encoding(const Leaf *leaf, const char *encoding, Splices *splices) {
    RawHeader header;
    unsigned count = entity_header(leaf->entity.head, "content-transfer-encoding", &header);
    if (count > 1)
        return false;
    if (leaf->part->parent == NULL)
        splices->encoding = g_strdup(encoding);
    else if (count == 0)
        add_line(leaf, "Content-Transfer-Encoding", encoding, splices);
    else if (slice_strip(header.value).length > 0)
        splices_add(splices, slice_strip(header.value), g_string_new(encoding));
    else
        return false;
    return true;
}

bool relabel(const Leaf *leaf, const Relabelling *change, Splices *splices) {
    guint before = splices->splices->len;
    bool good = (change->charset == NULL || change_charset(leaf, change->charset, splices)) &&
                (change->encoding == NULL || change_encoding(leaf, change->encoding, splices));
    if (!good)
        g_array_set_size(splices->splices, before);
    return good;
}
