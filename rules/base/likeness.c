/* SPDX-License-Identifier: Apache-2.0 */
/* Skeletons, distances and keys. What is not ASCII after folding is compared as a whole only: two bytes can be two
 * different characters of some scripts. */
#include "base/likeness.h"
#include "base/fold.h"
#include <string.h>

enum { PREFIX = 12, SKELETON_MAX = 64, NAME_WORDS_MAX = 8 };

/* Begins the skeleton of a surname with an initial; no other has it. */
#define INITIAL '='

/* ---- Skeletons ---- */

static char *readable_label(const char *label, size_t length) {
    g_autofree char *copy = g_utf8_make_valid(label, (gssize)length);
    char *readable = strncmp(copy, "xn--", 4) == 0 ? g_hostname_to_unicode(copy) : NULL;
    return readable ? readable : g_steal_pointer(&copy);
}

static char letter_of(char c) {
    return c == '0' ? 'o' : c == '1' || c == '|' ? 'l' : c;
}

char *likeness_of_label(const char *label, size_t length) {
    g_autofree char *readable = readable_label(label, length);
    g_autofree char *folded = fold_text(readable, strlen(readable), FOLD_ALIKE);
    GString *out = g_string_sized_new(length);
    for (const char *at = folded; *at; at++) {
        char last = out->len ? out->str[out->len - 1] : '\0', c = letter_of(*at);
        if (c == '-')
            continue;
        if ((last == 'v' && c == 'v') || (last == 'r' && c == 'n'))
            out->str[out->len - 1] = c == 'v' ? 'w' : 'm';
        else
            g_string_append_c(out, c);
    }
    return g_string_free(out, FALSE);
}

static int compare_words(gconstpointer a, gconstpointer b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static GPtrArray *words_of_folded(const char *folded, bool letters) {
    GPtrArray *words = g_ptr_array_new_with_free_func(g_free);
    for (const char *at = folded; *at && words->len < NAME_WORDS_MAX;) {
        const char *end = at;
        while (*end && g_unichar_isalnum(g_utf8_get_char(end)))
            end = g_utf8_next_char(end);
        if (end > at && (letters || g_utf8_next_char(at) < end))
            g_ptr_array_add(words, g_strndup(at, (gsize)(end - at)));
        at = *end ? g_utf8_next_char(end) : end;
    }
    return words;
}

static GPtrArray *words_of_name(const char *name, bool letters) {
    g_autofree char *valid = g_utf8_make_valid(name, -1);
    g_autofree char *folded = fold_text(valid, strlen(valid), FOLD_ALIKE);
    return words_of_folded(folded, letters);
}

char *likeness_of_name(const char *name) {
    if (strchr(name, '@')) /* an address, whatever words it is made of */
        return NULL;
    g_autoptr(GPtrArray) words = words_of_name(name, false);
    if (words->len < 2)
        return NULL;
    g_ptr_array_sort(words, compare_words);
    g_ptr_array_add(words, NULL);
    return g_strjoinv(" ", (char **)words->pdata);
}

static char *initial_of(const char *surname, const char *forename) {
    g_autofree char *initial = g_utf8_substring(forename, 0, 1);
    return g_utf8_strlen(surname, -1) < 3 ? NULL : g_strdup_printf("%c%s %s", INITIAL, surname, initial);
}

static bool is_letter(const char *word) {
    return *g_utf8_next_char(word) == '\0';
}

char *likeness_of_initial(const char *name, bool whole) {
    if (strchr(name, '@'))
        return NULL;
    g_autoptr(GPtrArray) words = words_of_name(name, true);
    if (words->len < 2)
        return NULL;
    const char *first = words->pdata[0], *last = words->pdata[words->len - 1];
    if (whole)
        return strchr(name, ',') ? initial_of(first, words->pdata[1]) : initial_of(last, first);
    for (guint i = 1; i + 1 < words->len; i++)
        if (!is_letter(words->pdata[i]))
            return NULL;
    return is_letter(first) ? initial_of(last, first) : is_letter(last) ? initial_of(first, words->pdata[1]) : NULL;
}

static bool has_word(const GPtrArray *words, const char *word) {
    return g_ptr_array_find_with_equal_func((GPtrArray *)words, word, g_str_equal, NULL);
}

bool likeness_name_within(const char *name, const char *other) {
    g_autoptr(GPtrArray) words = words_of_name(name, false), others = words_of_name(other, false);
    guint counted = 0;
    for (guint i = 0; i < words->len; i++) {
        const char *word = words->pdata[i];
        if (strcmp(word, "and") == 0)
            continue;
        if (!has_word(others, word))
            return false;
        counted++;
    }
    return counted > 1 || (counted == 1 && others->len == 1);
}

/* ---- Words beside a name ---- */

const char *const likeness_words[] = {
    /* the trade */ "law",
    "legal",
    "lawyer",
    "lawyers",
    "lawfirm",
    "solicitor",
    "solicitors",
    "attomey",
    "attomeys",
    "barristers",
    "counsel",
    "notary",
    "advocates",
    "advocaten",
    "avocat",
    "avocats",
    "abogados",
    "kanzlei",
    "recht",
    "anwalt",
    "anwaelte",
    "rechtsanwalt",
    "rechtsanwaelte",
    "llp",
    "ltd",
    "plc",
    "inc",
    "gmbh",
    "group",
    "partners",
    "associates",
    /* money */ "bill",
    "billing",
    "pay",
    "payment",
    "payments",
    "invoice",
    "invoices",
    "invoicing",
    "account",
    "accounts",
    "accounting",
    "finance",
    "bank",
    "banking",
    "treasury",
    "transfer",
    "refund",
    /* mail */ "mail",
    "email",
    "webmail",
    "secure",
    "security",
    "login",
    "portal",
    "verify",
    "support",
    "help",
    "helpdesk",
    "service",
    "services",
    "office",
    "team",
    "desk",
    "admin",
    "info",
    "contact",
    "online",
    "web",
    "cloud",
    "docs",
    "document",
    "documents",
    "files",
    "share",
    "sign",
    "client",
    "clients",
    "customer",
    "customers",
    /* places */ "my",
    "the",
    "get",
    "hq",
    "global",
    "intl",
    "intemational",
    "uk",
    "usa",
    "eu",
    "europe",
    "london",
    NULL};

enum { NAME_LEAST = 5, WORDS_BESIDE = 2 };

static void add_name_inside(GPtrArray *names, const char *from, size_t length, int words) {
    char *name = g_strndup(from, length);
    if (length < NAME_LEAST || likeness_is_generic(name) ||
        g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL)) {
        g_free(name);
        return;
    }
    g_ptr_array_add(names, name);
    for (int i = 0; words && likeness_words[i]; i++) {
        size_t word = strlen(likeness_words[i]);
        if (word < length && memcmp(name, likeness_words[i], word) == 0)
            add_name_inside(names, name + word, length - word, words - 1);
        if (word < length && memcmp(name + length - word, likeness_words[i], word) == 0)
            add_name_inside(names, name, length - word, words - 1);
    }
}

GPtrArray *likeness_names_inside(const char *skeleton) {
    GPtrArray *names = g_ptr_array_new_with_free_func(g_free);
    add_name_inside(names, skeleton, strlen(skeleton), WORDS_BESIDE);
    if (names->len) /* the whole is no part of itself */
        g_ptr_array_remove_index(names, 0);
    return names;
}

/* ---- Distances ---- */

static unsigned edits_of(const char *skeleton, size_t for_one, size_t for_two) {
    size_t length = strlen(skeleton);
    if (length > SKELETON_MAX || !fold_is_ascii(skeleton, length))
        return 0;
    return length >= for_two ? 2 : length >= for_one ? 1 : 0;
}

bool likeness_is_generic(const char *skeleton) {
    static const char *const words[] = {"mail",   "email",  "gmail",  "webmail", "hotmail", "outlook", "yahoo",
                                        "icloud", "cloud",  "inbox",  "post",    "letter",  "letters", "message",
                                        "home",   "online", "live",   "office",  "work",    "info",    "contact",
                                        "legal",  "group",  "global", "world",   "company", "service", "services",
                                        "secure", "server", "host",   NULL};
    return g_strv_contains(words, skeleton);
}

/* Any two words of three letters are two edits apart, or nearly. */
unsigned likeness_edits_of_label(const char *skeleton) {
    return likeness_is_generic(skeleton) ? 0 : edits_of(skeleton, 4, 7);
}

unsigned likeness_edits_of_name(const char *skeleton) {
    return *skeleton == INITIAL ? 0 : edits_of(skeleton, 10, SKELETON_MAX + 1);
}

/* Between two texts without a common beginning or end. Cells more than `most` from the diagonal are more than `most`.
 */
static unsigned distance_of(const char *a, size_t m, const char *b, size_t n, unsigned most) {
    unsigned row[3][SKELETON_MAX + 1], before_least = 0;
    for (size_t j = 0; j <= MIN(n, (size_t)most); j++)
        row[0][j] = (unsigned)j;
    for (size_t i = 1; i <= m; i++) {
        unsigned *now = row[i % 3], *before = row[(i + 2) % 3], *twice = row[(i + 1) % 3];
        size_t low = i > most ? i - most : 1, high = MIN(n, i + most);
        now[low - 1] = low == 1 ? (unsigned)i : most + 1;
        if (high == i + most)
            before[high] = most + 1;
        unsigned least = now[low - 1];
        for (size_t j = low; j <= high; j++) {
            now[j] = MIN(MIN(before[j], now[j - 1]) + 1, before[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                now[j] = MIN(now[j], twice[j - 2] + 1);
            least = MIN(least, now[j]);
        }
        /* A change of places jumps over one row, not over two. */
        if (least > most && before_least > most)
            return most + 1;
        before_least = least;
    }
    return row[m % 3][n];
}

unsigned likeness_distance(const char *a, const char *b, unsigned most) {
    size_t m = strlen(a), n = strlen(b);
    if (m > SKELETON_MAX || n > SKELETON_MAX || (m > n ? m - n : n - m) > most)
        return strcmp(a, b) == 0 ? 0 : most + 1;
    for (; m && n && *a == *b; m--, n--)
        a++, b++;
    while (m && n && a[m - 1] == b[n - 1])
        m--, n--;
    return distance_of(a, m, b, n, most);
}

/* ---- Keys ---- */

/* FNV-1a. */
static uint32_t hash_of(const char *text, size_t length) {
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (unsigned char)text[i]) * 16777619u;
    return hash;
}

typedef struct {
    uint32_t *keys;
    unsigned count;
} Keys;

static void add_key(Keys *keys, const char *text, size_t length) {
    uint32_t key = hash_of(text, length);
    for (unsigned i = 0; i < keys->count; i++)
        if (keys->keys[i] == key)
            return;
    keys->keys[keys->count++] = key;
}

static void add_without(Keys *keys, const char *text, size_t length, size_t from, unsigned edits) {
    add_key(keys, text, length);
    for (size_t i = from; edits && i < length; i++) {
        char shorter[PREFIX];
        memcpy(shorter, text, i);
        memcpy(shorter + i, text + i + 1, length - i - 1);
        add_without(keys, shorter, length - 1, i, edits - 1);
    }
}

unsigned likeness_keys(const char *skeleton, unsigned edits, uint32_t keys[LIKENESS_KEYS]) {
    Keys all = {keys, 0};
    add_without(&all, skeleton, MIN(strlen(skeleton), (size_t)PREFIX), 0, MIN(edits, 2));
    return all.count;
}
