/* SPDX-License-Identifier: Apache-2.0 */
/* Messages by track, and by each queue id under which the MTA has them. A queue id of a later hop stands for those
 * recipients alone whose delivery led to it. */
#include "front/fates.h"
#include "base/text.h"
#include "front/earlylines.h"
#include "front/fatepeers.h"
#include <string.h>

enum { MESSAGES_MAX = 10000, HOPS_MAX = 64, DAYS_MAX = 6, TELLING_SECONDS = 3 };

/* A queue id. */
typedef struct {
    FateMessage *message;
    GArray *places; /* unsigned: of the recipients it stands for; NULL: of all */
} Hop;

/* A message and the ids that lead to it. */
typedef struct {
    FateMessage *message;
    GPtrArray *ids; /* char *, of hops */
    bool expired, removed, released, done;
    bool queued_told;
    Instant decided; /* when it was released or removed */
    GList *link;     /* in the order of arrival */
} Kept;

struct Fates {
    GHashTable *kept; /* track → Kept */
    GHashTable *hops; /* queue id → Hop */
    GQueue order;     /* Kept, oldest first */
    EarlyLines *early;
    FatePeers *peers;
};

/* ---- memory ---- */

static void kept_free(void *data) {
    Kept *kept = data;
    fate_message_free(kept->message);
    g_ptr_array_unref(kept->ids);
    g_free(kept);
}

static void hop_free(void *data) {
    Hop *hop = data;
    if (hop->places)
        g_array_unref(hop->places);
    g_free(hop);
}

Fates *fates_new(void) {
    Fates *fates = g_new0(Fates, 1);
    fates->kept = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, kept_free);
    fates->hops = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, hop_free);
    g_queue_init(&fates->order);
    fates->early = earlylines_new();
    fates->peers = fatepeers_new();
    return fates;
}

void fates_free(Fates *fates) {
    if (!fates)
        return;
    g_queue_clear(&fates->order);
    g_hash_table_unref(fates->hops);
    g_hash_table_unref(fates->kept);
    earlylines_free(fates->early);
    fatepeers_free(fates->peers);
    g_free(fates);
}

FateMessage *fates_find(Fates *fates, const char *track) {
    Kept *kept = g_hash_table_lookup(fates->kept, track);
    return kept ? kept->message : NULL;
}

unsigned fates_count(const Fates *fates) {
    return g_hash_table_size(fates->kept);
}

/* ---- queue ids ---- */

static void hop_drop(Fates *fates, const Kept *kept, const char *id) {
    const Hop *hop = g_hash_table_lookup(fates->hops, id);
    if (hop && hop->message == kept->message)
        g_hash_table_remove(fates->hops, id);
}

static void kept_drop(Fates *fates, Kept *kept) {
    for (guint i = 0; i < kept->ids->len; i++)
        hop_drop(fates, kept, g_ptr_array_index(kept->ids, i));
    g_queue_delete_link(&fates->order, kept->link);
    g_hash_table_remove(fates->kept, kept->message->track);
}

void fates_drop(Fates *fates, const char *track) {
    Kept *kept = g_hash_table_lookup(fates->kept, track);
    if (kept)
        kept_drop(fates, kept);
}

/* An MTA with short queue ids uses them again: the newest message has it. */
static Hop *hop_add(Fates *fates, Kept *kept, const char *id) {
    Hop *hop = g_hash_table_lookup(fates->hops, id);
    if (hop && hop->message == kept->message)
        return hop;
    if (kept->ids->len >= HOPS_MAX + kept->message->recipients->len)
        return NULL;
    hop = g_new0(Hop, 1);
    hop->message = kept->message;
    g_hash_table_replace(fates->hops, g_strdup(id), hop);
    g_ptr_array_add(kept->ids, g_strdup(id));
    return hop;
}

static void apply(Fates *fates, const MtaLine *line);

static void apply_early(const MtaLine *line, void *state) {
    apply(state, line);
}

/* ---- lines ---- */

static bool stands_for(const Hop *hop, unsigned place) {
    if (!hop->places)
        return true;
    for (guint i = 0; i < hop->places->len; i++)
        if (g_array_index(hop->places, unsigned, i) == place)
            return true;
    return false;
}

/* Whose delivery is this? A hop of one recipient's is that one's, whatever the address is by now; -1: nobody's whom we
 * know. */
static int recipient_of(const Hop *hop, const char *to, const char *orig_to) {
    const char *const names[] = {orig_to, to};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        int place = *names[i] ? fate_place_of(hop->message, names[i]) : -1;
        if (place >= 0 && stands_for(hop, (unsigned)place))
            return place;
    }
    bool single = hop->places ? hop->places->len == 1 : false;
    return single ? (int)g_array_index(hop->places, unsigned, 0) : -1;
}

static void set_text(char **into, const char *text) {
    g_free(*into);
    *into = text_printable(text, strlen(text), MTA_SAID);
}

/* A delivery to one of several whom an alias stands for is a delivery. */
static void set_state(FateRecipient *recipient, FateState state, const MtaLine *line) {
    if (recipient->state == FATE_SENT || recipient->state == state)
        return;
    recipient->state = state;
    recipient->fresh = true;
    recipient->at = line->at;
    set_text(&recipient->relay, line->relay);
    set_text(&recipient->said, line->said);
    set_text(&recipient->tls, line->tls);
}

/* Under the id that the next MTA on this host gave it: only one that this log has named, since any server may say
 * "queued as". */
static bool goes_on(Fates *fates, const Hop *hop, unsigned place, const MtaLine *line) {
    Kept *kept = g_hash_table_lookup(fates->kept, hop->message->track);
    bool known = g_hash_table_contains(fates->hops, line->other_id);
    if (!line->other_id[0] || text_equal(line->other_id, line->queue_id) ||
        (!known && !earlylines_names(fates->early, line->other_id)))
        return false;
    Hop *next = hop_add(fates, kept, line->other_id);
    if (!next)
        return false;
    if (!next->places)
        next->places = g_array_new(FALSE, FALSE, sizeof(unsigned));
    if (!stands_for(next, place))
        g_array_append_val(next->places, place);
    return true;
}

static void apply_delivery(Fates *fates, const Hop *hop, const MtaLine *line) {
    char room[MTA_LIST];
    const char *at = NULL, *address;
    bool on = false;
    while ((address = mtaline_next(line->to, &at, room))) {
        int place = recipient_of(hop, address, line->orig_to);
        if (place < 0)
            continue;
        FateRecipient *recipient = g_ptr_array_index(hop->message->recipients, place);
        recipient->deferred = line->what == MTA_DEFERRED && recipient->state == FATE_NONE;
        if (line->what == MTA_DEFERRED)
            set_text(&recipient->said, line->said);
        else if (line->what == MTA_BOUNCED)
            set_state(recipient, FATE_BOUNCED, line);
        else if (goes_on(fates, hop, (unsigned)place, line))
            on = true;
        else
            set_state(recipient, FATE_SENT, line);
    }
    if (on)
        earlylines_replay(fates->early, line->other_id, apply_early, fates);
}

/* postsuper -r: what was known under the old id is known under the new one, and what was said of the new one counts. */
static void rename_hop(Fates *fates, const MtaLine *line) {
    const Hop *old = g_hash_table_lookup(fates->hops, line->other_id);
    if (!old)
        return;
    Kept *kept = g_hash_table_lookup(fates->kept, old->message->track);
    Hop *fresh = hop_add(fates, kept, line->queue_id);
    if (fresh && fresh != old && old->places)
        fresh->places = g_array_ref(old->places);
    kept->message->on_hold = false;
    if (fresh) /* at most as often as the message may have ids */
        earlylines_replay(fates->early, line->queue_id, apply_early, fates);
}

/* The end of a part of the message is that of its recipients. */
static void end_hop(const Hop *hop, bool *all, const MtaLine *line, const char *said) {
    MtaLine *end = g_memdup2(line, sizeof *line);
    g_strlcpy(end->said, said, sizeof end->said);
    *all |= !hop->places;
    for (guint i = 0; hop->places && i < hop->places->len; i++)
        set_state(g_ptr_array_index(hop->message->recipients, g_array_index(hop->places, unsigned, i)), FATE_BOUNCED,
                  end);
    g_free(end);
}

static void release(Kept *kept, const MtaLine *line) {
    if (kept->message->held)
        kept->decided = line->at;
    kept->released |= kept->message->held;
    kept->message->held = kept->message->on_hold = false;
}

static void apply(Fates *fates, const MtaLine *line) {
    Hop *hop = g_hash_table_lookup(fates->hops, line->queue_id);
    if (line->what == MTA_RENAMED)
        return rename_hop(fates, line);
    if (!hop)
        return;
    Kept *kept = g_hash_table_lookup(fates->kept, hop->message->track);
    switch (line->what) {
    case MTA_TAKEN:
        hop->message->seen = true;
        break;
    case MTA_REFUSED:
        hop->message->seen = hop->message->on_hold = false;
        break;
    case MTA_QUEUED: /* who serves its recipients let it go */
        hop->message->seen = true;
        release(kept, line);
        break;
    case MTA_SENT:
    case MTA_DEFERRED:
    case MTA_BOUNCED:
        hop->message->seen = true;
        release(kept, line);
        apply_delivery(fates, hop, line);
        break;
    case MTA_EXPIRED:
        end_hop(hop, &kept->expired, line, "the mail server has given up");
        break;
    case MTA_HELD:
        hop->message->seen = true;
        hop->message->on_hold = !hop->message->held;
        break;
    case MTA_RELEASED:
        release(kept, line);
        break;
    case MTA_REMOVED:
        end_hop(hop, &kept->removed, line, "removed from the mail server's queue");
        kept->decided = line->at;
        break;
    case MTA_DONE:
        kept->done |= !hop->places && kept->ids->len == 1;
        break;
    default:
        break;
    }
}

/* A second of difference: BSD timestamps have no fractions. */
static bool is_older(const MtaLine *line, const FateMessage *message) {
    return instant_compare(line->at, instant_add(message->accepted, duration_seconds(-60))) < 0;
}

void fates_line(Fates *fates, MtaLine *line) {
    if (line->what == MTA_TLS) {
        fatepeers_note(fates->peers, line);
        return;
    }
    if (line->what == MTA_NOTHING)
        return;
    fatepeers_level(fates->peers, line);
    const Hop *hop = g_hash_table_lookup(fates->hops, line->queue_id);
    if (hop && is_older(line, hop->message))
        return;
    if (hop || (line->what == MTA_RENAMED && g_hash_table_contains(fates->hops, line->other_id))) {
        apply(fates, line);
    } else {
        earlylines_keep(fates->early, line);
    }
}

void fates_add(Fates *fates, FateMessage *message) {
    fates_drop(fates, message->track);
    if (g_hash_table_size(fates->kept) >= MESSAGES_MAX)
        kept_drop(fates, g_queue_peek_head(&fates->order));
    Kept *kept = g_new0(Kept, 1);
    kept->message = message;
    kept->ids = g_ptr_array_new_with_free_func(g_free);
    g_queue_push_tail(&fates->order, kept);
    kept->link = g_queue_peek_tail_link(&fates->order);
    g_hash_table_insert(fates->kept, message->track, kept);
    if (*message->queue_id && hop_add(fates, kept, message->queue_id))
        earlylines_replay(fates->early, message->queue_id, apply_early, fates);
}

void fates_add_copy(Fates *fates, FateMessage *message, const char *queue_id, const GArray *places) {
    Kept *kept = g_hash_table_lookup(fates->kept, message->track);
    Hop *hop = *queue_id ? hop_add(fates, kept, queue_id) : NULL;
    if (!hop)
        return;
    if (!hop->places)
        hop->places = g_array_new(FALSE, FALSE, sizeof(unsigned));
    g_array_append_vals(hop->places, places->data, places->len);
    earlylines_replay(fates->early, queue_id, apply_early, fates);
}

/* ---- reports ---- */

static bool is_past(const FateRound *round, Instant since, Duration after) {
    return instant_since(round->now, since).us >= after.us;
}

/* Only where the log is followed: it says something since, and not a word of this one. */
static bool was_never_queued(const FateRound *round, const FateMessage *message) {
    return !message->seen && round->at_end && round->lines > message->lines &&
           is_past(round, message->accepted, round->unqueued_after);
}

static bool waits_too_long(const FateRound *round, const FateMessage *message) {
    return !message->delay_told && !message->held && fate_waits(message) && fate_has_open(message) &&
           is_past(round, message->accepted, round->deferred_after);
}

/* True: nothing is left to say of it. */
static bool report(Kept *kept, const FateRound *round) {
    FateMessage *message = kept->message;
    static const struct {
        FateState state;
        FateReport what;
    } outcomes[] = {{FATE_SENT, FATE_REPORT_SENT}, {FATE_BOUNCED, FATE_REPORT_BOUNCED}};
    /* Whoever did it by our own command says so first, and why. */
    if ((kept->released || (kept->removed && message->held)) &&
        !is_past(round, kept->decided, duration_seconds(TELLING_SECONDS)))
        return false;
    if (kept->released && round->report(message, FATE_REPORT_RELEASED, round->state))
        kept->released = false;
    if (kept->released)
        return false;
    bool told = false;
    for (size_t i = 0; i < G_N_ELEMENTS(outcomes); i++) {
        if (!fate_has_fresh(message, outcomes[i].state))
            continue;
        if (!round->report(message, outcomes[i].what, round->state))
            return false;
        fate_settle_fresh(message, outcomes[i].state);
        told = true;
    }
    if (kept->removed || kept->expired)
        return (!fate_has_open(message) && !message->held) ||
               round->report(message, kept->removed ? FATE_REPORT_REMOVED : FATE_REPORT_EXPIRED, round->state);
    if (was_never_queued(round, message))
        return round->report(message, message->held ? FATE_REPORT_REMOVED : FATE_REPORT_UNQUEUED, round->state);
    kept->queued_told |= told; /* it must have been */
    if (message->seen && !kept->queued_told && !message->held && fate_has_open(message))
        kept->queued_told = round->report(message, FATE_REPORT_QUEUED, round->state);
    if (waits_too_long(round, message))
        message->delay_told = round->report(message, FATE_REPORT_DEFERRED, round->state);
    return kept->done || !fate_has_open(message) ||
           is_past(round, message->accepted, duration_seconds(DAYS_MAX * 86400));
}

void fates_report(Fates *fates, const FateRound *round) {
    for (GList *link = fates->order.head, *next; link; link = next) {
        next = link->next;
        Kept *kept = link->data;
        if (report(kept, round))
            kept_drop(fates, kept);
    }
}

GPtrArray *fates_unseen(const Fates *fates) {
    GPtrArray *tracks = g_ptr_array_new();
    for (const GList *link = fates->order.head; link; link = link->next) {
        const FateMessage *message = ((const Kept *)link->data)->message;
        if (!message->seen)
            g_ptr_array_add(tracks, message->track);
    }
    return tracks;
}
