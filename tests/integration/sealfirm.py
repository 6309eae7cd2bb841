# SPDX-License-Identifier: Apache-2.0
"""A firm whose gateway encrypts: its clients' certificates, and what their programs make of what they get."""
import subprocess

import firms
import servers
from letters import certificate

HARBOUR = ("nora", "olaf", "petra")  # of harbour.test, with certificates
SECRET = "The sum that we would accept is 1,250,000."


def conf(otherwise="reject", more="", hidden=False):
    firm = firms.aldous()
    text = firm["lexgate.conf"].replace('accept = ["end-to-end", "consent"]; otherwise = "reject"',
                                        f'accept = ["end-to-end", "smime", "openpgp", "verified-tls", "consent"]; otherwise = "{otherwise}"')
    group = "encryption: { "  # mail is found by its subject, unless it is hidden
    more = (more if group in more else more + group + "};\n").replace(group, group + f"protect_headers = {str(hidden).lower()}; ")
    firm["lexgate.conf"] = text.replace("rules: (", more + "rules: (", 1)
    head, *rows = firm["clients.csv"].rstrip("\n").split("\n")
    firm["clients.csv"] = "\n".join([head + ",tls,consent", *(row + ",," for row in rows),
                                     "tide,Tideway Ltd,@tideway.test,en,mail,,confidential,mx.tideway.test,"]) + "\n"
    return firm


def make(own_office, start=True, **kw):
    """An office whose clients at harbour.test have certificates, nora, olaf and petra."""
    office = own_office(kw.pop("conf", None) or conf(), start=False, **kw)
    for name in HARBOUR:
        certificate(office.conf_dir / "certs", f"{name}@harbour.test", name)
    return office.start() if start else office


def opened(office, name, data):
    """What the person's mail program makes of a message: the inner entity, or None."""
    key = office.conf_dir / f"{name}.key"
    done = subprocess.run(["openssl", "cms", "-decrypt", "-inkey", key, "-recip", office.conf_dir / "certs" / f"{name}.pem"], input=data,
                          capture_output=True)
    return done.stdout if done.returncode == 0 else None


def by_recipient(office, subject):
    """Who got which message with that subject: {address: [data, …]}."""
    got = {}
    for mail in list(office.sink.mails):
        if mail.message["Subject"] == subject:
            for address in mail.recipients:
                got.setdefault(address, []).append(mail.data)
    return got


def wait_for_all(office, subject, recipients, timeout=30):
    servers.wait_for(lambda: set(by_recipient(office, subject)) >= set(recipients), timeout, f"mail for {recipients}")
    return by_recipient(office, subject)
