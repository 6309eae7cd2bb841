# SPDX-License-Identifier: Apache-2.0
"""An authority for e-mail certificates, and mail signed under it, as openssl writes it."""
import email.utils
import subprocess

import servers


class Authority:
    def __init__(self, folder):
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.pem = folder / "ca.pem"
        servers.run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder / "ca.key", "-out", self.pem, "-days", "300",
                    "-subj", "/CN=Test Authority", "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=keyCertSign,cRLSign")

    def issue(self, address, name, usage="digitalSignature,keyEncipherment", days=200):
        """NAME.pem and NAME.key for an address."""
        path = self.folder / f"{name}.pem"
        extensions = self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName=email:{address}\nkeyUsage={usage}\nextendedKeyUsage=emailProtection\n")
        servers.run("openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout", self.folder / f"{name}.key", "-out", self.folder / f"{name}.csr",
                    "-subj", f"/CN={name}")
        servers.run("openssl", "x509", "-req", "-in", self.folder / f"{name}.csr", "-CA", self.pem, "-CAkey", self.folder / "ca.key",
                    "-CAcreateserial", "-days", str(days), "-sha256", "-extfile", extensions, "-out", path)
        return path

    def signed(self, name, sender, to, subject="lease", text="Please see below.", extra=()):
        """A message of `sender` under the certificate NAME: (bytes with CRLF, Message-ID)."""
        entity = f"Content-Type: text/plain\r\n\r\n{text}\r\n".encode()
        done = subprocess.run(["openssl", "cms", "-sign", "-signer", self.folder / f"{name}.pem", "-inkey", self.folder / f"{name}.key", *extra],
                              input=entity, capture_output=True, check=True)
        message_id = email.utils.make_msgid(domain="signed.test")
        head = (f"From: {sender}\nTo: {to}\nSubject: {subject}\nMessage-ID: {message_id}\n"
                f"Date: {email.utils.formatdate(usegmt=True)}\n")
        whole = (head.encode() + done.stdout).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        return whole, message_id.strip("<>")
