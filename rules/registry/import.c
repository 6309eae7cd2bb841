/* SPDX-License-Identifier: Apache-2.0 */
/* The import: three files, one digest, one snapshot.
 *
 * A snapshot remembers what it was checked against. The same files against the same policy need no second look, so a
 * start with a million matters costs one hash of the files. */
#include "registry/import.h"
#include "base/io.h"
#include "base/seal.h"
#include "base/text.h"
#include "base/timesource.h"
#include "registry/gather.h"
#include "registry/rows.h"
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CSV_MAX ((size_t)2 << 30)

typedef struct {
    const char *path;
    char *text;
    size_t length;
} CsvFile;

enum { STAFF, CLIENTS, MATTERS, FILES };

static bool read_files(const ImportFiles *names, CsvFile files[FILES], GPtrArray *problems) {
    const char *const paths[FILES] = {names->staff, names->clients, names->matters};
    bool good = true;
    for (int i = 0; i < FILES; i++) {
        g_autoptr(GError) error = NULL;
        files[i] = (CsvFile){.path = paths[i]};
        if (!paths[i])
            continue;
        /* A pipe or a device would keep the daemons waiting for its end. */
        struct stat status;
        if (stat(paths[i], &status) == 0 && !S_ISREG(status.st_mode))
            g_set_error_literal(&error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "it is no regular file");
        else
            files[i].text = io_read_file(paths[i], CSV_MAX, &files[i].length, &error);
        if (files[i].text)
            continue;
        good = false;
        g_ptr_array_add(problems, problem_new(PROBLEM_ERROR, paths[i], 0,
                                              "the file cannot be read (%s); correct its name in the group registry",
                                              error->message));
    }
    return good;
}

static void free_files(CsvFile files[FILES]) {
    for (int i = 0; i < FILES; i++)
        g_free(files[i].text);
}

/* Lengths go in, so that bytes cannot move from one file to the next unseen. */
static char *digest_of(const CsvFile files[FILES]) {
    g_autofree char *lengths = g_strdup_printf("%s %zu %zu %zu;", RECORD_FORMAT, files[STAFF].length,
                                               files[CLIENTS].length, files[MATTERS].length);
    Bytes pieces[1 + FILES] = {{lengths, strlen(lengths)}};
    for (int i = 0; i < FILES; i++)
        pieces[1 + i] = (Bytes){files[i].text ? files[i].text : "", files[i].length};
    unsigned char hash[SHA256_SIZE];
    sha256_of(pieces, G_N_ELEMENTS(pieces), hash);
    return hex_encode(hash, sizeof hash);
}

static void append_names(GString *out, const GPtrArray *names) {
    for (guint i = 0; names && i < names->len; i++)
        g_string_append_printf(out, "%s ", (char *)names->pdata[i]);
    g_string_append(out, names ? ";" : "-;");
}

static char *context_of(const ImportContext *context, const ImportFiles *files) {
    g_autoptr(GString) all = g_string_new(NULL);
    append_names(all, context->domains);
    append_names(all, context->calendars);
    append_names(all, context->service_levels);
    g_string_append_printf(all, "%s;", context->hours_digest ? context->hours_digest : "");
    /* Remembered problems name the files. */
    g_string_append_printf(all, "%s;%s;%s", files->staff ? files->staff : "", files->clients ? files->clients : "",
                           files->matters ? files->matters : "");
    Bytes piece = {all->str, all->len};
    unsigned char hash[SHA256_SIZE];
    sha256_of(&piece, 1, hash);
    return hex_encode(hash, sizeof hash);
}

static void put_meta(Snapshot *snapshot, const char *name, const char *value) {
    snapshot_put(snapshot, KEY_META, name, value, strlen(value));
}

/* The warnings of this import, one a line: FILE, line and text between tabs. */
static char *warnings_from(const GPtrArray *problems, guint first) {
    g_autoptr(GString) all = g_string_new(NULL);
    for (guint i = first; i < problems->len; i++) {
        const Problem *problem = problems->pdata[i];
        g_string_append_printf(all, "%s\t%u\t%s\n", problem->file, problem->line, problem->text);
    }
    return g_strdup(all->str);
}

static void say_again(const char *warnings, GPtrArray *problems) {
    g_auto(GStrv) lines = g_strsplit(warnings, "\n", -1);
    for (char **line = lines; *line; line++) {
        g_auto(GStrv) parts = g_strsplit(*line, "\t", 3);
        if (g_strv_length(parts) == 3)
            g_ptr_array_add(problems, problem_new(PROBLEM_WARNING, parts[0],
                                                  (unsigned)g_ascii_strtoull(parts[1], NULL, 10), "%s", parts[2]));
    }
}

/* Is there a snapshot of these files that was checked against the same policy? Its warnings are said again. */
static bool is_checked(const char *path, const char *context, GPtrArray *problems) {
    g_autoptr(Registry) registry = access(path, R_OK) == 0 ? registry_open(path, NULL) : NULL;
    g_autofree char *known = registry ? registry_meta(registry, "context") : NULL;
    g_autofree char *warnings = registry ? registry_meta(registry, "warnings") : NULL;
    if (!warnings || !text_equal(known, context))
        return false;
    say_again(warnings, problems);
    return true;
}

/* The newest is the one imported last, even when it was there before, or a moment after another: the time that files
 * get by themselves moves in steps of some milliseconds. */
static void become_newest(const char *path) {
    TimeSource clock = timesource_system();
    int64_t us = timesource_now(&clock).us;
    struct timespec now = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};
    (void)utimensat(AT_FDCWD, path, (struct timespec[]){now, now}, 0);
}

static bool take_file(Import *import, const Table *table, const CsvFile *file) {
    return !file->text || rows_import(import, table, file->path, file->text, file->length);
}

/* A file with errors may lack rows that later ones name: one fault must not look like a hundred. */
static void take_files(Import *import, const CsvFile files[FILES]) {
    bool staff = take_file(import, &staff_table, &files[STAFF]);
    import->staff_broken = !staff;
    if (staff && files[STAFF].text)
        staff_check(import, files[STAFF].path);
    import->clients_broken = !take_file(import, &client_table, &files[CLIENTS]);
    if (take_file(import, &matter_table, &files[MATTERS]) && files[CLIENTS].text)
        consent_scopes_check(import, files[CLIENTS].path);
}

static bool has_errors(const GPtrArray *problems, guint first) {
    for (guint i = first; i < problems->len; i++)
        if (((const Problem *)problems->pdata[i])->kind == PROBLEM_ERROR)
            return true;
    return false;
}

typedef struct {
    const char *folder, *path, *digest, *context;
} Target;

static bool build(const CsvFile files[FILES], const ImportContext *context, const Target *target, GPtrArray *problems) {
    size_t bytes = files[STAFF].length + files[CLIENTS].length + files[MATTERS].length;
    guint first = problems->len;
    g_autoptr(GError) error = NULL;
    g_autoptr(Snapshot) snapshot =
        snapshot_new(target->folder ? target->folder : g_get_tmp_dir(), "registry", bytes, &error);
    if (!snapshot) {
        g_ptr_array_add(problems, problem_new(PROBLEM_ERROR, target->folder ? target->folder : g_get_tmp_dir(), 0, "%s",
                                              error->message));
        return false;
    }
    g_autoptr(Lookalikes) lookalikes = lookalikes_new();
    g_autoptr(GHashTable) calendars = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    Import import = {.snapshot = snapshot,
                     .context = context,
                     .problems = problems,
                     .lookalikes = lookalikes,
                     .client_calendars = calendars};
    take_files(&import, files);
    lookalikes_write(lookalikes, snapshot);
    groups_write(snapshot);
    if (snapshot_fault(snapshot)) {
        /* What was said of rows after the fault is not true. */
        g_ptr_array_set_size(problems, (gint)first);
        g_ptr_array_add(problems, problem_new(PROBLEM_ERROR, target->folder ? target->folder : g_get_tmp_dir(), 0,
                                              "cannot write a snapshot there: %s", snapshot_fault(snapshot)));
    }
    if (has_errors(problems, first))
        return false;
    if (!target->folder)
        return true;
    g_autofree char *counts =
        g_strdup_printf("%lu %lu %lu", import.counts.staff, import.counts.clients, import.counts.matters);
    g_autofree char *warnings = warnings_from(problems, first);
    put_meta(snapshot, "format", RECORD_FORMAT);
    put_meta(snapshot, "digest", target->digest);
    put_meta(snapshot, "context", target->context);
    put_meta(snapshot, "counts", counts);
    put_meta(snapshot, "warnings", warnings);
    if (snapshot_keep(snapshot, target->path, &error))
        return true;
    g_ptr_array_add(problems, problem_new(PROBLEM_ERROR, target->path, 0, "%s", error->message));
    return false;
}

bool registry_import(const ImportFiles *files, const ImportContext *context, const char *folder, char **snapshot,
                     GPtrArray *problems) {
    CsvFile csv[FILES];
    bool good = read_files(files, csv, problems);
    g_autofree char *digest = digest_of(csv);
    g_autofree char *checked_against = context_of(context, files);
    g_autofree char *name = g_strdup_printf("registry-%s.mdb", digest);
    g_autofree char *path = folder ? g_build_filename(folder, name, NULL) : NULL;
    Target target = {folder, path, digest, checked_against};
    if (good && !(path && is_checked(path, checked_against, problems)))
        good = build(csv, context, &target, problems);
    if (good && path)
        become_newest(path);
    free_files(csv);
    if (good && snapshot)
        *snapshot = g_steal_pointer(&path);
    return good;
}

static bool is_snapshot(const char *name) {
    return g_str_has_prefix(name, "registry-") && g_str_has_suffix(name, ".mdb");
}

Registry *registry_newest(const char *folder) {
    g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
    g_autoptr(Registry) newest = NULL;
    struct timespec latest = {0};
    for (const char *name; dir && (name = g_dir_read_name(dir));) {
        struct stat file;
        g_autofree char *path = g_build_filename(folder, name, NULL);
        if (!is_snapshot(name) || lstat(path, &file) != 0 || file.st_mtim.tv_sec < latest.tv_sec ||
            (file.st_mtim.tv_sec == latest.tv_sec && file.st_mtim.tv_nsec < latest.tv_nsec))
            continue;
        Registry *registry = registry_open(path, NULL);
        if (!registry)
            continue;
        registry_free(newest);
        newest = registry;
        latest = file.st_mtim;
    }
    return g_steal_pointer(&newest);
}

void registry_prune(const char *folder, const char *keep) {
    snapshot_prune(folder, "registry", keep);
}
