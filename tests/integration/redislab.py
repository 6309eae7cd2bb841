# SPDX-License-Identifier: Apache-2.0
"""More than one Redis: nodes on loopback, a master with replicas under Sentinels, a cluster. Each stands where an office has its one
(`office.redis`): start, cli, stop; and says how a configuration names it."""
import os
import signal
import subprocess
from pathlib import Path

import servers
from waiting import can_connect, free_port

CUT = "nobody"  # whose password a replica that is cut off gives its master: there is none


class Node:
    """A redis-server on a port of its own that keeps nothing on disk."""

    def __init__(self, folder, port, *always):
        self.folder, self.port, self.always = Path(folder), port, always
        self.folder.mkdir(parents=True)
        self.process = None

    @property
    def place(self):
        return f"127.0.0.1:{self.port}"

    def start(self, *extra):
        log = open(self.folder / "redis.log", "ab")
        argv = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(self.folder),
                "--repl-diskless-sync-delay", "0", *self.always, *extra]
        self.process = subprocess.Popen(argv, stdout=log, stderr=log)
        servers.wait_for(lambda: self.cli("ping") == "PONG", what=f"Redis at {self.place}")
        return self

    def cli(self, *words):
        """Nothing where it does not answer."""
        try:
            return servers.run("redis-cli", "-p", self.port, *words, check=False, timeout=1).stdout.strip()
        except subprocess.TimeoutExpired:
            return ""

    def role(self):
        return self.cli("role").split("\n")[0]

    def hang(self):
        os.kill(self.process.pid, signal.SIGSTOP)

    def go_on(self):
        os.kill(self.process.pid, signal.SIGCONT)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def cut_off(self):
        """From now on it answers, and hears nothing more from its master."""
        self.cli("config", "set", "masteruser", CUT)
        self.cli("config", "set", "masterauth", CUT)
        self.cli("client", "kill", "type", "master")
        servers.wait_for(lambda: "master_link_status:down" in self.cli("info", "replication"), what="a replica that hears nothing")

    def join_again(self):
        self.cli("config", "set", "masterauth", "")
        self.cli("config", "set", "masteruser", "")

    def writes(self):
        """How many scripts it has run."""
        line = next((line for line in self.cli("info", "commandstats").split("\n") if line.startswith("cmdstat_evalsha:")), "")
        return int(line.split("calls=")[1].split(",")[0]) if line else 0

    def marks(self, tag="aldous"):
        """{writer: number of its last entry}"""
        words = self.cli("hgetall", f"lexgate:{{{tag}}}:writers").split("\n")
        return {name: int(value.split()[0]) for name, value in zip(words[::2], words[1::2]) if value}

    def stop(self):
        if self.process and self.process.poll() is None:
            self.kill()


class Sentinels:
    """A master, its replicas, and Sentinels of which two must agree."""
    NAME, REPLICAS, WATCHERS = "firm", 2, 3
    PERIODS, FAILOVER_TIMEOUT = (), 3000  # names and milliseconds of "sentinel debug"; twice this long nobody tries a failover again

    def __init__(self, folder, down_after_ms=500):
        self.folder, self.down_after = Path(folder), down_after_ms
        self.nodes = [Node(self.folder / f"node-{n}", free_port()) for n in range(1 + self.REPLICAS)]
        self.ports = [free_port() for _ in range(self.WATCHERS)]
        self.watchers = []
        self.socket = "nowhere"

    def settings(self):
        places = ", ".join(f'"127.0.0.1:{port}"' for port in self.ports)
        return f'sentinel = [{places}]; master = "{self.NAME}";'

    def start(self, *extra):
        first = self.nodes[0].start(*extra)
        for node in self.nodes[1:]:
            node.start("--replicaof", "127.0.0.1", str(first.port), *extra)
        for port in self.ports:
            conf = self.folder / f"sentinel-{port}.conf"
            conf.write_text(f"port {port}\nbind 127.0.0.1\ndir {self.folder}\nsentinel monitor {self.NAME} 127.0.0.1 {first.port} 2\n"
                            f"sentinel down-after-milliseconds {self.NAME} {self.down_after}\nsentinel failover-timeout {self.NAME} {self.FAILOVER_TIMEOUT}\n")
            log = open(self.folder / f"sentinel-{port}.log", "ab")
            self.watchers.append(subprocess.Popen(["redis-server", str(conf), "--sentinel"], stdout=log, stderr=log))
            servers.wait_for(lambda: can_connect(("127.0.0.1", port)), what="a Sentinel")
            if self.PERIODS:
                self._ask(port, "debug", *self.PERIODS)
        servers.wait_for(self._all_are_known, 20, "Sentinels that know one another", 0.1)
        return self

    def _ask(self, port, *words):
        return servers.run("redis-cli", "-p", port, "sentinel", *words, check=False).stdout.split("\n")

    def _all_are_known(self):
        for port in self.ports:
            words = self._ask(port, "master", self.NAME)
            said = dict(zip(words[::2], words[1::2]))
            if said.get("num-slaves") != str(self.REPLICAS) or said.get("num-other-sentinels") != str(self.WATCHERS - 1) or said.get("flags") != "master":
                return False
        return True

    def master(self):
        """The node that most Sentinels name and that says so itself; None between two of them."""
        named = [self._ask(port, "get-master-addr-by-name", self.NAME)[1:2] for port in self.ports]
        for node in self.nodes:
            if node.process.poll() is None and named.count([str(node.port)]) > self.WATCHERS / 2 and node.role() == "master":
                return node
        return None

    def wait_for_another(self, than):
        return servers.wait_for(lambda: (now := self.master()) is not than and now, 20, "another master", 0.1)

    def cli(self, *words):
        """Of the master."""
        node = self.master()
        return node.cli(*words) if node else ""

    def stop(self):
        for process in self.watchers:
            process.kill()
            process.wait()
        for node in self.nodes:
            node.stop()


class HastySentinels(Sentinels):
    """Whoever comes back is looked at in a second instead of ten."""
    PERIODS = ("publish-period", "200", "info-period", "300", "ask-period", "200", "ping-period", "100")
    FAILOVER_TIMEOUT = 700


class Cluster:
    """Three masters, each with a replica. `nodes` are the two that have the firm's slot, `bystanders` the other masters."""
    TIMEOUT_MS = 700
    KEY = "lexgate:{aldous}:writers"

    def __init__(self, folder):
        always = ["--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-node-timeout", str(self.TIMEOUT_MS),
                  "--cluster-replica-validity-factor", "0", "--cluster-port"]
        self.all = [Node(Path(folder) / f"node-{n}", free_port(), *always, str(free_port())) for n in range(6)]
        self.nodes, self.bystanders, self.socket = [], [], "nowhere"

    def settings(self):
        return f'cluster = ["{self.all[0].place}", "{self.all[1].place}"];'

    def start(self, *extra):
        for node in self.all:
            node.start(*extra)
        servers.run("redis-cli", "--cluster", "create", *[f"{node.place}@{node.always[-1]}" for node in self.all], "--cluster-replicas", "1", "--cluster-yes", timeout=60)
        servers.wait_for(lambda: all("cluster_state:ok" in node.cli("cluster", "info") for node in self.all), 20, "a cluster that is up", 0.1)
        servers.wait_for(lambda: all(node.role() == "master" or "master_link_status:up" in node.cli("info", "replication") for node in self.all) and
                         [node.role() for node in self.all].count("master") == 3, 20, "replicas that follow", 0.1)
        masters = [node for node in self.all if node.role() == "master"]
        first = next(node for node in masters if node.cli("exists", self.KEY) == "0")
        replica = next(node for node in self.all if node.cli("role").split("\n")[2:3] == [str(first.port)])
        self.nodes, self.bystanders = [first, replica], [node for node in masters if node is not first]
        servers.wait_for(lambda: self.master() is first, 20, "the first master", 0.1)
        return self

    def master(self):
        """The node that the bystanders name and that says so itself; None between two of them."""
        named = [node.cli("exists", self.KEY) for node in self.bystanders]
        for node in self.nodes:
            if node.process.poll() is None and all(words.endswith(node.place) for words in named) and node.role() == "master":
                return node
        return None

    def wait_for_another(self, than):
        return servers.wait_for(lambda: (now := self.master()) is not than and now, 20, "another master", 0.1)

    def cli(self, *words):
        """Of the master."""
        node = self.master()
        return node.cli(*words) if node else ""

    def stop(self):
        for node in self.all:
            node.stop()
