/* SPDX-License-Identifier: Apache-2.0 */
/* One SMTP transaction a call. What the relay answered last is kept, since that sentence is what an administrator
 * needs. */
#include "post/post.h"

#include "base/text.h"

#include <curl/curl.h>
#include <string.h>
#include <unistd.h>

G_DEFINE_QUARK(lexgate - post - error, post_error)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CURL, curl_easy_cleanup)
typedef struct curl_slist CurlList;
G_DEFINE_AUTOPTR_CLEANUP_FUNC(CurlList, curl_slist_free_all)

#define ANSWER_MAX 400

typedef struct {
    const PostSettings *settings;
    const PostMail *mail;
    size_t piece, taken;     /* libcurl has those before, and so many bytes of this one */
    char answer[ANSWER_MAX]; /* the relay's last line */
} Transfer;

void post_prepare(void) {
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static size_t give_message(char *buffer, size_t size, size_t count, void *state) {
    Transfer *transfer = state;
    size_t room = size * count, given = 0;
    while (given < room && transfer->piece < transfer->mail->count) {
        const Bytes *piece = &transfer->mail->pieces[transfer->piece];
        size_t n = MIN(piece->length - transfer->taken, room - given);
        if (n)
            memcpy(buffer + given, (const char *)piece->data + transfer->taken, n);
        given += n;
        transfer->taken += n;
        if (transfer->taken == piece->length) {
            transfer->piece++;
            transfer->taken = 0;
        }
    }
    return given;
}

static size_t length_of(const PostMail *mail) {
    size_t length = 0;
    for (size_t i = 0; i < mail->count; i++)
        length += mail->pieces[i].length;
    return length;
}

/* libcurl passes each line the relay says as a "header". */
static size_t keep_answer(char *line, size_t size, size_t count, void *state) {
    Transfer *transfer = state;
    size_t length = size * count;
    while (length > 0 && (line[length - 1] == '\n' || line[length - 1] == '\r'))
        length--;
    g_autofree char *clean = text_printable(line, length, ANSWER_MAX - 1);
    if (!g_str_has_prefix(clean, "221")) /* its good-bye explains nothing */
        g_strlcpy(transfer->answer, clean, ANSWER_MAX);
    return size * count;
}

static int look_up(void *state, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d) {
    const Transfer *transfer = state;
    return transfer->settings->cancelled && transfer->settings->cancelled(transfer->settings->state);
}

static bool is_local(const char *relay) {
    return g_str_has_prefix(relay, "127.") || g_str_has_prefix(relay, "localhost") || g_str_has_prefix(relay, "[::1]");
}

/* The name we greet with; what a strange host name may hold must not reach the URL. */
static char *relay_url(const char *relay) {
    char host[256] = "";
    if (gethostname(host, sizeof host - 1) != 0 || host[0] == '\0')
        g_strlcpy(host, "localhost", sizeof host);
    g_strcanon(host, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-", '-');
    return g_strdup_printf("smtp://%s/%s", relay, host);
}

static void set_security(CURL *curl, const PostSettings *settings) {
    if (settings->password) {
        curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
        curl_easy_setopt(curl, CURLOPT_USERNAME, settings->user);
        curl_easy_setopt(curl, CURLOPT_PASSWORD, settings->password);
    } else if (!is_local(settings->relay)) {
        /* As MTAs do among themselves: without a secret to lose, unverified TLS is still better than none. */
        curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)CURLUSESSL_TRY);
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    }
}

static void set_transfer(CURL *curl, Transfer *transfer) {
    long ms = (long)CLAMP(transfer->settings->timeout.us / 1000, 100, 600000);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, ms);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, ms);
    curl_easy_setopt(curl, CURLOPT_SERVER_RESPONSE_TIMEOUT, (ms + 999) / 1000);
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_message);
    curl_easy_setopt(curl, CURLOPT_READDATA, transfer);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, (curl_off_t)length_of(transfer->mail));
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, keep_answer);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, look_up);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, transfer);
}

/* Addresses become SMTP commands: nothing implausible may reach libcurl, which would write what it is given. */
static bool mail_is_sound(const PostSettings *settings, const PostMail *mail, GError **error) {
    const char *bad = NULL;
    if (mail->return_path[0] != '\0' && !address_is_plausible(mail->return_path))
        bad = mail->return_path;
    for (guint i = 0; !bad && i < mail->recipients->len; i++)
        if (!address_is_plausible(mail->recipients->pdata[i]))
            bad = mail->recipients->pdata[i];
    if (bad) {
        g_autofree char *clean = text_printable(bad, strlen(bad), 100);
        g_set_error(error, POST_ERROR, POST_INVALID, "\"%s\" is no address that mail can be sent to", clean);
    } else if (mail->recipients->len == 0) {
        g_set_error(error, POST_ERROR, POST_INVALID, "a mail without recipients");
    } else if (settings->password && !settings->user) {
        g_set_error(error, POST_ERROR, POST_INVALID, "smtp.password_file is set but smtp.user is not: set both");
    } else {
        return true;
    }
    return false;
}

static int answer_code(long answered) {
    if (answered == 421) /* it closes the connection, whatever the mail was */
        return POST_UNREACHABLE;
    return answered >= 500 ? POST_REFUSED : POST_LATER;
}

static void explain(const Transfer *transfer, CURLcode code, long answered, GError **error) {
    const char *relay = transfer->settings->relay;
    if (code == CURLE_LOGIN_DENIED)
        g_set_error(error, POST_ERROR, POST_UNREACHABLE,
                    "relay %s refused the login: %s (check smtp.user and smtp.password_file)", relay, transfer->answer);
    else if (code == CURLE_USE_SSL_FAILED)
        g_set_error(error, POST_ERROR, POST_UNREACHABLE,
                    "relay %s offers no STARTTLS, and the password of smtp.user is not sent in clear", relay);
    else if (code == CURLE_ABORTED_BY_CALLBACK)
        g_set_error(error, POST_ERROR, POST_UNREACHABLE, "sending through %s was given up because we stop", relay);
    else if (code != CURLE_OPERATION_TIMEDOUT && answered >= 400 && answered <= 599)
        g_set_error(error, POST_ERROR, answer_code(answered), "relay %s answered: %s", relay, transfer->answer);
    else
        g_set_error(error, POST_ERROR, POST_UNREACHABLE, "relay %s: %s%s%s (check smtp.relay)", relay,
                    curl_easy_strerror(code), transfer->answer[0] ? "; it last said: " : "", transfer->answer);
}

bool post_send(const PostSettings *settings, const PostMail *mail, bool *permanent, GError **error) {
    *permanent = false;
    if (!mail_is_sound(settings, mail, error))
        return false;
    g_autoptr(CURL) curl = curl_easy_init();
    g_autoptr(CurlList) recipients = NULL;
    for (guint i = 0; i < mail->recipients->len; i++)
        recipients = curl_slist_append(recipients, mail->recipients->pdata[i]);
    Transfer transfer = {.settings = settings, .mail = mail};
    g_autofree char *url = relay_url(settings->relay);
    curl_easy_setopt(curl, CURLOPT_URL, url);
    set_security(curl, settings);
    set_transfer(curl, &transfer);
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, mail->return_path);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, recipients);

    CURLcode code = curl_easy_perform(curl);
    if (code == CURLE_OK) {
        if (mail->answer)
            g_string_assign(mail->answer, transfer.answer);
        return true;
    }
    long answered = 0;
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &answered);
    explain(&transfer, code, answered, error);
    *permanent = error ? g_error_matches(*error, POST_ERROR, POST_REFUSED) : answered >= 500;
    return false;
}

/* "250 2.0.0 Ok: queued as 4XyZ"; "250 2.0.0 5AB… Message accepted for delivery". */
char *post_queue_id(const char *answer) {
    const char *postfix = strstr(answer, "queued as ");
    g_autoptr(GPtrArray) words = text_words(postfix ? postfix + strlen("queued as ") : answer);
    bool sendmail = !postfix && strstr(answer, "Message accepted for delivery") && words->len > 2;
    const char *id = postfix && words->len ? words->pdata[0] : sendmail ? words->pdata[2] : "";
    bool plain = strspn(id, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") == strlen(id);
    return g_strdup(plain && strlen(id) <= 64 ? id : "");
}
