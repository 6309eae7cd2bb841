/* SPDX-License-Identifier: Apache-2.0 */
/* What a new registry changes: counted by table, told line by line. */
#include "firm.h"
#include "registry/changes.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static Registry *import(Firm *firm, const char *staff, const char *clients, const char *matters) {
    g_autoptr(GString) said = g_string_new(NULL);
    firm_write(firm, staff, clients, matters);
    g_autofree char *path = firm_import(firm, said);
    if (!path)
        fail_msg("%s", said->str);
    return registry_open(path, NULL);
}

static void assert_changes(const TableChanges *changes, unsigned long added, unsigned long changed,
                           unsigned long removed) {
    assert_int_equal(changes->added, added);
    assert_int_equal(changes->changed, changed);
    assert_int_equal(changes->removed, removed);
}

static bool tells(const TableChanges *changes, const char *line) {
    for (guint i = 0; i < changes->lines->len; i++) {
        if (strcmp(changes->lines->pdata[i], line) == 0)
            return true;
        print_message("%s\n", (char *)changes->lines->pdata[i]);
    }
    return false;
}

static void each_column_that_changes_is_told(void **state) {
    static const struct {
        const char *from, *to, *line; /* in the one matter */
    } cases[] = {
        {",confidential,", ",strict,", "~ 2026-0117: level confidential → strict"},
        {",open,@enemy.test Goliath,", ",closed,@enemy.test,",
         "~ 2026-0117: status open → closed, opposing @enemy.test Goliath → @enemy.test"},
        {"bob@firm.test,,yes", ",alice@firm.test,",
         "~ 2026-0117: walled_off bob@firm.test → (empty), handler (empty) → alice@firm.test, privileged yes → no"},
        {"court:@court.test,2031-01-01", "expert:@court.test,2032-01-01",
         "~ 2026-0117: parties opposing-counsel:lex@enemy.test court:@court.test → opposing-counsel:lex@enemy.test "
         "expert:@court.test, preserve_until 2031-01-01 → 2032-01-01"},
        {"Lease", "Lease ", NULL}, /* white space at the ends is none of the cell */
    };
    g_autoptr(Firm) firm = firm_new();
    g_autoptr(Registry) before = import(firm, STAFF, CLIENTS, MATTERS);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_auto(GStrv) parts = g_strsplit(MATTERS, cases[i].from, 2);
        assert_int_equal(g_strv_length(parts), 2);
        g_autofree char *matters = g_strconcat(parts[0], cases[i].to, parts[1], NULL);
        g_autoptr(Registry) after = import(firm, STAFF, CLIENTS, matters);
        g_autoptr(RegistryChanges) changes = registry_changes(before, after, 10);
        assert_changes(&changes->of[TABLE_MATTERS], 0, cases[i].line ? 1 : 0, 0);
        assert_changes(&changes->of[TABLE_STAFF], 0, 0, 0);
        if (cases[i].line)
            assert_true(tells(&changes->of[TABLE_MATTERS], cases[i].line));
    }
}

static void rows_come_and_go_and_only_moving_is_no_change(void **state) {
    g_autoptr(Firm) firm = firm_new();
    g_autoptr(Registry) before = import(firm, STAFF, CLIENTS, MATTERS);
    g_autoptr(Registry) moved =
        import(firm, STAFF, CLIENT_HEAD "ash,Ash,@ash.test,fr,mail,,,,\nbirch,Birch plc,bea@birch.test,en,mail,,,,\n",
               MATTER_HEAD "\n2026-0200,birch,Will,strict,alice@firm.test,Property,,open,,,,,court:@court.test,\n");
    g_autoptr(RegistryChanges) changes = registry_changes(before, moved, 10);
    assert_changes(&changes->of[TABLE_STAFF], 0, 0, 0);
    assert_changes(&changes->of[TABLE_CLIENTS], 1, 0, 1);
    assert_changes(&changes->of[TABLE_MATTERS], 0, 0, 2);
    assert_true(tells(&changes->of[TABLE_CLIENTS], "+ ash: name Ash, addresses @ash.test, language fr, channel mail"));
    assert_true(tells(&changes->of[TABLE_CLIENTS], "- harbour"));
    assert_true(tells(&changes->of[TABLE_MATTERS], "- 2026-0118"));
    g_autoptr(RegistryChanges) same = registry_changes(moved, moved, 10);
    assert_changes(&same->of[TABLE_MATTERS], 0, 0, 0);
    g_autoptr(RegistryChanges) all = registry_changes(NULL, before, 1);
    assert_changes(&all->of[TABLE_STAFF], 4, 0, 0);
    assert_changes(&all->of[TABLE_MATTERS], 3, 0, 0);
    assert_int_equal(all->of[TABLE_MATTERS].lines->len, 1);
}

static void the_newest_snapshot_is_what_daemons_took_last(void **state) {
    g_autoptr(Firm) firm = firm_new();
    assert_null(registry_newest(firm->folder));
    g_autoptr(Registry) first = import(firm, STAFF, CLIENTS, MATTERS);
    g_autoptr(Registry) second = import(firm, STAFF, CLIENTS, MATTER_HEAD);
    g_autoptr(Registry) newest = registry_newest(firm->folder);
    assert_string_equal(registry_digest(newest), registry_digest(second));
    assert_null(registry_newest("/nonexistent"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_column_that_changes_is_told),
        cmocka_unit_test(rows_come_and_go_and_only_moving_is_no_change),
        cmocka_unit_test(the_newest_snapshot_is_what_daemons_took_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
