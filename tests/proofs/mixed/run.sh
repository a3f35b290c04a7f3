#!/usr/bin/env bash
# The mixed network: 34 nodes of five implementations in namespaces of their own, one of which is ours.
#
#   tests/proofs/mixed/run.sh [--seed N] [--keep DIR] [--dht PATH]
#
# Needs root on Debian or Ubuntu, and package registries for what is missing (aria2, Transmission, libtorrent, tcpdump,
# node; npm's bittorrent-dht as package-lock.json pins it). Publishes `dht` from this checkout unless one is named.
# --keep leaves the capture and the clients' logs in DIR. docs/interop.md says what is tried, and how.
#
# Ends with 0 when all of it holds, 1 when something does not, 77 when the network cannot be built on this machine.
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
tag=dhtmix-$$
work=$(mktemp -d "/tmp/$tag.XXXXXX")
child=

cannot() {
    echo "The mixed network cannot be built here: $*" >&2
    exit 77
}

clean() {
    trap '' INT TERM HUP
    if [[ -n $child ]] && kill -TERM "$child" 2>/dev/null; then
        wait "$child"
    fi
    # What is left over, if the proof itself was killed: whatever lives in our namespaces is ours.
    for space in $(ip netns list 2>/dev/null | awk -v tag="$tag-" 'index($1, tag) == 1 { print $1 }'); do
        for process in $(ip netns pids "$space" 2>/dev/null); do
            kill -KILL "$process" 2>/dev/null
        done
        ip netns del "$space"
    done
    rm -rf "$work"
}

trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

dht=
arguments=()
while (( $# > 0 )); do
    case $1 in
        --dht) dht=${2:?--dht needs a path}; shift 2 ;;
        --seed | --keep) arguments+=("$1" "${2:?$1 needs a value}"); shift 2 ;;
        *) echo "unknown argument: $1" >&2; exit 2 ;;
    esac
done

(( EUID == 0 )) || cannot "it makes network namespaces, which takes root"

# Debian's own Python: Debian's libtorrent is for no other.
python=/usr/bin/python3
missing=()
has() { command -v "$1" >/dev/null || missing+=("$2"); }
has aria2c aria2
has transmission-daemon transmission-daemon
has ip iproute2
has tcpdump tcpdump
has node nodejs
has npm npm
"$python" -c 'import libtorrent' 2>/dev/null || missing+=(python3 python3-libtorrent)
if (( ${#missing[@]} > 0 )); then
    command -v apt-get >/dev/null || cannot "missing: ${missing[*]}, and there is no apt-get to fetch them"
    echo "installing ${missing[*]}"
    export DEBIAN_FRONTEND=noninteractive
    { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}"; } \
        </dev/null >"$work/apt.log" 2>&1 || cannot "apt-get: $(tail -n 1 "$work/apt.log")"
    if [[ " ${missing[*]} " == *" transmission-daemon "* && -d /run/systemd/system ]]; then
        # The package begins a service of its own.
        systemctl disable --quiet --now transmission-daemon
    fi
fi

ip netns add "$tag-try" 2>"$work/ip.log" || cannot "no network namespaces: $(cat "$work/ip.log")"
ip netns del "$tag-try"

# Kept between runs; what package-lock.json says is what it holds.
packages=${XDG_CACHE_HOME:-$HOME/.cache}/dht-engine-mixed/$(sha256sum <"$here/package-lock.json" | cut -c 1-16)
if [[ ! -e $packages/whole ]]; then
    mkdir -p "$packages"
    cp "$here/package.json" "$here/package-lock.json" "$packages"
    (cd "$packages" && npm ci --no-audit --no-fund) </dev/null >"$work/npm.log" 2>&1 \
        || cannot "npm: $(grep -m 1 . "$work/npm.log")"
    touch "$packages/whole"
fi

if [[ -z $dht ]]; then
    dotnet publish -c Release -v q -nologo -p:RunAnalyzers=false "$root/src/Dht.Cli" -o "$work/dht" </dev/null \
        || { echo "dht does not build" >&2; exit 1; }
    dht=$work/dht/dht
fi

webtorrent=$(node -p "JSON.parse(fs.readFileSync('$packages/node_modules/bittorrent-dht/package.json')).version")
echo "$(aria2c --version | head -n 1), $(transmission-daemon --version 2>&1)," \
    "libtorrent $("$python" -c 'import libtorrent; print(libtorrent.version)'), bittorrent-dht $webtorrent"
PYTHONDONTWRITEBYTECODE=1 "$python" "$here/mixed.py" --tag "$tag" --work "$work" --dht "$dht" --packages "$packages" \
    "${arguments[@]}" &
child=$!
wait "$child"
status=$?
child=
exit $status
