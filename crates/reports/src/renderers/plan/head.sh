#!/bin/sh
# For review: read it before you run it. Daywatch never runs it.
# Run on a host, it does what is planned for that host, and without --apply it only prints what it would do.
set -eu

apply=no
evidence=no
reboot=no
for word in "$@"; do
    case $word in
        --apply) apply=yes ;;
        --evidence-taken) evidence=yes ;;
        --reboot) reboot=yes ;;
        *)
            echo "usage: $0 [--apply] [--evidence-taken] [--reboot]" >&2
            exit 2
            ;;
    esac
done

this=$(uname -n)
planned=no
wants_reboot=no

run() {
    planned=yes
    echo "+ $*"
    if [ "$apply" = yes ]; then "$@"; fi
}

# "Do not patch yet": forensic triage comes first.
held() {
    planned=yes
    if [ "$evidence" = yes ]; then
        "$@"
    else
        echo "HELD until --evidence-taken: $*"
    fi
}

need_reboot() {
    planned=yes
    wants_reboot=yes
}

# The first word of each: reboot, or - for none. Only what is installed is upgraded.
upgrade_apt() {
    if [ "$1" = reboot ]; then need_reboot; fi
    shift
    run apt-get -y --only-upgrade install "$@"
}

upgrade_dnf() {
    if [ "$1" = reboot ]; then need_reboot; fi
    shift
    run dnf -y upgrade "$@"
}

upgrade_zypper() {
    if [ "$1" = reboot ]; then need_reboot; fi
    shift
    run zypper --non-interactive update "$@"
}

upgrade_apk() {
    if [ "$1" = reboot ]; then need_reboot; fi
    shift
    run apk upgrade "$@"
}

