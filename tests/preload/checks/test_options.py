#!/usr/bin/python3 -B
"""Options: what is said on stderr, and that a wrong value leaves the default in force."""
import pathlib
import re
import unittest

from krait_library import HAS_8_BYTE_CLASSES, run


def banner(**options):
    """The options that are not at their defaults, from the one line that KRAIT_VERBOSE=1 makes."""
    lines = [line for line in run(VERBOSE="1", **options).stderr.splitlines() if " is loaded: " in line]
    assert len(lines) == 1, lines
    settings = lines[0].split("; ", 1)[1]
    return {} if settings == "every option at its default" else dict(each.split("=", 1) for each in settings.split(" "))


class Options(unittest.TestCase):
    def assert_said(self, message, **options):
        result = run(**options)
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", message))

    def test_silent_without_options(self):
        self.assert_said("")

    def test_verbose_is_one_line(self):
        result = run(VERBOSE="1")
        classes = 8 if HAS_8_BYTE_CLASSES else 16
        self.assertRegex(result.stderr, rf"\Akrait \d+\.\d+\.\d+ is loaded: {classes}-byte classes, "
                                        rf"passthrough: libc(, built from \w+\+?)?; every option at its default\n\Z")
        self.assertEqual((result.returncode, result.stdout), (0, ""))

    def test_verbose_shows_what_is_not_at_its_default(self):
        self.assertEqual(banner(), {})
        self.assertEqual(banner(TCACHE="16K", LARGE="auto", RETAIN="1048576"), {})
        self.assertEqual(banner(TCACHE="4K", MISUSE="report", LIMIT="1G", HUGE_PAGES="0"),
                         {"KRAIT_TCACHE": "4096", "KRAIT_MISUSE": "report", "KRAIT_LIMIT": "1G"})

    def test_unknown_option_is_named_once(self):
        self.assert_said("krait: KRAIT_NO_SUCH_OPTION: no such option (KRAIT_HELP=1 lists them)\n", NO_SUCH_OPTION="1")

    def test_every_wrong_option_is_named(self):
        messages = run(NO_SUCH_OPTION="1", ANOTHER="x", TCACHE="-1").stderr.splitlines()
        self.assertEqual(sorted(line.split(":")[1] for line in messages),
                         [" KRAIT_ANOTHER", " KRAIT_NO_SUCH_OPTION", " KRAIT_TCACHE=-1"])

    def test_malformed_number_leaves_the_default(self):
        default = banner()
        for value in ("banana", "", "-1", "1.5", "0x10", "12 ", "99999999999999999999999", "4Q", "K"):
            with self.subTest(value=value):
                self.assert_said(f"krait: KRAIT_TCACHE={value}: not a number from 0 to 1048576, the default is used\n",
                                 TCACHE=value)
                self.assertEqual(banner(TCACHE=value), default)

    def test_number_out_of_range_leaves_the_default(self):
        self.assert_said("krait: KRAIT_TCACHE=1048577: not a number from 0 to 1048576, the default is used\n",
                         TCACHE="1048577")

    def test_unknown_word_leaves_the_default(self):
        self.assert_said("krait: KRAIT_LARGE=elsewhere: neither auto, nor libc, nor next, nor own, the default is used\n",
                         LARGE="elsewhere")
        self.assertEqual(banner(LARGE="elsewhere"), {})
        self.assert_said("krait: KRAIT_VALGRIND=away: neither aside nor native, the default is used\n", VALGRIND="away")
        self.assert_said("krait: KRAIT_MISUSE=: neither corruption, nor abort, nor report, the default is used\n", MISUSE="")

    def test_help_lists_every_option(self):
        result = run(HELP="1")
        self.assertEqual((result.returncode, result.stdout), (0, ""))
        listed = re.findall(r"^(KRAIT_\w+) \(default .*\)$", result.stderr, re.MULTILINE)
        self.assertEqual(len(listed), len(set(listed)))
        defined = (pathlib.Path(__file__).parents[3] / "src/api/options.def").read_text().split("#ifdef")[0]
        self.assertLessEqual({f"KRAIT_{name.upper()}" for name in re.findall(r"^KRAIT_(?:OPTION|CHOICE)\((\w+)", defined, re.MULTILINE)},
                             set(listed))

    def test_every_choice_serves_the_program(self):
        for options in ({"TCACHE": "0"}, {"TCACHE": "1M"}, {"POOL_RESERVE": "48"}, {"LARGE": "next"},
                        {"ADDRESS_SPACE": "1M"},
                        {"TCACHE": "0", "POOL_RESERVE": "48", "ADDRESS_SPACE": "16M", "LARGE": "next"}):
            with self.subTest(**options):
                self.assert_said("", **options)

    def test_programs_started_by_the_program_say_nothing_more(self):
        self.assertEqual(len(run("/bin/sh", "-c", "(exit 0); (exit 0)", VERBOSE="1").stderr.splitlines()), 1)


if __name__ == "__main__":
    unittest.main()
