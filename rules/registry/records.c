/* SPDX-License-Identifier: Apache-2.0 */
/* Packing and unpacking of records: numbers are 32 bits, little endian; a text is its length and its bytes; a list is
 * its count and its texts. */
#include "registry/records.h"
#include <string.h>

static GPtrArray *texts_new(void) {
    return g_ptr_array_new_with_free_func(g_free);
}

static void party_free(Party *party) {
    g_free(party->address);
    g_free(party->role);
    g_free(party);
}

Party *party_new(const char *role, const char *address) {
    Party *party = g_new0(Party, 1);
    party->role = g_strdup(role);
    party->address = g_strdup(address);
    return party;
}

Staff *staff_new(void) {
    Staff *staff = g_new0(Staff, 1);
    staff->logins = texts_new();
    staff->aliases = texts_new();
    staff->acts_for = texts_new();
    return staff;
}

Client *client_new(void) {
    Client *client = g_new0(Client, 1);
    client->addresses = texts_new();
    client->default_level = -1;
    return client;
}

Matter *matter_new(void) {
    Matter *matter = g_new0(Matter, 1);
    matter->opposing = texts_new();
    matter->walled_off = texts_new();
    matter->parties = g_ptr_array_new_with_free_func((GDestroyNotify)party_free);
    return matter;
}

/* The texts of each record in the order they are packed: packing, unpacking and freeing follow the same list. */
#define STAFF_TEXTS(staff)                                                                                             \
    &(staff)->address, &(staff)->name, &(staff)->role, &(staff)->team, &(staff)->supervisor, &(staff)->cover,          \
        &(staff)->calendar, &(staff)->language, &(staff)->leaves_on
#define CLIENT_TEXTS(client)                                                                                           \
    &(client)->id, &(client)->name, &(client)->language, &(client)->channel, &(client)->service_level, &(client)->tls, \
        &(client)->consent, &(client)->calendar
#define MATTER_TEXTS(matter)                                                                                           \
    &(matter)->id, &(matter)->client, &(matter)->title, &(matter)->responsible, &(matter)->handler, &(matter)->team,   \
        &(matter)->service_level, &(matter)->preserve_until, &(matter)->accounts

void staff_free(Staff *staff) {
    if (!staff)
        return;
    char **const texts[] = {STAFF_TEXTS(staff)};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(*texts[i]);
    g_ptr_array_unref(staff->logins);
    g_ptr_array_unref(staff->aliases);
    g_ptr_array_unref(staff->acts_for);
    g_free(staff);
}

void client_free(Client *client) {
    if (!client)
        return;
    char **const texts[] = {CLIENT_TEXTS(client)};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(*texts[i]);
    g_ptr_array_unref(client->addresses);
    g_free(client);
}

void matter_free(Matter *matter) {
    if (!matter)
        return;
    char **const texts[] = {MATTER_TEXTS(matter)};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        g_free(*texts[i]);
    g_ptr_array_unref(matter->opposing);
    g_ptr_array_unref(matter->walled_off);
    g_ptr_array_unref(matter->parties);
    g_free(matter);
}

static void put_number(GByteArray *record, uint32_t number) {
    uint32_t little = GUINT32_TO_LE(number);
    g_byte_array_append(record, (const guint8 *)&little, sizeof little);
}

static void put_text(GByteArray *record, const char *text) {
    size_t length = text ? strlen(text) : 0;
    put_number(record, (uint32_t)length);
    if (length)
        g_byte_array_append(record, (const guint8 *)text, (guint)length);
}

static void put_texts(GByteArray *record, const GPtrArray *texts) {
    put_number(record, texts->len);
    for (guint i = 0; i < texts->len; i++)
        put_text(record, texts->pdata[i]);
}

typedef struct {
    const unsigned char *at;
    size_t left;
    bool bad;
} Reader;

static uint32_t get_number(Reader *in) {
    uint32_t little = 0;
    if (in->left < sizeof little) {
        in->bad = true;
        return 0;
    }
    memcpy(&little, in->at, sizeof little);
    in->at += sizeof little;
    in->left -= sizeof little;
    return GUINT32_FROM_LE(little);
}

static char *get_text(Reader *in) {
    uint32_t length = get_number(in);
    if (in->bad || length > in->left) {
        in->bad = true;
        return g_strdup("");
    }
    char *text = g_strndup((const char *)in->at, length);
    in->at += length;
    in->left -= length;
    return text;
}

static void get_texts(Reader *in, GPtrArray *texts) {
    for (uint32_t count = get_number(in); count && !in->bad; count--)
        g_ptr_array_add(texts, get_text(in));
}

unsigned record_line(const void *data, size_t length) {
    Reader in = {data, length, false};
    return get_number(&in);
}

GByteArray *staff_pack(const Staff *staff, unsigned line) {
    GByteArray *record = g_byte_array_sized_new(256);
    char *const *const texts[] = {STAFF_TEXTS(staff)};
    put_number(record, line);
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        put_text(record, *texts[i]);
    put_texts(record, staff->logins);
    put_texts(record, staff->aliases);
    put_texts(record, staff->acts_for);
    return record;
}

Staff *staff_unpack(const void *data, size_t length) {
    Reader in = {data, length, false};
    g_autoptr(Staff) staff = staff_new();
    char **const texts[] = {STAFF_TEXTS(staff)};
    get_number(&in);
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        *texts[i] = get_text(&in);
    get_texts(&in, staff->logins);
    get_texts(&in, staff->aliases);
    get_texts(&in, staff->acts_for);
    return in.bad ? NULL : g_steal_pointer(&staff);
}

GByteArray *client_pack(const Client *client, unsigned line) {
    GByteArray *record = g_byte_array_sized_new(256);
    char *const *const texts[] = {CLIENT_TEXTS(client)};
    put_number(record, line);
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        put_text(record, *texts[i]);
    put_texts(record, client->addresses);
    put_number(record, (uint32_t)(client->default_level + 1));
    return record;
}

Client *client_unpack(const void *data, size_t length) {
    Reader in = {data, length, false};
    g_autoptr(Client) client = client_new();
    char **const texts[] = {CLIENT_TEXTS(client)};
    get_number(&in);
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        *texts[i] = get_text(&in);
    get_texts(&in, client->addresses);
    uint32_t level = get_number(&in);
    if (in.bad || level > LEVEL_STRICT + 1)
        return NULL;
    client->default_level = (int)level - 1;
    return g_steal_pointer(&client);
}

GByteArray *matter_pack(const Matter *matter, unsigned line) {
    GByteArray *record = g_byte_array_sized_new(256);
    char *const *const texts[] = {MATTER_TEXTS(matter)};
    put_number(record, line);
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        put_text(record, *texts[i]);
    put_number(record, matter->level);
    put_number(record, matter->status);
    put_number(record, matter->privileged);
    put_texts(record, matter->opposing);
    put_texts(record, matter->walled_off);
    put_number(record, matter->parties->len);
    for (guint i = 0; i < matter->parties->len; i++) {
        const Party *party = matter->parties->pdata[i];
        put_text(record, party->role);
        put_text(record, party->address);
    }
    return record;
}

static void get_parties(Reader *in, GPtrArray *parties) {
    for (uint32_t count = get_number(in); count && !in->bad; count--) {
        g_autofree char *role = get_text(in);
        g_autofree char *address = get_text(in);
        g_ptr_array_add(parties, party_new(role, address));
    }
}

Matter *matter_unpack(const void *data, size_t length) {
    Reader in = {data, length, false};
    g_autoptr(Matter) matter = matter_new();
    char **const texts[] = {MATTER_TEXTS(matter)};
    get_number(&in);
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        *texts[i] = get_text(&in);
    uint32_t level = get_number(&in), status = get_number(&in);
    matter->privileged = get_number(&in) != 0;
    get_texts(&in, matter->opposing);
    get_texts(&in, matter->walled_off);
    get_parties(&in, matter->parties);
    if (in.bad || level > LEVEL_STRICT || status > MATTER_CLOSED)
        return NULL;
    matter->level = (Level)level;
    matter->status = (MatterStatus)status;
    return g_steal_pointer(&matter);
}
