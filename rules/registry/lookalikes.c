/* SPDX-License-Identifier: Apache-2.0 */
/* A key is 32 bits of hash, then the length of the name and its place, so that one sorted array serves as an index.
 * Hashes are spread evenly, so their first bits lead to a few keys. What costs is to wait for memory: all that a
 * look-up will read is asked for before the first of it is read. Most names that share a key are passed over by their
 * length or their letters. How many one look-up compares is bounded, whatever the firm's clients are called. */
#include "registry/lookalikes.h"
#include "base/domain.h"
#include "base/likeness.h"
#include "base/text.h"
#include "registry/records.h"
#include "registry/webmail.h"
#include <stdlib.h>
#include <string.h>

enum { LOOK_OF_KEY = 8192, COMPARE_MAX = 2048, AHEAD = 16 };

/* How many keys share their first bits. */
enum { BUCKET = 4, BUCKET_BITS_MAX = 24 };

/* Of the lower half of a key. */
enum { PLACE_BITS = 27, LENGTH_MAX = 31 };
#define PLACE_MASK ((UINT32_C(1) << PLACE_BITS) - 1)

const char *const lookalike_values[KINDS][LOOKALIKE_VALUES] = {{"domain-buckets", "domain-keys", "domain-names"},
                                                               {"person-buckets", "person-keys", "person-names"}};

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

/* Where the keys of each bucket begin; one more for the end. The number of buckets is a power of two. */
static GArray *buckets_of(const GArray *keys) {
    unsigned bits = 0;
    while (bits < BUCKET_BITS_MAX && keys->len >> (bits + 1) >= BUCKET)
        bits++;
    GArray *buckets = g_array_sized_new(FALSE, FALSE, sizeof(uint32_t), (1u << bits) + 1);
    uint32_t place = 0;
    for (uint64_t bucket = 0; bucket <= UINT64_C(1) << bits; bucket++) {
        /* In two steps, or the last one would shift everything out. */
        while (place < keys->len && g_array_index(keys, uint64_t, place) >> 1 >> (63 - bits) < bucket)
            place++;
        g_array_append_val(buckets, place);
    }
    return buckets;
}

void lookalikes_write(Lookalikes *lookalikes, Snapshot *snapshot) {
    for (int kind = 0; kind < KINDS; kind++) {
        const char *const *values = lookalike_values[kind];
        GArray *keys = lookalikes->of[kind].keys;
        const GString *names = lookalikes->of[kind].names;
        if (keys->len)
            qsort(keys->data, keys->len, sizeof(uint64_t), compare_keys);
        g_autoptr(GArray) buckets = buckets_of(keys);
        snapshot_put(snapshot, KEY_LOOKALIKE, values[0], buckets->data, buckets->len * sizeof(uint32_t));
        snapshot_put(snapshot, KEY_LOOKALIKE, values[1], keys->data, keys->len * sizeof(uint64_t));
        snapshot_put(snapshot, KEY_LOOKALIKE, values[2], names->str, names->len);
    }
}

/* ---- Looking up ---- */

static uint64_t key_at(const LookalikeIndex *index, size_t place) {
    uint64_t key;
    memcpy(&key, (const char *)index->keys + place * sizeof key, sizeof key);
    return key;
}

/* Where a bucket's entry is. */
static const char *bucket_of(const LookalikeIndex *index, uint32_t hash) {
    size_t count = index->buckets_size / sizeof(uint32_t);
    size_t bucket = count > 1 ? (size_t)(((uint64_t)hash * (count - 1)) >> 32) : 0;
    return (const char *)index->buckets + bucket * sizeof(uint32_t);
}

typedef struct {
    size_t begin, end;
} Places;

/* The places of the keys that may have this hash; none when the snapshot is damaged. */
static Places places_of(const LookalikeIndex *index, uint32_t hash) {
    uint32_t ends[2] = {0, 0};
    if (index->buckets_size >= sizeof ends)
        memcpy(ends, bucket_of(index, hash), sizeof ends);
    size_t count = index->keys_size / sizeof(uint64_t);
    return (Places){MIN(ends[0], count), MIN(ends[1], count)};
}

/* False when the snapshot is damaged. */
static bool known_at(const LookalikeIndex *index, uint32_t place, Known *known) {
    const char **const texts[] = {&known->skeleton, &known->name, &known->owner};
    const char *at = (const char *)index->names + place + sizeof(uint32_t);
    const char *end = (const char *)index->names + index->names_size;
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++, at += strlen(at) + 1) {
        if (at >= end)
            return false;
        *texts[i] = at;
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
    const char *skeleton;
    unsigned edits, length, compared;
    uint32_t letters;
    int least; /* -1: none yet */
    Known *found;
} Search;

/* May the name of this key be near enough, by its length? */
static bool has_length(const Search *search, uint64_t key) {
    unsigned length = (uint32_t)key >> PLACE_BITS;
    return MAX(length, search->length) - MIN(length, search->length) <= 2;
}

/* Are these letters so few edits apart? */
static bool may_be_near(const Search *search, uint32_t place) {
    const LookalikeIndex *index = search->index;
    uint32_t known;
    if (place + sizeof known >= index->names_size)
        return false;
    memcpy(&known, (const char *)index->names + place, sizeof known);
    return __builtin_popcount(known ^ search->letters) <= 4;
}

static void compare_one(Search *search, uint64_t key) {
    uint32_t place = (uint32_t)key & PLACE_MASK;
    Known known;
    if (!has_length(search, key) || !may_be_near(search, place))
        return;
    search->compared++;
    /* Most names are too far away for anything else of them to matter. */
    const char *skeleton = (const char *)search->index->names + place + sizeof(uint32_t);
    if (likeness_distance(skeleton, search->skeleton, search->edits) > search->edits ||
        !known_at(search->index, place, &known))
        return;
    int near = search->nearness(&known, search->wanted);
    if (near < 0 || (search->least >= 0 && near >= search->least))
        return;
    search->least = near;
    *search->found = known;
}

static void fetch_name(const Search *search, size_t place) {
    uint64_t key = key_at(search->index, place);
    if (has_length(search, key))
        __builtin_prefetch((const char *)search->index->names + ((uint32_t)key & PLACE_MASK));
}

/* Keys of other hashes stand before and behind those wanted. */
static void compare_bucket(Search *search, Places places, uint32_t hash) {
    while (places.begin < places.end && key_at(search->index, places.begin) >> 32 < hash)
        places.begin++;
    places.end = MIN(places.end, places.begin + LOOK_OF_KEY);
    for (size_t place = places.begin; place < places.end && place < places.begin + AHEAD; place++)
        fetch_name(search, place);
    for (size_t place = places.begin; place < places.end; place++) {
        uint64_t key = key_at(search->index, place);
        if (key >> 32 != hash || search->compared >= COMPARE_MAX || search->least == 0)
            return;
        if (place + AHEAD < places.end)
            fetch_name(search, place + AHEAD);
        compare_one(search, key);
    }
}

/* Is the last text ended? Then each is. */
static bool is_ended(const LookalikeIndex *index) {
    return index->names_size && !((const char *)index->names)[index->names_size - 1];
}

static bool nearest(Search *search, const char *skeleton, unsigned edits) {
    uint32_t hashes[LIKENESS_KEYS];
    Places places[LIKENESS_KEYS];
    unsigned count = is_ended(search->index) ? likeness_keys(skeleton, edits, hashes) : 0;
    search->skeleton = skeleton;
    search->edits = edits;
    search->length = length_of(skeleton);
    search->letters = letters_of(skeleton);
    search->least = -1;
    for (unsigned i = 0; i < count; i++)
        __builtin_prefetch(bucket_of(search->index, hashes[i]));
    for (unsigned i = 0; i < count; i++) {
        places[i] = places_of(search->index, hashes[i]);
        __builtin_prefetch((const char *)search->index->keys + places[i].begin * sizeof(uint64_t));
    }
    for (unsigned i = 0; i < count; i++)
        compare_bucket(search, places[i], hashes[i]);
    return search->least >= 0;
}

/* What of a domain is wanted: itself, a name near it, or the name that stands in it beside other words. */
typedef enum { WANT_ITSELF, WANT_NEAR, WANT_INSIDE } Want;

typedef struct {
    const char *registered, *skeleton;
    Want want;
} WantedDomain;

/* "harbour-law.com" for "harbour.test": the name with a word beside it, under any suffix. Further than any edit. */
enum { WORD_BESIDE = 4 };

static bool is_beside(const char *known_skeleton, const char *skeleton) {
    g_autoptr(GPtrArray) names = likeness_names_inside(skeleton);
    return g_ptr_array_find_with_equal_func(names, known_skeleton, g_str_equal, NULL);
}

/* Of the same suffix as many edits as the length allows. Another suffix is another firm's more often than not, unless
 * the name is the same: "harbour.co" for "harbour.com". */
static int edited(const char *known, const char *known_skeleton, const char *other, const char *skeleton) {
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
    if (wanted->want == WANT_ITSELF)
        return text_equal(known->name, wanted->registered) ? 0 : -1;
    if (wanted->want == WANT_INSIDE)
        return WORD_BESIDE;
    return edited(known->name, known->skeleton, wanted->registered, wanted->skeleton);
}

static bool find(const LookalikeIndex *index, const WantedDomain *wanted, const char *skeleton, unsigned edits,
                 Known *known) {
    Search search = {.index = index, .nearness = domain_nearness, .wanted = wanted, .found = known};
    return nearest(&search, skeleton, edits);
}

static bool find_itself(const LookalikeIndex *index, const char *registered, const char *skeleton, Known *known) {
    return find(index, &(WantedDomain){registered, skeleton, WANT_ITSELF}, skeleton, 0, known);
}

/* "harbour.test.evil.test" shows a client's domain in front of its own. */
static bool shows_known(const LookalikeIndex *index, const char *domain, const char *registered, Known *known) {
    if (registered - domain < 2)
        return false;
    g_autofree char *front = g_strndup(domain, (gsize)(registered - domain) - 1);
    const char *shown = domain_registered(front);
    g_autofree char *skeleton = skeleton_of_domain(shown);
    return *domain_suffix(shown) && find_itself(index, shown, skeleton, known);
}

static bool find_alike(const LookalikeIndex *index, const char *registered, const char *skeleton, Known *known) {
    WantedDomain wanted = {registered, skeleton, WANT_NEAR};
    if (find(index, &wanted, skeleton, 2, known))
        return true;
    wanted.want = WANT_INSIDE;
    g_autoptr(GPtrArray) names = likeness_names_inside(skeleton);
    for (guint i = 0; i < names->len; i++)
        if (find(index, &wanted, names->pdata[i], 0, known))
            return true;
    return false;
}

bool lookalike_domain(const LookalikeIndex *index, const char *domain, Known *known) {
    const char *registered = domain_registered(domain);
    Known own;
    if (!*domain_suffix(registered))
        return false;
    g_autofree char *skeleton = skeleton_of_domain(registered);
    return !find_itself(index, registered, skeleton, &own) &&
           (shows_known(index, domain, registered, known) || find_alike(index, registered, skeleton, known));
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
    int near = edited(known, one, other, two);
    return near < 0 && is_beside(one, two) ? WORD_BESIDE : near;
}
