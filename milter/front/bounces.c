/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the mail was sent to those addresses is asked where it is known: in the store. */
#include "front/bounces.h"
#include "base/jsontext.h"
#include "base/text.h"
#include "front/fatebook.h"
#include <string.h>

enum { FAILED_MAX = 100 };

bool bounces_check(const JsonView *json) {
    const JsonView *bounce = view_member(json, "bounce"), *failed = view_list(bounce, "failed");
    if (!bounce)
        return true;
    if (!view_text(bounce, "track") || strlen(view_text(bounce, "track")) > 120 || view_count(failed) > FAILED_MAX)
        return false;
    for (const JsonView *item = view_first(failed); item; item = view_next(failed, item))
        if (!view_string(item) || !address_is_plausible(view_string(item)))
            return false;
    return true;
}

/* The id in "ID.MAC"; NULL where the MAC is another. Caller owns. */
static char *proved_track(Keyring *keyring, const char *mark) {
    const char *dot = strchr(mark, '.');
    g_autofree char *track = dot ? g_strndup(mark, (gsize)(dot - mark)) : NULL;
    if (!track || !text_is_id(track))
        return NULL;
    g_autofree char *mac = keyring_mac(keyring, "track", track);
    if (strlen(dot + 1) != strlen(mac) ||
        !mac_equal((const unsigned char *)dot + 1, (const unsigned char *)mac, strlen(mac)))
        return NULL;
    return g_steal_pointer(&track);
}

/* The client of whom all are who are named here, by whose key it is sealed; "" where they are of several. */
static void set_failed(GString *out, Front *front, const Registry *registry, const JsonView *failed, char **key) {
    g_autoptr(GString) clients = g_string_new(NULL);
    jsontext_open(out, "rcpt", '[');
    for (const JsonView *item = view_first(failed); item; item = view_next(failed, item)) {
        g_autofree char *hash = fatebook_hash(front->keyring, view_string(item));
        jsontext_text(out, NULL, hash);
    }
    jsontext_close(out, ']');
    jsontext_open(out, "clients", '[');
    for (const JsonView *item = view_first(failed); item; item = view_next(failed, item)) {
        g_autoptr(Client) client = NULL;
        bool known = registry_client_of(registry, view_string(item), &client) == LOOKUP_FOUND;
        jsontext_text(out, NULL, known ? client->id : "");
        if (!*key)
            *key = g_strdup(known ? client->id : KEYRING_FIRM);
        else if (known && strcmp(*key, client->id)) {
            g_free(*key);
            *key = g_strdup(KEYRING_FIRM);
        }
    }
    jsontext_close(out, ']');
}

static char *personal(const JsonView *failed) {
    GString *plain = g_string_new(NULL);
    jsontext_open(plain, NULL, '{');
    jsontext_open(plain, "to", '[');
    for (const JsonView *item = view_first(failed); item; item = view_next(failed, item)) {
        jsontext_open(plain, NULL, '{');
        jsontext_text(plain, "rcpt", view_string(item));
        jsontext_close(plain, '}');
    }
    jsontext_close(plain, ']');
    jsontext_close(plain, '}');
    return g_string_free(plain, FALSE);
}

bool bounces_record(Front *front, const Answer *answer, const Registry *registry, char **payload, GError **error) {
    const JsonView *bounce = view_member(answer->json, "bounce"), *failed = view_list(bounce, "failed");
    *payload = NULL;
    g_autofree char *track =
        view_count(failed) ? proved_track(front->keyring, view_text_or(bounce, "track", "")) : NULL;
    if (!track)
        return true;
    g_autofree char *key = NULL, *plain = personal(failed);
    g_autoptr(GString) out = g_string_new(NULL);
    jsontext_text(out, "track", track);
    jsontext_text(out, "report", answer->track);
    set_failed(out, front, registry, failed, &key);
    g_autofree char *sealed = keyring_seal(front->keyring, key, plain, error);
    if (!sealed)
        return false;
    jsontext_text(out, "k", key);
    jsontext_text(out, "p", sealed);
    *payload = g_string_free(g_steal_pointer(&out), FALSE);
    return true;
}
