/* SPDX-License-Identifier: Apache-2.0 */
/* libsystemd reads the files; rotation is its business. Entries of the facility mail (2) come from syslog(3), where any
 * local user may write: names are checked as in a file. */
#include "front/mtajournal.h"
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-journal.h>

enum { RETRY_CALLS = 40 };

struct MtaJournal {
    char *folder, *cursor;
    sd_journal *journal; /* NULL: not open */
    bool at_end;         /* begin there when it opens */
    unsigned calls;      /* since it could not be opened */
    char *trouble;
};

static void set_trouble(MtaJournal *journal, int rc) {
    g_free(journal->trouble);
    journal->trouble = rc < 0 ? g_strdup_printf("systemd's journal cannot be read: %s", g_strerror(-rc)) : NULL;
}

/* Behind the cursor, or at the end. */
static int go_to_begin(MtaJournal *journal) {
    if (journal->at_end) {
        int rc = sd_journal_seek_tail(journal->journal);
        return rc < 0 ? rc : sd_journal_previous(journal->journal);
    }
    int rc = journal->cursor ? sd_journal_seek_cursor(journal->journal, journal->cursor)
                             : sd_journal_seek_head(journal->journal);
    if (rc < 0 || !journal->cursor)
        return rc;
    rc = sd_journal_next(journal->journal);
    if (rc > 0 && sd_journal_test_cursor(journal->journal, journal->cursor) <= 0)
        rc = sd_journal_previous(journal->journal); /* the entry is gone, and this one follows it */
    return rc;
}

static bool open_it(MtaJournal *journal) {
    int rc = journal->folder ? sd_journal_open_directory(&journal->journal, journal->folder, 0)
                             : sd_journal_open(&journal->journal, SD_JOURNAL_LOCAL_ONLY);
    if (rc >= 0)
        rc = sd_journal_add_match(journal->journal, "SYSLOG_FACILITY=2", 0);
    if (rc >= 0)
        rc = go_to_begin(journal);
    set_trouble(journal, rc);
    if (rc < 0 && journal->journal) {
        sd_journal_close(journal->journal);
        journal->journal = NULL;
    }
    return rc >= 0;
}

MtaJournal *mtajournal_open(const char *folder, const char *cursor) {
    MtaJournal *journal = g_new0(MtaJournal, 1);
    journal->folder = g_strdup(folder);
    journal->cursor = g_strdup(cursor);
    journal->at_end = !cursor;
    open_it(journal);
    return journal;
}

void mtajournal_free(MtaJournal *journal) {
    if (!journal)
        return;
    if (journal->journal)
        sd_journal_close(journal->journal);
    free(journal->cursor);
    g_free(journal->folder);
    g_free(journal->trouble);
    g_free(journal);
}

/* Behind "FIELD="; NULL: it has none. */
static const char *field_of(sd_journal *journal, const char *name, size_t *length) {
    const void *data;
    size_t skip = strlen(name) + 1;
    if (sd_journal_get_data(journal, name, &data, length) < 0 || *length < skip)
        return NULL;
    *length -= skip;
    return (const char *)data + skip;
}

static bool copy_field(sd_journal *journal, const char *name, char *into, size_t room) {
    size_t length;
    const char *text = field_of(journal, name, &length);
    if (!text || length >= room)
        return false;
    memcpy(into, text, length);
    into[length] = '\0';
    return true;
}

static bool read_entry(MtaJournal *journal, const GPtrArray *names, MtaLine *line) {
    char identifier[MTA_NAME], pid[16] = "";
    size_t length;
    uint64_t at = 0;
    if (!copy_field(journal->journal, "SYSLOG_IDENTIFIER", identifier, sizeof identifier) ||
        sd_journal_get_realtime_usec(journal->journal, &at) < 0)
        return false;
    if (!copy_field(journal->journal, "SYSLOG_PID", pid, sizeof pid))
        copy_field(journal->journal, "_PID", pid, sizeof pid);
    MtaOrigin origin = {{(int64_t)at}, identifier, (unsigned)strtoul(pid, NULL, 10)};
    const char *text = field_of(journal->journal, "MESSAGE", &length);
    return text && mtaline_read_message(&origin, text, length, names, line);
}

static int step(MtaJournal *journal) {
    int rc = sd_journal_process(journal->journal);
    if (rc >= 0)
        rc = sd_journal_next(journal->journal);
    return rc;
}

SourceResult mtajournal_next(MtaJournal *journal, const GPtrArray *names, MtaLine *line) {
    if (!journal->journal && (++journal->calls % RETRY_CALLS || !open_it(journal)))
        return SOURCE_END;
    int rc = step(journal);
    if (rc < 0) {
        set_trouble(journal, rc);
        sd_journal_close(journal->journal);
        journal->journal = NULL;
        journal->at_end = false;
        return SOURCE_END;
    }
    if (rc == 0)
        return SOURCE_END;
    char *cursor = NULL;
    if (sd_journal_get_cursor(journal->journal, &cursor) >= 0) {
        free(journal->cursor);
        journal->cursor = cursor;
    }
    return read_entry(journal, names, line) ? SOURCE_LINE : SOURCE_OTHER;
}

void mtajournal_cursor(const MtaJournal *journal, char **cursor) {
    if (!journal->cursor)
        return;
    g_free(*cursor);
    *cursor = g_strdup(journal->cursor);
}

const char *mtajournal_trouble(const MtaJournal *journal) {
    return journal->trouble;
}
