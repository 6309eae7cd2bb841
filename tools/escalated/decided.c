/* SPDX-License-Identifier: Apache-2.0 */
/* A minute is more than Postfix needs, and little for somebody whose command was interrupted. */
#include "escalated/decided.h"
#include "base/text.h"

enum { WAIT_SECONDS = 60, KEEP_SECONDS = 86400, KEPT_MAX = 1000 };

typedef struct {
    char *track, *act, *by;
    Instant at;
    bool done;
} One;

struct Decided {
    GHashTable *all; /* queue id → One */
};

static void one_free(void *data) {
    One *one = data;
    g_free(one->track);
    g_free(one->act);
    g_free(one->by);
    g_free(one);
}

Decided *decided_new(void) {
    Decided *decided = g_new0(Decided, 1);
    decided->all = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, one_free);
    return decided;
}

void decided_free(Decided *decided) {
    g_hash_table_unref(decided->all);
    g_free(decided);
}

static bool is_over(const One *one, Instant now) {
    return instant_since(now, one->at).us > duration_seconds(one->done ? KEEP_SECONDS : WAIT_SECONDS).us;
}

char *decided_before(const Decided *decided, const Deciding *deciding, Instant now) {
    const One *one = g_hash_table_lookup(decided->all, deciding->qid);
    if (!one || !text_equal(one->track, deciding->track) || is_over(one, now))
        return NULL;
    if (!one->done && text_equal(one->act, deciding->act) && text_equal(one->by, deciding->by))
        return NULL;
    return g_strdup_printf("%s has %s already; \"lexgate journal search --id %s\" says when%s", one->by,
                           text_equal(one->act, "release") ? "let it go" : "refused it", deciding->qid,
                           one->done ? "" : ". If nothing comes of it, try again in a minute");
}

static gboolean is_forgotten(gpointer key, gpointer value, gpointer now) {
    return is_over(value, *(const Instant *)now);
}

void decided_note(Decided *decided, const Deciding *deciding, Instant now) {
    if (g_hash_table_size(decided->all) >= KEPT_MAX)
        g_hash_table_foreach_remove(decided->all, is_forgotten, &now);
    if (g_hash_table_size(decided->all) >= KEPT_MAX)
        g_hash_table_remove_all(decided->all);
    One *one = g_new0(One, 1);
    *one = (One){g_strdup(deciding->track), g_strdup(deciding->act), g_strdup(deciding->by), now, false};
    g_hash_table_replace(decided->all, g_strdup(deciding->qid), one);
}

void decided_end(Decided *decided, const char *qid) {
    One *one = g_hash_table_lookup(decided->all, qid);
    if (one)
        one->done = true;
}
