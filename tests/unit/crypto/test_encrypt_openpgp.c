/* SPDX-License-Identifier: Apache-2.0 */
/* What is encrypted here opens with gpg(1), each key by the part that is meant, and passes the proof for exactly those
 * it is for. */
#include "crypto/armor.h"
#include "crypto/certread.h"
#include "crypto/encrypt.h"
#include "crypto/proof.h"
#include "enclab.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

/* Address, kind of the primary key, of the part that encrypts. */
static const char *const kinds[][3] = {
    {"rsa2048", "rsa2048", "rsa2048"},
    {"rsa3072", "rsa3072", "rsa3072"},
    {"p256", "nistp256", "nistp256"},
    {"p384", "nistp384", "nistp384"},
    {"p521", "nistp521", "nistp521"},
    {"x25519", "ed25519", "cv25519"},
    {"brainpool", "ed25519", "brainpoolP256r1"},
    {"elgamal", "rsa2048", "elg1024"},
};

/* Makes a key of NAME@client.test, and NAME.asc of it. The shell word $f is its fingerprint. */
static bool make_key(const char *name, const char *primary, const char *part) {
    return lab_run("gpg --batch --passphrase '' --quick-gen-key '%s <%s@client.test>' %s sign never && "
                   "f=$(gpg --with-colons --list-keys %s@client.test | awk -F: '/^fpr/{print $10; exit}') && "
                   "gpg --batch --passphrase '' --quick-add-key $f %s encr never && "
                   "gpg --armor --export $f > %s.asc",
                   name, name, primary, name, part, name);
}

static int setup(void **state) {
    if (lab_group_setup(state) != 0 || !lab_has_gpg())
        return -1;
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        if (!make_key(kinds[i][0], kinds[i][1], kinds[i][2]))
            return -1;
    return enclab_open();
}

static Instant in_days(int days) {
    return instant_from_seconds(g_get_real_time() / G_USEC_PER_SEC + days * 86400);
}

static void free_cert(void *cert) {
    cert_free(cert);
}

/* The keys of these people of client.test. */
static GPtrArray *people(const CertStore *from, const char *names) {
    GPtrArray *certs = g_ptr_array_new_with_free_func(free_cert);
    g_auto(GStrv) all = g_strsplit(names, " ", -1);
    for (char **name = all; *name != NULL; name++) {
        g_autofree char *address = g_strdup_printf("%s@client.test", *name);
        Cert *cert = encrypt_find(from, address, CERT_OPENPGP, now());
        if (cert == NULL)
            fail_msg("%s has no key", address);
        g_ptr_array_add(certs, cert);
    }
    return certs;
}

/* Into out.asc. */
static void encrypt(const GPtrArray *certs, const Bytes *pieces, size_t count) {
    g_autoptr(GString) out = g_string_new("before");
    g_autofree char *why = NULL;
    EncryptInput input = {.pieces = pieces, .count = count, .certs = certs, .now = now()};
    if (!encrypt_openpgp(encrypter, &input, out, &why))
        fail_msg("%s", why);
    assert_null(why);
    assert_memory_equal(out->str, "before-----BEGIN PGP MESSAGE-----\r\n\r\n", 6 + 31);
    assert_true(g_str_has_suffix(out->str, "\r\n-----END PGP MESSAGE-----\r\n"));
    for (const char *line = out->str; *line != '\0'; line = strstr(line, "\r\n") + 2)
        assert_in_range(strcspn(line, "\n"), 1, 77);
    g_autofree char *path = g_build_filename(lab_folder(), "out.asc", NULL);
    assert_true(g_file_set_contents(path, out->str + 6, (gssize)out->len - 6, NULL));
}

static void assert_opens(const char *who, const char *plain, size_t length) {
    size_t got;
    if (!lab_run("gpg --batch --yes --pinentry-mode loopback --passphrase '' -o opened --decrypt out.asc"))
        fail_msg("%s cannot open it", who);
    g_autofree unsigned char *opened = lab_read("opened", &got);
    assert_int_equal(got, length);
    assert_memory_equal(opened, plain, length);
}

static ForRecipient is_for(const char *who) {
    size_t length;
    g_autofree unsigned char *data = lab_read("out.asc", &length);
    g_autoptr(ContentProof) proof = proof_openpgp(data, length);
    g_autofree char *address = g_strdup_printf("%s@client.test", who), *why = NULL;
    assert_int_equal(content_proof_verdict(proof), CONTENT_ENCRYPTED);
    assert_false(content_proof_is_legacy(proof));
    return content_proof_for(proof, store, address, now(), &why);
}

static void every_kind_of_key_opens_it_and_nobody_else_is_named(void **state) {
    static const char plain[] = "Content-Type: text/plain\r\n\r\nThe settlement is two million.\r\n";
    Bytes piece = {plain, strlen(plain)};
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        g_autoptr(GPtrArray) certs = people(store, kinds[i][0]);
        encrypt(certs, &piece, 1);
        assert_opens(kinds[i][0], plain, strlen(plain));
        for (size_t j = 0; j < G_N_ELEMENTS(kinds); j++)
            assert_int_equal(is_for(kinds[j][0]), i == j ? FOR_YES : FOR_NO);
    }
}

static void one_message_is_for_many(void **state) {
    g_autoptr(GString) names = g_string_new("alice bob");
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++)
        g_string_append_printf(names, " %s", kinds[i][0]);
    g_autoptr(GPtrArray) certs = people(store, names->str);
    Bytes piece = {"x", 1};
    encrypt(certs, &piece, 1);
    g_auto(GStrv) all = g_strsplit(names->str, " ", -1);
    for (char **name = all; *name != NULL; name++)
        assert_int_equal(is_for(*name), FOR_YES);
    assert_opens("x25519", "x", 1);
    assert_true(lab_run(
        "gpg --batch --list-packets out.asc > packets; test $(grep -c ':pubkey enc packet' packets) = %u", certs->len));
}

static void it_is_aes_256_with_a_code_and_not_compressed(void **state) {
    g_autoptr(GPtrArray) certs = people(store, "alice");
    g_autofree char *zeros = g_malloc0(100000);
    Bytes piece = {zeros, 100000};
    encrypt(certs, &piece, 1);
    size_t length;
    g_free(lab_read("out.asc", &length));
    assert_in_range(length, 133333, 140000);
    assert_true(
        lab_run("gpg --batch --pinentry-mode loopback --passphrase '' --show-session-key -v --decrypt out.asc "
                "> opened 2> said; grep -q 'AES256.* encrypted data' said && grep -q \"session key: '9:\" said"));
    assert_true(lab_run("gpg --batch --pinentry-mode loopback --passphrase '' --list-packets out.asc > packets && "
                        "grep -q 'mdc_method: 2' packets && ! grep -q compressed packets && "
                        "grep -q 'mode b (62), created 0, name=\"\"' packets"));
}

static void every_length_and_any_pieces_arrive_byte_for_byte(void **state) {
    static const size_t lengths[] = {0, 1, 2, 3, 190, 511, 512, 513, 8191, 8192, 16384, 32768, 65537, 3000000};
    g_autoptr(GPtrArray) certs = people(store, "bob alice");
    g_autofree char *plain = g_malloc(3000000);
    for (size_t i = 0; i < 3000000; i++)
        plain[i] = (char)(i * 2654435761U >> 13);
    for (size_t i = 0; i < G_N_ELEMENTS(lengths); i++) {
        size_t first = lengths[i] / 3;
        Bytes pieces[] = {{NULL, 0}, {plain, first}, {NULL, 0}, {plain + first, lengths[i] - first}, {NULL, 0}};
        encrypt(certs, pieces, G_N_ELEMENTS(pieces));
        assert_opens("bob", plain, lengths[i]);
        assert_int_equal(is_for("bob"), FOR_YES);
        assert_int_equal(is_for("alice"), FOR_YES);
        assert_int_equal(is_for("rsa2048"), FOR_NO);
    }
}

/* ---- Which part of a key ---- */

static bool add_part(const char *who, const char *kind, const char *use, const char *until) {
    return lab_run("f=$(gpg --with-colons --list-keys %s@client.test | awk -F: '/^fpr/{print $10; exit}') && "
                   "gpg --batch --passphrase '' --quick-add-key $f %s %s %s && gpg --export $f > many/%s.gpg",
                   who, kind, use, until, who);
}

/* The key ids that out.asc names, in capitals. */
static char *named(void) {
    assert_true(
        lab_run("gpg --batch --list-packets out.asc 2>/dev/null | sed -n 's/.*keyid //p' | tr '\\n' ' ' > named"));
    size_t length;
    g_autofree unsigned char *data = lab_read("named", &length);
    return g_strstrip(g_strndup((char *)data, length));
}

/* The id of the part of a key, counted from 0, that is no signing part. */
static char *part_id(const char *who, int number) {
    assert_true(lab_run("gpg --with-colons --list-keys %s@client.test | awk -F: '/^sub/{print $5}' | sed -n %dp > part",
                        who, number + 1));
    size_t length;
    g_autofree unsigned char *data = lab_read("part", &length);
    return g_strstrip(g_strndup((char *)data, length));
}

static void assert_newest(const char *folder, const char *who, int expected) {
    g_autofree char *path = g_build_filename(lab_folder(), folder, NULL);
    g_autoptr(CertStore) many = certs_load(path, NULL);
    g_autoptr(GPtrArray) certs = people(many, who);
    Bytes piece = {"x", 1};
    encrypt(certs, &piece, 1);
    g_autofree char *is = named(), *should = part_id(who, expected);
    assert_string_equal(is, should);
    assert_opens(who, "x", 1);
}

static void the_newest_part_that_is_valid_is_named_alone(void **state) {
    static const char *const who = "several";
    assert_true(lab_run("mkdir many"));
    assert_true(make_key(who, "ed25519", "cv25519") && lab_run("cp several.asc many && rm several.asc"));
    assert_newest("many", who, 0);
    assert_true(lab_run("rm many/*.asc"));
    /* A newer one, which is over before the older. */
    assert_true(
        lab_run("f=$(gpg --with-colons --list-keys several@client.test | awk -F: '/^fpr/{print $10; exit}'); gpg "
                "--batch --faked-system-time $(date -u -d '+1 second' +%%Y%%m%%dT%%H%%M%%S)! --passphrase '' "
                "--quick-add-key $f rsa2048 encr 2d && gpg --export $f > many/several.gpg"));
    g_usleep(1100000);
    assert_newest("many", who, 1);
    assert_true(add_part(who, "ed25519", "sign", "never"));
    assert_newest("many", who, 1);
    /* Two days later the part with an end is over. */
    g_autofree char *path = g_build_filename(lab_folder(), "many", NULL);
    g_autoptr(CertStore) many = certs_load(path, NULL);
    g_autoptr(Cert) cert = encrypt_find(many, "several@client.test", CERT_OPENPGP, in_days(3));
    assert_non_null(cert);
    g_autoptr(GPtrArray) certs = g_ptr_array_new();
    g_ptr_array_add(certs, cert);
    Bytes piece = {"x", 1};
    g_autoptr(GString) out = g_string_new(NULL);
    g_autofree char *why = NULL;
    EncryptInput input = {.pieces = &piece, .count = 1, .certs = certs, .now = in_days(3)};
    assert_true(encrypt_openpgp(encrypter, &input, out, &why));
    g_autofree char *file = g_build_filename(lab_folder(), "out.asc", NULL);
    assert_true(g_file_set_contents(file, out->str, (gssize)out->len, NULL));
    g_autofree char *is = named(), *should = part_id(who, 0);
    assert_string_equal(is, should);
}

static void a_revoked_part_is_passed_over(void **state) {
    assert_true(lab_run("mkdir gone"));
    assert_true(make_key("torn", "ed25519", "cv25519") && lab_run("rm torn.asc"));
    g_usleep(1100000);
    assert_true(lab_run(
        "f=$(gpg --with-colons --list-keys torn@client.test | awk -F: '/^fpr/{print $10; exit}') && "
        "gpg --batch --passphrase '' --quick-add-key $f cv25519 encr never && "
        "printf 'key 2\\nrevkey\\ny\\n0\\n\\ny\\nsave\\n' | gpg --no-tty --command-fd 0 --pinentry-mode loopback "
        "--passphrase '' --edit-key $f && gpg --export $f > gone/torn.gpg"));
    assert_newest("gone", "torn", 0);
}

/* ---- What cannot be ---- */

static void assert_refused(GPtrArray *certs, Instant when, const char *says) {
    Bytes piece = {"x", 1};
    g_autoptr(GString) out = g_string_new("before");
    g_autofree char *why = NULL;
    EncryptInput input = {.pieces = &piece, .count = 1, .certs = certs, .now = when};
    assert_false(encrypt_openpgp(encrypter, &input, out, &why));
    assert_string_equal(out->str, "before");
    if (strstr(why, says) == NULL)
        fail_msg("%s", why);
}

static void a_key_that_cannot_be_used_leaves_nothing_behind(void **state) {
    g_autoptr(GPtrArray) certs = people(store, "alice bob");
    Cert *bad = cert_new(CERT_OPENPGP);
    CertKey part = {.id = 1, .not_before = {0}, .not_after = INSTANT_NEVER};
    g_free(bad->fingerprint);
    bad->fingerprint = g_strdup("0000000000000000000000000000000000000001");
    bad->data = g_bytes_new_static("rubbish", 7);
    g_array_append_val(bad->keys, part);
    g_ptr_array_add(bad->addresses, g_strdup("carol@client.test"));
    g_ptr_array_add(certs, bad);
    assert_refused(certs, now(), "carol@client.test");
    g_ptr_array_remove_index(certs, 2);
    assert_refused(certs, instant_from_seconds(1000000000), "alice@client.test");
    g_ptr_array_set_size(certs, 0);
    assert_refused(certs, now(), "librnp cannot encrypt");
}

/* The Cert says which part is meant, and librnp whether it is sound: one without the other is not enough. */
static void a_part_that_librnp_refuses_is_not_encrypted_to(void **state) {
    size_t length;
    assert_true(lab_run("gpg --export bob@client.test > bob.bin && gpg --export rsa2048@client.test > rsa.bin"));
    g_autofree unsigned char *data = lab_read("bob.bin", &length);
    g_autoptr(GPtrArray) certs = people(store, "bob");
    Cert *bob = g_ptr_array_index(certs, 0);
    g_bytes_unref(bob->data);
    data[length - 10] ^= 1; /* in the signature that binds the part */
    bob->data = g_bytes_new(data, length);
    assert_refused(certs, now(), "bob@client.test");
    g_autoptr(GPtrArray) again = people(store, "bob");
    Bytes piece = {"x", 1};
    encrypt(again, &piece, 1);
    assert_opens("bob", "x", 1);
    CertKey *part = &g_array_index(bob->keys, CertKey, 0);
    g_bytes_unref(bob->data);
    bob->data = g_bytes_ref(((Cert *)g_ptr_array_index(again, 0))->data);
    part->id ^= 1;
    assert_refused(certs, now(), "bob@client.test");
}

static void more_keys_than_are_kept_are_all_encrypted_to(void **state) {
    enum { MANY = 80 }; /* more than 64 */
    assert_true(
        lab_run("mkdir crowd && for i in $(seq %d); do printf 'Key-Type: eddsa\\nKey-Curve: ed25519\\nSubkey-Type: "
                "ecdh\\nSubkey-Curve: cv25519\\nName-Email: p%%d@client.test\\n%%%%no-protection\\n%%%%commit\\n' "
                "$i; done > batch && gpg --batch --gen-key batch && gpg --export > crowd/all.gpg",
                MANY));
    g_autofree char *path = g_build_filename(lab_folder(), "crowd", NULL);
    g_autoptr(CertStore) crowd = certs_load(path, NULL);
    g_autoptr(GPtrArray) certs = g_ptr_array_new_with_free_func(free_cert);
    Bytes piece = {"x", 1};
    for (int i = 1; i <= MANY; i++) {
        g_autofree char *name = g_strdup_printf("p%d", i);
        g_autoptr(GPtrArray) one = people(crowd, name);
        encrypt(one, &piece, 1);
        g_ptr_array_extend_and_steal(certs, g_steal_pointer(&one));
    }
    encrypt(certs, &piece, 1);
    assert_true(lab_run(
        "gpg --batch --list-packets out.asc > packets; test $(grep -c ':pubkey enc packet' packets) = %u", MANY));
    assert_opens("p1", "x", 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_key_opens_it_and_nobody_else_is_named),
        cmocka_unit_test(one_message_is_for_many),
        cmocka_unit_test(it_is_aes_256_with_a_code_and_not_compressed),
        cmocka_unit_test(every_length_and_any_pieces_arrive_byte_for_byte),
        cmocka_unit_test(the_newest_part_that_is_valid_is_named_alone),
        cmocka_unit_test(a_revoked_part_is_passed_over),
        cmocka_unit_test(a_key_that_cannot_be_used_leaves_nothing_behind),
        cmocka_unit_test(a_part_that_librnp_refuses_is_not_encrypted_to),
        cmocka_unit_test(more_keys_than_are_kept_are_all_encrypted_to),
    };
    return cmocka_run_group_tests(tests, setup, enclab_teardown);
}
