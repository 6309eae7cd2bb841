/* SPDX-License-Identifier: Apache-2.0 */
/* Cards (ISO/IEC 7812): in their usual groups with one sign between, in any row of such groups, and in any groups at
 * all where a word near by says that it is a card. */
#include "message/detect_kinds.h"
#include "message/numbers.h"

enum {
    CARD_MIN = 13,
    CARD_MAX = 19, /* digits */
    BACK_MAX = 8
};

static bool check_card(Scan *scan, const char *digits, size_t length) {
    return number_is_card(digits, length) && (scan->options->test_cards || !number_is_test_card(digits, length));
}

/* Groups of digits with any gap between them, all alike: one sign, or white space. */
typedef struct {
    size_t count, ends[CARD_MAX];
    char lengths[CARD_MAX + 1]; /* ended by 0 */
    char digits[CARD_MAX + 1];
    size_t total; /* digits */
    char kind;    /* of its gaps */
    bool cut;     /* there is no room for the next group */
} Row;

static bool add_group(const Scan *scan, size_t start, Row *row) {
    size_t end = start;
    while (end - start <= CARD_MAX - row->total && g_ascii_isdigit(scan_at(scan, end)))
        end++;
    if (end - start > CARD_MAX - row->total || scan_is_word(scan_at(scan, end)))
        return false;
    memcpy(row->digits + row->total, scan->text + start, end - start);
    row->total += end - start;
    row->ends[row->count] = end;
    row->lengths[row->count++] = (char)(end - start);
    return true;
}

static void read_row(const Scan *scan, size_t start, Row *row) {
    size_t gap;
    char kind;
    *row = (Row){.kind = ' '};
    for (size_t i = start; (row->cut = !add_group(scan, i, row)) == false; i += gap) {
        i = row->ends[row->count - 1];
        gap = scan_gap_at(scan, i, &kind);
        if (gap == 0 || !g_ascii_isdigit(scan_at(scan, i + gap)) || (row->count > 1 && kind != row->kind))
            return;
        row->kind = kind;
    }
}

/* Is there before it, after the same gap, another group of that length? */
static bool goes_on_before(const Scan *scan, size_t start, size_t length, char kind) {
    size_t i = start, least = start > BACK_MAX ? start - BACK_MAX : 0, digits = 0;
    bool sign = kind == ' ';
    for (char c; i > least && ((c = scan->text[i - 1]) == kind || g_ascii_isspace(c)); i--)
        sign |= c == kind;
    while (digits <= length && i > digits && g_ascii_isdigit(scan->text[i - digits - 1]))
        digits++;
    return i < start && sign && digits == length;
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
    char kind;
    size_t next = start + length + scan_gap_at(scan, start + length, &kind);
    return next > start + length && g_ascii_isdigit(scan_at(scan, next)) &&
           g_ascii_isdigit(scan_at(scan, next + length - 1)) &&
           (length > 1 || !g_ascii_isdigit(scan_at(scan, next + 1)));
}

static bool take_row(Scan *scan, size_t start, Row *row, size_t count) {
    size_t total = 0;
    for (size_t i = 0; i < count; i++)
        total += (size_t)row->lengths[i];
    row->digits[total] = '\0';
    size_t end = row->ends[count - 1];
    if (!scan_ends_here(scan, start, end) || !check_card(scan, row->digits, total) || scan_is_in_link(scan, start))
        return false;
    scan_report(scan, DETECT_CARD, row->digits, end);
    return true;
}

static bool find_card_row(Scan *scan, size_t start) {
    Row row;
    read_row(scan, start, &row);
    size_t count = groups_of_card(&row);
    return count > 0 && !goes_on_before(scan, start, (size_t)row.lengths[0], row.kind) &&
           take_row(scan, start, &row, count);
}

/* In any groups, all of them. */
static bool find_labelled(Scan *scan, size_t start, const Groups *groups) {
    static const char *const labels[] = {"CARD",  "CARD NO",     "CARD NUMBER", "VISA",       "MASTERCARD", "AMEX",
                                         "CVV",   "CVC",         "EXP",         "EXPIRY",     "PAN",        "KARTE",
                                         "CARTE", "KREDITKARTE", "TARJETA",     "CREDITCARD", NULL};
    Row row;
    char kind;
    size_t gap = scan_gap_at(scan, groups->ends[0], &kind);
    if (gap == 0 || !g_ascii_isdigit(scan_at(scan, groups->ends[0] + gap)))
        return false;
    read_row(scan, start, &row);
    return !row.cut && row.count > 1 && row.total >= CARD_MIN && number_is_card(row.digits, row.total) &&
           scan_has_label(scan, start, row.ends[row.count - 1], labels) && take_row(scan, start, &row, row.count);
}

bool detect_card(Scan *scan, size_t start, const Groups *groups) {
    static const unsigned char shapes[][6] = {{4, 4, 4, 4, 3}, {4, 4, 4, 4, 2}, {4, 4, 4, 4}, {4, 6, 5}, {4, 6, 4},
                                              {4, 4, 4, 2},    {4, 4, 4, 1},    {4, 4, 5},    {8, 8}};
    const unsigned char whole[] = {(unsigned char)MIN(groups->lengths[0], 255), 0};
    char first = scan->text[start];
    if (first < '2' || first == '7' || first == '9') /* as number_is_card knows */
        return false;
    if (scan_before(scan, start) == '+') /* a telephone number */
        return false;
    if (groups->lengths[0] >= 12 && groups->lengths[0] <= 19)
        return groups_take(scan, DETECT_CARD, start, groups, whole, check_card, NULL);
    for (size_t i = 0; groups->count > 1 && groups->lengths[0] % 4 == 0 && i < G_N_ELEMENTS(shapes); i++)
        if (groups_take(scan, DETECT_CARD, start, groups, shapes[i], check_card, NULL))
            return true;
    return (may_be_row(scan, start, groups->lengths[0]) && find_card_row(scan, start)) ||
           find_labelled(scan, start, groups);
}
