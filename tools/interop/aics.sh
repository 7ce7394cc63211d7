# Sourced: installs PyPI's aics-tlog and aics-witness below .build/aics, once.
#
# Sets `venv`. Calls `skip REASON` where that is not possible: exit code 77, or 3 under CI=true.
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
venv=$here/.build/aics

skip() {
    echo "$(basename "$0"): SKIPPED: $*" >&2
    [ "${CI:-}" != true ] || exit 3
    exit 77
}

# The packages ask for Python 3.12. On Debian 12's 3.11 they work the same (the vectors say so on each run of the tests), so
# there the declared minimum is set aside.
newest_python() {
    local candidate
    for candidate in python3.14 python3.13 python3.12 "$HOME"/.pyenv/versions/3.1[2-9]*/bin/python3 python3; do
        if "$candidate" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            echo "$candidate"
            return
        fi
    done
    return 1
}

install_aics() {
    local python
    mkdir -p "$here/.build"
    exec 9>"$here/.build/aics.lock"
    flock 9
    if ! cmp -s "$here/requirements.txt" "$venv/installed"; then
        python=$(newest_python) || skip "no Python of 3.11 or newer with venv; tools/install test installs it."
        rm -rf "$venv"
        "$python" -m venv "$venv"
        "$venv/bin/pip" -q --disable-pip-version-check install --no-deps --ignore-requires-python \
            -r "$here/requirements.txt" >&2 || skip "aics-tlog could not be installed from PyPI."
        cp "$here/requirements.txt" "$venv/installed"
    fi
    exec 9>&-
}
