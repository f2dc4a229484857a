# shellcheck shell=bash
# What every script here shares: where the project is, and how to speak. Sourced, not run.
# stdout is data; everything that is meant for people goes to stderr.

ROOT=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.." && pwd -P)
readonly ROOT

say() {
    printf '%s\n' "$*" >&2
}

# An error, and each further argument as a hint on a line of its own.
die() {
    printf '%s: error: %s\n' "${0##*/}" "$1" >&2
    shift
    [ $# -eq 0 ] || printf '  hint: %s\n' "$@" >&2
    exit 1
}

have() {
    command -v -- "$1" >/dev/null 2>&1
}

# Runs cargo inside the project, so that a toolchain file of the caller's folder has no say.
in_project() {
    (cd -- "$ROOT" && "$@")
}

# shellcheck disable=SC2034 # for the scripts that source this
# A folder of our own below the temporary folder, removed when the script ends; its name is in $SCRATCH.
make_scratch() {
    SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/emc-audit-${0##*/}.XXXXXX")
    readonly SCRATCH
    # shellcheck disable=SC2016 # expanded when it runs
    at_exit 'rm -rf -- "$SCRATCH"'
}

# Adds a command to those that run when the script ends, whatever ends it; the last one added runs first.
AT_EXIT=()
at_exit() {
    AT_EXIT=("$1" ${AT_EXIT[@]+"${AT_EXIT[@]}"})
    trap 'run_at_exit' EXIT
    trap 'exit 129' HUP
    trap 'exit 130' INT
    trap 'exit 143' TERM
}

run_at_exit() {
    local status=$? command
    trap - EXIT
    trap '' HUP INT TERM
    for command in "${AT_EXIT[@]}"; do
        eval "$command" || true
    done
    exit "$status"
}
