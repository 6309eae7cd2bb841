/* SPDX-License-Identifier: Apache-2.0 */
/* One message judged without a mail server: what `explain` prints and `test` compares. */
#pragma once
#include "ctl/command.h"
#include "judge/judge.h"

/* The firm as a judge holds it, read from the files of the configuration. */
typedef struct {
    Policy *policy;
    Registry *registry;
    CertStore *certs;
    bool keep_signatures; /* see JudgeContext */
    Sealer *sealer;
} Bench;

/* False after the errors were printed. `now` dates the calendars. */
bool bench_open(const CommandLine *line, Instant now, Bench *bench);
void bench_clear(Bench *bench);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Bench, bench_clear)

/* The envelope as somebody asks for it; NULL members are guessed from the message. All borrowed. */
typedef struct {
    const char *from;          /* "" and "<>": the null return path; NULL: the From address */
    const char *const *rcpt;   /* NULL-ended; NULL: To, Cc and Bcc */
    const char *auth, *client; /* NULL both: from outside */
    Instant received;
    const Hints *hints;
} Trial;

/* `wire` is the message with CRLF (mailfile_to_wire). The decision and *facts belong to the caller; NULL with what is
 * wrong with the envelope. */
Decision *trial_judge(const Bench *bench, const Trial *trial, const GString *wire, Facts **facts, GError **error);
