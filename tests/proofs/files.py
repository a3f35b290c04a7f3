#!/usr/bin/env python3
"""Two processes on one file, and readers that no longer read: the real dht, again and again.

    dotnet build -c Release src/Dht.Cli
    tests/proofs/files.py [pairs] [pipes] [times N] [every N] [parallel N] [dht PATH]

pairs  two processes on one file, N times (20) in each pairing: one is refused with a sentence, the other's file is
       whole, whoever came first
pipes  every pipe full (stdout, stderr, both; with --log, with progress, with --json), every signal (TERM, INT, HUP)
       once and twice (0, 1, 20 ms apart): the state is saved, the process ends within five seconds; "every 7" takes
       every seventh case only; some are under way at a time (4)

Linux only. All traffic is on loopback. Exits with 1 when anything was not as it should be.
"""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
DLL = os.path.join(HERE, "../../src/Dht.Cli/bin/Release/net10.0/dht.dll")
TARGET = "0123456789abcdef0123456789abcdef01234567"
LIMIT = 5.0
failures = []
counts = {}


def check(name, holds, detail=""):
    good, all_of = counts.get(name, (0, 0))
    counts[name] = (good + bool(holds), all_of + 1)
    if not holds:
        failures.append(f"{name}: {detail}")
        print(f"  NOT SO: {name}: {detail}", flush=True)


def default_signals():
    # A shell that runs this in the background ignores these, and children inherit that.
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)


def start(*words, stdout=subprocess.PIPE, stderr=subprocess.PIPE):
    return subprocess.Popen(["dotnet", "exec", DLL, *words], stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr,
                            preexec_fn=default_signals)


def end(process, limit=60):
    out, err = process.communicate(timeout=limit)
    return process.returncode, out.decode(), err.decode()


def rows_of(path):
    """The rows of an output file; raises when one is broken or there twice."""
    with open(path, "rb") as file:
        data = file.read()
    if not data:
        return []
    assert data.endswith(b"\n"), f"broken last row {data[-60:]!r}"
    rows = [json.loads(line) for line in data.splitlines()]
    assert all(len(row["id"]) == 40 and row["lastSeen"].endswith("Z") for row in rows)
    return rows


def is_state(path):
    with open(path, "rb") as file:
        return file.read(12) == b"DhtState\0\0\0\1"


def is_readable(path):
    try:
        rows_of(path)
        return True
    except (AssertionError, ValueError, KeyError):
        return False


# ---- pairs

def wait_for(process, text):
    lines = []
    for line in iter(process.stderr.readline, b""):
        lines.append(line.decode())
        if text in lines[-1]:
            return lines
    raise AssertionError(f"ended before '{text}': {lines}")


def pair_nodes(folder):
    """Both at once: exactly one has the file."""
    state = os.path.join(folder, "s")
    words = ["node", "--bind", "127.0.0.1:0", "--allow-loopback", "--quiet", "--duration", "2", "--state", state]
    ends = [end(process) for process in [start(*words), start(*words)]]
    check("node + node at once: one runs, one is refused", sorted(e[0] for e in ends) == [0, 1], ends)
    refused = next((e for e in ends if e[0] == 1), (1, "", ""))
    check("node + node at once: a sentence",
          len(refused[2].splitlines()) == 1 and "keeps its state in" in refused[2], refused)
    check("node + node at once: the state is whole", is_state(state))
    check("node + node at once: nothing is left", sorted(os.listdir(folder)) == ["s", "s.lock"], os.listdir(folder))


def pair_node_after_node(folder):
    """One after the other: the second names the first, and the first is not disturbed; a killed one holds nothing."""
    state = os.path.join(folder, "s")
    words = ["node", "--bind", "127.0.0.1:0", "--allow-loopback", "--quiet", "--state", state]
    first = start(*words)
    identity = wait_for(first, "listening")[-1].split()[-1]
    code, _, err = end(start(*words))
    check("node + node: the second is refused", code == 1, (code, err))
    check("node + node: it names the first", f"(pid {first.pid}) keeps its state in {state}" in err, err)
    first.send_signal(signal.SIGTERM)
    check("node + node: the first saves its state", end(first)[0] == 130 and is_state(state))
    third = start(*words)
    same = wait_for(third, "listening")[-1].split()[-1]
    check("node + node: the next has the id", same == identity, (same, identity))
    third.kill()
    third.wait()
    fourth = start(*words)
    wait_for(fourth, "listening")
    check("node + node: a killed one holds nothing", True)
    fourth.send_signal(signal.SIGINT)
    end(fourth)


def pair_lookup_and_node(folder):
    state = os.path.join(folder, "s")
    node = start("node", "--bind", "127.0.0.1:0", "--allow-loopback", "--quiet", "--state", state)
    address = wait_for(node, "listening")[-1].split()[1]
    code, out, err = end(start("find-node", TARGET, "--bind", "127.0.0.1:0", "--allow-loopback", "--quiet",
                               "--bootstrap", address, "--state", state))
    check("lookup + node: the lookup is refused", code == 1 and "keeps its state in" in err and out == "", (code, err))
    node.send_signal(signal.SIGTERM)
    check("lookup + node: the node saves its state", end(node)[0] == 130 and is_state(state))


def pair_lookups(folder):
    state = os.path.join(folder, "s")
    node = start("node", "--bind", "127.0.0.1:0", "--allow-loopback", "--quiet")
    address = wait_for(node, "listening")[-1].split()[1]
    words = ["find-node", TARGET, "--bind", "127.0.0.1:0", "--allow-loopback", "--quiet", "--bootstrap", address,
             "--state", state]
    ends = [end(process) for process in [start(*words), start(*words)]]
    refused = [e for e in ends if "keeps its state in" in e[2]]
    check("lookup + lookup: at most one is refused", len(refused) <= 1 and all(e[0] in (0, 1) for e in ends), ends)
    check("lookup + lookup: the state is whole", is_state(state))
    node.send_signal(signal.SIGTERM)
    end(node)


def pair_crawls(folder):
    """Both at once, with each way to treat rows that are there."""
    for how in ([], ["--append"], ["--overwrite"]):
        out = os.path.join(folder, f"n{len(how) and how[0]}.jsonl")
        words = ["crawl", "--swarm", "300", "--rate", "600", "--quiet", "--json", "--out", out, *how]
        ends = [end(process) for process in [start(*words), start(*words)]]
        name = f"crawl + crawl at once, {how[0] if how else 'plain'}"
        done = [json.loads(e[1])["nodesAlive"] for e in ends if e[0] == 0]
        sentences = [e[2].strip() for e in ends if e[0] != 0]
        known = all("another process writes it" in s or "is there already" in s for s in sentences)
        check(f"{name}: one at least is done, the other is told why", done and known and len(sentences) < 2, ends)
        wanted = sum(done) if how == ["--append"] else done[-1] if done else -1
        try:
            count = len(rows_of(out))
        except (AssertionError, ValueError) as fault:
            count = fault
        check(f"{name}: the rows are whole and all there", count == wanted, (count, done))


def pair_crawl_after_crawl(folder):
    """While one is under way, and after it was killed in the middle of a row."""
    out = os.path.join(folder, "n.jsonl")
    first = start("crawl", "--swarm", "3000", "--rate", "800", "--json", "--out", out)
    wait_for(first, "alive 1,")
    for how in ([], ["--append"], ["--overwrite"]):
        code, _, err = end(start("crawl", "--swarm", "10", "--quiet", "--out", out, *how))
        check("crawl + crawl: the second is refused", code == 1 and "another process writes it" in err, (code, err))
    first.send_signal(signal.SIGINT)
    code, text, _ = end(first)
    alive = json.loads(text)["nodesAlive"]
    check("crawl + crawl: the first has all its rows", code == 130 and len(rows_of(out)) == alive, (code, alive))
    before = open(out, "rb").read()
    code, _, err = end(start("crawl", "--swarm", "10", "--quiet", "--out", out))
    check("crawl after crawl: refused", code == 2 and "is there already" in err, (code, err))
    check("crawl after crawl: the rows are untouched", open(out, "rb").read() == before)
    with open(out, "r+b") as file:
        file.truncate(len(before) - 40)
    code, _, err = end(start("crawl", "--swarm", "10", "--quiet", "--json", "--out", out, "--append"))
    check("crawl after a killed one: appended to whole rows", code == 0 and len(rows_of(out)) == alive - 1 + 10,
          (code, err))


def pair_output_and_state(folder):
    """A file of the one kind is never taken for the other."""
    out, state = os.path.join(folder, "n.csv"), os.path.join(folder, "s")
    end(start("crawl", "--swarm", "10", "--quiet", "--out", out))
    before = open(out, "rb").read()
    code, _, err = end(start("node", "--bind", "127.0.0.1:0", "--duration", "0.2", "--quiet", "--state", out))
    check("rows are no state: exit 2", code == 2 and "is not the state of a node" in err, (code, err))
    check("rows are no state: untouched", open(out, "rb").read() == before)
    end(start("node", "--bind", "127.0.0.1:0", "--duration", "0.2", "--quiet", "--state", state))
    os.rename(state, state + ".csv")
    before = open(state + ".csv", "rb").read()
    for how in ([], ["--append"]):
        code, _, err = end(start("crawl", "--swarm", "10", "--quiet", "--out", state + ".csv", *how))
        check("a state is no rows: exit 2", code == 2, (code, err))
        check("a state is no rows: untouched", open(state + ".csv", "rb").read() == before)


# ---- pipes

def full_pipe():
    """A pipe that nobody reads and that takes nothing more."""
    read, write = os.pipe()
    os.set_blocking(write, False)
    try:
        while True:
            os.write(write, b"x" * 4096)
    except BlockingIOError:
        pass
    os.set_blocking(write, True)
    return read, write


def begin_stuck(folder, index, which, extra, command, address):
    state = os.path.join(folder, f"s{index}")
    read, write = full_pipe()
    stuck = {name: write if which in (name, "both") else subprocess.DEVNULL for name in ("stdout", "stderr")}
    words = {
        "node": ["node", "--bind", "127.0.0.1:0", "--allow-loopback", "--bootstrap", address, "--state", state],
        "crawl": ["crawl", "--swarm", "3000", "--rate", "300", "--out", state + ".jsonl"],
        "crawl -": ["crawl", "--swarm", "3000", "--rate", "300", "--out", "-"],
        "get-peers": ["get-peers", TARGET, "--bind", "127.0.0.1:0", "--allow-loopback", "--bootstrap", address,
                      "--state", state, "--timeout", "100"],
    }[command]
    process = start(*words, *extra, **stuck)
    os.close(write)
    return process, state, read


def sockets_of(process):
    """How many sockets it has; the runtime has one of its own."""
    count = 0
    try:
        for name in os.listdir(f"/proc/{process.pid}/fd"):
            count += os.readlink(f"/proc/{process.pid}/fd/{name}").startswith("socket:")
    except OSError:
        pass
    return count


def await_state(command, state, process):
    limit = time.monotonic() + 20
    path = state + (".jsonl" if command == "crawl" else ".lock")
    while not (sockets_of(process) > 1 if command == "crawl -" else os.path.exists(path) and os.path.getsize(path) > 0):
        if time.monotonic() > limit:
            break
        time.sleep(0.02)
    time.sleep(1.0)


def stuck_case(folder, index, which, extra, command, number, gap, address):
    name = (f"{command} {' '.join(extra)} with {which} full, {signal.Signals(number).name}"
            f"{'' if gap is None else f' twice, {gap} ms apart'}")
    process, state, read = begin_stuck(folder, index, which, extra, command, address)
    try:
        await_state(command, state, process)
        began = time.monotonic()
        if process.poll() is not None:
            # A lookup whose reader is none of ours may be done.
            check(f"{command}: {which} full", command == "get-peers" and process.returncode in (0, 1), name)
            return
        process.send_signal(number)
        if gap is not None:
            time.sleep(gap / 1000)
            process.send_signal(number)
        try:
            code = process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            code = "still there after 30 s"
        took = time.monotonic() - began
        expected = (130, 0, 1) if command == "get-peers" else (130, 1) if command == "crawl -" else (130,)
        check(f"{command}: the right exit status", code in expected, (name, code))
        check(f"{command}: ends within {LIMIT:.0f} s", took < LIMIT, (name, round(took, 2)))
        if command in ("node", "get-peers"):
            check(f"{command}: the state is saved", os.path.exists(state) and is_state(state), name)
        if command == "crawl":
            check(f"{command}: whole rows", is_readable(state + ".jsonl") and rows_of(state + ".jsonl"), name)
    finally:
        os.close(read)


def pipes(parallel, every):
    extras = {
        "node": [[], ["--log", "trace"], ["--json"], ["--json", "--log", "debug"], ["--quiet"]],
        "crawl": [[], ["--json"], ["--log", "debug"]],
        "crawl -": [[]],
        "get-peers": [[], ["--json", "--log", "debug"]],
    }
    signals = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    cases = [(which, extra, command, number, gap)
             for command, list_of in extras.items() for extra in list_of
             for which in ("stdout", "stderr", "both") for number in signals for gap in (None, 0, 1, 20)][::every]
    swarm = start("swarm", "200", "--quiet")
    address = wait_for(swarm, "swarm of")[-1].split(" at ")[1].split(",")[0]
    import concurrent.futures
    with tempfile.TemporaryDirectory(prefix="dht-proof-") as folder, \
            concurrent.futures.ThreadPoolExecutor(parallel) as pool:
        for done, job in enumerate(
                [pool.submit(stuck_case, folder, i, *case, address) for i, case in enumerate(cases)]):
            job.result()
            if done % 40 == 39:
                print(f"  {done + 1} of {len(cases)}", flush=True)
    swarm.send_signal(signal.SIGTERM)
    swarm.communicate()


def pairs(times):
    for pair in (pair_nodes, pair_node_after_node, pair_lookup_and_node, pair_lookups, pair_crawls,
                 pair_crawl_after_crawl, pair_output_and_state):
        print(f"{pair.__name__}, {times} times", flush=True)
        for _ in range(times):
            with tempfile.TemporaryDirectory(prefix="dht-proof-") as folder:
                pair(folder)


def main():
    global DLL
    words = sys.argv[1:]

    def number(word, usual):
        return int(words[words.index(word) + 1]) if word in words else usual

    times = number("times", 20)
    DLL = words[words.index("dht") + 1] if "dht" in words else DLL
    if "pipes" not in words or "pairs" in words:
        pairs(times)
    if "pairs" not in words or "pipes" in words:
        print("pipes", flush=True)
        pipes(number("parallel", 4), number("every", 1))
    for name, (good, all_of) in sorted(counts.items()):
        print(f"{good:4} of {all_of:4}  {name}")
    print(f"{len(failures)} not as they should be")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
