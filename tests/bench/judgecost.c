/* SPDX-License-Identifier: Apache-2.0 */
/* What judging one message costs beside GMime alone, in one process and interleaved: CPU seconds of this thread.
 *
 *     judgecost CONFIG ROUNDS [FILE LOGIN FROM TO]…
 *
 * For each message one line of JSON: its bytes, and for each round the microseconds of GMime's parse, of its parse with
 * all parts decoded into memory, and of the judge, answer included. LOGIN "-": none. */
#include "base/text.h"
#include "judge/answerjson.h"
#include "judge/judge.h"
#include "message/gmime_auto.h"
#include "policy/load.h"
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { ROUND_US = 60000, ANSWER = 1 << 20, HEAP_BUFFER = 2 << 20 };

typedef struct {
    char *data;
    gsize length;
    GByteArray *bytes; /* the same */
    const char *login, *from, *to;
} Mail;

static Policy *policy;
static Registry *registry;
static CertStore *certs;
static char answer[ANSWER];

static double cpu_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static GMimeMessage *parse(const Mail *mail) {
    g_autoptr(GMimeStream) stream = g_mime_stream_mem_new();
    g_mime_stream_mem_set_byte_array(GMIME_STREAM_MEM(stream), mail->bytes);
    g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(stream), FALSE);
    g_autoptr(GMimeParser) parser = g_mime_parser_new_with_stream(stream);
    return g_mime_parser_construct_message(parser, NULL);
}

static void decode_one(GMimeObject *parent, GMimeObject *part, gpointer state) {
    GMimeDataWrapper *content = GMIME_IS_PART(part) ? g_mime_part_get_content(GMIME_PART(part)) : NULL;
    g_autoptr(GMimeStream) bytes = g_mime_stream_mem_new();
    if (content)
        g_mime_data_wrapper_write_to_stream(content, bytes);
}

static void parse_only(const Mail *mail) {
    g_object_unref(parse(mail));
}

static void parse_and_decode(const Mail *mail) {
    GMimeMessage *message = parse(mail);
    g_mime_message_foreach(message, decode_one, NULL);
    g_object_unref(message);
}

static void judge(const Mail *mail) {
    JudgeContext context = {.policy = policy, .registry = registry, .certs = certs, .brief = true};
    g_autoptr(Facts) facts = NULL;
    Hints *hints = hints_new();
    JudgeMessage message = {.data = mail->data, .length = mail->length, .hints = hints};
    Envelope *envelope = envelope_new();
    g_free(envelope->sender);
    envelope->sender = g_strdup(mail->from);
    g_ptr_array_add(envelope->recipients, g_strdup(mail->to));
    envelope->login = text_equal(mail->login, "-") ? NULL : g_strdup(mail->login);
    envelope->client_address = g_strdup("192.0.2.7");
    envelope->received = instant_from_seconds(1795000000);
    g_autoptr(Decision) decision = judge_message(&context, &message, envelope, &facts);
    if (!answerjson_write(decision, facts, answer, sizeof answer))
        abort();
    hints_free(hints);
}

/* Microseconds a message. */
static double measure(void (*work)(const Mail *mail), const Mail *mail) {
    double start = cpu_us(), now = start;
    unsigned count = 0;
    for (; now - start < ROUND_US; now = cpu_us())
        for (unsigned i = 0; i < 10; i++, count++)
            work(mail);
    return (now - start) / count;
}

static void print_list(const char *name, const double *values, int count) {
    printf(", \"%s\": [", name);
    for (int i = 0; i < count; i++)
        printf("%s%.2f", i ? ", " : "", values[i]);
    printf("]");
}

static void bench(const char *file, const Mail *mail, int rounds) {
    g_autofree double *times = g_new(double, 3 * (size_t)rounds);
    static void (*const works[])(const Mail *mail) = {parse_only, parse_and_decode, judge};
    static const char *const names[] = {"parse", "decode", "judge"};
    for (int w = 0; w < 3; w++)
        measure(works[w], mail); /* warm */
    for (int r = 0; r < rounds; r++)
        for (int w = 0; w < 3; w++)
            times[w * rounds + r] = measure(works[w], mail);
    printf("{\"file\": \"%s\", \"bytes\": %zu", file, (size_t)mail->length);
    for (int w = 0; w < 3; w++)
        print_list(names[w], times + w * rounds, rounds);
    printf("}\n");
    fflush(stdout);
}

static bool load(const char *path) {
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
    policy = policy_load_offline(path, instant_from_seconds(1795000000), &registry, problems);
    for (guint i = 0; !policy && i < problems->len; i++) {
        g_autofree char *line = problem_say(g_ptr_array_index(problems, i));
        fprintf(stderr, "%s\n", line);
    }
    certs = policy ? certs_load(policy_settings(policy)->registry_certificates, NULL) : NULL;
    return policy != NULL;
}

int main(int argc, char **argv) {
    int rounds = argc > 2 ? atoi(argv[2]) : 0;
    if (rounds < 1 || (argc - 3) % 4 != 0) {
        fprintf(stderr, "usage: judgecost CONFIG ROUNDS [FILE LOGIN FROM TO]...\n");
        return 2;
    }
    /* As a judge process has it (judge/role.c). */
    mallopt(M_MMAP_THRESHOLD, HEAP_BUFFER);
    mallopt(M_TRIM_THRESHOLD, 2 * HEAP_BUFFER);
    judge_prepare();
    if (!load(argv[1]))
        return 1;
    for (int i = 3; i < argc; i += 4) {
        Mail mail = {.login = argv[i + 1], .from = argv[i + 2], .to = argv[i + 3]};
        g_autoptr(GError) error = NULL;
        if (!g_file_get_contents(argv[i], &mail.data, &mail.length, &error)) {
            fprintf(stderr, "%s\n", error->message);
            return 1;
        }
        mail.bytes = g_byte_array_new_take((guint8 *)mail.data, mail.length);
        bench(argv[i], &mail, rounds);
        g_byte_array_unref(mail.bytes);
    }
    certs_free(certs);
    registry_free(registry);
    policy_unref(policy);
    return 0;
}
