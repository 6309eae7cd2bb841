/* SPDX-License-Identifier: Apache-2.0 */
/* Broken configurations: each must be refused with one line that names the file, the line, what is wrong and what to
 * do. */
#include "folder.h"
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

/* libconfig 1.5 forgets a text that stands where its grammar wants none. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void) {
    return "leak:strbuf_append\n";
}

#define HUNDRED_BYTES                                                                                                  \
    "0123456789012345678901234567890123456789012345678901234567890123456789012345678901234567890123456789"
#define FIRM "firm: { name = \"Aldous\"; domains = [\"aldous.test\"]; };\n"
#define RULE(body) FIRM "rules: (\n { id = \"r\"; do = \"hold\";\n " body " } );\n"
#define LEVEL(body) FIRM "service_levels: {\n standard: { " body " }; };\n"
#define CALENDAR(body) FIRM "calendars: {\n london: { timezone = \"Europe/London\"; " body " }; };\n"
#define HOURS "hours: { mon-fri = [\"09:00-17:00\"]; }; "

typedef struct {
    const char *conf; /* lexgate.conf */
    const char *said; /* the beginning of a line */
} Broken;

static const Broken broken[] = {
    /* syntax */
    {FIRM "directory: { url = \"ldap.client.test\"; base = \"dc=a\"; };\n", "lexgate.conf:2: error: directory.url"},
    {FIRM "directory: { url = \"ldaps://ldap.client.test\"; };\n",
     "lexgate.conf:2: error: directory.url needs directory.base"},
    {FIRM "directory: { user = \"cn=a\"; };\n",
     "lexgate.conf:2: error: directory.user and directory.password_file go together"},
    {FIRM "trust: { crl_urls = [\"ftp://ca.test/a.crl\"]; crls = \"crls\"; };\n",
     "lexgate.conf:2: error: trust.crl_urls: \"ftp://ca.test/a.crl\" is no web address"},
    {FIRM "trust: { crl_urls = [\"http://ca.test/a.crl\"]; };\n",
     "lexgate.conf:2: error: trust.crl_urls needs trust.crls"},
    {FIRM "encryption: { harmless_text = [\"Documents\", \"* *\"]; };\n",
     "lexgate.conf:2: error: \"* *\" would let any text stand beside encrypted files"},
    {FIRM "encryption: { harmless_texts = \"Documents\"; };\n", "lexgate.conf:2: error: "},
    {FIRM "mta: { log = \"mail.log\"; };\n", "lexgate.conf:2: error: \"mail.log\" is no log; write the whole path"},
    {FIRM "redis: { tag = \"a\" \"b\n", "lexgate.conf:2: error: a double quote is not closed"},
    {"firm: { name = \"A\"; domains = [\"a.test\",]; };\n",
     "lexgate.conf:1: error: a comma stands before the closing ]; take it away"},
    {FIRM "rules: (\n { id = \"a\"; do = \"hold\"; },\n);\n",
     "lexgate.conf:3: error: a comma stands before the closing )"},
    {FIRM "service_levels: {\n 2day: { answer_within = \"2d\"; }; };\n",
     "lexgate.conf:3: error: \"2day\" cannot be a name"},
    {FIRM "service_levels: {\n a.b: { answer_within = \"2d\"; }; };\n",
     "lexgate.conf:3: error: \"a.b\" cannot be a name"},
    {FIRM "calendars: {\n x@y: { " HOURS "}; };\n", "lexgate.conf:3: error: \"x@y\" cannot be a name"},
    {FIRM "mode = observe;\n", "lexgate.conf:2: error: observe needs double quotes: \"observe\""},
    {FIRM "mode = 'observe';\n", "lexgate.conf:2: error: texts stand in double quotes"},
    {FIRM "mode = “observe”;\n", "lexgate.conf:2: error: “observe” begins with a typographic quote"},
    {FIRM "redis: { tag = \"a\";\n\n", "lexgate.conf:2: error: the { opened here is not closed"},
    {FIRM "redis: { tag = \"a\"; );\n", "lexgate.conf:2: error: ) does not close the { of line 2"},
    {FIRM "mode = \"observe\"; }\n", "lexgate.conf:2: error: } closes nothing"},
    {FIRM "redis: { tag \"a\"; };\n", "lexgate.conf:2: error: a name must be followed by = or :"},
    {FIRM "redis: { tag = ; };\n", "lexgate.conf:2: error: a value is missing before ;"},
    {FIRM "rules: [ { id = \"a\"; } ];\n", "lexgate.conf:2: error: [ ] holds plain values only"},
    {FIRM "rules: (\n { id = \"a\"; do = \"hold\"; }\n { id = \"b\"; do = \"hold\"; } );\n",
     "lexgate.conf:4: error: a comma is missing between the elements"},
    {FIRM "/* open\n", "lexgate.conf:2: error: the comment that begins with /* is not closed"},
    {FIRM FIRM, "lexgate.conf:2: error: a name is given twice in the same group"},
    {RULE("when: { sender: { is = \"client\"; }; sender: { outside = true; }; };"),
     "lexgate.conf:4: error: a name is given twice in the same group; keep one of them, or join conditions with all"},
    {FIRM "@include \"other.conf\"\n", "lexgate.conf:2: error: @include is not allowed"},
    {FIRM "mode = \"obs\xe9rve\";\n", "lexgate.conf:2: error: not UTF-8 text"},
    {FIRM "refusal: { contact = \"a\\nb\"; };\n", "lexgate.conf:2: error: the text holds a line break"},
    /* people */
    {FIRM "people: {\n webmail = [\"a b\"]; };\n",
     "lexgate.conf:3: error: people.webmail: \"a b\" is no domain; write it like \"mail.test\""},
    {FIRM "people: {\n webmail = [\"jo@mail.test\"]; };\n",
     "lexgate.conf:3: error: people.webmail: \"jo@mail.test\" is"},
    {FIRM "people: {\n webmail = \"aldous.test\"; };\n",
     "lexgate.conf:3: error: people.webmail: \"aldous.test\" is the firm's own; take it out"},
    {FIRM "people: {\n prospects = [\"maybe.test\"]; };\n",
     "lexgate.conf:3: error: people.prospects: \"maybe.test\" is no address; write name@domain, or @domain"},
    {FIRM "people: {\n prospects = [\"@gmail.com\"]; };\n",
     "lexgate.conf:3: error: people.prospects: anybody may have an address in @gmail.com; name the addresses"},
    {FIRM "people: {\n prospect = [\"@maybe.test\"]; };\n", "lexgate.conf:3: error: "},
    {RULE("when: { from_differs = \"replyto\"; };"), "lexgate.conf:4: error: "},
    /* settings */
    {"", "lexgate.conf:1: error: firm.name is missing"},
    {"firm: { name = \"A\"; };\n", "lexgate.conf:1: error: firm.domains is missing"},
    {"firm: { name = \"A\"; domains = []; };\n", "lexgate.conf:1: error: firm.domains is empty"},
    {"firm: { name = \"\"; domains = [\"a.test\"]; };\n", "lexgate.conf:1: error: \"name\" is empty"},
    {"firm: { name = \"A\"; domains = [\"@a.test\"]; };\n", "lexgate.conf:1: error: \"@a.test\" is no mail domain"},
    {"firm: { name = 5; domains = [\"a.test\"]; };\n",
     "lexgate.conf:1: error: \"name\" is a number; write a text in double quotes"},
    {"firm = \"Aldous\";\n", "lexgate.conf:1: error: \"firm\" is a text; write a group"},
    {FIRM "firms: { };\n", "lexgate.conf:2: error: unknown key \"firms\" in the configuration; did you mean \"firm\"?"},
    {FIRM "redis: {\n timout = \"1s\"; };\n",
     "lexgate.conf:3: error: unknown key \"timout\" in the group redis; did you mean \"timeout\"?"},
    {FIRM "smtp: {\n relays = \"x:25\"; };\n",
     "lexgate.conf:3: error: unknown key \"relays\" in the group smtp; did you mean \"relay\"?"},
    {FIRM "mode = \"observed\";\n", "lexgate.conf:2: error: \"observed\" is no mode; did you mean \"observe\"?"},
    {FIRM "milter: { judges = 0; };\n", "lexgate.conf:2: error: judges = 0 is out of bounds; write between 1 and 64"},
    {FIRM "milter: { judges = \"two\"; };\n", "lexgate.conf:2: error: \"judges\" is a text; write a whole number"},
    {FIRM "milter: { judges = 1.5; };\n", "lexgate.conf:2: error: \"judges\" is a number with a point"},
    {FIRM "milter: { judge_time = \"10\"; };\n",
     "lexgate.conf:2: error: judge_time = \"10\" is no duration; write \"10s\""},
    {FIRM "milter: { judge_time = \"1h\"; };\n", "lexgate.conf:2: error: judge_time = \"1h\" is out of bounds"},
    {FIRM "redis: { timeout = \"0s\"; };\n", "lexgate.conf:2: error: timeout = \"0s\" is out of bounds"},
    {FIRM "milter: { socket = \"tcp:25\"; };\n", "lexgate.conf:2: error: milter.socket: \"tcp:25\" is no socket"},
    {FIRM "milter: { socket = \"inet:milter@host\"; };\n",
     "lexgate.conf:2: error: milter.socket: \"inet:milter@host\" has no port"},
    {FIRM "headers: { reply_by = \"no\"; };\n", "lexgate.conf:2: error: \"reply_by\" is a text; write true or false"},
    {FIRM "inside: { networks = [\"10.1.0.0/33\"]; };\n",
     "lexgate.conf:2: error: inside.networks: \"10.1.0.0/33\" is no network"},
    {FIRM "inside: { trusted_relays = [\"relay.aldous.test\"]; };\n",
     "lexgate.conf:2: error: inside.trusted_relays: \"relay.aldous.test\""},
    {FIRM "redis: { sentinel = [\"a:26379\", \"b\"]; };\n",
     "lexgate.conf:2: error: redis.sentinel: \"b\" is no HOST:PORT; write it like \"127.0.0.1:26379\""},
    {FIRM "redis: { sentinel = [\"a:26379\"]; server = \"b:1\"; };\n",
     "lexgate.conf:2: error: redis.sentinel and redis.server are both given"},
    {FIRM "redis: { sentinel = [\"a:26379\"]; master = \"a b\"; };\n",
     "lexgate.conf:2: error: \"a b\" is no name of a master"},
    {FIRM "redis: { cluster = [\"a:6379\", \"b:x\"]; };\n",
     "lexgate.conf:2: error: redis.cluster: \"b:x\" is no HOST:PORT"},
    {FIRM "redis: { socket = \"/r\"; server = \"a:1\"; };\n",
     "lexgate.conf:2: error: redis.server and redis.socket are both given"},
    {FIRM "redis: { server = \"localhost\"; };\n",
     "lexgate.conf:2: error: redis.server: \"localhost\" is no HOST:PORT; write it like \"127.0.0.1:6379\""},
    {FIRM "redis: { tag = \"a{b}\"; };\n", "lexgate.conf:2: error: \"a{b}\" cannot be a tag"},
    {FIRM "smtp: { relay = \"127.0.0.1\"; };\n", "lexgate.conf:2: error: smtp.relay: \"127.0.0.1\" is no HOST:PORT"},
    {FIRM "smtp: { reentry = \"10027\"; };\n", "lexgate.conf:2: error: smtp.reentry: \"10027\" is no HOST:PORT"},
    {FIRM "smtp: { relay = \"127.0.0.1:25\"; reentry = \"127.0.0.1:25\"; };\n",
     "lexgate.conf:2: error: smtp.reentry and smtp.relay are both 127.0.0.1:25, but the listener for copies takes "
     "nothing"},
    {FIRM "smtp: { from = \"deadlines\"; };\n", "lexgate.conf:2: error: smtp.from: \"deadlines\" is no address"},
    {FIRM "smtp: { user = \"u\"; };\n", "lexgate.conf:2: error: smtp.user and smtp.password_file go together"},
    {FIRM "escalation: { quiet_hours = \"8pm-7am\"; };\n", "lexgate.conf:2: error: \"8pm-7am\" is no time of day"},
    {FIRM "escalation: { quiet_hours = \"00:00-24:00\"; };\n",
     "lexgate.conf:2: error: \"00:00-24:00\" is the whole day"},
    {FIRM "escalation: { socket = \"/" HUNDRED_BYTES "/" HUNDRED_BYTES "\"; };\n",
     "lexgate.conf:2: error: escalation.socket: the path of a socket has at most 107 bytes"},
    {FIRM "milter: { socket = \"unix:/" HUNDRED_BYTES "/" HUNDRED_BYTES "\"; };\n",
     "lexgate.conf:2: error: milter.socket: the path of a socket has at most 107 bytes"},
    {"firm: { name = \"A\"; domains = [\"a.test\"];\n policy: { review_by = \"31.5.2027\"; }; };\n",
     "lexgate.conf:2: error: \"31.5.2027\" is no day"},
    {"firm: { name = \"A\"; domains = [\"a.test\"]; unfiled_level = \"secret\"; };\n",
     "lexgate.conf:1: error: \"secret\" is no unfiled_level; known: public, normal, confidential, strict"},
    {"firm: { name = \"A\"; domains = [\"a.test\"]; calendar = \"londn\"; };\ncalendars: { london: { " HOURS "}; };\n",
     "lexgate.conf:1: error: there is no calendar \"londn\"; did you mean \"london\"?"},
    {FIRM "registry: { staff = \"staff.csv\"; };\n", "staff.csv: error: the file cannot be read"},
    /* detectors */
    {FIRM "detectors: {\n iban = 5; };\n", "lexgate.conf:3: error: \"iban\" is a number; write a group"},
    {FIRM "detectors: {\n iban: { pattern = \"x\"; }; };\n",
     "lexgate.conf:3: error: unknown key \"pattern\" in detector iban, which is built in; known: threshold"},
    {FIRM "detectors: {\n iban: { test_numbers = true; }; };\n",
     "lexgate.conf:3: error: unknown key \"test_numbers\" in detector iban"},
    {FIRM "detectors: {\n payment-card: { test_numbers = 1; }; };\n",
     "lexgate.conf:3: error: \"test_numbers\" is a number; write true or false"},
    {FIRM "detectors: {\n ibam: { threshold = 2; }; };\n",
     "lexgate.conf:3: error: detector ibam has no pattern; write pattern = \"…\"; did you mean \"iban\"?"},
    {FIRM "detectors: {\n m: { pattern = \"(\"; }; };\n", "lexgate.conf:3: error: the pattern \"(\" is wrong"},
    {FIRM "detectors: {\n m: { pattern = \"\"; }; };\n", "lexgate.conf:3: error: \"pattern\" is empty"},
    {FIRM "detectors: {\n m: { pattern = []; }; };\n", "lexgate.conf:3: error: \"pattern\" is empty"},
    {FIRM "detectors: {\n m: { pattern = \"x\"; label = [\"a\", \"\"]; }; };\n",
     "lexgate.conf:3: error: \"label\" is empty"},
    {FIRM "detectors: {\n m: { pattern = \"x\"; threshold = 0; }; };\n",
     "lexgate.conf:3: error: threshold = 0 is out of bounds; write between 1 and 1000"},
    {FIRM "detectors: {\n m: { pattern = \"x\"; labels = \"y\"; }; };\n",
     "lexgate.conf:3: error: unknown key \"labels\" in detector m; did you mean \"label\"?"},
    {RULE("when: { detects: { kind = \"ibam\"; }; };"),
     "lexgate.conf:4: error: there is no detector \"ibam\"; did you mean \"iban\"?"},
    {RULE("when: { detects: { where = \"text\"; }; };"), "lexgate.conf:4: error: \"detects\" needs a kind"},
    {RULE("when: { detects: { kind = \"iban\"; at_least = 0; }; };"), "lexgate.conf:4: error: \"at_least\" is 0"},
    {FIRM "detectors: {\n m: { phrases = \"none.txt\"; }; };\n", "lexgate.conf:3: error: the phrases cannot be read"},
    {FIRM "detectors: {\n m: { phrases = []; }; };\n", "lexgate.conf:3: error: \"phrases\" is empty"},
    {FIRM "detectors: {\n m: { phrases = \"none.txt\"; label = \"x\"; }; };\n", "lexgate.conf:3: error: the phrases"},
    {FIRM "detectors: {\n m: { pattern = \"x\"; own_text = 1; }; };\n", "lexgate.conf:3: error: \"own_text\""},
    {FIRM "detectors: {\n iban: { own_text = true; }; };\n",
     "lexgate.conf:3: error: unknown key \"own_text\" in detector iban"},
    {FIRM "text: { footers = \"x\"; };\n",
     "lexgate.conf:2: error: unknown key \"footers\" in the group text; did you mean \"footer\"?"},
    /* calendars */
    {CALENDAR(""), "lexgate.conf:3: error: calendar london has no hours"},
    {CALENDAR("hours: { mon-fry = [\"09:00-17:00\"]; };"),
     "lexgate.conf:3: error: \"mon-fry\" is no day of the week or range"},
    {CALENDAR("hours: { mon-fri = [\"9-17\"]; };"), "lexgate.conf:3: error: \"9-17\" are no hours"},
    {CALENDAR("hours: { mon-fri = [\"09:00-25:00\"]; };"), "lexgate.conf:3: error: \"09:00-25:00\" are no hours"},
    {CALENDAR("hours: { mon-fri = [\"09:00-17:00\"]; wed = [\"10:00-12:00\"]; };"),
     "lexgate.conf:3: error: the hours of wed are given twice"},
    {CALENDAR(HOURS "exceptions = ( { date = \"2026-02-30\"; } );"), "lexgate.conf:3: error: \"2026-02-30\" is no day"},
    {CALENDAR(HOURS "exceptions = ( { day = \"2026-02-03\"; } );"),
     "lexgate.conf:3: error: unknown key \"day\" in an exception"},
    {CALENDAR(HOURS "holidays = [\"gone.ics\"];"), "lexgate.conf:3: error: the holidays cannot be read"},
    {CALENDAR(HOURS "holidays = [\"lexgate.conf\"];"), "lexgate.conf:3: error: calendar \"london\": "},
    {CALENDAR(HOURS "holiday = [\"x.ics\"];"),
     "lexgate.conf:3: error: unknown key \"holiday\" in a calendar; did you mean \"holidays\"?"},
    {FIRM "calendars: {\n x: { timezone = \"Europe/Lundun\"; " HOURS "}; };\n",
     "lexgate.conf:3: error: calendar \"x\": \"Europe/Lundun\" is no time zone"},
    {FIRM "calendars: {\n x: { timezone = \"GMT+1\"; " HOURS "}; };\n",
     "lexgate.conf:3: error: calendar \"x\": \"GMT+1\" is no time zone"},
    {CALENDAR("hours: { mon-fri = []; };"), "lexgate.conf:3: error: calendar \"london\": "},
    /* service levels */
    {LEVEL(""), "lexgate.conf:3: error: service level standard has no answer_within"},
    {LEVEL("answer_withn = \"8h\";"),
     "lexgate.conf:3: error: unknown key \"answer_withn\" in service level standard; did you mean \"answer_within\"?"},
    {LEVEL("answer_within = \"8 hours\";"), "lexgate.conf:3: error: answer_within: "},
    {LEVEL("answer_within = 8;"), "lexgate.conf:3: error: \"answer_within\" is a number; write a text"},
    {LEVEL("answer_within = \"0h\";"), "lexgate.conf:3: error: answer_within is nothing"},
    {LEVEL("answer_within = \"8h\"; calendar = \"paris\";"), "lexgate.conf:3: error: there is no calendar \"paris\""},
    {LEVEL("answer_within = \"8h\"; cleared_by = \"owners\";"), "lexgate.conf:3: error: "},
    {LEVEL("answer_within = \"8h\"; joint_clients = \"both\";"), "lexgate.conf:3: error: "},
    {LEVEL("answer_within = \"8h\"; ladder = ( { at = \"half\"; tell = [\"owner\"]; } );"),
     "lexgate.conf:3: error: at: "},
    {LEVEL("answer_within = \"8h\"; ladder = ( { at = \"50%\"; tell = [\"ownr\"]; } );"),
     "lexgate.conf:3: error: nobody is called \"ownr\"; did you mean \"owner\"?"},
    {LEVEL("answer_within = \"8h\"; ladder = ( { at = \"50%\"; } );"), "lexgate.conf:3: error: a step needs \"tell\""},
    {LEVEL("answer_within = \"8h\"; ladder = ( { at = \"50%\"; tell = \"owner\"; repeat = \"1d\"; }, { at = \"100%\"; "
           "tell = \"owner\"; } );"),
     "lexgate.conf:3: error: only the last step of a ladder may repeat"},
    /* rules */
    {FIRM "rules: { id = \"a\"; };\n", "lexgate.conf:2: error: \"rules\" is no list"},
    {FIRM "rules: ( \"a\" );\n", "lexgate.conf:2: error: a text stands here; write a group"},
    {FIRM "rules: (\n { do = \"hold\"; } );\n", "lexgate.conf:3: error: a rule has no id"},
    {FIRM "rules: (\n { id = \"a b\"; do = \"hold\"; } );\n",
     "lexgate.conf:3: error: \"a b\" cannot be the id of a rule"},
    {FIRM "rules: (\n { id = \"a\"; do = \"hold\"; },\n { id = \"a\"; do = \"hold\"; } );\n",
     "lexgate.conf:4: error: the rule id \"a\" is given twice, first in lexgate.conf:3"},
    {FIRM "rules: (\n { id = \"r\"; action = \"hold\"; } );\n",
     "lexgate.conf:3: error: unknown key \"action\" in rule r; did you mean \"do\"?"},
    {RULE("enabled = false;"), "lexgate.conf:4: error: unknown key \"enabled\" in rule r; did you mean \"mode\"?"},
    {RULE("encrypt: { accept = \"tls\"; };"),
     "lexgate.conf:4: error: \"tls\" is no way of encryption; did you mean \"verified-tls\"?"},
    {RULE("whn: { direction = \"incoming\"; };"),
     "lexgate.conf:4: error: unknown key \"whn\" in rule r; did you mean \"when\"?"},
    {RULE("mode = \"enforced\";"), "lexgate.conf:4: error: \"enforced\" is no mode; did you mean \"enforce\"?"},
    {RULE("on_unknown = \"reject\";"), "lexgate.conf:4: error: \"reject\" is no answer to unknown"},
    {FIRM "rules: (\n { id = \"r\"; do = \"rejct\"; } );\n",
     "lexgate.conf:3: error: \"rejct\" is no action; did you mean \"reject\"?"},
    {FIRM "rules: (\n { id = \"r\"; do = \"discard\"; } );\n",
     "lexgate.conf:3: error: \"discard\" is no action; known: accept"},
    {RULE("deadline = \"standrd\"; } );\nservice_levels: { standard: { answer_within = \"8h\"; }; }; x: ( {"),
     "lexgate.conf:4: error: there is no service level \"standrd\"; did you mean \"standard\"?"},
    {RULE("deadline = \"standard\";"), "lexgate.conf:4: error: there is no service level \"standard\"; define it"},
    {RULE("encrypt: { accept = [\"tls\"]; };"), "lexgate.conf:4: error: \"tls\" is no way of encryption"},
    {RULE("encrypt: { accept = []; };"), "lexgate.conf:4: error: \"accept\" is empty"},
    {RULE("encrypt: { accept = [\"smime\", \"smime\"]; };"), "lexgate.conf:4: error: \"smime\" is given twice"},
    {RULE("encrypt: { otherwise = \"accept\"; };"), "lexgate.conf:4: error: \"accept\" is no word for otherwise"},
    {RULE("") "rule_modes: { enforce = [\"q\"]; };\n", "lexgate.conf:5: error: there is no rule \"q\""},
    {RULE("") "rule_modes: { enforce = \"r\"; off = \"r\"; };\n", "lexgate.conf:5: error: rule r is given two modes"},
    {RULE("") "rule_modes: { enforced = \"r\"; };\n",
     "lexgate.conf:5: error: unknown key \"enforced\" in rule_modes; did you mean \"enforce\"?"},
    {RULE("") "rule_modes: { off = 1; };\n", "lexgate.conf:5: error: \"off\" is a number"},
    {RULE("banner = \"{sendr}\";"), "lexgate.conf:4: error: unknown {sendr} in \"banner\"; did you mean \"sender\"?"},
    {RULE("banner = \"\";"), "lexgate.conf:4: error: \"banner\" is 1 to 500 bytes in one line"},
    {RULE("banner: { txt = \"x\"; };"), "lexgate.conf:4: error: unknown key \"txt\" in banner; did you mean \"text\"?"},
    {RULE("banner: { form = \"header\"; };"), "lexgate.conf:4: error: \"banner\" needs a text"},
    {RULE("banner: { text = \"x\"; form = \"txt\"; };"),
     "lexgate.conf:4: error: \"txt\" is no form; did you mean \"text\"?"},
    {RULE("disclaimer: { text = \"{sendr}\"; form = \"text\"; };"),
     "lexgate.conf:4: error: unknown {sendr} in \"text\"; did you mean \"sender\"?"},
    {RULE("disclaimer: { text = \"x\"; form = \"text\"; repeat = true; };"),
     "lexgate.conf:4: error: unknown key \"repeat\" in disclaimer; known: text, form"},
    {RULE("banner: { text = \"x\"; repeat = true; };"),
     "lexgate.conf:4: error: \"repeat\" is for a banner in the text; write form = \"text\" or take repeat away"},
    {RULE("banner: { text = \"x\"; form = \"text\"; repeat = \"yes\"; };"), "lexgate.conf:4: error: \"repeat\""},
    {RULE("disclaimer = \"a\\nb\";"), "lexgate.conf:4: error: \"disclaimer\" is 1 to 500 bytes in one line"},
    {RULE("subject_tag = \"[{mater}]\";"), "lexgate.conf:4: error: unknown {mater} in \"subject_tag\""},
    {RULE("priority = 1;"),
     "lexgate.conf:4: error: \"priority\" is a number; write one of these in double quotes: low, normal, high"},
    {RULE("priority = \"hihg\";"), "lexgate.conf:4: error: \"hihg\" is no priority; did you mean \"high\"?"},
    {RULE("service_level = \"gold\";"), "lexgate.conf:4: error: there is no service level \"gold\""},
    {RULE("redirect = \"desk\";"), "lexgate.conf:4: error: redirect: \"desk\" is no address"},
    {RULE("redirect = [];"), "lexgate.conf:4: error: \"redirect\" is an empty list"},
    {RULE("notify = [\"a@aldous.test\", \"b\"];"), "lexgate.conf:4: error: notify: \"b\" is no address"},
    {RULE("except: ( { until = \"2027-01-31\"; why = \"x\"; } );"),
     "lexgate.conf:4: error: an exception needs an owner"},
    {RULE("except: ( { owner = \"a@b.test\"; why = \"x\"; } );"),
     "lexgate.conf:4: error: an exception needs its last day (until)"},
    {RULE("except: ( { owner = \"a@b.test\"; until = \"2027-01-31\"; } );"),
     "lexgate.conf:4: error: an exception needs a reason (why)"},
    {RULE("except: ( { owner = \"me\"; until = \"2027-01-31\"; why = \"x\"; } );"),
     "lexgate.conf:4: error: owner: \"me\" is no address"},
    {RULE("except: ( { owner = \"a@b.test\"; until = \"soon\"; why = \"x\"; } );"),
     "lexgate.conf:4: error: \"soon\" is no day"},
    {RULE("except: ( { owner = \"a@b.test\"; until = \"2027-01-31\"; why = \"x\"; wen: { asks = \"no\"; }; } );"),
     "lexgate.conf:4: error: unknown key \"wen\" in an exception; did you mean \"when\"?"},
    {RULE("except: ( { owner = \"a@b.test\"; until = \"2027-01-31\"; why = \"x\"; when: { askes = \"no\"; }; } );"),
     "lexgate.conf:4: error: unknown condition \"askes\""},
    {RULE("stamp: { name = \"Subject\"; value = \"x\"; };"),
     "lexgate.conf:4: error: a stamp must not touch the header Subject"},
    {RULE("stamp: { name = \"content-type\"; value = \"x\"; };"),
     "lexgate.conf:4: error: a stamp must not touch the header content-type"},
    {RULE("stamp: { name = \"X Firm\"; value = \"x\"; };"), "lexgate.conf:4: error: \"X Firm\" cannot name a header"},
    {RULE("stamp: { name = \"X-Firm\"; };"), "lexgate.conf:4: error: a stamp needs a name and a value"},
    {RULE("stamp: { name = \"X-Firm\"; value = \"{mater}\"; };"),
     "lexgate.conf:4: error: unknown {mater} in \"value\"; did you mean \"matter\"?"},
    {RULE("say = \"{clint} is\";"), "lexgate.conf:4: error: unknown {clint} in \"say\"; did you mean \"client\"?"},
    {RULE("copy_to = [\"archive\"];"), "lexgate.conf:4: error: copy_to: \"archive\" is no address"},
    /* conditions */
    {RULE("when = \"always\";"), "lexgate.conf:4: error: \"when\" is a text; write a group"},
    {RULE("when: { direktion = \"incoming\"; };"),
     "lexgate.conf:4: error: unknown condition \"direktion\" in \"when\"; did you mean \"direction\"?"},
    {RULE("when: { direction = \"inbound\"; };"),
     "lexgate.conf:4: error: \"direction\" is never \"inbound\"; known: incoming, outgoing"},
    {RULE("when: { language = \"german\"; };"),
     "lexgate.conf:4: error: \"language\" is never \"german\"; known: en, de"},
    {RULE("when: { sender: { language_differs = true; }; };"),
     "lexgate.conf:4: error: \"language_differs\" is no condition of \"sender\"; write it where it belongs: recipient: "
     "{"},
    {RULE("when: { direction = []; };"), "lexgate.conf:4: error: \"direction\" is compared with an empty list"},
    {RULE("when: { sender: { level = \"strict\"; }; };"),
     "lexgate.conf:4: error: \"level\" is no condition of \"sender\"; write it where it belongs: matter: { level"},
    {RULE("when: { matter: { level = \"secret\"; }; };"), "lexgate.conf:4: error: \"level\" is never \"secret\""},
    {RULE("when: { recipient: { walled_off = \"yes\"; }; };"),
     "lexgate.conf:4: error: \"walled_off\" is a text; write true or false"},
    {RULE("when: { subject = \"(bank\"; };"), "lexgate.conf:4: error: the pattern \"(bank\" is wrong at character 5"},
    {RULE("when: { size_over = \"big\"; };"), "lexgate.conf:4: error: \"size_over\" is a text; write a whole number"},
    {RULE("when: { any: { asks = \"yes\"; automatic = true; }; };"),
     "lexgate.conf:4: error: \"any\" with one group asks for all its members; write a group for each: any = ( {…}, {…} "
     ")"},
    {RULE("when: { any = ( ); };"), "lexgate.conf:4: error: \"any\" takes a list of groups"},
    {RULE("when: { any = ( { } ); };"), "lexgate.conf:4: error: an empty group in \"any\" is true of every message"},
    {RULE("when: { not: ( { automatic = true; }, { asks = \"no\"; } ); };"),
     "lexgate.conf:4: error: \"not\" takes one group"},
    {RULE("when: { header: { match = \"x\"; }; };"), "lexgate.conf:4: error: \"header\" needs a name"},
    {RULE("when: { sender: { }; };"), "lexgate.conf:4: error: \"sender\" is empty"},
    {RULE("when: { sender = \"client\"; };"), "lexgate.conf:4: error: \"sender\" is a text; write a group"},
};

static bool every_line_has_a_place(const char *said) {
    g_auto(GStrv) lines = g_strsplit(said, "\n", -1);
    for (char **line = lines; *line && **line; line++)
        if (!strstr(*line, ": error: ") && !strstr(*line, ": warning: "))
            return false;
    return *said != '\0';
}

static void each_is_refused_with_a_line_that_says_where_and_what_to_do(void **state) {
    g_autoptr(Folder) folder = folder_new();
    int failures = 0;
    for (size_t i = 0; i < G_N_ELEMENTS(broken); i++) {
        g_autoptr(GString) said = g_string_new(NULL);
        folder_write(folder, "lexgate.conf", broken[i].conf);
        g_autoptr(Policy) policy = folder_load(folder, NULL, said);
        g_autofree char *inner = g_strconcat("\n", broken[i].said, NULL);
        if (policy || !every_line_has_a_place(said->str) ||
            !(g_str_has_prefix(said->str, broken[i].said) || strstr(said->str, inner)))
            print_error("%s\nwanted: %s\nsaid: %s\n", broken[i].conf, broken[i].said, said->str), failures++;
    }
    assert_int_equal(failures, 0);
}

static void a_key_given_twice_names_both_files(void **state) {
    g_autoptr(Folder) folder = folder_new();
    g_autoptr(GString) said = g_string_new(NULL);
    folder_write(folder, "lexgate.conf", FIRM "redis: { tag = \"a\"; };\nrules: ( { id = \"r\"; do = \"hold\"; } );\n");
    folder_write(folder, "conf.d/10.conf", "redis: {\n tag = \"b\"; };\nrules: ( { id = \"r\"; do = \"hold\"; } );\n");
    g_autoptr(Policy) policy = folder_load(folder, NULL, said);
    assert_null(policy);
    assert_non_null(strstr(said->str, "conf.d/10.conf:2: error: \"tag\" is given twice, first in lexgate.conf:2"));
    assert_non_null(
        strstr(said->str, "conf.d/10.conf:3: error: the rule id \"r\" is given twice, first in lexgate.conf:3"));
}

static void a_missing_configuration_is_said(void **state) {
    g_autoptr(Folder) folder = folder_new();
    g_autoptr(GString) said = g_string_new(NULL);
    assert_null(folder_load(folder, NULL, said));
    assert_non_null(strstr(said->str, "lexgate.conf: error: "));
}

static void faults_of_the_registry_stop_it(void **state) {
    g_autoptr(Folder) folder = folder_new();
    g_autoptr(GString) said = g_string_new(NULL);
    folder_write(folder, "lexgate.conf", FIRM "registry: { staff = \"staff.csv\"; };\n");
    folder_write(folder, "staff.csv",
                 "address,name,role,team,supervisor,cover,calendar,language\na@aldous.test,A,lawyer,,,,london,\n");
    g_autoptr(Policy) policy = folder_load(folder, NULL, said);
    assert_null(policy);
    assert_non_null(strstr(said->str, "staff.csv:2: error: the policy has no calendar \"london\""));
}

static void nesting_without_end_is_refused(void **state) {
    g_autoptr(Folder) folder = folder_new();
    g_autoptr(GString) conf = g_string_new(FIRM "rules: ( { id = \"r\"; do = \"hold\"; when: ");
    g_autoptr(GString) said = g_string_new(NULL);
    for (int i = 0; i < 3000; i++)
        g_string_append(conf, "{ not: ");
    g_string_append(conf, "{ automatic = true; }");
    for (int i = 0; i < 3000; i++)
        g_string_append(conf, "; }");
    g_string_append(conf, "; } );\n");
    folder_write(folder, "lexgate.conf", conf->str);
    assert_null(folder_load(folder, NULL, said));
    assert_true(every_line_has_a_place(said->str));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_refused_with_a_line_that_says_where_and_what_to_do),
        cmocka_unit_test(a_key_given_twice_names_both_files),
        cmocka_unit_test(a_missing_configuration_is_said),
        cmocka_unit_test(faults_of_the_registry_stop_it),
        cmocka_unit_test(nesting_without_end_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
