/* SPDX-License-Identifier: Apache-2.0 */
/* Gateways of one firm teach one another what mail they saw: how far each of them is behind the others. */
#include "ctl/doctor.h"
#include "store/peers.h"
#include <string.h>

#define ALIVE_S 60
#define GATEWAY "milter-"

static bool is_up(const Doctor *doctor, Instant heard) {
    return instant_since(doctor->now, heard).us < duration_seconds(ALIVE_S).us;
}

static void look_at_pair(Doctor *doctor, const StoreReader *reader, const StoreWriter *writer) {
    const uint64_t *at = g_hash_table_lookup(reader->positions, writer->name);
    uint64_t known = at ? *at : 0;
    Complaint behind = {
        FINDING_WARN, "hints",
        "it catches up by itself while both run; if it stays so, see the log of lexgate-milter there: do both have "
        "the same files in paths.keys?"};
    if (known < writer->mark)
        doctor_complain(doctor, &behind,
                        "%s is %llu of %llu entries behind what %s has learnt: for threads that it does not know the "
                        "strictest matter "
                        "counts",
                        reader->name, (unsigned long long)(writer->mark - known), (unsigned long long)writer->mark,
                        writer->name);
    else
        doctor_ok(doctor, "hints", "%s knows all that %s has learnt", reader->name, writer->name);
}

static void look_at_reader(Doctor *doctor, const StoreReader *reader, const GPtrArray *writers) {
    Complaint silent = {FINDING_WARN, "hints", "is lexgate-milter running there, and does it reach Redis?"};
    char at[INSTANT_TEXT];
    bool others = false;
    for (guint i = 0; i < writers->len; i++) {
        const StoreWriter *writer = g_ptr_array_index(writers, i);
        others |= strcmp(writer->name, reader->name) != 0 && g_str_has_prefix(writer->name, GATEWAY);
    }
    if (others && !is_up(doctor, reader->at)) {
        doctor_complain(doctor, &silent, "%s was last heard of at %s", reader->name, instant_format(reader->at, at));
        return;
    }
    for (guint i = 0; i < writers->len; i++) {
        const StoreWriter *writer = g_ptr_array_index(writers, i);
        if (strcmp(writer->name, reader->name) != 0 && g_str_has_prefix(writer->name, GATEWAY) &&
            is_up(doctor, writer->moved))
            look_at_pair(doctor, reader, writer);
    }
}

void doctor_look_at_hints(Doctor *doctor, Store *store) {
    g_autoptr(GError) error = NULL;
    StoreLook look = {.own = "doctor", .now = doctor->now};
    g_autoptr(StorePeers) peers = store_peers_look(store, &look, &error);
    Complaint unread = {FINDING_WARN, "hints", "run doctor again"};
    if (!peers)
        doctor_complain(doctor, &unread, "%s", error->message);
    for (guint i = 0; peers && i < peers->readers->len; i++)
        look_at_reader(doctor, g_ptr_array_index(peers->readers, i), peers->writers);
}
