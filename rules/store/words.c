/* SPDX-License-Identifier: Apache-2.0 */
/* Copies, so that nobody has to keep what a word was made from. */
#include "store/words.h"
#include <inttypes.h>

GPtrArray *words_new(void) {
    return g_ptr_array_new_with_free_func(g_free);
}

void words_add(GPtrArray *words, const char *word) {
    g_ptr_array_add(words, g_strdup(word));
}

void words_number(GPtrArray *words, int64_t number) {
    g_ptr_array_add(words, g_strdup_printf("%" PRId64, number));
}

void words_key(GPtrArray *words, const Link *link, const char *name) {
    g_ptr_array_add(words, g_strconcat(link_prefix(link), name, NULL));
}
