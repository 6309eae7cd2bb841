/* SPDX-License-Identifier: Apache-2.0 */
/* From a folder to cases, each with its place in the file, since whoever wrote it wants to go there. */
#include "base/io.h"
#include "ctl/cases.h"
#include "ctl/mailfile.h"
#include "ctl/words.h"
#include <string.h>

static bool wrong(GError **error, const char *what) {
    g_set_error(error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "%s", what);
    return false;
}

void case_free(Case *one) {
    if (!one)
        return;
    g_free(one->path);
    g_free(one->name);
    g_bytes_unref(one->text);
    json_decref(one->object);
    g_free(one);
}

unsigned case_line(const Case *one, const char *message) {
    g_autofree char *word = words_quoted(message);
    return words_line(g_bytes_get_data(one->text, NULL), one->from, one->end, word);
}

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static GPtrArray *list_files(const char *folder, GError **error) {
    g_autoptr(GDir) dir = io_open_folder(folder, error);
    if (!dir)
        return NULL;
    GPtrArray *paths = g_ptr_array_new_with_free_func(g_free);
    for (const char *name; (name = g_dir_read_name(dir));)
        if (*name != '.' && g_str_has_suffix(name, ".json"))
            g_ptr_array_add(paths, g_build_filename(folder, name, NULL));
    g_ptr_array_sort(paths, compare_names);
    return paths;
}

/* Behind the text in quotes that begins at `at`. */
static size_t skip_text(const char *text, size_t at) {
    for (at++; text[at] && text[at] != '"'; at++)
        at += text[at] == '\\' && text[at + 1];
    return at + (text[at] == '"');
}

/* The next object that lies `depth` brackets deep, in text that is JSON. False: there is none. */
static bool next_object(const char *text, unsigned depth, size_t *from, size_t *end) {
    unsigned deep = depth;
    for (size_t at = *end; text[at];) {
        char c = text[at];
        if (c == '{' && deep == depth)
            *from = at;
        deep += c == '{' || c == '[';
        deep -= (c == '}' || c == ']') && deep;
        at = c == '"' ? skip_text(text, at) : at + 1;
        if (c == '}' && deep == depth) {
            *end = at;
            return true;
        }
    }
    return false;
}

static void add_case(const char *path, json_t *object, GBytes *text, const Case *place, GPtrArray *cases) {
    g_autofree char *file = g_path_get_basename(path);
    const char *name = json_text(object, "name");
    Case *one = g_new0(Case, 1);
    *one = (Case){.path = g_strdup(path),
                  .object = json_incref(object),
                  .text = g_bytes_ref(text),
                  .from = place->from,
                  .end = place->end};
    unsigned line = case_line(one, "");
    one->name = name ? g_strdup_printf("%s:%u: %s", file, line, name) : g_strdup_printf("%s:%u: a case", file, line);
    g_ptr_array_add(cases, one);
}

/* One case, or a list of them. */
static bool read_cases(const char *path, json_t *value, GBytes *bytes, GPtrArray *cases, GError **error) {
    const char *text = g_bytes_get_data(bytes, NULL);
    bool list = json_is_array(value);
    Case place = {.end = list ? strcspn(text, "[") + 1 : 0};
    size_t i;
    json_t *element;
    if (!list && !json_is_object(value))
        return wrong(error, "a case is an object { … }, or a list of them");
    if (!list && next_object(text, 0, &place.from, &place.end))
        add_case(path, value, bytes, &place, cases);
    json_array_foreach(value, i, element) {
        if (!json_is_object(element))
            return wrong(error, "a case is an object { … }");
        if (next_object(text, 0, &place.from, &place.end))
            add_case(path, element, bytes, &place, cases);
    }
    return true;
}

static bool read_file(const char *path, GPtrArray *cases, GError **error) {
    size_t length = 0;
    char *text = io_read_file(path, MAILFILE_MAX, &length, error);
    if (!text)
        return false;
    g_autoptr(GBytes) bytes = g_bytes_new_take(text, length + 1);
    g_autoptr(json_t) value = json_parse(text, length, error);
    if (value && read_cases(path, value, bytes, cases, error))
        return true;
    g_prefix_error(error, "%s: ", path);
    return false;
}

GPtrArray *cases_read(const char *folder, GPtrArray *problems, GError **error) {
    g_autoptr(GPtrArray) files = list_files(folder, error);
    if (!files)
        return NULL;
    GPtrArray *cases = g_ptr_array_new_with_free_func((GDestroyNotify)case_free);
    for (guint i = 0; i < files->len; i++) {
        g_autoptr(GError) why = NULL;
        if (!read_file(g_ptr_array_index(files, i), cases, &why))
            g_ptr_array_add(problems, g_strdup(why->message));
    }
    return cases;
}
