/* SPDX-License-Identifier: Apache-2.0 */
/* As little SMTP as libcurl needs. */
#include "sink.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct Sink {
    int listener;
    char address[32];
    pthread_t thread;
    pthread_mutex_t lock; /* guards what follows */
    int connection;       /* -1: none */
    bool stop;
    char *verb, *answer;
    GPtrArray *mails;
};

static void mail_free(gpointer data) {
    SinkMail *mail = data;
    g_free(mail->from);
    g_ptr_array_unref(mail->recipients);
    g_string_free(mail->data, TRUE);
    g_free(mail);
}

static SinkMail *mail_new(void) {
    SinkMail *mail = g_new0(SinkMail, 1);
    mail->recipients = g_ptr_array_new_with_free_func(g_free);
    mail->data = g_string_new(NULL);
    return mail;
}

static bool misbehaves(Sink *sink, const char *verb) {
    pthread_mutex_lock(&sink->lock);
    bool bad = sink->verb && strcmp(sink->verb, verb) == 0;
    pthread_mutex_unlock(&sink->lock);
    return bad;
}

/* False: hang. */
static bool answer(Sink *sink, FILE *out, const char *verb, const char *otherwise) {
    pthread_mutex_lock(&sink->lock);
    bool bad = sink->verb && strcmp(sink->verb, verb) == 0;
    g_autofree char *text = g_strdup(bad ? sink->answer : otherwise);
    pthread_mutex_unlock(&sink->lock);
    if (!text)
        return false;
    fprintf(out, "%s\r\n", text);
    return fflush(out) == 0;
}

static bool take_data(Sink *sink, FILE *in, FILE *out, SinkMail **mail) {
    char line[2048];
    while (fgets(line, sizeof line, in)) {
        if (strcmp(line, ".\r\n") == 0) {
            pthread_mutex_lock(&sink->lock);
            /* One that says nothing at the end has taken it all the same: that is what a crash looks like. */
            if (!sink->verb || strcmp(sink->verb, ".") != 0 || !sink->answer)
                g_ptr_array_add(sink->mails, g_steal_pointer(mail));
            else
                g_clear_pointer(mail, mail_free);
            pthread_mutex_unlock(&sink->lock);
            *mail = mail_new();
            return answer(sink, out, ".", "250 2.0.0 taken");
        }
        g_string_append((*mail)->data, line[0] == '.' ? line + 1 : line);
    }
    return false;
}

static bool serve_line(Sink *sink, FILE *in, FILE *out, SinkMail **mail, char *line) {
    line[strcspn(line, "\r\n")] = '\0';
    if (g_str_has_prefix(line, "MAIL FROM:")) {
        g_free((*mail)->from);
        char *from = line + strlen("MAIL FROM:");
        from[strcspn(from, " ")] = '\0';
        (*mail)->from = g_strdup(from);
        return answer(sink, out, "MAIL", "250 2.1.0 ok");
    }
    if (g_str_has_prefix(line, "RCPT TO:")) {
        g_ptr_array_add((*mail)->recipients, g_strdup(line + strlen("RCPT TO:")));
        return answer(sink, out, "RCPT", "250 2.1.5 ok");
    }
    if (g_str_has_prefix(line, "DATA")) {
        bool going = answer(sink, out, "DATA", "354 go ahead");
        return misbehaves(sink, "DATA") ? going : going && take_data(sink, in, out, mail);
    }
    if (g_str_has_prefix(line, "QUIT"))
        return answer(sink, out, "QUIT", "221 2.0.0 bye") && false;
    return answer(sink, out, "EHLO", "250 sink");
}

static void serve(Sink *sink, int fd) {
    FILE *in = fdopen(dup(fd), "r"), *out = fdopen(dup(fd), "w");
    SinkMail *mail = mail_new();
    char line[2048];
    bool going = answer(sink, out, "CONNECT", "220 sink ESMTP");
    while (going && fgets(line, sizeof line, in))
        going = serve_line(sink, in, out, &mail, line);
    /* Told to hang: keep the line open until the other side or the test gives up. */
    while (!going && !feof(in) && fgets(line, sizeof line, in) && !g_str_has_prefix(line, "QUIT"))
        ;
    mail_free(mail);
    fclose(in);
    fclose(out);
}

static void *run(void *state) {
    Sink *sink = state;
    int fd;
    while ((fd = accept(sink->listener, NULL, NULL)) >= 0) {
        pthread_mutex_lock(&sink->lock);
        sink->connection = fd;
        bool stop = sink->stop;
        pthread_mutex_unlock(&sink->lock);
        if (!stop)
            serve(sink, fd);
        pthread_mutex_lock(&sink->lock);
        sink->connection = -1;
        close(fd);
        pthread_mutex_unlock(&sink->lock);
        if (stop)
            break;
    }
    return NULL;
}

Sink *sink_start(void) {
    Sink *sink = g_new0(Sink, 1);
    struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof name;
    sink->connection = -1;
    sink->mails = g_ptr_array_new_with_free_func(mail_free);
    sink->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (sink->listener < 0 || bind(sink->listener, (struct sockaddr *)&name, sizeof name) != 0 ||
        listen(sink->listener, 8) != 0 || getsockname(sink->listener, (struct sockaddr *)&name, &size) != 0)
        abort();
    g_snprintf(sink->address, sizeof sink->address, "127.0.0.1:%u", ntohs(name.sin_port));
    pthread_mutex_init(&sink->lock, NULL);
    if (pthread_create(&sink->thread, NULL, run, sink) != 0)
        abort();
    return sink;
}

void sink_stop(Sink *sink) {
    pthread_mutex_lock(&sink->lock);
    sink->stop = true;
    if (sink->connection >= 0)
        shutdown(sink->connection, SHUT_RDWR);
    pthread_mutex_unlock(&sink->lock);
    shutdown(sink->listener, SHUT_RDWR);
    pthread_join(sink->thread, NULL);
    close(sink->listener);
    g_ptr_array_unref(sink->mails);
    g_free(sink->verb);
    g_free(sink->answer);
    pthread_mutex_destroy(&sink->lock);
    g_free(sink);
}

const char *sink_address(const Sink *sink) {
    return sink->address;
}

void sink_misbehave(Sink *sink, const char *verb, const char *text) {
    pthread_mutex_lock(&sink->lock);
    g_free(sink->verb);
    g_free(sink->answer);
    sink->verb = g_strdup(verb);
    sink->answer = g_strdup(text);
    pthread_mutex_unlock(&sink->lock);
}

const GPtrArray *sink_mails(Sink *sink) {
    pthread_mutex_lock(&sink->lock);
    const GPtrArray *mails = sink->mails;
    pthread_mutex_unlock(&sink->lock);
    return mails;
}

void sink_clear(Sink *sink) {
    pthread_mutex_lock(&sink->lock);
    g_ptr_array_set_size(sink->mails, 0);
    pthread_mutex_unlock(&sink->lock);
}
