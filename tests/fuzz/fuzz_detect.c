/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a text to look for numbers in: what is found is what it is called. */
#include "base/iban.h"
#include "message/detect.h"
#include "message/numbers.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool is_it(Detector detector, const char *value) {
    size_t length = strlen(value);
    switch (detector) {
    case DETECT_CARD:
        return number_is_card(value, length);
    case DETECT_IBAN:
        return length == iban_length(value) && iban_is_valid(value);
    case DETECT_SSN:
        return length == 9 && number_is_ssn(value);
    case DETECT_NINO:
        return length == 9 && number_is_nino(value);
    case DETECT_NHS:
        return length == 10 && number_is_nhs(value);
    case DETECT_ABA:
        return length == 9 && number_is_aba(value);
    case DETECT_MRZ:
        return length == 44;
    default:
        return length == 14 && strspn(value, "0123456789") == 14;
    }
}

static void check(Detector detector, const char *value, void *state) {
    if (!is_it(detector, value))
        abort();
    g_autofree char *mask = detection_mask(value);
    if (strstr(mask, value))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const DetectOptions options = {.wanted = (1u << DETECTORS) - 1, .test_cards = true};
    detect_numbers((const char *)data, size, &options, check, NULL);
    return 0;
}
