/* SPDX-License-Identifier: Apache-2.0 */
/* Two rings on one folder stand for two processes. */
#include "base/keyring.h"
#include "base/text.h"
#include "folder.h"
#include <pthread.h>
#include <string.h>

static Keyring *ring_in(const char *folder) {
    g_autofree char *dir = g_build_filename(folder, "keys", NULL);
    g_autoptr(GError) error = NULL;
    Keyring *ring = keyring_open(dir, true, &error);
    if (!ring)
        fail_msg("%s", error->message);
    return ring;
}

static void a_value_opens_in_another_process_and_for_its_client_alone(void **state) {
    g_autoptr(Keyring) one = ring_in(*state), two = ring_in(*state);
    g_autofree char *sealed = keyring_seal(one, "harbour", "Re: offer ä", NULL);
    g_autofree char *other = keyring_seal(one, "quay", "x", NULL);
    g_autofree char *empty = keyring_seal(one, KEYRING_FIRM, "", NULL);
    g_autofree char *plain = keyring_open_value(two, "harbour", sealed, NULL);
    g_autofree char *nothing = keyring_open_value(two, KEYRING_FIRM, empty, NULL);
    g_autoptr(GError) wrong = NULL, garbage = NULL;
    assert_string_equal(plain, "Re: offer ä");
    assert_string_equal(nothing, "");
    assert_null(keyring_open_value(two, "quay", sealed, &wrong));
    assert_non_null(strstr(wrong->message, "quay"));
    assert_null(keyring_open_value(two, "harbour", "not base64!", &garbage));
    assert_null(keyring_open_value(two, "never-seen", sealed, NULL));
}

static void one_look_at_a_key_serves_several_values(void **state) {
    g_autoptr(Keyring) ring = ring_in(*state);
    SealKey key;
    assert_true(keyring_key(ring, "harbour", &key, NULL));
    g_autofree char *first = keyring_seal_with(&key, "harbour", "one"),
                    *second = keyring_seal_with(&key, "harbour", "one");
    g_autofree char *plain = keyring_open_value(ring, "harbour", first, NULL);
    g_autofree char *same = keyring_open_value(ring, "harbour", second, NULL);
    assert_string_not_equal(first, second);
    assert_string_equal(plain, "one");
    assert_string_equal(same, "one");
}

static void a_destroyed_key_is_gone_for_everybody_at_once(void **state) {
    g_autoptr(Keyring) one = ring_in(*state), two = ring_in(*state);
    g_autofree char *sealed = keyring_seal(one, "harbour", "secret", NULL);
    g_autofree char *plain = keyring_open_value(two, "harbour", sealed, NULL); /* now both hold it */
    g_autoptr(GError) gone = NULL;
    assert_non_null(plain);
    assert_true(keyring_destroy(one, "harbour", NULL));
    assert_false(keyring_destroy(one, "harbour", NULL));
    assert_null(keyring_open_value(one, "harbour", sealed, NULL));
    assert_null(keyring_open_value(two, "harbour", sealed, &gone));
    assert_non_null(strstr(gone->message, "destroyed"));
    g_autofree char *fresh = keyring_seal(two, "harbour", "new", NULL);
    g_autofree char *again = keyring_open_value(one, "harbour", fresh, NULL);
    assert_string_equal(again, "new");
    assert_null(keyring_open_value(two, "harbour", sealed, NULL));
}

static void a_clients_name_leads_nowhere_else(void **state) {
    static const char *const bad[] = {"", "..", ".", "../../master.key", "a/b", "a b", NULL};
    g_autoptr(Keyring) ring = ring_in(*state);
    for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
        g_autoptr(GError) error = NULL;
        assert_null(keyring_seal(ring, bad[i], "x", &error));
        assert_non_null(error);
        assert_false(keyring_destroy(ring, bad[i], NULL));
    }
}

static void macs_differ_by_purpose_and_stay_the_same(void **state) {
    g_autoptr(Keyring) one = ring_in(*state), two = ring_in(*state);
    g_autofree char *a = keyring_mac(one, "track", "id"), *b = keyring_mac(two, "track", "id");
    g_autofree char *c = keyring_mac(one, "act", "id"), *d = keyring_index(one, "track", "id");
    assert_int_equal(strlen(a), 24);
    assert_string_equal(a, b);
    assert_string_not_equal(a, c);
    assert_string_not_equal(a, d);
}

static void a_lost_master_key_is_never_replaced_in_silence(void **state) {
    g_autoptr(Keyring) ring = ring_in(*state);
    g_autofree char *sealed = keyring_seal(ring, "harbour", "x", NULL);
    g_autofree char *dir = g_build_filename(*state, "keys", NULL), *master = g_build_filename(dir, "master.key", NULL);
    g_autofree char *absent = g_build_filename(*state, "absent", NULL);
    g_autoptr(GError) lost = NULL, none = NULL;
    assert_int_equal(g_unlink(master), 0);
    assert_null(keyring_open(dir, true, &lost));
    assert_non_null(strstr(lost->message, "backup"));
    assert_null(keyring_open(absent, false, &none));
    assert_non_null(strstr(none->message, "absent/master.key"));
    assert_false(g_file_test(absent, G_FILE_TEST_EXISTS));
}

static void *seal_many(void *data) {
    for (int i = 0; i < 200; i++) {
        g_autofree char *client = g_strdup_printf("client-%d", i % 20);
        g_autofree char *sealed = keyring_seal(data, client, "text", NULL);
        g_autofree char *plain = sealed ? keyring_open_value(data, client, sealed, NULL) : NULL;
        if (!text_equal(plain, "text"))
            return data;
    }
    return NULL;
}

static void threads_and_processes_agree_on_one_key(void **state) {
    g_autoptr(Keyring) one = ring_in(*state), two = ring_in(*state);
    pthread_t threads[4];
    void *failed = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, seal_many, i % 2 ? one : two), 0);
    for (size_t i = 0; i < G_N_ELEMENTS(threads); i++) {
        pthread_join(threads[i], &failed);
        assert_null(failed);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_value_opens_in_another_process_and_for_its_client_alone, folder_make,
                                        folder_drop),
        cmocka_unit_test_setup_teardown(one_look_at_a_key_serves_several_values, folder_make, folder_drop),
        cmocka_unit_test_setup_teardown(a_destroyed_key_is_gone_for_everybody_at_once, folder_make, folder_drop),
        cmocka_unit_test_setup_teardown(a_clients_name_leads_nowhere_else, folder_make, folder_drop),
        cmocka_unit_test_setup_teardown(macs_differ_by_purpose_and_stay_the_same, folder_make, folder_drop),
        cmocka_unit_test_setup_teardown(a_lost_master_key_is_never_replaced_in_silence, folder_make, folder_drop),
        cmocka_unit_test_setup_teardown(threads_and_processes_agree_on_one_key, folder_make, folder_drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
