# For the scripts beside it: a temporary folder, removed at the end, and packages unpacked into it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

# unpack NAME=3.5.0-6 ...
unpack() {
    apt-get -qq download "$@"
    for package in ./*.deb; do dpkg-deb -x "$package" root; done
}

# expect WHAT SEEN WANTED
expect() {
    echo "$1: $2"
    [ "$2" = "$3" ] || { echo "$1: expected $3" >&2; exit 1; }
}
