# SPDX-License-Identifier: Apache-2.0
"""`lexgate postfix-recipe`, plain and strict, taken literally: copies come in again, and aliases are what they should be."""
import re
import shutil

import pytest

import sealfirm
import servers
from letters import ALICE, letter, mark
from sealfirm import SECRET, by_recipient, opened, wait_for_all
from test_recipe import AS_INSTALLED, apply_main, complaints, recipe

NORA, OLAF, BEN, DESK = "nora@harbour.test", "olaf@harbour.test", "ben@aldous.test", "desk@aldous.test"


def make(own_office, *options):
    """A Postfix that knows nothing of Lexgate, then the recipe, with ports that are free here."""
    conf = sealfirm.conf(more='inside: { trusted_relays = ["127.0.0.2"]; };\n' if "--strict" in options else "")
    if "--strict" in options:
        conf["lexgate.conf"] = re.sub(r"\ninside: \{ networks.*\n", "\n", conf["lexgate.conf"], count=1)
    office = sealfirm.make(own_office, conf=conf, start=False)
    office.postfix.reenters = False
    office.postfix.settings.update(AS_INSTALLED, virtual_alias_maps=f"texthash:{office.postfix.config}/aliases",
                                   smtpd_sender_login_maps=f"texthash:{office.postfix.config}/logins")
    folder = office.postfix.queue / "lexgate"
    folder.mkdir(parents=True)
    folder.chmod(0o750)
    shutil.chown(folder, office.user, "postfix")
    office.milter_address = str(folder / "milter.sock")
    office.config.write_text(office.config.read_text().replace(office.milter_socket, f"unix:{office.milter_address}"))
    office.postfix.config.mkdir(parents=True)
    (office.postfix.config / "aliases").write_text(f"{DESK} {BEN}, {OLAF}\n")
    (office.postfix.config / "logins").write_text("".join(f"{login} {login}\n" for login in office.logins))
    office.start()
    lines, master = recipe(office, *options)
    hop, submission = servers.free_port(), servers.free_port()
    master = master.replace("127.0.0.1:10026", f"127.0.0.1:{hop}").replace("[127.0.0.1]:10026", f"[127.0.0.1]:{hop}")
    master = re.sub("^submission inet", f"127.0.0.1:{submission} inet", master, flags=re.M).replace(" inet n - y - - ", " inet n - n - - ").replace("smtpd_tls_security_level=encrypt", "smtpd_tls_security_level=none")
    apply_main(office, [line.replace("127.0.0.1]:10026", f"127.0.0.1]:{hop}") for line in lines], master)
    office.login_port = submission if "--strict" in options else office.postfix.submission
    servers.wait_for(lambda: all(servers.can_connect(("127.0.0.1", port)) for port in (office.postfix.reentry, office.login_port)),
                     what="the recipe's listeners")
    return office


def wait_for_no_complaint(office):
    """Postfix begins to listen when it comes to it."""
    servers.wait_for(lambda: "postfix re-entry" not in complaints(office), 20, "a listener that the doctor finds right", 0.5)


@pytest.mark.parametrize("options", [(), ("--strict",)], ids=["plain", "strict"])
def test_copies_come_in_again_by_the_recipe(own_office, options):
    office = make(own_office, *options)
    wait_for_no_complaint(office)
    message = letter(ALICE, NORA, "by recipe", SECRET + "\n")
    everybody = [NORA, OLAF, BEN]
    code, text = office.submit("alice@aldous.test", "alice@aldous.test", everybody, message.as_bytes(), port=office.login_port)
    assert code == 250, text
    got = wait_for_all(office, "by recipe", everybody)
    assert {address: len(copies) for address, copies in got.items()} == dict.fromkeys(everybody, 1)
    assert SECRET.encode() in got[BEN][0] and mark(message).encode() in got[BEN][0]
    for name in ("nora", "olaf"):
        address = f"{name}@harbour.test"
        assert SECRET.encode() not in got[address][0] and SECRET.encode() in opened(office, name, got[address][0])
    assert all(b"X-Lexgate-Copy" not in copies[0] for copies in got.values())
    office.postfix.wait_empty()


def test_an_alias_that_leads_outside_gets_encrypted_mail_behind_the_second_hop(own_office):
    office = make(own_office, "--strict")
    message = letter(ALICE, f"{NORA}, {DESK}", "by alias", SECRET + "\n")
    code, text = office.submit("alice@aldous.test", "alice@aldous.test", [NORA, DESK], message.as_bytes(), port=office.login_port)
    assert code == 250, text
    got = wait_for_all(office, "by alias", [NORA, OLAF, BEN])
    assert SECRET.encode() in got[BEN][0] and len(got[BEN]) == len(got[OLAF]) == 1
    assert SECRET.encode() not in got[OLAF][0] and SECRET.encode() in opened(office, "olaf", got[OLAF][0])


BROKEN = [({"milter_macro_daemon_name=lexgate-reentry": "milter_macro_daemon_name=other"}, "milter_macro_daemon_name=lexgate-reentry"),
          ({"local_header_rewrite_clients=\n": "local_header_rewrite_clients=permit_mynetworks\n"}, "rewritten"),
          ({"smtpd_milters=unix:lexgate/milter.sock\n    -o content_filter=": "smtpd_milters=\n    -o content_filter="}, "unjudged")]


def test_the_doctor_sees_what_is_wrong_with_the_listener(own_office):
    office = make(own_office)
    path = office.postfix.config / "master.cf"
    good = path.read_text()
    for changes, said in BROKEN:
        broken = good
        for old, new in changes.items():
            assert old in broken, old
            broken = broken.replace(old, new)
        path.write_text(broken)
        found = complaints(office)["postfix re-entry"]
        assert found["state"] == "fail" and said in found["what"] and "postfix-recipe" in found["do"], found
    path.write_text(good)
    wait_for_no_complaint(office)
    assert not by_recipient(office, "anything")
