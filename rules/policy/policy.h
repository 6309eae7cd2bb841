/* SPDX-License-Identifier: Apache-2.0 */
/* The firm's rules as loaded from lexgate.conf and conf.d: immutable, shared by reference, swapped whole.
 *
 * Nothing here opens a secret: paths of key files are only named. Only policy/ knows libconfig. */
#pragma once
#include "base/instant.h"
#include "calendar/calendar.h"
#include "calendar/ladder.h"
#include "calendar/roster.h"
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

/* Whose reply answers a question. */
typedef enum { CLEARED_BY_ANYONE, CLEARED_BY_TEAM, CLEARED_BY_OWNER } ClearedBy;

typedef struct {
    char *name;
    Span answer_within;
    const Calendar *calendar; /* borrowed from the policy; for a promise ask policy_hours() */
    bool names_calendar;      /* else it is the firm's, and a team's goes before */
    bool client_hours;        /* only in hours that are the client's too */
    GPtrArray *ladder;        /* Rung, in the order written */
    GPtrArray *chase;         /* Rung: who hears when what is expected of a client has not come */
    Span soft_closes_after;   /* what wants no answer is closed by silence */
    const Roster *roster;     /* who is told as "duty"; NULL: none; borrowed from the policy */
    ClearedBy cleared_by;
    bool joint; /* a reply to any of the clients who share a thread answers all of them */
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
    const ServiceLevel *holding;       /* what the message promises for later; NULL: nothing; borrowed */
    char *expect;                      /* by when the client is to answer, "3 days"; NULL: nothing is expected */
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
    char *redis_socket, *redis_server, *redis_user, *redis_password_file, *redis_tag; /* NULL, but for one of the ways to it */
    GPtrArray *redis_sentinel, *redis_cluster;                                        /* HOST:PORT; empty: none */
    char *redis_master, *redis_sentinel_password_file;
    Duration redis_timeout;
    int64_t redis_retention; /* days */
    char *smtp_relay, *smtp_from, *smtp_user, *smtp_password_file;
    Duration smtp_timeout;
    char *mta_log; /* NULL: none */
    GPtrArray *mta_names;
    Duration mta_unqueued_after, mta_deferred_after;
    bool headers_reply_by;
    GPtrArray *headers_no_reply_by; /* staff who opted out of Reply-By and X-Message-Flag */
    char *escalation_socket;
    GPtrArray *escalation_quiet_hours; /* "20:00-07:00", local time of the person's calendar; empty: none */
    Duration escalation_lease, escalation_poll;
    int64_t journal_segment_size;
    Duration journal_checkpoint_every;
    int64_t limits_client_deadlines; /* an hour, by mail that proves no sender */
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

/* Whose the shared mailbox is: "team:NAME" or an address; NULL: none of the policy. `address` is normalised. */
const char *policy_mailbox_owner(const Policy *policy, const char *address);

const char *priority_name(Priority priority); /* "high" */
const char *action_name(Action action);
const char *mode_name(Mode mode);
const char *way_name(Way way);
