/* SPDX-License-Identifier: Apache-2.0 */
/* A role, exec'd anew: fresh address layout, default signals, and no descriptor but the named ones. */
#pragma once
#include "keeper/roles.h"
#include <sys/types.h>

typedef struct {
    const char *role; /* "front" or "judge" */
    bool foreground;
    unsigned generation;
    const char *registry;
    int class, slot; /* class -1: none */
    int control, second, policy;
} Spawn;

/* -1 with errno. */
pid_t spawn_role(const Spawn *spawn);
