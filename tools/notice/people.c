/* SPDX-License-Identifier: Apache-2.0 */
/* Who is told: the words of a ladder become people, as of now and never across a wall. */
#include "notice/notice.h"

#include "base/text.h"

#include <string.h>

#define MAX_STAND_INS 8 /* covers of covers may go in a circle */

typedef struct {
    const NoticeContext *context;
    const char *owner;
    const char *level;    /* service level, whose roster says who is on duty; "" none */
    const Matter *matter; /* NULL: none */
    GPtrArray *people;    /* Staff */
    GPtrArray *left_out;  /* char *; NULL: not asked */
} Telling;

static Staff *staff_of(const NoticeContext *context, const char *address) {
    Staff *staff = NULL;
    if (!address || address[0] == '\0' || registry_staff(context->registry, address, &staff) != LOOKUP_FOUND)
        return NULL;
    return staff;
}

/* leaves_on is the last day: gone from the day after it. */
static bool has_left(const NoticeContext *context, const Staff *staff) {
    char today[INSTANT_TEXT];
    instant_format(context->now, today);
    return staff->leaves_on[0] != '\0' && strncmp(today, staff->leaves_on, strlen("2026-11-23")) > 0;
}

/* The person, or who stands in for one who has left; takes `staff`. */
static Staff *present(const NoticeContext *context, Staff *staff) {
    for (int i = 0; staff && has_left(context, staff); i++) {
        g_autoptr(Staff) gone = staff;
        staff = i < MAX_STAND_INS ? staff_of(context, gone->cover) : NULL;
        if (!staff && i < MAX_STAND_INS)
            staff = staff_of(context, gone->supervisor);
    }
    return staff;
}

static bool has_person(const GPtrArray *people, const char *address) {
    for (guint i = 0; i < people->len; i++)
        if (text_equal(((const Staff *)people->pdata[i])->address, address))
            return true;
    return false;
}

/* Takes `staff`, which may be NULL. */
static void add(const Telling *t, Staff *staff) {
    g_autoptr(Staff) person = present(t->context, staff);
    if (!person || has_person(t->people, person->address))
        return;
    if (may_see(person, t->matter))
        g_ptr_array_add(t->people, g_steal_pointer(&person));
    else if (t->left_out)
        g_ptr_array_add(t->left_out, g_strdup(person->address));
}

static void add_address(const Telling *t, const char *address) {
    add(t, staff_of(t->context, address));
}

/* Takes the staff out of the array and frees it. */
static void add_all(const Telling *t, GPtrArray *staff) {
    if (!staff)
        return;
    g_ptr_array_set_free_func(staff, NULL);
    for (guint i = 0; i < staff->len; i++)
        add(t, staff->pdata[i]);
    g_ptr_array_unref(staff);
}

static GPtrArray *team_of(const Telling *t, const char *team) {
    GPtrArray *staff = NULL;
    if (team[0] == '\0' || registry_team(t->context->registry, team, &staff) != LOOKUP_FOUND)
        return NULL;
    return staff;
}

/* The owner as people: one, or all of a team. */
static GPtrArray *owners(const Telling *t) {
    GPtrArray *all = g_str_has_prefix(t->owner, "team:") ? team_of(t, t->owner + 5) : NULL;
    if (all)
        return all;
    all = g_ptr_array_new_with_free_func((GDestroyNotify)staff_free);
    Staff *one = staff_of(t->context, t->owner);
    if (one)
        g_ptr_array_add(all, one);
    return all;
}

static void add_owner(const Telling *t) {
    add_all(t, owners(t));
}

static void add_cover(const Telling *t) {
    g_autoptr(GPtrArray) all = owners(t);
    for (guint i = 0; i < all->len; i++)
        add_address(t, ((const Staff *)all->pdata[i])->cover);
}

static void add_supervisor(const Telling *t) {
    g_autoptr(GPtrArray) all = owners(t);
    for (guint i = 0; i < all->len; i++)
        add_address(t, ((const Staff *)all->pdata[i])->supervisor);
}

static void add_managers(const Telling *t) {
    GPtrArray *staff = NULL;
    if (registry_role(t->context->registry, "manager", &staff) == LOOKUP_FOUND)
        add_all(t, staff);
}

static void add_handler(const Telling *t) {
    if (t->matter)
        add_address(t, t->matter->handler);
}

static void add_responsible(const Telling *t) {
    if (t->matter)
        add_address(t, t->matter->responsible);
}

static void add_team(const Telling *t) {
    if (t->matter && t->matter->team[0] != '\0') {
        add_all(t, team_of(t, t->matter->team));
        return;
    }
    g_autoptr(GPtrArray) all = owners(t);
    for (guint i = 0; i < all->len; i++)
        add_all(t, team_of(t, ((const Staff *)all->pdata[i])->team));
}

/* As of now, which is when the step is due. */
static void add_duty(const Telling *t) {
    const ServiceLevel *level = policy_service_level(t->context->policy, t->level);
    if (!level || !level->roster)
        return;
    g_autoptr(GPtrArray) addresses = roster_on_duty(level->roster, t->context->now);
    for (guint i = 0; i < addresses->len; i++)
        add_address(t, addresses->pdata[i]);
}

static void add_word(const Telling *t, const char *word) {
    static const struct {
        const char *word;
        void (*add)(const Telling *);
    } WORDS[] = {
        {"owner", add_owner},     {"cover", add_cover}, {"supervisor", add_supervisor},   {"managers", add_managers},
        {"handler", add_handler}, {"team", add_team},   {"responsible", add_responsible}, {"duty", add_duty}};
    for (size_t i = 0; i < G_N_ELEMENTS(WORDS); i++)
        if (strcmp(word, WORDS[i].word) == 0) {
            WORDS[i].add(t);
            return;
        }
    if (g_str_has_prefix(word, "team:"))
        add_all(t, team_of(t, word + 5));
    else
        add_address(t, word);
}

/* False only when the registry cannot be read; a matter it does not know has no wall that could be kept. */
static bool find_matter(const NoticeContext *context, const char *id, Matter **matter) {
    return !id || id[0] == '\0' || registry_matter(context->registry, id, matter) != LOOKUP_FAILED;
}

GPtrArray *notice_people(const NoticeContext *context, const Deadline *deadline, const char *tell,
                         GPtrArray *left_out) {
    GPtrArray *people = g_ptr_array_new_with_free_func((GDestroyNotify)staff_free);
    g_autoptr(Matter) matter = NULL;
    if (!find_matter(context, deadline->matter, &matter))
        return people; /* without the wall nobody can be told */
    Telling telling = {context, deadline->owner, deadline->service_level, matter, people, left_out};
    g_autoptr(GPtrArray) words = text_words(tell);
    for (guint i = 0; i < words->len; i++)
        add_word(&telling, words->pdata[i]);
    if (people->len == 0) {
        telling.left_out = NULL;
        add_managers(&telling);
    }
    return people;
}

GPtrArray *notice_releasers(const NoticeContext *context, const json_t *record) {
    GPtrArray *people = g_ptr_array_new_with_free_func((GDestroyNotify)staff_free);
    g_autoptr(Matter) matter = NULL;
    if (!find_matter(context, json_text(record, "matter"), &matter))
        return people;
    Telling telling = {context, json_text_or(record, "staff", ""), "", matter, people, NULL};
    if (notice_may_confirm(context, record))
        add_owner(&telling);
    add_supervisor(&telling);
    add_managers(&telling);
    if (notice_may_confirm(context, record))
        return people;
    /* Who may not let it pass alone may not do so as a manager either. */
    for (guint i = people->len; i-- > 0;)
        if (text_equal(((const Staff *)people->pdata[i])->address, telling.owner))
            g_ptr_array_remove_index(people, i);
    return people;
}

bool notice_may_name(const NoticeContext *context, const char *matter_id, const char *client_id) {
    if (matter_id && matter_id[0] != '\0') {
        g_autoptr(Matter) matter = NULL;
        return registry_matter(context->registry, matter_id, &matter) == LOOKUP_FOUND && matter->level < LEVEL_STRICT;
    }
    int level = (int)policy_unfiled_level(context->policy);
    g_autoptr(Client) client = NULL;
    if (client_id && registry_client(context->registry, client_id, &client) == LOOKUP_FOUND &&
        client->default_level >= 0)
        level = client->default_level;
    return level < LEVEL_STRICT;
}
