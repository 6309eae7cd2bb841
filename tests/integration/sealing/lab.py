# SPDX-License-Identifier: Apache-2.0
"""People with certificates and keys, and the programs that encrypt to them: openssl cms, NSS, gpgsm, gpg, sq, rnp, neomutt."""
import functools
import os
import pty
import select
import shutil
import subprocess
import time
from pathlib import Path

NORA, NED, MIA, EVE = "nora@harbour.test", "ned@harbour.test", "mia@harbour.test", "eve@tidewater.test"
PLAIN = b"Content-Type: text/plain; charset=utf-8\r\n\r\nThe settlement is two million, and Tidewater does not know it yet.\r\n"
USAGE = ("-addext", "keyUsage=critical,digitalSignature,keyEncipherment,keyCertSign", "-addext", "extendedKeyUsage=emailProtection")
EC_USAGE = ("-addext", "keyUsage=critical,digitalSignature,keyAgreement")
CURVES = ("nistp256", "nistp384", "nistp521", "brainpoolP256r1", "secp256k1")


def run(*argv, data=None, env=None, cwd=None):
    done = subprocess.run([str(a) for a in argv], input=data, capture_output=True, env=env, cwd=cwd, timeout=60)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, argv))}: {done.stderr.decode(errors='replace')[-500:]}")
    return done.stdout


class Lab:
    """`folder`/certs is what the gateway knows: all but mia's. Eve is known and nobody of the recipients."""

    def __init__(self, folder):
        self.folder, self.certs = Path(folder), Path(folder) / "certs"
        self.certs.mkdir(parents=True)
        self.home = self.folder / "gnupg"
        self.home.mkdir(mode=0o700)
        self.env = os.environ | {"GNUPGHOME": str(self.home), "LC_ALL": "C", "HOME": str(self.folder)}
        self.file("plain", PLAIN)
        for name, address, key, usage in (("nora", NORA, "rsa:2048", USAGE), ("mia", MIA, "rsa:2048", USAGE), ("eve", EVE, "rsa:2048", USAGE),
                                          ("ned", NED, "prime256v1", EC_USAGE), ("p384", "p384@harbour.test", "secp384r1", EC_USAGE),
                                          ("p521", "p521@harbour.test", "secp521r1", EC_USAGE), ("big", "big@harbour.test", "rsa:4096", USAGE)):
            self.certificate(name, address, key, usage)
        self.keys()

    def close(self):
        subprocess.run(["gpgconf", "--kill", "all"], env=self.env, capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def file(self, name, data):
        path = self.folder / name
        path.write_bytes(data)
        return path

    def certificate(self, name, address, key, usage, days=30):
        new = ("-newkey", key) if key.startswith("rsa") else ("-newkey", "ec", "-pkeyopt", f"ec_paramgen_curve:{key}")
        folder = self.folder if name == "mia" else self.certs
        run("openssl", "req", "-x509", *new, "-nodes", "-keyout", self.folder / f"{name}.key", "-out", folder / f"{name}.pem", "-days", days, "-subj",
            f"/C=GB/O=Harbour Shipping/CN={name}", "-addext", f"subjectAltName=email:{address}", "-addext", "subjectKeyIdentifier=hash", *usage)
        shutil.copy(folder / f"{name}.pem", self.folder / f"{name}.pem") if folder != self.folder else None

    def keys(self):
        def make(address, primary, sub):
            run("gpg", "--batch", "--passphrase", "", "--quick-gen-key", f"{address.split('@')[0]} <{address}>", primary, "sign", "never", env=self.env)
            listing = run("gpg", "--with-colons", "--list-keys", address, env=self.env).decode()
            fingerprint = next(line.split(":")[9] for line in listing.splitlines() if line.startswith("fpr"))
            run("gpg", "--batch", "--passphrase", "", "--quick-add-key", fingerprint, sub, "encr", "never", env=self.env)
            exported = run("gpg", "--armor", "--export", address, env=self.env)
            self.file(f"{address.split('@')[0]}.asc", exported)
            if address != MIA:
                (self.certs / f"{address.split('@')[0]}.asc").write_bytes(exported)
        for address, primary, sub in ((NORA, "rsa2048", "rsa2048"), (NED, "ed25519", "cv25519"), (EVE, "rsa2048", "rsa2048"), (MIA, "ed25519", "cv25519"),
                                      ("elgamal@harbour.test", "rsa2048", "elg2048"), *((f"{c}@harbour.test", "rsa2048", c) for c in CURVES)):
            make(address, primary, sub)

    # The programs. Each gives what it wrote.

    def cms(self, *options, data=PLAIN, out="DER"):
        """openssl cms in the folder of the certificates; what it reads is `data`."""
        return run("openssl", "cms", "-in", self.file("in", data), "-outform", out, *options, cwd=self.folder)

    def encrypt(self, *options, data=PLAIN, out="DER"):
        return self.cms("-encrypt", *options, data=data, out=out)

    def sign(self, *options, data=PLAIN, out="DER"):
        return self.cms("-sign", "-signer", "eve.pem", "-inkey", "eve.key", *options, data=data, out=out)

    @functools.cached_property
    def nss_folder(self):
        folder = self.folder / "nss"
        folder.mkdir()
        run("certutil", "-N", "-d", f"sql:{folder}", "--empty-password")
        for name in ("nora", "big", "eve"):
            run("certutil", "-A", "-n", name, "-t", "CT,C,C", "-i", self.folder / f"{name}.pem", "-d", f"sql:{folder}")
        return f"sql:{folder}"

    def nss(self, *options, data=PLAIN):
        return run("cmsutil", "-d", self.nss_folder, *options, data=data)

    @functools.cached_property
    def gpgsm_ready(self):
        for name in ("nora", "big", "eve"):
            mark = run("openssl", "x509", "-in", self.folder / f"{name}.pem", "-noout", "-fingerprint", "-sha1").decode().strip().split("=")[1]
            with open(self.home / "trustlist.txt", "a") as trusted:
                trusted.write(f"{mark} S relax\n")
        run("gpgconf", "--reload", "gpg-agent", env=self.env)
        run("gpgsm", "--batch", "--import", *(self.folder / f"{n}.pem" for n in ("nora", "big", "eve")), env=self.env)
        return True

    def gpgsm(self, *options, data=PLAIN):
        assert self.gpgsm_ready
        return run("gpgsm", "--batch", "--disable-crl-checks", "--encrypt", *options, data=data, env=self.env)

    def gpg(self, *options, data=PLAIN):
        return run("gpg", "--batch", "--yes", "--trust-model", "always", "--pinentry-mode", "loopback", "--passphrase", "", *options, data=data, env=self.env)

    def gpg_file(self, *options):
        """As gpg, from a file: it knows the length then, and writes no pieces."""
        out = self.folder / "out.gpg"
        self.gpg("-o", out, *options, self.folder / "plain")
        return out.read_bytes()

    def sq(self, *options, data=PLAIN):
        return run("sq", "encrypt", *options, data=data, env=self.env, cwd=self.folder)

    def rnp(self, *options, data=PLAIN):
        self.file("rnp.in", data)
        everybody = self.file("all.asc", b"".join(run("gpg", "--export", who, env=self.env) for who in (NORA, NED)))
        out = self.folder / "rnp.out"
        run("rnp", "--keyfile", everybody, "--overwrite", "--output", out, *options, "rnp.in", env=self.env, cwd=self.folder)
        return out.read_bytes()

    def neomutt(self, *settings, to=NORA):
        """A person at neomutt's compose screen presses y; its settings say that it encrypts."""
        saved, send = self.folder / "sent.eml", self.folder / "save"
        saved.unlink(missing_ok=True)
        send.write_text(f"#!/bin/sh\ncat > {saved}\n")
        send.chmod(0o755)
        assert self.gpgsm_ready
        words = {"from": "alice@aldous.test", "sendmail": send, "crypt_use_gpgme": "yes", "crypt_autoencrypt": "yes", "copy": "no", "editor": "true",
                 "abort_unmodified": "no", "edit_headers": "yes", "autoedit": "yes", "folder": self.folder, "spoolfile": self.folder / "none", "record": "",
                 "postponed": ""}
        rc = self.file("muttrc", "".join(f'set {k}="{v}"\n' for k, v in words.items()).encode() + "".join(f"set {s}\n" for s in settings).encode())
        draft = self.file("draft", f"To: {to}\nSubject: lease\n\nThe settlement is two million.\n".encode())
        child, terminal = pty.fork()
        if child == 0:
            os.execvpe("neomutt", ["neomutt", "-n", "-F", str(rc), "-H", str(draft)], self.env | {"TERM": "xterm"})
        screen, end = b"", time.monotonic() + 20
        try:
            while time.monotonic() < end and not saved.exists():
                if select.select([terminal], [], [], 0.2)[0]:
                    screen += os.read(terminal, 4096)
                if b"Security" in screen:
                    os.write(terminal, b"y")
                    screen = b""
        except OSError:  # it has closed its terminal
            pass
        os.waitpid(child, 0)
        os.close(terminal)
        return saved.read_bytes()
