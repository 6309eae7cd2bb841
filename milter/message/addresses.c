/* SPDX-License-Identifier: Apache-2.0 */
/* One pass, no recursion: a segment ends at a comma, a semicolon or a group's colon outside of quotes, comments and
 * angles. */
#include "message/addresses.h"
#include "base/text.h"
#include "message/words.h"

enum { NAMES_MAX = 16, NAME_BYTES = 256, NAME_RAW_BYTES = 4096 };

/* Right-to-left override, and the end of it. */
enum { TURN = 0x202e, TURN_END = 0x202c };

typedef struct {
    GPtrArray *found;
    GHashTable *seen;
    GString *bare;  /* of the segment: without comments; quotes stay */
    GString *angle; /* inside < > */
    bool in_angle, had_angle;
    unsigned limit, segments;
    bool odd;
    GPtrArray *names; /* NULL: not wanted */
} Scan;

/* "a @ firm . test." is a@firm.test to the programs that show it (RFC 5322, section 4.4). Caller owns. */
static char *as_read(const char *text) {
    char *normal = address_normalise(text), *at = strrchr(normal, '@');
    if (address_is_plausible(normal) || !at)
        return normal;
    char *local_end = at, *to;
    while (local_end > normal && g_ascii_isspace(local_end[-1]))
        local_end--;
    memmove(local_end, at, strlen(at) + 1);
    for (char *from = to = local_end; *from;) {
        size_t blanks = strspn(from, " \t");
        bool joint = blanks && (to[-1] == '@' || to[-1] == '.' || from[blanks] == '.');
        from += joint ? blanks : 0;
        if (*from)
            *to++ = *from++;
    }
    *to = '\0';
    if (to > local_end + 1 && to[-1] == '.')
        to[-1] = '\0';
    g_autofree char *joined = normal;
    return address_normalise(joined);
}

static void take(Scan *scan, GString *text) {
    const char *address = text->str;
    /* An obsolete route: <@relay.test,@other.test:user@host.test> */
    const char *colon = address[0] == '@' ? strchr(address, ':') : NULL;
    g_autofree char *written = address_normalise(colon == NULL ? address : colon + 1);
    g_autofree char *normal = as_read(written);
    if (!address_is_plausible(normal))
        return;
    scan->odd |= !text_equal(written, normal) || address_is_bang_path(normal);
    if (!g_hash_table_contains(scan->seen, normal)) {
        g_hash_table_add(scan->seen, normal);
        g_ptr_array_add(scan->found, g_steal_pointer(&normal));
    }
}

/* Without the quotes, and the backslashes inside them. */
static char *unquoted(Slice text) {
    GString *plain = g_string_sized_new(text.length);
    bool quoted = false;
    for (size_t i = 0; i < text.length; i++) {
        if (quoted && text.at[i] == '\\' && i + 1 < text.length)
            i++;
        else if (text.at[i] == '"') {
            quoted = !quoted;
            continue;
        }
        g_string_append_c(plain, text.at[i]);
    }
    return g_string_free(plain, FALSE);
}

/* Characters that take no room are left out, and what U+202E turns round is read from its end. Caller owns. */
static char *as_shown(const char *decoded) {
    g_autofree char *valid = g_utf8_make_valid(decoded, -1);
    g_autoptr(GString) run = g_string_new(NULL);
    GString *shown = g_string_sized_new(strlen(valid));
    bool turned = false;
    for (const char *at = valid;; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (c && g_unichar_type(c) != G_UNICODE_FORMAT)
            g_string_append_unichar(run, c);
        if (c && c != TURN && c != TURN_END)
            continue;
        g_autofree char *back = turned ? g_utf8_strreverse(run->str, -1) : NULL;
        g_string_append(shown, turned ? back : run->str);
        g_string_truncate(run, 0);
        turned = c == TURN;
        if (!c)
            return g_string_free(shown, FALSE);
    }
}

static void add_name(Scan *scan, Slice written) {
    if (!scan->names || scan->names->len >= NAMES_MAX)
        return;
    written.length = MIN(written.length, NAME_RAW_BYTES);
    g_autofree char *plain = unquoted(written);
    g_autofree char *decoded = words_decode((Slice){plain, strlen(plain)});
    g_autofree char *shown = as_shown(decoded);
    g_strstrip(shown);
    g_autofree char *name = text_printable(shown, strlen(shown), NAME_BYTES);
    if (*name && !g_ptr_array_find_with_equal_func(scan->names, name, g_str_equal, NULL))
        g_ptr_array_add(scan->names, g_steal_pointer(&name));
}

static void end_segment(Scan *scan) {
    g_autofree char *bare = scan->names ? as_read(scan->bare->str) : NULL;
    if (bare && (scan->in_angle || scan->had_angle || !address_is_plausible(bare)))
        add_name(scan, (Slice){scan->bare->str, scan->bare->len});
    if (scan->in_angle)
        take(scan, scan->angle);
    else if (!scan->had_angle)
        take(scan, scan->bare);
    if (scan->bare->len > 0 || scan->had_angle || scan->in_angle)
        scan->segments++;
    scan->in_angle = scan->had_angle = false;
    g_string_truncate(scan->bare, 0);
    g_string_truncate(scan->angle, 0);
}

/* The byte behind a comment that begins at `at`. */
static const char *skip_comment(const char *at, const char *end) {
    int depth = 0;
    for (; at < end; at++) {
        if (*at == '\\' && at + 1 < end)
            at++;
        else if (*at == '(')
            depth++;
        else if (*at == ')' && --depth == 0)
            return at + 1;
    }
    return end;
}

static const char *copy_quoted(GString *out, const char *at, const char *end) {
    g_string_append_c(out, *at++);
    for (; at < end && *at != '"'; at++) {
        if (*at == '\\' && at + 1 < end)
            g_string_append_c(out, *at++);
        g_string_append_c(out, *at);
    }
    g_string_append_c(out, '"');
    return at < end ? at + 1 : end;
}

static const char *step(Scan *scan, const char *at, const char *end) {
    GString *into = scan->in_angle ? scan->angle : scan->bare;
    if (*at == '"')
        return copy_quoted(into, at, end);
    if (*at == '(') {
        const char *behind = skip_comment(at, end);
        add_name(scan, slice_between(at + 1, behind - (behind[-1] == ')' && behind > at + 1)));
        return behind;
    }
    if (*at == '<') {
        if (scan->in_angle)
            take(scan, scan->angle);
        g_string_truncate(scan->angle, 0);
        scan->in_angle = true;
    } else if (*at == '>' && scan->in_angle) {
        take(scan, scan->angle);
        scan->in_angle = false;
        scan->had_angle = true;
    } else if (!scan->in_angle && (*at == ',' || *at == ';')) {
        end_segment(scan);
    } else if (!scan->in_angle && *at == ':') {
        g_string_truncate(scan->bare, 0); /* the name of a group */
    } else if (*at != '\r' && *at != '\n' && *at != '\0' &&
               (scan->in_angle || into->len > 0 || !g_ascii_isspace(*at))) {
        g_string_append_c(into, *at);
    }
    return at + 1;
}

static bool scan_value(Scan *scan, Slice value) {
    const char *at = value.at, *end = at + value.length;
    scan->seen = g_hash_table_new(g_str_hash, g_str_equal);
    scan->bare = g_string_new(NULL);
    scan->angle = g_string_new(NULL);
    for (guint i = 0; i < scan->found->len; i++)
        g_hash_table_add(scan->seen, g_ptr_array_index(scan->found, i));
    while (at < end && scan->segments <= scan->limit)
        at = step(scan, at, end);
    end_segment(scan);
    g_hash_table_unref(scan->seen);
    g_string_free(scan->bare, TRUE);
    g_string_free(scan->angle, TRUE);
    return scan->segments <= scan->limit;
}

bool addresses_add(GPtrArray *addresses, Slice value, unsigned limit, bool *odd) {
    Scan scan = {.found = addresses, .limit = limit};
    bool complete = scan_value(&scan, value);
    *odd |= scan.odd;
    return complete;
}

void addresses_names(GPtrArray *names, Slice value) {
    g_autoptr(GPtrArray) addresses = g_ptr_array_new_with_free_func(g_free);
    Scan scan = {.found = addresses, .limit = NAMES_MAX, .names = names};
    scan_value(&scan, value);
}
