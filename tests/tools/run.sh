#!/usr/bin/env bash
# krait run: library, LD_PRELOAD, exit status, signals, errors; and the top-level command line.
. "$(dirname "$0")/common.sh"
unset LD_PRELOAD KRAIT_VERBOSE

lib=$(realpath "$tree/lib")/libkrait.so.0
expect "preloads the library of ../lib" "$("$krait" run printenv LD_PRELOAD)" "$lib"
expect "an earlier LD_PRELOAD follows" "$(LD_PRELOAD=$stand_in "$krait" run printenv LD_PRELOAD)" "$lib:$stand_in"
expect "--lib8" "$("$krait" run --lib8 -- printenv LD_PRELOAD)" "$(realpath "$tree/lib")/libkrait8.so.0"
expect "is mapped in the process" "$("$krait" run grep -c -m1 "$(realpath "$lib")" /proc/self/maps)" 1
expect "--debug" "$("$krait" run --debug -- printenv LD_PRELOAD)" "$(realpath "$tree/lib")/libkrait_debug.so.0"
expect "--hard" "$("$krait" run --hard -- printenv LD_PRELOAD)" "$(realpath "$tree/lib")/libkrait_hard.so.0"
expect "--hard and --lib8" "$(status_of "$krait" run --hard --lib8 -- true)" 2
expect "one library alone" "$(status_of "$krait" run --debug --lib8 true)" 2
expect "-v" "$("$krait" run -v printenv KRAIT_VERBOSE)" 1
expect "-v says nothing of krait's own variables" "$("$krait" run -v --debug -- true 2>&1 | grep -c KRAIT_DEBUG_REPORT)" 0
cp "$stand_in" "$tree/bin/libkrait.so"
expect "beside the command comes first" "$("$krait" run printenv LD_PRELOAD)" "$(realpath "$tree/bin")/libkrait.so"
rm "$tree/bin/libkrait.so"

expect "arguments pass untouched" "$("$krait" run printf '%s|' -v --help -- 'a b' '')" "-v|--help|--|a b||"
expect "arguments pass after dashes" "$("$krait" run -- printf '%s|' -v --help -- 'a b')" "-v|--help|--|a b|"
expect "exit status" "$(status_of "$krait" run sh -c 'exit 42')" 42
expect "death by signal" "$(status_of "$krait" run sh -c 'kill -TERM $$')" 143
expect "stdin and stdout" "$(echo through | "$krait" run cat)" through

expect "not found" "$(status_of "$krait" run no-such-command)" 127
expect_in "not found is said" "$("$krait" run no-such-command 2>&1)" "no-such-command: command not found"
expect "not executable" "$(status_of "$krait" run /etc/passwd)" 126
expect_in "not executable is said" "$("$krait" run /etc/passwd 2>&1)" "/etc/passwd: cannot be executed: Permission denied"
expect_in "static programs are named" "$("$krait" run /sbin/ldconfig --version 2>&1)" "ldconfig is statically linked"
expect "no command" "$(status_of "$krait" run)" 2
expect "unknown option" "$(status_of "$krait" run --bogus true)" 2

rm "$tree"/lib/libkrait.so*
expect "no library" "$(status_of "$krait" run true)" 1
expect_in "no library is said" "$("$krait" run true 2>&1)" "libkrait.so is neither beside $(realpath "$krait") nor in ../lib: build it"

expect_in "--version" "$("$krait" --version)" "krait "
complete_words() { # the candidates for the last of these words
    (
        eval "$("$krait" completion)"
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _krait
        echo "${COMPREPLY[*]}"
    )
}
expect "completion of subcommands" "$(complete_words krait co)" "compare completion"
expect "completion of options" "$(complete_words krait compare --al)" "--allocators"
expect "completion of a process" "$(complete_words krait stats $$)" "$$"
if command -v zsh >/dev/null; then
    expect "completion for zsh is zsh" "$("$krait" completion --shell zsh | zsh -n 2>&1)" ""
    expect_in "completion for zsh" "$("$krait" completion --shell zsh)" "--allocators["
    mkdir "$tree/zsh"
    "$krait" completion --shell zsh >"$tree/zsh/_krait"
    in_zsh() { zsh -f "$(dirname "$0")/completed.zsh" "$tree/zsh" "$tree/bin" "$1"; }
    expect "zsh completes a subcommand" "$(in_zsh "krait doc")" "krait doctor "
    expect "zsh completes an option" "$(in_zsh "krait compare --al")" "krait compare --allocators "
    expect "zsh completes the command" "$(in_zsh "krait run printen")" "krait run printenv "
    expect "zsh completes the command behind an option and --" "$(in_zsh "krait run --verbose -- printen")" \
        "krait run --verbose -- printenv "
    expect "zsh completes the command behind --" "$(in_zsh "krait advise -- printen")" "krait advise -- printenv "
fi
expect_in "completion of the command" "$(complete_words krait run -v printen)" "printenv"
expect_in "completion of the command behind --" "$(complete_words krait run -v -- printen)" "printenv"
expect_in "completion of the command behind a value" "$(complete_words krait trace -o file printen)" "printenv"
expect "completion of a value is the shell's, with files" "$(complete_words krait trace -o printen)" ""
expect "completion of a value behind =" "$(complete_words krait compare --html = printen)" ""
expect "completion of the command's arguments" "$(complete_words krait run -v printenv printen)" ""
expect "completion of the command's options" "$(complete_words krait run -v -- printenv --h)" ""
expect "unknown subcommand" "$(status_of "$krait" bogus)" 2
expect "help" "$(status_of "$krait" run --help)" 0
manual=$(sed 's/ -\([a-z]\)/ --\1/g' "$(dirname "$0")/../../docs/man/krait.1") # mdoc has -name for --name
for subcommand in $("$krait" --help | sed '1,/^Subcommands:/d' | awk '{print $1}'); do
    expect_in "the manual has it" "$manual" ".Cm $subcommand"
    for option in $("$krait" "$subcommand" --help | grep -o -- '^ *-[-a-z8,]*' | grep -o -- '--[-a-z8]*'); do
        expect_in "the manual has $subcommand's option" "$manual" "$option"
    done
done
expect_in "options" "$("$krait" options)" "KRAIT_VERBOSE"
expect "one option" "$("$krait" options --markdown KRAIT_TCACHE | wc -l)" "3"
expect_in "an option that is none" "$("$krait" options KRAIT_NOTHING 2>&1)" "krait: there is no option KRAIT_NOTHING: see krait options"
for command in options "options KRAIT_VERBOSE" --help "run --help" --version; do # longer than the stream's buffer, and not
    status=0
    # shellcheck disable=SC2086
    said=$("$krait" $command 2>&1 >/dev/full) || status=$?
    expect "a full disk fails krait $command" "$status" 1
    expect_in "and is said" "$said" "krait: cannot write to standard output: "
done
expect_in "options as Markdown" "$("$krait" options --markdown)" "| \`KRAIT_VERBOSE\` | "
finish
