/* SPDX-License-Identifier: Apache-2.0 */
/* The lab with what encrypts, for a group of tests: its certificates and keys as a store, and an Encrypter. */
#pragma once
#include "crypto/encrypt.h"
#include "lab.h"

extern Encrypter *encrypter;
extern CertStore *store; /* of all files that lie in the lab's folder when it is opened */

/* After lab_group_setup(), and what a test puts into the folder. */
int enclab_open(void);

/* The fixture of a group that adds nothing; its teardown is everybody's. */
int enclab_setup(void **state);
int enclab_teardown(void **state);

Instant now(void);
