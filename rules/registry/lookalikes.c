/* SPDX-License-Identifier: Apache-2.0 */
/* A key is 32 bits of hash, then the length of the name and its place, so that one sorted array serves as an index;
 * hashes are spread evenly, so a place in it is guessed before it is sought. Most names that share a key are passed
 * over by their length or their letters. How many one look-up compares is bounded, whatever the firm's clients are
 * called. */
#include "registry/lookalikes.h"
#include "base/domain.h"
#include "base/likeness.h"
#include "base/text.h"
#include "registry/records.h"
#include "registry/webmail.h"
#include <stdlib.h>
#include <string.h>

enum { LOOK_OF_KEY = 8192, COMPARE_MAX = 2048, NEAR = 4096 };

/* Of the lower half of a key. */
enum { PLACE_BITS = 27, LENGTH_MAX = 31 };
#define PLACE_MASK ((UINT32_C(1) << PLACE_BITS) - 1)

const char *const lookalike_keys[KINDS] = {"domain-keys", "person-keys"};
const char *const lookalike_names[KINDS] = {"domain-names", "person-names"};

/* ---- Gathering ---- */

typedef struct {
    GArray *keys;   /* uint64_t */
    GString *names; /* letters (32 bits), skeleton NUL name NUL owner NUL, … */
} Gathered;

struct Lookalikes {
    Gathered of[KINDS];
    GHashTable *domains; /* char * */
};

Lookalikes *lookalikes_new(void) {
    Lookalikes *lookalikes = g_new0(Lookalikes, 1);
    for (int kind = 0; kind < KINDS; kind++)
        lookalikes->of[kind] = (Gathered){g_array_new(FALSE, FALSE, sizeof(uint64_t)), g_string_new(NULL)};
    lookalikes->domains = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return lookalikes;
}

void lookalikes_free(Lookalikes *lookalikes) {
    if (!lookalikes)
        return;
    for (int kind = 0; kind < KINDS; kind++) {
        g_array_unref(lookalikes->of[kind].keys);
        g_string_free(lookalikes->of[kind].names, TRUE);
    }
    g_hash_table_unref(lookalikes->domains);
    g_free(lookalikes);
}

static unsigned length_of(const char *skeleton) {
    return (unsigned)MIN(strlen(skeleton), (size_t)LENGTH_MAX);
}

/* Which letters are in it: an edit changes two of these bits at most. */
static uint32_t letters_of(const char *skeleton) {
    uint32_t letters = 0;
    for (; *skeleton; skeleton++)
        letters |= UINT32_C(1) << ((unsigned char)*skeleton & 31);
    return letters;
}

static void append_text(GString *out, const char *text) {
    g_string_append_len(out, text, (gssize)strlen(text) + 1);
}

static void gather(Gathered *gathered, const Known *known, unsigned edits) {
    uint32_t keys[LIKENESS_KEYS];
    unsigned count = likeness_keys(known->skeleton, edits, keys);
    uint32_t place = (uint32_t)gathered->names->len, letters = letters_of(known->skeleton);
    if (gathered->names->len > PLACE_MASK)
        return; /* two million names */
    for (unsigned i = 0; i < count; i++) {
        uint64_t key = (uint64_t)keys[i] << 32 | (uint64_t)length_of(known->skeleton) << PLACE_BITS | place;
        g_array_append_val(gathered->keys, key);
    }
    g_string_append_len(gathered->names, (const char *)&letters, sizeof letters);
    append_text(gathered->names, known->skeleton);
    append_text(gathered->names, known->name);
    append_text(gathered->names, known->owner);
}

static char *skeleton_of_domain(const char *registered) {
    return likeness_of_label(registered, strcspn(registered, "."));
}

void lookalikes_add_domain(Lookalikes *lookalikes, const char *domain, const char *client) {
    const char *registered = domain_registered(domain);
    if (!*domain_suffix(registered) || webmail_is_known(registered) ||
        !g_hash_table_add(lookalikes->domains, g_strdup(registered)))
        return;
    g_autofree char *skeleton = skeleton_of_domain(registered);
    gather(&lookalikes->of[KIND_DOMAIN], &(Known){skeleton, registered, client}, likeness_edits_of_label(skeleton));
}

void lookalikes_add_person(Lookalikes *lookalikes, const char *name, const char *address) {
    g_autofree char *skeleton = likeness_of_name(name);
    g_autofree char *initial = likeness_of_initial(name, true);
    if (skeleton)
        gather(&lookalikes->of[KIND_PERSON], &(Known){skeleton, name, address}, likeness_edits_of_name(skeleton));
    if (initial)
        gather(&lookalikes->of[KIND_PERSON], &(Known){initial, name, address}, 0);
}

static int compare_keys(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

void lookalikes_write(Lookalikes *lookalikes, Snapshot *snapshot) {
    for (int kind = 0; kind < KINDS; kind++) {
        GArray *keys = lookalikes->of[kind].keys;
        const GString *names = lookalikes->of[kind].names;
        if (keys->len)
            qsort(keys->data, keys->len, sizeof(uint64_t), compare_keys);
        snapshot_put(snapshot, KEY_LOOKALIKE, lookalike_keys[kind], keys->data, keys->len * sizeof(uint64_t));
        snapshot_put(snapshot, KEY_LOOKALIKE, lookalike_names[kind], names->str, names->len);
    }
}

/* ---- Looking up ---- */

static uint64_t key_at(const LookalikeIndex *index, size_t place) {
    uint64_t key;
    memcpy(&key, (const char *)index->keys + place * sizeof key, sizeof key);
    return key;
}

/* The first place whose key is not below `wanted`. */
static size_t place_of(const LookalikeIndex *index, uint64_t wanted) {
    size_t count = index->keys_size / sizeof(uint64_t), low = 0, high = count;
    size_t guess = (size_t)((double)count * ((double)wanted / 18446744073709551616.0));
    size_t before = guess > NEAR ? guess - NEAR : 0, behind = MIN(guess + NEAR, count);
    if (before && key_at(index, before - 1) < wanted)
        low = before;
    if (behind < count && key_at(index, behind) >= wanted)
        high = behind;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (key_at(index, middle) < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Are these letters so few edits apart? */
static bool may_be_near(const LookalikeIndex *index, uint32_t place, uint32_t letters) {
    uint32_t known;
    if (place + sizeof known > index->names_size)
        return false;
    memcpy(&known, (const char *)index->names + place, sizeof known);
    return __builtin_popcount(known ^ letters) <= 4;
}

/* False when the snapshot is damaged. */
static bool known_at(const LookalikeIndex *index, uint32_t place, Known *known) {
    const char **const texts[] = {&known->skeleton, &known->name, &known->owner};
    const char *names = index->names;
    size_t at = place + sizeof(uint32_t);
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
        const char *end = at < index->names_size ? memchr(names + at, '\0', index->names_size - at) : NULL;
        if (!end)
            return false;
        *texts[i] = names + at;
        at = (size_t)(end - names) + 1;
    }
    return true;
}

/* How near is it? -1: not alike. */
typedef int (*Nearness)(const Known *known, const void *wanted);

/* What is sought, and the nearest so far. */
typedef struct {
    const LookalikeIndex *index;
    Nearness nearness;
    const void *wanted;
    unsigned length, compared;
    uint32_t letters;
    int least; /* -1: none yet */
    Known *found;
} Search;

static void compare_one(Search *search, uint64_t key) {
    uint32_t place = (uint32_t)key & PLACE_MASK;
    unsigned length = (uint32_t)key >> PLACE_BITS;
    Known known;
    if (MAX(length, search->length) - MIN(length, search->length) > 2 ||
        !may_be_near(search->index, place, search->letters) || !known_at(search->index, place, &known))
        return;
    search->compared++;
    int near = search->nearness(&known, search->wanted);
    if (near < 0 || (search->least >= 0 && near >= search->least))
        return;
    search->least = near;
    *search->found = known;
}

static bool nearest(Search *search, const char *skeleton, unsigned edits) {
    uint32_t keys[LIKENESS_KEYS];
    unsigned count = likeness_keys(skeleton, edits, keys);
    search->length = length_of(skeleton);
    search->letters = letters_of(skeleton);
    search->least = -1;
    for (unsigned i = 0; i < count; i++) {
        size_t place = place_of(search->index, (uint64_t)keys[i] << 32);
        size_t end = MIN(place + LOOK_OF_KEY, search->index->keys_size / sizeof(uint64_t));
        for (; place < end && search->compared < COMPARE_MAX && search->least != 0; place++) {
            uint64_t key = key_at(search->index, place);
            if (key >> 32 != keys[i])
                break;
            compare_one(search, key);
        }
    }
    return search->least >= 0;
}

typedef struct {
    const char *registered, *skeleton;
    bool itself; /* only the domain itself is wanted */
} WantedDomain;

/* Of the same suffix as many edits as the length allows. Another suffix is another firm's more often than not, unless
 * the name is the same: "harbour.co" for "harbour.com". */
static int alike(const char *known, const char *known_skeleton, const char *other, const char *skeleton) {
    unsigned most = likeness_edits_of_label(known_skeleton);
    unsigned edits = likeness_distance(known_skeleton, skeleton, most);
    if (edits > most || (edits && likeness_is_generic(skeleton)))
        return -1;
    const char *suffix = domain_suffix(known), *other_suffix = domain_suffix(other);
    if (text_equal(suffix, other_suffix))
        return (int)edits;
    unsigned apart = likeness_distance(suffix, other_suffix, 1);
    bool near = edits == 0 ? most > 0 || apart <= 1 : edits == 1 && most == 2 && apart <= 1;
    return near ? (int)edits + 1 : -1;
}

static int domain_nearness(const Known *known, const void *state) {
    const WantedDomain *wanted = state;
    if (wanted->itself)
        return text_equal(known->name, wanted->registered) ? 0 : -1;
    return alike(known->name, known->skeleton, wanted->registered, wanted->skeleton);
}

static bool find_domain(const LookalikeIndex *index, const char *registered, bool itself, Known *known) {
    g_autofree char *skeleton = skeleton_of_domain(registered);
    const WantedDomain wanted = {registered, skeleton, itself};
    Search search = {.index = index, .nearness = domain_nearness, .wanted = &wanted, .found = known};
    return nearest(&search, skeleton, itself ? 0 : 2);
}

/* "harbour.test.evil.test" shows a client's domain in front of its own. */
static bool shows_known(const LookalikeIndex *index, const char *domain, const char *registered, Known *known) {
    if (registered - domain < 2)
        return false;
    g_autofree char *front = g_strndup(domain, (gsize)(registered - domain) - 1);
    const char *shown = domain_registered(front);
    return *domain_suffix(shown) && find_domain(index, shown, true, known);
}

bool lookalike_domain(const LookalikeIndex *index, const char *domain, Known *known) {
    const char *registered = domain_registered(domain);
    Known own;
    if (!*domain_suffix(registered) || find_domain(index, registered, true, &own))
        return false;
    return shows_known(index, domain, registered, known) || find_domain(index, registered, false, known);
}

static int person_nearness(const Known *known, const void *state) {
    unsigned most = likeness_edits_of_name(known->skeleton);
    unsigned edits = likeness_distance(known->skeleton, state, most);
    return edits <= most ? (int)edits : -1;
}

bool lookalike_person(const LookalikeIndex *index, const char *name, Known *known) {
    char *whole = likeness_of_name(name);
    g_autofree char *skeleton = whole ? whole : likeness_of_initial(name, false);
    Search search = {.index = index, .nearness = person_nearness, .wanted = skeleton, .found = known};
    return skeleton && nearest(&search, skeleton, 2);
}

int domains_alike(const char *known, const char *other) {
    if (text_equal(known, other))
        return -1;
    g_autofree char *one = skeleton_of_domain(known), *two = skeleton_of_domain(other);
    return alike(known, one, other, two);
}
