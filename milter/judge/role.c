/* SPDX-License-Identifier: Apache-2.0 */
/* The judge process: loads what was checked, gives everything else up, then judges one message after another until its
 * time to retire has come. It never speaks to anybody but the front. */
#include "judge/judge.h"
#include "base/log.h"
#include "base/timesource.h"
#include "judge/answerjson.h"
#include "judge/confine.h"
#include "keeper/roles.h"
#include "message/language.h"
#include "message/message.h"
#include "policy/detectors.h"
#include "policy/load.h"
#include "wire/output.h"
#include "wire/wire.h"
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

_Static_assert(ROLE_ANSWER_BYTES == WIRE_ANSWER_MAX, "the keeper makes the file that the judge fills");

enum { TRIM_OVER = 1 << 20, HEAP_BUFFER = 2 << 20 };

/* A helper that dies again and again brings no more judges to an early end than one in this time. */
enum { YOUNGEST_US = 2000000 };

typedef struct {
    JudgeContext context;
    Policy *policy;
    Registry *registry;
    CertStore *certs;
    Sealer *sealer;
    void *answer;
    size_t answer_size;
    WireFiles files;
    GString *output; /* of the last answer, until somebody asks for it; NULL: none */
    int64_t left;    /* messages before it retires */
    gint64 started;  /* microseconds, monotonic */
} Judge;

/* The front's next request fails at once and goes to another judge. */
static void retire_if_done(const Judge *judge) {
    if (judge->left <= 0)
        shutdown(ROLE_FD_CONTROL, SHUT_RD);
}

static bool answer_with(Judge *judge, Decision *decision, const Facts *facts) {
    if (decision->body_bytes->len > 0) {
        judge->output = decision->body_bytes;
        decision->body_bytes = g_string_new(NULL);
    } else {
        retire_if_done(judge);
    }
    size_t length = answerjson_write(decision, facts, judge->answer, judge->answer_size);
    return wire_send_answer(ROLE_FD_CONTROL, judge->answer, judge->answer, length);
}

/* Only who has rights may start another helper: the keeper, together with the next judge. */
static bool must_retire(const Judge *judge) {
    return message_lost_helper() && g_get_monotonic_time() - judge->started > YOUNGEST_US;
}

static bool judge_one(Judge *judge, WireRequest *request) {
    const char *data = wire_map(&judge->files, request);
    if (!data)
        return false;
    confine_allow_cpu(1000 + (int64_t)(request->length / 10000));
    JudgeMessage message = {
        .data = data,
        .length = request->length,
        .headers_only = request->headers_only,
        .too_large = request->too_large,
        .fixed_body = request->fixed_body,
        .hints = request->hints,
    };
    g_autoptr(Facts) facts = NULL;
    g_autoptr(Decision) decision =
        judge_message(&judge->context, &message, g_steal_pointer(&request->envelope), &facts);
    wire_unmap(&judge->files);
    if (must_retire(judge))
        judge->left = 0;
    return answer_with(judge, decision, facts);
}

static void forget_output(Judge *judge) {
    if (judge->output)
        g_string_free(judge->output, TRUE);
    judge->output = NULL;
}

static bool give_output(Judge *judge, const WireRequest *request) {
    bool filled = judge->output && wire_fill_output(request->file, judge->output->str, judge->output->len);
    forget_output(judge);
    retire_if_done(judge);
    return filled && wire_say_filled(ROLE_FD_CONTROL);
}

static int judge_messages(Judge *judge) {
    judge->left = policy_settings(judge->policy)->milter_judge_messages;
    while (judge->left > 0 || judge->output) {
        g_autoptr(WireRequest) request = wire_receive_request(ROLE_FD_CONTROL);
        if (!request)
            return errno == 0 ? EXIT_SUCCESS : EXIT_FAILURE; /* the front let go of us */
        if (request->output) {
            if (!give_output(judge, request))
                return EXIT_FAILURE;
            continue;
        }
        judge->left--;
        forget_output(judge);
        bool large = request->length > TRIM_OVER;
        if (!judge_one(judge, request))
            return EXIT_FAILURE;
        if (large) {
            g_clear_pointer(&request, wire_request_free);
            malloc_trim(0);
        }
    }
    return EXIT_SUCCESS;
}

static bool load_policy(Judge *judge) {
    g_autoptr(GError) error = NULL;
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
    TimeSource clock = timesource_system();
    g_autoptr(PolicySource) source = policy_source_from_fd(ROLE_FD_POLICY, &error);
    judge->policy = source ? policy_parse(source, timesource_now(&clock), problems) : NULL;
    if (!judge->policy)
        log_error("judge: cannot load the policy that the keeper checked: %s",
                  error ? error->message : "it has errors");
    return judge->policy != NULL;
}

/* Without them nothing counts as encrypted for anybody, and what has to be is held. */
static void load_certs(Judge *judge) {
    g_autoptr(GError) error = NULL;
    TimeSource clock = timesource_system();
    CertPlaces places = judge_cert_places(judge->policy);
    judge->certs = certs_open(&places, policy_settings(judge->policy)->paths_state, timesource_now(&clock), &error);
    if (!judge->certs)
        log_error("judge: no certificate is known: %s", error->message);
}

/* Without its archive the gateway encrypts nothing: what must be is refused or held. */
static void load_sealer(Judge *judge) {
    judge->sealer = sealer_open(judge->policy);
    if (judge->sealer->problem)
        log_error("judge: the gateway cannot encrypt: %s", judge->sealer->problem);
}

static bool load_rest(Judge *judge, const char *snapshot) {
    g_autoptr(GError) error = NULL;
    judge->registry = registry_open(snapshot, &error);
    if (!judge->registry) {
        log_error("judge: %s", error ? error->message : snapshot);
        return false;
    }
    if (policy_asks_language(judge->policy) && !language_prepare())
        log_error("judge: cannot read the fingerprints of libexttextcat, so the language of every text is unknown");
    load_certs(judge);
    load_sealer(judge);
    off_t size = lseek(ROLE_FD_SECOND, 0, SEEK_END);
    judge->answer_size = size > 0 ? (size_t)size : 0;
    judge->answer = mmap(NULL, judge->answer_size, PROT_READ | PROT_WRITE, MAP_SHARED, ROLE_FD_SECOND, 0);
    if (judge->answer == MAP_FAILED) {
        log_error("judge: cannot map the answer file: %s", g_strerror(errno));
        return false;
    }
    judge->context = (JudgeContext){.policy = judge->policy,
                                    .registry = judge->registry,
                                    .certs = judge->certs,
                                    .sealer = judge->sealer,
                                    .brief = true};
    return true;
}

int judge_main(int argc, char **argv) {
    RoleArguments arguments;
    if (!role_begin(argc, argv, &arguments))
        return EXIT_FAILURE;
    /* The buffers of large messages go back to the system at once; those of the others stay in the heap, since fresh
     * pages cost more than reading what is put into them. */
    mallopt(M_MMAP_THRESHOLD, HEAP_BUFFER);
    mallopt(M_TRIM_THRESHOLD, 2 * HEAP_BUFFER);
    judge_prepare();
    Judge judge = {.started = g_get_monotonic_time()};
    if (!load_policy(&judge) || !load_rest(&judge, arguments.registry))
        return EXIT_FAILURE;
    if (!confine_judge((uint64_t)policy_settings(judge.policy)->milter_judge_memory)) {
        log_error("judge: cannot give up its rights: %s", g_strerror(errno));
        return EXIT_FAILURE;
    }
    if (!wire_send_ready(ROLE_FD_CONTROL))
        return EXIT_FAILURE;
    int status = judge_messages(&judge);
    _exit(status); /* nothing is left to tidy, and exit handlers may make calls that are gone */
}
