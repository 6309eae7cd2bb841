# SPDX-License-Identifier: Apache-2.0
"""People with OpenPGP keys of every kind, and the programs with which they open what they get: gpg, sq, rnp and neomutt."""
import contextlib
import email
import email.policy
import os
import pty
import select
import shutil
import signal
import subprocess
import time
from pathlib import Path

from sealing.lab import run

KINDS = {"rsa2048": ("rsa2048", "rsa2048"), "rsa3072": ("rsa3072", "rsa3072"), "rsa4096": ("rsa4096", "rsa4096"), "p256": ("nistp256", "nistp256"),
         "p384": ("nistp384", "nistp384"), "x25519": ("ed25519", "cv25519")}


class Openers:
    """`certs` has everybody's public key, `archive` is the file of the firm's; secret keys are without a pass phrase."""

    def __init__(self, folder, kinds=KINDS):
        self.folder, self.certs, self.home = Path(folder), Path(folder) / "certs", Path(folder) / "gnupg"
        self.certs.mkdir(parents=True)
        self.home.mkdir(mode=0o700)
        self.env = os.environ | {"GNUPGHOME": str(self.home), "LC_ALL": "C", "HOME": str(self.folder), "TERM": "xterm"}
        for name, (primary, part) in kinds.items():
            self.key(f"{name}@harbour.test", primary, part)
        self.archive = self.key("archive@aldous.test", "ed25519", "cv25519")
        shutil.move(self.archive, self.folder / "archive.asc")
        self.archive = self.folder / "archive.asc"

    def close(self):
        for home in (self.home, *self.folder.glob("home-*")):
            subprocess.run(["gpgconf", "--kill", "all"], env=self.env | {"GNUPGHOME": str(home)}, capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def gpg(self, *options, data=b""):
        return run("gpg", "--batch", "--yes", "--quiet", "--trust-model", "always", "--pinentry-mode", "loopback", "--passphrase", "", *options, data=data, env=self.env)

    def fingerprint(self, address):
        listing = self.gpg("--with-colons", "--list-keys", address).decode().splitlines()
        return next(line.split(":")[9] for line in listing if line.startswith("fpr"))

    def key(self, address, primary, part):
        name = address.split("@")[0]
        self.gpg("--quick-gen-key", f"{name} <{address}>", primary, "sign", "never")
        self.gpg("--quick-add-key", self.fingerprint(address), part, "encr", "never")
        (self.folder / f"{name}.secret").write_bytes(self.gpg("--export-secret-keys", "--armor", address))
        path = self.certs / f"{name}.asc"
        path.write_bytes(self.gpg("--export", "--armor", address))
        return path

    # What each program finds in the armor: the bytes that were encrypted.

    def by_gpg(self, armor, name):
        """With this one's key and no other."""
        alone = self.folder / f"home-{name}"
        if not alone.exists():
            alone.mkdir(mode=0o700)
            run("gpg", "--batch", "--quiet", "--import", self.folder / f"{name}.secret", env=self.env | {"GNUPGHOME": str(alone)})
        return run("gpg", "--batch", "--quiet", "--pinentry-mode", "loopback", "--passphrase", "", "--decrypt", data=armor, env=self.env | {"GNUPGHOME": str(alone)})

    def by_sq(self, armor, name):
        return run("sq", "decrypt", "--recipient-key", self.folder / f"{name}.secret", data=armor, env=self.env)

    def by_rnp(self, armor, name):
        (self.folder / "rnp.in").write_bytes(armor)
        run("rnp", "--decrypt", "--keyfile", self.folder / f"{name}.secret", "--password", "", "--overwrite", "--output", "rnp.out", "rnp.in", cwd=self.folder, env=self.env)
        return (self.folder / "rnp.out").read_bytes()

    def by_neomutt(self, message):
        """A person opens it and keeps it decrypted: (what the screen's pager is given, the message with its parts)."""
        folder = self.folder / "mutt"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        (folder / "in").write_bytes(b"From gateway Mon Nov 23 10:00:00 2026\n" + message.replace(b"\r\n", b"\n") + b"\n")
        (folder / "rc").write_text(f"set crypt_use_gpgme=yes\nset pipe_decode=yes\nset folder={folder}\nset delete=no\nset confirmappend=no\nset confirmcreate=no\nset quit=yes\nset mbox_type=mbox\n"
                                   f"set record=\"\"\nset wait_key=no\n"
                                   f"push '<display-message><exit><pipe-message>cat > {folder}/shown<enter><decrypt-copy>{folder}/out<enter><quit>'\n")
        child, terminal = pty.fork()
        if child == 0:
            os.execvpe("neomutt", ["neomutt", "-n", "-F", str(folder / "rc"), "-f", str(folder / "in")], self.env | {"LC_ALL": "C.UTF-8"})
        end = time.monotonic() + 60
        try:
            while time.monotonic() < end:
                if select.select([terminal], [], [], 0.2)[0]:
                    os.read(terminal, 65536)
        except OSError:  # it has closed its terminal
            pass
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)
        mbox = (folder / "out").read_bytes()
        return (folder / "shown").read_bytes(), email.message_from_bytes(mbox.split(b"\n", 1)[1], policy=email.policy.default)


def armor_of(message):
    """The second part of PGP/MIME, and that there are two as RFC 3156 has them."""
    parsed = email.message_from_bytes(message)
    version, data = parsed.get_payload()
    assert parsed.get_content_type() == "multipart/encrypted" and parsed.get_param("protocol") == "application/pgp-encrypted"
    assert version.get_content_type() == "application/pgp-encrypted" and version.get_payload().strip() == "Version: 1"
    assert data.get_content_type() == "application/octet-stream" and not parsed.defects
    return data.get_payload(decode=True)
