/* SPDX-License-Identifier: Apache-2.0 */
/* What `lexgate doctor` finds: every line says what is and, unless it is good, what to do. */
#pragma once
#include "ctl/endpoint.h"
#include "ctl/firm.h"
#include "ctl/routes.h"
#include <jansson.h>

typedef enum { FINDING_OK, FINDING_WARN, FINDING_FAIL } FindingState;

typedef struct {
    const CommandLine *line;
    const Policy *policy;
    const Registry *registry;
    const char *postfix; /* Postfix's configuration directory, or NULL */
    char **probes;       /* domains whose servers are to be tried, or NULL */
    Instant now;
    json_t *list; /* {"check", "state", "what", "do"} */
    unsigned fails, warnings;
} Doctor;

/* A sentence on what is. The one that follows a warning or a failure says what to do. */
void doctor_ok(Doctor *doctor, const char *check, const char *format, ...) __attribute__((format(printf, 3, 4)));

typedef struct {
    FindingState state;
    const char *check; /* "redis", "postfix smtpd_milters" */
    const char *remedy;
} Complaint;
void doctor_complain(Doctor *doctor, const Complaint *complaint, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

void doctor_look_at_files(Doctor *doctor);    /* keys, disk, clock, policy, registry */
void doctor_look_at_certs(Doctor *doctor);    /* what expires, waits, or rests on old lists of revocations */
void doctor_look_at_services(Doctor *doctor); /* Redis, journal lag, milter, lexgate-escalated */
void doctor_look_at_postfix(Doctor *doctor);  /* main.cf and master.cf */

void doctor_look_at_mta_log(Doctor *doctor);  /* whether what became of mail is heard */

/* Whether Postfix's user may connect; says nothing where that cannot be tried. */
void doctor_look_at_reach(Doctor *doctor, const Endpoint *endpoint, const char *mail_owner);

/* Whether what Redis holds was sealed with the keys of this gateway. */
void doctor_look_at_keys(Doctor *doctor, Store *store);

/* Whether Redis holds the deadlines that the journals here opened, each in its place. */
void doctor_look_at_deadlines(Doctor *doctor, Store *store);

/* Whether a daemon of this machine left Redis alone when it last wrote its metrics, since its calls had all failed. */
void doctor_look_at_breakers(Doctor *doctor);

/* How far the gateways of the firm are behind what the others have learnt; nothing where there is only one. */
void doctor_look_at_hints(Doctor *doctor, Store *store);

/* Whether Postfix insists on verified TLS wherever the rules count on it. */
void doctor_look_at_tls(Doctor *doctor, const PostfixConfig *config);

/* Connects to the servers of the domains in `probes` and says whether their TLS can be verified. */
void doctor_probe(Doctor *doctor, const PostfixConfig *config);
