/* SPDX-License-Identifier: Apache-2.0 */
/* What encrypts works where a judge works: without files and calls beyond the list, in bounded memory and time. */
#include "../crypto/lab.h"
#include "crypto/encrypt.h"
#include "crypto/proof.h"
#include "judge/confine.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LARGE = 25 << 20, MEMORY = 140 << 20, ROUNDS = 100 };

static CertStore *store;
static char *plain;

static int setup(void **state) {
    if (lab_group_setup(state) != 0)
        return -1;
    store = certs_load(lab_folder(), NULL);
    plain = mmap(NULL, LARGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (size_t i = 0; i < LARGE; i++)
        plain[i] = (char)(i * 2654435761U >> 13);
    return plain == MAP_FAILED ? -1 : 0;
}

static int teardown(void **state) {
    munmap(plain, LARGE);
    certs_free(store);
    return lab_group_teardown(state);
}

static Instant now(void) {
    return instant_from_seconds(g_get_real_time() / G_USEC_PER_SEC);
}

/* Made, and proved for its recipients. */
static bool encrypts(Encrypter *encrypter, const GPtrArray *certs, size_t length) {
    Bytes piece = {plain, length};
    g_autoptr(GString) out = g_string_new(NULL);
    g_autofree char *why = NULL;
    EncryptInput input = {.pieces = &piece, .count = 1, .certs = certs, .now = now()};
    if (!encrypt_openpgp(encrypter, &input, out, &why))
        return false;
    g_autoptr(ContentProof) proof = proof_openpgp((const unsigned char *)out->str, out->len);
    return content_proof_for(proof, store, "alice@client.test", now(), NULL) == FOR_YES &&
           content_proof_for(proof, store, "bob@client.test", now(), NULL) == FOR_YES;
}

/* In a child, which gives up its rights: the encrypter is made before, the keys are read after. */
static int confined(size_t length, int rounds) {
    Encrypter *encrypter = encrypter_new();
    g_autoptr(GPtrArray) certs = g_ptr_array_new();
    g_ptr_array_add(certs, encrypt_find(store, "alice@client.test", CERT_OPENPGP, now()));
    g_ptr_array_add(certs, encrypt_find(store, "bob@client.test", CERT_OPENPGP, now()));
    if (!confine_judge(MEMORY))
        return 2;
    for (int i = 0; i < rounds; i++)
        if (!encrypts(encrypter, certs, length))
            return 1;
    return 0;
}

static void assert_confined(size_t length, int rounds) {
    int status;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(confined(length, rounds));
    struct rusage used;
    assert_int_equal(wait4(child, &status, 0, &used), child);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail_msg("%zu bytes: status %x", length, (unsigned)status);
    printf("%zu bytes, %d times: %ld ms\n", length, rounds,
           used.ru_utime.tv_sec * 1000 + used.ru_utime.tv_usec / 1000 + used.ru_stime.tv_sec * 1000 +
               used.ru_stime.tv_usec / 1000);
}

static void openpgp_is_encrypted_in_a_judge(void **state) {
    if (!lab_has_gpg())
        skip();
    assert_confined(0, 1);
    assert_confined(5000, ROUNDS);
    assert_confined(LARGE, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openpgp_is_encrypted_in_a_judge),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
