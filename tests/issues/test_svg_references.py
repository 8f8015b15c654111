"""What an SVG draws is counted with all that it repeats, and in no time."""

from __future__ import annotations

import time

import pytest

from newsletter.issues.svg import BadSvg, measure

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="9" height="9">'


def repeated(depth: int, times: int) -> bytes:
    """A rectangle in a group, that group so many times in another, and so on."""
    text = HEAD + '<defs><g id="a0"><rect width="1" height="1"/></g>'
    for level in range(1, depth + 1):
        text += f'<g id="a{level}">' + f'<use xlink:href="#a{level - 1}"/>' * times + "</g>"
    return (text + f'</defs><use xlink:href="#a{depth}"/></svg>').encode()


@pytest.mark.parametrize(("depth", "times"), [(8, 10), (30, 4), (200, 2), (2000, 1), (60, 60)])
def test_a_drawing_that_repeats_itself_without_measure_is_refused_at_once(
    depth: int, times: int
) -> None:
    began = time.perf_counter()
    with pytest.raises(BadSvg) as caught:
        measure(repeated(depth, times))
    assert time.perf_counter() - began < 2
    assert caught.value.code == "image-too-large"


def test_a_drawing_that_contains_itself_is_refused() -> None:
    text = HEAD + '<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g></svg>'
    with pytest.raises(BadSvg):
        measure(text.encode())


def test_a_map_with_a_thousand_signs_is_drawn() -> None:
    sign = '<symbol id="s"><path d="M0 0h9"/><circle r="3"/></symbol>'
    uses = "".join(f'<use href="#s" x="{n}"/>' for n in range(1000))
    assert measure(f"{HEAD}{sign}{uses}</svg>".encode()) == (9, 9)


def test_what_is_referred_to_and_not_there_counts_nothing() -> None:
    assert measure(f'{HEAD}<use href="#nowhere"/><use/></svg>'.encode()) == (9, 9)
