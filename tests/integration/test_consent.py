# SPDX-License-Identifier: Apache-2.0
"""A client who agreed to mail in clear: it leaves, and the record says by whose word and until when; without it, nothing leaves."""
import datetime
import json

import firms
from letters import ALICE, NORA, PETER, letter, mark

TODAY = datetime.date.today()
SOON, OVER = TODAY + datetime.timedelta(days=9), TODAY - datetime.timedelta(days=9)


def firm():
    conf = firms.aldous()
    conf["clients.csv"] = ("client,name,addresses,language,channel,service_level,default_level,consent\n"
                           f'harbour,Harbour Shipping Ltd,@harbour.test,en,mail,,normal,"who=Nora Finch, director;when=2026-01-01;scope=2026-0117;until={SOON}"\n'
                           f"quill,Quill Books,peter@quill.test,en,mail,,confidential,who=Peter Quill;when=2026-01-01;scope=all;until={OVER}\n")
    conf["matters.csv"] = conf["matters.csv"].replace("Mill Street shop,normal", "Mill Street shop,confidential")
    return conf


def test_what_leaves_by_consent_names_it_in_the_record(own_office):
    office = own_office(firm())
    by_consent, over = letter(ALICE, NORA, "[2026-0117] in clear"), letter(ALICE, PETER, "in clear too")
    assert office.submit("alice@aldous.test", "alice@aldous.test", "nora@harbour.test", by_consent.as_bytes())[0] == 250
    office.sink.wait(lambda m: mark(by_consent).encode() in m.data)
    code, text = office.submit("alice@aldous.test", "alice@aldous.test", "peter@quill.test", over.as_bytes())
    assert code == 550 and "consent" in text, "a consent that is over is no way"
    assert not office.sink.find(lambda m: mark(over).encode() in m.data)

    journal = (office.state / "journal").rglob("*.jsonl")
    raw = "".join(path.read_text() for path in journal)
    assert f'"consents":[{{"client":"harbour","when":"2026-01-01","scope":"2026-0117","until":"{SOON}"}}]' in raw
    assert raw.count('"consents"') == 1 and "director" not in raw
    found = office.lexgate("journal", "search", "--client", "harbour", "--kind", "decision", "--open", check=True).stdout
    entry = next(json.loads(line) for line in found.splitlines() if '"consents"' in line)
    assert "Nora Finch, director" in json.dumps(entry), entry
    assert entry["reached"] == ["nora@harbour.test: in clear, by consent"]
    (office.folder / "m.eml").write_bytes(by_consent.as_bytes())
    explained = office.lexgate("explain", "--auth", "alice@aldous.test", office.folder / "m.eml").stdout
    assert f"goes by consent in clear: Nora Finch, director, from 2026-01-01 until {SOON}, for matter 2026-0117" in explained

    checked = office.lexgate("check")
    assert checked.returncode == 0
    said = checked.stdout + checked.stderr
    assert f"clients.csv:2: warning: the consent of client harbour to mail in clear ends on {SOON}" in said
    assert f"clients.csv:3: warning: the consent of client quill to mail in clear ended on {OVER}" in said
