/* SPDX-License-Identifier: Apache-2.0 */
/* Files, folders and local sockets, with the errors that people need: every GError names the path and what to do. */
#pragma once
#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Whole file, at most `limit` bytes; one NUL byte follows the content and is not counted. "-" is standard input. */
char *io_read_file(const char *path, size_t limit, size_t *length, GError **error);

/* The same, and anything else than a regular file (a FIFO that nobody writes to, a device) is an error at once. */
char *io_read_regular(const char *path, size_t limit, size_t *length, GError **error);

/* A folder to be read, g_dir_close() frees it. */
GDir *io_open_folder(const char *path, GError **error);

/* Writes a temporary file beside `path`, syncs it, renames it over, syncs the folder. */
bool io_replace_file(const char *path, const void *data, size_t length, mode_t mode, GError **error);

/* Makes a rename or link in the folder of `path` last. False with errno. */
bool io_sync_folder_of(const char *path);

bool io_make_folder(const char *path, mode_t mode, GError **error); /* with its parents; existing is fine */
bool io_write_all(int fd, const void *data, size_t length); /* false with errno; retries EINTR and short writes */
bool io_read_all(int fd, void *data, size_t length);        /* false with errno, 0 at end of file */

/* A listening unix socket at `path` (an unused old one is replaced, a live one is an error). Close-on-exec. -1 on
 * error. */
int io_listen_unix(const char *path, mode_t mode, GError **error);

/* A connected stream socket; the limit also holds for each later read and write (EAGAIN). -1 on error. */
int io_connect_unix(const char *path, int timeout_ms, GError **error);

/* One datagram or packet with up to `count` descriptors. Send: false with errno. Receive: bytes read, 0 at end, -1 with
 * errno; unused places in fds are -1; received descriptors are close-on-exec and belong to the caller. More descriptors
 * than `count` or a packet longer than `size` is an error (EPROTO, EMSGSIZE), and nothing stays open. At most 16
 * descriptors. */
bool io_send_fds(int socket, const void *data, size_t length, const int *fds, size_t count);
ssize_t io_receive_fds(int socket, void *data, size_t size, int *fds, size_t count);

/* A relative path taken from the folder of the file that names it; caller owns. */
char *io_path_from(const char *naming_file, const char *path);

/* Tells systemd ("READY=1", …) when NOTIFY_SOCKET is set; otherwise does nothing. */
void io_notify(const char *state);
