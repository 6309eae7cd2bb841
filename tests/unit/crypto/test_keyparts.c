/* SPDX-License-Identifier: Apache-2.0 */
/* Keys that would cost librnp minutes are passed over before it sees them, and those of every program are not. */
#include "crypto/keyparts.h"
#include "crypto/certread.h"
#include "crypto/session_key.h"
#include "lab.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

/* ---- Packets made by hand ---- */

static void add_packet(GString *out, unsigned tag, const GString *body) {
    const unsigned char head[] = {(unsigned char)(0xc0 | tag),      0xff,
                                  (unsigned char)(body->len >> 24), (unsigned char)(body->len >> 16),
                                  (unsigned char)(body->len >> 8),  (unsigned char)body->len};
    g_string_append_len(out, (const char *)head, sizeof head);
    g_string_append_len(out, body->str, (gssize)body->len);
}

static void add_16(GString *out, size_t number) {
    g_string_append_c(out, (char)(number >> 8));
    g_string_append_c(out, (char)number);
}

static void add_number(GString *out, size_t bits) {
    add_16(out, bits);
    for (size_t i = (bits + 7) / 8; i > 0; i--)
        g_string_append_c(out, '\xff');
}

static void add_rsa(GString *out, unsigned tag, size_t modulus, size_t exponent) {
    g_autoptr(GString) body = g_string_new_len("\x04\x65\x00\x00\x00\x01", 6);
    add_number(body, modulus);
    add_number(body, exponent);
    add_packet(out, tag, body);
}

/* The body of a signature that holds another to this depth, in its hashed area or in the other. */
static GString *signature(int depth, bool hashed) {
    g_autoptr(GString) area = g_string_new_len("\x05\x02\x65\x00\x00\x00", 6);
    if (depth > 0) {
        g_autoptr(GString) inner = signature(depth - 1, hashed);
        g_string_append_c(area, '\xff');
        add_16(area, 0);
        add_16(area, inner->len + 1);
        g_string_append_c(area, depth % 2 != 0 ? '\x20' : '\xa0'); /* critical or not */
        g_string_append_len(area, inner->str, (gssize)inner->len);
    }
    GString *body = g_string_new_len("\x04\x18\x01\x08", 4);
    add_16(body, hashed ? area->len : 0);
    if (!hashed)
        add_16(body, area->len);
    g_string_append_len(body, area->str, (gssize)area->len);
    if (hashed)
        add_16(body, 0);
    g_string_append_len(body, "\x00\x00\x00\x01\x01", 5);
    return body;
}

static void add_signature(GString *out, int depth, bool hashed) {
    g_autoptr(GString) body = signature(depth, hashed);
    add_packet(out, TAG_SIGNATURE, body);
}

static void add_name(GString *out, const char *name) {
    g_autoptr(GString) body = g_string_new(name);
    add_packet(out, 13, body);
}

/* ---- Weights ---- */

typedef struct {
    const char *what;
    size_t modulus, exponent;
    int depth, signatures;
    const char *name, *refused;
} WeightCase;

static const WeightCase weights[] = {
    {"a key", 2048, 17, 1, 3, "Eve <eve@x.test>", NULL},
    {"the longest", 8192, 32, 1, 3, "Eve", NULL},
    {"a key that is too long", 8193, 17, 1, 1, "Eve", "8,192"},
    {"a long exponent", 2048, 2048, 1, 1, "Eve", "exponent"},
    {"a signature in a signature in a signature", 2048, 17, 2, 1, "Eve", "within"},
    {"twenty of them", 2048, 17, 20, 1, "Eve", "within"},
    {"a thousand of them", 2048, 17, 1000, 1, "Eve", "within"},
    {"many signatures", 4096, 17, 0, 3000, "Eve", NULL},
    {"too many", 4096, 17, 0, 4000, "Eve", "too many"},
    {"armor in a name", 1024, 17, 0, 1, "-----BEGIN PGP PUBLIC KEY BLOCK-----", "armor"},
};

static void what_costs_too_much_is_refused(void **state) {
    for (size_t i = 0; i < 2 * G_N_ELEMENTS(weights); i++) {
        const WeightCase *c = &weights[i / 2];
        g_autoptr(GString) key = g_string_new(NULL);
        add_rsa(key, TAG_PUBLIC_KEY, c->modulus, c->exponent);
        add_name(key, c->name);
        for (int j = 0; j < c->signatures; j++)
            add_signature(key, c->depth, i % 2 != 0);
        KeyWeight weight = keyparts_weigh((const unsigned char *)key->str, key->len);
        bool right = c->refused == NULL ? weight.refused == NULL && weight.sound == key->len
                                        : weight.refused != NULL && strstr(weight.refused, c->refused) != NULL;
        if (!right)
            fail_msg("%s: %s", c->what, weight.refused == NULL ? "is not refused" : weight.refused);
        g_autoptr(CertReads) reads = certreads_new();
        certread_bytes(reads, key->str, key->len, NULL);
        assert_int_equal(reads->certs->len, 0);
        assert_true(reads->problems->len > 0);
    }
}

static void detached_signatures_are_signatures_alone(void **state) {
    static const struct {
        int depth;
        unsigned tag;
        bool are;
    } cases[] = {{0, TAG_SIGNATURE, true},   {1, TAG_SIGNATURE, true},   {2, TAG_SIGNATURE, false},
                 {20, TAG_SIGNATURE, false}, {0, TAG_COMPRESSED, false}, {0, TAG_PUBLIC_KEY, false}};
    assert_false(keyparts_are_signatures((const unsigned char *)"", 0));
    for (size_t i = 0; i < 2 * G_N_ELEMENTS(cases); i++) {
        g_autoptr(GString) packets = g_string_new(NULL);
        g_autoptr(GString) body = signature(cases[i / 2].depth, i % 2 != 0);
        add_signature(packets, 1, true);
        add_packet(packets, cases[i / 2].tag, body);
        if (keyparts_are_signatures((const unsigned char *)packets->str, packets->len) != cases[i / 2].are)
            fail_msg("case %zu", i / 2);
        assert_false(keyparts_are_signatures((const unsigned char *)packets->str, packets->len - 1));
    }
}

static void a_part_that_signs_weighs_as_much_as_its_key(void **state) {
    g_autoptr(GString) key = g_string_new(NULL);
    add_rsa(key, TAG_PUBLIC_KEY, 1024, 17);
    add_signature(key, 1, true);
    size_t light = keyparts_weigh((const unsigned char *)key->str, key->len).work;
    add_rsa(key, TAG_PUBLIC_SUBKEY, 8192, 17);
    add_signature(key, 1, true);
    size_t heavy = keyparts_weigh((const unsigned char *)key->str, key->len).work;
    assert_int_equal(light, 1);
    assert_int_equal(heavy, 1 + 64);
}

/* Any prefix, any byte changed: no end is read over (the sanitizer looks), and what is sound ends in the data. */
static void every_damage_is_survived(void **state) {
    g_autoptr(GString) key = g_string_new(NULL);
    add_rsa(key, TAG_PUBLIC_KEY, 1024, 17);
    add_name(key, "Eve");
    add_signature(key, 2, false);
    for (size_t i = 0; i < key->len; i++) {
        g_autofree unsigned char *cut = g_memdup2(key->str, i);
        assert_true(keyparts_weigh(cut, i).sound <= i);
        for (int bit = 0; bit < 8; bit++) {
            key->str[i] ^= (char)(1 << bit);
            assert_true(keyparts_weigh((const unsigned char *)key->str, key->len).sound <= key->len);
            g_autoptr(GBytes) bytes = g_bytes_new(key->str, key->len);
            KeyPart part;
            assert_false(keyparts_find(bytes, 1, &part));
            key->str[i] ^= (char)(1 << bit);
        }
    }
}

/* ---- Parts ---- */

static void the_parts_of_a_key_are_as_long_as_gpg_says(void **state) {
    static const struct {
        const char *primary, *part;
        unsigned algorithm;
        size_t bits;
    } kinds[] = {{"rsa2048", "rsa3072", PK_RSA, 3072},
                 {"ed25519", "cv25519", PK_ECDH, 263},
                 {"nistp256", "nistp384", PK_ECDH, 771},
                 {"ed25519", "elg1024", PK_ELGAMAL, 1024}};
    if (!lab_has_gpg())
        skip();
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        size_t length;
        assert_true(
            lab_run("gpg --batch --passphrase '' --quick-gen-key 'p%zu <p%zu@client.test>' %s sign never && f=$(gpg "
                    "--with-colons --list-keys p%zu@client.test | awk -F: '/^fpr/{print $10; exit}') && gpg --batch "
                    "--passphrase '' --quick-add-key $f %s encr never && gpg --export $f > key",
                    i, i, kinds[i].primary, i, kinds[i].part));
        g_autofree unsigned char *data = lab_read("key", &length);
        g_autoptr(CertReads) reads = certreads_new();
        certread_bytes(reads, (const char *)data, length, NULL);
        assert_int_equal(reads->certs->len, 1);
        const Cert *cert = g_ptr_array_index(reads->certs, 0);
        assert_int_equal(cert->keys->len, 1);
        uint64_t id = g_array_index(cert->keys, CertKey, 0).id;
        KeyPart part;
        assert_true(keyparts_find(cert->data, id, &part));
        assert_int_equal(part.algorithm, kinds[i].algorithm);
        assert_int_equal(part.bits, kinds[i].bits);
        assert_false(keyparts_find(cert->data, id ^ 1, &part));
    }
}

static void what_was_encrypted_is_as_long_as_the_part(void **state) {
    static const struct {
        SessionKey key;
        KeyPart part;
        bool fits;
    } cases[] = {
        {{.algorithm = PK_RSA, .bits = {2048}}, {PK_RSA, 2048}, true},
        {{.algorithm = PK_RSA, .bits = {2040}}, {PK_RSA_ENCRYPT, 2048}, true},
        {{.algorithm = PK_RSA, .bits = {1985}}, {PK_RSA, 2048}, true},
        {{.algorithm = PK_RSA, .bits = {1984}}, {PK_RSA, 2048}, false},
        {{.algorithm = PK_RSA, .bits = {2049}}, {PK_RSA, 2048}, false},
        {{.algorithm = PK_RSA, .bits = {2048}}, {PK_ELGAMAL, 2048}, false},
        {{.algorithm = PK_ELGAMAL, .bits = {2048, 2047}}, {PK_ELGAMAL, 2048}, true},
        {{.algorithm = PK_ELGAMAL, .bits = {2048, 2049}}, {PK_ELGAMAL, 2048}, false},
        {{.algorithm = PK_ELGAMAL, .bits = {2049, 2048}}, {PK_ELGAMAL, 2048}, false},
        {{.algorithm = PK_ECDH, .bits = {263}}, {PK_ECDH, 263}, true},
        {{.algorithm = PK_ECDH, .bits = {515}}, {PK_ECDH, 263}, false},
        {{.algorithm = PK_ECDH, .bits = {263}}, {PK_RSA, 263}, false},
        {{.algorithm = PK_X25519}, {PK_X25519, 0}, true},
        {{.algorithm = PK_X25519}, {PK_ECDH, 263}, false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        if (session_key_fits(&cases[i].key, &cases[i].part) != cases[i].fits)
            fail_msg("case %zu", i);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_costs_too_much_is_refused),
        cmocka_unit_test(detached_signatures_are_signatures_alone),
        cmocka_unit_test(a_part_that_signs_weighs_as_much_as_its_key),
        cmocka_unit_test(every_damage_is_survived),
        cmocka_unit_test(the_parts_of_a_key_are_as_long_as_gpg_says),
        cmocka_unit_test(what_was_encrypted_is_as_long_as_the_part),
    };
    return cmocka_run_group_tests(tests, lab_group_setup, lab_group_teardown);
}
