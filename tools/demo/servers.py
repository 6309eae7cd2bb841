# SPDX-License-Identifier: Apache-2.0
"""Private servers on loopback for the demonstration and the integration tests.

Every server lives in a temporary folder on free ports and is stopped by its own process id; nothing that is installed on the machine
is started, changed or asked. Needs root (Postfix does).
"""
import base64
import contextlib
import os
import re
import shutil
import signal
import smtplib
import socket
import subprocess
import tempfile
import threading
from pathlib import Path

from sink import Sink
from waiting import HANGS, PATIENCE, can_connect, free_port, wait_for  # noqa: F401: named as ours by the tests

ROOT = Path(__file__).resolve().parents[2]
STAGE = Path(os.environ.get("LEXGATE_STAGE", ROOT / "_build" / "stage"))


SANITIZER = re.compile(r"^.*(?:ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|: runtime error: ).*$", re.M)


def run(*argv, check=True, **kw):
    done = subprocess.run([str(a) for a in argv], capture_output=True, text=True, **kw)
    if (check and done.returncode) or SANITIZER.search(done.stderr):
        raise RuntimeError(f"{' '.join(map(str, argv))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def process_table():
    """{pid: (parent, state, argv)} of all live processes."""
    table = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError):
                stat = Path(f"/proc/{entry}/stat").read_text()
                argv = Path(f"/proc/{entry}/cmdline").read_bytes().split(b"\0")
                rest = stat.rsplit(")", 1)[1].split()
                table[int(entry)] = (int(rest[1]), rest[0], [a.decode("utf-8", "replace") for a in argv])
    return table


class Redis:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.socket = str(self.folder / "redis.sock")
        self.process = None

    def start(self, *extra):
        log = open(self.folder / "redis.log", "ab")
        self.process = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", self.socket, "--unixsocketperm", "777", "--save", "",
             "--appendonly", "yes", "--dir", str(self.folder), *extra], stdout=log, stderr=log)
        wait_for(lambda: can_connect(self.socket) and self.cli("ping") == "PONG", what="Redis")
        return self

    def cli(self, *argv):
        return run("redis-cli", "-s", self.socket, *argv, check=False).stdout.strip()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def wipe_files(self):
        for path in self.folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            elif path.name != "redis.log":
                path.unlink()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait()


class AuthServer:
    """Answers Postfix's questions about logins, in Dovecot's authentication protocol: every login has the password "secret"."""

    def __init__(self, path, logins):
        self.path, self.logins = str(path), set(logins)

    def start(self):
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(self.path)
        os.chmod(self.path, 0o666)
        listener.listen(64)
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()
        return self

    def _accept(self, listener):
        while True:
            client, _ = listener.accept()
            threading.Thread(target=self._talk, args=(client,), daemon=True).start()

    def _talk(self, client):
        with contextlib.suppress(OSError), client, client.makefile("r") as lines:
            client.sendall(b"VERSION\t1\t2\nMECH\tPLAIN\tplaintext\nSPID\t1\nCUID\t1\nCOOKIE\t00\nDONE\n")
            for line in lines:
                words = line.rstrip("\n").split("\t")
                if words[0] == "AUTH":
                    given = next((w[5:] for w in words if w.startswith("resp=")), "")
                    _, login, password = (base64.b64decode(given).decode().split("\0") + ["", ""])[:3]
                    good = login in self.logins and password == "secret"
                    client.sendall(f"OK\t{words[1]}\tuser={login}\n".encode() if good else f"FAIL\t{words[1]}\tuser={login}\n".encode())


class Postfix:
    """Port `smtp` takes mail from the world (XCLIENT from loopback plays any address), `submission` demands a login, `plain` is for
    what the firm's own programs submit, `reentry` for copies of the gateway's."""

    def __init__(self, folder, domain, milter, sink_port, hostname="mx.firm.test"):
        self.folder = Path(folder)
        self.domain, self.milter, self.sink_port, self.hostname = domain, milter, sink_port, hostname
        self.smtp, self.submission, self.plain, self.reentry = (free_port() for _ in range(4))
        self.config, self.queue, self.data = (self.folder / n for n in ("config", "queue", "data"))
        self.log = self.folder / "log" / "mail.log"
        self.settings = {}
        self.reenters = True
        self.chroot = "n"  # "y": what takes mail from the world runs chrooted, as on Debian
        self.within = []  # words before the command that starts it: "unshare", …

    def start(self, logins=()):
        for path in (self.config, self.queue, self.data, self.log.parent, self.folder / "sasl"):
            path.mkdir(parents=True, exist_ok=True)
        for path in (self.folder, self.config, self.queue, self.folder / "sasl"):
            path.chmod(0o755)
        shutil.chown(self.data, "postfix")
        self.auth = AuthServer(self.folder / "sasl" / "auth", logins).start()
        self._write_config()
        run(*self.within, "postfix", "-c", self.config, "start")
        ports = [self.smtp, self.submission, self.plain] + ([self.reentry] if self.reenters else [])
        wait_for(lambda: all(can_connect(("127.0.0.1", p)) for p in ports), what="Postfix")
        return self

    def _write_config(self):
        main = {
            "compatibility_level": "3.6", "queue_directory": self.queue, "data_directory": self.data,
            "mail_owner": "postfix", "setgid_group": "postdrop", "myhostname": self.hostname, "mydestination": "",
            "mynetworks": "0.0.0.0/0", "inet_interfaces": "127.0.0.1", "inet_protocols": "ipv4", "alias_maps": "",
            "alias_database": "", "relay_domains": self.domain, "default_transport": f"smtp:[127.0.0.1]:{self.sink_port}",
            "relay_transport": f"smtp:[127.0.0.1]:{self.sink_port}", "local_transport": "error:no local mail",
            "maillog_file": self.log, "maillog_file_prefixes": self.log.parent, "enable_long_queue_ids": "yes",
            "smtpd_forbid_bare_newline": "yes", "smtpd_milters": self.milter, "non_smtpd_milters": self.milter,
            "milter_default_action": "tempfail", "milter_protocol": "6", "internal_mail_filter_classes": "bounce",
            "smtpd_relay_restrictions": "permit_mynetworks,reject",
            "smtpd_recipient_restrictions": "", "message_size_limit": "104857600",
            "mailbox_size_limit": "0", "smtpd_authorized_xclient_hosts": "127.0.0.1", "smtpd_peername_lookup": "no",
            "smtpd_sasl_type": "dovecot", "smtpd_sasl_path": self.folder / "sasl" / "auth",
            "smtpd_sasl_security_options": "noanonymous", "minimal_backoff_time": "2s", "maximal_backoff_time": "5s",
            "queue_run_delay": "2s", "smtpd_client_connection_count_limit": "0", "smtpd_error_sleep_time": "0",
            "smtpd_soft_error_limit": "1000", "smtpd_hard_error_limit": "1000", "default_process_limit": "250",
            "milter_connect_timeout": "10s", "milter_command_timeout": "30s", "smtputf8_enable": "yes",
            "header_size_limit": "1024000", "smtpd_tls_security_level": "none", "smtp_tls_security_level": "none",
            "default_destination_concurrency_limit": "40", "biff": "no",
        }
        main.update(self.settings)
        (self.config / "main.cf").write_text("".join(f"{k} = {v}\n" for k, v in main.items()))
        services = ["pickup unix n - n 60 1 pickup", f"cleanup unix n - {self.chroot} - 0 cleanup", "qmgr unix n - n 2 1 qmgr",
                    "rewrite unix - - n - - trivial-rewrite", "bounce unix - - n - 0 bounce", "defer unix - - n - 0 bounce",
                    "trace unix - - n - 0 bounce", "verify unix - - n - 1 verify", "flush unix n - n 1000? 0 flush",
                    "proxymap unix - - n - - proxymap", "smtp unix - - n - - smtp", "relay unix - - n - - smtp",
                    "showq unix n - n - - showq", "error unix - - n - - error", "retry unix - - n - - error",
                    "discard unix - - n - - discard", "anvil unix - - n - 1 anvil", "scache unix - - n - 1 scache",
                    "postlog unix-dgram n - n - 1 postlogd", "tlsmgr unix - - n 1000? 1 tlsmgr",
                    f"127.0.0.1:{self.smtp} inet n - {self.chroot} - - smtpd",
                    f"127.0.0.1:{self.plain} inet n - {self.chroot} - - smtpd",
                    f"127.0.0.1:{self.submission} inet n - {self.chroot} - - smtpd\n  -o smtpd_sasl_auth_enable=yes\n"
                    "  -o smtpd_relay_restrictions=permit_sasl_authenticated,reject\n"
                    "  -o smtpd_client_restrictions=permit_sasl_authenticated,reject"]
        if self.reenters:
            services.append(f"127.0.0.1:{self.reentry} inet n - {self.chroot} - 20 smtpd\n  -o milter_macro_daemon_name=lexgate-reentry\n"
                            "  -o local_header_rewrite_clients=")
        (self.config / "master.cf").write_text("\n".join(services) + "\n")

    def reload(self, **settings):
        self.settings.update(settings)
        self._write_config()
        run("postfix", "-c", self.config, "reload")

    def queue_listing(self):
        import json
        out = run("postqueue", "-c", self.config, "-j", check=False).stdout
        return [json.loads(line) for line in out.splitlines() if line.startswith("{")]

    def wait_empty(self, timeout=60):
        wait_for(lambda: not [m for m in self.queue_listing() if m["queue_name"] != "hold"], timeout, "an empty queue", 0.2)

    def stop(self):
        run("postfix", "-c", self.config, "stop", check=False)
        with contextlib.suppress(TimeoutError):
            wait_for(lambda: not can_connect(("127.0.0.1", self.smtp)), 10)


class Daemon:
    """One of our daemons in the foreground, its log in a file."""
    USUAL = {"ASAN_OPTIONS": "abort_on_error=1"}  # dies by a signal, as a build without sanitizers does: the keeper tells that apart

    def __init__(self, program, config, log, user=None, environment=None):
        # A program is a name in the staged install, or a whole path.
        self.program, self.config, self.log = STAGE / "sbin" / program, str(config), Path(log)
        self.user, self.environment = user, environment
        self.process = None

    def start(self, ready=None, timeout=20, **kw):
        self.began = len(self.text())
        kw.setdefault("user", self.user)
        if kw["user"]:
            kw.setdefault("group", "postfix")
            kw.setdefault("extra_groups", [])
        self.process = subprocess.Popen([self.program, "-c", self.config, "-f"], stdin=subprocess.DEVNULL,
                                        stdout=open(self.log, "ab"), stderr=subprocess.STDOUT,
                                        env={**self.USUAL, **os.environ, **(self.environment or {})}, **kw)

        def check():
            if self.process.poll() is not None:
                raise RuntimeError(f"{self.program.name} ended with {self.process.returncode}:\n{self.text()[-2000:]}")
            return ready is None or ready()
        wait_for(check, timeout, f"{self.program.name}\n")
        return self

    def text(self):
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def serves(self):
        """Has the gateway said since its start that all its parts are up? Its socket takes connections before that."""
        return " ready: policy " in self.text()[self.began:]

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def children(self, role):
        """Process ids of the keeper's children in that role."""
        return [pid for pid, (parent, state, argv) in process_table().items()
                if parent == self.process.pid and state != "Z" and f"--role={role}" in argv]

    def stop(self, timeout=20):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout * PATIENCE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise


SERVICE_USER = "nobody"


def reachable_daemons(folder):
    """The staged daemons, where a user without privileges can start them: a clone below /root is closed to everybody else."""
    staged = STAGE / "sbin"
    with contextlib.suppress(PermissionError):
        subprocess.run([staged / "lexgate-milter", "--version"], user=SERVICE_USER, group="nogroup", extra_groups=[],
                       capture_output=True, check=True)
        return staged
    return Path(shutil.copytree(staged, folder / "sbin"))


def reports_in(log):
    """What sanitizers said in a log, each with the lines behind it."""
    text = log.read_text(errors="replace")
    starts = [found.start() for found in SANITIZER.finditer(text)]
    return [text[start:end][:5000] for start, end in zip(starts, [*starts[1:], len(text)])]


class Office:
    """A whole small firm: Redis, Postfix, sink, gateway, lexgate-escalated. `conf` maps file names to texts; in lexgate.conf the words
    @STATE@ @MILTER@ @REDIS@ @RELAY@ @REENTRY@ @RUN@ stand for this office's places."""
    provoked = ""  # words of a sanitizer's report that the test means to cause

    def __init__(self, conf, domain, logins=(), folder=None, user="auto", milter_inet=False):
        self.folder = Path(folder or tempfile.mkdtemp(prefix="lexgate-", dir="/tmp"))
        self.folder.chmod(0o755)
        self.domain, self.logins = domain, list(logins)
        self.user = SERVICE_USER if user == "auto" else user
        self.redis = Redis(self.folder / "redis")
        self.sink = Sink()
        self.state, self.conf_dir, self.rundir = (self.folder / n for n in ("state", "conf", "run"))
        for path in (self.state, self.rundir):
            path.mkdir()
            if self.user:
                shutil.chown(path, self.user, "postfix")
            path.chmod(0o750 if self.user else 0o755)
        port = free_port()
        self.milter_socket = f"inet:{port}@127.0.0.1" if milter_inet else f"unix:{self.rundir}/milter.sock"
        for_postfix = f"inet:127.0.0.1:{port}" if milter_inet else self.milter_socket
        self.milter_address = ("127.0.0.1", port) if milter_inet else f"{self.rundir}/milter.sock"
        self.postfix = Postfix(self.folder / "postfix", domain, for_postfix, self.sink.port)
        self.config = self.conf_dir / "lexgate.conf"
        self.write_conf(conf)
        self.programs = reachable_daemons(self.folder) if self.user else STAGE / "sbin"
        self.gateway = Daemon(self.programs / "lexgate-milter", self.config, self.folder / "milter.log", self.user)
        self.escalated = Daemon(self.programs / "lexgate-escalated", self.config, self.folder / "escalated.log", self.user)
        self.act_socket = f"{self.rundir}/escalated.sock"

    def write_conf(self, conf):
        self.conf_dir.mkdir(exist_ok=True)
        places = {"@STATE@": self.state, "@MILTER@": self.milter_socket, "@REDIS@": self.redis.socket,
                  "@RELAY@": f"127.0.0.1:{self.postfix.plain}", "@REENTRY@": f"127.0.0.1:{self.postfix.reentry}", "@RUN@": self.rundir, "@MTALOG@": self.postfix.log}
        for name, text in conf.items():
            path = self.conf_dir / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(text, bytes):
                path.write_bytes(text)
                continue
            for word, value in places.items():
                text = text.replace(word, str(value))
            path.write_text(text)

    def start(self, tell=lambda text: None, escalated=True):
        tell("starting a private Redis")
        self.redis.start()
        self.sink.start()
        tell("starting the gateway (keeper, front and judges)")
        self.start_gateway()
        if escalated:
            tell("starting lexgate-escalated")
            self.start_escalated()
        tell("starting a private Postfix with SASL submission")
        self.postfix.start(self.logins)
        return self

    def start_gateway(self):
        self.gateway.start(self.gateway.serves)

    def start_escalated(self):
        self.escalated.start(lambda: can_connect(self.act_socket))

    def stop(self):
        for part in (self.postfix, self.escalated, self.gateway, self.redis, self.sink):
            with contextlib.suppress(Exception):
                part.stop()

    def remove(self):
        self.stop()
        reports = [report for log in self.folder.glob("*.log") for report in reports_in(log)
                   if not (self.provoked and self.provoked in report)]
        shutil.rmtree(self.folder, ignore_errors=True)
        if reports:
            raise RuntimeError("a sanitizer found fault with a daemon:\n" + "\n".join(reports))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.remove()

    def lexgate(self, *argv, check=False, **kw):
        environment = {**os.environ, "MAIL_CONFIG": str(self.postfix.config)}
        return run(STAGE / "bin" / "lexgate", "-c", self.config, *argv, check=check, env=environment, **kw)

    def submit(self, login, sender, recipients, message, port=None):
        """As staff with a login. Gives (code, text) of the answer at the end of the message."""
        with smtplib.SMTP("127.0.0.1", port or self.postfix.submission, timeout=HANGS) as smtp:
            smtp.ehlo("desk.firm.test")
            if login:
                smtp.login(login, "secret")
            return transaction(smtp, sender, recipients, message)

    def receive(self, sender, recipients, message, address="203.0.113.7"):
        """As the world: XCLIENT gives the address from which it comes."""
        with smtplib.SMTP("127.0.0.1", self.postfix.smtp, timeout=HANGS) as smtp:
            smtp.ehlo("world.test")
            if address:
                code, text = smtp.docmd("XCLIENT", f"ADDR={address} NAME=[UNAVAILABLE]")
                if code != 220:
                    raise RuntimeError(f"XCLIENT: {code} {text}")
                smtp.ehlo("world.test")
            return transaction(smtp, sender, recipients, message)


def transaction(smtp, sender, recipients, message):
    data = message if isinstance(message, bytes) else message.encode()
    data = data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    code, text = smtp.mail(sender)
    if code != 250:
        return code, text.decode()
    for recipient in [recipients] if isinstance(recipients, str) else recipients:
        code, text = smtp.rcpt(recipient)
        if code not in (250, 251):
            return code, text.decode()
    try:
        code, text = smtp.data(data)
    except smtplib.SMTPDataError as refused:
        code, text = refused.smtp_code, refused.smtp_error
    return code, text.decode("utf-8", "replace")
