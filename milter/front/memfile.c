/* SPDX-License-Identifier: Apache-2.0 */
/* Files of three sizes are kept for the next message; a larger message gets a file of its own that grows in place and
 * is closed after. A file can only grow until it is sealed, so a kept one that is too small is copied, once and at most
 * KEEP_CLASS_MAX bytes. */
#include "front/memfile.h"
#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static const size_t kept_sizes[] = {64 << 10, 512 << 10, 2 << 20};
enum { KEPT_CLASSES = sizeof kept_sizes / sizeof *kept_sizes };
#define KEEP_CLASS_MAX kept_sizes[KEPT_CLASSES - 1]

struct MemFile {
    MemPool *pool;
    MemFile *next; /* idle ones */
    int fd;
    uint64_t id; /* of the descriptor: no other one ever had it */
    char *map;
    size_t capacity, length;
    bool sealed;
};

struct MemPool {
    pthread_mutex_t lock;
    MemFile *idle[KEPT_CLASSES];
    size_t kept, keep_bytes;
    size_t used, use_bytes;            /* capacities of the files that are out */
    unsigned long taken, taken_before; /* how many, and how many at the last trim */
};

MemPool *mempool_new(size_t keep_bytes, size_t use_bytes) {
    MemPool *pool = g_new0(MemPool, 1);
    pthread_mutex_init(&pool->lock, NULL);
    pool->keep_bytes = keep_bytes;
    pool->use_bytes = use_bytes;
    return pool;
}

static void file_close(MemFile *file) {
    if (file->map)
        munmap(file->map, file->capacity);
    if (file->fd >= 0)
        close(file->fd);
    g_free(file);
}

static void close_all(MemFile *list) {
    while (list) {
        MemFile *file = list;
        list = file->next;
        file_close(file);
    }
}

void mempool_trim(MemPool *pool) {
    MemFile *all[KEPT_CLASSES] = {0};
    pthread_mutex_lock(&pool->lock);
    if (pool->taken == pool->taken_before) {
        memcpy(all, pool->idle, sizeof all);
        memset(pool->idle, 0, sizeof pool->idle);
        pool->kept = 0;
    }
    pool->taken_before = pool->taken;
    pthread_mutex_unlock(&pool->lock);
    for (int class = 0; class < KEPT_CLASSES; class ++)
        close_all(all[class]);
}

void mempool_free(MemPool *pool) {
    if (!pool)
        return;
    for (int class = 0; class < KEPT_CLASSES; class ++)
        close_all(pool->idle[class]);
    pthread_mutex_destroy(&pool->lock);
    g_free(pool);
}

static int class_for(size_t size) {
    for (int class = 0; class < KEPT_CLASSES; class ++)
        if (size <= kept_sizes[class])
            return class;
    return -1;
}

/* Notes that `more` bytes are out. False when that is too much for this machine: one message waits, the front lives. */
static bool reserve(MemPool *pool, size_t more) {
    pthread_mutex_lock(&pool->lock);
    bool fits = more <= pool->use_bytes && pool->used <= pool->use_bytes - more;
    if (fits)
        pool->used += more;
    pthread_mutex_unlock(&pool->lock);
    if (!fits)
        errno = ENOMEM;
    return fits;
}

static void release(MemPool *pool, size_t less) {
    pthread_mutex_lock(&pool->lock);
    pool->used -= less;
    pthread_mutex_unlock(&pool->lock);
}

static MemFile *file_open(MemPool *pool, size_t capacity) {
    static _Atomic uint64_t last_id;
    MemFile *file = g_try_new0(MemFile, 1);
    if (!file)
        return NULL;
    file->pool = pool;
    file->capacity = capacity;
    file->id = ++last_id;
    file->fd = memfd_create("lexgate-message", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (file->fd >= 0 && ftruncate(file->fd, (off_t)capacity) == 0) {
        void *map = mmap(NULL, capacity, PROT_READ | PROT_WRITE, MAP_SHARED, file->fd, 0);
        file->map = map == MAP_FAILED ? NULL : map;
    }
    if (!file->map) {
        int error = errno;
        file_close(file);
        errno = error;
        return NULL;
    }
    return file;
}

/* An idle file of this class or a larger one, unlinked from its list. */
static MemFile *take_idle(MemPool *pool, int class) {
    MemFile *file = NULL;
    pthread_mutex_lock(&pool->lock);
    pool->taken++;
    for (; class >= 0 && class < KEPT_CLASSES && !file; class ++) {
        file = pool->idle[class];
        if (file) {
            pool->idle[class] = file->next;
            pool->kept -= file->capacity;
        }
    }
    pthread_mutex_unlock(&pool->lock);
    return file;
}

MemFile *memfile_take(MemPool *pool, size_t expect) {
    int class = class_for(expect);
    if (class < 0)
        class = KEPT_CLASSES - 1; /* SIZE= is a stranger's word: what it really takes is had when it comes */
    MemFile *file = take_idle(pool, class);
    if (!reserve(pool, file ? file->capacity : kept_sizes[class])) {
        if (file)
            file_close(file);
        errno = ENOMEM;
        return NULL;
    }
    if (!file)
        file = file_open(pool, kept_sizes[class]);
    if (!file)
        release(pool, kept_sizes[class]);
    else
        file->length = 0;
    return file;
}

static bool grow_in_place(MemFile *file, size_t capacity) {
    if (ftruncate(file->fd, (off_t)capacity))
        return false;
    void *map = mremap(file->map, file->capacity, capacity, MREMAP_MAYMOVE);
    if (map == MAP_FAILED)
        return false;
    file->map = map;
    file->capacity = capacity;
    return true;
}

static bool grow_by_copy(MemFile *file, size_t capacity) {
    MemFile *larger = file_open(file->pool, capacity);
    if (!larger)
        return false;
    memcpy(larger->map, file->map, file->length);
    munmap(file->map, file->capacity);
    close(file->fd);
    file->fd = larger->fd;
    file->id = larger->id;
    file->map = larger->map;
    file->capacity = capacity;
    file->sealed = false;
    g_free(larger);
    return true;
}

/* A larger one that is idle: copying costs less than the page faults of a fresh one. `used` counts both until the
 * smaller is back. */
static bool grow_by_swap(MemFile *file, int class) {
    MemFile *larger = class >= 0 ? take_idle(file->pool, class) : NULL;
    if (!larger)
        return false;
    if (!reserve(file->pool, larger->capacity)) {
        file_close(larger);
        return false;
    }
    memcpy(larger->map, file->map, file->length);
    MemFile smaller = *file;
    file->fd = larger->fd;
    file->id = larger->id;
    file->map = larger->map;
    file->capacity = larger->capacity;
    file->sealed = larger->sealed;
    larger->fd = smaller.fd;
    larger->id = smaller.id;
    larger->map = smaller.map;
    larger->capacity = smaller.capacity;
    larger->sealed = smaller.sealed;
    memfile_give(larger, false);
    return true;
}

static bool grow(MemFile *file, size_t needed) {
    size_t before = file->capacity, capacity = before;
    while (capacity < needed)
        capacity *= 2;
    int class = class_for(capacity);
    if (class >= 0)
        capacity = kept_sizes[class];
    if (grow_by_swap(file, class))
        return true;
    if (!reserve(file->pool, capacity - before))
        return false;
    bool grown = file->sealed ? grow_by_copy(file, capacity) : grow_in_place(file, capacity);
    if (!grown)
        release(file->pool, capacity - before);
    return grown;
}

bool memfile_append(MemFile *file, const void *data, size_t length) {
    if (length > file->capacity - file->length) {
        if (length > SIZE_MAX / 4 - file->length || !grow(file, file->length + length))
            return false;
    }
    memcpy(file->map + file->length, data, length);
    file->length += length;
    return true;
}

void memfile_rewind(MemFile *file) {
    file->length = 0;
}

size_t memfile_length(const MemFile *file) {
    return file->length;
}

int memfile_seal(MemFile *file) {
    if (!file->sealed) {
        if (fcntl(file->fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL))
            return -1;
        file->sealed = true;
    }
    return file->fd;
}

uint64_t memfile_id(const MemFile *file) {
    return class_for(file->capacity) == 0 ? file->id : 0;
}

const char *memfile_data(const MemFile *file) {
    return file->map;
}

void memfile_give(MemFile *file, bool spoiled) {
    MemPool *pool = file->pool;
    int class = class_for(file->capacity);
    pthread_mutex_lock(&pool->lock);
    pool->used -= file->capacity;
    bool keep = !spoiled && class >= 0 && pool->kept + file->capacity <= pool->keep_bytes;
    if (keep) {
        file->next = pool->idle[class];
        pool->idle[class] = file;
        pool->kept += file->capacity;
    }
    pthread_mutex_unlock(&pool->lock);
    if (!keep)
        file_close(file);
}
