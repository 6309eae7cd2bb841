/* SPDX-License-Identifier: Apache-2.0 */
/* Who and what the firm knows: staff, clients, matters, and the walls between them.
 *
 * A Registry is a read-only LMDB snapshot file; its name carries the digest of the CSV files it was made from, so a file is
 * never changed, only replaced. Look-ups cost microseconds whatever its size and need no file after registry_open(). One
 * Registry may be shared by threads. What a look-up returns belongs to the caller. Addresses go in as they come (they are
 * normalised here); a failed look-up is an error, never "not there". */
#pragma once
#include <glib.h>
#include <stdbool.h>

typedef struct Registry Registry;

typedef enum { LOOKUP_FOUND, LOOKUP_ABSENT, LOOKUP_FAILED } Lookup;

typedef enum { LEVEL_PUBLIC, LEVEL_NORMAL, LEVEL_CONFIDENTIAL, LEVEL_STRICT } Level;
typedef enum { MATTER_OPEN, MATTER_CLOSED } MatterStatus;

typedef struct {
    char *address, *name, *role, *team, *supervisor, *cover, *calendar, *language; /* "" when empty */
    GPtrArray *logins, *aliases, *acts_for;                                        /* char *, normalised */
    char *leaves_on;
} Staff;

typedef struct {
    char *id, *name, *language, *channel, *service_level, *calendar; /* "" when empty */
    GPtrArray *addresses;                                 /* addresses and "@domain" */
    int default_level;                                    /* Level, or -1: the firm's */
    char *tls;                                            /* raw cell: "mx1.client.test mx2.client.test", "dane-only", "mta-sts", ""; see tls.h */
    char *consent;                                        /* raw cell; see consent.h */
} Client;

typedef struct {
    char *address; /* or "@domain" */
    char *role;    /* "opposing-counsel", … */
} Party;

typedef struct {
    char *id, *client, *title, *responsible, *handler, *team, *service_level, *preserve_until; /* "" when empty */
    Level level;
    MatterStatus status;
    bool privileged;
    GPtrArray *opposing;    /* addresses, "@domain" or names */
    GPtrArray *walled_off;  /* staff addresses and "team:NAME" */
    GPtrArray *parties;     /* Party */
    char *accounts;         /* raw cell: the bank accounts that its client and parties are known to have */
} Matter;

void staff_free(Staff *staff);
void client_free(Client *client);
void matter_free(Matter *matter);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Staff, staff_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Client, client_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Matter, matter_free)

/* What clients.csv may say of the channel that a client prefers; NULL-ended. */
extern const char *const registry_channels[];

const char *level_name(Level level);
bool level_parse(const char *word, Level *level);

Registry *registry_open(const char *snapshot_path, GError **error);
void registry_free(Registry *registry);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Registry, registry_free)

/* Hexadecimal, of all CSV bytes it was made from (borrowed). */
const char *registry_digest(const Registry *registry);

Lookup registry_staff(const Registry *registry, const char *address, Staff **staff);       /* address or alias; detail (+…) ignored */
Lookup registry_staff_by_login(const Registry *registry, const char *login, Staff **staff); /* login column, else the address itself */
Lookup registry_client(const Registry *registry, const char *id, Client **client);
Lookup registry_client_of(const Registry *registry, const char *address, Client **client); /* exact address, then @domain */
Lookup registry_clients(const Registry *registry, GPtrArray **clients); /* Client, all of them in the order of ids */
Lookup registry_everybody(const Registry *registry, GPtrArray **staff); /* Staff, in the order of addresses */
Lookup registry_matter(const Registry *registry, const char *id, Matter **matter);
Lookup registry_matters_of(const Registry *registry, const char *client, GPtrArray **matters); /* Matter; FOUND with an empty array when none */
Lookup registry_is_party(const Registry *registry, const char *address);                       /* the address or its domain is a party or opposing in any matter */
Lookup registry_team(const Registry *registry, const char *team, GPtrArray **staff);           /* Staff of a team */
Lookup registry_role(const Registry *registry, const char *role, GPtrArray **staff);

/* What a stranger's domain or name is taken for. Borrowed from the registry, as long as it is open. */
typedef struct {
    const char *name;  /* the client's domain, or the person's name */
    const char *owner; /* the client's id, or the person's address */
} Likeness;

Lookup registry_domain_like(const Registry *registry, const char *domain, Likeness *like); /* a client's that is not this one */
Lookup registry_person_like(const Registry *registry, const char *name, Likeness *like);   /* staff of this name, or one like it */

/* The party's role for this matter ("opposing-counsel", "opposing" for the opposing column), borrowed; NULL: none. */
const char *matter_party_role(const Matter *matter, const char *address);

/* The one function that keeps walls: may this person (staff record; NULL: nobody) be shown, told of or handed anything of the
 * matter? A matter that is NULL has no wall. */
bool may_see(const Staff *person, const Matter *matter);

/* The same of one wall ("team:NAME" or an address): does it keep this person out? */
bool wall_keeps_out(const char *wall, const Staff *person);

/* The matters for which the client's consent holds on that day ("YYYY-MM-DD"): char *, "all" among them when it holds for
 * every matter. NULL when it holds for none. Caller owns. */
GHashTable *registry_consented(const Client *client, const char *day);
