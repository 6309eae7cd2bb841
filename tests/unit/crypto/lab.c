/* SPDX-License-Identifier: Apache-2.0 */
/* openssl(1) and gpg(1) are run once for each test program; what they make is what clients' programs make. */
#include "lab.h"
#include <glib/gstdio.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *folder;
static bool gpg;

bool lab_run(const char *format, ...) {
    va_list values;
    va_start(values, format);
    g_autofree char *command = g_strdup_vprintf(format, values);
    va_end(values);
    g_autofree char *line =
        g_strdup_printf("cd '%s' && export GNUPGHOME='%s' LC_ALL=C && { %s ; } >lab.log 2>&1", folder, folder, command);
    return system(line) == 0;
}

static bool make_certificates(void) {
    return lab_run(
               "openssl req -x509 -newkey rsa:2048 -nodes -keyout alice.key -out alice.pem -days 30 -subj '/CN=Alice' "
               "-addext 'subjectAltName=email:Alice@client.test' -addext 'keyUsage=digitalSignature,keyEncipherment' "
               "-addext 'extendedKeyUsage=emailProtection'") &&
           lab_run("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout bob.key -out bob.pem "
                   "-days 30 "
                   "-subj '/CN=Bob/emailAddress=bob@client.test' -addext 'keyUsage=keyAgreement'") &&
           lab_run("openssl req -x509 -newkey rsa:2048 -nodes -keyout eve.key -out eve.pem -days 30 -subj '/CN=Eve' "
                   "-addext 'subjectAltName=email:eve@other.test'") &&
           lab_run("openssl x509 -in alice.pem -outform DER -out alice.der") &&
           lab_run("printf 'Content-Type: text/plain\\r\\n\\r\\nThe settlement is two million.\\r\\n' > plain.txt");
}

static bool make_keys(void) {
    return lab_run("gpg --batch --passphrase '' --quick-gen-key 'Alice Client <alice@client.test>' rsa2048 "
                   "encrypt,sign never") &&
           lab_run("gpg --batch --passphrase '' --quick-gen-key 'Bob <bob@client.test>' ed25519 sign never") &&
           lab_run("gpg --batch --passphrase '' --quick-add-key $(gpg --with-colons --list-keys bob@client.test | "
                   "awk -F: '/^fpr/{print $10; exit}') cv25519 encr never") &&
           lab_run("gpg --armor --export alice@client.test > alice.asc") &&
           lab_run("gpg --export bob@client.test > bob.gpg");
}

const char *lab_open(void) {
    g_autofree char *openssl = g_find_program_in_path("openssl");
    g_autofree char *program = g_find_program_in_path("gpg");
    folder = g_dir_make_tmp("lexgate-XXXXXX", NULL);
    if (openssl == NULL || folder == NULL || !make_certificates())
        return NULL;
    gpg = program != NULL && make_keys();
    return folder;
}

bool lab_has_gpg(void) {
    return gpg;
}

void lab_close(void) {
    if (folder == NULL)
        return;
    lab_run("gpgconf --kill gpg-agent");
    g_autofree char *line = g_strdup_printf("rm -rf '%s'", folder);
    if (system(line) != 0)
        fprintf(stderr, "%s was left behind\n", folder);
    g_clear_pointer(&folder, g_free);
}

unsigned char *lab_read(const char *name, size_t *length) {
    g_autofree char *path = g_build_filename(folder, name, NULL);
    char *data = NULL;
    if (!g_file_get_contents(path, &data, length, NULL))
        g_error("%s was not made", path);
    return (unsigned char *)data;
}

const char *lab_folder(void) {
    return folder;
}

int lab_group_setup(void **state) {
    return lab_open() ? 0 : -1;
}

int lab_group_teardown(void **state) {
    lab_close();
    return 0;
}
