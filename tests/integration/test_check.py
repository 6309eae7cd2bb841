# SPDX-License-Identifier: Apache-2.0
"""`lexgate check` on configurations as people break them: each one clear line that names the place and the way out."""
import re
import shutil
import subprocess

import pytest

import firms
import servers
from letters import certificate

CONF, STAFF, CLIENTS, MATTERS = "lexgate.conf", "staff.csv", "clients.csv", "matters.csv"

# file, what stands there, what somebody made of it, a word that the message must hold
BROKEN = [
    (CONF, 'direction = "incoming"; sender', 'direktion = "incoming"; sender', "direction"),
    (CONF, 'direction = "incoming"; sender', 'direction = "inbound"; sender', "incoming"),
    (CONF, "answer_within", "answer_withn", "answer_within"),
    (CONF, 'answer_within = "8h"', "answer_within = 8", "answer_within"),
    (CONF, 'answer_within = "8h"', 'answer_within = "8 hours"', "8 hours"),
    (CONF, 'calendar = "always";\n  ladder', 'calendar = "allways";\n  ladder', "always"),
    (CONF, 'calendar = "always"; unfiled', 'calendar = "berlin"; unfiled', "berlin"),
    (CONF, 'unfiled_level = "normal"', 'unfiled_level = "medium"', "medium"),
    (CONF, 'name = "Aldous & Partners"; ', "", "firm.name"),
    (CONF, 'domains = ["aldous.test"]; ', "", "domains"),
    (CONF, 'timezone = "Europe/London"', 'timezone = "Europe/Londn"', "Londn"),
    (CONF, '"00:00-24:00"', '"00:00-25:00"', "25:00"),
    (CONF, '"00:00-24:00"', '"nine to five"', "nine to five"),
    (CONF, "mon-sun", "mon-son", "mon-son"),
    (CONF, 'deadline = "standard"', 'deadline = "standart"', "standard"),
    (CONF, 'do = "hold"', 'do = "quarantine"', "hold"),
    (CONF, 'mode = "observe"', 'mode = "watch"', "observe"),
    (CONF, 'id = "client-question"', 'id = "ethical-wall"', "ethical-wall"),
    (CONF, 'subject = "bank details"', 'subject = "bank (details"', "bank (details"),
    (CONF, 'at = "50%"', 'at = "half"', "half"),
    (CONF, 'tell = ["owner"]', 'tell = ["ownr"]', "owner"),
    (CONF, 'level = ["confidential", "strict"]', 'level = ["confidental", "strict"]', "confidential"),
    (CONF, 'accept = ["end-to-end", "consent"]', 'accept = ["end2end"]', "end-to-end"),
    (CONF, 'otherwise = "reject"', 'otherwise = "accept"', "otherwise"),
    (CONF, 'is = "client"', 'is = "customer"', "client"),
    (CONF, "walled_off = true; }; }, {", 'walled_off = "yes"; }; }, {', "walled_off"),
    (CONF, "{missing}", "{mising}", "missing"),
    (CONF, 'name = "X-Firm-Origin"', 'name = "Content-Type"', "Content-Type"),
    (CONF, 'networks = ["10.1.0.0/16"]', 'networks = ["10.1.0.0/64"]', "10.1.0.0/64"),
    (CONF, 'networks = ["10.1.0.0/16"]', 'networks = ["10.1.0.0/16",]', "comma"),
    (CONF, "redis: {", "reddis: {", "redis"),
    (CONF, 'poll = "1s"', 'poll = "soon"', "poll"),
    (CONF, 'relay = "@RELAY@"', 'relay = "somewhere"', "relay"),
    (CONF, 'clients = "clients.csv"', 'clients = "customers.csv"', "customers.csv"),
    (CONF, "rules: (", "rules: {", "lexgate.conf"),
    (STAFF, "sam@aldous.test,Sam Whitfield,supervisor,litigation,mara", "sam@aldous.test,Sam Whitfield,supervisor,litigation,alice", "sam@aldous.test"),
    (STAFF, "ben@aldous.test,Ben", "alice@aldous.test,Ben", "alice@aldous.test"),
    (STAFF, "Walter Grey,lawyer", "Walter Grey,wizard", "wizard"),
    (STAFF, "walter@aldous.test,Walter", "walter at aldous,Walter", "walter at aldous"),
    (STAFF, "address,name,role", "adress,name,role", "address"),
    (CLIENTS, "client,name,addresses,language,channel,service_level,default_level", "client;name;addresses;language;channel;service_level;default_level", "commas"),
    (CLIENTS, "quill,Quill", "harbour,Quill", "harbour"),
    (CLIENTS, "peter@quill.test,en", "nora@harbour.test,en", "nora@harbour.test"),
    (CLIENTS, "mail,,normal\nquill", "mail,golden,normal\nquill", "golden"),
    (MATTERS, "2026-0201,quill", "2026-0201,quil", "quil"),
    (MATTERS, "confidential,alice", "secret,alice", "secret"),
    (MATTERS, "2026-0201,quill", "2026-0117,quill", "2026-0117"),
    (MATTERS, "ben@aldous.test,litigation", "bob@aldous.test,litigation", "bob@aldous.test"),
    (MATTERS, "Lease of the Mill Street shop,normal", 'Lease of the "Mill" Street shop,normal,,,,,,,,,,', "matters.csv"),
]


def lay(folder, conf):
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir()
    for name, text in conf.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        for word, value in (("@STATE@", folder), ("@RUN@", folder), ("@MILTER@", f"unix:{folder}/m.sock"), ("@REDIS@", folder / "r"),
                            ("@RELAY@", "127.0.0.1:25"), ("@REENTRY@", "127.0.0.1:10027")):
            text = text.replace(word, str(value))
        (folder / name).write_text(text)


def check(folder):
    return servers.run(servers.STAGE / "bin" / "lexgate", "-c", folder / "lexgate.conf", "check", check=False, timeout=servers.HANGS)


def test_the_whole_configuration_passes(tmp_path):
    for conf in (firms.aldous(), firms.brodie()):
        lay(tmp_path / "firm", conf)
        done = check(tmp_path / "firm")
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("accept, archive, warned", [('"smime"', "", True), ('"end-to-end", "openpgp"', "", True), ('"end-to-end", "consent"', "", False),
                                                     ('"smime"', 'encryption: { archive = "archive.pem"; };', False)])
def test_a_firm_that_could_not_read_what_is_encrypted_for_it_is_warned(tmp_path, accept, archive, warned):
    conf = firms.aldous()
    conf[CONF] = conf[CONF].replace('accept = ["end-to-end", "consent"]', f"accept = [{accept}]") + archive
    lay(tmp_path / "firm", conf)
    certificate(tmp_path / "away", "archive@aldous.test", "archive").rename(tmp_path / "firm" / "archive.pem")
    done = check(tmp_path / "firm")
    said = re.findall(r"lexgate\.conf:\d+: warning: rule confidential-needs-encryption lets the gateway encrypt .* only the recipients can read", done.stderr)
    assert done.returncode == 0 and len(said) == warned, done.stderr


@pytest.mark.parametrize("number", range(len(BROKEN)))
def test_what_people_break_gets_one_clear_line(tmp_path, number):
    name, good, bad, word = BROKEN[number]
    conf = firms.aldous()
    assert good in conf[name]
    at = conf[name].index(good)
    conf[name] = conf[name].replace(good, bad, 1)
    lay(tmp_path / "firm", conf)
    done = check(tmp_path / "firm")
    assert done.returncode == 1, done.stdout + done.stderr
    errors = [line for line in done.stderr.splitlines() if ": error: " in line]
    assert len(errors) == 1, done.stderr
    assert word in errors[0]
    place = re.match(r".*/?(lexgate\.conf|\w+\.csv)(:(\d+))?: error: ", errors[0])
    assert place, errors[0]
    if place.group(3) and place.group(1) == name and "Aldous & Partners" not in good and "domains" not in good:
        line = conf[name].replace("@MILTER_EXTRA@", "")[:at].count("\n") + 1
        assert abs(int(place.group(3)) - line) <= 3, (errors[0], line)


def test_the_daemons_say_the_same_and_do_not_start(tmp_path):
    conf = firms.aldous()
    conf[CONF] = conf[CONF].replace("answer_within", "answer_withn")
    lay(tmp_path / "firm", conf)
    for program in ("lexgate-milter", "lexgate-escalated"):
        done = subprocess.run([servers.STAGE / "sbin" / program, "-c", tmp_path / "firm" / CONF, "-t"], capture_output=True, text=True, timeout=servers.HANGS)
        assert done.returncode != 0 and "answer_within" in done.stderr, done.stderr


DUE = """{ id = "try-again"; when: { direction = "relayed"; }; do = "hold";
  except = ( { when: { subject = "x"; }; owner = "alice@aldous.test"; until = "2026-01-31"; why = "the migration"; },
             { when: { subject = "y"; }; owner = "ben@aldous.test"; until = "2099-01-31"; why = "the other firm"; } ); }, """


def test_reviews_and_exceptions_that_are_due_are_told_everywhere(tmp_path):
    """What has an end of its own and has come to it: check, doctor, and both daemons before they start, in one line with its place."""
    conf = firms.aldous()
    conf[CONF] = conf[CONF].replace("rules: (", "rules: ( " + DUE, 1).replace('version = "2026.11";', 'version = "2026.11"; review_by = "2026-02-28";')
    lay(tmp_path / "firm", conf)
    path = tmp_path / "firm" / CONF
    for program in (("bin/lexgate", "check"), ("bin/lexgate", "doctor"), ("sbin/lexgate-milter", "-t"), ("sbin/lexgate-escalated", "-t")):
        done = subprocess.run([servers.STAGE / program[0], "-c", path, program[1]], capture_output=True, text=True)
        said = (done.stdout + done.stderr).splitlines()
        review = [line for line in said if "the policy was to be reviewed by 2026-02-28; review it and set a new day" in line]
        ended = [line for line in said if "for which alice@aldous.test answers ended on 2026-01-31: the rule holds again" in line]
        assert len(review) == 1 and len(ended) == 1, said
        assert re.search(r"lexgate\.conf:\d+: warning: ", review[0]) and re.search(r"lexgate\.conf:\d+: warning: ", ended[0])
        assert not any("ben@aldous.test answers" in line for line in said), "it is not over"
        assert program[1] == "doctor" or done.returncode == 0
    assert "was due by 2026-02-28" in subprocess.run([servers.STAGE / "bin/lexgate", "-c", path, "doctor"], capture_output=True, text=True).stdout
