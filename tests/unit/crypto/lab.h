/* SPDX-License-Identifier: Apache-2.0 */
/* Makes genuine certificates, keys and messages with the programs that everybody uses, in a folder that goes away. */
#pragma once
#include <glib.h>
#include <stdbool.h>

/* A folder with alice (RSA) and bob (EC) certificates, both of client.test, and an OpenPGP key of alice; NULL when a
 * program is missing. */
const char *lab_open(void);
void lab_close(void);
bool lab_has_gpg(void);

const char *lab_folder(void); /* while it is open */

/* The same as the fixture of a group of tests. */
int lab_group_setup(void **state);
int lab_group_teardown(void **state);

/* Runs a shell command line in the folder; true when it succeeded. */
bool lab_run(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A file of the folder, with its length; aborts when it is not there. Caller owns. */
unsigned char *lab_read(const char *name, size_t *length);
