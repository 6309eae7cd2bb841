/* SPDX-License-Identifier: Apache-2.0 */
/* What stands around a number decides whether it is one: where it begins and ends, which label is near, whether it is a
 * piece of a link. */
#include "message/detect_scan.h"

enum {
    LINK_MAX = 1000, /* how far back the beginning of a URL is looked for */
};

void scan_report(Scan *scan, Detector detector, const char *value, size_t end) {
    scan->taken = end;
    scan->found(detector, value, scan->state);
}

/* "_4111…_" is a number that stands out, "a_4111…" a name. */
bool scan_begins_here(const Scan *scan, size_t start) {
    char c = scan_before(scan, start);
    if (c == '_')
        return !scan_is_word(scan_before(scan, start - 1));
    if (g_ascii_isalnum(c) || c == '@' || c == '%' || c == '\\')
        return false;
    if ((c == ',' || c == '.') && start > 1 && g_ascii_isalpha(scan->text[start - 2])) /* "no.4111…" */
        return true;
    return !((c == '.' || c == ',' || c == '-' || c == '/') && start > 1 && scan_is_word(scan->text[start - 2]));
}

/* Does it belong to a URL or an address? Those go on until white space or a sign that stands around them, an address
 * until a comma too. */
bool scan_is_in_link(const Scan *scan, size_t start) {
    size_t least = start > LINK_MAX ? start - LINK_MAX : 0;
    bool comma = false;
    for (size_t i = start; i > least; i--) {
        char c = scan->text[i - 1];
        comma |= c == ',';
        if (c <= ' ' || c == '<' || c == '>' || c == '"')
            return false;
        if ((c == '@' && !comma) || (c == ':' && scan_at(scan, i) == '/' && scan_at(scan, i + 1) == '/'))
            return true;
    }
    return least > 0;
}

bool scan_ends_here(const Scan *scan, size_t start, size_t end) {
    char c = scan_at(scan, end), next = scan_at(scan, end + 1);
    if (scan_before(scan, start) == '_')
        return c == '_' && !scan_is_word(next);
    if (scan_is_word(c) || c == '@')
        return false;
    if (c == '.' || c == ',')
        return !g_ascii_isdigit(next);
    return c != '-' || !scan_is_word(next);
}

static bool label_at(const Scan *scan, size_t i, const char *label) {
    for (; *label != '\0'; label++) {
        char c = scan_at(scan, i);
        if (*label == ' ' && (c == ' ' || c == '-' || c == '.' || c == '_' || c == '\n'))
            i++;
        else if (*label != ' ' && g_ascii_toupper(c) == *label)
            i++;
        else if (*label != ' ')
            return false;
    }
    return !g_ascii_isalnum(scan_at(scan, i));
}

bool scan_has_label_between(const Scan *scan, size_t from, size_t to, const char *const *labels) {
    for (size_t i = from; i < to; i++)
        for (const char *const *label = labels; !g_ascii_isalnum(scan_before(scan, i)) && *label != NULL; label++)
            if (g_ascii_toupper(scan->text[i]) == **label && label_at(scan, i, *label))
                return true;
    return false;
}

bool scan_has_label(const Scan *scan, size_t start, size_t end, const char *const *labels) {
    size_t from = start > LABEL_BEFORE ? start - LABEL_BEFORE : 0;
    const char *line = memchr(scan->text + end, '\n', MIN(LABEL_AFTER, scan->length - end));
    size_t to = line != NULL ? (size_t)(line - scan->text) : MIN(end + LABEL_AFTER, scan->length);
    return scan_has_label_between(scan, from, start, labels) || scan_has_label_between(scan, end, to, labels);
}

static bool is_gap_sign(char c) {
    return c != '\0' && (strchr("-./,;_|", c) != NULL || c == PLAIN_DOT);
}

/* Sentences and lists of numbers have spaces behind these. */
static bool stands_close(char sign) {
    return strchr(".,;_", sign) != NULL;
}

size_t scan_gap_at(const Scan *scan, size_t i, char *kind) {
    size_t length = 0, lines = 0;
    *kind = ' ';
    for (char c; (c = scan_at(scan, i + length)) != '\0' && length < GAP_MAX; length++) {
        if (is_gap_sign(c) && *kind == ' ')
            *kind = c;
        else if (strchr(lines > 0 ? " \t\r>" : " \t\r\n", c) == NULL)
            break;
        lines += c == '\n';
    }
    if (*kind != ' ' && stands_close(*kind) && length > 1)
        return 0;
    return g_ascii_isalnum(scan_at(scan, i + length)) ? length : 0;
}

size_t digits_end(const Scan *scan, size_t i) {
    while (i < scan->length && g_ascii_isdigit(scan->text[i]))
        i++;
    return i;
}

void groups_read(const Scan *scan, size_t start, size_t word_end, Groups *groups) {
    *groups = (Groups){.count = 1};
    groups->lengths[0] = word_end - start;
    groups->ends[0] = word_end;
    for (size_t end = word_end; groups->count < GROUPS_MAX;) {
        char c = scan_at(scan, end);
        if ((c != ' ' && c != '-' && c != '.') || !g_ascii_isdigit(scan_at(scan, end + 1)))
            return;
        size_t begin = end + 1;
        for (end = begin; end - begin < 20 && g_ascii_isdigit(scan_at(scan, end)); end++)
            ;
        if (scan_is_word(scan_at(scan, end)))
            return;
        groups->between[groups->count] = c;
        groups->lengths[groups->count] = end - begin;
        groups->ends[groups->count++] = end;
    }
}

bool groups_have_shape(const Groups *groups, const unsigned char *shape) {
    size_t i = 0;
    for (; shape[i] != 0; i++)
        if (i >= groups->count || groups->lengths[i] != shape[i] || (i > 1 && groups->between[i] != groups->between[1]))
            return false;
    return i > 0;
}

size_t groups_end(const Groups *groups, const unsigned char *shape) {
    return groups->ends[strlen((const char *)shape) - 1];
}

size_t scan_copy_digits(const Scan *scan, size_t start, size_t end, char *out, size_t room) {
    size_t length = 0;
    for (; start < end && length + 1 < room; start++)
        if (g_ascii_isdigit(scan->text[start]))
            out[length++] = scan->text[start];
    out[length] = '\0';
    return length;
}

bool groups_take(Scan *scan, Detector detector, size_t start, const Groups *groups, const unsigned char *shape,
                 GroupsCheck check, const char *const *labels) {
    char digits[24];
    if (!groups_have_shape(groups, shape))
        return false;
    size_t end = groups_end(groups, shape);
    size_t length = scan_copy_digits(scan, start, end, digits, sizeof digits);
    if (!scan_ends_here(scan, start, end) || !check(scan, digits, length) || scan_is_in_link(scan, start) ||
        (labels && !scan_has_label(scan, start, end, labels)))
        return false;
    scan_report(scan, detector, digits, end);
    return true;
}
