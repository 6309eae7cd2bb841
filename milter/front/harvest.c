/* SPDX-License-Identifier: Apache-2.0 */
/* The name of the file comes from the judge as well: it is hexadecimal and of one length, or nothing is kept. */
#include "front/harvest.h"
#include "base/io.h"
#include "base/text.h"
#include <string.h>

enum { FINGERPRINT_DIGITS = 64, TEXT_MAX = (HARVEST_BYTES + 2) / 3 * 4 };

static bool is_fingerprint(const char *text) {
    return text && strlen(text) == FINGERPRINT_DIGITS && strspn(text, "0123456789abcdef") == FINGERPRINT_DIGITS;
}

bool harvest_check(const JsonView *answer, const Policy *policy, Harvest *harvest) {
    if (!view_any(answer, "harvest"))
        return true;
    const JsonView *member = view_member(answer, "harvest");
    const char *fingerprint = view_text(member, "fingerprint"), *key = view_text(member, "key");
    const char *text = key ? key : view_text(member, "signature");
    size_t length = 0;
    const Settings *settings = policy_settings(policy);
    if (!(key ? settings->encryption_autocrypt : settings->encryption_harvest) || !is_fingerprint(fingerprint) ||
        !text || strlen(text) > TEXT_MAX)
        return false;
    unsigned char *bytes = base64_decode(text, &length);
    if (!bytes || length == 0) {
        g_free(bytes);
        return false;
    }
    harvest->fingerprint = g_strdup(fingerprint);
    harvest->is_key = key != NULL;
    harvest->signature = g_bytes_new_take(bytes, length);
    return true;
}

void harvest_clear(Harvest *harvest) {
    g_clear_pointer(&harvest->fingerprint, g_free);
    g_clear_pointer(&harvest->signature, g_bytes_unref);
}

#define SIGNATURE_END ".p7s"
#define KEY_END ".key"

static bool has_room(const char *folder, bool for_key) {
    unsigned files = 0, keys = 0;
    GDir *dir = g_dir_open(folder, 0, NULL);
    for (const char *name; dir && (name = g_dir_read_name(dir)); files++)
        keys += g_str_has_suffix(name, KEY_END);
    if (dir)
        g_dir_close(dir);
    return files < HARVEST_FILES && !(for_key && keys >= HARVEST_KEYS);
}

bool harvest_keep(const Harvest *harvest, const Policy *policy, GError **error) {
    g_autofree char *folder = g_build_filename(policy_settings(policy)->paths_state, "harvest", NULL);
    g_autofree char *name = g_strconcat(harvest->fingerprint, harvest->is_key ? KEY_END : SIGNATURE_END, NULL);
    g_autofree char *path = g_build_filename(folder, name, NULL);
    size_t length;
    const char *data = g_bytes_get_data(harvest->signature, &length);
    if (!io_make_folder(folder, 0750, error))
        return false;
    if (!g_file_test(path, G_FILE_TEST_EXISTS) && !has_room(folder, harvest->is_key)) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOSPC, "%s is full: let a timer empty it (lexgate cert harvest)",
                    folder);
        return false;
    }
    return g_file_set_contents_full(path, data, (gssize)length, G_FILE_SET_CONTENTS_CONSISTENT, 0640, error);
}
