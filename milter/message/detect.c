/* SPDX-License-Identifier: Apache-2.0 */
/* The text is walked by words (runs of letters and digits). At each beginning of one a candidate of bounded length is
 * taken from there, so the whole stays linear; checksums come before the search for a label. */
#include "message/detect.h"
#include "message/detect_plain.h"
#include "message/numbers.h"
#include <string.h>

enum {
    GROUPS_MAX = 6,    /* of digits that form one number */
    LABEL_BEFORE = 48, /* how far from its number a label may stand */
    LABEL_AFTER = 24,
    ACCOUNT_AFTER = 80, /* how far from a sort code its account number may stand */
    ACCOUNT_BEFORE = 60,
    IBAN_MAX = 34,
    MRZ_LINE = 44,
    LINK_MAX = 1000, /* how far back the beginning of a URL is looked for */
    CARD_MAX = 19,   /* digits */
};

typedef struct {
    const char *text;
    size_t length;
    const DetectOptions *options;
    DetectFound found;
    void *state;
    size_t taken; /* up to here the text is part of a number already found */
} Scan;

/* Groups of digits with one character between them: "4111 1111 1111 1111", "078-05-1120". */
typedef struct {
    size_t count;
    size_t lengths[GROUPS_MAX], ends[GROUPS_MAX];
    char between[GROUPS_MAX]; /* before that group; of the first: 0 */
} Groups;

static bool wants(const Scan *scan, Detector detector) {
    return scan->options->wanted & 1u << detector;
}

static char at(const Scan *scan, size_t i) {
    return i < scan->length ? scan->text[i] : '\0';
}

static char before(const Scan *scan, size_t i) {
    return i > 0 ? scan->text[i - 1] : '\0';
}

static bool is_word(char c) {
    return g_ascii_isalnum(c) || c == '_';
}

/* What is a part of a larger number, name or address is no number of its own. */
static bool begins_here(const Scan *scan, size_t start) {
    char c = before(scan, start);
    if (is_word(c) || c == '@' || c == '%' || c == '\\')
        return false;
    if (c == ',' && start > 1 && g_ascii_isalpha(scan->text[start - 2])) /* "card no,4111…" in a list */
        return true;
    return !((c == '.' || c == ',' || c == '-' || c == '/') && start > 1 && is_word(scan->text[start - 2]));
}

/* Does it belong to a URL or an address? Those go on until white space or a sign that stands around them, an address
 * until a comma too. */
static bool is_in_link(const Scan *scan, size_t start) {
    size_t least = start > LINK_MAX ? start - LINK_MAX : 0;
    bool comma = false;
    for (size_t i = start; i > least; i--) {
        char c = scan->text[i - 1];
        comma |= c == ',';
        if (c <= ' ' || c == '<' || c == '>' || c == '"')
            return false;
        if ((c == '@' && !comma) || (c == ':' && at(scan, i) == '/' && at(scan, i + 1) == '/'))
            return true;
    }
    return least > 0;
}

static bool ends_here(const Scan *scan, size_t end) {
    char c = at(scan, end), next = at(scan, end + 1);
    if (is_word(c) || c == '@')
        return false;
    if (c == '.' || c == ',')
        return !g_ascii_isdigit(next);
    return c != '-' || !is_word(next);
}

/* Upper case; in a label ' ' stands for at most one of " -._" and line end, so that "sort code" is "SortCode" too. */
static bool label_at(const Scan *scan, size_t i, const char *label) {
    for (; *label != '\0'; label++) {
        char c = at(scan, i);
        if (*label == ' ' && (c == ' ' || c == '-' || c == '.' || c == '_' || c == '\n'))
            i++;
        else if (*label != ' ' && g_ascii_toupper(c) == *label)
            i++;
        else if (*label != ' ')
            return false;
    }
    return !g_ascii_isalnum(at(scan, i));
}

static bool has_label_between(const Scan *scan, size_t from, size_t to, const char *const *labels) {
    for (size_t i = from; i < to; i++)
        for (const char *const *label = labels; !g_ascii_isalnum(before(scan, i)) && *label != NULL; label++)
            if (g_ascii_toupper(scan->text[i]) == **label && label_at(scan, i, *label))
                return true;
    return false;
}

static bool has_label(const Scan *scan, size_t start, size_t end, const char *const *labels) {
    size_t from = start > LABEL_BEFORE ? start - LABEL_BEFORE : 0;
    const char *line = memchr(scan->text + end, '\n', MIN(LABEL_AFTER, scan->length - end));
    size_t to = line != NULL ? (size_t)(line - scan->text) : MIN(end + LABEL_AFTER, scan->length);
    return has_label_between(scan, from, start, labels) || has_label_between(scan, end, to, labels);
}

static void report(Scan *scan, Detector detector, const char *value, size_t end) {
    scan->taken = end;
    scan->found(detector, value, scan->state);
}

static size_t digits_end(const Scan *scan, size_t i) {
    while (i < scan->length && g_ascii_isdigit(scan->text[i]))
        i++;
    return i;
}

/* `word_end`: of the first group, which may be long; the others are looked at in part. */
static void read_groups(const Scan *scan, size_t start, size_t word_end, Groups *groups) {
    *groups = (Groups){.count = 1};
    groups->lengths[0] = word_end - start;
    groups->ends[0] = word_end;
    for (size_t end = word_end; groups->count < GROUPS_MAX;) {
        char c = at(scan, end);
        if ((c != ' ' && c != '-' && c != '.') || !g_ascii_isdigit(at(scan, end + 1)))
            return;
        size_t begin = end + 1;
        for (end = begin; end - begin < 20 && g_ascii_isdigit(at(scan, end)); end++)
            ;
        if (is_word(at(scan, end)))
            return;
        groups->between[groups->count] = c;
        groups->lengths[groups->count] = end - begin;
        groups->ends[groups->count++] = end;
    }
}

/* "4-4-4-4" as {4, 4, 4, 4, 0}: the groups have these lengths, and the same sign between them. */
static bool has_shape(const Groups *groups, const unsigned char *shape) {
    size_t i = 0;
    for (; shape[i] != 0; i++)
        if (i >= groups->count || groups->lengths[i] != shape[i] || (i > 1 && groups->between[i] != groups->between[1]))
            return false;
    return i > 0;
}

static size_t shape_end(const Groups *groups, const unsigned char *shape) {
    return groups->ends[strlen((const char *)shape) - 1];
}

/* The digits of [start, end), which are at most `room` - 1. */
static size_t copy_digits(const Scan *scan, size_t start, size_t end, char *out, size_t room) {
    size_t length = 0;
    for (; start < end && length + 1 < room; start++)
        if (g_ascii_isdigit(scan->text[start]))
            out[length++] = scan->text[start];
    out[length] = '\0';
    return length;
}

/* ---- kinds that begin with a digit ---- */

typedef bool (*Check)(Scan *scan, const char *digits, size_t length);

static bool take_shape(Scan *scan, Detector detector, size_t start, const Groups *groups, const unsigned char *shape,
                       Check check, const char *const *labels) {
    char digits[24];
    if (!has_shape(groups, shape))
        return false;
    size_t end = shape_end(groups, shape);
    size_t length = copy_digits(scan, start, end, digits, sizeof digits);
    if (!ends_here(scan, end) || !check(scan, digits, length) || is_in_link(scan, start) ||
        (labels && !has_label(scan, start, end, labels)))
        return false;
    report(scan, detector, digits, end);
    return true;
}

static bool check_card(Scan *scan, const char *digits, size_t length) {
    return number_is_card(digits, length) && (scan->options->test_cards || !number_is_test_card(digits, length));
}

static bool check_ssn(Scan *scan, const char *digits, size_t length) {
    return number_is_ssn(digits);
}

static bool check_nhs(Scan *scan, const char *digits, size_t length) {
    return number_is_nhs(digits);
}

static bool check_aba(Scan *scan, const char *digits, size_t length) {
    return number_is_aba(digits);
}

enum { GAP_MAX = 8 };

/* What may stand between two groups: a sign, some spaces, or the end of a line with what quotes the next one. How many
 * characters, 0 when it is something else. */
static size_t gap_at(const Scan *scan, size_t i) {
    size_t length = 0, lines = 0;
    if (at(scan, i) == '-' || at(scan, i) == '.' || at(scan, i) == '/' || at(scan, i) == PLAIN_DOT)
        return g_ascii_isalnum(at(scan, i + 1)) ? 1 : 0;
    for (char c; (c = at(scan, i + length)) != '\0' && strchr(lines > 0 ? " \t\r>" : " \t\r\n", c) != NULL; length++)
        if (length == GAP_MAX)
            return 0;
        else
            lines += c == '\n';
    return g_ascii_isalnum(at(scan, i + length)) ? length : 0;
}

/* Groups of digits with any gap between them, all alike: one sign, or white space. */
typedef struct {
    size_t count, ends[CARD_MAX];
    char lengths[CARD_MAX + 1]; /* ended by 0 */
    char digits[CARD_MAX + 1];
    bool cut; /* there is no room for the next group */
} Row;

static char gap_kind(char c) {
    return c == '\t' || c == '\r' || c == '\n' ? ' ' : c;
}

static bool add_group(const Scan *scan, size_t start, size_t *total, Row *row) {
    size_t end = start;
    while (end - start <= CARD_MAX - *total && g_ascii_isdigit(at(scan, end)))
        end++;
    if (end - start > CARD_MAX - *total || is_word(at(scan, end)))
        return false;
    memcpy(row->digits + *total, scan->text + start, end - start);
    *total += end - start;
    row->ends[row->count] = end;
    row->lengths[row->count++] = (char)(end - start);
    return true;
}

static void read_row(const Scan *scan, size_t start, Row *row) {
    size_t total = 0;
    *row = (Row){0};
    for (size_t i = start, gap; (row->cut = !add_group(scan, i, &total, row)) == false; i += gap) {
        i = row->ends[row->count - 1];
        gap = gap_at(scan, i);
        if (gap == 0 || !g_ascii_isdigit(at(scan, i + gap)) ||
            (row->count > 1 && gap_kind(at(scan, i)) != gap_kind(at(scan, row->ends[0]))))
            return;
    }
}

/* Is there before it, after the same gap, another group of that length? */
static bool goes_on_before(const Scan *scan, size_t start, size_t length) {
    char kind = gap_kind(before(scan, start));
    size_t i = start, least = start > GAP_MAX ? start - GAP_MAX : 0, digits = 0;
    while (i > least && gap_kind(scan->text[i - 1]) == kind)
        i--;
    while (digits <= length && i > digits && g_ascii_isdigit(scan->text[i - digits - 1]))
        digits++;
    return i < start && digits == length;
}

/* How many groups of the row are those of a card, and nothing but: the columns of a table are rows of four digits too.
 */
static size_t groups_of_card(const Row *row) {
    static const char *const shapes[] = {"\4\4\4\4", "\4\6\5", "\4\6\4"};
    size_t singles = strspn(row->lengths, "\1");
    if (singles >= 13)
        return singles < row->count || !row->cut ? singles : 0;
    for (size_t i = 0; i < G_N_ELEMENTS(shapes); i++) {
        size_t length = strlen(shapes[i]);
        if (strncmp(row->lengths, shapes[i], length) == 0)
            return row->lengths[length] != 4 && !(row->cut && row->count == length) ? length : 0;
    }
    return 0;
}

/* Most numbers are told from the row of a card by their second group. */
static bool may_be_row(const Scan *scan, size_t start, size_t length) {
    if (length != 1 && length != 4)
        return false;
    char c = at(scan, start + length);
    if (c > '/' || c == ',' || c == ')')
        return false;
    size_t next = start + length + gap_at(scan, start + length);
    return next > start + length && g_ascii_isdigit(at(scan, next)) && g_ascii_isdigit(at(scan, next + length - 1)) &&
           (length > 1 || !g_ascii_isdigit(at(scan, next + 1)));
}

static bool find_card_row(Scan *scan, size_t start) {
    Row row;
    read_row(scan, start, &row);
    size_t count = groups_of_card(&row), total = 0;
    if (count == 0 || goes_on_before(scan, start, (size_t)row.lengths[0]))
        return false;
    for (size_t i = 0; i < count; i++)
        total += (size_t)row.lengths[i];
    row.digits[total] = '\0';
    size_t end = row.ends[count - 1];
    if (!ends_here(scan, end) || !check_card(scan, row.digits, total) || is_in_link(scan, start))
        return false;
    report(scan, DETECT_CARD, row.digits, end);
    return true;
}

static bool find_card(Scan *scan, size_t start, const Groups *groups) {
    static const unsigned char shapes[][6] = {{4, 4, 4, 4, 3}, {4, 4, 4, 4, 2}, {4, 4, 4, 4}, {4, 6, 5}, {4, 6, 4},
                                              {4, 4, 4, 2},    {4, 4, 4, 1},    {4, 4, 5},    {8, 8}};
    const unsigned char whole[] = {(unsigned char)MIN(groups->lengths[0], 255), 0};
    char first = scan->text[start];
    if (first < '2' || first == '7' || first == '9') /* as number_is_card knows */
        return false;
    if (before(scan, start) == '+') /* a telephone number */
        return false;
    if (groups->lengths[0] >= 12 && groups->lengths[0] <= 19)
        return take_shape(scan, DETECT_CARD, start, groups, whole, check_card, NULL);
    for (size_t i = 0; groups->count > 1 && groups->lengths[0] % 4 == 0 && i < G_N_ELEMENTS(shapes); i++)
        if (take_shape(scan, DETECT_CARD, start, groups, shapes[i], check_card, NULL))
            return true;
    return may_be_row(scan, start, groups->lengths[0]) && find_card_row(scan, start);
}

static bool find_ssn(Scan *scan, size_t start, const Groups *groups) {
    static const unsigned char parted[] = {3, 2, 4, 0}, bare[] = {9, 0};
    static const char *const labels[] = {"SSN", "SSNS", "SOCIAL SECURITY", "SOC SEC", "SOCIAL SEC", "SS NO",
                                         "SS#", NULL};
    bool dashes = groups->between[1] == '-';
    return take_shape(scan, DETECT_SSN, start, groups, parted, check_ssn, dashes ? NULL : labels) ||
           take_shape(scan, DETECT_SSN, start, groups, bare, check_ssn, labels);
}

static bool find_nhs(Scan *scan, size_t start, const Groups *groups) {
    static const unsigned char parted[] = {3, 3, 4, 0}, bare[] = {10, 0};
    static const char *const labels[] = {"NHS", "NHS NUMBER", "NHS NO", NULL};
    return take_shape(scan, DETECT_NHS, start, groups, parted, check_nhs, labels) ||
           take_shape(scan, DETECT_NHS, start, groups, bare, check_nhs, labels);
}

static bool find_aba(Scan *scan, size_t start, const Groups *groups) {
    static const unsigned char parted[] = {4, 4, 1, 0}, bare[] = {9, 0};
    static const char *const labels[] = {"ROUTING", "ABA", "RTN", "ABA NUMBER", "TRANSIT NUMBER", "TRANSIT NO", NULL};
    return take_shape(scan, DETECT_ABA, start, groups, bare, check_aba, labels) ||
           take_shape(scan, DETECT_ABA, start, groups, parted, check_aba, labels);
}

/* An account number of eight digits that begins in [from, to), near a label of its own when there are `labels`. */
static bool find_account(const Scan *scan, size_t from, size_t to, const char *const *labels, char *digits) {
    static const unsigned char bare[] = {8, 0}, parted[] = {4, 4, 0};
    for (size_t i = from; i < to; i++) {
        if (!g_ascii_isdigit(scan->text[i]) || !begins_here(scan, i))
            continue;
        Groups groups;
        size_t end = i;
        while (end - i < 20 && g_ascii_isdigit(at(scan, end)))
            end++;
        read_groups(scan, i, end, &groups);
        const unsigned char *shape = has_shape(&groups, bare) ? bare : has_shape(&groups, parted) ? parted : NULL;
        size_t near = MAX(from, i > LABEL_BEFORE ? i - LABEL_BEFORE : 0);
        if (shape != NULL && ends_here(scan, shape_end(&groups, shape)) &&
            (labels == NULL || has_label_between(scan, near, i, labels))) {
            copy_digits(scan, i, shape_end(&groups, shape), digits, 9);
            return true;
        }
        i = end;
    }
    return false;
}

static bool find_uk_account(Scan *scan, size_t start, const Groups *groups) {
    static const unsigned char parted[] = {2, 2, 2, 0}, bare[] = {6, 0};
    static const char *const labels[] = {"SORT CODE", "SORT CODES", "SORT NO", "S/C", NULL};
    static const char *const account[] = {"ACCOUNT", "ACC", "A/C", "ACCT", "ACCOUNT NO", "ACCOUNT NUMBER", NULL};
    const unsigned char *shape = has_shape(groups, parted) ? parted : has_shape(groups, bare) ? bare : NULL;
    if (shape == NULL)
        return false;
    char value[16];
    size_t end = shape_end(groups, shape);
    if (is_word(at(scan, end)) || !has_label(scan, start, end, labels))
        return false;
    copy_digits(scan, start, end, value, 7);
    size_t from = start > ACCOUNT_BEFORE ? start - ACCOUNT_BEFORE : 0, to = MIN(end + ACCOUNT_AFTER, scan->length);
    if (!find_account(scan, end, to, account, value + 6) && !find_account(scan, from, start, account, value + 6) &&
        !find_account(scan, end, to, NULL, value + 6) && !find_account(scan, from, start, NULL, value + 6))
        return false;
    report(scan, DETECT_UK_ACCOUNT, value, end);
    return true;
}

static void look_at_digits(Scan *scan, size_t start, size_t end) {
    static const struct {
        Detector detector;
        bool (*find)(Scan *scan, size_t start, const Groups *groups);
    } kinds[] = {{DETECT_CARD, find_card},
                 {DETECT_SSN, find_ssn},
                 {DETECT_NHS, find_nhs},
                 {DETECT_ABA, find_aba},
                 {DETECT_UK_ACCOUNT, find_uk_account}};
    Groups groups;
    if (end - start > 19 || !begins_here(scan, start))
        return;
    read_groups(scan, start, end, &groups);
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (wants(scan, kinds[i].detector) && kinds[i].find(scan, start, &groups))
            return;
}

/* ---- kinds that begin with a letter ---- */

/* `want` letters and digits from `start` on, in upper case, with at most one gap between two. Gives the place
 * behind, or 0. */
static size_t collect(const Scan *scan, size_t start, size_t want, char *out) {
    size_t length = 0, i = start;
    while (length < want) {
        char c = at(scan, i);
        size_t gap = g_ascii_isalnum(c) ? 1 : gap_at(scan, i);
        if (gap == 0)
            return 0;
        if (g_ascii_isalnum(c))
            out[length++] = g_ascii_toupper(c);
        i += gap;
    }
    out[length] = '\0';
    return i;
}

/* Its checksum is strong enough for places that are full of numbers, such as URLs. */
static bool find_iban(Scan *scan, size_t start) {
    char text[IBAN_MAX + 1];
    size_t second = g_ascii_isalpha(at(scan, start + 1)) ? start + 1 : start + 2;
    char country[2] = {g_ascii_toupper(at(scan, start)), g_ascii_toupper(at(scan, second))};
    size_t length = number_iban_length(country);
    if (length == 0 || length > IBAN_MAX)
        return false;
    size_t end = collect(scan, start, length, text);
    if (end == 0 || is_word(at(scan, end)) || at(scan, end) == '@' || !number_is_iban(text))
        return false;
    report(scan, DETECT_IBAN, text, end);
    return true;
}

static bool find_nino(Scan *scan, size_t start) {
    static const char *const labels[] = {"NATIONAL INSURANCE", "NI", "NINO", "NI NUMBER", "NI NO", "N.I",
                                         "INSURANCE NUMBER",   NULL};
    char text[10];
    size_t end = collect(scan, start, 9, text);
    if (end == 0 || !ends_here(scan, end) || !number_is_nino(text) || is_in_link(scan, start) ||
        !has_label(scan, start, end, labels))
        return false;
    report(scan, DETECT_NINO, text, end);
    return true;
}

static bool is_mrz_line(const Scan *scan, size_t start) {
    if (scan->length < start + MRZ_LINE)
        return false;
    for (size_t i = start; i < start + MRZ_LINE; i++)
        if (!g_ascii_isupper(scan->text[i]) && !g_ascii_isdigit(scan->text[i]) && scan->text[i] != '<')
            return false;
    return true;
}

/* The line below, behind what mail programs put before quoted lines. */
static size_t next_line(const Scan *scan, size_t end) {
    size_t i = end, most = end + 16;
    while (i < most && (at(scan, i) == ' ' || at(scan, i) == '\r'))
        i++;
    if (at(scan, i) != '\n')
        return 0;
    while (i < most && strchr(" >\r\n", at(scan, i)) != NULL && i < scan->length)
        i++;
    return i;
}

static bool find_passport(Scan *scan, size_t start) {
    char second[MRZ_LINE + 1];
    if (!is_mrz_line(scan, start))
        return false;
    size_t line = next_line(scan, start + MRZ_LINE);
    if (line == 0 || !is_mrz_line(scan, line) || is_word(at(scan, line + MRZ_LINE)))
        return false;
    memcpy(second, scan->text + line, MRZ_LINE);
    second[MRZ_LINE] = '\0';
    if (!number_is_passport(scan->text + start, second))
        return false;
    report(scan, DETECT_MRZ, second, line + MRZ_LINE);
    return true;
}

/* "IBANDE89…" */
static bool is_glued_label(const Scan *scan, size_t start) {
    return start >= 4 && (before(scan, start) | 0x20) == 'n' &&
           g_ascii_strncasecmp(scan->text + start - 4, "IBAN", 4) == 0 && !is_word(before(scan, start - 4));
}

/* What begins with two letters and then has digits. */
static bool look_at_letters(Scan *scan, size_t start) {
    char third = at(scan, start + 2);
    bool digits = g_ascii_isdigit(third) || ((third == ' ' || third == '-') && g_ascii_isdigit(at(scan, start + 3)));
    if (!digits || !g_ascii_isalpha(scan->text[start]) || !g_ascii_isalpha(scan->text[start + 1]))
        return false;
    bool glued = is_word(before(scan, start));
    if (glued && !is_glued_label(scan, start))
        return false;
    return (wants(scan, DETECT_IBAN) && find_iban(scan, start)) ||
           (!glued && wants(scan, DETECT_NINO) && find_nino(scan, start));
}

/* "D E 8 9 …": one by one, of which `start` is the first digit. */
static bool look_at_single(Scan *scan, size_t start) {
    if (start < scan->taken + 4 || !wants(scan, DETECT_IBAN))
        return false;
    const char *text = scan->text + start - 4;
    return g_ascii_isalpha(text[0]) && g_ascii_isalpha(text[2]) && text[1] == text[3] && gap_at(scan, start - 1) == 1 &&
           !is_word(before(scan, start - 4)) && find_iban(scan, start - 4);
}

static size_t word_start(const Scan *scan, size_t i, size_t least) {
    while (i > least && g_ascii_isalnum(scan->text[i - 1]))
        i--;
    return i;
}

/* A word with a digit in it; gives its end. `least`: where the last one ended. */
static size_t look_at_word(Scan *scan, size_t i, size_t least) {
    size_t start = word_start(scan, i, least), end = i + 1;
    while (end < scan->length && g_ascii_isalnum(scan->text[end]))
        end++;
    if (start < scan->taken)
        return end;
    if (!g_ascii_isdigit(scan->text[start])) {
        if (!look_at_letters(scan, start) && end - start > 4 && is_glued_label(scan, start + 4))
            look_at_letters(scan, start + 4);
        return end;
    }
    char c = before(scan, start);
    bool letters = (c == ' ' || c == '-') && start >= scan->taken + 3; /* "DE 89…" */
    bool single = end - start == 1 && look_at_single(scan, start);
    if (!single && !(letters && look_at_letters(scan, start - 3)) && digits_end(scan, start) == end)
        look_at_digits(scan, start, end);
    return end;
}

/* The first line of a passport's two has no digits; its first '<' is near its beginning. */
static void look_at_bracket(Scan *scan, size_t i) {
    size_t start = word_start(scan, i, i > MRZ_LINE ? i - MRZ_LINE : 0);
    if (wants(scan, DETECT_MRZ) && start >= scan->taken && start < i && scan->text[start] == 'P')
        find_passport(scan, start);
}

/* Eight bytes at a time: the high bit, free in ASCII, tells which are between '0' and '<'. Prose has few. */
static size_t next_sign(const Scan *scan, size_t i) {
    const guint64 ones = G_GUINT64_CONSTANT(0x0101010101010101), high = 0x80 * ones;
    for (; i + 8 <= scan->length; i += 8) {
        guint64 eight;
        memcpy(&eight, scan->text + i, sizeof eight);
        eight = GUINT64_FROM_LE(eight);
        guint64 signs = (eight + (0x80 - '0') * ones) & ~(eight + (0x80 - '<' - 1) * ones) & high;
        if (signs != 0)
            return i + (size_t)__builtin_ctzll(signs) / 8;
    }
    while (i < scan->length && (scan->text[i] < '0' || scan->text[i] > '<'))
        i++;
    return i;
}

static void scan_all(Scan *scan) {
    size_t last = 0;
    for (size_t i = next_sign(scan, 0); i < scan->length; i = next_sign(scan, i)) {
        if (g_ascii_isdigit(scan->text[i])) {
            last = i = look_at_word(scan, i, last);
            continue;
        }
        if (scan->text[i] == '<')
            look_at_bracket(scan, i);
        i++;
    }
}

void detect_numbers(const char *text, size_t length, const DetectOptions *options, DetectFound found, void *state) {
    g_autofree char *plain = detect_plain(text, &length);
    Scan scan = {
        .text = plain != NULL ? plain : text, .length = length, .options = options, .found = found, .state = state};
    if (options->wanted != 0)
        scan_all(&scan);
}
