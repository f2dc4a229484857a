# shellcheck shell=bash
# Judges a run again from its stored visits, without browser and network. Needs common.sh and build_release.

# Judges run $1 (a folder out/runs/<run>) again, says what that took of the processor for each component, and
# fails when anything comes out otherwise. Reading the visits, their sums and their pictures is in the figure.
judge_again() {
    local run=$1 before after components cpu
    before=$(sha256sum <"$run/results.jsonl")
    python3 "$ROOT/scripts/lib/measure.py" "$SCRATCH/judged.json" "$EMC_AUDIT" judge "$(basename -- "$run")" \
        --out "$(dirname -- "$(dirname -- "$run")")" >/dev/null 2>"$SCRATCH/judge.txt" || true
    after=$(sha256sum <"$run/results.jsonl")
    components=$(grep -c '"role":"component"' "$run/results.jsonl" || true)
    cpu=$(python3 -c 'import json, sys
measured, components = json.load(open(sys.argv[1])), max(1, int(sys.argv[2]))
print(round(1000 * (measured["robot_cpu_s"] + measured["others_cpu_s"]) / components))' "$SCRATCH/judged.json" "$components")
    echo "judged again from the stored visits: $cpu CPU-ms a component, header and footer ($components components)"
    [ "$before" = "$after" ] || die "judged again the run says something else"
    [ ! -e "$run/judged" ] || die "judged again the run made other results"
}
