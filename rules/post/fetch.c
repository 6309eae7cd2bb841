/* SPDX-License-Identifier: Apache-2.0 */
/* libcurl's limits count what a server says beforehand; ours counts what it sends. */
#include "post/fetch.h"
#include <curl/curl.h>

#define REDIRECTS_MAX 3

typedef struct {
    GByteArray *bytes;
    size_t limit;
} Download;

static size_t take(char *data, size_t size, size_t count, void *state) {
    Download *download = state;
    size_t length = size * count;
    if (length > download->limit - download->bytes->len)
        return 0;
    g_byte_array_append(download->bytes, (const guint8 *)data, (guint)length);
    return length;
}

static void set_limits(CURL *curl, size_t limit, Duration timeout) {
    long ms = (long)CLAMP(timeout.us / 1000, 100, 600000);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(curl, CURLOPT_MAXREDIRS, (long)REDIRECTS_MAX);
    curl_easy_setopt(curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, ms);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, ms);
    curl_easy_setopt(curl, CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)limit);
}

GBytes *fetch_url(const char *url, size_t limit, Duration timeout, GError **error) {
    CURL *curl = curl_easy_init();
    Download download = {g_byte_array_new(), limit};
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &download);
    set_limits(curl, limit, timeout);
    CURLcode code = curl_easy_perform(curl);
    long answered = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answered);
    curl_easy_cleanup(curl);
    GBytes *bytes = g_byte_array_free_to_bytes(download.bytes);
    if (code == CURLE_OK)
        return bytes;
    g_bytes_unref(bytes);
    if (code == CURLE_WRITE_ERROR || code == CURLE_FILESIZE_EXCEEDED)
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s: more than %zu MB", url, limit >> 20);
    else if (code == CURLE_HTTP_RETURNED_ERROR)
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s: the server answered %ld", url, answered);
    else
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_FAILED, "%s: %s", url, curl_easy_strerror(code));
    return NULL;
}
