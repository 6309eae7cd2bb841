/* SPDX-License-Identifier: Apache-2.0 */
/* Names and masks. What a mask shows of a short number must not narrow it down. */
#include "facts/detection.h"
#include <string.h>

enum { LONG = 14, SHOWN_LONG = 4, SHOWN_SHORT = 2 };

const char *const detector_names[] = {"payment-card", "iban",         "us-ssn",     "uk-nino", "nhs-number",
                                      "aba-routing",  "passport-mrz", "uk-account", NULL};

Detection *detection_new(const char *detector, const char *where) {
    Detection *detection = g_new0(Detection, 1);
    detection->detector = g_strdup(detector);
    detection->where = g_strdup(where);
    detection->masked = g_ptr_array_new_with_free_func(g_free);
    return detection;
}

void detection_free(Detection *detection) {
    if (!detection)
        return;
    g_free(detection->detector);
    g_free(detection->where);
    g_ptr_array_unref(detection->masked);
    g_free(detection);
}

char *detection_mask(const char *value) {
    size_t length = strlen(value);
    if (length >= LONG)
        return g_strdup_printf("%.*s\u2026%s", SHOWN_LONG, value, value + length - SHOWN_LONG);
    return g_strdup_printf("\u2026%s", length > SHOWN_SHORT ? value + length - SHOWN_SHORT : "");
}
