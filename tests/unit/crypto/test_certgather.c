/* SPDX-License-Identifier: Apache-2.0 */
/* Copies of one key in several folders: trust by hand covers what was put in by hand and nothing else. */
#include "crypto/certs.h"
#include "lab.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static const char *folder;

/* first.asc is Mallory's key as she gave it; later.asc names Anna too; gone.asc is revoked. */
static bool make_copies(void) {
    return lab_run("gpg --batch --passphrase '' --quick-gen-key 'Mallory <mallory@evil.test>' rsa2048 encrypt,sign 30d "
                   "&& F=$(gpg --with-colons --list-keys mallory@evil.test | awk -F: '/^fpr/{print $10; exit}') && "
                   "gpg --armor --export $F > first.asc && gpg --batch --passphrase '' --quick-add-uid $F 'Anna "
                   "<anna@client.test>' && gpg --batch --passphrase '' --quick-set-expire $F 300d && "
                   "gpg --armor --export $F > later.asc && sed 's/^:---/---/' "
                   "openpgp-revocs.d/$F.rev > rev.asc && gpg --batch --import rev.asc && "
                   "gpg --armor --export $F > gone.asc");
}

static const char *const untrusted[] = {"ldap", "harvested", "waiting", "autocrypt"};

static CertStore *store_with(const char *first, const char *where, const char *other) {
    assert_true(lab_run("rm -rf kept && mkdir -p kept/%s && cp %s kept/first.asc && cp %s kept/%s/other.asc", where,
                        first, other, where));
    g_autofree char *path = g_build_filename(folder, "kept", NULL);
    return certs_load(path, NULL);
}

static Instant today(void) {
    return instant_from_seconds(g_get_real_time() / G_USEC_PER_SEC);
}

static CertState state_of(const CertStore *store, const char *address, Instant when) {
    return certs_state(store, address, when, NULL);
}

static void an_untrusted_copy_lends_no_address_and_no_time(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(untrusted); i++) {
        g_autoptr(CertStore) store = store_with("first.asc", untrusted[i], "later.asc");
        Instant later = instant_add(today(), duration_seconds((int64_t)100 * 86400));
        assert_int_equal(certs_count(store), 1);
        assert_int_equal(state_of(store, "mallory@evil.test", today()), CERT_USABLE);
        assert_int_equal(state_of(store, "mallory@evil.test", later), CERT_EXPIRED);
        assert_int_equal(state_of(store, "anna@client.test", today()), CERT_NONE);
    }
    g_autoptr(CertStore) both = store_with("first.asc", ".", "later.asc");
    assert_int_equal(state_of(both, "anna@client.test", today()), CERT_USABLE); /* both by hand: the newer one */
}

static void a_revocation_counts_from_any_copy(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(untrusted); i++) {
        g_autoptr(CertStore) harvested = store_with("first.asc", untrusted[i], "gone.asc");
        assert_int_equal(state_of(harvested, "mallory@evil.test", today()), CERT_REVOKED);
        assert_int_equal(state_of(harvested, "anna@client.test", today()), CERT_NONE);
        g_autoptr(CertStore) imported = store_with("gone.asc", untrusted[i], "later.asc");
        assert_int_equal(state_of(imported, "mallory@evil.test", today()), CERT_REVOKED);
    }
    g_autoptr(CertStore) both = store_with("gone.asc", ".", "first.asc");
    assert_int_equal(state_of(both, "mallory@evil.test", today()), CERT_REVOKED);
}

static int open_lab(void **state) {
    folder = lab_open();
    return folder == NULL || !lab_has_gpg() || !make_copies() ? -1 : 0;
}

static int close_lab(void **state) {
    lab_close();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_untrusted_copy_lends_no_address_and_no_time),
        cmocka_unit_test(a_revocation_counts_from_any_copy),
    };
    return cmocka_run_group_tests(tests, open_lab, close_lab);
}
