# mkdocs 1.4.2 (Debian 12: mkdocs 1.4.2+dfsg-2).
#
# Its second theme, readthedocs, comes without three of the scripts that each of its pages loads: jquery-3.6.0.min.js, html5shiv.min.js
# and theme_extra.js. The package has put links to Debian's jQuery there, under the older name jquery-2.1.1.min.js, which no page asks
# for: what the theme does by jQuery, its menu on a phone among it, does not work. `mkdocs build --strict` says nothing and ends with
# status 0. The theme called mkdocs has every script that its pages name.
. "$(dirname "$(realpath "$0")")/packages.sh"
unpack mkdocs=1.4.2+dfsg-2 libjs-bootstrap4 libjs-jquery libjs-lunr libjs-modernizr fonts-font-awesome sphinx-rtd-theme-common \
    python3-livereload python3-lunr ghp-import python3-click python3-jinja2 python3-markupsafe python3-markdown python3-mergedeep \
    python3-packaging python3-pyyaml-env-tag python3-watchdog python3-yaml python3-dateutil python3-six python3-tornado libyaml-0-2 2>/dev/null
export PYTHONPATH=$PWD/root/usr/lib/python3/dist-packages LD_LIBRARY_PATH=$PWD/root/usr/lib/x86_64-linux-gnu
mkdocs() { /usr/bin/python3.11 -m mkdocs "$@"; }

# missing THEME: scripts that its pages name and that are not there
missing() {
    mkdir -p "$1/docs"
    echo '# Page' > "$1/docs/index.md"
    printf 'site_name: pages\ntheme: %s\nplugins: []\n' "$1" > "$1/mkdocs.yml"
    mkdocs build --strict -q -f "$1/mkdocs.yml" || echo "status $?"
    grep -o 'src="js/[^"]*"' "$1/site/index.html" | cut -d'"' -f2 | while read -r script; do
        [ -e "$1/site/$script" ] || echo "$script"
    done
}
expect "version" "$(mkdocs --version | grep -o 'version [0-9.]*')" "version 1.4.2"
expect "readthedocs" "$(missing readthedocs)" "js/jquery-3.6.0.min.js
js/html5shiv.min.js
js/theme_extra.js"
expect "under the older name" "$(ls readthedocs/site/js | grep -c jquery-2.1.1.min.js)" 1
expect "mkdocs" "$(missing mkdocs)" ""
