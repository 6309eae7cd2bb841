/* SPDX-License-Identifier: Apache-2.0 */
/* Groups of matters answer as all their matters loaded one by one: for random registers with clients and parties of few
 * matters, of many, and of none, and for every question that judging asks. */
#include "plainmatters.h"
#include "firm.h"
#include "base/text.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

enum { REGISTERS = 12, MAILS = 150, CLIENTS = 6 };

#define PICK(rng, words) (words)[g_rand_int_range(rng, 0, G_N_ELEMENTS(words))]

static const char *const staff[] = {"alice@aldous.test", "bob@aldous.test", "carol@aldous.test", "sam@aldous.test",
                                    "mia@aldous.test"};
static const char *const teams[] = {"disputes", "property", "board", ""};
static const char *const levels[] = {"public", "normal", "normal", "confidential", "strict"};
static const char *const services[] = {"standard", "fast", ""};
static const char *const roles[] = {"opposing", "opposing-counsel", "court", "expert", "insurer"};

/* ---- Random registers ---- */

static void add_party(GRand *rng, GString *row) {
    static const char *const addresses[] = {"@court.test", "@court.test", "judge@court.test", "x@out.test",
                                            "@c1.test",    "a@c2.test",   "@out.test"};
    g_string_append_printf(row, "%s:%s ", roles[g_rand_int_range(rng, 1, G_N_ELEMENTS(roles))], PICK(rng, addresses));
}

static void add_matter(GRand *rng, GString *rows, int client, int number) {
    static const char *const opposing[] = {"", "", "Goliath", "@court.test", "judge@court.test", "a@c3.test"};
    static const char *const walls[] = {"", "", "", "", "carol@aldous.test", "team:property", "bob@aldous.test"};
    static const char *const days[] = {"", "", "2026-11-15", "2026-11-16", "2031-01-31"};
    g_string_append_printf(rows, "R%d-%d,c%d,Title,%s,%s,%s,%s,%s,%s,%s,%s,%s,", client, number, client,
                           PICK(rng, levels), PICK(rng, staff), PICK(rng, teams), PICK(rng, services),
                           g_rand_int_range(rng, 0, 3) ? "open" : "closed", PICK(rng, opposing), PICK(rng, walls),
                           g_rand_boolean(rng) ? PICK(rng, staff) : "", g_rand_int_range(rng, 0, 9) ? "no" : "yes");
    for (int parties = g_rand_int_range(rng, 0, 3); parties > 0; parties--)
        add_party(rng, rows);
    g_string_append_printf(rows, ",%s,", PICK(rng, days));
    if (!g_rand_int_range(rng, 0, 3))
        g_string_append_printf(rows, "GB%02d/NWBK %d", client, number);
    g_string_append_c(rows, '\n');
}

static void add_client(GRand *rng, GString *clients, GString *matters, int client) {
    static const int counts[] = {0, 1, 2, 5, 32, 33, 90, 150};
    int count = PICK(rng, counts);
    g_string_append_printf(clients, "c%d,Client,@c%d.test,en,mail,%s,%s,,", client, client, PICK(rng, services),
                           g_rand_boolean(rng) ? PICK(rng, levels) : "");
    int kind = g_rand_int_range(rng, 0, 3);
    if (kind)
        g_string_append(clients, "who=X;when=2026-01-01;until=2026-12-31;scope=");
    if (kind == 1)
        g_string_append(clients, "all");
    for (int i = 0; kind == 2 && i < count + 1; i++)
        g_string_append_printf(clients, "R%d-%d ", client, i);
    g_string_append_c(clients, '\n');
    for (int i = 0; i < count; i++)
        add_matter(rng, matters, client, i);
}

static Firm *random_firm(GRand *rng) {
    g_autoptr(GString) clients = g_string_new(NULL);
    g_autoptr(GString) matters = g_string_new(NULL);
    for (int client = 0; client < CLIENTS; client++)
        add_client(rng, clients, matters, client);
    return firm_with(
        "rules: ( { id = \"seal\"; when: { direction = \"outgoing\"; }; encrypt: { accept = [\"consent\"]; "
        "otherwise = \"hold\"; }; } );",
        &(FirmRows){NULL, clients->str, matters->str});
}

/* ---- One answer ---- */

static bool collect(const char *value, void *set) {
    g_hash_table_add(set, g_strdup(value));
    return false;
}

static GHashTable *set_new(void) {
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

static void assert_same_set(GHashTable *one, GHashTable *other, const char *what) {
    GHashTableIter iter;
    gpointer value;
    if (g_hash_table_size(one) != g_hash_table_size(other))
        fail_msg("%s: %u and %u", what, g_hash_table_size(one), g_hash_table_size(other));
    g_hash_table_iter_init(&iter, one);
    while (g_hash_table_iter_next(&iter, &value, NULL))
        if (!g_hash_table_contains(other, value))
            fail_msg("%s: %s", what, (char *)value);
}

static const GArray *const *lists_of(const PlainAnswer *plain, MatterScope scope) {
    static const GArray *lists[3];
    lists[0] = plain->left;
    lists[1] = scope == MATTERS_ALL ? plain->closed : NULL;
    return lists;
}

static void every_column_is_the_same(const MatterSet *about, const PlainAnswer *plain) {
    static const MatterScope scopes[] = {MATTERS_ALL, MATTERS_LEFT, MATTERS_OWN};
    for (size_t s = 0; s < G_N_ELEMENTS(scopes); s++) {
        for (int column = 0; column < MATTER_COLUMNS; column++) {
            g_autoptr(GHashTable) seen = set_new(), wanted = set_new();
            matterset_any(about, scopes[s], (MatterColumn)column, collect, seen);
            for (const GArray *const *list = lists_of(plain, scopes[s]); *list; list++)
                for (guint i = 0; i < (*list)->len; i++) {
                    const PlainMatter *one = &g_array_index(*list, PlainMatter, i);
                    if (scopes[s] != MATTERS_OWN || !one->foreign)
                        matter_visit(one->matter, (MatterColumn)column, collect, wanted);
                }
            g_autofree char *what = g_strdup_printf("scope %d, column %d", scopes[s], column);
            assert_same_set(seen, wanted, what);
        }
    }
}

/* Role, walls, statuses and the day, each asked of one matter after the other. */
typedef struct {
    const char *role;              /* of the first that gives one */
    bool has[G_N_ELEMENTS(roles)]; /* each role, in any */
    bool status[2], wall[G_N_ELEMENTS(staff)];
    char *preserved;
} PlainFacts;

static void gather_plain(const Firm *firm, const Person *person, const PlainAnswer *plain, PlainFacts *facts) {
    g_autofree char *base = address_without_detail(person->mailbox, NULL);
    for (const GArray *const *list = lists_of(plain, MATTERS_ALL); *list; list++)
        for (guint i = 0; i < (*list)->len; i++) {
            const Matter *matter = g_array_index(*list, PlainMatter, i).matter;
            const char *role = matter_party_role(matter, base);
            facts->role = facts->role ? facts->role : role;
            for (size_t r = 0; r < G_N_ELEMENTS(roles); r++)
                facts->has[r] |= text_equal(role, roles[r]);
            facts->status[matter->status] = true;
            for (size_t s = 0; s < G_N_ELEMENTS(staff); s++) {
                g_autoptr(Staff) one = NULL;
                registry_staff(firm->registry, staff[s], &one);
                facts->wall[s] |= !may_see(one, matter);
            }
            g_autofree char *day = g_strdup_printf("%s %s", matter->preserve_until, matter->id);
            if (*matter->preserve_until && g_strcmp0(day, facts->preserved) > 0) {
                g_free(facts->preserved);
                facts->preserved = g_steal_pointer(&day);
            }
        }
}

static bool is_role(const char *role, void *wanted) {
    return text_equal(role, wanted);
}

static void the_rest_is_the_same(const Firm *firm, const Judged *judged, const Person *person,
                                 const PlainAnswer *plain) {
    const MatterSet *about = person->matter->about;
    g_autofree char *base = address_without_detail(person->mailbox, NULL), *day = matterset_preserved(about);
    PlainFacts facts = {0};
    gather_plain(firm, person, plain, &facts);
    assert_int_equal(g_strcmp0(matterset_role(about, base, NULL, NULL), facts.role), 0);
    for (size_t r = 0; r < G_N_ELEMENTS(roles); r++)
        assert_int_equal(matterset_role(about, base, is_role, (void *)roles[r]) != NULL, facts.has[r]);
    assert_int_equal(matterset_has_status(about, MATTER_OPEN), facts.status[MATTER_OPEN]);
    assert_int_equal(matterset_has_status(about, MATTER_CLOSED), facts.status[MATTER_CLOSED]);
    assert_int_equal(matterset_is_empty(about), !plain->left->len && !plain->closed->len);
    for (size_t s = 0; s < G_N_ELEMENTS(staff); s++) {
        g_autoptr(Staff) one = NULL;
        registry_staff(firm->registry, staff[s], &one);
        if (facts.wall[s])
            assert_int_equal(decision_walled(judged->decision, one), MATCH_YES);
    }
    assert_int_equal(g_strcmp0(day, facts.preserved), 0);
    g_free(facts.preserved);
}

/* Consent to every one of them, as the register says it. */
static bool consents(const Person *person, const PlainAnswer *plain) {
    g_autoptr(GHashTable) consented = registry_consented(person->client, "2026-11-16");
    bool all = consented && g_hash_table_contains(consented, "all"), any = false;
    for (const GArray *const *list = lists_of(plain, MATTERS_ALL); consented && *list; list++)
        for (guint i = 0; i < (*list)->len; i++) {
            const Matter *matter = g_array_index(*list, PlainMatter, i).matter;
            any = true;
            if (!text_equal(matter->client, person->client->id) ||
                (!all && !g_hash_table_contains(consented, matter->id)))
                return false;
        }
    return all || any;
}

static void the_matter_is_the_same(const ResolvedMatter *matter, const PlainAnswer *plain, bool blind) {
    assert_string_equal(matter->id, plain->id);
    assert_string_equal(matter->client, plain->client);
    assert_string_equal(matter->filed, plain->filed);
    assert_int_equal(matter->level, plain->level);
    assert_int_equal(matter->by, plain->by);
    assert_int_equal(matter->privileged, plain->privileged);
    assert_int_equal(matter->closed, plain->is_closed);
    assert_int_equal(matter->guessed, blind && plain->left->len > 1);
    assert_false(matter->unknown);
    guint several = plain->left->len > 1 ? MIN(plain->left->len, CANDIDATES_MAX) : 0;
    assert_int_equal(matter->candidates->len, several);
    for (guint i = 0; i < several; i++)
        assert_string_equal(g_ptr_array_index(matter->candidates, i),
                            g_array_index(plain->left, PlainMatter, i).matter->id);
}

/* ---- Random mail ---- */

typedef struct {
    char *subject, *thread;
    GArray *clues; /* PlainClue */
    bool blind;
} Hinted;

static void add_clue(const Firm *firm, Hinted *hinted, const char *id, MatterBy by) {
    g_autoptr(Matter) matter = NULL;
    bool there = registry_matter(firm->registry, id, &matter) == LOOKUP_FOUND;
    for (guint i = 0; i < hinted->clues->len; i++)
        there &= !text_equal(g_array_index(hinted->clues, PlainClue, i).id, id);
    PlainClue clue = {id, by};
    if (there)
        g_array_append_val(hinted->clues, clue);
}

static Hinted random_hints(GRand *rng, const Firm *firm, char tag[2][16], char thread[16]) {
    Hinted hinted = {.clues = g_array_new(FALSE, FALSE, sizeof(PlainClue)), .blind = !g_rand_int_range(rng, 0, 5)};
    GString *subject = g_string_new("costs");
    for (int i = g_rand_int_range(rng, 0, 4) - 2; i >= 0; i--) {
        g_snprintf(tag[i], 16, "R%d-%d", g_rand_int_range(rng, 0, CLIENTS), g_rand_int_range(rng, 0, 40));
        g_string_append_printf(subject, " [%s]", tag[i]);
        add_clue(firm, &hinted, tag[i], CHOSEN_TAG);
    }
    if (!g_rand_int_range(rng, 0, 3)) {
        g_snprintf(thread, 16, "R%d-%d", g_rand_int_range(rng, 0, CLIENTS), g_rand_int_range(rng, 0, 40));
        hinted.thread = "q@x";
        add_clue(firm, &hinted, thread, CHOSEN_THREAD);
    }
    hinted.subject = g_string_free(subject, FALSE);
    return hinted;
}

static void judge_random_mail(GRand *rng, Firm *firm, const GPtrArray *all) {
    static const char *const people[] = {"a@c0.test", "a@c1.test",        "a+x@c2.test",   "b@c2.test",  "a@c3.test",
                                         "a@c4.test", "judge@court.test", "p@court.test",  "x@out.test", "y@out.test",
                                         "a@c5.test", "z@else.test",      "jane@mail.test"};
    char tag[2][16], thread[16];
    Hinted hinted = random_hints(rng, firm, tag, thread);
    g_autofree char *two = g_strdup_printf("%s %s", PICK(rng, people), PICK(rng, people));
    bool incoming = g_rand_boolean(rng), blind = hinted.blind && hinted.thread;
    Mail mail = {.from = incoming ? PICK(rng, people) : "alice@aldous.test",
                 .rcpt = incoming ? "alice@aldous.test" : two,
                 .login = incoming ? NULL : "alice",
                 .subject = hinted.subject,
                 .thread = hinted.thread,
                 .matter_in_thread = hinted.thread ? thread : NULL,
                 .hints_missing = hinted.blind};
    g_autoptr(Judged) judged = firm_judge(firm, &mail);
    bool mismatch = false;
    for (guint i = 0; i <= judged->decision->recipients->len; i++) {
        const Person *person =
            i ? g_ptr_array_index(judged->decision->recipients, i - 1) : (const Person *)judged->decision->sender;
        if (!person->matter)
            continue;
        g_autoptr(PlainAnswer) plain = plain_answer(&(PlainCase){firm->policy, all, hinted.clues, blind}, person);
        mismatch |= plain->mismatch;
        the_matter_is_the_same(person->matter, plain, blind);
        every_column_is_the_same(person->matter->about, plain);
        the_rest_is_the_same(firm, judged, person, plain);
        if (i)
            assert_int_equal(person->way == WAY_CONSENT, person->client && consents(person, plain));
    }
    assert_int_equal(judged_odd(judged, "matter-mismatch"), mismatch);
    g_free(hinted.subject);
    g_array_unref(hinted.clues);
}

static void groups_answer_as_all_matters_loaded(void **state) {
    for (guint32 seed = 1; seed <= REGISTERS; seed++) {
        GRand *rng = g_rand_new_with_seed(seed);
        g_autoptr(Firm) firm = random_firm(rng);
        g_autoptr(GPtrArray) all = plain_all(firm->registry);
        print_message("register %u\n", seed);
        for (int i = 0; i < MAILS; i++)
            judge_random_mail(rng, firm, all);
        g_rand_free(rng);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(groups_answer_as_all_matters_loaded)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
