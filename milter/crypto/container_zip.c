/* SPDX-License-Identifier: Apache-2.0 */
/* ZIP archives (APPNOTE 6.3): every file entry AES-encrypted as WinZip does it (method 99), and no byte of the file
 * outside of the entries and the directory, and in these no words but the names. ZipCrypto falls to known plaintext and
 * does not count. File names are still readable. */
#include "crypto/beside.h"
#include "crypto/container.h"
#include "crypto/noise.h"
#include <string.h>

enum {
    END_SIZE = 22,
    CENTRAL_SIZE = 46,
    LOCAL_SIZE = 30,
    DESCRIPTOR_SIZE = 24,
    METHOD_AES = 99,
    FLAG_ENCRYPTED = 1,
    EXTRA_AES = 0x9901,
    EXTRA_PATH = 0x7075, /* the name again, in UTF-8 */
    EXTRAS_MAX = 512,
    PATH_MOST = 1024,
    NAME_MOST = 255, /* of a file on any disk */
    CHECK = 2,       /* of the password, behind the salt */
    CODE = 10        /* over all, behind the data */
};

typedef struct {
    Octets file;
    size_t directory, directory_end; /* offsets */
    unsigned entries;
    unsigned encrypted, plain, weak; /* file entries of each sort */
    size_t covered;                  /* how far entries have filled the file */
    bool odd;
} Zip;

/* The end record must be the file's last 22 bytes: no comment, no second archive behind it. */
static bool find_directory(Zip *zip) {
    if (zip->file.length < END_SIZE)
        return false;
    const unsigned char *end = zip->file.at + zip->file.length - END_SIZE;
    if (memcmp(end, "PK\x05\x06", 4) != 0 || little32(end + 4) != 0 || little16(end + 8) != little16(end + 10))
        return false;
    zip->entries = little16(end + 10);
    zip->directory = little32(end + 16);
    zip->directory_end = zip->directory + little32(end + 12);
    return zip->directory_end == zip->file.length - END_SIZE;
}

/* What the field for AES says. */
typedef struct {
    unsigned salt;   /* octets, 0: there is no such field */
    unsigned method; /* of packing */
} Aes;

static Aes read_aes(Octets field) {
    bool sound = field.length == 7 && (little16(field.at) == 1 || little16(field.at) == 2) && field.at[2] == 'A' &&
                 field.at[3] == 'E' && field.at[4] >= 1 && field.at[4] <= 3;
    return sound ? (Aes){4U + 4U * field.at[4], little16(field.at + 5)} : (Aes){0, 0};
}

/* All fields of a header, to their last byte and without words. */
static bool read_extras(Octets extra, size_t name, Aes *aes) {
    bool sound = extra.length <= EXTRAS_MAX + 5 * name;
    while (sound && extra.length >= 4) {
        unsigned kind = little16(extra.at), size = little16(extra.at + 2);
        if (size > extra.length - 4)
            return false;
        if (kind == EXTRA_AES)
            *aes = read_aes((Octets){extra.at + 4, size});
        sound = kind == EXTRA_PATH ? size <= 5 + 4 * name : beside_is_noise(extra.at + 4, size);
        extra = (Octets){extra.at + 4 + size, extra.length - 4 - size};
    }
    return sound && extra.length == 0;
}

/* What unpackers that trust local headers would do must be the same. */
static bool local_agrees(Zip *zip, const unsigned char *central, size_t offset) {
    size_t stored = little32(central + 20);
    if (offset > zip->directory || zip->directory - offset < LOCAL_SIZE)
        return false;
    const unsigned char *local = zip->file.at + offset;
    if (memcmp(local, "PK\x03\x04", 4) != 0 || little16(local + 6) != little16(central + 8) ||
        little16(local + 8) != little16(central + 10))
        return false;
    size_t name = little16(local + 26), extra = little16(local + 28), head = LOCAL_SIZE + name + extra;
    if (zip->directory - offset < head || zip->directory - offset - head < stored)
        return false;
    if (name != little16(central + 28) || memcmp(local + LOCAL_SIZE, central + CENTRAL_SIZE, name) != 0 ||
        !read_extras((Octets){local + LOCAL_SIZE + name, extra}, name, &(Aes){0, 0}))
        return false;
    if (offset < zip->covered || offset - zip->covered > (zip->covered == 0 ? 0 : DESCRIPTOR_SIZE))
        return false;
    zip->covered = offset + head + stored;
    return true;
}

/* What lies between the local header that local_agrees() saw and the next one: salt, check, data, code. */
static bool is_ciphertext(const Zip *zip, const unsigned char *central, const Aes *aes) {
    size_t stored = little32(central + 20), whole = little32(central + 24), head = aes->salt + CHECK;
    const unsigned char *at = zip->file.at + zip->covered - stored;
    Noise all = {.filled = 0}, data = {.filled = 0};
    if (aes->salt == 0 || stored < head + CODE || (aes->method == 0 && stored != head + whole + CODE))
        return false;
    noise_add(&all, at, stored);
    noise_add(&data, at + head, stored - head - CODE);
    if (noise_is_readable(&all) || noise_is_readable(&data))
        return false;
    const size_t starts[] = {0, CHECK, aes->salt, head};
    for (size_t i = 0; i < G_N_ELEMENTS(starts); i++)
        if (beside_unpacks(at + starts[i], stored - starts[i]))
            return false;
    return true;
}

/* Could a file be called so? */
static bool is_path(Octets path) {
    size_t part = 0;
    for (size_t i = 0; i < path.length && part <= NAME_MOST; i++)
        part = path.at[i] == '/' ? 0 : part + 1;
    return part <= NAME_MOST && path.length <= PATH_MOST;
}

static void count_entry(Zip *zip, const unsigned char *central, Octets name, Octets extra) {
    bool encrypted = little16(central + 8) & FLAG_ENCRYPTED;
    bool folder = name.length > 0 && name.at[name.length - 1] == '/' && little32(central + 20) == 0;
    bool agrees = local_agrees(zip, central, little32(central + 42));
    Aes aes = {0, 0};
    zip->odd = zip->odd || !agrees || !is_path(name) || !read_extras(extra, name.length, &aes);
    if (folder)
        return;
    if (!encrypted)
        zip->plain++;
    else if (agrees && little16(central + 10) == METHOD_AES && is_ciphertext(zip, central, &aes))
        zip->encrypted++;
    else
        zip->weak++;
}

static bool read_directory(Zip *zip) {
    size_t at = zip->directory;
    for (unsigned i = 0; i < zip->entries; i++) {
        const unsigned char *central = zip->file.at + at;
        if (zip->directory_end - at < CENTRAL_SIZE || memcmp(central, "PK\x01\x02", 4) != 0)
            return false;
        size_t name = little16(central + 28), extra = little16(central + 30), comment = little16(central + 32);
        if (zip->directory_end - at - CENTRAL_SIZE < name + extra + comment)
            return false;
        count_entry(zip, central, (Octets){central + CENTRAL_SIZE, name},
                    (Octets){central + CENTRAL_SIZE + name, extra});
        zip->odd = zip->odd || comment > 0;
        at += CENTRAL_SIZE + name + extra + comment;
    }
    return at == zip->directory_end && zip->directory - zip->covered <= DESCRIPTOR_SIZE;
}

ContentVerdict container_zip(Octets file) {
    Zip zip = {.file = file};
    bool sound = find_directory(&zip) && read_directory(&zip) && !zip.odd;
    if (zip.encrypted + zip.weak == 0)
        return CONTENT_CLEAR;
    return sound && zip.plain + zip.weak == 0 ? CONTENT_ENCRYPTED : CONTENT_BROKEN;
}
