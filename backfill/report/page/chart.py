"""Charts as inline SVG: pygal draws, the page's own style colours, so that one chart serves light, dark and paper."""

import math
import sys
from collections.abc import Sequence
from itertools import count
from xml.etree import ElementTree

import pygal
from markupsafe import Markup
from pygal.style import Style

# pygal leaves an import hook for plug-ins, written before find_spec: every import that fails later breaks on it.
sys.meta_path[:] = [finder for finder in sys.meta_path if not type(finder).__module__.startswith("pygal")]

_SVG = "{http://www.w3.org/2000/svg}"
_EXTRA = {"defs", "script", "style", "desc", "title", "tooltip"}  # pygal's, for its script and its own looks
_IDS = count(1)
_STYLE = Style(
    background="transparent",
    plot_background="transparent",
    font_family="inherit",
    label_font_size=11,
    major_label_font_size=11,
)
WIDE, NARROW = (720, 200, 12), (330, 180, 5)  # width, height, labels on the axis
_UNITS = ((1e12, "T"), (1e9, "bn"), (1e6, "M"), (1e3, "k"))


Series = Sequence[tuple[str, Sequence[float]]]


def chart(title: str, said: str, labels: Sequence[str], series: Series) -> Markup:
    """Draw bars, those of several series on top of each other, once for wide screens and once for narrow ones.

    `said` is the chart in words, for people who can't see it.
    """
    drawn = [
        f'<div class="{name}">{_drawn(title, said, labels, series, size)}</div>'
        for name, size in (("wide", WIDE), ("narrow", NARROW))
    ]
    return Markup('<div class="chart">{}</div>').format(Markup("".join(drawn)))  # noqa: S704 (pygal's SVG, its texts escaped)


def _drawn(title: str, said: str, labels: Sequence[str], series: Series, size: tuple[int, int, int]) -> str:
    width, height, most = size
    steps = _steps(max((sum(values) for values in zip(*(values for _, values in series), strict=True)), default=0.0))
    drawn = (pygal.StackedBar if len(series) > 1 else pygal.Bar)(
        width=width,
        height=height,
        style=_STYLE,
        show_legend=False,
        explicit_size=False,
        disable_xml_declaration=True,
        js=[],
        margin=2,
        spacing=1 if len(labels) > width / 12 else 4,
        truncate_label=-1,
        value_formatter=short,
        y_labels=steps,
        range=(0, steps[-1]),
        show_minor_x_labels=False,
    )
    every = max(1, math.ceil(len(labels) / most))
    drawn.x_labels = list(labels)
    drawn.x_labels_major = list(labels)[::every]
    for name, values in series:
        drawn.add(name, list(values))
    return _cleaned(drawn.render_tree(), title, said)


def _cleaned(tree: ElementTree.Element, title: str, said: str) -> str:
    """The SVG less what the page has no use for, with a name and a description."""
    number = next(_IDS)
    for parent in list(tree.iter()):
        for child in list(parent):
            if not isinstance(child.tag, str) or child.tag.removeprefix(_SVG) in _EXTRA or child.get("class") in _EXTRA:
                parent.remove(child)
    for node in tree.iter():
        if node.get("id"):
            node.attrib.pop("id")
    for name, text in (("desc", said), ("title", title)):
        node = ElementTree.Element(f"{_SVG}{name}", {"id": f"{name}-{number}"})
        node.text = text
        tree.insert(0, node)
    tree.attrib |= {"role": "img", "aria-labelledby": f"title-{number}", "aria-describedby": f"desc-{number}"}
    for name in ("class", "xmlns"):
        tree.attrib.pop(name, None)
    ElementTree.register_namespace("", _SVG.strip("{}"))
    return ElementTree.tostring(tree, encoding="unicode")


def _steps(top: float) -> list[float]:
    """Round levels for an axis from nothing to at least the top, four or five of them."""
    if top <= 0:
        return [0, 1]
    rough = top / 4
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough)
    return [step * at for at in range(math.ceil(top / step) + 1)]


def short(number: float) -> str:
    """A number as an axis has room for: 1.2M."""
    for unit, mark in _UNITS:
        if abs(number) >= unit:
            return f"{number / unit:.3g}{mark}" if abs(number) < 1e15 else f"{number:.0e}"
    return f"{number:.3g}"
