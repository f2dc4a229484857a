# shellcheck shell=bash
# Sees to it that everything is there to build and run the robot; installs by apt what is missing.
# Does nothing, and quickly, when all is there. Needs common.sh.

# Where the robot looks for its engines (src/browser/engine.rs).
SHELL_PROGRAMS=(/usr/lib/chromium/chromium-headless-shell chromium-headless-shell chrome-headless-shell headless_shell)
CHROME_PROGRAMS=(/usr/lib/chromium/chromium chromium chromium-browser google-chrome-stable google-chrome)

# What is missing: names for people, and the Debian packages that bring it.
MISSING=()
PACKAGES=()

# Browsers and fonts.
setup_browsers() {
    note_missing_browsers
    install_missing
}

# Browsers and fonts, a linker, and a Rust toolchain that is new enough.
setup() {
    note_missing_browsers
    # The tool chain's own linker driver; some dependencies have C parts.
    have cc || note_missing "a C compiler" gcc libc6-dev
    install_missing
    require_rust
}

note_missing() {
    MISSING+=("$1")
    shift
    PACKAGES+=("$@")
}

note_missing_browsers() {
    MISSING=() PACKAGES=()
    have_any "${EMC_AUDIT_BROWSER__SHELL:-}" "${SHELL_PROGRAMS[@]}" ||
        note_missing "chrome-headless-shell" chromium-headless-shell
    have_any "${EMC_AUDIT_BROWSER__CHROME:-}" "${CHROME_PROGRAMS[@]}" ||
        note_missing "Chromium" chromium
    # Liberation 2 stands in for Arial and Times (version 1 lacks Vietnamese), DejaVu for symbols.
    have_vietnamese_font ||
        note_missing "a font that draws Vietnamese" fonts-liberation2 fonts-dejavu-core
}

have_any() {
    local program
    for program in "$@"; do
        if [ -n "$program" ] && have "$program"; then return 0; fi
    done
    return 1
}

# The first of the programs that is there.
first_of() {
    local program
    for program in "$@"; do
        if [ -n "$program" ] && have "$program"; then
            command -v -- "$program"
            return 0
        fi
    done
    return 1
}

have_vietnamese_font() {
    if have fc-list; then
        [ -n "$(fc-list :lang=vi family 2>/dev/null)" ] && return 0
    fi
    local package
    for package in fonts-liberation2 fonts-dejavu-core fonts-noto-core; do
        is_installed "$package" && return 0
    done
    return 1
}

is_installed() {
    # shellcheck disable=SC2016 # the dollar is dpkg's
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

install_missing() {
    [ ${#PACKAGES[@]} -eq 0 ] && return 0
    local by_hand="apt-get install --no-install-recommends ${PACKAGES[*]}"
    local missing
    missing=$(printf ', %s' "${MISSING[@]}")
    missing=${missing:2}
    have apt-get || die "missing: $missing; it cannot be installed here, because there is no apt-get" \
        "install the equivalents of these Debian packages: ${PACKAGES[*]}" \
        "or name browsers that are there: EMC_AUDIT_BROWSER__CHROME=/path EMC_AUDIT_BROWSER__SHELL=/path"
    local as_root=()
    if [ "$(id -u)" -ne 0 ]; then
        have sudo || die "missing: $missing; installing it needs root, and there is no sudo" "as root: $by_hand"
        as_root=(sudo)
        if [ ! -t 0 ] || [ -n "${CI:-}" ]; then
            sudo -n true 2>/dev/null ||
                die "missing: $missing; installing it needs root, and sudo asks for a password" "sudo $by_hand"
            as_root=(sudo -n)
        fi
    fi
    say "missing: $missing; installing ${PACKAGES[*]}"
    # One at a time: apt does not wait for itself. Whoever waited finds everything installed.
    exec 9</etc/apt
    flock -w 900 9 || die "another installation does not end" "$by_hand"
    local package wanted=()
    for package in "${PACKAGES[@]}"; do
        is_installed "$package" || wanted+=("$package")
    done
    if [ ${#wanted[@]} -gt 0 ]; then
        # Another source of packages that is down may leave enough: whether it does, the installation shows.
        apt_get update || say "apt-get update failed (no network?)"
        apt_get install --yes --no-install-recommends "${wanted[@]}" ||
            die "missing: $missing; apt-get could not install ${wanted[*]} (its words are above)" \
                "as root, with a network: apt-get update && $by_hand"
    fi
    exec 9<&-
    MISSING=() PACKAGES=()
}

# Without questions, with words on stderr; the lock's descriptor does not go to what apt starts.
apt_get() {
    ${as_root[@]+"${as_root[@]}"} env DEBIAN_FRONTEND=noninteractive \
        apt-get -qq -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 \
        "$@" </dev/null >&2 9<&-
}

# What only the tests need: certificates to trust are tried with certutil, time stamps with an authority of OpenSSL's,
# signatures with minisign.
setup_test_tools() {
    MISSING=() PACKAGES=()
    have certutil || note_missing "certutil" libnss3-tools
    have openssl || note_missing "openssl" openssl
    have minisign || note_missing "minisign" minisign
    # libFuzzer is C++.
    have c++ || note_missing "a C++ compiler" g++
    install_missing
}

# shellcheck disable=SC2034 # for the scripts that source this
# Other people's tools that the tests hold evidence against (a BagIt library, a HAR parser), from PyPI into a
# folder of their own below target/. Without a network the test that needs them fails, and says so.
setup_evidence_tools() {
    local tools=$ROOT/target/evidence-tools wanted="bagit==1.9.0 haralyzer==2.4.0"
    [ "$(cat "$tools/installed" 2>/dev/null)" = "$wanted" ] && return 0
    MISSING=() PACKAGES=()
    { have python3 && python3 -c 'import ensurepip, venv' 2>/dev/null; } ||
        note_missing "python3 with venv" python3 python3-venv
    install_missing
    say "fetching $wanted"
    rm -rf -- "$tools"
    # shellcheck disable=SC2086 # two words
    if python3 -m venv "$tools" >&2 && "$tools/bin/python" -m pip --quiet --disable-pip-version-check \
        install $wanted >&2 </dev/null; then
        printf '%s' "$wanted" >"$tools/installed"
    else
        say "they could not be installed (no network?)"
    fi
}

# shellcheck disable=SC2034 # for the scripts that source this
# Playwright's driver, without browsers, from the npm registry; its folder is then in PLAYWRIGHT. Empty, with
# a word, where that is not possible.
setup_playwright() {
    local tools=$ROOT/target/playwright wanted=playwright-core@1.65.1
    PLAYWRIGHT=''
    { have node && have npm; } || {
        say "the Playwright script is left out: it needs node and npm (install: apt-get install nodejs npm)"
        return 0
    }
    if [ "$(cat "$tools/installed" 2>/dev/null)" != "$wanted" ]; then
        say "fetching $wanted"
        mkdir -p -- "$tools"
        npm install --silent --ignore-scripts --no-save --prefix "$tools" "$wanted" >&2 </dev/null || {
            say "the Playwright script is left out: $wanted could not be fetched (no network?)"
            return 0
        }
        printf '%s' "$wanted" >"$tools/installed"
    fi
    PLAYWRIGHT=$tools/node_modules/playwright-core
}

# axe-core for the browser tests: one file of the package of the npm registry, which has to have the sum that
# stands here (the registry's `integrity`, in hexadecimal). Nothing of it runs outside of the tests' pages.
# Without a network the test that needs it fails, and says so.
setup_axe() {
    local tools=$ROOT/target/axe-core wanted=axe-core@4.14.1 partial
    local sum=1477dafa598d8d065f273d6af302aa203c02e83131707b7fa648cd41bd3d6b734f8c22a0dab86ee6a6f64b8afbe804b214d36db85a2826965edfb3a0b9d546b5
    [ "$(cat "$tools/installed" 2>/dev/null)" = "$wanted $sum" ] && [ -f "$tools/axe.min.js" ] && return 0
    MISSING=() PACKAGES=()
    have npm || note_missing "npm" nodejs npm
    install_missing
    say "fetching $wanted"
    mkdir -p -- "$tools"
    partial=$(mktemp -d "$tools/.partial.XXXXXX")
    if (cd -- "$partial" && npm pack --silent --ignore-scripts "$wanted" >name.txt 2>npm.log </dev/null); then
        if (cd -- "$partial" && printf '%s  %s\n' "$sum" "$(cat name.txt)" | sha512sum --check --status); then
            tar -xzf "$partial/$(cat "$partial/name.txt")" -C "$tools" --strip-components=1 --no-same-owner \
                package/axe.min.js package/LICENSE
            printf '%s' "$wanted $sum" >"$tools/installed"
        else
            say "$wanted is not the file that its sum was written down of: it is not used"
        fi
    else
        say "$wanted could not be fetched (no network?): $(tail -n 1 "$partial/npm.log")"
    fi
    rm -rf -- "$partial"
}

# A toolchain is never downloaded: that is for the machine's owner to decide.
require_rust() {
    export RUSTUP_AUTO_INSTALL=0
    local wanted found
    wanted=$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' "$ROOT/Cargo.toml" | head -n 1)
    if ! have cargo && [ -x "${CARGO_HOME:-$HOME/.cargo}/bin/cargo" ]; then
        PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
    fi
    local hint="with rustup (https://rustup.rs): rustup toolchain install $wanted && rustup default $wanted"
    have cargo || die "missing: cargo (Rust $wanted or newer)" "$hint"
    found=$(in_project cargo --version 2>/dev/null | sed -n 's/^cargo \([0-9.]*\).*/\1/p') || found=
    [ -n "$found" ] || die "cargo is there, but has no toolchain to run (Rust $wanted or newer)" "$hint"
    [ "$(printf '%s\n' "$wanted" "$found" | sort -V | head -n 1)" = "$wanted" ] ||
        die "cargo is $found, and Rust $wanted or newer is needed" "$hint"
}

# shellcheck disable=SC2034 # for the scripts that source this
# Builds release binaries; the robot's path is then in $EMC_AUDIT, the fixture web's in $FIXTURE_WEB.
build_release() {
    local target=${CARGO_TARGET_DIR:-target}
    case $target in /*) ;; *) target=$ROOT/$target ;; esac
    EMC_AUDIT=$target/release/emc-audit
    FIXTURE_WEB=$target/release/fixture-web
    readonly EMC_AUDIT FIXTURE_WEB
    [ -x "$EMC_AUDIT" ] || say "building; the first time takes some minutes"
    in_project cargo build --release --locked --quiet "$@" >&2 ||
        die "the build failed" "the first build needs the network, to fetch dependencies from crates.io"
}

# Python makes the sites and does the measuring of the scripts for developers.
require_python() {
    have python3 || die "missing: python3 (3.11 or newer)" "apt-get install python3"
    python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        die "python3 is $(python3 --version 2>&1 | sed 's/^Python //'), and 3.11 or newer is needed"
}

# shellcheck disable=SC2034 # for the scripts that source this
# Builds the bench $1 as a program of its own; its path is then in the variable of its name in capitals.
build_bench() {
    local built
    built=$(in_project cargo bench --locked --quiet --no-run --bench "$1" --message-format json |
        sed -n 's/.*"executable":"\([^"]*\)".*/\1/p' | tail -n 1)
    [ -x "$built" ] || die "the bench $1 could not be built"
    printf -v "${1^^}" '%s' "$built"
}
