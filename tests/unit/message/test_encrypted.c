/* SPDX-License-Identifier: Apache-2.0 */
/* Whole messages: genuine ones count for their recipients, what looks encrypted and is not never does. */
#include "read.h"
#include "../crypto/lab.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static const char *folder;
static CertStore *certs;

/* %NAME% in a message is the file of that name, made by openssl or gpg; %64:NAME% is its base64. */
static GString *fill(const char *pattern) {
    GString *out = g_string_new(NULL);
    for (const char *at = pattern; *at != '\0';) {
        const char *open = strchr(at, '%'), *close = open == NULL ? NULL : strchr(open + 1, '%');
        if (close == NULL) {
            g_string_append(out, at);
            break;
        }
        g_string_append_len(out, at, open - at);
        bool encode = strncmp(open, "%64:", 4) == 0;
        g_autofree char *name = g_strndup(open + (encode ? 4 : 1), (gsize)(close - open - (encode ? 4 : 1)));
        size_t length;
        g_autofree unsigned char *data = lab_read(name, &length);
        g_autofree char *text = encode ? g_base64_encode(data, length) : g_strndup((const char *)data, length);
        for (size_t i = 0; i < strlen(text); i += encode ? 72 : strlen(text))
            g_string_append_printf(out, encode ? "%.72s\n" : "%s", text + i);
        at = close + 1;
    }
    return out;
}

#define HEAD "From: bob@firm.test\nTo: alice@client.test\nSubject: lease\nMIME-Version: 1.0\n"
#define P7M "Content-Type: application/pkcs7-mime; name=smime.p7m"
#define B64 "Content-Transfer-Encoding: base64\n"
#define PGP_TYPE "Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\"; boundary=b\n\n"
#define VERSION "--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\n"
#define OCTETS "--b\nContent-Type: application/octet-stream\n\n"
#define MIXED HEAD "Content-Type: multipart/mixed; boundary=b\n\n"

typedef struct {
    const char *name, *message;
    EncryptionState state;
    Proof alice, bob;
} Case;

static const Case smime_cases[] = {
    {"S/MIME", HEAD P7M "; smime-type=enveloped-data\n" B64 "\n%64:alice.p7%", ENC_SMIME, PROOF_SMIME, PROOF_NONE},
    {"S/MIME to both, old type", HEAD "Content-Type: application/x-pkcs7-mime\n" B64 "\n%64:both.p7%", ENC_SMIME,
     PROOF_SMIME, PROOF_SMIME},
    {"S/MIME by file name", HEAD "Content-Type: application/octet-stream; name=x.P7M\n" B64 "\n%64:gcm.p7%", ENC_SMIME,
     PROOF_SMIME, PROOF_NONE},
    {"S/MIME under a wrong smime-type", HEAD P7M "; smime-type=signed-data\n" B64 "\n%64:alice.p7%", ENC_SMIME,
     PROOF_SMIME, PROOF_NONE},
    {"signed around encrypted, opaque", HEAD P7M "; smime-type=signed-data\n" B64 "\n%64:triple.p7%", ENC_SMIME,
     PROOF_SMIME, PROOF_NONE},
    {"octets without a name", HEAD "Content-Type: application/octet-stream\n" B64 "\n%64:alice.p7%", ENC_NONE,
     PROOF_NONE, PROOF_NONE},
    {"signed only", HEAD P7M "; smime-type=signed-data\n" B64 "\n%64:signed.p7%", ENC_NONE, PROOF_NONE, PROOF_NONE},
    {"signed under the label of encrypted", HEAD P7M "; smime-type=enveloped-data\n" B64 "\n%64:signed.p7%", ENC_BROKEN,
     PROOF_NONE, PROOF_NONE},
    {"triple DES", HEAD P7M "\n" B64 "\n%64:des3.p7%", ENC_BROKEN, PROOF_NONE, PROOF_NONE},
    {"password", HEAD P7M "\n" B64 "\n%64:password.p7%", ENC_BROKEN, PROOF_NONE, PROOF_NONE},
    {"text under the label", HEAD P7M "; smime-type=enveloped-data\n\nThe settlement is two million.\n", ENC_BROKEN,
     PROOF_NONE, PROOF_NONE},
    {"beside text", MIXED "--b\n\nThe settlement is two million.\n--b\n" P7M "\n" B64 "\n%64:alice.p7%\n--b--\n",
     ENC_NONE, PROOF_NONE, PROOF_NONE},
    {"alone inside a multipart", MIXED "--b\n" P7M "\n" B64 "\n%64:alice.p7%\n--b--\n", ENC_SMIME, PROOF_SMIME,
     PROOF_NONE},
    {"with a letter for a description inside a multipart",
     MIXED "--b\n" P7M "\n" B64
           "Content-Description: The settlement is two million, and Tidewater does not know it yet.\n\n"
           "%64:alice.p7%\n--b--\n",
     ENC_BROKEN, PROOF_NONE, PROOF_NONE},
    {"two content types", HEAD "Content-Type: text/plain\n" P7M "\n" B64 "\n%64:alice.p7%", ENC_UNKNOWN, PROOF_UNKNOWN,
     PROOF_UNKNOWN},
    {"junk in base64", HEAD P7M "\n" B64 "\n%64:alice.p7%\n****\n", ENC_UNKNOWN, PROOF_UNKNOWN, PROOF_UNKNOWN},
    {"a letter", HEAD "\nThe settlement is two million.\n", ENC_NONE, PROOF_NONE, PROOF_NONE},
};

static const Case openpgp_cases[] = {
    {"PGP/MIME", HEAD PGP_TYPE VERSION OCTETS "%both.asc%\n--b--\n", ENC_OPENPGP, PROOF_OPENPGP, PROOF_OPENPGP},
    {"PGP/MIME with Enigmail's preamble",
     HEAD PGP_TYPE "This is an OpenPGP/MIME encrypted message (RFC 4880 and 3156)\n" VERSION OCTETS
                   "%alice.msg%\n--b--\n",
     ENC_OPENPGP, PROOF_OPENPGP, PROOF_NONE},
    {"signed around PGP/MIME",
     HEAD "Content-Type: multipart/signed; protocol=\"application/pgp-signature\"; boundary=s\n\n--s\n" PGP_TYPE VERSION
         OCTETS "%alice.msg%\n--b--\n\n--s\nContent-Type: application/pgp-signature\n\n%alice.sig%\n--s--\n",
     ENC_OPENPGP, PROOF_OPENPGP, PROOF_NONE},
    {"a letter in place of the signature",
     HEAD "Content-Type: multipart/signed; boundary=s\n\n--s\n" PGP_TYPE VERSION OCTETS
          "%alice.msg%\n--b--\n\n--s\nContent-Type: application/pgp-signature\n\nTwo million.\n--s--\n",
     ENC_NONE, PROOF_NONE, PROOF_NONE},
    {"readable preamble", HEAD PGP_TYPE "Two million.\n" VERSION OCTETS "%alice.msg%\n--b--\n", ENC_BROKEN, PROOF_NONE,
     PROOF_NONE},
    {"readable epilogue", HEAD PGP_TYPE VERSION OCTETS "%alice.msg%\n--b--\nTwo million.\n", ENC_BROKEN, PROOF_NONE,
     PROOF_NONE},
    {"a third part", HEAD PGP_TYPE VERSION OCTETS "%alice.msg%\n--b\n\nTwo million.\n--b--\n", ENC_BROKEN, PROOF_NONE,
     PROOF_NONE},
    {"a readable second part", HEAD PGP_TYPE VERSION "--b\n\nTwo million.\n--b--\n", ENC_BROKEN, PROOF_NONE,
     PROOF_NONE},
    {"text under octet-stream", HEAD PGP_TYPE VERSION OCTETS "Two million.\n--b--\n", ENC_BROKEN, PROOF_NONE,
     PROOF_NONE},
    {"text around the armor", HEAD PGP_TYPE VERSION OCTETS "Two million.\n%alice.msg%\n--b--\n", ENC_BROKEN, PROOF_NONE,
     PROOF_NONE},
    {"words in the version",
     HEAD PGP_TYPE "--b\nContent-Type: application/pgp-encrypted\n\nVersion: 1\nTwo million.\n" OCTETS
                   "%alice.msg%\n--b--\n",
     ENC_BROKEN, PROOF_NONE, PROOF_NONE},
    {"wrong protocol",
     HEAD "Content-Type: multipart/encrypted; protocol=x; boundary=b\n\n" VERSION OCTETS "%alice.msg%\n--b--\n",
     ENC_BROKEN, PROOF_NONE, PROOF_NONE},
    {"signed only", HEAD PGP_TYPE VERSION OCTETS "%signed.asc%\n--b--\n", ENC_BROKEN, PROOF_NONE, PROOF_NONE},
    {"password", HEAD PGP_TYPE VERSION OCTETS "%password.asc%\n--b--\n", ENC_BROKEN, PROOF_NONE, PROOF_NONE},
    {"inline", HEAD "\n%alice.msg%\n", ENC_OPENPGP, PROOF_OPENPGP, PROOF_NONE},
    {"inline with an encrypted attachment",
     MIXED "--b\n\n%alice.msg%\n--b\nContent-Type: application/octet-stream; name=x.pgp\n" B64
           "\n%64:both.pgp%\n--b--\n",
     ENC_OPENPGP, PROOF_OPENPGP, PROOF_NONE},
    {"inline with a readable attachment",
     MIXED "--b\n\n%alice.msg%\n--b\nContent-Type: application/octet-stream; name=x\n\nTwo million.\n--b--\n", ENC_NONE,
     PROOF_NONE, PROOF_NONE},
    {"inline with HTML",
     HEAD "Content-Type: multipart/alternative; boundary=b\n\n--b\n\n%alice.msg%\n--b\nContent-Type: "
          "text/html\n\n<p>Two million.\n--b--\n",
     ENC_NONE, PROOF_NONE, PROOF_NONE},
    {"armor inside a letter", HEAD "\nTwo million.\n%alice.msg%\n", ENC_NONE, PROOF_NONE, PROOF_NONE},
    {"only a public key", HEAD "\n%alice.asc%\n", ENC_NONE, PROOF_NONE, PROOF_NONE},
    {"armor around a literal", HEAD "\n%literal.asc%\n", ENC_BROKEN, PROOF_NONE, PROOF_NONE},
    {"a letter with a public key",
     MIXED "--b\n\nTwo million.\n--b\nContent-Type: application/pgp-keys\n\n%alice.asc%\n--b--\n", ENC_NONE, PROOF_NONE,
     PROOF_NONE},
};

static const Case container_cases[] = {
    {"only an encrypted document",
     MIXED "--b\n\n \n--b\nContent-Type: application/pdf; name=x.pdf\n" B64 "\n%64:r6.pdf%\n--b--\n", ENC_CONTAINER,
     PROOF_CONTAINER, PROOF_CONTAINER},
    {"a letter beside it",
     MIXED "--b\n\nTwo million.\n--b\nContent-Type: application/pdf; name=x.pdf\n" B64 "\n%64:r6.pdf%\n--b--\n",
     ENC_NONE, PROOF_NONE, PROOF_NONE},
    {"a readable document beside it",
     MIXED "--b\nContent-Type: application/pdf; name=y.pdf\n" B64
           "\n%64:clear.pdf%\n--b\nContent-Type: application/pdf; name=x.pdf\n" B64 "\n%64:r6.pdf%\n--b--\n",
     ENC_NONE, PROOF_NONE, PROOF_NONE},
    {"a document that opens by itself",
     MIXED "--b\n\n\n--b\nContent-Type: application/pdf; name=x.pdf\n" B64 "\n%64:r6-empty.pdf%\n--b--\n", ENC_BROKEN,
     PROOF_NONE, PROOF_NONE},
};

static void check(const Case *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        g_autoptr(GString) message = fill(cases[i].message);
        g_autoptr(Facts) facts =
            read_outgoing(message->str, message->len, certs, "alice@client.test bob@client.test nobody@client.test");
        Proof alice = g_array_index(facts->proofs, Proof, 0), bob = g_array_index(facts->proofs, Proof, 1);
        if (facts->encryption != cases[i].state || alice != cases[i].alice || bob != cases[i].bob)
            fail_msg("%s: %s (%s), alice %s (%s), bob %s", cases[i].name, encryption_name(facts->encryption),
                     facts->encryption_why, proof_name(alice), (const char *)g_ptr_array_index(facts->proof_whys, 0),
                     proof_name(bob));
        bool encrypted = facts->encryption == ENC_SMIME || facts->encryption == ENC_OPENPGP;
        if (encrypted)
            assert_int_equal(g_array_index(facts->proofs, Proof, 2), PROOF_UNKNOWN);
        assert_int_equal(facts->proof_whys->len, 3);
    }
}

static void smime_counts_from_its_bytes_alone(void **state) {
    check(smime_cases, G_N_ELEMENTS(smime_cases));
}

static void openpgp_counts_from_its_packets_alone(void **state) {
    if (!lab_has_gpg())
        skip();
    check(openpgp_cases, G_N_ELEMENTS(openpgp_cases));
}

static void containers_count_alone(void **state) {
    const char *top = getenv("top_srcdir");
    assert_true(lab_run("cp '%s/tests/fuzz/corpus/container/'*.pdf .", top == NULL ? "." : top));
    check(container_cases, G_N_ELEMENTS(container_cases));
}

static void an_opaque_signature_is_read_through(void **state) {
    g_autoptr(GString) message = fill(HEAD P7M "; smime-type=signed-data\n" B64 "\n%64:signed.p7%");
    g_autoptr(Facts) facts = read_outgoing(message->str, message->len, certs, "alice@client.test");
    assert_string_equal(facts->text, "The settlement is two million.\n");
    assert_int_equal(facts->attachments->len, 0);
    assert_false(facts->unreadable);
}

static bool make_smime(void) {
    return lab_run("C='openssl cms -outform DER'; E=\"$C -encrypt -in plain.txt -aes-256-cbc\"; S='-nodetach -binary "
                   "-signer alice.pem -inkey alice.key'; "
                   "$E -out alice.p7 alice.pem && $E -out both.p7 alice.pem bob.pem && $C -encrypt -in plain.txt "
                   "-aes-256-gcm -out gcm.p7 alice.pem && "
                   "$C -encrypt -in plain.txt -des3 -out des3.p7 alice.pem && $E -pwri_password x -out password.p7 && "
                   "$C -sign $S -in plain.txt -out signed.p7 && "
                   "openssl cms -encrypt -in plain.txt -aes-256-cbc -crlfeol -out inner.eml alice.pem && $C -sign $S "
                   "-in inner.eml -out triple.p7");
}

static bool make_openpgp(void) {
    return lab_run(
        "G='gpg --yes --batch --trust-model always --pinentry-mode loopback'; "
        "$G -a -e -r alice@client.test -o alice.msg plain.txt && $G -a -e -r alice@client.test -r bob@client.test -o "
        "both.asc plain.txt && "
        "$G -e -r alice@client.test -r bob@client.test -o both.pgp plain.txt && $G -a -s -u alice@client.test -o "
        "signed.asc plain.txt && "
        "$G -a -b -u alice@client.test -o alice.sig plain.txt && $G -a -c --passphrase x -o password.asc plain.txt && "
        "$G -a --store -o literal.asc plain.txt");
}

static int open_lab(void **state) {
    folder = lab_open();
    if (folder == NULL || !make_smime() || (lab_has_gpg() && !make_openpgp()))
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
        cmocka_unit_test(smime_counts_from_its_bytes_alone),
        cmocka_unit_test(openpgp_counts_from_its_packets_alone),
        cmocka_unit_test(containers_count_alone),
        cmocka_unit_test(an_opaque_signature_is_read_through),
    };
    return cmocka_run_group_tests(tests, open_lab, close_lab);
}
