#!/usr/bin/env python3
"""What the real dht does in networks that are not as they should be, each made of namespaces of its own.

    dotnet build -c Release src/Dht.Cli
    sudo tests/proofs/network.py [names] [refusals] [dht PATH]

names     names with addresses of one family, of both, and IPv4 inside IPv6: each command finds the node, or says what
          to do
refusals  a firewall or a missing route keeps packets from leaving: each command says that the system refuses, and why;
          a node says it within ten seconds and once more a minute later

Linux only, as root (unshare, ip, nft, mount). Nothing leaves the namespaces. Exits with 1 when anything was not as it
should be.
"""
import json
import os
import re
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
DLL = os.path.join(HERE, "../../src/Dht.Cli/bin/Release/net10.0/dht.dll")
TARGET = "0123456789abcdef0123456789abcdef01234567"
HOSTS = """127.0.0.1 localhost
::1 six.test both.test
127.0.0.1 four.test both.test
::ffff:127.0.0.1 mapped.test
"""
failures = []


def check(what, is_right, detail):
    print(("ok    " if is_right else "WRONG ") + what, flush=True)
    if not is_right:
        failures.append(what)
        print("      " + str(detail).replace("\n", "\n      "))


def dht(*words):
    done = subprocess.run(["dotnet", "exec", DLL, *words], capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout, done.stderr


def node(*words):
    return subprocess.Popen(
        ["dotnet", "exec", DLL, "node", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def end(process):
    process.terminate()
    return process.communicate(timeout=30)


def run(command):
    subprocess.run(command, shell=True, check=True)


def lookups(place):
    yield ["find-node", TARGET, "--bootstrap", place]
    yield ["get-peers", TARGET, "--bootstrap", place]
    yield ["announce", TARGET, "--port", "6881", "--bootstrap", place]
    yield ["crawl", "--until-complete", "--bootstrap", place]


def names():
    """Inside its namespaces: two nodes, one of each family, under names."""
    run("ip link set lo up")
    with tempfile.NamedTemporaryFile("w", delete=False) as hosts:
        hosts.write(HOSTS)
    run(f"mount --bind {hosts.name} /etc/hosts")
    six = node("--bind", "[::1]:7006", "--allow-loopback", "--quiet")
    four = node("--bind", "127.0.0.1:7004", "--allow-loopback", "--quiet")
    time.sleep(3)
    for place in ("six.test:7006", "both.test:7006", "four.test:7004", "mapped.test:7004", "[::ffff:127.0.0.1]:7004"):
        for words in [["ping", place], *lookups(place)]:
            code, out, err = dht(*words, "--allow-loopback", "--json")
            check(f"{words[0]} {place}", code == 0 and json.loads(out), err)
    code, _, err = dht("find-node", TARGET, "--bootstrap", "six.test:7006", "--bind", "0.0.0.0:0", "--allow-loopback")
    check("a socket of the other family", code == 1 and "six.test:7006 has IPv6 addresses only" in err
          and "--bind [::]:0" in err, err)
    code, _, err = dht("find-node", TARGET, "--bootstrap", "none.test:7006", "--allow-loopback")
    check("a name without address", code == 1 and "the name none.test could not be resolved" in err, err)
    end(six)
    end(four)


def refusals():
    """Inside its namespace: nothing may leave to port 7000; then an address that is taken away."""
    run("ip link set lo up && ip link add left type veth peer name right && ip link set right up")
    run("ip addr add 10.9.0.2/24 dev left && ip link set left up")
    run("nft add table inet t && nft add chain inet t o '{ type filter hook output priority 0; }'")
    run("nft add rule inet t o udp dport 7000 drop")
    for words in [["ping", "127.0.0.1:7000"], *lookups("127.0.0.1:7000")]:
        code, _, err = dht(*words, "--allow-loopback", "--quiet")
        check(f"{words[0]} through a firewall", code == 1 and re.search(r"the system refused to send \d+ quer", err)
              and err.count("\n") == 1, err)
    process = node("--bind", "10.9.0.2:6881", "--allow-loopback", "--bootstrap", "10.9.0.3:7001", "--json", "--log",
                   "warning")
    time.sleep(5)
    run("ip addr del 10.9.0.2/24 dev left")
    time.sleep(75)
    out, err = end(process)
    said = [line for line in err.split("\n") if line.startswith("the system refuses to send from 10.9.0.2:6881 (")]
    logged = [line for line in err.split("\n") if "warning [53] The system refuses to send" in line]
    check("a node whose address is taken away says so, and again", len(said) == 2 and len(logged) == 2, err)
    figures = json.loads(out)
    check("it counts what was refused", figures["sendErrors"] > 0 and figures["notSent"] > 0, figures)


def main():
    words = sys.argv[1:]
    if "dht" in words:
        global DLL
        DLL = words[words.index("dht") + 1]
    if "inside" in words:
        {"names": names, "refusals": refusals}[words[0]]()
        sys.exit(1 if failures else 0)
    wanted = [word for word in words if word in ("names", "refusals")] or ["names", "refusals"]
    wrong = [subprocess.run(["unshare", "-m", "-n", sys.executable, __file__, case, "inside", "dht", DLL]).returncode
             for case in wanted]
    sys.exit(1 if any(wrong) else 0)


main()
