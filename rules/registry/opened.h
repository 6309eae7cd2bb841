/* SPDX-License-Identifier: Apache-2.0 */
/* A registry as it was opened. For the files of this folder alone. */
#pragma once
#include "registry/import.h"
#include <lmdb.h>

struct Registry {
    MDB_env *env;
    MDB_dbi dbi;
    char *digest;
    RegistryCounts counts;
};
