/* SPDX-License-Identifier: Apache-2.0 */
/* A judge that was taken over may answer anything: what of it would be applied? Each case changes one thing in a good
 * answer. */
#include "front/answer.h"
#include "base/json.h"
#include "base/text.h"
#include "base/timesource.h"
#include "policy/load.h"
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const char configuration[] =
    "firm: { name = \"Firm\"; domains = [\"firm.test\"]; calendar = \"c\"; };\n"
    "registry: { staff = \"staff.csv\"; clients = \"clients.csv\"; matters = \"matters.csv\"; };\n"
    "paths: { state = \".\"; run = \".\"; };\n"
    "calendars: { c: { timezone = \"Europe/London\"; hours: { mon-sun = [\"00:00-24:00\"]; }; }; };\n"
    "service_levels: { standard: { answer_within = \"8h\"; ladder = ( { at = \"100%\"; tell = [\"owner\"]; } ); }; };\n"
    "rules: ( { id = \"question\"; when: { direction = \"incoming\"; }; deadline = \"standard\"; },\n"
    "         { id = \"stamp\"; stamp: { name = \"X-Firm\"; value = \"yes\"; }; copy_to = [\"archive@firm.test\"]; }";
#define DIGITS "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
static const char plain_end[] = ");\n";
static const char outcomes_end[] =
    ",\n { id = \"outcomes\"; subject_tag = \"[External]\"; priority = \"high\"; redirect = \"desk@firm.test\"; "
    "notify = \"leo@firm.test\"; } );\n";
static const char staff[] = "address,name,role,team,supervisor,cover,calendar,language\n"
                            "alice@firm.test,Alice,lawyer,litigation,,,,en\n";
static const char clients[] = "client,name,addresses,language,channel,service_level\n"
                              "harbour,Harbour,nora@harbour.test,en,mail,\n";
static const char matters[] = "matter,client,title,level,responsible,team,service_level,status,opposing,walled_off\n"
                              "2026-0117,harbour,Title,normal,alice@firm.test,litigation,,open,,\n";

static char *folder;
static Policy *policy;
static Registry *registry;
static Envelope *envelope; /* NULL: the answer is not about any */

static char *lay(const char *name, const char *text) {
    char *path = g_build_filename(folder, name, NULL);
    assert_true(g_file_set_contents(path, text, -1, NULL));
    return path;
}

static int set_up(const char *end) {
    TimeSource clock = timesource_system();
    folder = g_dir_make_tmp("lexgate-answer-XXXXXX", NULL);
    g_autofree char *a = lay("staff.csv", staff), *b = lay("clients.csv", clients), *c = lay("matters.csv", matters);
    g_autofree char *whole = g_strconcat(configuration, end, NULL);
    g_autofree char *path = lay("lexgate.conf", whole);
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func((GDestroyNotify)problem_free);
    policy = policy_load_offline(path, timesource_now(&clock), &registry, problems);
    for (guint i = 0; i < problems->len; i++) {
        g_autofree char *line = problem_say(g_ptr_array_index(problems, i));
        g_printerr("%s\n", line);
    }
    return policy && registry ? 0 : -1;
}

static int setup(void **state) {
    return set_up(plain_end);
}

static int setup_outcomes(void **state) {
    envelope = envelope_new();
    g_ptr_array_add(envelope->recipients, g_strdup("Nora@Harbour.test"));
    g_ptr_array_add(envelope->recipients, g_strdup("ben@harbour.test"));
    return set_up(outcomes_end);
}

static int teardown(void **state) {
    g_clear_pointer(&envelope, envelope_free);
    static const char *const names[] = {"staff.csv", "clients.csv", "matters.csv", "lexgate.conf"};
    for (size_t i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(folder, names[i], NULL);
        g_unlink(path);
    }
    g_rmdir(folder);
    g_free(folder);
    policy_unref(policy);
    registry_free(registry);
    return 0;
}

static json_t *good_answer(void) {
    json_t *answer = json_pack(
        "{s:{s:s,s:s},s:{s:s},s:s,s:b,s:s,s:{s:s,s:s,s:s,s:s},s:{s:s,s:s,s:s},s:{s:s},s:{s:s},s:[s],"
        "s:[{s:s,s:s,s:b,s:[s]}],s:{s:s,s:i,s:s,s:[s],s:[{s:s,s:s,s:i,s:s}],s:[s],s:[]},"
        "s:[{s:s,s:s,s:s,s:s,s:s,s:s,s:b,s:s,s:[{s:s,s:[s]}]}],s:s,s:s}",
        "policy", "version", "1", "digest", policy_digest(policy), "registry", "digest", registry_digest(registry), /**/
        "track", "abc123", "observe", 0, "direction", "incoming",                                                   /**/
        "sender", "address", "nora@harbour.test", "is", "client", "by", "none", "staff", "",                        /**/
        "matter", "id", "2026-0117", "client", "harbour", "level", "normal",                                        /**/
        "encryption", "state", "none", "automatic", "kind", "none", "anomalies", "matter-mismatch",                 /**/
        "rules", "id", "question", "match", "yes", "applies", 1, "why", "it is incoming",                           /**/
        "decision", "action", "reject", "code", 550, "status", "5.7.1", "text",
        "Matter 2026-0117 is confidential.",                                                                   /**/
        "headers", "op", "add", "name", "X-Lexgate-Decision", "index", 1, "value", "reject", "add_recipients", /**/
        "archive@firm.test", "remove_recipients",                                                              /**/
        "deadlines", "op", "open", "id", "d1", "client", "harbour", "matter", "2026-0117", "owner",
        "alice@firm.test", /**/
        "service_level", "standard", "soft", 0, "due", "2026-11-23T14:00:00Z", "steps", "at",
        "2026-11-23T14:00:00Z", /**/
        "tell", "owner", "subject", "A question", "message_id", "a@b");
    assert_non_null(answer);
    return answer;
}

/* "a.b.0.c": the member's owner, and its last name. */
static json_t *walk(json_t *at, char **path) {
    for (; at && path[0] && path[1]; path++)
        at = json_is_array(at) ? json_array_get(at, (size_t)atoi(path[0])) : json_object_get(at, path[0]);
    return at;
}

static void put(json_t *answer, const char *where, const char *value) {
    g_auto(GStrv) path = g_strsplit(where, ".", -1);
    json_t *owner = walk(answer, path);
    const char *last = path[g_strv_length(path) - 1];
    assert_non_null(owner);
    json_t *new = json_loads(value, JSON_DECODE_ANY, NULL);
    assert_non_null(new);
    if (json_is_array(owner))
        json_array_set_new(owner, (size_t)atoi(last), new);
    else
        json_object_set_new(owner, last, new);
}

static Answer *check(json_t *answer, bool trusted) {
    AnswerContext context = {.policy = policy, .registry = registry, .envelope = envelope, .trusted = trusted};
    g_autoptr(GError) error = NULL;
    char *text = json_compact(answer);
    json_decref(answer);
    JsonDocument *document = jsonview_parse(text, strlen(text), NULL);
    free(text);
    assert_non_null(document);
    Answer *checked = answer_check(document, &context, &error);
    assert_int_equal(checked == NULL, error != NULL);
    return checked;
}

typedef struct {
    const char *where, *value;
    bool passes;
} Case;

static const Case cases[] = {
    {"track", "\"abc123\"", true},
    {"track", "\"../x\"", false},
    {"track", "\"a b\"", false},
    {"track", "7", false},
    {"policy.digest", "\"0000\"", false},
    {"registry.digest", "\"\"", false},
    {"policy", "null", false},
    {"direction", "\"sideways\"", false},
    {"sender", "null", false},
    {"sender.is", "\"king\"", false},
    {"sender.by", "\"oath\"", false},
    {"sender.staff", "\"a\\nb@firm.test\"", false},
    {"encryption.state", "\"perhaps\"", false},
    {"signature", "{\"state\": \"valid\"}", true},
    {"signature", "{\"state\": \"valid; rules=all\"}", false},
    {"harvest", "{\"fingerprint\":\"" DIGITS "\",\"signature\":\"MIIB\"}", true},
    {"harvest", "{\"fingerprint\":\"" DIGITS "\",\"signature\":\"\"}", false},
    {"harvest", "{\"fingerprint\":\"" DIGITS "\",\"signature\":\"M IB\"}", false},
    {"harvest", "{\"fingerprint\":\"" DIGITS "\"}", false},
    {"harvest",
     "{\"fingerprint\":\"../../../../../../../../../../../../../../../../../../../../../../ab\","
     "\"signature\":\"MIIB\"}",
     false},
    {"harvest", "{\"fingerprint\":\"ab\",\"signature\":\"MIIB\"}", false},
    {"harvest", "{\"fingerprint\":\"" DIGITS "\",\"key\":\"MIIB\"}", false}, /* the policy wants none */
    {"harvest", "7", false},
    {"automatic.kind", "null", false},
    {"matter", "null", true},
    {"matter.id", "\"a/b\"", false},
    {"matter.client", "\"\"", true},
    {"matter.level", "\"top\"", false},
    {"anomalies", "[\"quotes\\r\\na stranger\"]", true},
    {"anomalies", "[7]", false},
    {"detections", "[{\"detector\":\"iban\",\"count\":2,\"where\":\"attachment:a\\nb\"}]", true},
    {"detections", "[{\"detector\":\"no-such\",\"count\":2,\"where\":\"text\"}]", false},
    {"detections", "[{\"detector\":\"iban\",\"count\":-1,\"where\":\"text\"}]", false},
    {"detections", "[{\"detector\":\"iban\",\"count\":1001,\"where\":\"text\"}]", false},
    {"detections", "[{\"detector\":\"iban\",\"where\":\"text\"}]", false},
    {"detections", "[{\"detector\":\"iban\",\"count\":1}]", false},
    {"detections", "[7]", false},
    {"rules.0.id", "\"no-such-rule\"", false},
    {"rules.0.why", "[7]", false},
    {"rules", "[{\"id\":\"question\"},{\"id\":\"question\"},{\"id\":\"question\"}]", false},
    {"decision", "null", false},
    {"decision.action", "\"explode\"", false},
    {"decision.action", "\"accept\"", false}, /* with a code of 550 */
    {"decision.code", "250", false},
    {"decision.code", "450", false},
    {"decision.code", "5500", false},
    {"decision.status", "\"2.0.0\"", false},
    {"decision.status", "\"5.7.1 \\r\\n250 OK\"", false},
    {"decision.status", "\"5.7\"", false},
    {"decision.status", "\"5..1\"", false},
    {"decision.status", "\"5.7.1000\"", false},
    {"decision.text.0", "\"one\\r\\n250 two\"", false},
    {"decision.text.0", "\"100% sure\"", true},
    {"decision.text", "[]", true},
    {"decision.headers.0.name", "\"Subject\"", false},
    {"decision.headers.0.name", "\"Bcc\"", false},
    {"decision.headers.0.name", "\"X-Lexgate-Anything\"", false},
    {"decision.headers.0.name", "\"X-Matter\"", false},
    {"decision.headers.0.name", "\"x-firm\"", true},
    {"decision.headers.0.name", "\"Reply-By\"", true},
    {"decision.headers.0.name", "\"X-Firm: a\\r\\nBcc\"", false},
    {"decision.headers.0.value", "\"a\\r\\nBcc: eve@elsewhere.test\"", false},
    {"decision.headers.0.value", "\"a\\nb\"", false},
    {"decision.headers.0.op", "\"insert\"", false},
    {"decision.headers.0", "{\"op\":\"delete\",\"name\":\"Received\",\"index\":1}", false},
    {"decision.headers.0", "{\"op\":\"delete\",\"name\":\"x-lexgate-what ever\",\"index\":3}", true},
    {"decision.headers.0", "{\"op\":\"delete\",\"name\":\"X-Matter\",\"index\":1}", true},
    {"decision.headers.0", "{\"op\":\"delete\",\"name\":\"X-Lexgate-Track\",\"index\":0}", false},
    {"decision.headers.0", "{\"op\":\"delete\",\"name\":\"X-Lexgate-Track\",\"index\":-1}", false},
    {"decision.headers.0", "{\"op\":\"replace\",\"name\":\"X-Firm\",\"index\":1,\"value\":\"a\"}", true},
    {"decision.headers.0", "{\"op\":\"replace\",\"name\":\"From\",\"index\":1,\"value\":\"a\"}", false},
    {"decision.headers.0", "7", false},
    {"decision.add_recipients.0", "\"eve@elsewhere.test\"", false},
    {"decision.add_recipients.0", "\"archive@firm.test> NOTIFY=NEVER\"", false},
    {"decision.add_recipients.0", "\"ARCHIVE@firm.test\"", true},
    {"decision.add_recipients.0", "7", false},
    {"decision.remove_recipients", "[\"nora@harbour.test\"]", false},
    {"decision.add_recipients.0", "\"desk@firm.test\"", false},
    {"decision.notify", "[\"leo@firm.test\"]", false},
    {"decision.headers.0", "{\"op\":\"replace\",\"name\":\"Subject\",\"index\":1,\"value\":\"a\"}", false},
    {"decision.headers.0.name", "\"Importance\"", false},
    {"decision.headers.0.name", "\"X-Lexgate-Banner\"", true},
    {"deadlines", "[]", true},
    {"deadlines.0.op", "\"erase\"", false},
    {"deadlines.0.kind", "\"question\"", true},
    {"deadlines.0.kind", "\"vow\"", false},
    {"deadlines.0.kind", "\"holding\"", false},
    {"deadlines.0.kind", "\"expected\"", false},
    {"deadlines.0.op", "\"receive\"", false},
    {"deadlines.0.fresh", "true", true},
    {"deadlines.0.unclear", "\"soon\"", true},
    {"deadlines.0.unclear", "\"so\\non\"", false},
    {"deadlines.0.party", "\"eve@elsewhere.test\"", false},
    {"deadlines.0.soft_why", "\"copied-in\"", true},
    {"deadlines.0.soft_why", "\"bcc: all\"", false},
    {"deadlines.0.urgent", "true", true},
    {"deadlines.0.cap", "5000", true},
    {"deadlines.0.cap", "5001", false},
    {"deadlines.0.cap", "-1", false},
    {"deadlines.0.id", "\"a:b\"", false},
    {"deadlines.0.client", "\"nobody\"", false},
    {"deadlines.0.owner", "\"eve@elsewhere.test\"", false},
    {"deadlines.0.owner", "\"team:litigation\"", true},
    {"deadlines.0.service_level", "\"golden\"", false},
    {"deadlines.0.due", "\"tomorrow\"", false},
    {"deadlines.0.steps.0.at", "\"soon\"", false},
    {"deadlines.0.steps.0.tell", "[\"a\\nb\"]", false},
    {"deadlines.0.steps.0.tell", "[7]", false},
    {"subject", "\"a\\nb\"", false},
    {"message_id", "\"a\\u0007b\"", false},
    {"message_id", "7", true}, /* as if it were not there */
};

static void try_cases(const Case *tried, size_t count) {
    for (size_t i = 0; i < count; i++) {
        json_t *json = good_answer();
        put(json, tried[i].where, tried[i].value);
        g_autoptr(Answer) answer = check(json, true);
        if ((answer != NULL) != tried[i].passes)
            fail_msg("%s = %s %s", tried[i].where, tried[i].value, answer ? "passes" : "does not pass");
    }
}

static void each_member_is_looked_at(void **state) {
    try_cases(cases, G_N_ELEMENTS(cases));
}

#define DECISION(recipients)                                                                                           \
    "{\"action\":\"accept\",\"code\":250,\"status\":\"2.0.0\",\"text\":[],\"headers\":[]," recipients "}"
#define BOTH "\"remove_recipients\":[\"nora@harbour.test\",\"ben@harbour.test\"]"

static const Case outcome_cases[] = {
    {"decision.headers.0", "{\"op\":\"replace\",\"name\":\"Subject\",\"index\":1,\"value\":\"a\"}", true},
    {"decision.headers.0", "{\"op\":\"add\",\"name\":\"Subject\",\"value\":\"a\"}", true},
    {"decision.headers.0", "{\"op\":\"replace\",\"name\":\"Subject\",\"index\":1,\"value\":\"a\\nBcc: b\"}", false},
    {"decision.headers.0", "{\"op\":\"replace\",\"name\":\"Subject\",\"index\":1,\"value\":\"\"}", false},
    {"decision.headers.0", "{\"op\":\"delete\",\"name\":\"Subject\",\"index\":1}", false},
    {"decision.headers.0", "{\"op\":\"add\",\"name\":\"Importance\",\"value\":\"high\"}", true},
    {"decision.headers.0", "{\"op\":\"add\",\"name\":\"Importance\",\"value\":\"buy now\"}", false},
    {"decision.headers.0", "{\"op\":\"delete\",\"name\":\"Priority\",\"index\":1}", true},
    {"decision.notify", "[\"leo@firm.test\"]", true},
    {"decision.notify", "[\"eve@elsewhere.test\"]", false},
    {"decision.notify", "[7]", false},
    {"decision", DECISION("\"add_recipients\":[\"desk@firm.test\"]," BOTH), true},
    {"decision", DECISION("\"add_recipients\":[\"desk@firm.test\"],\"remove_recipients\":[\"nora@harbour.test\"]"),
     false},
    {"decision", DECISION("\"add_recipients\":[]," BOTH), false}, /* nobody would get it */
    {"decision", DECISION("\"add_recipients\":[\"archive@firm.test\"]," BOTH), false},
    {"decision", DECISION("\"add_recipients\":[\"desk@firm.test\"],\"remove_recipients\":[\"x@y.test\"]"), false},
    {"decision", DECISION("\"add_recipients\":[\"eve@elsewhere.test\"]," BOTH), false},
};

static void an_outcome_is_believed_where_some_rule_has_it(void **state) {
    try_cases(outcome_cases, G_N_ELEMENTS(outcome_cases));
    json_t *json = good_answer();
    put(json, "decision", DECISION("\"add_recipients\":[\"desk@firm.test\"]," BOTH));
    g_autoptr(Answer) answer = check(json, true);
    assert_int_equal(answer->remove_recipients->len, 2);
    assert_string_equal(g_ptr_array_index(answer->remove_recipients, 0), "Nora@Harbour.test"); /* as the MTA knows it */
}

static void what_staff_promise_and_say_to_us_is_believed_of_staff_alone(void **state) {
    static const struct {
        const char *staff, *direction, *party;
        bool trusted, tag, promise;
    } tried[] = {
        {"\"alice@firm.test\"", "\"outgoing\"", "\"nora@harbour.test\"", true, true, true},
        {"\"alice@firm.test\"", "\"outgoing\"", "\"nora@harbour.test\"", false, false, true},
        {"\"alice@firm.test\"", "\"outgoing\"", "\"x@harbour.test\"", true, true, false},
        {"\"alice@firm.test\"", "\"outgoing\"", "\"\"", true, true, false},
        {"\"alice@firm.test\"", "\"incoming\"", "\"nora@harbour.test\"", true, false, false},
        {"\"\"", "\"outgoing\"", "\"nora@harbour.test\"", true, false, false},
    };
    envelope = envelope_new();
    g_ptr_array_add(envelope->recipients, g_strdup("Nora@Harbour.test"));
    for (size_t i = 0; i < G_N_ELEMENTS(tried); i++) {
        for (int promise = 0; promise < 3; promise++) {
            json_t *json = good_answer();
            put(json, "sender.staff", tried[i].staff);
            put(json, "direction", tried[i].direction);
            if (promise) {
                put(json, "deadlines.0.kind", promise == 1 ? "\"holding\"" : "\"expected\"");
                put(json, "deadlines.0.party", tried[i].party);
            } else {
                put(json, "decision.headers.0",
                    "{\"op\":\"replace\",\"name\":\"Subject\",\"index\":1,\"value\":\"Lease\"}");
            }
            g_autoptr(Answer) answer = check(json, tried[i].trusted);
            if ((answer != NULL) != (promise ? tried[i].promise : tried[i].tag))
                fail_msg("case %zu, %s: %s", i, promise ? "promise" : "tag", answer ? "passes" : "does not pass");
        }
    }
}

static void what_came_of_a_client_is_believed_of_the_one_who_wrote(void **state) {
    static const struct {
        const char *direction, *wrote, *client;
        bool good;
    } tried[] = {
        {"\"incoming\"", "\"nora@harbour.test\"", "harbour", true},
        {"\"outgoing\"", "\"nora@harbour.test\"", "harbour", false},
        {"\"incoming\"", "\"eve@elsewhere.test\"", "harbour", false},
        {"\"incoming\"", "\"eve@elsewhere.test\"", "", false},
        {"\"incoming\"", "\"nora@harbour.test\"", "nobody", false},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(tried); i++) {
        json_t *json = good_answer();
        put(json, "direction", tried[i].direction);
        put(json, "sender.address", tried[i].wrote);
        json_object_set_new(json, "receives",
                            json_pack("[{s:s, s:s, s:[]}]", "op", "receive", "client", tried[i].client, "steps"));
        g_autoptr(Answer) answer = check(json, true);
        if ((answer != NULL) != tried[i].good)
            fail_msg("case %zu %s", i, answer ? "passes" : "does not pass");
    }
}

static void an_answer_of_another_shape_is_refused(void **state) {
    static const char *const texts[] = {"[]", "7", "\"x\"", "null", "{}", "{\"track\":\"a\"}"};
    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        assert_null(check(json_loads(texts[i], JSON_DECODE_ANY, NULL), true));
}

static void a_good_answer_comes_out_as_it_went_in(void **state) {
    g_autoptr(Answer) answer = check(good_answer(), true);
    assert_non_null(answer);
    assert_int_equal(answer->action, ACTION_REJECT);
    assert_int_equal(answer->code, 550);
    assert_string_equal(answer->status, "5.7.1");
    assert_string_equal(answer->track, "abc123");
    assert_string_equal(g_ptr_array_index(answer->text, 0), "Matter 2026-0117 is confidential.");
    const AnswerHeader *header = g_ptr_array_index(answer->headers, 0);
    assert_int_equal(header->op, '+');
    assert_string_equal(header->name, "X-Lexgate-Decision");
    assert_string_equal(g_ptr_array_index(answer->add_recipients, 0), "archive@firm.test");
}

static void a_stranger_hears_a_reference_and_no_reason(void **state) {
    g_autoptr(Answer) answer = check(good_answer(), false);
    assert_non_null(answer);
    for (guint i = 0; i < answer->text->len; i++)
        assert_null(strstr(g_ptr_array_index(answer->text, i), "2026-0117"));
    assert_string_equal(g_ptr_array_index(answer->text, answer->text->len - 1), "Reference: abc123");
}

static void more_than_enough_of_anything_is_refused(void **state) {
    static const struct {
        const char *where, *one;
        unsigned count;
    } many[] = {
        {"decision.text", "\"line\"", 33},
        {"decision.headers", "{\"op\":\"add\",\"name\":\"X-Firm\",\"value\":\"a\"}", 4001},
        {"decision.add_recipients", "\"archive@firm.test\"", 1001},
        {"anomalies", "\"a\"", 1001},
        {"detections", "{\"detector\":\"iban\",\"count\":1,\"where\":\"text\"}", 1001},
        {"deadlines.0.steps", "{\"at\":\"2026-11-23T14:00:00Z\",\"tell\":[]}", 65},
    };
    for (size_t i = 0; i < G_N_ELEMENTS(many); i++) {
        GString *list = g_string_new("[");
        for (unsigned n = 0; n < many[i].count; n++)
            g_string_append_printf(list, "%s%s", n ? "," : "", many[i].one);
        g_string_append_c(list, ']');
        json_t *json = good_answer();
        put(json, many[i].where, list->str);
        g_string_free(list, TRUE);
        assert_null(check(json, true));
    }
}

static Answer *harvesting(const char *fingerprint, size_t length) {
    json_t *json = good_answer();
    g_autofree unsigned char *zeros = g_malloc0(length);
    g_autofree char *text = base64_encode(zeros, length);
    json_object_set_new(json, "harvest", json_pack("{s:s,s:s}", "fingerprint", fingerprint, "signature", text));
    return check(json, true);
}

static void a_signature_that_is_too_large_is_refused(void **state) {
    g_autoptr(Answer) most = harvesting(DIGITS, HARVEST_BYTES), more = harvesting(DIGITS, HARVEST_BYTES + 3);
    assert_non_null(most);
    assert_int_equal(g_bytes_get_size(most->harvest.signature), HARVEST_BYTES);
    assert_null(more);
}

/* One file for each certificate, however often it comes, and no more than fit. */
static void strangers_fill_no_more_than_the_spool(void **state) {
    g_autoptr(GError) error = NULL;
    g_autofree char *spool = g_build_filename(folder, "harvest", NULL);
    for (unsigned i = 0; i < HARVEST_FILES + 2; i++) {
        g_autofree char *fingerprint = g_strdup_printf("%064x", i);
        g_autoptr(Answer) answer = harvesting(fingerprint, 10);
        bool kept = harvest_keep(&answer->harvest, policy, i < HARVEST_FILES ? NULL : &error);
        assert_int_equal(kept, i < HARVEST_FILES);
        if (i >= HARVEST_FILES)
            assert_non_null(strstr(error->message, "lexgate cert harvest"));
        g_clear_error(&error);
    }
    g_autofree char *first = g_strdup_printf("%064x", 0);
    g_autoptr(Answer) again = harvesting(first, 20);
    assert_true(harvest_keep(&again->harvest, policy, NULL));
    unsigned files = 0;
    g_autoptr(GDir) dir = g_dir_open(spool, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir)) != NULL; files++) {
        g_autofree char *path = g_build_filename(spool, name, NULL);
        g_unlink(path);
    }
    g_rmdir(spool);
    assert_int_equal(files, HARVEST_FILES);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_member_is_looked_at),
        cmocka_unit_test(what_came_of_a_client_is_believed_of_the_one_who_wrote),
        cmocka_unit_test(an_answer_of_another_shape_is_refused),
        cmocka_unit_test(what_staff_promise_and_say_to_us_is_believed_of_staff_alone),
        cmocka_unit_test(a_good_answer_comes_out_as_it_went_in),
        cmocka_unit_test(a_stranger_hears_a_reference_and_no_reason),
        cmocka_unit_test(more_than_enough_of_anything_is_refused),
        cmocka_unit_test(a_signature_that_is_too_large_is_refused),
        cmocka_unit_test(strangers_fill_no_more_than_the_spool),
    };
    const struct CMUnitTest outcomes[] = {cmocka_unit_test(an_outcome_is_believed_where_some_rule_has_it)};
    return cmocka_run_group_tests(tests, setup, teardown) + cmocka_run_group_tests(outcomes, setup_outcomes, teardown);
}
