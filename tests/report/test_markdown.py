"""Markdown on a screen: fitted to its width, nothing of it lost."""

import re

import pytest

from backfill.commands.guide import topics
from backfill.report.markdown import laid_out

PAGE = r"""# Title

A paragraph with `code that stays whole` in it, **loud** words,
and a link to [rejects](rejects.md).

1. First, which is long enough to need a second row.
2. Second.

| key | holds |
|---|---|
| `a` \| `b` | one word after the other |
| **A title** |  |
| `a_name_that_stays_whole` | x |

```sh
echo "  as it is, however long the line may be"
```
"""
SHOWN = """\
Title
=====

A paragraph with
`code that stays whole` in it, loud
words, and a link to
`backfill guide rejects`.

1. First, which is long enough to
   need a second row.
2. Second.

key                        holds
-------------------------  ---------
`a` | `b`                  one word
                           after the
                           other
A title
`a_name_that_stays_whole`  x

    echo "  as it is, however long the line may be"
"""


def test_a_page_on_a_narrow_screen() -> None:
    assert laid_out(PAGE, 36) == SHOWN


@pytest.mark.parametrize("width", [80, 110])
def test_no_word_of_the_guide_is_lost(width: int) -> None:
    for topic, text in topics().items():
        shown = laid_out(text, width)
        fences = set(re.findall(r"^ *```(\w+)$", text, re.MULTILINE))
        assert set(re.findall(r"\w+", text)) - set(re.findall(r"\w+", shown)) <= fences | {"md"}, topic
        assert all(len(line) <= width for line in shown.splitlines() if not line.startswith("    ")), topic


@pytest.mark.parametrize("width", [0, 1, 9, 1000])
def test_any_screen_will_do(width: int) -> None:
    for text in topics().values():
        letters = [re.sub(r"[\W_]|backfill|guide", "", one) for one in (text, laid_out(text, width))]
        assert sorted(set(letters[0])) == sorted(set(letters[1]))
