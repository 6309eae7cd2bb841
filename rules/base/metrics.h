/* SPDX-License-Identifier: Apache-2.0 */
/* Counters and gauges in a Prometheus text file, replaced by rename.
 *
 * Names are literals that live as long as the process. Safe for threads; counting never blocks on the disk. */
#pragma once
#include <stdbool.h>
#include <stdint.h>

typedef struct Metrics Metrics;

/* `path` is copied. */
Metrics *metrics_new(const char *path);
void metrics_free(Metrics *metrics);

/* `labels` is "" or like `action="reject"`; at most 256 different pairs are kept, the rest are dropped. */
void metrics_count(Metrics *metrics, const char *name, const char *labels, uint64_t add);
void metrics_set(Metrics *metrics, const char *name, const char *labels, double value);

/* Writes the file; false with errno (which is left to the caller to say once, not each time). */
bool metrics_write(Metrics *metrics);
