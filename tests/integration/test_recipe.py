# SPDX-License-Identifier: Apache-2.0
"""`lexgate postfix-recipe`, taken at its word, and `lexgate doctor` before and after and when something breaks."""
import json
import os
import shutil

import firms
import pytest
import servers
from letters import BEN, PETER, ask, mark

AS_INSTALLED = {"smtpd_milters": "", "non_smtpd_milters": "", "milter_protocol": "2", "milter_default_action": "accept",
                "smtpd_forbid_bare_newline": "no", "enable_long_queue_ids": "no", "internal_mail_filter_classes": ""}


def findings(office):
    return {f["check"]: f for f in json.loads(office.lexgate("doctor", "--json").stdout) if f["state"] != "ok" or f["check"] == "postfix access"}


def complaints(office):
    return {check: f for check, f in findings(office).items() if f["state"] != "ok" and check not in ("clock", "policy review")}


def make_office(own_office, below_queue=False, chroot="n", **kw):
    """A Postfix that knows nothing of Lexgate yet."""
    office = own_office(start=False, **kw)
    office.postfix.settings.update(AS_INSTALLED)
    office.postfix.chroot = chroot
    office.postfix.reenters = False
    if below_queue:
        folder = office.postfix.queue / "lexgate"
        folder.mkdir(parents=True)
        folder.chmod(0o750)
        shutil.chown(folder, office.user, "postfix")
        office.milter_address = str(folder / "milter.sock")
        office.config.write_text(office.config.read_text().replace(office.milter_socket, f"unix:{office.milter_address}"))
    return office.start()


def recipe(office, *options):
    done = office.lexgate("postfix-recipe", *options, check=True)
    main, _, master = done.stdout.partition("# ---- master.cf ----\n")
    return [line for line in main.splitlines() if line and line[0] != "#"], master


def apply_main(office, lines, master):
    servers.run("postconf", "-c", office.postfix.config, "-e", *lines)
    with open(office.postfix.config / "master.cf", "a") as file:
        file.write(master)
    servers.run("postfix", "-c", office.postfix.config, "reload")


@pytest.mark.parametrize("how", [{"below_queue": True}, {"below_queue": True, "chroot": "y"}, {"milter_inet": True}],
                         ids=["unix", "chrooted", "inet"])
def test_the_recipe_taken_literally_connects_postfix(own_office, how):
    office = make_office(own_office, **how)
    before = complaints(office)
    assert set(before) >= {f"postfix {name}" for name in AS_INSTALLED}
    lines, master = recipe(office)
    apply_main(office, lines, master)
    servers.wait_for(lambda: not [check for check in complaints(office) if check.startswith("postfix")], 20, "a Postfix without complaints", 0.5)
    question = ask(office, PETER, BEN)
    got = office.sink.wait(lambda m: mark(question).encode() in m.data)[0]
    assert got.message["X-Lexgate-Deadline"]
    if not how.get("milter_inet"):
        assert findings(office)["postfix access"]["state"] == "ok"


def spoil_settings(**settings):
    return lambda office: office.postfix.reload(**settings)


BROKEN = [
    ("postfix milter_default_action", "fail", "milter_default_action = tempfail", spoil_settings(milter_default_action="accept")),
    ("postfix smtpd_milters", "fail", "postfix-recipe", spoil_settings(smtpd_milters="")),
    ("postfix smtpd_forbid_bare_newline", "fail", "smtpd_forbid_bare_newline = yes", spoil_settings(smtpd_forbid_bare_newline="no")),
    ("postfix access", "fail", "usermod -a -G", lambda office: os.chmod(office.milter_address, 0o600)),
    ("secret", "fail", "chmod 600", lambda office: (office.state / "keys" / "master.key").chmod(0o644)),
    ("redis", "fail", "start Redis", lambda office: office.redis.stop()),
    ("lexgate-escalated", "fail", "systemctl status lexgate-escalated", lambda office: office.escalated.stop()),
    ("milter", "fail", "systemctl status lexgate-milter", lambda office: office.gateway.stop()),
]


def test_the_doctor_finds_what_was_broken_and_says_what_to_do(own_office):
    office = own_office()
    ask(office, PETER, BEN)
    servers.wait_for(lambda: not complaints(office), 20, "a doctor without complaints", 0.5)
    for check, state, remedy, spoil in BROKEN:
        assert check not in complaints(office)
        spoil(office)
        found = complaints(office).get(check)
        assert found and found["state"] == state and remedy in found["do"], (check, found)
        assert office.lexgate("doctor").returncode == 1


def test_the_doctor_sees_how_far_redis_is_behind(own_office):
    office = own_office()
    office.redis.kill()
    for _ in range(3):
        ask(office, PETER, BEN)
    office.gateway.stop()
    office.redis.start()
    found = complaints(office)["journal"]
    assert found["state"] == "warn" and "behind" in found["what"] and "lexgate-milter" in found["do"]
