/* SPDX-License-Identifier: Apache-2.0 */
/* Names and masks. What a mask shows of a short number must not narrow it down. */
#include "facts/detection.h"
#include <string.h>

enum { LONG = 14, SHOWN_LONG = 4, SHOWN_SHORT = 2 };

const char *const detector_names[] = {"payment-card", "iban",         "us-ssn",     "uk-nino", "nhs-number",
                                      "aba-routing",  "passport-mrz", "uk-account", NULL};

const char *detector_words(const char *detector) {
    static const char *const words[] = {"number of a payment card",
                                        "IBAN",
                                        "social security number (US)",
                                        "national insurance number (UK)",
                                        "NHS number",
                                        "bank routing number (US)",
                                        "machine-readable lines of a passport",
                                        "sort code with account number"};
    G_STATIC_ASSERT(G_N_ELEMENTS(words) == DETECTORS);
    for (size_t i = 0; i < DETECTORS; i++)
        if (strcmp(detector, detector_names[i]) == 0)
            return words[i];
    return detector;
}

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
