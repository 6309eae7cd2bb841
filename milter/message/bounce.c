/* SPDX-License-Identifier: Apache-2.0 */
/* The returned mail comes whole or as its header alone (message/rfc822, text/rfc822-headers), and some servers label
 * neither: our mark is looked for line by line in what stands behind the report. It proves itself, so its place need
 * not. */
#include "message/bounce.h"
#include "base/text.h"
#include <string.h>

enum { FAILED_MAX = 100, MARK_BYTES = 120, LOOK_BYTES = 256 * 1024 };

static const char MARK[] = "X-Lexgate-Track:";

/* "rfc822; nora@harbour.test" */
static char *address_in(Slice value) {
    const char *semicolon = memchr(value.at, ';', value.length);
    if (semicolon)
        value = slice_between(semicolon + 1, value.at + value.length);
    value = slice_strip(value);
    g_autofree char *text = g_strndup(value.at, value.length);
    g_autofree char *address = address_normalise(text);
    return address_is_plausible(address) ? g_steal_pointer(&address) : NULL;
}

/* One recipient of the report. */
typedef struct {
    char *original, *final;
    bool failed;
} Group;

static void end_group(Group *group, GPtrArray *failed) {
    char *address = group->original ? group->original : group->final;
    if (group->failed && address && failed->len < FAILED_MAX)
        g_ptr_array_add(failed, g_strdup(address));
    g_free(group->original);
    g_free(group->final);
    *group = (Group){0};
}

static void take_field(Group *group, Slice line) {
    const char *colon = memchr(line.at, ':', line.length);
    if (!colon)
        return;
    Slice name = slice_strip(slice_between(line.at, colon)), value = slice_between(colon + 1, line.at + line.length);
    char **address = slice_is(name, "Original-Recipient") ? &group->original
                     : slice_is(name, "Final-Recipient")  ? &group->final
                                                          : NULL;
    if (address && !*address)
        *address = address_in(value);
    else if (slice_is(name, "Action"))
        group->failed = slice_is(slice_strip(value), "failed");
}

static void read_report(Slice report, GPtrArray *failed) {
    Group group = {0};
    Slice line;
    while (slice_line(&report, &line)) {
        if (slice_strip(line).length == 0)
            end_group(&group, failed);
        else
            take_field(&group, line);
    }
    end_group(&group, failed);
}

/* The first, "ID.MAC"; NULL: none. */
static char *find_mark(Slice rest) {
    rest.length = MIN(rest.length, LOOK_BYTES);
    Slice line;
    while (slice_line(&rest, &line)) {
        if (!slice_begins(line, MARK))
            continue;
        Slice value = slice_strip(slice_between(line.at + strlen(MARK), line.at + line.length));
        return text_printable(value.at, MIN(value.length, MARK_BYTES), MARK_BYTES);
    }
    return NULL;
}

static Part *report_of(Part *top) {
    if (!top || !part_is(top, "multipart/report"))
        return NULL;
    for (guint i = 0; i < top->children->len; i++) {
        Part *child = g_ptr_array_index(top->children, i);
        if (g_str_has_suffix(child->type, "delivery-status") && child->raw.at)
            return child;
    }
    return NULL;
}

void bounce_read(Facts *facts, Part *top, Slice message) {
    Part *report = report_of(top);
    if (!report || report->raw.at < message.at || report->raw.at > message.at + message.length)
        return;
    g_free(facts->bounce_track);
    facts->bounce_track = find_mark(slice_between(report->raw.at + report->raw.length, message.at + message.length));
    if (facts->bounce_track)
        read_report(part_decode(report), facts->bounce_failed);
}
