/* SPDX-License-Identifier: Apache-2.0 */
/* Runs postqueue, postsuper and postconf. */
#include "ctl/postfix.h"
#include "base/io.h"
#include "base/text.h"
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* Administrators' paths often lack sbin, where these live. */
static char *find_program(const char *name) {
    char *path = g_find_program_in_path(name);
    static const char *const folders[] = {"/usr/sbin", "/usr/local/sbin", "/sbin"};
    for (size_t i = 0; !path && i < G_N_ELEMENTS(folders); i++) {
        path = g_build_filename(folders[i], name, NULL);
        if (!g_file_test(path, G_FILE_TEST_IS_EXECUTABLE))
            g_clear_pointer(&path, g_free);
    }
    return path;
}

static GPtrArray *make_vector(char *program, const char *folder, const char *const *words) {
    GPtrArray *vector = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(vector, program);
    if (folder) {
        g_ptr_array_add(vector, g_strdup("-c"));
        g_ptr_array_add(vector, g_strdup(folder));
    }
    for (; *words; words++)
        g_ptr_array_add(vector, g_strdup(*words));
    g_ptr_array_add(vector, NULL);
    return vector;
}

static void take_input(void *input) {
    dup2(*(int *)input, STDIN_FILENO);
}

/* Runs it and waits. False with error when it could not be started. */
static bool run(const char *folder, const char *const *words, int *input, char **out, char **err, int *status,
                GError **error) {
    char *program = find_program(words[0]);
    if (!program) {
        g_set_error(error, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT,
                    "%s is not installed here; run this on the host with Postfix", words[0]);
        return false;
    }
    g_autoptr(GPtrArray) vector = make_vector(program, folder, words + 1);
    if (!g_spawn_sync(NULL, (char **)vector->pdata, NULL, input ? G_SPAWN_CHILD_INHERITS_STDIN : G_SPAWN_DEFAULT,
                      input ? take_input : NULL, input, out, err, status, error))
        return false;
    g_strchomp(*err);
    g_auto(GStrv) lines = g_strsplit(*err, "\n", -1);
    g_free(*err);
    *err = g_strjoinv("; ", lines);
    return true;
}

char *postfix_run(const char *folder, const char *const *words, char **said, GError **error) {
    g_autofree char *out = NULL, *err = NULL;
    int status = 0;
    if (!run(folder, words, NULL, &out, &err, &status, error))
        return NULL;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        g_set_error(error, G_SPAWN_ERROR, G_SPAWN_ERROR_FAILED, "%s: %s", words[0],
                    *err ? err : "it failed without a word");
        return NULL;
    }
    if (said)
        *said = g_steal_pointer(&err);
    return g_steal_pointer(&out);
}

char *postfix_ask(const char *folder, const char *const *words, const char *input, char **said, GError **error) {
    g_autofree char *out = NULL;
    int status = 0, fd = memfd_create("lexgate-input", MFD_CLOEXEC);
    if (fd < 0 || !io_write_all(fd, input, strlen(input)) || lseek(fd, 0, SEEK_SET) != 0) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "no memory for what %s is to read", words[0]);
    } else if (run(folder, words, &fd, &out, said, &status, error) && !WIFEXITED(status)) {
        g_set_error(error, G_SPAWN_ERROR, G_SPAWN_ERROR_FAILED, "%s died", words[0]);
        g_clear_pointer(&out, g_free);
    }
    if (fd >= 0)
        close(fd);
    return g_steal_pointer(&out);
}

/* All that the queue has, or what is on hold. */
static json_t *list_queue(const char *folder, bool hold_only, GError **error) {
    g_autofree char *text = postfix_run(folder, (const char *const[]){"postqueue", "-j", NULL}, NULL, error);
    if (!text)
        return NULL;
    json_t *list = json_array();
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line; line++) {
        json_t *entry = **line ? json_parse(*line, strlen(*line), NULL) : NULL;
        if (entry && (!hold_only || text_equal(json_text(entry, "queue_name"), "hold")))
            json_array_append(list, entry);
        json_decref(entry);
    }
    return list;
}

json_t *postfix_hold_queue(const char *folder, GError **error) {
    return list_queue(folder, true, error);
}

char *postfix_queue_of(const char *folder, const GPtrArray *queue_ids, GError **error) {
    g_autoptr(json_t) queue = list_queue(folder, false, error);
    for (guint i = 0; queue && i < queue_ids->len; i++) {
        const json_t *entry = postfix_find(queue, g_ptr_array_index(queue_ids, i));
        if (entry)
            return g_strdup(json_text_or(entry, "queue_name", "mail"));
    }
    return queue ? g_strdup("") : NULL;
}

const json_t *postfix_find(const json_t *hold_queue, const char *queue_id) {
    size_t i;
    json_t *entry;
    json_array_foreach((json_t *)hold_queue, i,
                       entry) if (text_equal(json_text(entry, "queue_id"), queue_id)) return entry;
    return NULL;
}

bool postfix_is_queue_id(const char *text) {
    size_t length = strlen(text);
    /* "ALL" is a word of postsuper's and no queue id is that short. */
    return length >= 5 && length <= 64 &&
           strspn(text, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == length;
}

/* postsuper exits with 0 though it found nothing: only its count tells. */
static bool change(const char *folder, const char *option, const char *queue_id, const char *proof, GError **error) {
    g_autofree char *said = NULL;
    const char *words[] = {"postsuper", option, queue_id, "hold", NULL};
    g_autofree char *out = postfix_run(folder, words, &said, error);
    if (!out)
        return false;
    if (strstr(said, proof))
        return true;
    g_set_error(error, G_SPAWN_ERROR, G_SPAWN_ERROR_FAILED, "postsuper found no such message on hold%s%s",
                *said ? ": " : "", said);
    return false;
}

bool postfix_release(const char *folder, const char *queue_id, GError **error) {
    return change(folder, "-H", queue_id, "Released from hold: 1 message", error);
}

bool postfix_delete(const char *folder, const char *queue_id, GError **error) {
    return change(folder, "-d", queue_id, "Deleted: 1 message", error);
}

GPtrArray *postfix_elements(const char *text) {
    GPtrArray *elements = g_ptr_array_new_with_free_func(g_free);
    GString *element = g_string_new(NULL);
    int depth = 0;
    for (const char *at = text;; at++) {
        depth += (*at == '{') - (*at == '}');
        if (*at && (depth > 0 || !strchr(", \t", *at))) {
            g_string_append_c(element, *at);
            continue;
        }
        if (element->len)
            g_ptr_array_add(elements, g_strdup(element->str));
        g_string_truncate(element, 0);
        if (!*at)
            break;
    }
    g_string_free(element, TRUE);
    return elements;
}
