/* SPDX-License-Identifier: Apache-2.0 */
/* {"folds":[…]} */
#include "ship/lesson.h"
#include "base/jsontext.h"
#include "ship/hintfold.h"
#include <string.h>

char *lesson_write(const Batch *batch, Keyring *keyring) {
    GString *text = g_string_sized_new(4096);
    bool any = false;
    jsontext_open(text, NULL, '{');
    jsontext_open(text, "folds", '[');
    for (guint i = 0; i < batch->entries->len; i++) {
        g_auto(HintFold) fold = {0};
        if (!hintfold_of_entry(g_ptr_array_index(batch->entries, i), &fold))
            continue;
        hintfold_write(&fold, text);
        any = true;
    }
    jsontext_close(text, ']');
    jsontext_close(text, '}');
    g_autofree char *plain = g_string_free(text, FALSE);
    return any ? keyring_seal_for_peers(keyring, plain) : g_strdup("");
}

bool lesson_fold(const char *sealed, Keyring *keyring, uint64_t after, HintIndex *index, GError **error) {
    if (!*sealed)
        return true;
    g_autofree char *plain = keyring_open_from_peer(keyring, sealed, error);
    g_autoptr(JsonDocument) document = plain ? jsonview_parse(plain, strlen(plain), error) : NULL;
    if (!document)
        return false;
    const JsonView *folds = view_list(jsonview_root(document), "folds");
    for (const JsonView *item = view_first(folds); item; item = view_next(folds, item)) {
        g_auto(HintFold) fold = {0};
        if (hintfold_read(item, &fold) && fold.seq > after)
            hintfold_apply(&fold, index);
    }
    return true;
}
