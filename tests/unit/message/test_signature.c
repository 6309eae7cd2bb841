/* SPDX-License-Identifier: Apache-2.0 */
/* Signed messages as openssl(1) and gpg(1) write them, and what somebody on the way could make of them: a signature
 * counts where it covers what every mail program shows. */
#include "read.h"
#include "../crypto/lab.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static CertStore *certs;

#define FROM "From: Alice <alice@client.test>\n"
#define REST "To: bob@firm.test\nSubject: lease\n"
#define TEXT "Content-Type: text/plain\n\nThe settlement is two million.\n"

/* Files of the folder: detached, opaque and pgp are the MIME entities, without From and Subject. */
static int make_world(void **state) {
    if (lab_group_setup(state) != 0)
        return -1;
    assert_true(
        lab_run("mkdir -p certs && cp alice.pem certs && cp eve.pem eve.crt && "
                "openssl cms -sign -in plain.txt -signer alice.pem -inkey alice.key | tr -d '\\r' > detached && "
                "openssl cms -sign -nodetach -in plain.txt -signer alice.pem -inkey alice.key | tr -d '\\r' > "
                "opaque && openssl cms -sign -in plain.txt -signer eve.pem -inkey eve.key | tr -d '\\r' > eve"));
    if (lab_has_gpg())
        assert_true(lab_run(
            "cp alice.asc certs && gpg --batch --passphrase '' -u alice@client.test --armor --detach-sign -o s.asc "
            "plain.txt && { printf 'MIME-Version: 1.0\\nContent-Type: multipart/signed; micalg=pgp-sha512; "
            "protocol=\"application/pgp-signature\"; boundary=b\\n\\n--b\\n'; tr -d '\\r' < plain.txt; "
            "printf '\\n--b\\nContent-Type: application/pgp-signature\\n\\n'; cat s.asc; printf '\\n--b--\\n'; } > "
            "pgp"));
    g_autofree char *folder = g_build_filename(lab_folder(), "certs", NULL);
    certs = certs_load(folder, NULL);
    return 0;
}

static int drop_world(void **state) {
    certs_free(certs);
    return lab_group_teardown(state);
}

/* Everything of `text` that is `from` becomes `to`. */
static char *replaced(const char *text, const char *from, const char *to) {
    GString *out = g_string_new(text);
    if (from != NULL)
        assert_true(g_string_replace(out, from, to, 0) > 0);
    return g_string_free(out, FALSE);
}

typedef struct {
    const char *file;      /* the entity; NULL: none */
    const char *head;      /* before it */
    const char *from, *to; /* what becomes of it */
    const char *tail;      /* behind it */
    const char *state;
    const char *words; /* in the sentence; NULL: there is none */
} Case;

#define MIXED FROM REST "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=out\n\n--out\n"
#define END "\n--out--\n"

static const Case cases[] = {
    {NULL, FROM REST "\nThe settlement is two million.\n", NULL, NULL, "", "none", NULL},
    {"detached", FROM REST, NULL, NULL, "", "valid", "signed by alice@client.test"},
    {"opaque", FROM REST, NULL, NULL, "", "valid", "signed by alice@client.test"},
    {"detached", FROM REST, "two million", "ten million", "", "invalid", "altered"},
    {"detached", FROM REST, "text/plain", "text/html", "", "invalid", "altered"},
    {"detached", FROM REST, "\n\nThe settlement", "\n\n\nThe settlement", "", "invalid", "altered"},
    {"detached", "From: bob@client.test\n" REST, NULL, NULL, "", "wrong-address", "says it comes from bob@client.test"},
    {"detached", "From: alice@client.test, bob@client.test\n" REST, NULL, NULL, "", "unknown", "one address"},
    {"detached", FROM FROM REST, NULL, NULL, "", "unknown", "different ways"},
    {"detached", REST, NULL, NULL, "", "unknown", "one address"},
    {"eve", FROM REST, NULL, NULL, "", "valid-unknown-signer", "nobody vouches for the certificate of eve@other.test"},
    /* Others' signatures, and those over a part. */
    {"detached", MIXED, NULL, NULL, "\n--out\n\nA footer of the list.\n--out--\n", "none", "the whole is not"},
    {"detached", MIXED "Content-Type: text/plain\n\nPay to the new account.\n--out\n", NULL, NULL, END, "none",
     "the whole is not"},
    {"detached", MIXED "Content-Type: message/rfc822\n\n" FROM REST, NULL, NULL, END, "none", "the whole is not"},
    {"opaque", MIXED "Content-Type: message/rfc822\n\n" FROM REST, NULL, NULL, END, "none", "the whole is not"},
    {"opaque", MIXED, NULL, NULL, END, "none", "the whole is not"},
    /* What stands around the signed bytes, or may be read instead of them. */
    {"detached", FROM REST, NULL, NULL, "Pay to the new account instead.\n", "unknown", "text that nobody signed"},
    {"detached", FROM REST, "This is an S/MIME signed message", "Pay to the new account instead.", "", "unknown",
     "text that nobody signed"},
    {"detached", FROM REST "Content-Type: text/html\n", NULL, NULL, "", "unknown", "different ways"},
    {"detached", FROM REST, "boundary=\"", "boundary=x; boundary=\"", "", "unknown", ""},
    {"detached", FROM REST, "protocol=\"application/pkcs7-signature\"", "protocol=\"application/pgp-signature\"", "",
     "valid", "signed by"},
    {"detached", FROM REST, "Content-Type: application/pkcs7-signature", "Content-Type: application/pdf", "", "unknown",
     "not with S/MIME or OpenPGP"},
    {"detached", FROM REST, "Content-Transfer-Encoding: base64", "Content-Transfer-Encoding: x-new", "", "unknown", ""},
    {"detached", FROM REST, "multipart/signed", "multipart/mixed", "", "none", NULL},
    {"opaque", FROM REST, "smime-type=signed-data", "smime-type=enveloped-data", "", "valid", "signed by"},
};

static const Case openpgp_cases[] = {
    {"pgp", FROM REST, NULL, NULL, "", "valid", "OpenPGP key"},
    {"pgp", FROM REST, "two million", "ten million", "", "invalid", "altered"},
    {"pgp", "From: bob@client.test\n" REST, NULL, NULL, "", "unknown", "not known for bob@client.test"},
    {"pgp", FROM REST, "-----BEGIN PGP SIGNATURE-----", "-----BEGIN PGP SIGN-----", "", "unknown", "malformed"},
    {"pgp", MIXED, NULL, NULL, END, "none", "the whole is not"},
};

static void check(const Case *one) {
    size_t length = 0;
    g_autofree char *whole = one->file != NULL ? (char *)lab_read(one->file, &length) : g_strdup("");
    g_autofree char *entity = g_strndup(whole, length);
    g_autofree char *made = replaced(entity, one->from, one->to);
    g_autofree char *message = g_strconcat(one->head, made, one->tail, NULL);
    g_autoptr(Facts) facts = read_outgoing(message, strlen(message), certs, "bob@firm.test");
    const SignatureFact *signature = &facts->signature;
    bool said = one->words == NULL ? *signature->why == '\0' : strstr(signature->why, one->words) != NULL;
    if (strcmp(signature->state, one->state) != 0 || !said)
        fail_msg("%s %s → %s: %s (%s)", one->file, one->from, one->to, signature->state, signature->why);
    bool smime = strcmp(one->state, "valid") == 0 && strcmp(one->file, "pgp") != 0;
    assert_true((signature->kept != NULL) == smime);
}

static void a_signature_counts_where_it_covers_what_everybody_sees(void **state) {
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++)
        check(&cases[i]);
}

static void openpgp_signatures_count_the_same_way(void **state) {
    if (!lab_has_gpg())
        skip();
    for (size_t i = 0; i < G_N_ELEMENTS(openpgp_cases); i++)
        check(&openpgp_cases[i]);
}

/* No change of one byte makes another valid message of it, but in what nobody signs and no reader shows. */
static void a_changed_byte_of_the_signed_part_is_noticed(void **state) {
    size_t length;
    g_autofree char *entity = (char *)lab_read("detached", &length);
    g_autofree char *text = g_strconcat(FROM REST, entity, NULL);
    const char *part = strstr(text, "Content-Type: text/plain"), *end = strstr(part, "\n\n----");
    for (const char *at = part; at < end; at++) {
        g_autofree char *changed = g_strdup(text);
        changed[at - text] ^= 1;
        g_autoptr(Facts) facts = read_outgoing(changed, strlen(changed), certs, "bob@firm.test");
        if (strcmp(facts->signature.state, "valid") == 0)
            fail_msg("at %td: %s", at - part, facts->signature.why);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signature_counts_where_it_covers_what_everybody_sees),
        cmocka_unit_test(openpgp_signatures_count_the_same_way),
        cmocka_unit_test(a_changed_byte_of_the_signed_part_is_noticed),
    };
    return cmocka_run_group_tests(tests, make_world, drop_world);
}
