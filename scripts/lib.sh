# shellcheck shell=bash
# Sourced by the scripts beside it. Bash 3.2 is enough.
# Answers go to stdout (a caller may read them), everything said to a person goes to stderr.

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/claviger
# Programs that are no part of the checkout: a clean one does not build them again.
tools=$cache/tools

# One place for build results, whatever the user's own cargo settings say: target/release/claviger
# is a promise of the README.
target=$root/target
export CARGO_TARGET_DIR=$target
# As in the Makefile, for a script that is run by itself.
case " ${RUSTFLAGS:-} " in
    *" erase_components "*) ;;
    *) export RUSTFLAGS="--cfg erase_components${RUSTFLAGS:+ $RUSTFLAGS}" ;;
esac

say() { printf '==> %s\n' "$*" >&2; }
die() { printf 'error: %s\n' "$1" >&2; shift; for line in "$@"; do printf '       %s\n' "$line" >&2; done; exit 1; }
have() { command -v "$1" >/dev/null 2>&1; }

# within SECONDS COMMAND...: a download must not hang on a machine without a network.
within() {
    local seconds=$1
    shift
    if have timeout; then timeout "$seconds" "$@"; else "$@"; fi
}

# locked NAME COMMAND...: two makes at a time install one after the other.
locked() {
    local name=$1
    shift
    mkdir -p "$cache"
    if have flock; then (flock 9 && "$@") 9>"$cache/$name.lock"; else "$@"; fi
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# Whether packages can be installed here without a question to the user.
can_apt() {
    have apt-get || return 1
    [ "$(id -u)" = 0 ] || { have sudo && sudo -n true 2>/dev/null; }
}

apt_known() { [ -n "$(apt-cache policy "$1" 2>/dev/null | sed -n 's/^ *Candidate: *//p' | grep -v '(none)')" ]; }

apt_install() {
    can_apt || return 1
    local log=$cache/apt.log apt=(env DEBIAN_FRONTEND=noninteractive apt-get -y -o DPkg::Lock::Timeout=600)
    mkdir -p "$cache"
    say "apt-get install $*"
    # The lists may be older than the archive, or not there at all: ask again after an update.
    as_root "${apt[@]}" install --no-install-recommends "$@" >"$log" 2>&1 </dev/null && return
    as_root "${apt[@]}" update >>"$log" 2>&1 </dev/null || true
    as_root "${apt[@]}" install --no-install-recommends "$@" >>"$log" 2>&1 </dev/null && return
    tail -n 15 "$log" >&2
    return 1
}

need_rust() {
    have cargo && have rustc || die "Rust is not installed." "With rustup: rustup toolchain install stable"
    have cc || have clang || apt_install gcc libc6-dev || die "a C compiler is missing; some crates hold C." "On Debian: apt-get install gcc libc6-dev"
}

# need_node MAJOR: Node.js, at least so new.
need_node() {
    have node && have npm || apt_install nodejs npm || true
    have node && have npm || die "Node.js and npm are missing." "On Debian: apt-get install nodejs npm"
    [ "$(node -p 'parseInt(process.versions.node)')" -ge "$1" ] || die "Node.js $(node --version) is too old; $1 or later is wanted."
}

# Hashes of the files named, or of stdin.
sha256() { if have sha256sum; then sha256sum "$@"; else shasum -a 256 "$@"; fi; }

# digest PATH...: one hash over the names and the contents of every file below, so that a file that
# went away changes it as surely as one that was edited. Dates play no part.
digest() {
    (cd "$root" && { find "$@" -type f 2>/dev/null || true; } | LC_ALL=C sort | tr '\n' '\0' |
        if have sha256sum; then xargs -0 sha256sum; else xargs -0 shasum -a 256; fi) | sha256 | cut -d' ' -f1
}

# is PROGRAM VERSION: what `PROGRAM --version` says first.
is() { hash -r; [ "$("$1" --version 2>/dev/null | head -n 1)" = "$2" ]; }

# prebuilt PROGRAM URL: takes PROGRAM out of the archive. An answer that never comes, a wrong
# platform, a program that does not run here: the caller then builds it.
prebuilt() {
    local scratch file ok=1
    have curl && have tar || return 1
    scratch=$(mktemp -d)
    if curl -fsSL --connect-timeout 5 --max-time 60 -o "$scratch/archive" "$2" 2>/dev/null &&
        tar -xzf "$scratch/archive" -C "$scratch" 2>/dev/null; then
        file=$(find "$scratch" -type f -name "$1" | head -n 1)
        if [ -n "$file" ] && "$file" --version >/dev/null 2>&1; then
            mkdir -p "$tools/bin"
            install -m 755 "$file" "$tools/bin/$1"
            ok=0
        fi
    fi
    rm -rf "$scratch"
    return $ok
}

# built PACKAGE@VERSION [OPTION...]. The package's own lock first; a registry need not serve all that
# it names.
built() {
    local build=(env -u RUSTUP_TOOLCHAIN CARGO_TARGET_DIR="$cache/build" cargo install --root "$tools" "$@")
    say "cargo install $1 (some minutes, once)"
    need_rust
    (cd "$cache" && { "${build[@]}" --locked || "${build[@]}"; }) >"$cache/install.log" 2>&1 </dev/null || {
        tail -n 15 "$cache/install.log" >&2
        return 1
    }
    rm -rf "$cache/build"
}

platform() {
    case $(uname -sm) in
    "Linux x86_64") echo "$1" ;;
    "Linux aarch64") echo "$2" ;;
    "Darwin arm64") echo "$3" ;;
    *) echo unknown ;;
    esac
}
