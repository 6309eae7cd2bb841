/* SPDX-License-Identifier: Apache-2.0 */
/* What goes on as a copy: in clear what came, with the policy's changes; encrypted what a judge made, if its header is
 * the message's. */
#include "front/copymail.h"
#include "../base/folder.h"
#include <string.h>

#define CAME                                                                                                           \
    "From: alice@firm.test\r\nX-Lexgate-Track: forged.x\r\nSubject: the\r\n hearing\r\nX-Twice: a\r\nX-Twice: a\r\n"   \
    "X-Twice: b\r\nMime-Version: 1.0 (Mac Mail)\r\nContent-Type: text/plain\r\n\r\n"
#define BODY "Dear Nora,\r\n.dot\r\nGr\xc3\xbc\xc3\x9f\x65\r\n"
#define TRACK "X-Lexgate-Track: abc.-\r\n"
#define SMIME                                                                                                          \
    "MIME-Version: 1.0\r\nContent-Type: application/pkcs7-mime;\r\n smime-type=enveloped-data; name=\"smime.p7m\"\r\n"
#define GOOD                                                                                                           \
    "From: alice@firm.test\r\nSubject: the hearing\r\nX-Twice: a\r\nX-Twice: a\r\n" TRACK SMIME                        \
    "Content-Transfer-Encoding: base64\r\n\r\n"

typedef struct {
    Front front;
    Session session;
    Answer answer;
    MemPool *pool;
    char *mac;
} World;

static void header(Answer *answer, char op, const char *name, unsigned index, const char *value) {
    AnswerHeader *made = g_new0(AnswerHeader, 1);
    *made = (AnswerHeader){.op = op, .name = (char *)name, .value = (char *)value, .index = index};
    g_ptr_array_add(answer->headers, made);
}

static void world_open(World *world, const char *folder, const char *body) {
    g_autofree char *keys = g_build_filename(folder, "keys", NULL);
    *world = (World){.front.keyring = keyring_open(keys, true, NULL), .pool = mempool_new(1 << 20, SIZE_MAX)};
    world->session = (Session){.front = &world->front, .file = memfile_take(world->pool, 0), .body_at = strlen(CAME)};
    memfile_append(world->session.file, CAME, strlen(CAME));
    memfile_append(world->session.file, body, strlen(body));
    world->answer = (Answer){.track = "abc",
                             .headers = g_ptr_array_new_with_free_func(g_free),
                             .body = g_array_new(FALSE, FALSE, sizeof(ByteEdit))};
    header(&world->answer, '-', "X-Lexgate-Track", 1, "");
    header(&world->answer, '-', "X-Twice", 3, "");
    header(&world->answer, '+', "X-Lexgate-Track", 1, "abc.-");
    world->mac = keyring_mac(world->front.keyring, "track", "abc");
}

static void world_close(World *world) {
    memfile_give(world->session.file, false);
    mempool_free(world->pool);
    keyring_free(world->front.keyring);
    g_ptr_array_unref(world->answer.headers);
    g_array_unref(world->answer.body);
    g_free(world->mac);
}

static char *text_of(const CopyBytes *bytes) {
    GString *all = g_string_new(bytes->header->str);
    g_string_append(all, "\r\n");
    for (guint i = 0; i < bytes->body->len; i++) {
        const Bytes *piece = &g_array_index(bytes->body, Bytes, i);
        g_string_append_len(all, piece->data, (gssize)piece->length);
    }
    return g_string_free(all, FALSE);
}

static void in_clear_it_is_what_came_with_the_changes(void **state) {
    static const char *const ends[] = {"", "no line end"};
    for (size_t i = 0; i < G_N_ELEMENTS(ends); i++) {
        World world;
        g_autofree char *body = g_strconcat(BODY, ends[i], NULL);
        world_open(&world, *state, body);
        header(&world.answer, '=', "Subject", 1, "[Firm] the hearing =?utf-8?q?a?=");
        ByteEdit edit = {strlen(CAME) + 5, 4, 3};
        g_array_append_val(world.answer.body, edit);
        CopySource source = {&world.session, &world.answer, "Ben"};
        const char *why;
        g_autoptr(CopyBytes) bytes = copymail_make(&source, &(AnswerCopy){.seal = SEAL_NONE}, &why);
        g_autofree char *text = text_of(bytes);
        g_autofree char *wanted = g_strdup_printf(
            "From: alice@firm.test\r\nSubject: [Firm] the hearing\r\n =?utf-8?q?a?=\r\nX-Twice: a\r\nX-Twice: a\r\n"
            "Mime-Version: 1.0 (Mac Mail)\r\nContent-Type: text/plain\r\nX-Lexgate-Track: abc.%s\r\n\r\nDear "
            "Ben,\r\n.dot\r\nGr\xc3\xbc\xc3\x9f\x65\r\n%s%s",
            world.mac, ends[i], *ends[i] ? "\r\n" : "");
        assert_string_equal(text, wanted);
        world_close(&world);
    }
}

typedef struct {
    const char *says;
    Seal seal;
    const char *message;
    bool passes;
} SealedCase;

static const SealedCase cases[] = {
    {"as it should be", SEAL_SMIME, GOOD "TUlN\r\n", true},
    {"the version of MIME as it came", SEAL_SMIME,
     "Mime-Version: 1.0 (Mac Mail)\r\nContent-Transfer-Encoding: base64\r\nContent-Type: application/pkcs7-mime; "
     "smime-type=enveloped-data; name=\"smime.p7m\"\r\n\r\nTUlN\r\n",
     true},
    {"a version of MIME of its own", SEAL_SMIME, "MIME-Version: 1.0 (hello)\r\n" SMIME "\r\nTUlN\r\n", false},
    {"the type that came", SEAL_SMIME, "Content-Type: text/plain\r\n\r\nTUlN\r\n", false},
    {"fields left out", SEAL_SMIME, TRACK SMIME "\r\nTUlN\r\n", true},
    {"another subject", SEAL_SMIME, "Subject: [...]\r\n" SMIME "\r\nTUlN\r\n", false},
    {"OpenPGP", SEAL_OPENPGP,
     "Content-Type: multipart/encrypted; "
     "protocol=\"application/pgp-encrypted\"; boundary=\"b\"\r\n\r\n--b\r\n",
     true},
    {"another way than it says", SEAL_OPENPGP, GOOD "TUlN\r\n", false},
    {"no word of being encrypted", SEAL_SMIME, "From: alice@firm.test\r\nContent-Type: text/plain\r\n\r\nTUlN\r\n",
     false},
    {"another From", SEAL_SMIME, "From: eve@evil.test\r\n" SMIME "\r\nTUlN\r\n", false},
    {"a From twice", SEAL_SMIME, "From: alice@firm.test\r\nFrom: alice@firm.test\r\n" SMIME "\r\nTUlN\r\n", false},
    {"a field that was taken away", SEAL_SMIME, "X-Twice: b\r\n" SMIME "\r\nTUlN\r\n", false},
    {"a field of its own", SEAL_SMIME, "Bcc: eve@evil.test\r\n" SMIME "\r\nTUlN\r\n", false},
    {"the track of another", SEAL_SMIME, "X-Lexgate-Track: xyz.-\r\n" SMIME "\r\nTUlN\r\n", false},
    {"the forged track", SEAL_SMIME, "X-Lexgate-Track: forged.x\r\n" SMIME "\r\nTUlN\r\n", false},
    {"the mark of copies", SEAL_SMIME, "X-Lexgate-Copy: send.1.x\r\n" SMIME "\r\nTUlN\r\n", false},
    {"two types", SEAL_SMIME, SMIME "Content-Type: text/plain\r\n\r\nTUlN\r\n", false},
    {"a lone CR in a field", SEAL_SMIME, "Subject: a\rBcc: eve@evil.test\r\n" SMIME "\r\nTUlN\r\n", false},
    {"no body", SEAL_SMIME, GOOD, false},
    {"no empty line", SEAL_SMIME, SMIME, false},
    {"a line without end", SEAL_SMIME, GOOD "TUlN", false},
    {"a lone LF", SEAL_SMIME, GOOD "TU\nlN\r\n", false},
    {"eight bits", SEAL_SMIME, GOOD "Gr\xc3\xbc\xc3\x9f\x65\r\n", false},
    {"nothing", SEAL_SMIME, "", false},
};

static void what_a_judge_encrypted_is_believed_field_by_field(void **state) {
    World world;
    world_open(&world, *state, BODY);
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        AnswerCopy copy = {.seal = cases[i].seal, .size = strlen(cases[i].message)};
        CopySource source = {&world.session, &world.answer, cases[i].message};
        const char *why = NULL;
        g_autoptr(CopyBytes) bytes = copymail_make(&source, &copy, &why);
        if ((bytes != NULL) != cases[i].passes || (bytes == NULL) != (why != NULL))
            fail_msg("%s: %s", cases[i].says, why ? why : "passes");
    }
    world_close(&world);
}

static void the_track_gets_its_mac_in_an_encrypted_copy_too(void **state) {
    World world;
    world_open(&world, *state, BODY);
    AnswerCopy copy = {.seal = SEAL_SMIME, .size = strlen(GOOD "TUlN\r\n")};
    CopySource source = {&world.session, &world.answer, GOOD "TUlN\r\n"};
    const char *why;
    g_autoptr(CopyBytes) bytes = copymail_make(&source, &copy, &why);
    g_autofree char *wanted = g_strdup_printf("X-Lexgate-Track: abc.%s\r\n", world.mac);
    assert_non_null(strstr(bytes->header->str, wanted));
    assert_null(strstr(bytes->header->str, "abc.-"));
    world_close(&world);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(in_clear_it_is_what_came_with_the_changes, folder_make, folder_drop),
        cmocka_unit_test_setup_teardown(what_a_judge_encrypted_is_believed_field_by_field, folder_make, folder_drop),
        cmocka_unit_test_setup_teardown(the_track_gets_its_mac_in_an_encrypted_copy_too, folder_make, folder_drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
