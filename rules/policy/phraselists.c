/* SPDX-License-Identifier: Apache-2.0 */
/* The firm's lists of phrases, a file for each list: one phrase a line in UTF-8, '#' begins a line of comment. And the
 * standing words that are not a writer's own. */
#include "base/io.h"
#include "facts/owntext.h"
#include "policy/loading.h"
#include <string.h>

PhraseBook *policy_phrases(const Policy *policy) {
    return policy->phrasebook;
}

const GPtrArray *policy_footers(const Policy *policy) {
    return policy->footers;
}

typedef struct {
    Loading *loading;
    const SourceFile *file;
    unsigned list, line, count;
} List;

static void complain(const List *list, const char *text) {
    g_ptr_array_add(list->loading->problems, problem_new(PROBLEM_ERROR, list->file->file, list->line, "%s", text));
}

static void add_line(List *list, const char *at, size_t length) {
    g_autofree char *phrase = g_strndup(at, length);
    g_strstrip(phrase);
    list->line++;
    if (*phrase == '\0' || *phrase == '#')
        return;
    if (memchr(at, '\0', length) || !g_utf8_validate(phrase, -1, NULL))
        complain(list, "the line is not UTF-8; save the file in that encoding");
    else if (strlen(phrase) > PHRASE_MAX)
        complain(list, "the phrase is longer than 200 bytes; shorten it");
    else if (!phrasebook_add(list->loading->policy->phrasebook, phrase, list->list))
        complain(list, "the line has no word; write a phrase, or begin a comment with #");
    else
        list->count++;
}

static void add_file(Loading *loading, const Node *node, unsigned number) {
    g_autofree char *joined = io_path_from(node->path, node->text);
    g_autofree char *path = g_canonicalize_filename(joined, NULL);
    List list = {.loading = loading, .file = source_phrases(loading->source, path), .list = number};
    if (!list.file)
        return; /* said when the files were read */
    const char *at = list.file->text, *end = at + list.file->length;
    if (list.file->length >= 3 && memcmp(at, "\xef\xbb\xbf", 3) == 0)
        at += 3;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        const char *stop = newline ? newline : end;
        add_line(&list, at, (size_t)(stop - at));
        at = stop + 1;
    }
    if (list.count == 0)
        node_warning(loading->problems, node, "there is no phrase in %s; write one a line", node->text);
}

void load_phrases(Loading *loading, const Node *node, unsigned list) {
    g_autoptr(GPtrArray) texts = node_texts(loading->problems, node), elements = node_elements(node);
    if (texts && texts->len == 0)
        node_error(loading->problems, node, "\"phrases\" is empty; name a file, or take it away");
    for (guint i = 0; texts && i < elements->len; i++)
        add_file(loading, elements->pdata[i], list);
}

void load_footers(Loading *loading) {
    const GPtrArray *footers = loading->policy->settings.text_footer;
    for (guint i = 0; footers && i < footers->len; i++)
        g_ptr_array_add(loading->policy->footers, owntext_footer(footers->pdata[i]));
}
