/* SPDX-License-Identifier: Apache-2.0 */
/* Genuine envelopes count, each for its recipients; everything that only looks like one does not. */
#include "crypto/proof.h"
#include "lab.h"
#include "../cputime.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

static const char *folder;
static CertStore *certs;

static Instant now(void) {
    return instant_from_seconds((int64_t)time(NULL));
}

static ForRecipient for_whom(const ContentProof *proof, const char *address) {
    g_autofree char *why = NULL;
    ForRecipient answer = content_proof_for(proof, certs, address, now(), &why);
    assert_non_null(why);
    return answer;
}

typedef struct {
    const char *name, *arguments; /* of openssl cms, reading plain.txt */
    ContentVerdict verdict;
    ForRecipient alice, bob;
} CmsCase;

static const CmsCase cms_cases[] = {
    {"RSA, AES-256-CBC", "-encrypt -binary -aes-256-cbc alice.pem", CONTENT_ENCRYPTED, FOR_YES, FOR_NO},
    {"RSA, streamed", "-encrypt -stream -aes-128-cbc alice.pem", CONTENT_ENCRYPTED, FOR_YES, FOR_NO},
    {"RSA, AES-256-GCM", "-encrypt -aes-256-gcm alice.pem", CONTENT_ENCRYPTED, FOR_YES, FOR_NO},
    {"RSA by key id", "-encrypt -keyid -aes-256-cbc alice.pem", CONTENT_ENCRYPTED, FOR_YES, FOR_NO},
    {"RSA-OAEP", "-encrypt -aes-256-cbc -recip alice.pem -keyopt rsa_padding_mode:oaep", CONTENT_ENCRYPTED, FOR_YES,
     FOR_NO},
    {"EC", "-encrypt -aes-256-cbc -recip bob.pem", CONTENT_ENCRYPTED, FOR_NO, FOR_YES},
    {"EC by key id", "-encrypt -keyid -aes-256-cbc -recip bob.pem", CONTENT_ENCRYPTED, FOR_NO, FOR_YES},
    {"two recipients", "-encrypt -aes-256-cbc alice.pem bob.pem", CONTENT_ENCRYPTED, FOR_YES, FOR_YES},
    {"a password beside a recipient", "-encrypt -aes-256-cbc -pwri_password x alice.pem", CONTENT_ENCRYPTED, FOR_YES,
     FOR_NO},
    {"a stranger's certificate", "-encrypt -aes-256-cbc eve.pem", CONTENT_ENCRYPTED, FOR_NO, FOR_NO},
    {"triple DES", "-encrypt -des3 alice.pem", CONTENT_ENCRYPTED, FOR_YES, FOR_NO}, /* and weak, see below */
    {"DES", "-provider legacy -provider default -encrypt -des alice.pem", CONTENT_BROKEN, FOR_NO, FOR_NO},
    {"RC2 of 40 bits", "-provider legacy -provider default -encrypt -rc2-40 alice.pem", CONTENT_BROKEN, FOR_NO, FOR_NO},
    {"Camellia", "-encrypt -camellia256 alice.pem", CONTENT_BROKEN, FOR_NO, FOR_NO},
    {"password only", "-encrypt -aes-256-cbc -pwri_password x", CONTENT_BROKEN, FOR_NO, FOR_NO},
    {"shared key only", "-encrypt -aes-256-cbc -secretkey 000102030405060708090a0b0c0d0e0f -secretkeyid 01",
     CONTENT_BROKEN, FOR_NO, FOR_NO},
    {"encrypted data without recipients",
     "-EncryptedData_encrypt -aes-128-cbc -secretkey 000102030405060708090a0b0c0d0e0f", CONTENT_BROKEN, FOR_NO, FOR_NO},
    {"signed", "-sign -nodetach -signer alice.pem -inkey alice.key", CONTENT_CLEAR, FOR_NO, FOR_NO},
    {"plain data", "-data_create", CONTENT_CLEAR, FOR_NO, FOR_NO},
    {"digest", "-digest_create", CONTENT_CLEAR, FOR_NO, FOR_NO},
};

static void only_genuine_cms_envelopes_count_and_for_their_recipients(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(cms_cases); i++) {
        const CmsCase *c = &cms_cases[i];
        size_t length;
        if (!lab_run("openssl cms -in plain.txt -outform DER -out out.der %s", c->arguments))
            fail_msg("%s: openssl cms failed", c->name);
        g_autofree unsigned char *der = lab_read("out.der", &length);
        g_autoptr(ContentProof) proof = proof_cms(der, length);
        if (content_proof_verdict(proof) != c->verdict || for_whom(proof, "alice@client.test") != c->alice ||
            for_whom(proof, "bob@client.test") != c->bob)
            fail_msg("%s: verdict %d (%s)", c->name, content_proof_verdict(proof), content_proof_why(proof));
        if (c->verdict == CONTENT_ENCRYPTED)
            assert_int_equal(for_whom(proof, "nobody@client.test"), FOR_UNKNOWN);
    }
}

static void a_damaged_envelope_is_broken_and_never_crashes(void **state) {
    size_t length;
    assert_true(lab_run("openssl cms -encrypt -in plain.txt -outform DER -out out.der -aes-256-cbc alice.pem bob.pem"));
    g_autofree unsigned char *der = lab_read("out.der", &length);
    for (size_t cut = 0; cut < length; cut++) {
        g_autofree unsigned char *part = g_memdup2(der, cut + 1);
        g_autoptr(ContentProof) proof = proof_cms(part, cut);
        assert_int_equal(content_proof_verdict(proof), CONTENT_BROKEN);
    }
    g_autofree unsigned char *longer = g_malloc0(length + 1);
    memcpy(longer, der, length);
    g_autoptr(ContentProof) trailing = proof_cms(longer, length + 1);
    assert_int_equal(content_proof_verdict(trailing), CONTENT_BROKEN);
    for (size_t at = 0; at < length; at++) {
        longer[at] ^= 0xff;
        g_autoptr(ContentProof) flipped = proof_cms(longer, length);
        assert_non_null(content_proof_why(flipped));
        longer[at] ^= 0xff;
    }
}

static void a_hundred_thousand_levels_are_refused_at_once(void **state) {
    g_autoptr(GByteArray) nested = g_byte_array_new();
    for (int i = 0; i < 100000; i++)
        g_byte_array_append(nested, (const guint8 *)"\x30\x80", 2);
    for (int i = 0; i < 100000; i++)
        g_byte_array_append(nested, (const guint8 *)"\0\0", 2);
    CpuTrial trial = {.limit = 0.1, .what = "100,000 levels"};
    while (cpu_trial(&trial)) {
        g_autoptr(ContentProof) proof = proof_cms(nested->data, nested->len);
        assert_int_equal(content_proof_verdict(proof), CONTENT_BROKEN);
    }
}

static void triple_des_is_told_apart(void **state) {
    static const struct {
        const char *arguments;
        bool weak;
    } cases[] = {{"-des3 alice.pem", true},
                 {"-des3 -recip bob.pem", true},
                 {"-aes-256-cbc alice.pem", false},
                 {"-aes-128-cbc -recip bob.pem", false}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        size_t length;
        assert_true(lab_run("openssl cms -encrypt -in plain.txt -outform DER -out out.der %s", cases[i].arguments));
        g_autofree unsigned char *der = lab_read("out.der", &length);
        g_autoptr(ContentProof) proof = proof_cms(der, length);
        assert_int_equal(content_proof_verdict(proof), CONTENT_ENCRYPTED);
        assert_int_equal(content_proof_is_weak(proof), cases[i].weak);
    }
}

/* An envelope written by hand around readable text: a recipient is named, the cipher says AES, the "ciphertext" is a
 * letter. */
static void a_letter_in_an_envelope_is_no_ciphertext(void **state) {
    size_t length;
    assert_true(lab_run("yes 'The settlement is two million, agreed.' | head -c 4096 > long.txt; "
                        "openssl cms -encrypt -binary -in long.txt -outform DER -out out.der -aes-256-cbc alice.pem"));
    g_autofree unsigned char *der = lab_read("out.der", &length);
    g_autofree unsigned char *letter = lab_read("long.txt", &(size_t){0});
    memcpy(der + length - 4096, letter, 4096); /* all but the first block and the padding's */
    g_autoptr(ContentProof) proof = proof_cms(der, length);
    assert_int_equal(content_proof_verdict(proof), CONTENT_BROKEN);
}

/* One element around some bytes, with four octets of length. */
static GByteArray *der(unsigned char identifier, const GByteArray *content) {
    GByteArray *out = g_byte_array_new();
    guint length = content->len;
    guint8 head[6] = {identifier,    0x84, (guint8)(length >> 24), (guint8)(length >> 16), (guint8)(length >> 8),
                      (guint8)length};
    g_byte_array_append(out, head, sizeof head);
    return g_byte_array_append(out, content->data, content->len);
}

#define ENVELOPED "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03"
#define DATA "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
#define AES_128_CBC                                                                                                    \
    "\x30\x1d\x06\x09\x60\x86\x48\x01\x65\x03\x04\x01\x02\x04\x10"                                                     \
    "0123456789abcdef"

/* version, recipients, AES, and 16 bytes for ciphertext */
static ContentProof *proof_of_envelope(const GByteArray *recipients) {
    g_autoptr(GByteArray) content = g_byte_array_new();
    g_byte_array_append(content,
                        (const guint8 *)DATA AES_128_CBC "\x80\x10"
                                                         "\xf1wo\x80million, ye\x9c",
                        11 + 31 + 18);
    g_autoptr(GByteArray) info = der(0x30, content);
    g_autoptr(GByteArray) set = der(0x31, recipients);
    g_byte_array_prepend(info, set->data, set->len);
    g_byte_array_prepend(info, (const guint8 *)"\x02\x01\x00", 3);
    g_autoptr(GByteArray) envelope = der(0x30, info);
    g_autoptr(GByteArray) body = der(0xa0, envelope);
    g_byte_array_prepend(body, (const guint8 *)ENVELOPED, 11);
    g_autoptr(GByteArray) whole = der(0x30, body);
    return proof_cms(whole->data, whole->len);
}

/* To an RSA key of the issuer without a name and the serial number 1. */
static GByteArray *many_recipients(unsigned count) {
    static const char info[] = "\x30\x81\x9a\x02\x01\x00\x30\x05\x30\x00\x02\x01\x01\x30\x0b\x06\x09\x2a\x86\x48"
                               "\x86\xf7\x0d\x01\x01\x01\x04\x81\x80";
    guint8 key[128];
    GByteArray *recipients = g_byte_array_new();
    for (unsigned i = 0; i < sizeof key; i++)
        key[i] = (guint8)(i * 151 + 7);
    for (unsigned i = 0; i < count; i++) {
        g_byte_array_append(recipients, (const guint8 *)info, sizeof info - 1);
        g_byte_array_append(recipients, key, sizeof key);
    }
    return recipients;
}

static void ten_thousand_recipients_are_read_and_more_are_not(void **state) {
    static const struct {
        unsigned count;
        ContentVerdict verdict;
    } cases[] = {{1, CONTENT_ENCRYPTED}, {10000, CONTENT_ENCRYPTED}, {10001, CONTENT_BROKEN}, {60000, CONTENT_BROKEN}};
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autoptr(GByteArray) recipients = many_recipients(cases[i].count);
        clock_t before = clock();
        g_autoptr(ContentProof) proof = proof_of_envelope(recipients);
        if (content_proof_verdict(proof) != cases[i].verdict)
            fail_msg("%u: %s", cases[i].count, content_proof_why(proof));
        if (cases[i].verdict == CONTENT_ENCRYPTED)
            assert_int_equal(for_whom(proof, "alice@client.test"), FOR_NO);
        assert_true(clock() - before < CLOCKS_PER_SEC / 2);
    }
}

static void an_envelope_without_recipients_is_broken(void **state) {
    g_autoptr(GByteArray) nobody = g_byte_array_new();
    g_autoptr(ContentProof) proof = proof_of_envelope(nobody);
    assert_int_equal(content_proof_verdict(proof), CONTENT_BROKEN);
    assert_string_equal(content_proof_why(proof), "the S/MIME message has no recipients");
}

static void an_opaque_signature_gives_its_content(void **state) {
    size_t length, inner_length, plain_length;
    assert_true(lab_run("openssl cms -sign -binary -nodetach -in plain.txt -outform DER -out out.der -signer alice.pem "
                        "-inkey alice.key"));
    g_autofree unsigned char *der = lab_read("out.der", &length);
    g_autofree unsigned char *plain = lab_read("plain.txt", &plain_length);
    g_autoptr(ContentProof) proof = proof_cms(der, length);
    assert_int_equal(content_proof_kind(proof), KIND_SIGNED);
    const unsigned char *inner = content_proof_inner(proof, &inner_length);
    assert_int_equal(inner_length, plain_length);
    assert_memory_equal(inner, plain, plain_length);
}

static void an_expired_certificate_is_no_certificate(void **state) {
    size_t length;
    assert_true(lab_run("openssl cms -encrypt -in plain.txt -outform DER -out out.der -aes-256-cbc alice.pem"));
    g_autofree unsigned char *der = lab_read("out.der", &length);
    g_autoptr(ContentProof) proof = proof_cms(der, length);
    g_autofree char *why = NULL;
    Instant later = instant_add(now(), duration_seconds(40 * 86400));
    assert_int_equal(content_proof_for(proof, certs, "alice@client.test", later, &why), FOR_UNKNOWN);
    assert_string_equal(why, "it is encrypted to a certificate of theirs that is expired or not valid yet");
}

static void what_is_wrong_with_the_only_certificate_is_said(void **state) {
    static const struct {
        const char *place, *why;
    } cases[] = {{"waiting/eve.pem", "waits for somebody's approval"},
                 {"harvested/eve.pem", "nobody vouches for it"},
                 {"other/eve.pem", "no certificate or key of theirs that fits is known here"}};
    size_t length;
    assert_true(lab_run("openssl cms -encrypt -in plain.txt -outform DER -out out.der -aes-256-cbc eve.pem"));
    g_autofree unsigned char *der = lab_read("out.der", &length);
    g_autoptr(ContentProof) proof = proof_cms(der, length);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        assert_true(lab_run("rm -rf known && mkdir -p known/waiting known/harvested known/other && cp eve.pem known/%s",
                            cases[i].place));
        g_autofree char *known = g_build_filename(folder, "known", NULL), *why = NULL;
        g_autoptr(CertStore) store = certs_load(known, NULL);
        assert_int_equal(content_proof_for(proof, store, "eve@other.test", now(), &why), FOR_UNKNOWN);
        if (strstr(why, cases[i].why) == NULL)
            fail_msg("%s: %s", cases[i].place, why);
    }
}

static const CmsCase openpgp_cases[] = {
    /* arguments of gpg, reading plain.txt */
    {"RSA", "-e -r alice@client.test", CONTENT_ENCRYPTED, FOR_YES, FOR_NO},
    {"RSA, armored", "-a -e -r alice@client.test", CONTENT_ENCRYPTED, FOR_YES, FOR_NO},
    {"RSA, armored with comments", "-a --comment 'Charset: x' --emit-version -e -r alice@client.test",
     CONTENT_ENCRYPTED, FOR_YES, FOR_NO},
    {"X25519", "-e -r bob@client.test", CONTENT_ENCRYPTED, FOR_NO, FOR_YES},
    {"signed and encrypted to both", "-s -e -u alice@client.test -r alice@client.test -r bob@client.test",
     CONTENT_ENCRYPTED, FOR_YES, FOR_YES},
    {"a password too", "-e -c --passphrase x -r alice@client.test", CONTENT_ENCRYPTED, FOR_YES, FOR_NO},
    {"anonymous", "-e -R alice@client.test", CONTENT_ENCRYPTED, FOR_UNKNOWN, FOR_UNKNOWN},
    {"password only", "-c --passphrase x", CONTENT_BROKEN, FOR_NO, FOR_NO},
    {"no integrity protection", "--rfc2440 --disable-mdc -e -r alice@client.test", CONTENT_BROKEN, FOR_NO, FOR_NO},
    {"signed only", "-s -u alice@client.test", CONTENT_CLEAR, FOR_NO, FOR_NO},
    {"clear-signed", "--clear-sign -u alice@client.test", CONTENT_BROKEN, FOR_NO, FOR_NO},
    {"detached signature", "-a -b -u alice@client.test", CONTENT_CLEAR, FOR_NO, FOR_NO},
    {"stored literally", "-a --store", CONTENT_CLEAR, FOR_NO, FOR_NO},
    {"public key", "--export -a alice@client.test && cp lab.log out.pgp", CONTENT_CLEAR, FOR_NO, FOR_NO},
};

static void only_genuine_openpgp_messages_count_and_for_their_recipients(void **state) {
    if (!lab_has_gpg())
        skip();
    for (size_t i = 0; i < G_N_ELEMENTS(openpgp_cases); i++) {
        const CmsCase *c = &openpgp_cases[i];
        size_t length;
        bool exports = strstr(c->arguments, "--export") != NULL;
        bool made = exports ? lab_run("gpg --yes --batch -o out.pgp %s", "--armor --export alice@client.test")
                            : lab_run("gpg --yes --batch --allow-old-cipher-algos --trust-model always --pinentry-mode "
                                      "loopback -o out.pgp %s plain.txt",
                                      c->arguments);
        if (!made && strstr(c->arguments, "disable-mdc") != NULL)
            continue; /* newer GnuPG cannot even make these */
        if (!made)
            made = lab_run("gpg --yes --batch --trust-model always --pinentry-mode loopback -o out.pgp %s plain.txt",
                           c->arguments);
        if (!made)
            fail_msg("%s: gpg failed", c->name);
        g_autofree unsigned char *data = lab_read("out.pgp", &length);
        g_autoptr(ContentProof) proof = proof_openpgp(data, length);
        if (content_proof_verdict(proof) != c->verdict || for_whom(proof, "alice@client.test") != c->alice ||
            for_whom(proof, "bob@client.test") != c->bob)
            fail_msg("%s: verdict %d (%s), alice %d, bob %d", c->name, content_proof_verdict(proof),
                     content_proof_why(proof), for_whom(proof, "alice@client.test"),
                     for_whom(proof, "bob@client.test"));
    }
}

#define TEN "\xff\xee\xdd\xcc\xbb\xaa\x99\x88\x77\x66"
#define FORTY TEN TEN TEN TEN
/* to an RSA key of 960 bits */
#define PKESK                                                                                                          \
    "\xc1\x84\x03\x01\x02\x03\x04\x05\x06\x07\x08\x01\x03\xc0"                                                         \
    "\xed\xdf\x88\xa3\x5f\x81\xad\xf6\x29\xd5\x14\xe1\x56\xf3\xd8\xa8\x56\xbc\x1a\x9c\x43\x90\xc4\x9a"                 \
    "\x95\xb4\x72\xeb\x2c\xc4\x6b\xe5\x8f\xd7\x16\xb3\x02\xe9\x1c\xe0\xfb\xa3\x0c\xbc\xd9\x9c\x01\x9f"                 \
    "\x65\xb3\xa9\x82\x2a\xa2\x08\x95\xfe\xb2\xd7\x91\xcb\xb1\x2f\xa5\x58\x8a\x1b\xc5\x4c\xc4\x11\x9f"                 \
    "\xce\xbc\x52\x8b\xbb\x96\xb1\x9c\xbb\xf3\x6b\xe6\x65\x84\xc2\xd4\x00\xee\x39\xb6\x71\xf1\x8a\xd3"                 \
    "\x2d\xce\x91\x9a\x1c\x86\xc3\xed\xfe\xd8\x7f\x90\xd9\xbb\x31\xe6\xbe\xde\x47\xca\x57\xc2\x0f\x8c"
/* to an X25519 key, for the data of RFC 9580 */
#define PKESK6                                                                                                         \
    "\xc1\x59\x06\x15\x04" TEN TEN "\x19" TEN TEN TEN "\x01\x02"                                                       \
    "\x20" TEN TEN TEN "\x03\x04"
#define SEIPD "\xd2\x28\x01" TEN TEN TEN "\x12\xf3\x84\x95\xa6\xb7\xc8\xd9\xea"

#define SEIPD2 "\xd2\x36\x02\x09\x02\x10" FORTY TEN

static const struct {
    const char *name, *packets;
    size_t length;
    ContentVerdict verdict;
} packet_cases[] = {
#define PACKETS(bytes) bytes, sizeof(bytes) - 1
    {"the least that counts", PACKETS(PKESK SEIPD), CONTENT_ENCRYPTED},
    {"a marker first", PACKETS("\xca\x03PGP" PKESK SEIPD), CONTENT_ENCRYPTED},
    {"padding behind", PACKETS(PKESK SEIPD "\xd5\x02xx"), CONTENT_ENCRYPTED},
    {"no session key", PACKETS(SEIPD), CONTENT_BROKEN},
    {"something behind", PACKETS(PKESK SEIPD "\xcb\x06t\x00\x00\x00\x00\x00"), CONTENT_BROKEN},
    {"twice", PACKETS(PKESK SEIPD PKESK SEIPD), CONTENT_BROKEN},
    {"a literal instead", PACKETS(PKESK "\xcb\x06t\x00\x00\x00\x00\x00"), CONTENT_BROKEN},
    {"tag 9",
     PACKETS(PKESK "\xc9\x10"
                   "0123456789\xff\xff\xff\xff\xff\xff"),
     CONTENT_BROKEN},
    {"GnuPG's own form", PACKETS(PKESK "\xd4\x3a\x01\x09\x02\x10" FORTY TEN "1234"), CONTENT_ENCRYPTED},
    {"GnuPG's own form, of no known mode", PACKETS(PKESK "\xd4\x3a\x01\x09\x07\x10" FORTY TEN "1234"), CONTENT_BROKEN},
    {"GnuPG's own form without a key", PACKETS("\xd4\x3a\x01\x09\x02\x10" FORTY TEN "1234"), CONTENT_BROKEN},
    {"the newest form", PACKETS(PKESK6 SEIPD2), CONTENT_ENCRYPTED},
    {"a new key for old data", PACKETS(PKESK6 SEIPD), CONTENT_BROKEN},
    {"an old key for new data", PACKETS(PKESK SEIPD2), CONTENT_BROKEN},
    {"a key in clear", PACKETS("\xc1\x1e\x03\x01\x02\x03\x04\x05\x06\x07\x08\x01\x00\x80" TEN "abcdef" SEIPD),
     CONTENT_BROKEN},
    {"a key by no known algorithm",
     PACKETS("\xc1\x0f\x03\x01\x02\x03\x04\x05\x06\x07\x08\x63\x01\x02\x03\x04\x05" SEIPD), CONTENT_BROKEN},
    {"a letter by no known algorithm beside a key",
     PACKETS("\xc1\x2a\x03\x01\x02\x03\x04\x05\x06\x07\x08\x63"
             "The settlement is two million." PKESK SEIPD),
     CONTENT_BROKEN},
    {"a key by no known algorithm beside one",
     PACKETS("\xc1\x14\x03\x01\x02\x03\x04\x05\x06\x07\x08\x63" TEN PKESK SEIPD), CONTENT_ENCRYPTED},
    {"a longer key than there is room for",
     PACKETS("\xc1\x0f\x03\x01\x02\x03\x04\x05\x06\x07\x08\x01\x10\x00\xff\xff\xff" SEIPD), CONTENT_BROKEN},
    {"cut",
     PACKETS(PKESK "\xd2\x50\x01"
                   "0123456789"),
     CONTENT_BROKEN},
    {"a length beyond everything", PACKETS("\xc1\xff\xff\xff\xff\xff\x03"), CONTENT_BROKEN},
    {"partial session key", PACKETS("\xc1\xe9\x03"), CONTENT_BROKEN},
    {"nothing", PACKETS(""), CONTENT_BROKEN},
};

static void packets_must_be_session_keys_and_one_final_protected_packet(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(packet_cases); i++) {
        g_autoptr(ContentProof) proof =
            proof_openpgp((const unsigned char *)packet_cases[i].packets, packet_cases[i].length);
        if (content_proof_verdict(proof) != packet_cases[i].verdict)
            fail_msg("%s: %d (%s)", packet_cases[i].name, content_proof_verdict(proof), content_proof_why(proof));
    }
}

static int open_lab(void **state) {
    folder = lab_open();
    if (folder == NULL)
        return -1;
    certs = certs_load(folder, NULL);
    return 0;
}

static int close_lab(void **state) {
    certs_free(certs);
    lab_close();
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_genuine_cms_envelopes_count_and_for_their_recipients),
        cmocka_unit_test(triple_des_is_told_apart),
        cmocka_unit_test(a_damaged_envelope_is_broken_and_never_crashes),
        cmocka_unit_test(a_hundred_thousand_levels_are_refused_at_once),
        cmocka_unit_test(a_letter_in_an_envelope_is_no_ciphertext),
        cmocka_unit_test(an_envelope_without_recipients_is_broken),
        cmocka_unit_test(ten_thousand_recipients_are_read_and_more_are_not),
        cmocka_unit_test(an_opaque_signature_gives_its_content),
        cmocka_unit_test(an_expired_certificate_is_no_certificate),
        cmocka_unit_test(what_is_wrong_with_the_only_certificate_is_said),
        cmocka_unit_test(only_genuine_openpgp_messages_count_and_for_their_recipients),
        cmocka_unit_test(packets_must_be_session_keys_and_one_final_protected_packet),
    };
    return cmocka_run_group_tests(tests, open_lab, close_lab);
}
