"""The clients: how each is started, made to announce a torrent, and made to look one up.

A kind has `hosts`, one a node, and says by `found(k, hash)` which peers its node k has found: those who tell, by what
they tell; aria2 and Transmission, which do not, by whom they try to connect to.
"""
import collections
import json
import os
import pathlib
import subprocess
import threading
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
PORT = 6881


class Processes:
    """All that was started, to be ended in every case."""

    def __init__(self, logs):
        self._logs = logs
        self._all = []

    def start(self, name, words, **options):
        log = open(self._logs / f"{name}.log", "wb")
        options = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log} | options
        process = subprocess.Popen(words, **options)
        log.close()
        self._all.append((name, process))
        return process

    def dead(self):
        return [f"{name} ({process.returncode})" for name, process in self._all if process.poll() is not None]

    def end(self):
        """The status of each; None for what did not end in time when it was told to."""
        for _, process in self._all:
            if process.poll() is None:
                process.terminate()
        statuses = {}
        for name, process in self._all:
            try:
                statuses[name] = process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                statuses[name] = None
        self._all.clear()
        return statuses


class Ours:
    name = "ours"
    port = PORT

    def __init__(self, processes, hosts, dht):
        self._processes, self.hosts, self._dht = processes, hosts, dht

    def start(self, bootstrap):
        for k, host in enumerate(self.hosts):
            # Most are in both networks, some in one; both ways of carrying datagrams.
            bind = {9: "0.0.0.0", 10: f"[{host.ipv6}]"}.get(k, "[::]")
            first = [peer for peer in bootstrap if peer.number != host.number]
            places = [f"{peer.ipv4}:{PORT}" for peer in first] * (k != 10)
            places += [f"[{peer.ipv6}]:{PORT}" for peer in first] * (k != 9)
            self._processes.start(f"ours-{k}", host.run(
                self._dht, "node", "--bind", f"{bind}:{PORT}", "--transport", ("batch", "ring")[k % 2], "--quiet",
                "--log", "warning", "--json", *(word for place in places for word in ("--bootstrap", place))))

    def families(self, k):
        return {9: (4,), 10: (6,)}.get(k, (4, 6))


class Talking:
    """A process of one or more nodes that takes orders and reports peers as JSON lines."""

    port = PORT

    def __init__(self):
        self._found = collections.defaultdict(set)
        self._pipes = []

    def _open(self, process, first):
        self._pipes.append(process.stdin)
        threading.Thread(target=self._hear, args=(process.stdout, first), daemon=True).start()

    def _hear(self, lines, first):
        for line in lines:
            told = json.loads(line)
            self._found[first + told["node"], told["hash"]].update(map(tuple, told["peers"]))

    @staticmethod
    def _say(pipe, **order):
        pipe.write(json.dumps(order).encode() + b"\n")
        pipe.flush()

    def found(self, k, info_hash):
        return self._found[k, info_hash]


class Libtorrent(Talking):
    name = "libtorrent"

    def __init__(self, processes, hosts):
        super().__init__()
        self._processes, self.hosts = processes, hosts

    def start(self, bootstrap):
        places = [{"space": host.space, "ipv4": host.ipv4, "ipv6": host.ipv6, "bootstrap": [
            [address, PORT] for peer in bootstrap if peer.number != host.number for address in (peer.ipv4, peer.ipv6)]}
            for host in self.hosts]
        self._open(self._processes.start(
            self.name, ["/usr/bin/python3", str(HERE / "libtorrent_nodes.py"), json.dumps(places)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE), 0)

    def announce(self, k, info_hash):
        self._say(self._pipes[0], node=k, do="announce", hash=info_hash)
        return PORT

    def find(self, k, info_hash):
        self._say(self._pipes[0], node=k, do="find", hash=info_hash)

    def families(self, k):
        return (4, 6)


class Webtorrent(Talking):
    name = "webtorrent"

    def __init__(self, processes, hosts, packages):
        super().__init__()
        self._processes, self.hosts, self._packages = processes, hosts, packages

    def start(self, bootstrap):
        for k, host in enumerate(self.hosts):
            self._open(self._processes.start(
                f"{self.name}-{k}", host.run("node", str(HERE / "webtorrent_node.mjs"), self._packages, host.ipv4,
                                             *(f"{peer.ipv4}:{PORT}" for peer in bootstrap)),
                stdin=subprocess.PIPE, stdout=subprocess.PIPE), k)

    def announce(self, k, info_hash):
        self._say(self._pipes[k], do="announce", hash=info_hash, port=PORT + 1)
        return PORT + 1

    def find(self, k, info_hash):
        self._say(self._pipes[k], do="find", hash=info_hash)

    def families(self, k):
        return (4,)


class Connecting:
    """Asked over HTTP; a torrent that it is given it announces and looks up. Whom it found it tries to connect to."""

    peer_port = PORT + 1

    def __init__(self, processes, hosts, folder, attempts):
        self._processes, self.hosts, self._folder, self._attempts = processes, hosts, folder, attempts
        # The torrents that each was given first.
        self.own = []

    def _home(self, k):
        home = self._folder / f"{self.name}-{k}"
        home.mkdir()
        return home

    def found(self, k, info_hash):
        # Each announced endpoint is of one torrent, so that an attempt says which.
        return self._attempts[self.hosts[k].number]

    def announce(self, k, info_hash):
        self.find(k, info_hash)
        return self.peer_port

    def families(self, k):
        return (4, 6)


class Aria2(Connecting):
    name = "aria2"
    port = PORT

    def start(self, bootstrap):
        for k, host in enumerate(self.hosts):
            home = self._home(k)
            first = bootstrap[k % len(bootstrap)]
            self._processes.start(f"{self.name}-{k}", host.run(
                "aria2c", "--no-conf", f"--dir={home}", "--enable-rpc", "--rpc-listen-all", "--rpc-listen-port=6800",
                f"--listen-port={PORT + 1}", "--enable-dht", f"--dht-listen-port={PORT}",
                f"--dht-file-path={home}/dht.dat", f"--dht-entry-point={first.ipv4}:{PORT}", "--enable-dht6",
                f"--dht-listen-addr6={host.ipv6}", f"--dht-file-path6={home}/dht6.dat",
                f"--dht-entry-point6=[{first.ipv6}]:{PORT}", "--bt-enable-lpd=false", "--enable-peer-exchange=false",
                "--max-concurrent-downloads=100", "--summary-interval=0", "--quiet"), env=os.environ | {
                    "HOME": str(home)})

    def find(self, k, info_hash):
        body = {"jsonrpc": "2.0", "id": "1", "method": "aria2.addUri",
                "params": [[f"magnet:?xt=urn:btih:{info_hash}"]]}
        _post(f"http://{self.hosts[k].ipv4}:6800/jsonrpc", body, {})


class Transmission(Connecting):
    name = "transmission"
    # One port for both, UDP and TCP.
    port = PORT + 1

    def start(self, bootstrap):
        for k, host in enumerate(self.hosts):
            home = self._home(k)
            (home / "settings.json").write_text(json.dumps({
                "dht-enabled": True, "lpd-enabled": False, "pex-enabled": False, "utp-enabled": False,
                "port-forwarding-enabled": False, "peer-port": PORT + 1, "bind-address-ipv4": host.ipv4,
                "bind-address-ipv6": host.ipv6, "rpc-enabled": True, "rpc-bind-address": "0.0.0.0",
                "rpc-whitelist-enabled": False, "rpc-host-whitelist-enabled": False, "download-queue-enabled": False,
                "download-dir": str(home)}))
            # One place, not two: it takes twenty seconds over each line.
            first = bootstrap[k % len(bootstrap)]
            (home / "dht.bootstrap").write_text(f"{first.ipv4} {PORT}\n{first.ipv6} {PORT}\n")
            self._processes.start(f"{self.name}-{k}", host.run(
                "transmission-daemon", "--foreground", "--config-dir", str(home), "--log-info"))

    def find(self, k, info_hash):
        url = f"http://{self.hosts[k].ipv4}:9091/transmission/rpc"
        body = {"method": "torrent-add", "arguments": {"filename": f"magnet:?xt=urn:btih:{info_hash}"}}
        try:
            _post(url, body, {})
        except urllib.error.HTTPError as refusal:
            # It takes no order before it has been asked once, and handed out this.
            _post(url, body, {"X-Transmission-Session-Id": refusal.headers["X-Transmission-Session-Id"]})


def _post(url, body, headers):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"} | headers)
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)
