/* SPDX-License-Identifier: Apache-2.0 */
/* Making the snapshot, and finding the one that was made from the same files.
 *
 * Its name is a digest of what the files look like from outside (name, size, times, inode) and of the day, so a start
 * with ten thousand files reads none of them. Keys of strangers are parsed by a child, which may die of them. */
#include "crypto/certs_snapshot.h"
#include "base/seal.h"
#include "base/text.h"
#include "base/timesource.h"
#include "crypto/vouch.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECONDS_A_DAY 86400
#define PROBLEMS_MAX 10000u
#define RECORD_BYTES 512 /* of a record beside its data, for the size of the map */

/* ---- Writing ---- */

static void note_address(GHashTable *numbers, const char *address, uint32_t number) {
    g_autofree char *key = address_normalise(address);
    GArray *list = g_hash_table_lookup(numbers, key);
    if (list == NULL) {
        list = g_array_new(FALSE, FALSE, sizeof(uint32_t));
        g_hash_table_insert(numbers, g_steal_pointer(&key), list);
    }
    if (list->len == 0 || g_array_index(list, uint32_t, list->len - 1) != number)
        g_array_append_val(list, number);
}

static void put_cert(Snapshot *snapshot, const Cert *cert, uint32_t number, GHashTable *numbers) {
    char name[16];
    g_autoptr(GByteArray) record = cert_pack(cert);
    snprintf(name, sizeof name, "%08x", number);
    snapshot_put(snapshot, CERTS_KEY_RECORD, name, record->data, record->len);
    snapshot_put(snapshot, CERTS_KEY_FINGERPRINT, cert->fingerprint, &number, sizeof number);
    for (guint i = 0; i < cert->addresses->len; i++)
        note_address(numbers, g_ptr_array_index(cert->addresses, i), number);
}

static void put_problems(Snapshot *snapshot, const GPtrArray *problems) {
    for (guint i = 0; i < MIN(problems->len, PROBLEMS_MAX); i++) {
        char name[16];
        const char *line = g_ptr_array_index(problems, i);
        snprintf(name, sizeof name, "%08x", i);
        snapshot_put(snapshot, CERTS_KEY_PROBLEM, name, line, strlen(line));
    }
}

bool certs_write(const CertsContent *content, const char *path, GError **error) {
    const GPtrArray *certs = content->certs;
    size_t bytes = content->trust != NULL ? vouch_bytes(content->trust) : 0;
    if (content->problems != NULL)
        bytes += MIN(content->problems->len, PROBLEMS_MAX) * (size_t)RECORD_BYTES;
    for (guint i = 0; i < certs->len; i++)
        bytes += RECORD_BYTES + g_bytes_get_size(((const Cert *)g_ptr_array_index(certs, i))->data);
    g_autofree char *folder = g_path_get_dirname(path);
    g_autoptr(Snapshot) snapshot = snapshot_new(folder, "certs", bytes, error);
    if (snapshot == NULL)
        return false;
    g_autoptr(GHashTable) numbers =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_array_unref);
    for (guint i = 0; i < certs->len; i++)
        put_cert(snapshot, g_ptr_array_index(certs, i), i, numbers);
    GHashTableIter each;
    gpointer address, list;
    g_hash_table_iter_init(&each, numbers);
    while (g_hash_table_iter_next(&each, &address, &list))
        snapshot_put(snapshot, CERTS_KEY_ADDRESS, address, ((GArray *)list)->data,
                     ((GArray *)list)->len * sizeof(uint32_t));
    if (content->trust != NULL)
        vouch_write(snapshot, content->trust);
    if (content->problems != NULL)
        put_problems(snapshot, content->problems);
    unsigned count = certs->len;
    snapshot_put(snapshot, CERTS_KEY_META, "count", &count, sizeof count);
    snapshot_put(snapshot, CERTS_KEY_META, "format", CERTS_FORMAT, strlen(CERTS_FORMAT));
    return snapshot_keep(snapshot, path, error);
}

static bool make(const CertPlaces *places, const char *path, Instant now, GError **error) {
    g_autoptr(Trust) trust = NULL;
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) certs = certs_gather(places, now, &trust, problems);
    return certs_write(&(CertsContent){certs, trust, problems}, path, error);
}

static void take_problems(const CertStore *store, GPtrArray *problems) {
    for (guint i = 0; problems != NULL && i < PROBLEMS_MAX; i++) {
        char name[16];
        snprintf(name, sizeof name, "%08x", i);
        g_autoptr(GBytes) line = certs_value(store, CERTS_KEY_PROBLEM, name);
        if (line == NULL)
            return;
        g_ptr_array_add(problems, g_strndup(g_bytes_get_data(line, NULL), g_bytes_get_size(line)));
    }
}

/* ---- The one that stays ---- */

static void add_look(GString *looks, const char *path) {
    struct stat file;
    if (stat(path, &file) != 0)
        return;
    g_string_append_printf(looks, "%s %lld %lld.%09ld %lld.%09ld %llu\n", path, (long long)file.st_size,
                           (long long)file.st_mtim.tv_sec, file.st_mtim.tv_nsec, (long long)file.st_ctim.tv_sec,
                           file.st_ctim.tv_nsec, (unsigned long long)file.st_ino);
}

static int compare_texts(gconstpointer a, gconstpointer b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_place(GString *looks, const char *path) {
    g_string_append_printf(looks, "%s\n", path != NULL ? path : "-");
    if (path == NULL)
        return;
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
    for (const char *name; dir != NULL && (name = g_dir_read_name(dir)) != NULL;)
        g_ptr_array_add(files, g_build_filename(path, name, NULL));
    if (dir == NULL)
        add_look(looks, path);
    g_ptr_array_sort(files, compare_texts);
    for (guint i = 0; i < files->len; i++)
        add_look(looks, g_ptr_array_index(files, i));
}

/* Their times change with whatever comes and goes there, be it no certificate. */
static void add_folders(GString *looks, const char *folder) {
    static const char *const subs[] = {"", CERTS_ISSUERS, CERTS_LDAP, CERTS_HARVESTED, CERTS_WAITING, CERTS_AUTOCRYPT};
    for (size_t i = 0; folder != NULL && i < G_N_ELEMENTS(subs); i++) {
        g_autofree char *path = g_build_filename(folder, subs[i], NULL);
        add_look(looks, path);
    }
}

static char *snapshot_path(const CertPlaces *places, const char *state, Instant now) {
    g_autoptr(GString) looks = g_string_new(CERTS_FORMAT "\n");
    g_string_append_printf(looks, "%lld\n", (long long)(instant_seconds(now) / SECONDS_A_DAY));
    g_autoptr(GPtrArray) files = certs_list_files(places->folder, NULL);
    add_folders(looks, places->folder);
    for (guint i = 0; i < files->len; i++)
        add_look(looks, ((const CertFile *)g_ptr_array_index(files, i))->path);
    add_place(looks, places->roots);
    add_place(looks, places->crls);
    unsigned char digest[SHA256_SIZE];
    sha256_of(&(Bytes){looks->str, looks->len}, 1, digest);
    g_autofree char *hex = hex_encode(digest, 16);
    return g_strdup_printf("%s/certs-%s.mdb", state, hex);
}

/* Judges start together: one makes it, the others wait. Without a lock they do the same work twice. */
static int lock(const char *state) {
    g_autofree char *path = g_build_filename(state, "certs.lock", NULL);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    struct stat owner;
    if (fd >= 0 && geteuid() == 0 && stat(state, &owner) == 0 && fchown(fd, owner.st_uid, owner.st_gid) != 0) {
        close(fd);
        return -1;
    }
    while (fd >= 0 && flock(fd, LOCK_EX) != 0 && errno == EINTR)
        continue;
    return fd;
}

static bool make_apart(const CertPlaces *places, const char *path, Instant now, GError **error) {
    pid_t pid = fork();
    if (pid == 0)
        _exit(make(places, path, now, NULL) ? 0 : 1);
    int status = -1;
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED,
                pid > 0 && WIFSIGNALED(status)
                    ? "a process died of the certificates in %s (lexgate check says of which)"
                    : "cannot make the snapshot of the certificates in %s",
                places->folder != NULL ? places->folder : "no folder");
    return false;
}

CertStore *certs_open(const CertPlaces *places, const char *state, Instant now, GError **error) {
    g_autofree char *path = snapshot_path(places, state, now);
    CertStore *store = certs_open_snapshot(path, NULL);
    if (store != NULL)
        return store;
    int held = lock(state);
    store = certs_open_snapshot(path, NULL);
    if (store == NULL && make_apart(places, path, now, error)) {
        store = certs_open_snapshot(path, error);
        snapshot_prune(state, "certs", path);
    }
    if (held >= 0)
        close(held);
    return store;
}

/* ---- For a moment ---- */

static CertStore *read_anew(const CertPlaces *places, Instant now, GError **error) {
    g_autofree char *folder = g_dir_make_tmp("lexgate-XXXXXX", error);
    if (folder == NULL)
        return NULL;
    g_autofree char *path = g_build_filename(folder, "certs.mdb", NULL);
    CertStore *store = make(places, path, now, error) ? certs_open_snapshot(path, error) : NULL;
    unlink(path);
    rmdir(folder);
    return store;
}

CertStore *certs_read(const CertPlaces *places, const char *state, Instant now, GPtrArray *problems, GError **error) {
    g_autofree char *kept = state != NULL ? snapshot_path(places, state, now) : NULL;
    CertStore *store = kept != NULL ? certs_open_snapshot(kept, NULL) : NULL;
    if (store == NULL)
        store = read_anew(places, now, error);
    if (store != NULL)
        take_problems(store, problems);
    return store;
}

CertStore *certs_load(const char *folder, GPtrArray *problems) {
    TimeSource clock = timesource_system();
    g_autoptr(GError) error = NULL;
    CertStore *store = certs_read(&(CertPlaces){.folder = folder}, NULL, timesource_now(&clock), problems, &error);
    if (store != NULL)
        return store;
    if (problems != NULL)
        g_ptr_array_add(problems, g_strdup(error->message));
    return certs_empty();
}
