# SPDX-License-Identifier: Apache-2.0
"""Verified TLS through a real Postfix: the table of `lexgate postfix-tls-policy` against mail servers that are as they should be
and servers that are not, what `lexgate doctor` makes of a Postfix that does not insist, and what --probe sees."""
import json

import firms
import pytest
import servers
import tlslab
from letters import ALICE, letter

SECRET = "the secret words of the settlement"

# Domain: (what the column tls says, host of its MX, whose certificate in which name, for how many days; None: no STARTTLS)
RIGHT = {
    "right.test": ("mx1.right.test mx2.right.test", "mx1.right.test", ("trusted", "mx1.right.test", 30)),
    "housed.test": ("in.mailhouse.test", "in.mailhouse.test", ("trusted", "in.mailhouse.test", 30)),
    "dane.test": ("dane-only", "mx1.dane.test", ("stranger", "mx1.dane.test", 30)),
    "sts.test": ("mta-sts", "in.sts.test", ("trusted", "in.sts.test", 30)),
}
WRONG = {
    "wrongname.test": ("mx1.wrongname.test", "mx1.wrongname.test", ("trusted", "mx1.else.test", 30)),
    "itsownname.test": ("mx1.itsownname.test", "evil.else.test", ("trusted", "evil.else.test", 30)),  # a forged MX record
    "expired.test": ("mx1.expired.test", "mx1.expired.test", ("trusted", "mx1.expired.test", -1)),
    "stranger.test": ("mx1.stranger.test", "mx1.stranger.test", ("stranger", "mx1.stranger.test", 30)),
    "clear.test": ("mx1.clear.test", "mx1.clear.test", None),
    "notlsa.test": ("dane-only", "mx1.notlsa.test", ("trusted", "mx1.notlsa.test", 30)),
    "otherkey.test": ("dane-only", "mx1.otherkey.test", ("trusted", "mx1.otherkey.test", 30)),
    "stsaway.test": ("mta-sts", "in.mailhouse.example", ("trusted", "in.mailhouse.example", 30)),
}
ALL = {**RIGHT, **WRONG}


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    lab = tlslab.Lab(servers.tempfile.mkdtemp(prefix="lexgate-tls-", dir="/tmp"))
    for domain, (_, host, certificate) in ALL.items():
        lab.serve(domain, host, getattr(lab, certificate[0]).certify(*certificate[1:]) if certificate else None)
    lab.names.tlsa("mx1.dane.test", lab.port, lab.folder / "stranger-mx1.dane.test-30.crt")
    lab.names.tlsa("mx1.otherkey.test", lab.port, lab.folder / "stranger-mx1.dane.test-30.crt")
    yield lab
    lab.stop()
    servers.shutil.rmtree(lab.folder)


def firm():
    conf = firms.aldous()
    rows = [f"{domain.split('.')[0]},{domain},@{domain} ann@{domain.split('.')[0]}.guest.test,en,mail,,confidential,{tls}" for domain, (tls, _, _) in ALL.items()]
    conf["clients.csv"] = "client,name,addresses,language,channel,service_level,default_level,tls\n" + "\n".join(rows) + "\n"
    conf["matters.csv"] = conf["matters.csv"].splitlines()[0] + "\n"
    conf["lexgate.conf"] = conf["lexgate.conf"].replace('accept = ["end-to-end"', 'accept = ["end-to-end", "verified-tls"', 1)
    assert '"verified-tls"' in conf["lexgate.conf"]
    return conf


@pytest.fixture(scope="module")
def running(lab):
    with servers.Office(firm(), "aldous.test", firms.ALDOUS_LOGINS) as office:
        office.postfix.within = lab.names.within
        office.postfix.settings.update({"default_transport": "smtp", "smtp_tcp_port": lab.port, "smtp_tls_security_level": "may",
                                        "smtp_dns_support_level": "dnssec", "smtp_tls_CAfile": lab.trusted.file, "smtp_address_preference": "ipv4"})
        yield office.start()


@pytest.fixture
def house(running):
    """A firm whose Postfix finds its clients by MX records and does not know of verified TLS yet."""
    before = dict(running.postfix.settings)
    yield running
    running.postfix.settings.clear()
    configure(running, **before)


def configure(office, **settings):
    """What the doctor reads; nobody is told to reload."""
    office.postfix.settings.update(settings)
    office.postfix._write_config()


def doctor(office, lab, *options):
    done = servers.run(*lab.names.within, servers.STAGE / "bin" / "lexgate", "-c", office.config, "doctor", "--json", "--postfix-config",
                       office.postfix.config, *options, check=False)
    return json.loads(done.stdout)


def of_tls(office, lab):
    return [f for f in doctor(office, lab) if "TLS" in f["check"] or "tls" in f["check"] or "dns_support" in f["check"]]


def make_table(office, kind="hash"):
    table = office.postfix.config / "lexgate-tls-policy"
    table.write_text(office.lexgate("postfix-tls-policy", check=True).stdout)
    if kind == "hash":
        servers.run("postmap", f"hash:{table}")
    return f"{kind}:{table}"


def withdraw(office, lab):
    """Nothing of Postfix waits or is on its way any more, and the servers forget what they heard of it."""
    servers.run("postsuper", "-c", office.postfix.config, "-d", "ALL")
    servers.wait_for(lambda: not office.postfix.queue_listing(), what="the queue to be empty")
    office.postfix.stop()
    for server in lab.servers.values():
        server.clear = server.sealed = b""


def deferred(office, recipient):
    return [r["delay_reason"] for m in office.postfix.queue_listing() for r in m["recipients"] if r["address"] == recipient and r.get("delay_reason")]


def test_the_doctor_says_what_keeps_postfix_from_insisting(house, lab):
    def state():
        return [(f["state"], f["what"]) for f in of_tls(house, lab) if f["state"] != "ok"]

    (fail, what), = state()
    assert fail == "fail" and f"{len(ALL)} of {len(ALL)}" in what and "may leave in clear" in what
    table = make_table(house)
    configure(house, smtp_tls_policy_maps=table)
    assert state() == []
    assert [f["check"] for f in of_tls(house, lab)] == ["postfix verified TLS", "postfix TLS table"]

    source = house.postfix.config / "lexgate-tls-policy"
    good = source.read_text()
    for line, found in (("right.test may", "right.test: may"), ("right.test secure match=hostname", "right.test: secure match=hostname"),
                        ("right.test verify", "right.test: verify"), ("right.test secure match=mx9.right.test", "not as the register says (right.test")):
        source.write_text(good.replace("right.test secure match=mx1.right.test:mx2.right.test", line))
        servers.run("postmap", table)
        assert found in state()[0][1], line
    source.write_text(good)
    assert any("was changed after" in what for _, what in state())
    source.write_text(good.replace("lexgate-digest.invalid ", "lexgate-digest.invalid 0"))
    servers.run("postmap", table)
    assert state() == [("warn", "the table was made from another register than the one in force")]
    make_table(house)
    assert state() == []

    for settings, found in (({"relayhost": "[127.0.0.1]:9"}, "relayhost takes mail for"),
                            ({"default_transport": "smtp:[127.0.0.1]:9"}, "default_transport takes mail for"),
                            ({"transport_maps": "inline:{ { .right.test = smtp:[127.0.0.1]:9 }, { right.test = smtp:[127.0.0.1]:9 } }"},
                             "transport_maps takes mail for right.test to [127.0.0.1]:9"),
                            ({"smtp_tls_CAfile": ""}, "trusts no authority"),
                            ({"smtp_dns_support_level": ""}, "without DNSSEC"),
                            ({"sender_dependent_relayhost_maps": "inline:{a=b}"}, "depends on its sender"),
                            ({"smtp_tls_policy_maps": "hash:/nowhere/at/all"}, "may leave in clear")):
        before = {name: house.postfix.settings.get(name, "") for name in settings}
        configure(house, **settings)
        assert any(found in what for _, what in state()), (settings, state())
        configure(house, **before)
    configure(house, transport_maps="inline:{ { right.test = smtp: } }")
    assert state() == [], "a transport without a place of its own leaves the domain's MX"


def test_mail_leaves_by_verified_tls_or_not_one_byte_of_it(house, lab):
    house.postfix.reload(smtp_tls_policy_maps=make_table(house))
    for domain in ALL:
        message = letter(ALICE, f"ann@{domain}", body=SECRET + "\n").as_bytes()
        assert house.submit("alice@aldous.test", "alice@aldous.test", f"ann@{domain}", message)[0] == 250
    for domain in RIGHT:
        servers.wait_for(lambda: lab.servers[domain].mails, what=f"the mail to {domain}: {deferred(house, f'ann@{domain}')}")
    for domain in WRONG:
        servers.wait_for(lambda: deferred(house, f"ann@{domain}"), what=f"the mail to {domain} to be deferred")
    for domain, server in lab.servers.items():
        good = domain in RIGHT
        assert len(server.mails) == good and all(under_tls for under_tls, _ in server.mails), domain
        assert (SECRET.encode() in server.sealed) == good, domain
        heard = server.clear + (b"" if good else server.sealed)
        for word in (SECRET.encode(), b"MAIL FROM", b"RCPT TO", b"DATA", b"alice@", b"hearing"):
            assert word not in heard, (domain, heard)


def test_the_record_says_what_was_demanded_of_the_mail_server(house):
    message = letter(ALICE, "ann@dane.test, ann@right.test", "on record", SECRET + "\n").as_bytes()
    assert house.submit("alice@aldous.test", "alice@aldous.test", ["ann@dane.test", "ann@right.test"], message)[0] == 250
    found = house.lexgate("journal", "search", "--kind", "decision", "--open", check=True).stdout.splitlines()
    entry = next(e for e in map(json.loads, found) if e["opened"].get("subject") == "on record")
    assert entry["reached"] == ["ann@dane.test: the mail server demands verified TLS (dane-only)",
                                "ann@right.test: the mail server demands verified TLS (secure match=mx1.right.test:mx2.right.test)"]


def test_an_address_outside_the_clients_own_domains_is_not_covered(house):
    message = letter(ALICE, "ann@right.guest.test", body=SECRET + "\n").as_bytes()
    code, text = house.submit("alice@aldous.test", "alice@aldous.test", "ann@right.guest.test", message)
    assert code == 550 and "encrypt" in text
    message = letter(ALICE, "ann@mail.right.test, ann@right.test", body=SECRET + "\n").as_bytes()
    assert house.submit("alice@aldous.test", "alice@aldous.test", ["ann@mail.right.test", "ann@right.test"], message)[0] == 550


def test_the_doctor_tries_the_servers_of_a_domain_on_request(house, lab):
    words = {"wrongname.test": "hostname mismatch", "itsownname.test": "hostname mismatch", "expired.test": "expired",
             "stranger.test": "untrusted issuer", "clear.test": "do not offer STARTTLS", "notlsa.test": "no TLSA records",
             "otherkey.test": "verification failed", "stsaway.test": "hostname mismatch"}
    lab.serve("newcomer.test", "mx.newcomer.test", lab.trusted.certify("mx.newcomer.test"))
    withdraw(house, lab)
    found = {f["check"]: f for f in doctor(house, lab, *(f"--probe={d}" for d in [*ALL, "newcomer.test", "absent.test", "no domain"]))
             if f["check"].startswith("probe")}
    for domain in RIGHT:
        assert found[f"probe {domain}"]["state"] == "ok" and "TLSv1" in found[f"probe {domain}"]["what"], found
    for domain, word in words.items():
        assert found[f"probe {domain}"]["state"] == "fail" and word in found[f"probe {domain}"]["what"], found[f"probe {domain}"]
    assert found["probe newcomer.test"]["state"] == "ok" and "mx.newcomer.test" in found["probe newcomer.test"]["what"]
    assert found["probe absent.test"]["state"] == "fail" and "no domain" in found["probe"]["what"]
    assert [host for host, server in lab.servers.items() if b"MAIL" in server.clear or b"EHLO" not in server.clear] == []
