#!/usr/bin/env bash
# Installs the Debian packages that a step needs: through apt when root, else names what is missing.
#   system_packages.sh setup   what `make setup` needs (python3-venv, where Python lacks ensurepip)
#   system_packages.sh test    what the tests use (chromium, qpdf); without root they are skipped with a reason
set -euo pipefail

install() {
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing $* with apt-get …"
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq
        apt-get install -y -qq --no-install-recommends "$@" >/dev/null
    else
        return 1
    fi
}

case "${1:?setup or test}" in
setup)
    if [ ! -x .venv/bin/pip ] && ! "${PYTHON:-python3}" -c 'import ensurepip, venv' 2>/dev/null; then
        install python3-venv || {
            echo "Python cannot make a virtual environment here: install Debian's python3-venv, then run this again." >&2
            exit 1
        }
    fi
    ;;
test)
    missing=()
    command -v chromium >/dev/null || missing+=(chromium)
    command -v qpdf >/dev/null || missing+=(qpdf)
    if [ "${#missing[@]}" -gt 0 ]; then
        install "${missing[@]}" ||
            echo "Not found: ${missing[*]}. The tests that use them are skipped; install them with: sudo apt-get install ${missing[*]}" >&2
    fi
    ;;
*)
    echo "unknown step: $1" >&2
    exit 2
    ;;
esac
