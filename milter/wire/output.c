/* SPDX-License-Identifier: Apache-2.0 */
/* The file is the front's own from the first to the last: a judge that has it cannot resize it, and not change it any
 * more once it is sealed. */
#include "wire/output.h"
#include "base/io.h"
#include "wire/wire.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

static const char filled[] = "filled";

/* Any failure here is for want of memory or descriptors. */
static int make_file(size_t length) {
    int file = memfd_create("lexgate-output", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (file >= 0 && ftruncate(file, (off_t)length) == 0 && fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) == 0)
        return file;
    if (file >= 0)
        close(file);
    return -1;
}

static bool hear_filled(int socket) {
    char word[sizeof filled + 1];
    ssize_t got;
    do
        got = recv(socket, word, sizeof word, 0);
    while (got < 0 && errno == EINTR);
    return got == sizeof filled - 1 && memcmp(word, filled, sizeof filled - 1) == 0;
}

static bool take(int socket, int file, WireOutput *output) {
    if (!io_send_fds(socket, WIRE_OUTPUT, strlen(WIRE_OUTPUT), &file, 1) || !hear_filled(socket) ||
        fcntl(file, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_SEAL)) {
        errno = EPROTO;
        return false;
    }
    void *map = mmap(NULL, output->length, PROT_READ, MAP_PRIVATE, file, 0);
    output->data = map == MAP_FAILED ? NULL : map;
    if (!output->data)
        errno = ENOMEM;
    return output->data != NULL;
}

bool wire_take_output(int socket, WireOutput *output) {
    int file = make_file(output->length);
    if (file < 0) {
        errno = ENOMEM;
        return false;
    }
    bool taken = take(socket, file, output);
    int error = errno;
    close(file);
    errno = error;
    return taken;
}

void wire_output_clear(WireOutput *output) {
    if (output->data)
        munmap(output->data, output->length);
    *output = (WireOutput){0};
}

bool wire_fill_output(int file, const char *data, size_t length) {
    off_t size = lseek(file, 0, SEEK_END);
    if (size < 0 || (size_t)size != length || length == 0) {
        errno = EBADMSG;
        return false;
    }
    void *map = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (map == MAP_FAILED)
        return false;
    memcpy(map, data, length);
    return munmap(map, length) == 0;
}

bool wire_say_filled(int socket) {
    return io_send_fds(socket, filled, sizeof filled - 1, NULL, 0);
}
