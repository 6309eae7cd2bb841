/* SPDX-License-Identifier: Apache-2.0 */
/* What begins at one place of a text. Each reports the number it finds and says so. */
#pragma once
#include "message/detect_scan.h"

enum { MRZ_LINE = 44 };

/* A word of digits, [start, end). */
void detect_from_digit(Scan *scan, size_t start, size_t end);
bool detect_card(Scan *scan, size_t start, const Groups *groups);

/* What begins with two letters and then has digits. */
bool detect_from_letters(Scan *scan, size_t start);

/* "D E 8 9 …": one by one, of which `start` is the first digit. */
bool detect_from_single_letters(Scan *scan, size_t start);

/* "IBANDE89…", of which `start` is the first behind the label. */
bool detect_glued_label(const Scan *scan, size_t start);

/* The two lines that machines read, of which `start` is the first. */
bool detect_passport(Scan *scan, size_t start);
