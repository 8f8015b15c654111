#!/usr/bin/env bash
# Installs the Debian packages that a step needs: through apt when root, else names what is missing.
#   system_packages.sh setup   what `make setup` needs (python3-venv, where Python lacks ensurepip)
#   system_packages.sh test    what the tests use (chromium, qpdf; with CI=true PostgreSQL and mail servers too);
#                              without root they are skipped with a reason
set -euo pipefail

# Runs a command with Debian's own switch that keeps packages from starting their daemons (policy-rc.d).
without_daemons() {
    local policy=/usr/sbin/policy-rc.d status=0
    if [ -e "$policy" ]; then
        "$@"
        return
    fi
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    "$@" || status=$?
    rm -f "$policy"
    return "$status"
}

install() {
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        echo "Installing $* with apt-get …"
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq
        without_daemons apt-get install -y -qq --no-install-recommends "$@" >/dev/null
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
    if [ "${CI:-}" = true ]; then
        compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || missing+=(postgresql)
        command -v postfix >/dev/null || [ -x /usr/sbin/postfix ] || missing+=(postfix)
        [ -x /usr/lib/dovecot/imap ] || missing+=(dovecot-imapd)
        [ -x /usr/lib/dovecot/pop3 ] || missing+=(dovecot-pop3d)
        [ -x /usr/sbin/opendkim ] || missing+=(opendkim)
        command -v spamassassin >/dev/null || missing+=(spamassassin)
    fi
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
