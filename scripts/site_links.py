"""The site's first page is the README, and what a page links to outside the site is named instead."""
import pathlib
import re

from mkdocs.structure.files import File

ROOT = pathlib.Path(__file__).resolve().parents[1]
LINK = re.compile(r"\[([^\]]*)\]\(([^)#\s]+)(#[^)]*)?\)")


def on_files(files, config):
    home = File("index.md", str(ROOT), config["site_dir"], config["use_directory_urls"])
    home.abs_src_path = str(ROOT / "README.md")
    files.append(home)
    return files


def on_page_markdown(markdown, page, config, files):
    home = page.file.src_uri == "index.md"
    folder = ROOT if home else pathlib.Path(page.file.abs_src_path).parent

    def link(match):
        text, target, anchor = match[1], match[2], match[3] or ""
        if "://" in target:
            return match[0]
        file = (folder / target).resolve()
        if not file.exists():  # code that looks like a link: scripts/check-documents knows the broken ones
            return match[0]
        if file == ROOT / "README.md":
            return f"[{text}](index.md{anchor})"
        try:
            inside = file.relative_to(ROOT / "docs").as_posix()
        except ValueError:
            inside = None
        if inside is None or files.get_file_from_path(inside) is None:
            return f"{text} (`{file.relative_to(ROOT).as_posix()}`)"
        return f"[{text}]({inside}{anchor})" if home else match[0]

    return LINK.sub(link, markdown)
