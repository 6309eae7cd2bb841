/* SPDX-License-Identifier: Apache-2.0 */
/* ZIP archives (APPNOTE 6.3): every file entry AES-encrypted as WinZip does it (method 99), and no byte of the file
 * outside of the entries and the directory. ZipCrypto falls to known plaintext and does not count. File names are still
 * readable. */
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
    AES_OVERHEAD = 8 + 2 + 10 /* the shortest salt, a check of the password, a code over all */
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

static bool has_aes_extra(Octets extra) {
    while (extra.length >= 4) {
        unsigned size = little16(extra.at + 2);
        if (size > extra.length - 4)
            return false;
        if (little16(extra.at) == EXTRA_AES)
            return size == 7 && extra.at[6] == 'A' && extra.at[7] == 'E' && extra.at[8] >= 1 && extra.at[8] <= 3;
        extra = (Octets){extra.at + 4 + size, extra.length - 4 - size};
    }
    return false;
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
    size_t head = LOCAL_SIZE + little16(local + 26) + little16(local + 28);
    if (zip->directory - offset < head || zip->directory - offset - head < stored)
        return false;
    if (offset < zip->covered || offset - zip->covered > (zip->covered == 0 ? 0 : DESCRIPTOR_SIZE))
        return false;
    zip->covered = offset + head + stored;
    return true;
}

/* What lies between the local header that local_agrees() saw and the next one. */
static bool is_ciphertext(const Zip *zip, size_t stored) {
    Noise noise = {.filled = 0};
    noise_add(&noise, zip->file.at + zip->covered - stored, stored);
    return stored >= AES_OVERHEAD && !noise_is_readable(&noise);
}

static void count_entry(Zip *zip, const unsigned char *central, Octets name, Octets extra) {
    bool encrypted = little16(central + 8) & FLAG_ENCRYPTED;
    bool folder = name.length > 0 && name.at[name.length - 1] == '/' && little32(central + 20) == 0;
    bool agrees = local_agrees(zip, central, little32(central + 42));
    zip->odd = zip->odd || !agrees;
    if (folder)
        return;
    if (!encrypted)
        zip->plain++;
    else if (agrees && little16(central + 10) == METHOD_AES && has_aes_extra(extra) &&
             is_ciphertext(zip, little32(central + 20)))
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
