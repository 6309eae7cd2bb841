/* SPDX-License-Identifier: Apache-2.0 */
/* Plays the MTA's side of the milter protocol (version 6): N connections at a time, M messages, one message a
 * connection, and says how long each took. What Postfix offers is offered; steps that the filter wants neither sent nor
 * answered are left out, as Postfix does. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
    NOCONNECT = 0x01,
    NOHELO = 0x02,
    NOMAIL = 0x04,
    NORCPT = 0x08,
    NOBODY = 0x10,
    NOHDRS = 0x20,
    NOEOH = 0x40,
    NR_HDR = 0x80,
    NOUNKNOWN = 0x100,
    NODATA = 0x200,
    NR_CONN = 0x1000,
    NR_HELO = 0x2000,
    NR_MAIL = 0x4000,
    NR_RCPT = 0x8000,
    NR_DATA = 0x10000,
    NR_UNKN = 0x20000,
    NR_EOH = 0x40000,
    NR_BODY = 0x80000,
    LEADSPC = 0x100000
};

typedef struct {
    char *data; /* what follows the command letter */
    size_t length, room;
} Packet;

static struct {
    const char *address, *sender, *recipient, *login, *client, *extra;
    char *headers, *body;
    size_t body_length;
    unsigned connections, messages;
    pthread_mutex_t lock;
    unsigned next, accepted, refused, deferred, failed;
    double *ms;
} load = {.sender = "nora@harbour.test",
          .recipient = "alice@aldous.test",
          .client = "203.0.113.7",
          .connections = 10,
          .messages = 5000,
          .lock = PTHREAD_MUTEX_INITIALIZER};

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e3 + t.tv_nsec / 1e6;
}

static int dial(const char *address) {
    struct sockaddr_un un = {.sun_family = AF_UNIX};
    struct sockaddr_in in = {.sin_family = AF_INET};
    const char *colon = strchr(address, ':');
    bool inet = strncmp(address, "inet:", 5) == 0;
    int fd = socket(inet ? AF_INET : AF_UNIX, SOCK_STREAM, 0);
    if (!inet) {
        snprintf(un.sun_path, sizeof un.sun_path, "%s", colon ? colon + 1 : address);
        return connect(fd, (struct sockaddr *)&un, sizeof un) == 0 ? fd : (close(fd), -1);
    }
    in.sin_port = htons((uint16_t)atoi(address + 5));
    in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return connect(fd, (struct sockaddr *)&in, sizeof in) == 0 ? fd : (close(fd), -1);
}

static bool put(int fd, char command, const void *data, size_t length) {
    char buffer[70000];
    uint32_t size = htonl((uint32_t)length + 1);
    memcpy(buffer, &size, 4);
    buffer[4] = command;
    memcpy(buffer + 5, data, length);
    for (size_t done = 0; done < length + 5;) {
        ssize_t n = send(fd, buffer + done, length + 5 - done, MSG_NOSIGNAL);
        if (n <= 0)
            return false;
        done += (size_t)n;
    }
    return true;
}

/* The reply's letter, or 0 when the filter is gone. */
static char get(int fd, Packet *packet) {
    unsigned char head[5];
    uint32_t size;
    if (recv(fd, head, 5, MSG_WAITALL) != 5)
        return 0;
    memcpy(&size, head, 4);
    packet->length = ntohl(size) - 1;
    if (packet->length > packet->room)
        packet->data = realloc(packet->data, packet->room = packet->length + 1024);
    if (packet->length > 0 && recv(fd, packet->data, packet->length, MSG_WAITALL) != (ssize_t)packet->length)
        return 0;
    return (char)head[4];
}

static bool step(int fd, Packet *packet, uint32_t protocol, uint32_t leave_out, uint32_t no_reply, char command,
                 const void *data, size_t length) {
    if (protocol & leave_out)
        return true;
    if (!put(fd, command, data, length))
        return false;
    if (protocol & no_reply)
        return true;
    char answer = get(fd, packet);
    return answer == 'c' || answer == 's';
}

static bool macros(int fd, char command, const char *const *pairs) {
    char buffer[1024];
    size_t length = 1;
    buffer[0] = command;
    for (; *pairs; pairs++)
        length += (size_t)snprintf(buffer + length, sizeof buffer - length, "%s", *pairs) + 1;
    return put(fd, 'D', buffer, length);
}

static bool negotiate(int fd, Packet *packet, uint32_t *protocol) {
    uint32_t offer[3] = {htonl(6), htonl(0x1ff), htonl(0x1fffff)};
    if (!put(fd, 'O', offer, sizeof offer) || get(fd, packet) != 'O' || packet->length < 12)
        return false;
    memcpy(protocol, packet->data + 8, 4);
    *protocol = ntohl(*protocol);
    return true;
}

static bool envelope(int fd, Packet *packet, uint32_t protocol) {
    char text[600];
    const char *connect_macros[] = {"j", "mx.aldous.test", "{daemon_name}", "smtpd", NULL};
    const char *mail_macros[] = {"{auth_authen}", load.login ? load.login : "", "{mail_addr}", load.sender, NULL};
    size_t length = (size_t)snprintf(text, sizeof text, "world.test%c4%c%c%s", 0, 0x30, 0x39, load.client) + 1;
    if (!macros(fd, 'C', connect_macros) || !step(fd, packet, protocol, NOCONNECT, NR_CONN, 'C', text, length) ||
        !step(fd, packet, protocol, NOHELO, NR_HELO, 'H', "world.test", 11))
        return false;
    length = (size_t)snprintf(text, sizeof text, "<%s>%cSIZE=%zu", load.sender, 0, load.body_length) + 1;
    if (!macros(fd, 'M', load.login ? mail_macros : mail_macros + 2) ||
        !step(fd, packet, protocol, NOMAIL, NR_MAIL, 'M', text, length))
        return false;
    length = (size_t)snprintf(text, sizeof text, "<%s>", load.recipient) + 1;
    return step(fd, packet, protocol, NORCPT, NR_RCPT, 'R', text, length) &&
           step(fd, packet, protocol, NODATA, NR_DATA, 'T', "", 0);
}

static bool content(int fd, Packet *packet, uint32_t protocol, unsigned number) {
    char text[4096];
    char *copy = strdup(load.headers), *save = NULL;
    bool ok = true;
    size_t length = (size_t)snprintf(text, sizeof text, "Message-ID%c%s<load.%d.%u@world.test>", 0,
                                     protocol & LEADSPC ? " " : "", (int)getpid(), number) +
                    1;
    ok = step(fd, packet, protocol, NOHDRS, NR_HDR, 'L', text, length);
    for (char *line = strtok_r(copy, "\n", &save); ok && line; line = strtok_r(NULL, "\n", &save)) {
        char *colon = strchr(line, ':');
        if (!colon)
            continue;
        char *value = colon + 1;
        if (!(protocol & LEADSPC) && *value == ' ')
            value++;
        length = (size_t)snprintf(text, sizeof text, "%.*s%c%s", (int)(colon - line), line, 0, value) + 1;
        ok = step(fd, packet, protocol, NOHDRS, NR_HDR, 'L', text, length);
    }
    free(copy);
    ok = ok && step(fd, packet, protocol, NOEOH, NR_EOH, 'N', "", 0);
    for (size_t at = 0; ok && at < load.body_length; at += 65535) {
        size_t chunk = load.body_length - at < 65535 ? load.body_length - at : 65535;
        ok = step(fd, packet, protocol, NOBODY, NR_BODY, 'B', load.body + at, chunk);
    }
    return ok;
}

/* The final answer: 'c' or 'a' accept, 'r' or 'y' with 5 refuse, 't' or 'y' with 4 defer, 0 failure. */
static char end_of_message(int fd, Packet *packet, unsigned number) {
    char id[32];
    snprintf(id, sizeof id, "4L%08X", number);
    const char *pairs[] = {"i", id, NULL};
    if (!macros(fd, 'E', pairs) || !put(fd, 'E', "", 0))
        return 0;
    for (;;) {
        char answer = get(fd, packet);
        if (answer == 'y')
            return packet->length > 0 && packet->data[0] == '4' ? 't' : 'r';
        if (answer == 0 || strchr("acrtd", answer))
            return answer;
    }
}

static char one_message(unsigned number) {
    Packet packet = {0};
    uint32_t protocol = 0;
    char answer = 0;
    int fd = dial(load.address);
    if (fd >= 0 && negotiate(fd, &packet, &protocol) && envelope(fd, &packet, protocol) &&
        content(fd, &packet, protocol, number))
        answer = end_of_message(fd, &packet, number);
    if (fd >= 0) {
        put(fd, 'Q', "", 0);
        close(fd);
    }
    free(packet.data);
    return answer;
}

static void *connection(void *unused) {
    (void)unused;
    for (;;) {
        pthread_mutex_lock(&load.lock);
        unsigned number = load.next++;
        pthread_mutex_unlock(&load.lock);
        if (number >= load.messages)
            return NULL;
        double began = now_ms();
        char answer = one_message(number);
        load.ms[number] = now_ms() - began;
        pthread_mutex_lock(&load.lock);
        *(answer == 'a' || answer == 'c' ? &load.accepted
          : answer == 'r'                ? &load.refused
          : answer == 't'                ? &load.deferred
                                         : &load.failed) += 1;
        pthread_mutex_unlock(&load.lock);
    }
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void make_message(size_t size) {
    if (asprintf(&load.headers,
                 "%s%sFrom: Nora Finch <nora@harbour.test>\nTo: Alice Aldous <alice@aldous.test>\n"
                 "Subject: When is the hearing?\nDate: Mon, 23 Nov 2026 10:00:00 +0000\nMIME-Version: 1.0\n"
                 "Content-Type: text/plain; charset=utf-8\n",
                 load.extra ? load.extra : "", load.extra ? "\n" : "") < 0)
        abort();
    load.body = malloc(size + 80);
    while (load.body_length < size)
        load.body_length +=
            (size_t)sprintf(load.body + load.body_length,
                            "Line %zu of a letter that asks: can the hearing be moved?\r\n", load.body_length);
}

int main(int argc, char **argv) {
    int option;
    size_t size = 5000;
    while ((option = getopt(argc, argv, "n:m:s:f:r:l:a:H:")) != -1)
        switch (option) {
        case 'n':
            load.connections = (unsigned)atoi(optarg);
            break;
        case 'm':
            load.messages = (unsigned)atoi(optarg);
            break;
        case 's':
            size = (size_t)atol(optarg);
            break;
        case 'f':
            load.sender = optarg;
            break;
        case 'r':
            load.recipient = optarg;
            break;
        case 'l':
            load.login = optarg;
            break;
        case 'a':
            load.client = optarg;
            break;
        case 'H':
            load.extra = optarg;
            break;
        default:
            return 2;
        }
    if (optind >= argc) {
        fprintf(stderr, "usage: milterload [-n connections] [-m messages] [-s bytes] [-f sender] [-r recipient] [-l "
                        "login] [-a ip] [-H 'Name: value'] unix:PATH|inet:PORT\n");
        return 2;
    }
    load.address = argv[optind];
    make_message(size);
    load.ms = calloc(load.messages, sizeof *load.ms);
    pthread_t *threads = calloc(load.connections, sizeof *threads);
    double began = now_ms();
    for (unsigned i = 0; i < load.connections; i++)
        pthread_create(&threads[i], NULL, connection, NULL);
    for (unsigned i = 0; i < load.connections; i++)
        pthread_join(threads[i], NULL);
    double seconds = (now_ms() - began) / 1e3;
    qsort(load.ms, load.messages, sizeof *load.ms, by_size);
    printf("{\"messages\": %u, \"per_second\": %.1f, \"p50\": %.3f, \"p99\": %.3f, \"max\": %.3f, \"accepted\": %u, "
           "\"refused\": %u, "
           "\"deferred\": %u, \"failed\": %u}\n",
           load.messages, load.messages / seconds, load.ms[load.messages / 2], load.ms[load.messages * 99 / 100],
           load.ms[load.messages - 1], load.accepted, load.refused, load.deferred, load.failed);
    free(threads);
    free(load.ms);
    free(load.headers);
    free(load.body);
    return load.failed > 0;
}
