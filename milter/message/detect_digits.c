/* SPDX-License-Identifier: Apache-2.0 */
/* Kinds that begin with a digit, cards aside. Checksums come before the search for a label. */
#include "message/detect_kinds.h"
#include "message/numbers.h"

enum {
    ACCOUNT_AFTER = 80, /* how far from a sort code its account number may stand */
    ACCOUNT_BEFORE = 60,
};

static bool check_ssn(Scan *scan, const char *digits, size_t length) {
    return number_is_ssn(digits);
}

static bool check_nhs(Scan *scan, const char *digits, size_t length) {
    return number_is_nhs(digits);
}

static bool check_aba(Scan *scan, const char *digits, size_t length) {
    return number_is_aba(digits);
}

static bool find_ssn(Scan *scan, size_t start, const Groups *groups) {
    static const unsigned char parted[] = {3, 2, 4, 0}, bare[] = {9, 0};
    static const char *const labels[] = {"SSN", "SSNS", "SOCIAL SECURITY", "SOC SEC", "SOCIAL SEC", "SS NO",
                                         "SS#", NULL};
    bool dashes = groups->between[1] == '-';
    return groups_take(scan, DETECT_SSN, start, groups, parted, check_ssn, dashes ? NULL : labels) ||
           groups_take(scan, DETECT_SSN, start, groups, bare, check_ssn, labels);
}

static bool find_nhs(Scan *scan, size_t start, const Groups *groups) {
    static const unsigned char parted[] = {3, 3, 4, 0}, bare[] = {10, 0};
    static const char *const labels[] = {"NHS", "NHS NUMBER", "NHS NO", NULL};
    return groups_take(scan, DETECT_NHS, start, groups, parted, check_nhs, labels) ||
           groups_take(scan, DETECT_NHS, start, groups, bare, check_nhs, labels);
}

static bool find_aba(Scan *scan, size_t start, const Groups *groups) {
    static const unsigned char parted[] = {4, 4, 1, 0}, bare[] = {9, 0};
    static const char *const labels[] = {"ROUTING", "ABA", "RTN", "ABA NUMBER", "TRANSIT NUMBER", "TRANSIT NO", NULL};
    return groups_take(scan, DETECT_ABA, start, groups, bare, check_aba, labels) ||
           groups_take(scan, DETECT_ABA, start, groups, parted, check_aba, labels);
}

/* An account number of eight digits that begins in [from, to), near a label of its own when there are `labels`. */
static bool find_account(const Scan *scan, size_t from, size_t to, const char *const *labels, char *digits) {
    static const unsigned char bare[] = {8, 0}, parted[] = {4, 4, 0};
    for (size_t i = from; i < to; i++) {
        if (!g_ascii_isdigit(scan->text[i]) || !scan_begins_here(scan, i))
            continue;
        Groups groups;
        size_t end = i;
        while (end - i < 20 && g_ascii_isdigit(scan_at(scan, end)))
            end++;
        groups_read(scan, i, end, &groups);
        const unsigned char *shape = groups_have_shape(&groups, bare)     ? bare
                                     : groups_have_shape(&groups, parted) ? parted
                                                                          : NULL;
        size_t near = MAX(from, i > LABEL_BEFORE ? i - LABEL_BEFORE : 0);
        if (shape != NULL && scan_ends_here(scan, i, groups_end(&groups, shape)) &&
            (labels == NULL || scan_has_label_between(scan, near, i, labels))) {
            scan_copy_digits(scan, i, groups_end(&groups, shape), digits, 9);
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
    const unsigned char *shape = groups_have_shape(groups, parted) ? parted
                                 : groups_have_shape(groups, bare) ? bare
                                                                   : NULL;
    if (shape == NULL)
        return false;
    char value[16];
    size_t end = groups_end(groups, shape);
    if (scan_is_word(scan_at(scan, end)) || !scan_has_label(scan, start, end, labels))
        return false;
    scan_copy_digits(scan, start, end, value, 7);
    size_t from = start > ACCOUNT_BEFORE ? start - ACCOUNT_BEFORE : 0, to = MIN(end + ACCOUNT_AFTER, scan->length);
    if (!find_account(scan, end, to, account, value + 6) && !find_account(scan, from, start, account, value + 6) &&
        !find_account(scan, end, to, NULL, value + 6) && !find_account(scan, from, start, NULL, value + 6))
        return false;
    scan_report(scan, DETECT_UK_ACCOUNT, value, end);
    return true;
}

void detect_from_digit(Scan *scan, size_t start, size_t end) {
    static const struct {
        Detector detector;
        bool (*find)(Scan *scan, size_t start, const Groups *groups);
    } kinds[] = {{DETECT_CARD, detect_card},
                 {DETECT_SSN, find_ssn},
                 {DETECT_NHS, find_nhs},
                 {DETECT_ABA, find_aba},
                 {DETECT_UK_ACCOUNT, find_uk_account}};
    Groups groups;
    if (end - start > 19 || !scan_begins_here(scan, start))
        return;
    groups_read(scan, start, end, &groups);
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (scan_wants(scan, kinds[i].detector) && kinds[i].find(scan, start, &groups))
            return;
}
