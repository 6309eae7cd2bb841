# SPDX-License-Identifier: Apache-2.0
"""The core of the way through Debian's Sendmail, in a world of its own (it conflicts with Postfix as a package)."""
import contextlib
import os
import smtplib
import socket
import subprocess
import threading
from pathlib import Path

import pytest

import firms
import servers
from letters import ALICE, BEN, NORA, PETER, letter, mark, wait_states

SENTENCE = "Not from us: ask before you pay."
RULE = f"""rules: ( {{ id = "sentence"; when: {{ direction = "incoming"; subject = "with a sentence"; }};
                        banner: {{ text = "{SENTENCE}"; form = "text"; }}; }} );"""
PACKAGES = ["sendmail-bin", "sendmail-base", "sendmail-cf"]


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory):
    """Debian's Sendmail, unpacked without being installed."""
    folder = tmp_path_factory.mktemp("sendmail-packages")
    done = subprocess.run(["apt-get", "download", *PACKAGES], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        subprocess.run(["apt-get", "update", "-q"], capture_output=True)
        done = subprocess.run(["apt-get", "download", *PACKAGES], cwd=folder, capture_output=True, text=True)
    if done.returncode:
        pytest.skip("Debian's sendmail packages cannot be downloaded: " + done.stderr[-200:])
    for deb in folder.glob("*.deb"):
        servers.run("dpkg", "-x", deb, folder / "root")
    return folder / "root"


class Syslog:
    """What syslogd would do: /dev/log of a mount namespace, and a file."""

    def __init__(self, folder):
        self.place, self.file = folder / "devlog", folder / "mail.log"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.place))
        self.place.chmod(0o666)
        self.file.touch(0o644)
        threading.Thread(target=self._write, daemon=True).start()

    def _write(self):
        with contextlib.suppress(OSError):
            while line := self.socket.recv(65536):
                text = line.decode(errors="replace").split(">", 1)[1].rstrip("\0\n")
                with open(self.file, "a") as log:
                    log.write(f"{text[:16]}mx {text[16:]}\n")


class Sendmail:
    def __init__(self, root, folder, milter_port, sink_port, recipe=None, aliases="", local="", accounts=(), mnt="/mnt", queue_run=""):
        """`recipe`: lines of a sendmail.mc in the place of those that ask the milter. `local`: a domain whose addresses are `accounts`.
        `mnt`: a folder that it sees as /mnt, where no folder above is open to everybody. `queue_run`: -q and how often."""
        self.root, self.folder, self.port = root, Path(folder), servers.free_port()
        self.recipe, self.aliases, self.local, self.accounts, self.mnt, self.queue_run = recipe, aliases, local, accounts, mnt, queue_run
        self.milter_port, self.sink_port = milter_port, sink_port

    def start(self):
        for name in ("queue", "etc"):
            (self.folder / name).mkdir(parents=True)
        etc = self.folder / "etc"
        (etc / "hosts").write_text("127.0.0.1 localhost mx.aldous.test mx\n")
        (etc / "nsswitch.conf").write_text("hosts: files\npasswd: files\ngroup: files\n")
        (etc / "resolv.conf").write_text("")
        (etc / "service.switch").write_text("hosts files\naliases files\n")
        cf = self.root / "usr/share/sendmail/cf"
        filter_line = f"INPUT_MAIL_FILTER(`lexgate', `S=inet:{self.milter_port}@127.0.0.1, F=T, T=S:30s;R:30s;E:5m')dnl"
        (self.folder / "my.mc").write_text(f"""divert(-1)
include(`{cf}/m4/cf.m4')
divert(0)
OSTYPE(`linux')dnl
FEATURE(`no_default_msa')dnl
FEATURE(`promiscuous_relay')dnl
FEATURE(`accept_unresolvable_domains')dnl
FEATURE(`accept_unqualified_senders')dnl
FEATURE(`nocanonify')dnl
define(`confDOMAIN_NAME', `mx.aldous.test')dnl
define(`QUEUE_DIR', `{self.folder}/queue')dnl
define(`confPID_FILE', `{self.folder}/sendmail.pid')dnl
define(`STATUS_FILE', `{self.folder}/statistics')dnl
define(`ALIAS_FILE', `{etc}/aliases')dnl
define(`confCW_FILE', `-o {etc}/local-host-names')dnl
define(`confSERVICE_SWITCH_FILE', `{etc}/service.switch')dnl
define(`confDELIVERY_MODE', `background')dnl
define(`confTRY_NULL_MX_LIST', `True')dnl
define(`confDEF_USER_ID', `nobody:nogroup')dnl
define(`SMART_HOST', `relay:[127.0.0.1]')dnl
define(`RELAY_MAILER_ARGS', `TCP $h {self.sink_port}')dnl
DAEMON_OPTIONS(`Name=MTA, Addr=127.0.0.1, Port={self.port}, Family=inet')dnl
{self.recipe or filter_line}
MAILER(`local')dnl
MAILER(`smtp')dnl
LOCAL_CONFIG
Cw localhost {self.local}
""")
        (etc / "aliases").write_text(self.aliases)
        homes = "".join(f"{name}:x:{60100 + n}:65534::{self.folder}/home/{name}:/bin/false\n" for n, name in enumerate(self.accounts))
        (etc / "passwd").write_text(Path("/etc/passwd").read_text() + homes)
        out = servers.run("m4", f"-D_CF_DIR_={cf}/", self.folder / "my.mc").stdout
        (self.folder / "sendmail.cf").write_text(out)
        binary = next(p for p in (self.root / "usr/libexec/sendmail/sendmail", self.root / "usr/lib/sm.bin/sendmail") if p.exists())
        libraries = ":".join(str(p) for p in self.root.glob("usr/lib/*/") if p.is_dir())
        self.syslog = Syslog(self.folder)
        options = (f"-C {self.folder}/sendmail.cf -O DontBlameSendmail=GroupWritableDirPathSafe,WorldWritableForwardFile,GroupWritableAliasFile,"
                   "AssumeSafeChown,ForwardFileInUnsafeDirPath,MapInUnsafeDirPath")
        script = (f"set -e; touch /dev/log; mount --bind {self.syslog.place} /dev/log; for f in hosts nsswitch.conf passwd resolv.conf; do mount --bind $0/$f $(readlink -f /etc/$f); done; "
                  f"mount --bind {self.mnt} /mnt; hostname mx.aldous.test; {f'{binary} -bi {options}; ' if self.aliases else ''}exec {binary} -bD {self.queue_run} {options}")
        self.process = subprocess.Popen(["unshare", "-m", "-u", "sh", "-c", script, str(etc)], stdout=open(self.folder / "log", "ab"),
                                        stderr=subprocess.STDOUT, env={**os.environ, "LD_LIBRARY_PATH": libraries}, start_new_session=True)
        try:
            servers.wait_for(lambda: servers.can_connect(("127.0.0.1", self.port)), 30, "Sendmail")
        except TimeoutError as late:
            raise RuntimeError(f"{late}: {(self.folder / 'log').read_text()}") from late
        return self

    def stop(self):
        self.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(servers.HANGS)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def send(self, sender, recipient, message):
        with smtplib.SMTP("127.0.0.1", self.port, timeout=servers.HANGS) as smtp:
            smtp.ehlo("x.test")
            return servers.transaction(smtp, sender, recipient, message.as_bytes())


@pytest.fixture(scope="module")
def mta(unpacked, tmp_path_factory):
    conf = firms.aldous() | {"conf.d/sentence.conf": RULE}
    office = servers.Office(conf, "aldous.test", firms.ALDOUS_LOGINS, milter_inet=True)
    sendmail = None
    try:
        office.start()
        folder = office.folder / "sendmail"
        folder.mkdir()
        sendmail = Sendmail(unpacked, folder, office.milter_address[1], office.sink.port).start()
        sendmail.office = office
        yield sendmail
    finally:
        if sendmail:
            sendmail.stop()
        office.remove()


def test_a_question_through_sendmail_opens_a_deadline_and_carries_our_headers(mta):
    message = letter(PETER, BEN, X_Lexgate_Track="forged.x")
    assert mta.send("peter@quill.test", "ben@aldous.test", message)[0] == 250
    got = mta.office.sink.wait(lambda m: mark(message).encode() in m.data, timeout=40)[0].message
    assert got["X-Lexgate-Deadline"] and got["X-Lexgate-Track"] is None and got["X-Lexgate-Matter"] == "2026-0201"
    wait_states(mta.office, ["open"], "quill")


def test_confidential_plaintext_is_refused_through_sendmail(mta):
    code, text = mta.send("alice@aldous.test", "nora@harbour.test", letter(ALICE, NORA))
    assert code == 550 and "2026-0117" not in text, "no login, so the refusal tells nothing"


def test_held_mail_stays_in_sendmails_queue(mta):
    message = letter(BEN, PETER, "bank details", "…\n")
    assert mta.send("ben@aldous.test", "peter@quill.test", message)[0] == 250
    servers.wait_for(lambda: list((mta.folder / "queue").glob("hf*")), 20, "a quarantined message (hf file)")
    assert not mta.office.sink.find(lambda m: mark(message).encode() in m.data and m.recipients == ["peter@quill.test"])


def test_leading_spaces_survive_sendmail(mta):
    message = letter("Eve <eve@elsewhere.test>", ALICE)
    with smtplib.SMTP("127.0.0.1", mta.port, timeout=servers.HANGS) as smtp:
        smtp.ehlo("x.test")
        servers.transaction(smtp, "eve@elsewhere.test", "alice@aldous.test", b"X-Wide:   three\r\n" + message.as_bytes())
    data = mta.office.sink.wait(lambda m: mark(message).encode() in m.data, timeout=40)[0].data
    assert b"X-Wide:   three\r\n" in data and b"X-Lexgate-Decision: accept" in data


def test_a_banner_stands_in_the_text_once_through_sendmail(mta):
    body = "Größe und Gewicht?\n.\n..dots\n"
    message = letter(PETER, BEN, "with a sentence", body)
    message["X-Own"] = "kept"
    message.add_attachment(bytes(range(256)) * 300, maintype="application", subtype="octet-stream", filename="a.bin")
    assert mta.send("peter@quill.test", "ben@aldous.test", message)[0] == 250
    got = mta.office.sink.wait(lambda m: mark(message).encode() in m.data, timeout=40)[0]
    text, attached = (part for part in got.message.walk() if not part.is_multipart())
    assert text.get_content().replace("\r", "") == f"{SENTENCE}\n\n{body}"
    assert attached.get_content() == bytes(range(256)) * 300 and got.message["X-Own"] == "kept"
    with smtplib.SMTP("127.0.0.1", mta.port, timeout=servers.HANGS) as smtp:
        smtp.ehlo("x.test")
        servers.transaction(smtp, "peter@quill.test", "ben@aldous.test", got.data)
    again = servers.wait_for(lambda: mta.office.sink.find(lambda m: mark(message).encode() in m.data)[1:], 40, "it to come again")
    assert again[0].data.split(b"\r\n\r\n", 1)[1] == got.data.split(b"\r\n\r\n", 1)[1]
