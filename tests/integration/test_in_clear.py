# SPDX-License-Identifier: Apache-2.0
"""Mail on hold because somebody has no way to get it encrypted: it goes on only when a person says that it may, and why."""
import json

import servers
from letters import ALICE, NORA, letter, mark
from sealfirm import SECRET, conf, make

PETER = "Peter Quill <peter@quill.test>"
SAM = ("--by", "sam@aldous.test")


def test_what_would_leave_in_clear_goes_only_by_a_decision_with_a_reason(own_office):
    office = make(own_office, conf=conf(otherwise="hold"))
    message = letter(ALICE, f"{NORA}, {PETER}", "Our offer", SECRET + "\n")
    recipients = ["nora@harbour.test", "peter@quill.test"]
    assert office.submit("alice@aldous.test", "alice@aldous.test", recipients, message.as_bytes())[0] == 250
    held, = servers.wait_for(lambda: json.loads(office.lexgate("held", "--json").stdout), what="held mail")
    assert held["in_clear"] == "yes" and "peter@quill.test" in held["in_clear_to"]
    assert "would leave unencrypted to" in office.lexgate("held").stdout
    queue_id = held["queue_id"]
    for options in ((), ("--note", "it is urgent"), ("--in-clear",), ("--in-clear", "--note", "  ")):
        done = office.lexgate("release", queue_id, *options, *SAM)
        assert done.returncode != 0 and "--in-clear" in done.stderr, done
    assert [m for m in office.postfix.queue_listing() if m["queue_name"] == "hold"] and not office.sink.find(lambda m: SECRET.encode() in m.data)
    assert office.lexgate("release", queue_id, "--in-clear", "--note", "Peter asked for it on the telephone", *SAM).returncode == 0
    office.sink.wait(lambda m: mark(message).encode() in m.data and "peter@quill.test" in m.recipients)
    entries = [json.loads(line) for line in office.lexgate("journal", "search", "--id", queue_id, "--open", check=True).stdout.splitlines()]
    released, = [e for e in entries if e["kind"] == "released"]
    assert released["in_clear"] is True and "on the telephone" in json.dumps(released["opened"])
    assert office.lexgate("journal", "verify").returncode == 0
