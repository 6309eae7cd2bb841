/* SPDX-License-Identifier: Apache-2.0 */
/* Client keys on disk, wrapped, with a bounded cache of the unwrapped ones.
 *
 * A cached key is used only while its file is still the same one: another process may destroy a key, and from then on
 * nobody may seal or open with it. The look costs one stat(2). */
#include "base/keyring.h"
#include "base/io.h"
#include "base/text.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CACHE_MAX 4096
#define WRAPPED_SIZE (12 + SEAL_KEY_SIZE + 16)

typedef struct {
    SealKey key;
    dev_t device;
    ino_t inode;
    struct timespec made;
} CachedKey;

struct Keyring {
    char *dir;
    SealKey master, mac, index;
    pthread_mutex_t lock; /* guards cache */
    GHashTable *cache;    /* client → CachedKey */
};

static void cached_free(gpointer data) {
    seal_wipe(data, sizeof(CachedKey));
    g_free(data);
}

static Bytes text_bytes(const char *text) {
    return (Bytes){text, strlen(text)};
}

/* A fresh master key beside keys wrapped by a lost one would make the loss final and silent. */
static bool may_make_master(const char *dir, const char *master, GError **error) {
    g_autofree char *clients = g_build_filename(dir, "clients", NULL);
    if (g_file_test(master, G_FILE_TEST_EXISTS) || !g_file_test(clients, G_FILE_TEST_IS_DIR))
        return true;
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT,
                "%s: missing, but %s holds keys wrapped by it; restore it from your backup", master, clients);
    return false;
}

Keyring *keyring_open(const char *dir, bool create, GError **error) {
    g_autoptr(Keyring) ring = g_new0(Keyring, 1);
    ring->dir = g_strdup(dir);
    ring->cache = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, cached_free);
    pthread_mutex_init(&ring->lock, NULL);
    g_autofree char *master = g_build_filename(dir, "master.key", NULL);
    g_autofree char *mac = g_build_filename(dir, "mac.key", NULL);
    g_autofree char *index = g_build_filename(dir, "index.key", NULL);
    if ((create && !may_make_master(dir, master, error)) || !seal_key_file(master, create, &ring->master, error) ||
        !seal_key_file(mac, create, &ring->mac, error) || !seal_key_file(index, create, &ring->index, error))
        return NULL;
    return g_steal_pointer(&ring);
}

void keyring_free(Keyring *ring) {
    if (!ring)
        return;
    g_hash_table_unref(ring->cache);
    pthread_mutex_destroy(&ring->lock);
    seal_wipe(&ring->master, sizeof ring->master);
    seal_wipe(&ring->mac, sizeof ring->mac);
    seal_wipe(&ring->index, sizeof ring->index);
    g_free(ring->dir);
    g_free(ring);
}

/* Spread over 256 folders by a digest: a firm may have very many clients. NULL: no client's name. */
static char *client_path(const Keyring *ring, const char *client, GError **error) {
    if (!text_is_id(client)) {
        g_autofree char *shown = text_printable(client ? client : "", client ? strlen(client) : 0, 64);
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "\"%s\" cannot be a client's name", shown);
        return NULL;
    }
    unsigned char digest[SHA256_SIZE];
    Bytes piece = text_bytes(client);
    sha256_of(&piece, 1, digest);
    return g_strdup_printf("%s/clients/%02x/%s", ring->dir, digest[0], client);
}

static char *context_of(const char *what, const char *client) {
    return g_strconcat("lexgate:", what, ":", client, NULL);
}

static bool file_error(GError **error, const char *path, const char *what, int number) {
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(number), "%s: %s: %s", path, what, g_strerror(number));
    errno = number;
    return false;
}

static bool same_file(const CachedKey *cached, const struct stat *st) {
    return cached->device == st->st_dev && cached->inode == st->st_ino && cached->made.tv_sec == st->st_mtim.tv_sec &&
           cached->made.tv_nsec == st->st_mtim.tv_nsec;
}

static bool cache_get(Keyring *ring, const char *client, const char *path, SealKey *key) {
    struct stat st;
    bool exists = stat(path, &st) == 0;
    pthread_mutex_lock(&ring->lock);
    CachedKey *cached = g_hash_table_lookup(ring->cache, client);
    bool good = cached && exists && same_file(cached, &st);
    if (good)
        *key = cached->key;
    else if (cached)
        g_hash_table_remove(ring->cache, client);
    pthread_mutex_unlock(&ring->lock);
    return good;
}

static void cache_put(Keyring *ring, const char *client, const SealKey *key, const struct stat *st) {
    CachedKey *cached = g_new(CachedKey, 1);
    *cached = (CachedKey){*key, st->st_dev, st->st_ino, st->st_mtim};
    pthread_mutex_lock(&ring->lock);
    if (g_hash_table_size(ring->cache) >= CACHE_MAX)
        g_hash_table_remove_all(ring->cache); /* as good as any choice: whoever writes is soon back */
    g_hash_table_replace(ring->cache, g_strdup(client), cached);
    pthread_mutex_unlock(&ring->lock);
}

/* False with errno ENOENT and *error untouched when there is no such key. */
static bool load_key(Keyring *ring, const char *client, const char *path, SealKey *key, GError **error) {
    unsigned char wrapped[WRAPPED_SIZE];
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno != ENOENT && file_error(error, path, "cannot open this key", errno);
    bool whole = fstat(fd, &st) == 0 && st.st_size == WRAPPED_SIZE && io_read_all(fd, wrapped, sizeof wrapped);
    close(fd);
    g_autofree char *context = context_of("key", client);
    g_autoptr(GBytes) plain = whole ? seal_open(&ring->master, (Bytes){wrapped, sizeof wrapped}, context) : NULL;
    if (!plain || g_bytes_get_size(plain) != SEAL_KEY_SIZE) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "%s: not a key wrapped by master.key; restore both from the same backup", path);
        errno = EINVAL;
        return false;
    }
    memcpy(key->byte, g_bytes_get_data(plain, NULL), SEAL_KEY_SIZE);
    seal_wipe((void *)g_bytes_get_data(plain, NULL), SEAL_KEY_SIZE);
    cache_put(ring, client, key, &st);
    return true;
}

/* As seal_key_file(): whole or not at all, and the first of two processes wins. */
static bool make_key(Keyring *ring, const char *client, const char *path, GError **error) {
    SealKey key;
    g_autofree char *folder = g_path_get_dirname(path);
    g_autofree char *temporary = g_strdup_printf("%s/.new.XXXXXX", folder);
    g_autofree char *context = context_of("key", client);
    if (!io_make_folder(folder, 0700, error))
        return false;
    int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return file_error(error, path, "cannot make this key", errno);
    seal_random(key.byte, sizeof key.byte);
    g_autoptr(GBytes) wrapped = seal_close(&ring->master, (Bytes){key.byte, sizeof key.byte}, context);
    seal_wipe(&key, sizeof key);
    bool done = io_write_all(fd, g_bytes_get_data(wrapped, NULL), g_bytes_get_size(wrapped)) && fsync(fd) == 0 &&
                (link(temporary, path) == 0 || errno == EEXIST) && io_sync_folder_of(path) && io_sync_folder_of(folder);
    int number = errno;
    close(fd);
    unlink(temporary);
    return done || file_error(error, path, "cannot make this key", number);
}

static bool find_key(Keyring *ring, const char *client, bool create, SealKey *key, GError **error) {
    g_autofree char *path = client_path(ring, client, error);
    if (!path)
        return false;
    if (cache_get(ring, client, path, key) || load_key(ring, client, path, key, error))
        return true;
    if (errno != ENOENT)
        return false;
    if (create)
        return make_key(ring, client, path, error) &&
               (load_key(ring, client, path, key, error) ||
                (errno == ENOENT && file_error(error, path, "vanished while it was made", ENOENT)));
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_NOENT, "the key of client %s was destroyed or never made", client);
    return false;
}

bool keyring_key(Keyring *ring, const char *client, SealKey *key, GError **error) {
    return find_key(ring, client, true, key, error);
}

char *keyring_seal_with(const SealKey *key, const char *client, const char *plain) {
    g_autofree char *context = context_of("value", client);
    g_autoptr(GBytes) sealed = seal_close(key, text_bytes(plain), context);
    return base64_encode(g_bytes_get_data(sealed, NULL), g_bytes_get_size(sealed));
}

char *keyring_seal(Keyring *ring, const char *client, const char *plain, GError **error) {
    SealKey key;
    if (!keyring_key(ring, client, &key, error))
        return NULL;
    char *sealed = keyring_seal_with(&key, client, plain);
    seal_wipe(&key, sizeof key);
    return sealed;
}

static char *open_with(const SealKey *key, const char *client, const char *sealed) {
    size_t length = 0;
    g_autofree unsigned char *bytes = base64_decode(sealed, &length);
    g_autofree char *context = context_of("value", client);
    g_autoptr(GBytes) plain = bytes ? seal_open(key, (Bytes){bytes, length}, context) : NULL;
    return plain ? g_strndup(g_bytes_get_data(plain, NULL), g_bytes_get_size(plain)) : NULL;
}

char *keyring_open_value(Keyring *ring, const char *client, const char *sealed, GError **error) {
    SealKey key;
    if (!find_key(ring, client, false, &key, error))
        return NULL;
    char *plain = open_with(&key, client, sealed);
    seal_wipe(&key, sizeof key);
    if (!plain)
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL,
                    "a value of client %s does not open: it was changed, or sealed with a key since destroyed", client);
    return plain;
}

/* Overwritten first: where the file system rewrites in place, the bytes are gone and not only their name. */
static void overwrite(const char *path) {
    unsigned char noise[WRAPPED_SIZE];
    int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0)
        return;
    seal_random(noise, sizeof noise);
    if (io_write_all(fd, noise, sizeof noise))
        fsync(fd);
    close(fd);
}

bool keyring_destroy(Keyring *ring, const char *client, GError **error) {
    g_autofree char *path = client_path(ring, client, error);
    if (!path)
        return false;
    pthread_mutex_lock(&ring->lock);
    g_hash_table_remove(ring->cache, client);
    pthread_mutex_unlock(&ring->lock);
    overwrite(path);
    if (unlink(path) != 0)
        return errno != ENOENT && file_error(error, path, "cannot destroy this key", errno);
    return io_sync_folder_of(path) || file_error(error, path, "cannot make its destruction last", errno);
}

static char *short_mac(const SealKey *key, const char *kind, const char *value) {
    unsigned char mac[SHA256_SIZE];
    Bytes pieces[] = {text_bytes(kind), text_bytes(value)};
    mac_of(key, pieces, G_N_ELEMENTS(pieces), mac);
    return base32_encode(mac, 15); /* 120 bits, 24 characters */
}

char *keyring_mac(Keyring *ring, const char *purpose, const char *value) {
    return short_mac(&ring->mac, purpose, value);
}

char *keyring_index(Keyring *ring, const char *kind, const char *value) {
    return short_mac(&ring->index, kind, value);
}

static void peers_key(const Keyring *ring, SealKey *key) {
    Bytes purpose = text_bytes("peers");
    G_STATIC_ASSERT(sizeof key->byte == SHA256_SIZE);
    mac_of(&ring->index, &purpose, 1, key->byte);
}

char *keyring_seal_for_peers(Keyring *ring, const char *plain) {
    SealKey key;
    peers_key(ring, &key);
    char *sealed = keyring_seal_with(&key, "peers", plain);
    seal_wipe(&key, sizeof key);
    return sealed;
}

char *keyring_open_from_peer(Keyring *ring, const char *sealed, GError **error) {
    SealKey key;
    peers_key(ring, &key);
    char *plain = open_with(&key, "peers", sealed);
    seal_wipe(&key, sizeof key);
    if (!plain)
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "sealed with another index.key, or changed");
    return plain;
}
