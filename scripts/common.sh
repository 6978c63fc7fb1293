# What the scripts in bash have in common; each sources it first. It leads to the root of the tree, and knows the command line's
# manners: --help prints the comment at the script's head, and what is wrong is said in one line, with exit status 2.
#
#   caller                      the folder that the script was started from
#   help_if_asked "$@"          prints the usage and ends the script, if it was asked for
#   number "$@"                 the option $1 needs a whole number from 1 on behind it
#   value "$@"                  the option $1 needs something behind it
#   unknown ARGUMENT            says so
#   quietly COMMAND...          runs it, and shows what it prints only if it fails

script=$(realpath "$0")
caller=$PWD
cd "$(dirname "$script")/.."

help_if_asked() {
    local argument
    for argument in "$@"; do
        case $argument in -h | --help)
            sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$script"
            exit 0
        esac
    done
}

refuse() {
    echo "scripts/${script##*/}: $1; --help prints the usage" >&2
    exit 2
}

number() { [[ ${2-} =~ ^[1-9][0-9]{0,8}$ ]] || refuse "$1 needs a whole number from 1 on${2+, not '$2'}"; }
value() { [ -n "${2-}" ] || refuse "$1 needs a value"; }
unknown() { refuse "unknown argument '$1'"; }

quietly() {
    local said
    said=$("$@" 2>&1) && return
    printf '%s\n' "$said" >&2
    echo "scripts/${script##*/}: failed: $*" >&2
    exit 1
}
