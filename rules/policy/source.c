/* SPDX-License-Identifier: Apache-2.0 */
/* Reading a policy's files once, and carrying their bytes from process to process in a sealed memory file. */
#include "policy/source.h"
#include "base/io.h"
#include "base/seal.h"
#include "base/text.h"
#include "policy/lastgood.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX ((size_t)8 << 20)
#define SOURCE_MAX ((size_t)64 << 20)
#define SOURCE_MAGIC "lexgate-policy-1\n"

static void source_file_free(SourceFile *file) {
    g_free(file->file);
    g_free(file->path);
    g_free(file->name);
    g_free(file->text);
    g_free(file);
}

static PolicySource *source_new(void) {
    PolicySource *source = g_new0(PolicySource, 1);
    source->files = g_ptr_array_new_with_free_func((GDestroyNotify)source_file_free);
    return source;
}

void policy_source_free(PolicySource *source) {
    if (!source)
        return;
    g_ptr_array_unref(source->files);
    g_free(source);
}

TreeFile source_tree_file(const SourceFile *file) {
    return (TreeFile){file->file, file->path, file->text, file->length};
}

static const SourceFile *find_file(const PolicySource *source, SourceKind kind, const char *path) {
    for (guint i = 0; i < source->files->len; i++) {
        const SourceFile *file = source->files->pdata[i];
        if (file->kind == kind && text_equal(file->path, path))
            return file;
    }
    return NULL;
}

const SourceFile *source_calendar(const PolicySource *source, const char *path) {
    return find_file(source, SOURCE_CALENDAR, path);
}

const SourceFile *source_phrases(const PolicySource *source, const char *path) {
    return find_file(source, SOURCE_PHRASES, path);
}

const SourceFile *source_roster(const PolicySource *source, const char *path) {
    return find_file(source, SOURCE_ROSTER, path);
}

static char *name_within(const char *folder, const char *path) {
    size_t length = strlen(folder);
    if (g_str_has_prefix(path, folder) && path[length] == '/')
        return g_strdup(path + length + 1);
    return g_strdup(path);
}

static SourceFile *new_file(SourceKind kind, const char *shown, const char *folder) {
    SourceFile *file = g_new0(SourceFile, 1);
    file->kind = kind;
    file->file = g_strdup(shown);
    file->path = g_canonicalize_filename(shown, NULL);
    file->name = name_within(folder, file->path);
    return file;
}

/* Reads one file into the source. `folder` is that of lexgate.conf, absolute. */
static bool add_file(PolicySource *source, SourceKind kind, const char *shown, const char *folder, GError **error) {
    size_t length;
    char *text = io_read_regular(shown, FILE_MAX, &length, error); /* a reload must not wait for a FIFO */
    if (!text)
        return false;
    SourceFile *file = new_file(kind, shown, folder);
    file->text = text;
    file->length = length;
    g_ptr_array_add(source->files, file);
    return true;
}

static int by_name(gconstpointer a, gconstpointer b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The .conf files of a folder beside lexgate.conf in name order; no folder, no files. */
static bool add_parts(PolicySource *source, const char *path, const char *name_of_parts, GPtrArray *problems) {
    g_autofree char *absolute = g_canonicalize_filename(path, NULL), *folder = g_path_get_dirname(absolute);
    g_autofree char *parts = io_path_from(path, name_of_parts);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;
    g_autoptr(GDir) dir = io_open_folder(parts, &error);
    if (!dir) {
        if (g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT))
            return true;
        g_ptr_array_add(problems, problem_new(PROBLEM_ERROR, parts, 0, "%s; make the folder readable", error->message));
        return false;
    }
    for (const char *name; (name = g_dir_read_name(dir));)
        if (*name != '.' && g_str_has_suffix(name, ".conf"))
            g_ptr_array_add(names, g_build_filename(parts, name, NULL));
    g_ptr_array_sort(names, by_name);
    for (guint i = 0; i < names->len; i++) {
        g_clear_error(&error);
        if (add_file(source, SOURCE_CONFIG, names->pdata[i], folder, &error))
            continue;
        g_ptr_array_add(problems, problem_new(PROBLEM_ERROR, names->pdata[i], 0, "%s; make it readable or remove it",
                                              error->message));
        return false;
    }
    return true;
}

/* Files are named in the configuration, so it is parsed for them; what is wrong with it policy_parse() says. */
typedef struct {
    const char *group, *key; /* calendars.NAME.holidays */
    SourceKind kind;
    const char *what;
} Named;

/* Where files are read, and problems said. */
typedef struct {
    const char *folder; /* of lexgate.conf, absolute */
    const char *copies; /* of holidays */
    GPtrArray *problems;
} Reading;

static const Named named_files[] = {
    {"calendars", "holidays", SOURCE_CALENDAR, "the holidays"},
    {"detectors", "phrases", SOURCE_PHRASES, "the phrases"},
    {"rosters", "table", SOURCE_ROSTER, "the table"},
};

/* Puts the copy that was kept in the place of a faulty file, and says so. False when there is none. */
static bool take_last_good(SourceFile *file, const Reading *reading, const Node *node, const char *fault) {
    char day[CALENDAR_DAY];
    size_t length;
    char *copy = lastgood_read(reading->copies, file->path, &length, day);
    if (!copy)
        return false;
    g_free(file->text);
    file->text = copy;
    file->length = length;
    file->last_good = true;
    node_warning(reading->problems, node,
                 "the holidays \"%s\" cannot be used (%s); the last good copy, of %s, is used in their place; fetch the "
                 "file again",
                 node->text, fault, day);
    return true;
}

/* A file that could not be read at all: its copy, or NULL. */
static bool add_last_good(PolicySource *source, const char *path, const Reading *reading, const Node *node,
                          const char *fault) {
    SourceFile *file = new_file(SOURCE_CALENDAR, path, reading->folder);
    if (take_last_good(file, reading, node, fault)) {
        g_ptr_array_add(source->files, file);
        return true;
    }
    source_file_free(file);
    return false;
}

/* What is wrong with a file of holidays that has no copy policy_parse() says. */
static void check_holidays(PolicySource *source, const Reading *reading, const Node *node) {
    SourceFile *file = source->files->pdata[source->files->len - 1];
    g_autofree char *fault = lastgood_fault(file);
    if (fault)
        take_last_good(file, reading, node, fault);
}

static bool add_named(PolicySource *source, const Named *named, const Node *node, const Reading *reading) {
    if (node->kind != NODE_TEXT)
        return true;
    g_autofree char *joined = io_path_from(node->path, node->text);
    g_autofree char *path = g_canonicalize_filename(joined, NULL);
    g_autoptr(GError) error = NULL;
    bool holidays = named->kind == SOURCE_CALENDAR;
    if (find_file(source, named->kind, path))
        return true;
    if (add_file(source, named->kind, path, reading->folder, &error)) {
        if (holidays)
            check_holidays(source, reading, node);
        return true;
    }
    if (holidays && add_last_good(source, path, reading, node, error->message))
        return true;
    node_error(reading->problems, node, "%s cannot be read (%s); correct the name, it is relative to this file", named->what,
               error->message);
    return false;
}

static bool add_all_named(PolicySource *source, const char *folder, GPtrArray *problems) {
    g_autoptr(GPtrArray) scratch = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
    g_autoptr(Node) root = node_new(NODE_GROUP, NULL, NULL, 0);
    bool good = true;
    for (guint i = 0, count = source->files->len; i < count; i++) {
        TreeFile file = source_tree_file(source->files->pdata[i]);
        tree_add(root, &file, scratch);
    }
    g_autofree char *copies = lastgood_folder(root);
    Reading reading = {folder, copies, problems};
    for (size_t n = 0; n < G_N_ELEMENTS(named_files); n++) {
        const Node *groups = node_member(root, named_files[n].group);
        for (guint i = 0; groups && groups->children && i < groups->children->len; i++) {
            const Node *files = node_member(groups->children->pdata[i], named_files[n].key);
            g_autoptr(GPtrArray) elements = files ? node_elements(files) : g_ptr_array_new();
            for (guint e = 0; e < elements->len; e++)
                good &= add_named(source, &named_files[n], elements->pdata[e], &reading);
        }
    }
    return good;
}

PolicySource *policy_source_read(const char *path, GPtrArray *problems) {
    g_autoptr(PolicySource) source = source_new();
    g_autoptr(GError) error = NULL;
    g_autofree char *absolute = g_canonicalize_filename(path, NULL);
    g_autofree char *folder = g_path_get_dirname(absolute);
    if (!add_file(source, SOURCE_CONFIG, path, folder, &error)) {
        g_ptr_array_add(problems,
                        problem_new(PROBLEM_ERROR, path, 0, "%s; name the configuration with -c FILE", error->message));
        return NULL;
    }
    if (!add_parts(source, path, "conf.d", problems) || !add_parts(source, path, "rules.d", problems) ||
        !add_all_named(source, folder, problems))
        return NULL;
    return g_steal_pointer(&source);
}

char *source_digest(const PolicySource *source) {
    g_autoptr(GByteArray) lengths = g_byte_array_new();
    g_autoptr(GArray) pieces = g_array_new(false, false, sizeof(Bytes));
    unsigned char hash[SHA256_SIZE];
    for (guint i = 0; i < source->files->len; i++) {
        const SourceFile *file = source->files->pdata[i];
        uint64_t sizes[2] = {GUINT64_TO_LE(strlen(file->name)), GUINT64_TO_LE(file->length)};
        g_byte_array_append(lengths, (const guint8 *)sizes, sizeof sizes);
        Bytes both[2] = {{file->name, strlen(file->name)}, {file->text, file->length}};
        g_array_append_vals(pieces, both, 2);
    }
    Bytes first = {lengths->data, lengths->len};
    g_array_prepend_val(pieces, first);
    sha256_of((const Bytes *)(void *)pieces->data, pieces->len, hash);
    return hex_encode(hash, sizeof hash);
}

/* In the order of SourceKind. */
static const char kind_letters[] = "cipr";

static void put_piece(GByteArray *out, const char *data, size_t length) {
    uint32_t size = GUINT32_TO_LE((uint32_t)length);
    g_byte_array_append(out, (const guint8 *)&size, sizeof size);
    g_byte_array_append(out, (const guint8 *)data, (guint)length);
}

int policy_source_to_fd(const PolicySource *source, GError **error) {
    g_autoptr(GByteArray) bytes = g_byte_array_new();
    g_byte_array_append(bytes, (const guint8 *)SOURCE_MAGIC, strlen(SOURCE_MAGIC));
    for (guint i = 0; i < source->files->len; i++) {
        const SourceFile *file = source->files->pdata[i];
        put_piece(bytes, &kind_letters[file->kind], 1);
        put_piece(bytes, file->file, strlen(file->file));
        put_piece(bytes, file->path, strlen(file->path));
        put_piece(bytes, file->name, strlen(file->name));
        put_piece(bytes, file->text, file->length);
    }
    int fd = memfd_create("lexgate-policy", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd >= 0 && bytes->len <= SOURCE_MAX && io_write_all(fd, bytes->data, bytes->len) &&
        fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) == 0)
        return fd;
    g_set_error(error, G_FILE_ERROR, g_file_error_from_errno(errno), "cannot make a memory file for the policy: %s",
                bytes->len > SOURCE_MAX ? "its files are larger than 64 MB" : g_strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

typedef struct {
    const char *at;
    size_t left;
} Pieces;

/* The next piece, NUL-ended; NULL at a damaged place. */
static char *get_piece(Pieces *in, size_t *length) {
    uint32_t size;
    if (in->left < sizeof size)
        return NULL;
    memcpy(&size, in->at, sizeof size);
    size = GUINT32_FROM_LE(size);
    if (size > in->left - sizeof size)
        return NULL;
    char *piece = g_malloc((size_t)size + 1);
    memcpy(piece, in->at + sizeof size, size);
    piece[size] = '\0';
    in->at += sizeof size + size;
    in->left -= sizeof size + size;
    if (length)
        *length = size;
    return piece;
}

static bool get_file(Pieces *in, PolicySource *source) {
    SourceFile *file = g_new0(SourceFile, 1);
    g_autofree char *kind = get_piece(in, NULL);
    const char *letter = kind && *kind ? strchr(kind_letters, *kind) : NULL;
    file->kind = letter ? (SourceKind)(letter - kind_letters) : SOURCE_CALENDAR;
    file->file = get_piece(in, NULL);
    file->path = get_piece(in, NULL);
    file->name = get_piece(in, NULL);
    file->text = get_piece(in, &file->length);
    g_ptr_array_add(source->files, file);
    return file->text != NULL;
}

static bool read_pieces(Pieces in, PolicySource *source) {
    size_t magic = strlen(SOURCE_MAGIC);
    if (in.left < magic || memcmp(in.at, SOURCE_MAGIC, magic) != 0)
        return false;
    in.at += magic;
    in.left -= magic;
    while (in.left)
        if (!get_file(&in, source))
            return false;
    return source->files->len > 0;
}

PolicySource *policy_source_from_fd(int fd, GError **error) {
    struct stat stat;
    g_autoptr(PolicySource) source = source_new();
    if (fstat(fd, &stat) != 0 || stat.st_size <= 0 || (size_t)stat.st_size > SOURCE_MAX) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "the descriptor holds no policy");
        return NULL;
    }
    size_t length = (size_t)stat.st_size;
    void *map = mmap(NULL, length, PROT_READ, MAP_PRIVATE, fd, 0);
    bool good = map != MAP_FAILED && read_pieces((Pieces){map, length}, source);
    if (map != MAP_FAILED)
        munmap(map, length);
    if (good)
        return g_steal_pointer(&source);
    g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "the memory file holds no whole policy");
    return NULL;
}
