# SPDX-License-Identifier: Apache-2.0
"""Debian's Sendmail twice, by the strict lines of conf/sendmail: aliases are followed first, Lexgate judges behind them."""
import re
import smtplib
import subprocess

import pytest

import firms
import sealfirm
import servers
from letters import ALICE, letter, mark
from sealfirm import SECRET, by_recipient, opened, wait_for_all
from test_copies_sendmail import lines_of
from test_sendmail import Sendmail, unpacked  # noqa: F401

NORA, OLAF, QUENTIN = (f"{name}@harbour.test" for name in ("nora", "olaf", "quentin"))  # the last has no certificate
BEN, CARLA, DESK, COUNTER = (f"{name}@aldous.test" for name in ("ben", "carla", "desk", "counter"))
ALIASES = f"desk: ben, {OLAF}\ncounter: ben, {QUENTIN}\ncarla: \\carla, {OLAF}\n"
STAFF, OTHERS = "relay=[127.0.0.2]", "relay=[127.0.0.3]"


def with_logins(folder, logins):
    """Lines of a .mc by which a Sendmail with this folder as /mnt takes logins, each with the password "secret"."""
    folder.mkdir()
    for login in logins:
        user, realm = login.split("@")
        subprocess.run(["saslpasswd2", "-p", "-c", "-f", folder / "sasldb2", "-u", realm, user], input="secret", text=True, check=True)
    (folder / "Sendmail.conf").write_text("pwcheck_method: auxprop\nauxprop_plugin: sasldb\nsasldb_path: /mnt/sasldb2\nmech_list: PLAIN\n")
    (folder / "logins").write_text("".join(f"{login}/{login}\n" for login in logins))
    return "define(`confAUTH_MECHANISMS', `PLAIN')dnl\nLOCAL_CONFIG\nESASL_CONF_PATH=/mnt\n"


def make():
    conf = sealfirm.conf()
    reentry = servers.free_port()
    text = conf["lexgate.conf"].replace("@REENTRY@", f"127.0.0.1:{reentry}")
    conf["lexgate.conf"] = re.sub(r"\ninside: \{ networks.*\n", '\ninside: { trusted_relays = ["127.0.0.2"]; };\n', text, count=1)
    office = sealfirm.make(lambda conf, start, **kw: servers.Office(conf, "aldous.test", firms.ALDOUS_LOGINS, **kw), conf=conf, start=False, milter_inet=True)
    office.reentry_port, office.hop_port = reentry, servers.free_port()
    return office


@pytest.fixture(scope="module")
def office(unpacked):  # noqa: F811
    """A firm with both Sendmails: `first`, which the world and staff reach, and `hop`."""
    office, parts = make(), []
    try:
        office.redis.start()
        office.sink.start()
        office.start_gateway()
        milter = f"inet:{office.milter_address[1]}@127.0.0.1"
        folder = office.folder / "hop"
        hop = lines_of("lexgate.mc", **{"unix:/run/lexgate/milter.sock": milter, "Port=10027": f"Port={office.reentry_port}"}) + lines_of(
            "strict-hop.mc", **{"Port=10026": f"Port={office.hop_port}", "/var/spool/lexgate-hop": f"{folder}/queue", "/run/sendmail": str(folder),
                                "/var/lib/sendmail": str(folder)})
        logins = office.folder / "logins"
        first = with_logins(logins, office.logins) + lines_of("strict-first.mc", **{"] 10026": f"] {office.hop_port}", "/etc/mail/lexgate-logins": "/mnt/logins"})
        office.hop = Sendmail(unpacked, folder, None, office.sink.port, recipe=hop)
        office.first = Sendmail(unpacked, office.folder / "first", None, office.sink.port, recipe=first, local="aldous.test", aliases=ALIASES,
                                accounts=[login.split("@")[0] for login in office.logins], mnt=logins, queue_run="-q1s")
        for sendmail in (office.hop, office.first):
            sendmail.folder.mkdir()
            parts.append(sendmail)
            sendmail.start()
        yield office
        outside = [mail for mail in office.sink.mails if any(not address.endswith("@aldous.test") for address in mail.recipients)]
        assert not [mail.recipients for mail in outside if SECRET.encode() in mail.data], "on the wire in clear"
    finally:
        for sendmail in parts:
            sendmail.stop()
        office.remove()


def submit(office, recipients, message, sender="alice@aldous.test"):
    return office.submit("alice@aldous.test", sender, recipients, message.as_bytes(), port=office.first.port)


def came_from(office, message):
    """What the second Sendmail's log says of the connection that brought a message."""
    log = (office.hop.folder / "mail.log").read_text()
    return re.findall(rf"msgid={re.escape(message['Message-ID'])}, .*daemon=lexgate-hop, (relay=\S+)", log)


def test_an_alias_that_leads_outside_gets_encrypted_mail_behind_the_second_sendmail(office):
    message = letter(ALICE, f"{NORA}, {DESK}", "by alias", SECRET + "\n")
    assert submit(office, [NORA, DESK], message)[0] == 250
    got = wait_for_all(office, "by alias", [NORA, OLAF, BEN])
    assert {address: len(copies) for address, copies in got.items()} == dict.fromkeys([NORA, OLAF, BEN], 1)
    assert SECRET.encode() in got[BEN][0] and mark(message).encode() in got[BEN][0]
    for name in ("nora", "olaf"):
        copy = got[f"{name}@harbour.test"][0]
        assert SECRET.encode() not in copy and SECRET.encode() in opened(office, name, copy)
    assert came_from(office, message) == [STAFF], "one transaction"


def test_an_alias_that_leads_to_somebody_without_a_certificate_lets_nobody_have_it(office):
    message = letter(ALICE, COUNTER, "to the counter", SECRET + "\n")
    assert submit(office, [COUNTER], message)[0] == 250
    bounce = office.sink.wait(lambda m: m.recipients == ["alice@aldous.test"] and b"multipart/report" in m.data and mark(message).encode() in m.data)[0]
    assert QUENTIN.encode() in bounce.data and b"certificate" in bounce.data
    assert not by_recipient(office, "to the counter")


def test_a_forward_is_a_line_of_the_aliases_file_and_nothing_else(office):
    home = office.first.folder / "home" / "ben"
    home.mkdir(parents=True)
    (home / ".forward").write_text(f"\\ben, {OLAF}\n")
    message = letter(ALICE, f"{BEN}, {CARLA}", "forwarded", SECRET + "\n")
    assert submit(office, [BEN, CARLA], message)[0] == 250
    got = wait_for_all(office, "forwarded", [BEN, CARLA, OLAF])
    assert {address: len(copies) for address, copies in got.items()} == dict.fromkeys([BEN, CARLA, OLAF], 1)
    assert SECRET.encode() in got[CARLA][0] and SECRET.encode() in opened(office, "olaf", got[OLAF][0])


def test_only_a_login_makes_mail_a_colleagues_also_when_it_has_waited(office):
    ours, forged = (letter(ALICE, BEN, subject, SECRET + "\n") for subject in ("after a wait", "forged"))
    office.gateway.stop()
    assert submit(office, [BEN], ours)[0] == 250 and office.first.send("alice@aldous.test", BEN, forged)[0] == 250
    log = office.first.folder / "mail.log"
    servers.wait_for(lambda: len(set(re.findall(r"(\w+): to=.*stat=Deferred", log.read_text()))) == 2, 20, "both to wait")
    office.start_gateway()
    servers.wait_for(lambda: came_from(office, ours) and came_from(office, forged), 20, "both to come")
    assert set(came_from(office, ours)) == {STAFF} and set(came_from(office, forged)) == {OTHERS}
    code, text = submit(office, [NORA], letter("Ben <ben@aldous.test>", NORA, "as somebody else", "-\n"), sender="ben@aldous.test")
    assert code == 553 and "not owned" in text


def refused(port, source):
    with smtplib.SMTP("127.0.0.1", port, timeout=servers.HANGS, source_address=(source, 0)) as smtp:
        smtp.ehlo("x.test")
        return smtp.mail("alice@aldous.test")[0] >= 500


def test_nobody_else_comes_in_by_the_second_hop_and_nothing_leaves_by_the_first(office):
    assert refused(office.hop_port, "127.0.0.1") and refused(office.hop.port, "127.0.0.2")
    assert refused(office.reentry_port, "127.0.0.2") and not refused(office.reentry_port, "127.0.0.1")
    ways = re.findall(r"^\s*(?:M\w+,.*)?\bA=(TCP.*)$", (office.first.folder / "sendmail.cf").read_text(), re.M)
    assert len(ways) >= 5 and set(ways) == {f"TCP [127.0.0.1] {office.hop_port}"}
    code, _ = office.first.send("nora@harbour.test", "nobody-here@aldous.test", letter("Nora <nora@harbour.test>", BEN, "to nobody", "-\n"))
    assert code == 550, "an unknown account is known at the door"
