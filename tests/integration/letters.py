# SPDX-License-Identifier: Apache-2.0
"""Messages as people's mail programs write them, and questions to ask of an office's deadlines."""
import email.utils
import json
import subprocess
import time

import servers
import story

NORA, PETER = "Nora Finch <nora@harbour.test>", "Peter Quill <peter@quill.test>"
ALICE, BEN, WALTER = "Alice Aldous <alice@aldous.test>", "Ben Okafor <ben@aldous.test>", "Walter Grey <walter@aldous.test>"


def letter(sender, to, subject="When is the hearing?", body="Could you tell me when the hearing is?\n", **headers):
    return story.mail(sender, to, subject, body, **headers)


def mark(message):
    return message["Message-ID"].strip("<>")


def ask(office, sender=NORA, to=ALICE, **kw):
    """A client's question through the real Postfix; gives the message."""
    message = letter(sender, to, **kw)
    code, text = office.receive(email.utils.parseaddr(sender)[1], email.utils.parseaddr(to)[1], message.as_bytes())
    assert code == 250, text
    return message


def reply(office, question, sender=ALICE, to=NORA, login="alice@aldous.test", **headers):
    message = letter(sender, to, "Re: " + question["Subject"], "In May.\n", References=question["Message-ID"], **headers)
    got = office.submit(login, email.utils.parseaddr(sender)[1], email.utils.parseaddr(to)[1], message.as_bytes())
    return message, got


def certificate(folder, address="nora@harbour.test", name="nora"):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.pem"
    servers.run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", folder.parent / f"{name}.key", "-out", path, "-days",
                "30", "-subj", f"/CN={name}", "-addext", f"subjectAltName=email:{address}", "-addext",
                "keyUsage=digitalSignature,keyEncipherment", "-addext", "extendedKeyUsage=emailProtection")
    return path


def encrypted(certificate_path, sender="alice@aldous.test", to="nora@harbour.test", subject="private", references=None, extra=("-aes256",)):
    """What `openssl cms -encrypt` makes of a line of text: (bytes, Message-ID)."""
    done = subprocess.run(["openssl", "cms", "-encrypt", *extra, "-from", sender, "-to", to, "-subject", subject, str(certificate_path)],
                          input=b"Content-Type: text/plain\r\n\r\nthe secret words\r\n", capture_output=True, check=True)
    message_id = email.utils.make_msgid(domain="aldous.test")
    head = f"Message-ID: {message_id}\nDate: {email.utils.formatdate(usegmt=True)}\n" + (f"References: {references}\n" if references else "")
    return head.encode() + done.stdout, message_id.strip("<>")


def deadlines(office, client=None, state="any"):
    argv = ["queue", "--json", "--state", state] + (["--client", client] if client else [])
    done = office.lexgate(*argv)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def states(office, client=None):
    return sorted(d["state"] for d in deadlines(office, client))


def wait_states(office, expected, client=None, timeout=15):
    servers.wait_for(lambda: states(office, client) == sorted(expected), timeout, f"deadlines to be {expected}, not {states(office, client)}",
                     every=0.1)


def shipped(office, timeout=20):
    """Waits until what is journalled is in Redis."""
    def level():
        done = office.lexgate("doctor", "--json")
        lines = json.loads(done.stdout)
        return all(line["state"] == "ok" for line in lines if line["what"].startswith("journal lag"))
    servers.wait_for(level, timeout, "the journal to be shipped", 0.1)


def settle(office, expected, client=None, calm=1.0):
    """The states are as expected, and still are after a while in which a wrong change would have come."""
    wait_states(office, expected, client)
    time.sleep(calm)
    assert states(office, client) == sorted(expected)
