/* SPDX-License-Identifier: Apache-2.0 */
/* Gateways of one firm share Redis and must share their keys: what one seals, the others, the command and the notices
 * must open. Two that began with keys of their own work, and show "(sealed)" for each other's mail. */
#include "base/json.h"
#include "ctl/doctor.h"
#include "store/store.h"
#include <string.h>

/* Enough to meet the work of every gateway that is in use; a look costs the same however many there are. */
#define LOOKED_AT 200

typedef struct {
    Keyring *keys;
    unsigned sealed, closed; /* looked at; not to be opened */
    char *first;             /* of those */
} Look;

static void try_one(Look *look, const char *client, const char *sealed, const char *name) {
    if (!sealed || !*sealed)
        return;
    g_autofree char *plain = keyring_open_value(look->keys, client && *client ? client : KEYRING_FIRM, sealed, NULL);
    look->sealed++;
    if (!plain && look->closed++ == 0)
        look->first = g_strdup(name);
}

static bool try_all(Look *look, Store *store, Instant now, GError **error) {
    StoreQuery query = {.now = now, .limit = LOOKED_AT};
    g_autoptr(GPtrArray) deadlines = store_query(store, &query, error);
    g_autoptr(json_t) held = deadlines ? store_held(store, error) : NULL;
    for (guint i = 0; deadlines && i < deadlines->len; i++) {
        const Deadline *deadline = g_ptr_array_index(deadlines, i);
        try_one(look, deadline->client, deadline->sealed, deadline->id);
    }
    for (size_t i = 0; held && i < MIN(json_array_size(held), LOOKED_AT); i++) {
        const json_t *record = json_array_get(held, i);
        try_one(look, json_text(record, "k"), json_text(record, "p"), json_text_or(record, "qid", "?"));
    }
    return held != NULL;
}

void doctor_look_at_keys(Doctor *doctor, Store *store) {
    g_autoptr(Keyring) keys = firm_keyring(doctor->policy);
    g_autoptr(GError) error = NULL;
    Look look = {.keys = keys};
    if (!keys) /* whoever runs this may not read them, which is as it should be */
        return;
    Complaint unread = {FINDING_WARN, "keys", "run doctor again"};
    Complaint others = {FINDING_FAIL, "keys",
                        "do other gateways of the firm have keys of their own? All need the same folder keys in "
                        "paths.state: copy the first one's, and restart the daemons"};
    if (!try_all(&look, store, doctor->now, &error))
        doctor_complain(doctor, &unread, "%s", error->message);
    else if (look.closed)
        doctor_complain(doctor, &others,
                        "%u of %u deadlines and held mails cannot be opened with the keys of this gateway (%s): people "
                        "read \"(sealed)\" in their place",
                        look.closed, look.sealed, look.first);
    else if (look.sealed)
        doctor_ok(doctor, "keys", "they open all of the %u deadlines and held mails looked at", look.sealed);
    g_free(look.first);
}
