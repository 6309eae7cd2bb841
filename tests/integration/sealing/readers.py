# SPDX-License-Identifier: Apache-2.0
"""People's programs that open what was encrypted to them: openssl cms, NSS, gpgsm, neomutt."""
import email
import os
import pty
import re
import select
import signal
import subprocess
import time

from sealing.lab import Lab, run


class SmimeLab(Lab):
    """The people of the lab with their S/MIME certificates alone, and their private keys where programs look for them."""
    READERS = ("nora", "big", "rsa3072")

    def keys(self):
        self.certificate("rsa3072", "rsa3072@harbour.test", "rsa:3072", ("-addext", "keyUsage=digitalSignature,keyEncipherment"))

    def give_private_keys(self):
        """NSS and gpgsm read PKCS#12, and of that not the newest form; the keys are under the pass phrase that `pinentry` gives."""
        pinentry = self.file("pinentry", b'#!/bin/sh\necho OK\nwhile read word rest; do case $word in GETPIN) echo "D lab";; esac; echo OK; done\n')
        pinentry.chmod(0o755)
        (self.home / "gpg-agent.conf").write_text(f"pinentry-program {pinentry}\n")
        assert self.gpgsm_ready and self.nss_folder
        for name in self.READERS:
            path = self.folder / f"{name}.p12"
            self.export(name, path)
            run("pk12util", "-i", path, "-d", self.nss_folder, "-W", "lab", "-K", "")
            self.import_into_gpgsm(name, path)

    def export(self, name, path):
        run("openssl", "pkcs12", "-export", "-keypbe", "PBE-SHA1-3DES", "-certpbe", "PBE-SHA1-3DES", "-macalg", "sha1", "-inkey",
            self.folder / f"{name}.key", "-in", self.folder / f"{name}.pem", "-name", name, "-passout", "pass:lab", "-out", path)

    def import_into_gpgsm(self, name, path):
        """GnuPG 2.2 cannot read every PKCS#12: of some salts it takes the decrypted key for rubbish."""
        for attempt in range(20):
            done = subprocess.run(["gpgsm", "--batch", "--import", path], capture_output=True, env=self.env, timeout=60)
            if done.returncode == 0:
                return
            self.export(name, path)
        raise RuntimeError(done.stderr.decode(errors="replace"))

    def der(self, message):
        return self.file("opens.der", email.message_from_bytes(message).get_payload(decode=True))

    def open_with_openssl(self, name, message):
        return run("openssl", "cms", "-decrypt", "-binary", "-inform", "DER", "-in", self.der(message), "-recip", self.folder / f"{name}.pem", "-inkey",
                   self.folder / f"{name}.key")

    def open_with_nss(self, message):
        return run("cmsutil", "-D", "-d", self.nss_folder, "-i", self.der(message))

    def open_with_gpgsm(self, message):
        return run("gpgsm", "--batch", "--decrypt", self.der(message), env=self.env)

    def open_with_neomutt(self, message, decrypted=False):
        """nora opens it: what she reads, or the message as neomutt saves it decrypted; and the screens."""
        box = self.file("box", b"From x Mon Nov 23 17:00:00 2026\n" + message.replace(b"\r\n", b"\n") + b"\n")
        out = self.folder / "shown"
        out.unlink(missing_ok=True)
        words = {"crypt_use_gpgme": "yes", "folder": self.folder, "spoolfile": box, "record": "", "pipe_decode": "yes", "wait_key": "no",
                 "crypt_protected_headers_read": "yes", "confirmappend": "no", "confirmcreate": "no"}
        rc = self.file("muttrc", "".join(f'set {k}="{v}"\n' for k, v in words.items()).encode())
        keys = f"<decrypt-copy>{out}<enter>" if decrypted else f"<display-message><pipe-message>cat > {out}<enter><exit>"
        child, terminal = pty.fork()
        if child == 0:
            os.execvpe("neomutt", ["neomutt", "-n", "-F", str(rc), "-f", str(box), "-e", f'push "{keys}"'],
                       self.env | {"TERM": "xterm"})
        screen, end = b"", time.monotonic() + 20
        try:
            while time.monotonic() < end and not (out.exists() and out.stat().st_size and b"Msgs:" in screen):
                if select.select([terminal], [], [], 0.2)[0]:
                    screen += os.read(terminal, 65536)
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            os.close(terminal)
        return out.read_bytes(), re.sub(rb"\x1b[\[(][0-9;?]*[a-zA-Z]", b"", screen)
