/* SPDX-License-Identifier: Apache-2.0 */
/* The firm's rules as loaded from lexgate.conf and conf.d: immutable, shared by reference, swapped whole.
 *
 * Nothing here opens a secret: paths of key files are only named. Only policy/ knows libconfig. */
#pragma once
#include "base/instant.h"
#include "calendar/calendar.h"
#include "calendar/ladder.h"
#include "registry/registry.h"
#include <glib.h>

typedef enum { MODE_ENFORCE, MODE_OBSERVE, MODE_OFF } Mode;
typedef enum {
    ACTION_ACCEPT,
    ACTION_CONFIRM,
    ACTION_HOLD,
    ACTION_DEFER,
    ACTION_REJECT,
    ACTION_DISCARD
} Action; /* by severity; discard is our own */
typedef enum { UNKNOWN_DEFAULT, UNKNOWN_MATCH, UNKNOWN_SKIP, UNKNOWN_HOLD } OnUnknown;
typedef enum { PRIORITY_NONE, PRIORITY_LOW, PRIORITY_NORMAL, PRIORITY_HIGH } Priority;
typedef enum { WAY_NONE, WAY_END_TO_END, WAY_SMIME, WAY_OPENPGP, WAY_VERIFIED_TLS, WAY_CONSENT } Way;

typedef struct Condition Condition; /* policy/condition.h */

typedef struct {
    char *name, *value; /* value may hold {placeholders} */
} Stamp;

typedef struct {
    char *name;
    Span answer_within;
    const Calendar *calendar; /* borrowed from the policy */
    GPtrArray *ladder;        /* Rung, in the order written */
} ServiceLevel;

/* A sentence that a rule adds to what people read. */
typedef struct {
    char *text;   /* may hold {placeholders}; NULL: none */
    bool in_body; /* in the text of the message, else in a header */
    bool repeat;  /* of a banner: also where it stands in the text already, in a quotation say */
} Remark;

/* For whom and how long a rule does not hold. It names who answers for it, and ends by itself. */
typedef struct {
    Condition *when;           /* NULL: always */
    char *owner, *until, *why; /* an address; the last day, YYYY-MM-DD; a sentence */
    unsigned line;
} RuleException;

typedef struct {
    char *id, *section, *say, *title; /* section: the key `policy`; NULL when not given */
    char *file;
    unsigned line;
    Mode mode;
    OnUnknown on_unknown;
    Condition *when; /* NULL: always */
    bool has_action;
    Action action;
    bool encrypts;
    GArray *accept;                    /* Way, in the order of preference */
    Action otherwise;                  /* reject or hold */
    GPtrArray *stamps;                 /* Stamp */
    GPtrArray *copy_to;                /* char * addresses */
    const ServiceLevel *deadline;      /* NULL: none; borrowed from the policy */
    const ServiceLevel *service_level; /* of whatever deadline the message opens; NULL: as it is; borrowed */
    Priority priority;
    char *subject_tag; /* may hold {placeholders}; NULL: none */
    Remark banner, disclaimer;
    GPtrArray *redirect, *notify; /* char * addresses */
    GPtrArray *exceptions;        /* RuleException */
} Rule;

/* The members that come from the settings table (policy/settings.c); names are those of the file, group_member. */
typedef struct {
    char *mode; /* "enforce" or "observe", for everything */
    char *firm_name, *firm_calendar, *firm_unfiled_level;
    GPtrArray *firm_domains;
    char *policy_version, *policy_review_by, *policy_document;
    char *registry_staff, *registry_clients, *registry_matters, *registry_certificates;
    char *trust_roots, *trust_crls;
    GPtrArray *trust_crl_urls;
    char *directory_url, *directory_base, *directory_filter, *directory_user, *directory_password_file,
        *directory_roots;
    char *paths_state, *paths_journal, *paths_keys, *paths_run;
    char *milter_socket, *milter_socket_group;
    int64_t milter_judges, milter_judge_messages, milter_judge_memory, milter_connections, milter_message_size;
    Duration milter_judge_time;
    char *milter_reentry, *smtp_reentry;
    GPtrArray *inside_networks, *inside_trusted_relays;
    GPtrArray *text_footer;
    bool encryption_triple_des;
    bool encryption_harvest, encryption_autocrypt;
    bool encryption_protect_headers;
    GPtrArray *encryption_archive; /* files of certificates and keys of the firm's own */
    GPtrArray *encryption_harmless_text, *encryption_harmless_subject; /* lines; "*" for any characters */
    GPtrArray *people_webmail, *people_prospects;                      /* normalised; "@domain" is a whole domain */
    char *redis_socket, *redis_server, *redis_user, *redis_password_file, *redis_tag;
    Duration redis_timeout;
    char *smtp_relay, *smtp_from, *smtp_user, *smtp_password_file;
    Duration smtp_timeout;
    bool headers_reply_by;
    GPtrArray *headers_no_reply_by; /* staff who opted out of Reply-By and X-Message-Flag */
    char *escalation_socket;
    GPtrArray *escalation_quiet_hours; /* "20:00-07:00", local time of the person's calendar; empty: none */
    Duration escalation_lease, escalation_poll;
    int64_t journal_segment_size;
    char *refusal_contact; /* whom a refused or held sender may ask, free text */
} Settings;

typedef struct Policy Policy;

Policy *policy_ref(Policy *policy);
void policy_unref(Policy *policy);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Policy, policy_unref)

const Settings *policy_settings(const Policy *policy);
const char *policy_digest(const Policy *policy); /* hexadecimal SHA-256 of all its files' bytes, calendars included */
const GPtrArray *policy_rules(const Policy *policy); /* Rule, in load order */
const Rule *policy_rule(const Policy *policy, const char *id);
const Calendar *policy_calendar(const Policy *policy, const char *name); /* NULL name: the firm's; NULL when unknown */
const ServiceLevel *policy_service_level(const Policy *policy, const char *name);
Level policy_unfiled_level(const Policy *policy);
const GPtrArray *policy_warnings(const Policy *policy); /* Problem (registry/import.h) */

/* Does some rule write into the text of messages? */
bool policy_writes_bodies(const Policy *policy);

/* Is the address one of the firm's domains (or a subdomain of one)? */
bool policy_is_ours(const Policy *policy, const char *address);
bool policy_is_inside(const Policy *policy, const char *ip); /* in inside.networks; loopback only if listed */
bool policy_is_trusted_relay(const Policy *policy, const char *ip);
bool ip_is_loopback(const char *ip);

/* What the firm says of people whom the registry does not know. `address` is normalised. */
bool policy_is_webmail(const Policy *policy, const char *address);  /* a provider's, built in or in people.webmail */
bool policy_is_prospect(const Policy *policy, const char *address); /* in people.prospects; detail (+…) ignored */

/* char *: text.footer, and what rules write into texts; each as owntext_footer() makes it. */
const GPtrArray *policy_footers(const Policy *policy);

const char *priority_name(Priority priority); /* "high" */
const char *action_name(Action action);
const char *mode_name(Mode mode);
const char *way_name(Way way);
