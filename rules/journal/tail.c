/* SPDX-License-Identifier: Apache-2.0 */
/* Only what lies behind the last line that can be read is called torn: a damaged line in the middle stays where it is,
 * for verification to name, and never makes a number be used twice. */
#include "journal/tail.h"
#include "base/seal.h"
#include "base/text.h"
#include "journal/files.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static void tear_free(void *data) {
    Tear *tear = data;
    g_free(tear->file);
    g_free(tear->sha256);
    g_free(tear);
}

void tail_clear(Tail *tail) {
    g_clear_pointer(&tail->tears, g_ptr_array_unref);
}

/* The last line of data[0, end) that is an entry of this writer; *behind: where the next one would begin. */
static Entry *last_entry(const char *data, size_t end, const char *writer, size_t *behind) {
    const char *lf;
    while (end && (lf = memrchr(data, '\n', end))) {
        size_t line_end = (size_t)(lf - data);
        const char *before = line_end ? memrchr(data, '\n', line_end) : NULL;
        size_t start = before ? (size_t)(before - data) + 1 : 0;
        g_autoptr(Entry) entry = entry_parse(data + start, line_end - start, NULL, NULL);
        if (entry && text_equal(entry->writer, writer)) {
            *behind = line_end + 1;
            return g_steal_pointer(&entry);
        }
        end = start;
    }
    *behind = 0;
    return NULL;
}

static Tear *tear_new(const char *writer, unsigned number, const char *data, size_t length) {
    unsigned char hash[SHA256_SIZE];
    Tear *tear = g_new0(Tear, 1);
    tear->file = files_name(writer, number);
    tear->bytes = (int64_t)length;
    sha256_of(&(Bytes){data, length}, 1, hash);
    tear->sha256 = hex_encode(hash, sizeof hash);
    return tear;
}

/* Takes one file's end into *tail. True when it has an entry. */
static bool look_into(const char *data, size_t size, const char *writer, unsigned number, Tail *tail) {
    size_t behind;
    g_autoptr(Entry) entry = last_entry(data, size, writer, &behind);
    if (behind < size)
        g_ptr_array_insert(tail->tears, 0, tear_new(writer, number, data + behind, size - behind));
    if (!entry)
        return false;
    tail->seq = entry->seq;
    memcpy(tail->hash, entry->hash, sizeof tail->hash);
    return true;
}

static bool failed(const char *path, GError **error) {
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "%s: cannot read: %s", path, g_strerror(errno));
    return false;
}

static bool look_at_file(const char *folder, const char *writer, unsigned number, Tail *tail, bool *found,
                         GError **error) {
    g_autofree char *path = files_path(folder, writer, number);
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return failed(path, error);
    void *data = NULL;
    bool mapped = fstat(fd, &st) == 0;
    size_t size = mapped ? (size_t)st.st_size : 0;
    if (mapped && size) {
        data = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
        mapped = data != MAP_FAILED;
    }
    close(fd);
    if (!mapped)
        return failed(path, error);
    if (number == tail->last_file)
        tail->last_size = (int64_t)size;
    *found = size && look_into(data, size, writer, number, tail);
    if (size)
        munmap(data, size);
    return true;
}

bool tail_find(const char *folder, const char *writer, Tail *tail, GError **error) {
    *tail = (Tail){.tears = g_ptr_array_new_with_free_func(tear_free)};
    g_autoptr(GArray) numbers = files_numbers(folder, writer, error);
    if (!numbers)
        return false;
    bool found = false;
    if (numbers->len)
        tail->last_file = g_array_index(numbers, unsigned, numbers->len - 1);
    for (guint i = numbers->len; i > 0 && !found; i--)
        if (!look_at_file(folder, writer, g_array_index(numbers, unsigned, i - 1), tail, &found, error))
            return false;
    return true;
}
