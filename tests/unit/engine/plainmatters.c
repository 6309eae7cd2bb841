/* SPDX-License-Identifier: Apache-2.0 */
/* Loading and sorting, nothing else. */
#include "plainmatters.h"
#include "base/text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static GArray *plain_list(void) {
    return g_array_new(FALSE, FALSE, sizeof(PlainMatter));
}

void plain_answer_free(PlainAnswer *answer) {
    g_array_unref(answer->left);
    g_array_unref(answer->closed);
    g_free(answer);
}

GPtrArray *plain_all(const Registry *registry) {
    GPtrArray *all = g_ptr_array_new_with_free_func((GDestroyNotify)matter_free);
    g_autoptr(GPtrArray) clients = NULL;
    assert_int_equal(registry_clients(registry, &clients), LOOKUP_FOUND);
    for (guint i = 0; i < clients->len; i++) {
        GPtrArray *of = NULL;
        const Client *client = g_ptr_array_index(clients, i);
        assert_int_equal(registry_matters_of(registry, client->id, &of), LOOKUP_FOUND);
        g_ptr_array_extend_and_steal(all, of);
    }
    return all;
}

static const PlainMatter *plain_at(const GArray *list, guint i) {
    return &g_array_index(list, PlainMatter, i);
}

/* All matters of the party, open and closed: as a client, and as a party in anybody's. */
static GArray *own_matters(const GPtrArray *all, const Person *person) {
    GArray *own = plain_list();
    g_autofree char *base = address_without_detail(person->mailbox, NULL);
    for (guint i = 0; i < all->len; i++) {
        PlainMatter one = {g_ptr_array_index(all, i), CHOSEN_PEOPLE, false};
        if ((person->client && text_equal(one.matter->client, person->client->id)) ||
            matter_party_role(one.matter, base))
            g_array_append_val(own, one);
    }
    return own;
}

static int by_place(const void *pa, const void *pb) {
    const PlainMatter *a = pa, *b = pb;
    if (a->matter->level != b->matter->level)
        return (int)b->matter->level - (int)a->matter->level;
    if (a->foreign != b->foreign)
        return a->foreign - b->foreign;
    if (a->by != b->by)
        return (int)b->by - (int)a->by;
    return strcmp(a->matter->id, b->matter->id);
}

static void move(GArray *from, guint i, MatterBy by, GArray *to) {
    PlainMatter moved = {plain_at(from, i)->matter, by, false};
    g_array_append_val(to, moved);
    g_array_remove_index(from, i);
}

static const Matter *find(const GPtrArray *all, const char *id) {
    guint i = 0;
    while (!text_equal(((const Matter *)g_ptr_array_index(all, i))->id, id))
        i++;
    return g_ptr_array_index(all, i);
}

static void take_clued(const PlainCase *plain, GArray *own, PlainAnswer *answer) {
    for (guint c = 0; c < plain->clues->len; c++) {
        const PlainClue *clue = &g_array_index(plain->clues, PlainClue, c);
        guint i = 0;
        while (i < own->len && !text_equal(plain_at(own, i)->matter->id, clue->id))
            i++;
        if (i < own->len) {
            move(own, i, clue->by, answer->left);
            continue;
        }
        PlainMatter foreign = {find(plain->all, clue->id), clue->by, true};
        g_array_append_val(answer->left, foreign);
        answer->mismatch = true;
    }
}

static bool any_own(const GArray *list, const Person *person) {
    for (guint i = 0; i < list->len; i++) {
        const PlainMatter *one = plain_at(list, i);
        if (!one->foreign && (!person || !person->client || text_equal(one->matter->client, person->client->id)))
            return true;
    }
    return false;
}

static Level floor_of(const Policy *policy, const Person *person, PlainAnswer *answer) {
    int otherwise = person->client ? person->client->default_level : -1;
    Level floor = any_own(answer->closed, person) ? LEVEL_PUBLIC
                  : otherwise >= 0                ? (Level)otherwise
                                                  : policy_unfiled_level(policy);
    for (guint i = 0; i < answer->closed->len; i++) {
        floor = MAX(floor, plain_at(answer->closed, i)->matter->level);
        answer->privileged |= plain_at(answer->closed, i)->matter->privileged;
        answer->is_closed = true;
    }
    return floor;
}

static void name_the_strictest(PlainAnswer *answer) {
    for (guint i = 0; i < answer->left->len; i++) {
        const PlainMatter *one = plain_at(answer->left, i);
        answer->privileged |= one->matter->privileged;
        if (!i && one->matter->level >= answer->level) {
            answer->level = one->matter->level;
            answer->is_closed = one->matter->status == MATTER_CLOSED;
            answer->by = one->by;
            answer->id = one->matter->id;
            answer->client = one->matter->client;
        }
        if (!*answer->filed && !one->foreign && (answer->left->len > 1 || text_equal(one->matter->id, answer->id)))
            answer->filed = one->matter->id;
    }
}

PlainAnswer *plain_answer(const PlainCase *plain, const Person *person) {
    PlainAnswer *answer = g_new0(PlainAnswer, 1);
    *answer = (PlainAnswer){.left = plain_list(), .closed = plain_list(), .id = "", .filed = ""};
    answer->client = person->client ? person->client->id : "";
    g_autoptr(GArray) own = own_matters(plain->all, person);
    take_clued(plain, own, answer);
    bool chosen = !plain->blind && any_own(answer->left, NULL);
    if (!chosen)
        for (guint i = own->len; i-- > 0;)
            if (plain_at(own, i)->matter->status == MATTER_OPEN)
                move(own, i, CHOSEN_PEOPLE, answer->left);
    if (!chosen && !any_own(answer->left, person)) {
        while (own->len)
            move(own, 0, CHOSEN_PEOPLE, answer->closed);
        answer->level = floor_of(plain->policy, person, answer);
    }
    g_array_sort(answer->left, by_place);
    g_array_sort(answer->closed, by_place);
    name_the_strictest(answer);
    return answer;
}
