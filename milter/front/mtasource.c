/* SPDX-License-Identifier: Apache-2.0 */
/* Of systemd's journal only what came in with the facility mail is looked at, and by its trusted fields who wrote it.
 */
#include "front/mtasource.h"
#include "base/text.h"
#include "front/mtajournal.h"
#include <string.h>

struct MtaSource {
    MtaLog *file; /* one of both */
    MtaJournal *journal;
};

static bool is_journal(const char *setting, const char **folder) {
    *folder = g_str_has_prefix(setting, "journald:") ? setting + strlen("journald:") : NULL;
    return *folder || strcmp(setting, "journald") == 0;
}

MtaSource *mtasource_open(const char *setting, const FatePlace *place) {
    MtaSource *source = g_new0(MtaSource, 1);
    bool known = place && text_equal(place->source, setting);
    const char *folder;
    if (is_journal(setting, &folder))
        source->journal = mtajournal_open(folder, known ? place->cursor : NULL);
    else
        source->file = mtalog_open(setting, known && place->has_place ? &place->place : NULL);
    return source;
}

void mtasource_free(MtaSource *source) {
    if (!source)
        return;
    mtalog_free(source->file);
    mtajournal_free(source->journal);
    g_free(source);
}

SourceResult mtasource_next(MtaSource *source, const MtaReading *reading, MtaLine *line) {
    if (source->journal)
        return mtajournal_next(source->journal, reading->names, line);
    const char *text;
    size_t length;
    if (!mtalog_next(source->file, reading->monotonic, &text, &length))
        return SOURCE_END;
    return mtaline_read(text, length, reading->names, reading->now, line) ? SOURCE_LINE : SOURCE_OTHER;
}

void mtasource_note(MtaSource *source, FatePlace *place) {
    const char *trouble = source->file ? mtalog_trouble(source->file) : mtajournal_trouble(source->journal);
    g_free(place->trouble);
    place->trouble = g_strdup(trouble);
    if (source->file)
        place->has_place = mtalog_place(source->file, &place->place) || place->has_place;
    else
        mtajournal_cursor(source->journal, &place->cursor);
}
