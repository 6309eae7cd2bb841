/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of lexgate-escalated share. One main thread runs the loop of steps; one thread serves acts; the shipper has its own. */
#pragma once
#include "base/keyring.h"
#include "base/metrics.h"
#include "policy/policy.h"
#include "ship/shipper.h"
#include <pthread.h>

typedef struct {
    pthread_mutex_t lock;    /* guards policy, registry and stop */
    Policy *policy;
    Registry *registry;
    bool stop;
    Keyring *keyring;        /* thread safe */
    JournalWriter *journal;  /* thread safe */
    Shipper *shipper;        /* thread safe */
    Metrics *metrics;        /* thread safe */
    TimeSource clock;
} Daemon;
