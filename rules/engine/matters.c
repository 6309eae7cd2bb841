/* SPDX-License-Identifier: Apache-2.0 */
/* Clues, and what they choose for one outside party. */
#include "engine/matters.h"
#include "base/text.h"
#include <string.h>

/* A stranger may fill a subject with brackets; each costs a look-up. */
#define TAGS_MAX 32

typedef struct {
    char *id, *client;
    MatterBy by;
} Clue;

struct Clues {
    GPtrArray *list; /* Clue, no id twice, tags first */
    unsigned looked_up;
    bool failed;
    bool misnamed; /* staff named a matter that does not exist */
};

static void clue_free(void *data) {
    Clue *clue = data;
    g_free(clue->id);
    g_free(clue->client);
    g_free(clue);
}

void clues_free(Clues *clues) {
    if (!clues)
        return;
    g_ptr_array_unref(clues->list);
    g_free(clues);
}

static bool clues_have(const Clues *clues, const char *id) {
    for (guint i = 0; i < clues->list->len; i++) {
        if (text_equal(((const Clue *)g_ptr_array_index(clues->list, i))->id, id))
            return true;
    }
    return false;
}

/* True when the word names a matter. */
static bool add_clue(const EngineInput *in, Clues *clues, const char *id, MatterBy by) {
    if (!text_is_id(id))
        return false;
    if (clues_have(clues, id))
        return true;
    g_autoptr(Matter) matter = NULL;
    Lookup found = registry_matter(in->registry, id, &matter);
    clues->failed |= found == LOOKUP_FAILED;
    if (found != LOOKUP_FOUND)
        return false;
    Clue *clue = g_new0(Clue, 1);
    clue->id = g_strdup(matter->id);
    clue->client = g_strdup(matter->client);
    clue->by = by;
    g_ptr_array_add(clues->list, clue);
    return true;
}

static bool add_tag(const EngineInput *in, Clues *clues, const char *word) {
    return clues->looked_up++ < TAGS_MAX && add_clue(in, clues, word, CHOSEN_TAG);
}

static void gather_subject(const EngineInput *in, Clues *clues) {
    const char *open = strchr(in->facts->subject, '[');
    while (open) {
        size_t length = strcspn(open + 1, "[]");
        if (open[1 + length] == ']') {
            g_autofree char *word = g_strndup(open + 1, length);
            add_tag(in, clues, g_strstrip(word));
        }
        open = strchr(open + 1, '[');
    }
}

static void gather_header(const EngineInput *in, Clues *clues) {
    for (guint i = 0; i < in->facts->headers->len; i++) {
        const HeaderFact *header = g_ptr_array_index(in->facts->headers, i);
        if (!text_equal_nocase(header->name, "X-Matter"))
            continue;
        g_autoptr(GPtrArray) words = text_words(header->text);
        for (guint w = 0; w < words->len; w++)
            clues->misnamed |= !add_tag(in, clues, g_ptr_array_index(words, w));
    }
}

static void gather_addresses(const EngineInput *in, Clues *clues, const GPtrArray *addresses) {
    for (guint i = 0; i < addresses->len; i++) {
        const char *address = g_ptr_array_index(addresses, i);
        if (!strchr(address, '+') || !policy_is_ours(in->policy, address))
            continue;
        g_autofree char *detail = NULL;
        g_autofree char *base = address_without_detail(address, &detail);
        if (!detail || clues->looked_up++ >= TAGS_MAX || add_clue(in, clues, detail, CHOSEN_TAG))
            continue;
        /* Addresses are compared in lower case; a matter's id may not be. */
        g_autofree char *upper = g_ascii_strup(detail, -1);
        add_clue(in, clues, upper, CHOSEN_TAG);
    }
}

const ThreadHint *thread_hint_of(const Hints *hints, const char *id) {
    return hints && id && *id ? g_hash_table_lookup(hints->threads, id) : NULL;
}

static void gather_thread(const EngineInput *in, Clues *clues) {
    for (guint i = 0; i < in->facts->thread->len; i++) {
        const ThreadHint *hint = thread_hint_of(in->hints, g_ptr_array_index(in->facts->thread, i));
        if (hint)
            add_clue(in, clues, hint->matter, CHOSEN_THREAD);
    }
    const ThreadHint *hint = thread_hint_of(in->hints, in->facts->thread_index);
    if (hint)
        add_clue(in, clues, hint->matter, CHOSEN_THREAD);
}

Clues *clues_gather(const EngineInput *in, bool trust_header) {
    Clues *clues = g_new0(Clues, 1);
    clues->list = g_ptr_array_new_with_free_func(clue_free);
    if (trust_header)
        gather_header(in, clues);
    gather_subject(in, clues);
    gather_addresses(in, clues, in->facts->to);
    gather_addresses(in, clues, in->facts->cc);
    gather_addresses(in, clues, in->facts->envelope->recipients);
    gather_addresses(in, clues, in->facts->from);
    gather_thread(in, clues);
    return clues;
}

bool clues_misnamed(const Clues *clues) {
    return clues->misnamed && !clues->failed;
}

bool facts_has_thread(const Facts *facts) {
    return facts->thread->len || *facts->thread_index;
}

/* One matter that may be the one. */
typedef struct {
    Matter *matter; /* owned */
    MatterBy by;
    bool foreign;
} Candidate;

/* Strictest first; of equals the one that was chosen most deliberately and is the party's own, then a stable order. */
static int candidate_compare(const void *pa, const void *pb) {
    const Candidate *a = pa, *b = pb;
    if (a->matter->level != b->matter->level)
        return (int)b->matter->level - (int)a->matter->level;
    if (a->foreign != b->foreign)
        return a->foreign - b->foreign;
    if (a->by != b->by)
        return (int)b->by - (int)a->by;
    return strcmp(a->matter->id, b->matter->id);
}

static void set_text(char **into, const char *text) {
    g_free(*into);
    *into = g_strdup(text);
}

/* Nothing is known: judged as the strictest there is. */
static void mark_unknown(ResolvedMatter *resolved) {
    resolved->unknown = true;
    resolved->level = LEVEL_STRICT;
}

/* All matters of the party, open and closed. False when a look-up failed. */
static bool matters_of_person(const EngineInput *in, const Person *person, GPtrArray **own) {
    *own = g_ptr_array_new_with_free_func((GDestroyNotify)matter_free);
    GPtrArray *lists[2] = {NULL, NULL};
    bool failed = person->client && registry_matters_of(in->registry, person->client->id, &lists[0]) == LOOKUP_FAILED;
    g_autofree char *base = address_without_detail(person->mailbox, NULL);
    failed |= registry_matters_with(in->registry, base, &lists[1]) == LOOKUP_FAILED;
    for (size_t l = 0; l < G_N_ELEMENTS(lists); l++) {
        while (lists[l] && lists[l]->len) {
            Matter *matter = g_ptr_array_steal_index_fast(lists[l], lists[l]->len - 1);
            bool counted = l == 1 && person->client && text_equal(matter->client, person->client->id);
            if (counted)
                matter_free(matter);
            else
                g_ptr_array_add(*own, matter);
        }
        if (lists[l])
            g_ptr_array_unref(lists[l]);
    }
    return !failed;
}

static const Clue *clue_for(const Clues *clues, const char *id) {
    for (guint i = 0; i < clues->list->len; i++) {
        const Clue *clue = g_ptr_array_index(clues->list, i);
        if (text_equal(clue->id, id))
            return clue;
    }
    return NULL;
}

typedef enum { TAKE_CLUED, TAKE_OPEN, TAKE_CLOSED } Take;

/* Moves matters out of `own` into the candidates. */
static guint take_own(GPtrArray *own, const Clues *clues, Take take, GArray *candidates) {
    guint before = candidates->len;
    for (guint i = own->len; i-- > 0;) {
        const Matter *matter = g_ptr_array_index(own, i);
        const Clue *clue = clue_for(clues, matter->id);
        bool wanted = take == TAKE_CLUED ? clue != NULL : (matter->status == MATTER_OPEN) == (take == TAKE_OPEN);
        if (!wanted)
            continue;
        Candidate candidate = {g_ptr_array_steal_index_fast(own, i), clue ? clue->by : CHOSEN_PEOPLE, false};
        g_array_append_val(candidates, candidate);
    }
    return candidates->len - before;
}

static bool holds_matter(const GPtrArray *own, const char *id) {
    for (guint i = 0; i < own->len; i++) {
        if (text_equal(((const Matter *)g_ptr_array_index(own, i))->id, id))
            return true;
    }
    return false;
}

/* The clues that name nobody's of this party's matters. False when a look-up failed. */
static bool take_foreign(const EngineInput *in, const Clues *clues, const GPtrArray *own, GArray *candidates) {
    for (guint i = 0; i < clues->list->len; i++) {
        const Clue *clue = g_ptr_array_index(clues->list, i);
        if (own && holds_matter(own, clue->id))
            continue;
        Candidate candidate = {NULL, clue->by, own != NULL};
        if (registry_matter(in->registry, clue->id, &candidate.matter) != LOOKUP_FOUND)
            return false;
        g_array_append_val(candidates, candidate);
    }
    return true;
}

/* What applies when no matter does. */
static Level level_of_nobody(const EngineInput *in, const Person *person) {
    if (person->client && person->client->default_level >= 0)
        return (Level)person->client->default_level;
    return policy_unfiled_level(in->policy);
}

/* The strictest candidate names the matter, unless `floor` (what the people give without one) is stricter. */
static void settle(ResolvedMatter *resolved, GArray *candidates, const Level *floor) {
    g_array_sort(candidates, candidate_compare);
    resolved->level = floor ? *floor : LEVEL_PUBLIC;
    for (guint i = 0; i < candidates->len; i++) {
        const Candidate *candidate = &g_array_index(candidates, Candidate, i);
        resolved->privileged |= candidate->matter->privileged;
        if (candidates->len > 1)
            g_ptr_array_add(resolved->candidates, g_strdup(candidate->matter->id));
        g_ptr_array_add(resolved->matters, candidate->matter);
        if (i || candidate->matter->level < resolved->level)
            continue;
        resolved->level = candidate->matter->level;
        resolved->closed = candidate->matter->status == MATTER_CLOSED;
        resolved->by = candidate->by;
        set_text(&resolved->id, candidate->matter->id);
        set_text(&resolved->client, candidate->matter->client);
    }
}

/* Is one of the matters the client's own, rather than one of which the client is a party? */
static bool is_of_client(const Person *person, const Matter *matter) {
    return !person->client || text_equal(matter->client, person->client->id);
}

/* With closed matters only: their strictest level and their walls, but none of them is the matter. A client who has
 * none at all keeps the default, whatever others' closed matters name the client as a party. */
static Level floor_without_open(const EngineInput *in, const Person *person, const GPtrArray *closed) {
    bool own = false;
    Level floor = LEVEL_PUBLIC;
    for (guint i = 0; i < closed->len; i++) {
        const Matter *matter = g_ptr_array_index(closed, i);
        floor = MAX(floor, matter->level);
        own |= is_of_client(person, matter);
        person->matter->privileged |= matter->privileged;
        person->matter->closed = true;
    }
    return own ? floor : MAX(floor, level_of_nobody(in, person));
}

static void settle_without_own(const EngineInput *in, Person *person, GPtrArray *closed, GArray *candidates) {
    ResolvedMatter *resolved = person->matter;
    Level floor = floor_without_open(in, person, closed);
    settle(resolved, candidates, &floor);
    while (closed->len)
        g_ptr_array_add(resolved->matters, g_ptr_array_steal_index_fast(closed, closed->len - 1));
}

/* Takes what the clues choose, else all open ones. When the hints are missing a thread's choice cannot be known, so
 * nothing is chosen: all open matters stay in, and what a tag names joins them. True when a clue chose. */
static bool choose_own(const Clues *clues, bool blind, GPtrArray *own, GArray *candidates) {
    bool chosen = take_own(own, clues, TAKE_CLUED, candidates) > 0 && !blind;
    if (!chosen)
        take_own(own, clues, TAKE_OPEN, candidates);
    return chosen;
}

/* Do the people give a matter? A client's is one of the client's own: to be a party of another's lowers nothing. */
static bool people_give(const Person *person, const GArray *candidates, guint foreign) {
    for (guint i = foreign; i < candidates->len; i++) {
        if (is_of_client(person, g_array_index(candidates, Candidate, i).matter))
            return true;
    }
    return false;
}

void matter_of_party(const EngineInput *in, const Clues *clues, Person *person, Decision *decision) {
    ResolvedMatter *resolved = person->matter = resolved_matter_new();
    if (person->client)
        set_text(&resolved->client, person->client->id);
    g_autoptr(GPtrArray) own = NULL;
    if (!matters_of_person(in, person, &own) || person->unknown || clues->failed) {
        mark_unknown(resolved);
        return;
    }
    g_autoptr(GArray) candidates = g_array_new(FALSE, FALSE, sizeof(Candidate));
    if (!take_foreign(in, clues, own, candidates))
        mark_unknown(resolved);
    if (candidates->len)
        decision_add_anomaly(decision, "matter-mismatch");
    guint foreign = candidates->len;
    bool blind = in->hints && in->hints->missing && facts_has_thread(in->facts);
    bool chosen = choose_own(clues, blind, own, candidates);
    resolved->guessed = blind && candidates->len > 1;
    if (chosen || people_give(person, candidates, foreign))
        settle(resolved, candidates, NULL);
    else
        settle_without_own(in, person, own, candidates);
    if (resolved->unknown)
        mark_unknown(resolved);
}

ResolvedMatter *matter_of_colleagues(const EngineInput *in, const Clues *clues) {
    if (!clues->list->len && !clues->failed)
        return NULL;
    ResolvedMatter *resolved = resolved_matter_new();
    g_autoptr(GArray) candidates = g_array_new(FALSE, FALSE, sizeof(Candidate));
    bool complete = take_foreign(in, clues, NULL, candidates) && !clues->failed;
    settle(resolved, candidates, NULL);
    if (!complete)
        mark_unknown(resolved);
    return resolved;
}
