/* SPDX-License-Identifier: Apache-2.0 */
/* The members that facts/hints.h names. */
#include "ctl/hintsread.h"
#include "ctl/words.h"

Hints *hints_read(const json_t *object, GError **error) {
    static const char *const keys[] = {
        "missing", "behind", "correspondents_missing", "from", "threads", "correspondents", "queued", NULL};
    static const char *const thread_keys[] = {"matter", "client", "owner", "deadlines", "people", "encrypted", NULL};
    const char *id;
    json_t *thread;
    if (json_is_object(object) && !words_check_keys(object, keys, "the hints", error))
        return NULL;
    json_object_foreach(json_member(object, "threads"), id, thread) {
        g_autofree char *where = g_strdup_printf("the hint of thread %.120s", id);
        if (json_is_object(thread) && !words_check_keys(thread, thread_keys, where, error))
            return NULL;
    }
    return hints_from_json(object, error);
}
