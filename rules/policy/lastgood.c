/* SPDX-License-Identifier: Apache-2.0 */
/* A copy is one line with the digest of what follows, then the bytes: a copy that was cut off or changed is none. */
#include "policy/lastgood.h"
#include "base/io.h"
#include "base/seal.h"
#include "base/text.h"
#include "policy/settings.h"
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#define COPY_MAX ((size_t)8 << 20)
#define MAGIC "lexgate-holidays-1 "
#define HEAD (strlen(MAGIC) + 2 * SHA256_SIZE + 1)

char *lastgood_folder(const Node *root) {
    const Node *paths = node_member(root, "paths"), *state = NULL;
    if (paths && paths->kind == NODE_GROUP)
        state = node_member(paths, "state");
    g_autofree char *folder =
        state && state->kind == NODE_TEXT ? io_path_from(state->path, state->text) : g_strdup(PATHS_STATE_DEFAULT);
    return g_build_filename(folder, "holidays", NULL);
}

char *lastgood_fault(const SourceFile *file) {
    g_autoptr(GError) error = NULL;
    CalendarFile calendar = {file->file, file->text, file->length};
    return calendar_check_file(&calendar, &error) ? NULL : g_strdup(error->message);
}

static char *digest_of(const char *data, size_t length) {
    Bytes piece = {data, length};
    unsigned char hash[SHA256_SIZE];
    sha256_of(&piece, 1, hash);
    return hex_encode(hash, sizeof hash);
}

static char *copy_path(const char *folder, const char *path) {
    g_autofree char *digest = digest_of(path, strlen(path));
    g_autofree char *name = g_strdup_printf("%.32s.ics", digest);
    return g_build_filename(folder, name, NULL);
}

char *lastgood_read(const char *folder, const char *path, size_t *length, char day[CALENDAR_DAY]) {
    g_autofree char *copy = copy_path(folder, path);
    struct stat status;
    size_t size;
    g_autofree char *text = io_read_regular(copy, COPY_MAX + HEAD, &size, NULL);
    if (!text || stat(copy, &status) != 0 || size < HEAD || !g_str_has_prefix(text, MAGIC))
        return NULL;
    *length = size - HEAD;
    g_autofree char *digest = digest_of(text + HEAD, *length);
    if (strncmp(text + strlen(MAGIC), digest, 2 * SHA256_SIZE) != 0)
        return NULL;
    char when[INSTANT_TEXT];
    g_strlcpy(day, instant_format(instant_from_seconds(status.st_mtime), when), strlen("2026-11-23") + 1);
    char *kept = g_malloc(*length + 1);
    memcpy(kept, text + HEAD, *length);
    kept[*length] = '\0';
    return kept;
}

static bool keep(const char *folder, const SourceFile *file, GError **error) {
    g_autofree char *copy = copy_path(folder, file->path), *digest = digest_of(file->text, file->length);
    size_t length = 0;
    char day[CALENDAR_DAY];
    g_autofree char *known = lastgood_read(folder, file->path, &length, day);
    if (known && length == file->length && memcmp(known, file->text, length) == 0)
        return true;
    g_autoptr(GString) text = g_string_new(MAGIC);
    g_string_append_printf(text, "%s\n", digest);
    g_string_append_len(text, file->text, (gssize)file->length);
    return io_replace_file(copy, text->str, text->len, 0640, error);
}

void policy_source_keep(const PolicySource *source, const Policy *policy, GPtrArray *problems) {
    g_autofree char *folder = g_build_filename(policy_settings(policy)->paths_state, "holidays", NULL);
    for (guint i = 0; i < source->files->len; i++) {
        const SourceFile *file = source->files->pdata[i];
        g_autoptr(GError) error = NULL;
        if (file->kind != SOURCE_CALENDAR || file->last_good)
            continue;
        if (!io_make_folder(folder, 0750, &error) || !keep(folder, file, &error))
            g_ptr_array_add(problems, problem_new(PROBLEM_WARNING, file->file, 0,
                                                  "no copy of these holidays could be kept for the day when a refresh "
                                                  "fails: %s",
                                                  error->message));
    }
}

unsigned policy_source_last_good(const PolicySource *source) {
    unsigned count = 0;
    for (guint i = 0; i < source->files->len; i++)
        count += ((const SourceFile *)source->files->pdata[i])->last_good;
    return count;
}
