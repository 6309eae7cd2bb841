/* SPDX-License-Identifier: Apache-2.0 */
/* clients.csv: one row a client. An address or domain leads to one client only. */
#include "base/text.h"
#include "registry/rows.h"
#include "registry/webmail.h"
#include <string.h>

enum { CLIENT, NAME, ADDRESSES, LANGUAGE, CHANNEL, SERVICE_LEVEL, DEFAULT_LEVEL, TLS, CONSENT, CALENDAR, COLUMNS };

static const Column columns[COLUMNS] = {
    {"client", true},        {"name", true},           {"addresses", true}, {"language", true}, {"channel", true},
    {"service_level", true}, {"default_level", false}, {"tls", false},      {"consent", false}, {"calendar", false},
};

static Client *read_client(const Row *row) {
    Client *client = client_new();
    client->id = g_strdup(cell(row, CLIENT));
    client->name = g_strdup(cell(row, NAME));
    client->language = g_strdup(cell(row, LANGUAGE));
    client->channel = g_strdup(cell(row, CHANNEL));
    client->service_level = g_strdup(cell(row, SERVICE_LEVEL));
    client->tls = g_ascii_strdown(cell(row, TLS), -1);
    client->consent = g_strdup(cell(row, CONSENT));
    client->calendar = g_strdup(cell(row, CALENDAR));
    g_ptr_array_unref(client->addresses);
    client->addresses = row_addresses(row, cell(row, ADDRESSES), "addresses", true);
    return client;
}

static void check_client(const Row *row, Client *client) {
    const char *level = cell(row, DEFAULT_LEVEL);
    Level parsed;
    if (*level && !level_parse(level, &parsed))
        row_error(row, "\"%s\" is no level; write public, normal, confidential or strict", level);
    else if (*level)
        client->default_level = (int)parsed;
    row_check_name(row, client->service_level, row->import->context->service_levels, "service level");
    row_check_name(row, client->calendar, row->import->context->calendars, "calendar");
    row_check_hours(row, client->service_level, "", client->calendar);
    row_check_language(row, client->language);
    row_check_channel(row, client->channel);
    consent_take(row, client);
}

static bool is_below(const char *domain, const char *parent) {
    size_t length = strlen(domain), behind = strlen(parent) + 1;
    return length > behind && domain[length - behind] == '.' && text_equal_nocase(domain + length - behind + 1, parent);
}

static bool is_firms(const GPtrArray *domains, const char *domain) {
    for (guint i = 0; domains && i < domains->len; i++)
        if (text_equal_nocase(domains->pdata[i], domain) || is_below(domain, domains->pdata[i]))
            return true;
    return false;
}

static void claim_address(const Row *row, const char *address, const char *client) {
    Snapshot *snapshot = row->import->snapshot;
    g_autofree char *staff = staff_known(row->import, address);
    if (staff)
        row_error(row, "the address %s is that of staff; take it away here or there", address);
    bool ours = is_firms(row->import->context->domains, address_domain(address));
    if (ours && *address == '@')
        row_error(row,
                  "%s is the firm's own domain, and all mail between colleagues would be this client's; take it away",
                  address);
    else if (ours)
        row_warning(row, "%s is in the firm's own domains, so colleagues count as this client; take it away", address);
    if (*address == '@' && webmail_is_known(address + 1))
        row_warning(row, "anybody may have an address in %s; name the client's addresses one by one", address);
    if (snapshot_put(snapshot, KEY_CLIENT_ADDRESS, address, client, strlen(client)) != PUT_EXISTS)
        return;
    size_t length;
    const char *owner = snapshot_get(snapshot, KEY_CLIENT_ADDRESS, address, &length);
    row_error(row, "the address \"%s\" belongs to client %.*s already; give it to one client only", address,
              (int)length, owner);
}

static void take(const Row *row) {
    g_autoptr(Client) client = read_client(row);
    if (!text_is_id(client->id)) {
        row_error(row, "\"%s\" cannot be a client's id; use 1 to 64 letters, digits, . _ -", client->id);
        return;
    }
    check_client(row, client);
    g_autoptr(GByteArray) record = client_pack(client, row->line);
    if (!row_claim(row, KEY_CLIENT, client->id, record, "the client"))
        return;
    if (*client->calendar)
        g_hash_table_insert(row->import->client_calendars, g_strdup(client->id), g_strdup(client->calendar));
    for (guint i = 0; i < client->addresses->len; i++) {
        claim_address(row, client->addresses->pdata[i], client->id);
        lookalikes_add_domain(row->import->lookalikes, address_domain(client->addresses->pdata[i]), client->id);
    }
    tls_take(row, client);
    row->import->counts.clients++;
}

const Table client_table = {"clients", columns, COLUMNS, take};
