# shellcheck shell=bash
# Brings HTML templates from the npm registry into a cache below target/. Needs common.sh.

# Fetches the packages of templates.txt ($1: all, or bench for those of the bench alone) that are not
# in the cache. Their folders are then in TEMPLATES, in the order of the file.
fetch_templates() {
    local cache=$ROOT/target/npm-templates which=$1 mark package folder
    TEMPLATES=()
    have npm || {
        say "npm is not installed: the templates of the npm registry are left out (install: apt-get install npm)"
        return 0
    }
    mkdir -p -- "$cache"
    while read -r mark package; do
        case $mark in '' | \#*) continue ;; esac
        if [ "$which" = bench ] && [ "$mark" != bench ]; then continue; fi
        folder=$cache/${package//\//+}
        if [ -d "$folder" ] || fetch_template "$package" "$folder"; then
            TEMPLATES+=("$folder")
        else
            say "left out: $package could not be fetched (no network?)"
        fi
    done <"$ROOT/scripts/lib/templates.txt"
}

# Unpacks beside its place and renames, so that a folder that exists is whole. Nothing of the package runs.
fetch_template() {
    local package=$1 folder=$2 partial
    partial=$(mktemp -d "$ROOT/target/npm-templates/.partial.XXXXXX")
    say "fetching $package"
    if (cd -- "$partial" && npm pack --silent --ignore-scripts "$package" >name.txt 2>npm.log </dev/null &&
        mkdir package.d && tar -xzf ./*.tgz -C package.d --strip-components=1 --no-same-owner) &&
        { [ -d "$folder" ] || mv -T -- "$partial/package.d" "$folder"; }; then
        rm -rf -- "$partial"
        return 0
    fi
    rm -rf -- "$partial"
    [ -d "$folder" ]
}
