/* SPDX-License-Identifier: Apache-2.0 */
/* What is found counts against the limit of parts, and is itself looked into by whoever walks the tree. */
#include "message/inside.h"
#include "message/charset.h"
#include "message/kind.h"
#include "message/message.h"
#include "message/properties.h"
#include "message/tnef.h"
#include "message/uuencode.h"

enum { NESTED = 4 };

static void unreadable(Facts *facts, Part *leaf) {
    facts->unreadable = true;
    leaf->opaque = true;
}

static bool may_add(Facts *facts, Part *leaf, PrescanBudget *budget) {
    if (++budget->entities <= message_limits.parts)
        return true;
    facts_add_anomaly(facts, "limit:parts");
    unreadable(facts, leaf);
    return false;
}

static char *sound_name(const char *name, size_t length) {
    GString *out = g_string_new(NULL);
    charset_append(out, (Slice){"", 0}, (Slice){name, length});
    return g_string_free(out, FALSE);
}

static void find_uuencoded(Facts *facts, Part *leaf, PrescanBudget *budget) {
    Slice rest = part_decode(leaf);
    const char *begin, *kind = inline_file_kind(rest, &begin);
    if (kind != NULL) {
        facts_add_anomaly(facts, "inline-file");
        facts_add_anomaly(facts, "inline-file:%s", kind);
        unreadable(facts, leaf);
    }
    if (begin == NULL)
        return;
    rest = slice_between(begin, rest.at + rest.length);
    g_auto(UuFile) file = {0};
    for (; uufile_next(&rest, &file); uufile_clear(&file)) {
        facts_add_anomaly(facts, "inline-file");
        if (!file.clean)
            unreadable(facts, leaf);
        if (!may_add(facts, leaf, budget))
            return;
        part_add_found(leaf, sound_name(file.name, strlen(file.name)), "application/octet-stream",
                       g_steal_pointer(&file.data), file.length);
    }
}

/* ---- calendars and cards ---- */

typedef struct {
    Facts *facts;
    Part *leaf;
    PrescanBudget *budget;
    bool over;
} Carrying;

/* What is no text and no picture is a file. */
static void add_carried(const char *property, void *state) {
    Carrying *carrying = state;
    size_t length;
    bool clean;
    g_autofree char *data = carrying->over ? NULL : property_decoded(property, &length, &clean);
    if (data == NULL || property_is_text((Slice){data, length}) || kind_of((Slice){data, length}).form == FORM_MEDIA)
        return;
    if (!clean) {
        facts_add_anomaly(carrying->facts, "inline-file");
        unreadable(carrying->facts, carrying->leaf);
    }
    g_autofree char *type = property_parameter(property, "FMTTYPE");
    g_autofree char *name = property_parameter(property, "FILENAME");
    if (name == NULL)
        name = property_parameter(property, "X-FILENAME");
    carrying->over = !may_add(carrying->facts, carrying->leaf, carrying->budget);
    if (!carrying->over)
        part_add_found(carrying->leaf, name == NULL ? NULL : sound_name(name, strlen(name)),
                       type == NULL ? "application/octet-stream" : type, g_steal_pointer(&data), length);
}

static void find_carried(Facts *facts, Part *leaf, PrescanBudget *budget) {
    Carrying carrying = {.facts = facts, .leaf = leaf, .budget = budget};
    Slice text = part_decode(leaf);
    if (properties_begin(text))
        properties_each(text, add_carried, &carrying);
}

/* ---- Outlook ---- */

static void add_tnef(Part *leaf, TnefItem *item) {
    static const char *const types[] = {
        [TNEF_TEXT] = "text/plain",
        [TNEF_HTML] = "text/html",
        [TNEF_RTF] = "application/rtf",
        [TNEF_FILE] = "application/octet-stream",
        [TNEF_OBJECT] = "application/ms-tnef",
    };
    g_autofree char *type =
        g_strdup_printf(*item->charset == '\0' ? "%s" : "%s; charset=%s", types[item->kind], item->charset);
    char *data = item->owned != NULL ? g_steal_pointer(&item->owned) : g_memdup2(item->data.at, item->data.length);
    char *name = *item->name == '\0' ? NULL : g_strdup(item->name);
    part_add_found(leaf, name, type, data, item->data.length);
}

static unsigned nesting(const Part *part) {
    unsigned count = 0;
    for (; part->parent != NULL && part->parent->kind == PART_LEAF; part = part->parent)
        count++;
    return count;
}

static void find_in_tnef(Facts *facts, Part *leaf, PrescanBudget *budget) {
    bool whole = false;
    facts_add_anomaly(facts, "tnef");
    if (nesting(leaf) >= NESTED) {
        facts_add_anomaly(facts, "limit:depth");
        unreadable(facts, leaf);
        return;
    }
    g_autoptr(GPtrArray) items = tnef_read(part_decode(leaf), &whole);
    for (guint i = 0; i < items->len && may_add(facts, leaf, budget); i++)
        add_tnef(leaf, g_ptr_array_index(items, i));
    if (!whole)
        unreadable(facts, leaf);
}

bool inside_is_tnef(Part *leaf) {
    if (part_is(leaf, "application/ms-tnef") || part_is(leaf, "application/vnd.ms-tnef"))
        return true;
    if (!part_is(leaf, "application/octet-stream"))
        return false;
    Slice data = part_decode(leaf);
    if (data.length > 6 && memcmp(data.at, "\x78\x9f\x3e\x22", 4) == 0)
        return true;
    g_autoptr(GPtrArray) names = part_names(leaf);
    for (guint i = 0; i < names->len; i++)
        if (g_ascii_strcasecmp(g_ptr_array_index(names, i), "winmail.dat") == 0)
            return true;
    return false;
}

void inside_find(Facts *facts, Part *leaf, PrescanBudget *budget) {
    find_carried(facts, leaf, budget);
    if (inside_is_tnef(leaf))
        find_in_tnef(facts, leaf, budget);
    else if (leaf->encoding == ENCODING_UNKNOWN ||
             (g_str_has_prefix(leaf->type, "text/") && !part_is(leaf, "text/html")))
        find_uuencoded(facts, leaf, budget);
}
