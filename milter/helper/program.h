/* SPDX-License-Identifier: Apache-2.0 */
/* `pdftotext` on one file, bounded in time, memory and output. */
#pragma once
#include "wire/helperwire.h"

/* Up to `max` bytes of text; `file` stays the caller's. */
HelperAnswer program_run(int file, char *text, size_t max);
