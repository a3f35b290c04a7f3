"""The mixed network. Started by run.sh, which brings what it needs; see there, and docs/interop.md."""
import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import time

import bencode
import network as net
from asker import Asker
from capture import Capture
from clients import Aria2, Libtorrent, Ours, Processes, Transmission, Webtorrent
from record import Record

NODES = {"ours": 12, "libtorrent": 10, "webtorrent": 4, "aria2": 4, "transmission": 4}
COMMANDS = 60
# How many nodes of each other kind announce a torrent.
ANNOUNCERS = 2
SHARE_MAX = 0.01
# The status of a command that was told to stop.
STOPPED = 130
# Seconds. Slack for a machine that does other things as well; whoever is done is not waited for.
JOIN, ANNOUNCE, FIND, COMMAND = 240, 120, 150, 60
# What libtorrent takes from one address without blocking it is 5 queries a second.
PACE = 0.4
ASKED, NEAR = 50, 15


class Proof:
    def __init__(self, options):
        self._options = options
        self._random = random.Random(options.seed)
        self._began = time.monotonic()
        self._work = pathlib.Path(options.work)
        self._logs = self._work / "logs"
        self._logs.mkdir()
        self._processes = Processes(self._logs)
        self._network = net.Network(options.tag, sum(NODES.values()), COMMANDS)
        self._capture = None
        self._wrong = []
        hosts = iter(self._network.nodes)
        take = {name: [next(hosts) for _ in range(count)] for name, count in NODES.items()}
        attempts = collections.defaultdict(set)
        self._ours = Ours(self._processes, take["ours"], options.dht)
        self._others = [
            Libtorrent(self._processes, take["libtorrent"]),
            Webtorrent(self._processes, take["webtorrent"], options.packages),
            Aria2(self._processes, take["aria2"], self._work, attempts),
            Transmission(self._processes, take["transmission"], self._work, attempts),
        ]
        self._kinds = [self._ours, *self._others]
        self._record = Record(self._network, self._kinds, attempts)
        self._commands = []
        self._pool = concurrent.futures.ThreadPoolExecutor(3)

    # ---- the run

    def run(self):
        print(f"seed {self._options.seed}")
        bencode.check_the_checker()
        self._network.build()
        # From here on we live on the hub, and what we start does too unless it says otherwise.
        net.enter(self._network.hub)
        self._capture = Capture(self._network, str(self._work / "mixed.pcap"))
        bootstrap = [self._ours.hosts[0], self._others[0].hosts[0]]
        asker = Asker(self._network.asker)
        # Some ask those to begin at once only, so these come first.
        for kind in self._kinds[:2]:
            kind.start(bootstrap)
        self._join(asker, self._kinds[:2])
        for kind in self._kinds[2:]:
            kind.start(bootstrap)
        # aria2 opens its DHT with its first torrent.
        aria2 = self._others[2]
        self._wait(30, lambda: self._is_open(aria2), "aria2 does not listen")
        self._join(asker, self._kinds)
        theirs = self._announce_theirs()
        self._find_ours(self._announce_ours())
        self._find_theirs(theirs)
        self._other_commands()
        self._ask_for_contacts(asker)
        dead = self._processes.dead()
        self._check(not dead, f"ended by themselves: {', '.join(dead)}")
        badly = {name: status for name, status in self._processes.end().items()
                 if status is None or name.startswith(self._ours.name) and status not in (0, STOPPED)}
        self._check(not badly, f"did not end as they should: {badly}")
        self._wire()
        return self._wrong

    def end(self):
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._processes.end()
        if self._capture is not None:
            self._capture.kill()
        if self._options.keep:
            shutil.copytree(self._work, self._options.keep, dirs_exist_ok=True, ignore=shutil.ignore_patterns("dht"))

    def _join(self, asker, kinds):
        places = [((kind.name, k, family), family, address(host, family), kind.port)
                  for kind in kinds for k, host in enumerate(kind.hosts) for family in kind.families(k)]
        missing = {place[0] for place in places}
        last = None
        until = time.monotonic() + JOIN
        while missing and time.monotonic() < until:
            at = time.monotonic()
            asked = [(*place, self._target()) for place in places if place[0] in missing]
            # As many as a reply carries of the other nodes that a node of one family can know.
            joined = {key for key, contacts in asker.ask(asked, 3).items()
                      if sum(len(address) == (4 if key[2] == 4 else 16) for address, _ in contacts) >= 5}
            missing -= joined
            last = max(joined, default=last)
            self._read()
            if missing:
                time.sleep(max(0.0, at + 3 - time.monotonic()))
        self._say(f"{len(places) - len(missing)} of {len(places)} joined (a node and family each), the last {last}")
        self._check(not missing, f"not joined: {sorted(missing)}")

    def _is_open(self, aria2):
        """Gives each node its own torrent, which it announces; whether all have taken it."""
        try:
            while len(aria2.own) < len(aria2.hosts):
                info_hash = self._target().hex()
                aria2.announce(len(aria2.own), info_hash)
                aria2.own.append(info_hash)
            return True
        except OSError:
            return False

    # ---- announced by others, found by ours

    def _announce_theirs(self):
        """(kind, family, host, port, hash) of what some nodes of each other kind announce."""
        torrents = []
        for kind in self._others:
            for k in range(ANNOUNCERS):
                if kind.name == "aria2":
                    info_hash, port = kind.own[k], kind.peer_port
                else:
                    info_hash = self._target().hex()
                    port = kind.announce(k, info_hash)
                host = kind.hosts[k]
                torrents += [(kind.name, family, host, port, info_hash) for family in kind.families(k)]
        return torrents

    def _find_theirs(self, torrents):
        def is_announced(torrent):
            _, family, host, _, info_hash = torrent
            last = self._record.announced.get((host.number, family, info_hash))
            return last is not None and time.time() - last > 3

        left = list(torrents)
        running = {}
        until = time.monotonic() + ANNOUNCE
        while left and time.monotonic() < until:
            self._read()
            for torrent in [torrent for torrent in left if is_announced(torrent)]:
                left.remove(torrent)
                running[torrent] = self._pool.submit(self._command, torrent[1], "get-peers", torrent[4])
            time.sleep(0.5)
        for name in [kind.name for kind in self._others]:
            for family in (4, 6):
                of_these = [torrent for torrent in torrents if torrent[:2] == (name, family)]
                if not of_these:
                    continue
                good = sum(torrent in running and has_peer(running[torrent].result(), torrent[2], family, torrent[3])
                           for torrent in of_these)
                never = sum(torrent in left for torrent in of_these)
                self._row("announced by", name, family, "found by ours", good, len(of_these),
                          f"{never} were not announced within {ANNOUNCE} s" if never else "")

    # ---- announced by ours, found by others

    def _announce_ours(self):
        """(family, host, port, hash) each; by a command at an address of its own each."""
        torrents = []
        running = []
        for serial, family in enumerate((4, 4, 4, 4, 4, 4, 6, 6, 6)):
            port, info_hash = 20001 + serial, self._target().hex()
            running.append(self._pool.submit(self._command, family, "announce", info_hash, "--port", str(port)))
            torrents.append((family, port, info_hash))
        done = [command.result() for command in running]
        self._row("announced by", "ours", "both", "taken", sum(code == 0 for code, _, _ in done), len(done), "")
        return [(family, host, port, info_hash)
                for (family, port, info_hash), (_, _, host) in zip(torrents, done, strict=True)]

    def _find_ours(self, torrents):
        looked = []
        for kind in self._others:
            for k in range(len(kind.hosts)):
                for family, host, port, info_hash in torrents:
                    if family in kind.families(k):
                        kind.find(k, info_hash)
                        looked.append((kind, k, family, (address(host, family), port), info_hash))
        ours = [(family, host, port, self._pool.submit(self._command, family, "get-peers", info_hash))
                for family, host, port, info_hash in torrents]
        pending = looked
        until = time.monotonic() + FIND
        while pending and time.monotonic() < until:
            time.sleep(0.5)
            self._read()
            pending = [(kind, k, family, peer, info_hash) for kind, k, family, peer, info_hash in pending
                       if peer not in kind.found(k, info_hash)]
        for kind in self._others:
            for family in (4, 6):
                total = sum(look[0] is kind and look[2] == family for look in looked)
                missed = [look for look in pending if look[0] is kind and look[2] == family]
                if total:
                    detail = ", ".join(f"{kind.name} {k}: {peer}" for _, k, _, peer, _ in missed[:4])
                    self._row("announced by", "ours", family, f"found by {kind.name}", total - len(missed), total,
                              detail)
        for family in (4, 6):
            found = [has_peer(command.result(), host, family, port) for of, host, port, command in ours if of == family]
            self._row("announced by", "ours", family, "found by ours", sum(found), len(found), "")

    # ---- commands

    def _other_commands(self):
        """What else there is, of nodes of every kind, over both families; and what all of them came to."""
        running = []
        for kind in self._kinds:
            for family in (4, 6):
                k = next((k for k in range(1, len(kind.hosts)) if family in kind.families(k)), None)
                if k is not None:
                    place = f"{bracketed(kind.hosts[k], family)}:{kind.port}"
                    running.append(self._pool.submit(self._command, family, "ping", place))
        for family in (4, 4, 6):
            running.append(self._pool.submit(self._command, family, "find-node", self._target().hex()))
        done = [command.result() for command in running]
        self._row("ping, find-node", "ours", "both", "answered", sum(code == 0 for code, _, _ in done), len(done), "")
        codes = [code for code, _, _ in self._commands]
        self._row("all commands", "ours", "both", "status 0", codes.count(0), len(codes), "")

    def _command(self, family, *words):
        """(status, JSON, host) of a command at an address of its own. Each begins at one node of ours, one not."""
        host = self._network.take()
        if words[0] != "ping":
            first = (self._ours.hosts[1], self._others[0].hosts[1])
            words += tuple(word for peer in first for word in ("--bootstrap", f"{bracketed(peer, family)}:6881"))
        process = subprocess.run(
            host.run(self._options.dht, *words, "--bind", bracketed(host, family), "--json", "--quiet"),
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=COMMAND + 30, check=False)
        try:
            told = json.loads(process.stdout)
        except ValueError:
            told = {}
        done = (process.returncode, told, host)
        self._commands.append(done)
        with open(self._logs / "commands.log", "a", encoding="utf-8") as log:
            log.write(f"{' '.join(words)}: {process.returncode} {process.stdout} {process.stderr}\n")
        return done

    # ---- afterwards

    def _ask_for_contacts(self, asker):
        """What libtorrent and ours hand out, anywhere and near the ids of commands, when all commands have ended."""
        time.sleep(3)
        self._read()
        anywhere = [self._target() for _ in range(ASKED)]
        near = self._random.sample(sorted(self._record.commands_ids), NEAR)
        for kind in self._kinds[:2]:
            handed, ended = self._handed_out(asker, kind, anywhere)
            self._share(f"contacts that {kind.name} hands out afterwards", handed, ended)
            handed, ended = self._handed_out(asker, kind, near)
            self._say(f"near the ids of commands, {kind.name}: {handed}, ended commands {ended} "
                      f"({share(ended, handed):.2%})")
            self._check(ended == 0 or kind is not self._ours, "ours hands out commands near their ids")

    def _handed_out(self, asker, kind, targets):
        places = [(k, family, address(host, family), kind.port) for k, host in enumerate(kind.hosts)
                  for family in kind.families(k)]
        contacts = []
        answers = 0
        for target in targets:
            at = time.monotonic()
            heard = asker.ask([((k, family), family, where, port, target) for k, family, where, port in places], PACE)
            answers += len(heard)
            contacts += [contact for handed in heard.values() for contact in handed]
            time.sleep(max(0.0, at + PACE - time.monotonic()))
        asked = len(targets) * len(places)
        self._check(answers > asked // 2, f"{kind.name} answered {answers} of {asked} in time")
        return len(contacts), sum(contact in self._record.commands_last for contact in contacts)

    def _wire(self):
        dropped = self._capture.end()
        self._read()
        record = self._record
        print("\nthe capture of the whole run")
        print(f"  {'sent by':18}{'datagrams':>10}{'contacts':>10}{'of ended commands':>22}{'queries to them':>17}")
        for kind in self._kinds:
            handed, ended, last = record.contacts(kind.name)
            print(f"  {kind.name:18}{record.datagrams[kind.name]:10}{handed:10}{ended:8} ({share(ended, handed):6.2%})"
                  f"{last:4.0f} s{record.queries_to_ended(kind.name):17}")
        commands = "commands of ours"
        print(f"  {commands:18}{record.datagrams[commands]:10}")
        for kind in self._kinds[:2]:
            handed, ended, _ = record.contacts(kind.name)
            self._share(f"contacts that {kind.name} handed out in the whole run", handed, ended)
        sources = ", ".join(f"{name} {count}" for name, count in record.sources("libtorrent").most_common())
        print(f"  libtorrent had those from whom named them, or announced to it: {sources or 'none'}")
        # Nobody whom ours names, and nobody who only asks.
        self._check(not record.sources("libtorrent").keys() & {"ours", "asking"},
                    f"libtorrent took commands: {sources}")
        total = record.datagrams["ours"] + record.datagrams[commands]
        wrong = len(record.not_canonical)
        print(f"  {total} datagrams of ours: {wrong} not canonical, the longest has {record.largest} bytes")
        print(f"  {record.commands_queries} queries of {len(record.commands_last)} commands: "
              f"{record.commands_without_ro} without ro")
        self._check(wrong == 0, f"not canonical: {record.not_canonical[:5]}")
        self._check(total > 1000, "the capture has next to nothing of ours")
        self._check(record.commands_without_ro == 0, "commands that do not say ro")
        self._check(dropped == 0, f"tcpdump missed {dropped} packets")
        self._check(self._capture.fragments == 0, f"{self._capture.fragments} fragments, which were not read")

    # ---- small change

    def _read(self):
        self._record.take(self._capture.read())

    def _wait(self, seconds, holds, otherwise):
        until = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > until:
                raise RuntimeError(otherwise)
            time.sleep(0.5)

    def _target(self):
        return self._random.randbytes(20)

    def _say(self, line):
        print(f"[{time.monotonic() - self._began:4.0f} s] {line}", flush=True)

    def _check(self, holds, otherwise):
        if not holds:
            self._wrong.append(otherwise)
            self._say(f"NOT SO: {otherwise}")

    def _row(self, what, who, family, how, good, total, detail):
        line = f"{what} {who}, IPv{family}" if family != "both" else f"{what} {who}"
        self._say(f"{line:32} {how:24} {good:4} of {total:4} {detail}")
        if good < total:
            self._wrong.append(f"{line}, {how}: {good} of {total} {detail}")

    def _share(self, what, total, ended):
        self._check(total > 0, f"no {what}")
        self._check(share(ended, total) < SHARE_MAX, f"{what}: {share(ended, total):.2%} are ended commands")
        self._say(f"{what}: {total}, ended commands {ended} ({share(ended, total):.2%})")


def share(part, whole):
    return part / whole if whole else 0.0


def address(host, family):
    return host.ipv4 if family == 4 else host.ipv6


def bracketed(host, family):
    return host.ipv4 if family == 4 else f"[{host.ipv6}]"


def has_peer(done, host, family, port):
    _, told, _ = done
    return {"ip": address(host, family), "port": port} in told.get("peers", [])


def main():
    parser = argparse.ArgumentParser()
    for name in ("--tag", "--work", "--dht", "--packages"):
        parser.add_argument(name, required=True)
    parser.add_argument("--keep")
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    options = parser.parse_args()
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    proof = Proof(options)
    try:
        wrong = proof.run()
    finally:
        proof.end()
    print("\n" + ("all of it holds" if not wrong else "does NOT hold:\n  " + "\n  ".join(wrong)), flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
