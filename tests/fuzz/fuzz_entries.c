/* SPDX-License-Identifier: Apache-2.0 */
/* Whoever reads journal entries back. Each change made of one is an object with what the store needs to place it; what
 * an entry teaches is the same after it was written for a peer and read again; what is reported of a message is an
 * entry that can be read. A line in brackets is what a peer says it has learnt. "@P@" is a sealed list of recipients.
 */
#include "base/keyring.h"
#include "base/text.h"
#include "front/fatebook.h"
#include "front/faterecord.h"
#include "ship/hintfold.h"
#include "ship/lesson.h"
#include "ship/translate.h"
#include "firm.h"
#include "lab.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static Policy *policy;
static Registry *registry;
static Keyring *keyring;
static HintIndex *hints;
static char *sealed;

static void set_up(void) {
    lab_begin();
    g_autofree char *keys = g_build_filename(lab_folder, "keys", NULL), *file = g_build_filename(lab_folder, "i", NULL);
    policy = firm_load(FIRM_HEAD "rules: ( );\n", &registry);
    keyring = keyring_open(keys, true, NULL);
    hints = hintindex_open(file, true, NULL);
    sealed = keyring ? keyring_seal(keyring, KEYRING_FIRM,
                                    "{\"rcpt\":[\"nora@harbour.test\",\"leo@quill.test\",\"bob@firm.test\"]}", NULL)
                     : NULL;
    if (!sealed || !hints)
        abort();
}

static void translate(Entry *entry) {
    g_autoptr(GPtrArray) changes = g_ptr_array_new_with_free_func(g_free);
    translate_to_changes(entry, changes);
    for (guint i = 0; i < changes->len; i++) {
        const char *text = g_ptr_array_index(changes, i);
        json_t *change = json_parse(text, strlen(text), NULL);
        if (!change || !json_text(change, "op") || json_number(change, "seq", 0) != (int64_t)entry->seq ||
            json_number(change, "t", -1) < 0)
            abort();
        json_decref(change);
    }
}

static char *written(const HintFold *fold) {
    GString *text = g_string_new(NULL);
    hintfold_write(fold, text);
    return g_string_free(text, FALSE);
}

static void teach(Entry *entry) {
    g_auto(HintFold) fold = {0}, read = {0};
    if (!hintfold_of_entry(entry, &fold))
        return;
    g_autofree char *once = written(&fold);
    g_autoptr(JsonDocument) document = jsonview_parse(once, strlen(once), NULL);
    if (!document)
        abort();
    if (!hintfold_read(jsonview_root(document), &read))
        abort();
    g_autofree char *twice = written(&read);
    if (strcmp(once, twice))
        abort();
    hintfold_apply(&fold, hints);
}

typedef struct {
    LabChain *chain;
    FateBook *book;
    const FateReading *reading;
} Reports;

static Entry *entry_of(const GString *line) {
    return entry_parse(line->str, line->len - 1, NULL, NULL);
}

static bool report(const FateMessage *message, FateReport what, void *state) {
    Reports *reports = state;
    g_autofree char *members = faterecord(keyring, message, what, NULL);
    g_autoptr(GString) line = g_string_new(NULL);
    if (!members)
        return true; /* a client that no folder can be named after */
    g_autofree char *text = g_strconcat(faterecord_kind(what), " ", members, NULL);
    if (!lab_line(reports->chain, text, line))
        abort();
    g_autoptr(Entry) entry = entry_of(line);
    if (!entry)
        abort();
    translate(entry);
    return true;
}

static void take(const char *text, Reports *reports) {
    g_autoptr(GString) line = g_string_new(NULL);
    if (*text == '[') {
        g_autofree char *plain = g_strdup_printf("{\"folds\":%s}", text);
        g_autofree char *lesson = keyring_seal_for_peers(keyring, plain);
        lesson_fold(lesson, keyring, 0, hints, NULL);
        return;
    }
    if (!lab_line(reports->chain, text, line))
        return;
    g_autoptr(Entry) entry = entry_of(line);
    if (!entry)
        return;
    translate(entry);
    teach(entry);
    fatebook_fold(reports->book, entry, reports->reading);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!keyring)
        set_up();
    g_autofree char *input = g_strndup((const char *)data, size);
    g_auto(GStrv) lines = g_strsplit(input, "\n", -1);
    Instant now = instant_from_seconds(LAB_NOW);
    FateReading reading = {policy, registry, 1, now};
    LabChain chain = {0};
    Reports reports = {&chain, fatebook_new(keyring), &reading};
    if (!hintindex_begin(hints))
        abort();
    for (char **text = lines; *text; text++) {
        GString *filled = g_string_new(*text);
        g_string_replace(filled, "@P@", sealed, 0);
        take(filled->str, &reports);
        g_string_free(filled, TRUE);
    }
    FateRound round = {instant_add(now, duration_seconds(86400)),
                       duration_seconds(600),
                       duration_seconds(3600),
                       9,
                       true,
                       report,
                       &reports};
    fates_report(fatebook_fates(reports.book), &round);
    hintindex_end(hints);
    fatebook_free(reports.book);
    return 0;
}
