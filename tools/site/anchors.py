"""Headings of the site have the names that links in the pages say, which are GitHub's."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tests", "docs"))
from links_test import anchor  # noqa: E402


def on_config(config):
    config["mdx_configs"].setdefault("toc", {})["slugify"] = lambda heading, _: anchor(heading)
    return config
