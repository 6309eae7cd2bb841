/* SPDX-License-Identifier: Apache-2.0 */
/* Process → its newest connection; where there are too many, all are forgotten: levels that are not known are not said.
 */
#include "front/fatepeers.h"
#include <string.h>

enum { PROCESSES_MAX = 1000 };

typedef struct {
    char relay[MTA_RELAY], level[MTA_LEVEL], queue_id[MTA_ID];
} Peer;

struct FatePeers {
    GHashTable *processes; /* pid → Peer */
};

FatePeers *fatepeers_new(void) {
    FatePeers *peers = g_new0(FatePeers, 1);
    peers->processes = g_hash_table_new_full(g_direct_hash, g_direct_equal, NULL, g_free);
    return peers;
}

void fatepeers_free(FatePeers *peers) {
    g_hash_table_unref(peers->processes);
    g_free(peers);
}

void fatepeers_note(FatePeers *peers, const MtaLine *tls) {
    if (!tls->pid)
        return;
    if (g_hash_table_size(peers->processes) >= PROCESSES_MAX)
        g_hash_table_remove_all(peers->processes);
    Peer *peer = g_new0(Peer, 1);
    g_strlcpy(peer->relay, tls->relay, sizeof peer->relay);
    g_strlcpy(peer->level, tls->tls, sizeof peer->level);
    g_hash_table_replace(peers->processes, GUINT_TO_POINTER(tls->pid), peer);
}

/* Postfix names both alike; Sendmail adds the address to the second. */
static bool is_same_relay(const char *connected, const char *delivered) {
    size_t length = strlen(connected);
    return strncmp(connected, delivered, length) == 0 &&
           (!delivered[length] || strncmp(delivered + length, " [", 2) == 0);
}

void fatepeers_level(FatePeers *peers, MtaLine *delivery) {
    Peer *peer = g_hash_table_lookup(peers->processes, GUINT_TO_POINTER(delivery->pid));
    delivery->tls[0] = '\0';
    if (!peer || !delivery->pid || !is_same_relay(peer->relay, delivery->relay))
        return;
    if (peer->queue_id[0] && strcmp(peer->queue_id, delivery->queue_id) != 0)
        return;
    g_strlcpy(peer->queue_id, delivery->queue_id, sizeof peer->queue_id);
    g_strlcpy(delivery->tls, peer->level, sizeof delivery->tls);
}
