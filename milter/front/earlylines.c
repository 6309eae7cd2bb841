/* SPDX-License-Identifier: Apache-2.0 */
/* Queue id → its lines, and all in the order in which they came, so that the oldest can go. */
#include "front/earlylines.h"
#include <string.h>

enum { LINES_MAX = 8192 };

/* A line as small as it goes: most fields are empty. */
typedef struct {
    char *queue_id; /* borrowed from the table's key; NULL: it was taken */
    GBytes *packed;
    MtaWhat what;
    Instant at;
    unsigned pid;
} Early;

struct EarlyLines {
    GHashTable *ids; /* queue id → GQueue of Early */
    GQueue order;    /* Early */
};

static void queue_free(void *data) {
    g_queue_free(data);
}

EarlyLines *earlylines_new(void) {
    EarlyLines *early = g_new0(EarlyLines, 1);
    early->ids = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, queue_free);
    g_queue_init(&early->order);
    return early;
}

static void early_free(void *data) {
    Early *line = data;
    g_bytes_unref(line->packed);
    g_free(line);
}

void earlylines_free(EarlyLines *early) {
    g_queue_clear_full(&early->order, early_free);
    g_hash_table_unref(early->ids);
    g_free(early);
}

typedef struct {
    size_t at, size;
} Field;

static const Field fields[] = {
#define FIELD(name)                                                                                                    \
    { offsetof(MtaLine, name), sizeof((MtaLine *)NULL)->name }
    FIELD(queue_id), FIELD(other_id), FIELD(to), FIELD(orig_to), FIELD(relay), FIELD(dsn), FIELD(tls), FIELD(said),
#undef FIELD
};

static GBytes *pack(const MtaLine *line) {
    g_autoptr(GString) text = g_string_new(NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        const char *field = (const char *)line + fields[i].at;
        g_string_append_len(text, field, (gssize)strlen(field) + 1);
    }
    return g_bytes_new(text->str, text->len);
}

static void unpack(const Early *early, MtaLine *line) {
    const char *text = g_bytes_get_data(early->packed, NULL);
    for (size_t i = 0; i < G_N_ELEMENTS(fields); i++) {
        g_strlcpy((char *)line + fields[i].at, text, fields[i].size);
        text += strlen(text) + 1;
    }
    line->what = early->what;
    line->at = early->at;
    line->pid = early->pid;
}

static void forget_oldest(EarlyLines *early) {
    Early *oldest = g_queue_pop_head(&early->order);
    GQueue *lines = oldest->queue_id ? g_hash_table_lookup(early->ids, oldest->queue_id) : NULL;
    if (lines) {
        g_queue_pop_head(lines);
        if (g_queue_is_empty(lines))
            g_hash_table_remove(early->ids, oldest->queue_id);
    }
    early_free(oldest);
}

void earlylines_keep(EarlyLines *early, const MtaLine *line) {
    if (g_queue_get_length(&early->order) >= LINES_MAX)
        forget_oldest(early);
    const char *id = line->what == MTA_RENAMED ? line->other_id : line->queue_id;
    void *key, *lines;
    if (!g_hash_table_lookup_extended(early->ids, id, &key, &lines)) {
        key = g_strdup(id);
        lines = g_queue_new();
        g_hash_table_insert(early->ids, key, lines);
    }
    Early *kept = g_new0(Early, 1);
    *kept = (Early){.queue_id = key, .packed = pack(line), .what = line->what, .at = line->at, .pid = line->pid};
    g_queue_push_tail(lines, kept);
    g_queue_push_tail(&early->order, kept);
}

bool earlylines_names(const EarlyLines *early, const char *queue_id) {
    return g_hash_table_contains(early->ids, queue_id);
}

void earlylines_replay(EarlyLines *early, const char *queue_id, void (*take)(const MtaLine *line, void *state),
                       void *state) {
    void *key, *lines;
    if (!g_hash_table_steal_extended(early->ids, queue_id, &key, &lines))
        return;
    for (const GList *link = ((GQueue *)lines)->head; link; link = link->next)
        ((Early *)link->data)->queue_id = NULL; /* it leaves with the oldest */
    g_autoptr(GPtrArray) packed = g_ptr_array_new();
    for (const GList *link = ((GQueue *)lines)->head; link; link = link->next)
        g_ptr_array_add(packed, link->data);
    g_queue_free(lines);
    g_free(key);
    g_autofree MtaLine *line = g_new(MtaLine, 1);
    for (guint i = 0; i < packed->len; i++) {
        unpack(g_ptr_array_index(packed, i), line);
        take(line, state);
    }
}
