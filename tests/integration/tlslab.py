# SPDX-License-Identifier: Apache-2.0
"""The other side of verified TLS: name servers, authorities and mail servers on loopback, each with its own fault.

All mail servers listen on one port of different loopback addresses (Postfix: smtp_tcp_port), and their names are told by a name server
that a mount namespace puts into /etc/resolv.conf (`within`), so that Postfix finds them as it finds those of the world, by MX records."""
import contextlib
import hashlib
import os
import random
import socket
import ssl
import struct
import subprocess
import threading
from pathlib import Path

import servers

A, SOA, MX, TLSA, OPT = 1, 6, 15, 52, 41


def loopback():
    return f"127.{random.randint(1, 250)}.{random.randint(1, 250)}.{random.randint(2, 250)}"


def encoded(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".") if label) + b"\0"


class Names:
    """A name server that validates everything it says (the AD bit), as a resolver with DNSSEC does."""

    def __init__(self, folder):
        self.folder, self.records = Path(folder), {}
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.address = loopback()
        self.socket.bind((self.address, 53))
        (self.folder / "resolv.conf").write_text(f"nameserver {self.address}\noptions timeout:1 attempts:1\n")
        # Whoever is started so sees this name server alone.
        self.within = ["unshare", "-m", "sh", "-c", f"mount --bind {self.folder}/resolv.conf /etc/resolv.conf && exec \"$@\"", "sh"]
        threading.Thread(target=self._serve, daemon=True).start()

    def add(self, name, kind, data):
        self.records.setdefault((name, kind), []).append(data)

    def host(self, name, address):
        self.add(name, A, socket.inet_aton(address))

    def mx(self, domain, *hosts):
        for i, host in enumerate(hosts):
            self.add(domain, MX, struct.pack(">H", 10 * (i + 1)) + encoded(host))

    def tlsa(self, host, port, certificate):
        """Domain-issued: this key and no other."""
        self.add(f"_{port}._tcp.{host}", TLSA, bytes([3, 1, 1]) + hashlib.sha256(public_key(certificate)).digest())

    def _serve(self):
        with contextlib.suppress(OSError):
            while True:
                query, client = self.socket.recvfrom(4096)
                self.socket.sendto(self._answer(query), client)

    def _answer(self, query):
        at, labels = 12, []
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode())
            at += 1 + query[at]
        question, (kind,) = query[12:at + 5], struct.unpack(">H", query[at + 1:at + 3])
        name = ".".join(labels).lower()
        found = self.records.get((name, kind), [])
        known = any(other == name for other, _ in self.records)
        authority = b"" if found else b"\xc0\x0c" + struct.pack(">HHIH", SOA, 1, 1, 24) + encoded("n.") + encoded("n.") + bytes(20)
        answers = b"".join(b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 60, len(data)) + data for data in found)
        flags = 0x85A0 | (0 if known else 3)
        optional = b"\0" + struct.pack(">HHIH", OPT, 1232, 0x8000, 0)
        return query[:2] + struct.pack(">HHHHH", flags, 1, len(found), bool(authority), 1) + question + answers + authority + optional

    def stop(self):
        self.socket.close()


def sh(folder, command):
    subprocess.run(["sh", "-ec", command], cwd=folder, check=True, capture_output=True)


def public_key(certificate):
    pem = subprocess.run(["openssl", "x509", "-in", certificate, "-noout", "-pubkey"], check=True, capture_output=True).stdout
    return subprocess.run(["openssl", "pkey", "-pubin", "-outform", "DER"], input=pem, check=True, capture_output=True).stdout


class Authority:
    def __init__(self, folder, name="lab"):
        self.folder, self.name = Path(folder), name
        self.file = self.folder / f"{name}-ca.pem"
        sh(folder, f"openssl req -x509 -newkey rsa:2048 -nodes -keyout {name}-ca.key -out {name}-ca.pem -days 30 -subj '/CN={name} authority'")

    def certify(self, host, days=30):
        """A file with certificate and key in the name of the host."""
        stem = f"{self.name}-{host}-{days}"
        sh(self.folder, f"openssl req -newkey rsa:2048 -nodes -keyout {stem}.key -out {stem}.csr -subj /CN={host} && "
                        f"printf 'subjectAltName=DNS:{host}\\n' > {stem}.ext && "
                        f"openssl x509 -req -in {stem}.csr -CA {self.name}-ca.pem -CAkey {self.name}-ca.key -CAcreateserial -days {days} -extfile {stem}.ext -out {stem}.crt && "
                        f"cat {stem}.crt {stem}.key > {stem}.pem")
        return self.folder / f"{stem}.pem"


class Server:
    """A mail server that writes down all it hears, apart what it heard before TLS and under it."""

    def __init__(self, port, certificate=None):
        self.address, self.port = loopback(), port
        self.clear, self.sealed, self.mails = b"", b"", []
        self.context = None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(certificate)
        self.listener = socket.create_server((self.address, port))
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                threading.Thread(target=self._talk, args=(client,), daemon=True).start()

    def _talk(self, client):
        with contextlib.suppress(OSError), client:
            client.settimeout(60)
            if self._converse(client, False):
                with self.context.wrap_socket(client, server_side=True) as sealed:
                    self._converse(sealed, True)

    def _hear(self, line, under_tls):
        if under_tls:
            self.sealed += line
        else:
            self.clear += line

    def _converse(self, client, under_tls):
        """True when STARTTLS was asked for and granted."""
        lines = client.makefile("rb")
        say = client.sendall
        if not under_tls:
            say(b"220 mx ESMTP\r\n")
        while line := lines.readline():
            self._hear(line, under_tls)
            verb = line[:4].upper()
            if verb == b"EHLO":
                offers = [b"mx"] + ([b"STARTTLS"] if self.context and not under_tls else []) + [b"8BITMIME", b"SIZE 100000000"]
                say(b"".join(b"250" + (b" " if i == len(offers) - 1 else b"-") + o + b"\r\n" for i, o in enumerate(offers)))
            elif verb == b"STAR" and self.context:
                say(b"220 go\r\n")
                return True
            elif verb == b"DATA":
                say(b"354 go\r\n")
                self._take(lines, under_tls)
                say(b"250 kept\r\n")
            elif verb == b"QUIT":
                say(b"221 bye\r\n")
                return False
            else:
                say(b"250 ok\r\n")
        return False

    def _take(self, lines, under_tls):
        data = b""
        while (line := lines.readline()) not in (b".\r\n", b""):
            self._hear(line, under_tls)
            data += line
        self.mails.append((under_tls, data))

    def stop(self):
        self.listener.close()


class Lab:
    """Two authorities, of which Postfix trusts one, and mail servers by name."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        os.chmod(self.folder, 0o755)
        self.port = servers.free_port()
        self.names, self.trusted, self.stranger = Names(self.folder), Authority(self.folder), Authority(self.folder, "stranger")
        self.servers = {}

    def serve(self, domain, host, certificate=None):
        server = Server(self.port, certificate)
        self.names.host(host, server.address)
        self.names.mx(domain, host)
        self.servers[domain] = server
        return server

    def stop(self):
        for part in (self.names, *self.servers.values()):
            part.stop()
