"""axe-core, which judges whether everybody can use a page: fetched with npm once, and never part of the project."""

import shutil
from functools import cache

import pytest
from selenium import webdriver

from scripts.modelbuild.npm_source import Package, cache_folder, obtain, unpack

AXE = Package(
    name="axe-core",
    version="4.14.1",
    sha256="e6b0ce02b84d892e2e33e403485e7f3d6c29e2be6df65daf44d89ba564139745",
    folder="package",
    files={"axe.min.js": "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c"},
)
"""Under the Mozilla Public License 2.0."""


@cache
def source() -> str:
    """The script."""
    if shutil.which("npm") is None and not (cache_folder() / AXE.tgz_name).exists():
        pytest.skip("no npm on this machine to fetch axe-core with (apt install npm)")
    return unpack(AXE, obtain(AXE, None, cache_folder()))["axe.min.js"].decode()


def violations(page: webdriver.Chrome) -> dict[str, list[str]]:
    """What it finds on the page as it is now: by rule, the elements that break it.

    What it cannot judge of colours counts too, except in drawings, where texts lie over lines.
    """
    # On a busy machine it takes its time; selenium would give up after 30 s.
    page.set_script_timeout(300)
    if not page.execute_script("return 'axe' in window"):
        page.execute_script(source())
    script = """const [done] = arguments;
    const told = ({ html, any, all, none }) => `${html}: ${[...any, ...all, ...none].map(check => check.message)}`;
    axe.run().then(({ violations, incomplete }) => {
      const unjudged = incomplete.filter(rule => rule.id === 'color-contrast')
        .map(rule => ({ id: 'color-contrast', nodes: rule.nodes.filter(node => !/^<text/.test(node.html)) }));
      done([...unjudged, ...violations].filter(rule => rule.nodes.length).map(rule => [rule.id, rule.nodes.map(told)]));
    })"""
    return dict(page.execute_async_script(script))
