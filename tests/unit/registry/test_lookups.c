/* SPDX-License-Identifier: Apache-2.0 */
/* Look-ups in a snapshot, walls, parties and consent. */
#include "base/text.h"
#include "firm.h"
#include "registry/groups.h"
#include "registry/records.h"
#include "base/snapshot.h"
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static Registry *registry;
static Firm *firm;

static int open_firm(void **state) {
    g_autoptr(GString) said = g_string_new(NULL);
    firm = firm_new();
    firm_write(firm, STAFF, CLIENTS, MATTERS);
    g_autofree char *path = firm_import(firm, said);
    if (!path) {
        fprintf(stderr, "%s", said->str);
        return -1;
    }
    registry = registry_open(path, NULL);
    /* A judge has no file left to open: nothing below may need the name. */
    g_unlink(path);
    return registry ? 0 : -1;
}

static int close_firm(void **state) {
    registry_free(registry);
    firm_free(firm);
    return 0;
}

typedef struct {
    const char *asked, *answer; /* NULL: absent */
} Pair;

static void staff_are_found_by_address_alias_and_detail(void **state) {
    static const Pair pairs[] = {{"alice@firm.test", "alice@firm.test"},
                                 {" <Alice@FIRM.test> ", "alice@firm.test"},
                                 {"A.Alder@firm.test", "alice@firm.test"},
                                 {"alice+2026-0117@firm.test", "alice@firm.test"},
                                 {"nobody@firm.test", NULL},
                                 {"firm.test", NULL},
                                 {"", NULL}};
    for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++) {
        g_autoptr(Staff) staff = NULL;
        Lookup found = registry_staff(registry, pairs[i].asked, &staff);
        assert_int_equal(found, pairs[i].answer ? LOOKUP_FOUND : LOOKUP_ABSENT);
        if (pairs[i].answer)
            assert_string_equal(staff->address, pairs[i].answer);
    }
}

static void logins_lead_to_one_person(void **state) {
    static const Pair pairs[] = {{"alice.login", "alice@firm.test"},
                                 {"ALICE", "alice@firm.test"},
                                 {"bob@firm.test", "bob@firm.test"},
                                 {"bob", NULL}};
    for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++) {
        g_autoptr(Staff) staff = NULL;
        Lookup found = registry_staff_by_login(registry, pairs[i].asked, &staff);
        assert_int_equal(found, pairs[i].answer ? LOOKUP_FOUND : LOOKUP_ABSENT);
        if (pairs[i].answer)
            assert_string_equal(staff->address, pairs[i].answer);
    }
}

static void clients_are_found_by_address_then_by_domain(void **state) {
    static const Pair pairs[] = {{"chris@mail.test", "harbour"}, {"Any.One@Harbour.test", "harbour"},
                                 {"bea@birch.test", "birch"},    {"bea+x@birch.test", "birch"},
                                 {"other@birch.test", NULL},     {"x@sub.harbour.test", NULL},
                                 {"x@notharbour.test", NULL}};
    for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++) {
        g_autoptr(Client) client = NULL;
        Lookup found = registry_client_of(registry, pairs[i].asked, &client);
        assert_int_equal(found, pairs[i].answer ? LOOKUP_FOUND : LOOKUP_ABSENT);
        if (pairs[i].answer)
            assert_string_equal(client->id, pairs[i].answer);
    }
}

static void a_matter_keeps_everything_its_row_said(void **state) {
    g_autoptr(Matter) matter = NULL;
    assert_int_equal(registry_matter(registry, "2026-0117", &matter), LOOKUP_FOUND);
    assert_string_equal(matter->client, "harbour");
    assert_string_equal(matter->title, "Lease");
    assert_int_equal(matter->level, LEVEL_CONFIDENTIAL);
    assert_int_equal(matter->status, MATTER_OPEN);
    assert_true(matter->privileged);
    assert_string_equal(matter->responsible, "alice@firm.test");
    assert_string_equal(matter->service_level, "standard");
    assert_string_equal(matter->preserve_until, "2031-01-01");
    assert_int_equal(matter->opposing->len, 2);
    assert_int_equal(matter->parties->len, 2);
    g_autoptr(Matter) other = NULL;
    assert_int_equal(registry_matter(registry, "2026-011", &other), LOOKUP_ABSENT);
    g_autofree char *longer = g_strnfill(2000, 'x');
    assert_int_equal(registry_matter(registry, longer, &other), LOOKUP_ABSENT);
}

static void lists_are_found_whole(void **state) {
    static const struct {
        const char *client;
        guint count;
    } clients[] = {{"harbour", 2}, {"birch", 1}, {"harbou", 0}, {"", 0}};
    for (size_t i = 0; i < G_N_ELEMENTS(clients); i++) {
        g_autoptr(GPtrArray) matters = NULL;
        assert_int_equal(registry_matters_of(registry, clients[i].client, &matters), LOOKUP_FOUND);
        assert_int_equal(matters->len, clients[i].count);
    }
    static const struct {
        const char *name;
        GroupKind kind;
        guint open, closed;
    } groups[] = {{"harbour", GROUP_CLIENT, 1, 1},       {"birch", GROUP_CLIENT, 1, 0},
                  {"harbou", GROUP_CLIENT, 0, 0},        {"", GROUP_CLIENT, 0, 0},
                  {"lex@enemy.test", GROUP_PARTY, 1, 0}, {"@enemy.test", GROUP_PARTY, 1, 0},
                  {"@court.test", GROUP_PARTY, 2, 0},    {"@y.test", GROUP_PARTY, 0, 0}};
    for (size_t i = 0; i < G_N_ELEMENTS(groups); i++) {
        for (int status = MATTER_OPEN; status <= MATTER_CLOSED; status++) {
            g_autoptr(MatterGroup) group = NULL;
            guint wanted = status == MATTER_OPEN ? groups[i].open : groups[i].closed;
            Lookup found = registry_group(registry, groups[i].kind, (MatterStatus)status, groups[i].name, &group);
            assert_int_equal(found, wanted ? LOOKUP_FOUND : LOOKUP_ABSENT);
            assert_int_equal(group ? group_count(group) : 0, wanted);
        }
    }
    static const char *const parties[] = {"lex@enemy.test", "else@enemy.test", "clerk@court.test"};
    for (size_t i = 0; i < G_N_ELEMENTS(parties); i++)
        assert_int_equal(registry_is_party(registry, parties[i]), LOOKUP_FOUND);
    assert_int_equal(registry_is_party(registry, "x@y.test"), LOOKUP_ABSENT);
    assert_int_equal(registry_is_party(registry, ""), LOOKUP_ABSENT);
    g_autoptr(GPtrArray) team = NULL, lawyers = NULL;
    assert_int_equal(registry_team(registry, "PROPERTY", &team), LOOKUP_FOUND);
    assert_int_equal(team->len, 3);
    assert_int_equal(registry_role(registry, "lawyer", &lawyers), LOOKUP_FOUND);
    assert_int_equal(lawyers->len, 2);
}

static void parties_are_known_by_person_before_domain(void **state) {
    static const Pair pairs[] = {{"lex@enemy.test", "opposing-counsel"},
                                 {"boss@enemy.test", "opposing"},
                                 {"clerk@court.test", "court"},
                                 {"x@harbour.test", NULL},
                                 {"goliath", "opposing"}};
    g_autoptr(Matter) matter = NULL;
    assert_int_equal(registry_matter(registry, "2026-0117", &matter), LOOKUP_FOUND);
    for (size_t i = 0; i < G_N_ELEMENTS(pairs); i++) {
        const char *role = matter_party_role(matter, pairs[i].asked);
        assert_true(text_equal(role, pairs[i].answer));
    }
}

static void walls_hold_for_people_aliases_and_teams(void **state) {
    static const struct {
        const char *person, *matter;
        bool sees;
    } cases[] = {
        {"alice@firm.test", "2026-0117", true}, {"bob@firm.test", "2026-0117", false},
        {"bob@firm.test", "2026-0118", true},   {"alice@firm.test", "2026-0118", false},
        {"ann@firm.test", "2026-0118", false},  {"sam@firm.test", "2026-0118", false},
        {"bob@firm.test", "2026-0200", true},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(Staff) person = NULL;
        g_autoptr(Matter) matter = NULL;
        registry_staff(registry, cases[i].person, &person);
        registry_matter(registry, cases[i].matter, &matter);
        assert_int_equal(may_see(person, matter), cases[i].sees);
        assert_false(may_see(NULL, matter));
        assert_true(may_see(person, NULL));
    }
}

static void a_wall_that_names_an_alias_holds(void **state) {
    g_autoptr(Staff) alice = NULL;
    g_autoptr(Matter) matter = NULL;
    registry_staff(registry, "alice@firm.test", &alice);
    registry_matter(registry, "2026-0200", &matter);
    g_ptr_array_add(matter->walled_off, g_strdup("a.alder@firm.test"));
    assert_false(may_see(alice, matter));
}

static void consent_has_a_scope_and_two_days(void **state) {
    static const struct {
        const char *matter, *day;
        bool given;
    } cases[] = {
        {"2026-0117", "2026-01-31", false}, {"2026-0117", "2026-02-01", true},  {"2026-0117", "2026-12-31", true},
        {"2026-0117", "2027-01-01", false}, {"2026-0118", "2026-06-01", false}, {"all", "2026-06-01", false},
    };
    g_autoptr(Client) client = NULL;
    g_autoptr(Client) none = NULL;
    registry_client(registry, "harbour", &client);
    registry_client(registry, "birch", &none);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GHashTable) consented = registry_consented(client, cases[i].day);
        assert_int_equal(consented && g_hash_table_contains(consented, cases[i].matter), cases[i].given);
        assert_null(registry_consented(none, cases[i].day));
    }
    assert_null(registry_consented(NULL, "2026-06-01"));
    g_free(client->consent);
    client->consent = g_strdup("who=Chris;when=2026-02-01;scope=2026-0117 ALL;until=2026-12-31");
    g_autoptr(GHashTable) all = registry_consented(client, "2026-06-01");
    assert_true(g_hash_table_contains(all, "all"));
}

static void *look_up_often(void *arg) {
    for (int i = 0; i < 500; i++) {
        g_autoptr(Matter) matter = NULL;
        g_autoptr(GPtrArray) matters = NULL;
        if (registry_matter(registry, "2026-0117", &matter) != LOOKUP_FOUND ||
            registry_matters_of(registry, "harbour", &matters) != LOOKUP_FOUND || matters->len != 2)
            return (void *)"failed";
    }
    return NULL;
}

static void threads_may_look_up_at_once(void **state) {
    pthread_t threads[4];
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, look_up_often, NULL), 0);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++) {
        void *result;
        pthread_join(threads[i], &result);
        assert_null(result);
    }
}

static void a_damaged_snapshot_is_an_error(void **state) {
    g_autoptr(GString) said = g_string_new(NULL);
    g_autofree char *path = firm_import(firm, said);
    assert_non_null(path);
    for (off_t size = 0; size <= 8192; size += 4096) {
        int fd = open(path, O_WRONLY);
        assert_int_equal(ftruncate(fd, size), 0);
        close(fd);
        g_autoptr(GError) error = NULL;
        assert_null(registry_open(path, &error));
        assert_non_null(strstr(error->message, path));
        g_unlink(path);
        g_free(path);
        path = firm_import(firm, said);
        assert_non_null(path);
    }
    g_autoptr(GError) error = NULL;
    assert_null(registry_open("/nonexistent/registry.mdb", &error));
    assert_non_null(error);
}

/* As an earlier version wrote it. */
static char *write_old_snapshot(void) {
    char *path = g_build_filename(firm->folder, "registry-0ld.mdb", NULL);
    g_autoptr(Snapshot) old = snapshot_new(firm->folder, "registry", 1000, NULL);
    static const char *const meta[][2] = {{"format", "lexgate-registry-2"}, {"digest", "0ld"}, {"counts", "4 2 3"}};
    for (size_t i = 0; i < G_N_ELEMENTS(meta); i++)
        snapshot_put(old, KEY_META, meta[i][0], meta[i][1], strlen(meta[i][1]));
    assert_true(snapshot_keep(old, path, NULL));
    return path;
}

static void a_snapshot_of_another_version_asks_for_an_import(void **state) {
    g_autoptr(GString) said = g_string_new(NULL);
    g_autoptr(GError) error = NULL;
    g_autofree char *old = write_old_snapshot();
    assert_null(registry_open(old, &error));
    assert_non_null(strstr(error->message, "run \"lexgate registry import\" again"));
    assert_null(strchr(error->message, '\n'));
    /* It is in nobody's way: the next import makes one that opens, which is then the newest. */
    g_autofree char *path = firm_import(firm, said);
    g_autoptr(Registry) newest = registry_newest(firm->folder);
    assert_non_null(newest);
    assert_non_null(strstr(path, registry_digest(newest)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(staff_are_found_by_address_alias_and_detail),
        cmocka_unit_test(logins_lead_to_one_person),
        cmocka_unit_test(clients_are_found_by_address_then_by_domain),
        cmocka_unit_test(a_matter_keeps_everything_its_row_said),
        cmocka_unit_test(lists_are_found_whole),
        cmocka_unit_test(parties_are_known_by_person_before_domain),
        cmocka_unit_test(walls_hold_for_people_aliases_and_teams),
        cmocka_unit_test(a_wall_that_names_an_alias_holds),
        cmocka_unit_test(consent_has_a_scope_and_two_days),
        cmocka_unit_test(threads_may_look_up_at_once),
        cmocka_unit_test(a_damaged_snapshot_is_an_error),
        cmocka_unit_test(a_snapshot_of_another_version_asks_for_an_import),
    };
    return cmocka_run_group_tests(tests, open_firm, close_firm);
}
