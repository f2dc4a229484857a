# shellcheck shell=bash
# Starts and stops the fixture web for a script. Needs common.sh, build_release and make_scratch.

# Serves folder $1 (further arguments go to fixture-web); then CONNECT_TO holds the robot's arguments,
# TLS_PORT and PLAIN_PORT where it listens, and FIXTURE_WEB_PID the server's process.
start_fixture_web() {
    local ready=$SCRATCH/ready.json fixtures=$1
    shift
    # In a session of its own: a Ctrl-C is for the robot, which still needs its sites to finish visits.
    setsid "$FIXTURE_WEB" serve --fixtures "$fixtures" --ready-file "$ready" "$@" \
        </dev/null >/dev/null 2>"$SCRATCH/fixture-web.log" &
    FIXTURE_WEB_PID=$!
    at_exit 'stop_fixture_web'
    local waited=0
    until [ -s "$ready" ]; do
        if ! kill -0 "$FIXTURE_WEB_PID" 2>/dev/null; then
            die "the fixture web did not start: $(tail -n 3 "$SCRATCH/fixture-web.log")"
        fi
        waited=$((waited + 1))
        [ "$waited" -le 300 ] || die "the fixture web is not ready after 30 s"
        sleep 0.1
    done
    TLS_PORT=$(sed -n 's/.*"tls_port":\([0-9]*\).*/\1/p' "$ready")
    PLAIN_PORT=$(sed -n 's/.*"plain_port":\([0-9]*\).*/\1/p' "$ready")
    if [ -z "$TLS_PORT" ] || [ -z "$PLAIN_PORT" ]; then
        die "the fixture web did not name its ports: $(cat "$ready")"
    fi
    CONNECT_TO=(--connect-to ":443:127.0.0.1:$TLS_PORT" --connect-to ":80:127.0.0.1:$PLAIN_PORT")
}

stop_fixture_web() {
    [ -n "${FIXTURE_WEB_PID:-}" ] || return 0
    kill "$FIXTURE_WEB_PID" 2>/dev/null || true
    wait "$FIXTURE_WEB_PID" 2>/dev/null || true
    FIXTURE_WEB_PID=
}

# shellcheck disable=SC2034 # ROBOT_STATUS is for the scripts that source this
# Runs the robot ($1: its output folder, then further arguments of `run`) so that signals to this script
# reach it, and this script ends after it. The robot's exit code is then in ROBOT_STATUS.
run_robot() {
    local out=$1
    shift
    # In a session of its own too: a Ctrl-C reaches it once, through this script; a second one would end it at once.
    setsid "$EMC_AUDIT" run "${CONNECT_TO[@]}" --out "$out" "$@" </dev/null &
    local robot=$! signalled=
    trap 'signalled=130; kill -INT "$robot" 2>/dev/null || true' INT
    trap 'signalled=143; kill -TERM "$robot" 2>/dev/null || true' TERM HUP
    ROBOT_STATUS=0
    # A signal ends `wait` early; the robot then still has visits to finish.
    while :; do
        ROBOT_STATUS=0
        wait "$robot" || ROBOT_STATUS=$?
        kill -0 "$robot" 2>/dev/null || break
    done
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    [ -z "$signalled" ] || exit "$signalled"
}
