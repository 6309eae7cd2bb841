# SPDX-License-Identifier: Apache-2.0
"""A letter in a language that the client does not read is known by judges, which may open no file."""
import firms
from direct import give_as
from letters import BEN, PETER, letter

RULE = """rules: (
  { id = "reads-english"; when: { direction = "outgoing"; recipient: { is = "client"; language_differs = true; }; }; do = "reject"; on_unknown = "skip";
    say = "{client} does not read this."; },
"""
GERMAN = "Anbei erhalten Sie den unterschriebenen Mietvertrag. Das Gericht hat den Termin verlegt.\n"
ENGLISH = "Please find attached the signed lease. The court has moved the hearing to the third of May.\n"


def test_a_judge_knows_what_the_client_does_not_read(gateway):
    conf = firms.aldous()
    conf["lexgate.conf"] = conf["lexgate.conf"].replace("rules: (", RULE, 1)
    office = gateway(conf)
    for body, answer in ((GERMAN, "y"), (ENGLISH, "a"), ("Anbei der Vertrag.\n", "a"), (GERMAN + "\n> " + ENGLISH, "y"), (ENGLISH + "\n> " + GERMAN, "a")):
        reply = give_as(office, "ben@aldous.test", ["peter@quill.test"], letter(BEN, PETER, "The lease", body))
        assert reply[0] == answer, (body, reply)
        assert answer == "a" or b"does not read this" in reply[1]
    assert "ended by signal" not in office.gateway.text()
