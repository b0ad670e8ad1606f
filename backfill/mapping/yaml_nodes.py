"""A YAML file as nodes that know their line and place; what is wrong with one is noted, not raised."""

import difflib
import json
import re
import stat
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from backfill.errors import MappingError

TEXT_LIMIT = 262_144  # characters; a mapping by hand has a few thousand
NODE_LIMIT = 20_000  # with every alias written out: what makes a YAML bomb one
DEPTH_LIMIT = 32
PROBLEM_LIMIT = 100

UNSET = frozenset({"", "~", "null"})
SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass(slots=True)
class Notes:
    """What was found in the nodes of one file: its problems, and the columns it names."""

    origin: str
    problems: list[tuple[int, str]] = field(default_factory=list)
    columns: dict[str, None] = field(default_factory=dict)

    def say(self, line: int, sentence: str) -> None:
        """Note a problem; a file with too many of them is given up."""
        self.problems.append((line, sentence))
        if len(self.problems) == PROBLEM_LIMIT:
            self.problems.append((0, f"has more than {PROBLEM_LIMIT} problems; these are the first"))
            self.raise_problems()

    def raise_problems(self) -> None:
        """Raise everything noted as one `MappingError`, if there is anything."""
        if self.problems:
            raise MappingError(self.origin, list(dict.fromkeys(self.problems)))


@dataclass(frozen=True, slots=True)
class Node:
    """One node of the file. Every reading method returns what could be read, and notes what could not."""

    raw: yaml.Node
    place: str  # "source.timezone"; empty at the top
    notes: Notes

    @property
    def line(self) -> int:
        """The line it is on, from 1."""
        return int(self.raw.start_mark.line) + 1

    @property
    def is_list(self) -> bool:
        return isinstance(self.raw, yaml.SequenceNode)

    @property
    def is_table(self) -> bool:
        return isinstance(self.raw, yaml.MappingNode)

    @property
    def plain(self) -> str | None:
        """Its text where it is a scalar without quotes: only there can a word mean more than itself."""
        return str(self.raw.value) if isinstance(self.raw, yaml.ScalarNode) and not self.raw.style else None

    @property
    def unset(self) -> bool:
        return self.plain in UNSET

    def say(self, sentence: str) -> None:
        """Note a problem: the sentence goes on from the node's place."""
        self.notes.say(self.line, f"{self.place or 'the file'} {sentence}")

    def wrong(self, possible: str) -> None:
        """Note that the node is not what is possible here."""
        self.say(f"is {self._found()}, and must be {possible}")

    def _found(self) -> str:
        if self.is_list:
            return "a list" if self.raw.value else "an empty list"
        if self.is_table:
            return "a mapping"
        return "not set" if self.unset else quote(str(self.raw.value))

    def text(self, possible: str = "a text", *, empty: bool = False) -> str | None:
        """Read a scalar; one that is not set, or (unless `empty`) has no character, is a problem."""
        if not isinstance(self.raw, yaml.ScalarNode) or self.unset or not (empty or self.raw.value):
            self.wrong(possible)
            return None
        return str(self.raw.value)

    def texts(self, possible: str = "a text or a list of texts", *, empty: bool = False) -> tuple[str, ...]:
        """Read a scalar or a list of scalars; a list without an item gives none."""
        if not self.is_list:
            single = self.text(possible, empty=empty)
            return () if single is None else (single,)
        read = (item.text("a text (in quotes, if this very text is meant)", empty=empty) for item in self.items())
        return tuple(text for text in read if text is not None)

    def choice(self, words: Collection[str]) -> str | None:
        """Read one of a few words."""
        text = self.text(either(words))
        if text is not None and text not in words:
            self.wrong(either(words))
            return None
        return text

    def items(self) -> list["Node"]:
        """The items of a list; anything else is a list of one."""
        if not self.is_list:
            return [self]
        return [Node(raw, f"{self.place}[{number}]", self.notes) for number, raw in enumerate(self.raw.value, 1)]

    def scalars(self) -> list[tuple[str, "Node"]]:
        """The texts among the items, each with its node; whatever else is there is left to `texts` to note."""
        kept = [item for item in self.items() if isinstance(item.raw, yaml.ScalarNode) and not item.unset]
        return [(str(item.raw.value), item) for item in kept]

    def entries(self, possible: str = "a mapping") -> dict[str, "Node"]:
        """The entries of a table with free keys, unset ones too; a key that comes twice is a problem."""
        if not self.is_table:
            self.wrong(possible)
            return {}
        found: dict[str, Node] = {}
        for raw_key, raw in self.raw.value:
            key = Node(raw_key, self.place, self.notes)
            if not isinstance(raw_key, yaml.ScalarNode):
                key.say("has a list or a mapping for a key, and keys must be texts")
            elif raw_key.value in found:
                key.say(f"has the key {quote(raw_key.value)} a second time (first in line {found[raw_key.value].line})")
            else:
                place = f"{self.place}.{_shown(raw_key.value)}" if self.place else _shown(raw_key.value)
                found[raw_key.value] = Node(raw, place, self.notes)
        return found

    def table(self, known: Collection[str], required: Iterable[str] = ()) -> dict[str, "Node"]:
        """The entries of a table with these keys only; those not set are left out, strange and absent ones noted."""
        found = self.entries()
        for key in [key for key in found if key not in known]:
            strange = found.pop(key)
            strange.say(f"is no key of the grammar; {nearest(key, known)}")
        read = {key: node for key, node in found.items() if not node.unset}
        for key in required:
            if self.is_table and key not in read:
                self.say(f"lacks the key {key}, which is required")
        return read


class _Loader(yaml.BaseLoader):
    """Composes nodes, scalars as text, and refuses what no mapping needs before it costs anything."""

    depth = 0
    count = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        self.depth += 1
        self.count += 1
        if self.depth > DEPTH_LIMIT or self.count > NODE_LIMIT:
            raise yaml.MarkedYAMLError(problem="it is nested too deep or too large")
        event = self.peek_event()  # type: ignore[no-untyped-call]
        if getattr(event, "tag", None) is not None:
            raise yaml.MarkedYAMLError(problem=f"tag {event.tag} has no meaning here", problem_mark=event.start_mark)
        node: yaml.Node | None = super().compose_node(parent, index)
        self.depth -= 1
        if isinstance(node, yaml.ScalarNode) and SURROGATE.search(node.value):
            node.value = _joined(node)
        return node


def _joined(node: yaml.ScalarNode) -> str:
    """Join the two halves of each character that JSON's way of escaping takes apart."""
    try:
        return str(node.value).encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError:
        raise yaml.MarkedYAMLError(problem="half a surrogate pair is no text", problem_mark=node.start_mark) from None


def read_text(path: Path, origin: str, kind: str, absent: str = "is no file") -> str:
    """Read a file's text: UTF-8, or UTF-16 with its mark; never more of it than a mapping or a plan can have.

    Raises MappingError, whatever is there; `absent` says what is wrong where nothing is.
    """
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode):
            found = "a folder" if stat.S_ISDIR(mode) else "a device or a pipe"
            raise MappingError(origin, [(0, f"is {found}, and must be a file")])
        with path.open("rb") as file:
            data = file.read(4 * TEXT_LIMIT + 1)
    except FileNotFoundError:
        raise MappingError(origin, [(0, absent)]) from None
    except (OSError, ValueError) as error:
        raise MappingError(origin, [(0, f"can't be read: {getattr(error, 'strerror', None) or error}")]) from None
    if len(data) > 4 * TEXT_LIMIT:
        raise MappingError(origin, [(0, f"the file has more than {4 * TEXT_LIMIT} bytes, which no {kind} needs")])
    encoding = "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise MappingError(origin, [(line, "the file is no UTF-8 text; save it as UTF-8")]) from None


def parse(text: str, notes: Notes, kind: str = "mapping") -> Node:
    """Read one YAML document, a mapping or a plan, to its top node, a table.

    Raises MappingError where the text is no YAML, is empty, has no table at its top, or is too large for a mapping.
    """
    root = None
    if len(text) > TEXT_LIMIT:
        notes.say(0, f"the file has more than {TEXT_LIMIT} characters, which no {kind} needs")
        notes.raise_problems()
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        notes.say(line, f"the character U+{ord(text[error.position]):04X} can't be in a {kind}")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        notes.say(mark.line + 1 if mark else 0, f"the file can't be read as YAML: {_syntax(error)}")
    if root is None:
        notes.say(0, f"the file is empty, and a {kind} begins with the line {kind}: 1")
    elif _too_large(root):
        notes.say(0, f"the file has more than {NODE_LIMIT} entries once its aliases are written out")
    elif not isinstance(root, yaml.MappingNode):
        notes.say(1, f"the file holds no {kind} at its top, and must begin with the line {kind}: 1")
    if root is None or notes.problems:
        raise MappingError(notes.origin, notes.problems[:1])
    return Node(root, "", notes)


def parse_own(text: str, notes: Notes) -> Node:
    """Read a document that comes with this program, and so is sound: libyaml takes a twentieth of the time."""
    root = yaml.compose(text, Loader=getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    assert root is not None
    return Node(root, "", notes)


def _syntax(error: yaml.MarkedYAMLError) -> str:
    problem = " ".join((error.problem or error.context or "the reason is not known").split())
    if "'\\t'" in problem:
        problem += " (indent with blanks, not tabs)"
    elif "cannot start any token" in problem or "not allowed here" in problem:
        problem += " (a text with such a character goes in quotes)"
    return problem


def _too_large(root: yaml.Node) -> bool:
    """Whether the tree, each alias counted as often as it is used (or for ever, if it holds itself), is too large."""
    waiting = [root]
    for _ in range(NODE_LIMIT):
        if not waiting:
            return False
        node = waiting.pop()
        if isinstance(node, yaml.MappingNode):
            waiting += [part for pair in node.value for part in pair]
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value
    return bool(waiting)


def quote(text: str) -> str:
    """Show a text of the file in quotes, cut short."""
    return json.dumps(text if len(text) <= 60 else text[:57] + "...", ensure_ascii=False)


def _shown(key: str) -> str:
    return key if key.isprintable() and 0 < len(key) <= 60 else quote(key)


def either(words: Iterable[str]) -> str:
    """Join words for a sentence: "a, b or c"."""
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last


def nearest(found: str, possible: Collection[str]) -> str:
    """Say which of the possible names were probably meant, or else which there are."""
    folded = {name.casefold(): name for name in possible}
    close = difflib.get_close_matches(found[:100].casefold(), folded, n=3, cutoff=0.6)
    if close:
        return "nearest: " + ", ".join(folded[name] for name in close)
    return f"possible: {_listing(possible)}" if possible else "there is none"


def nearest_file(path: Path) -> str:
    """Say which file in the same folder was probably meant, as the end of a sentence; "" where none was."""
    folder = path.parent
    try:
        names = {one.name.casefold(): one.name for one in folder.iterdir() if one.is_file()}
    except OSError:
        return "" if folder.exists() else f": there is no folder {folder}"
    near = difflib.get_close_matches(path.name.casefold(), names, 1)
    return f"; is it {folder / names[near[0]]}?" if near else ""


def _listing(names: Collection[str]) -> str:
    """List names, numbered ones as a range: profile_field_1..30."""
    numbers: dict[str, list[int]] = {}
    for name in names:
        stem, digits = re.fullmatch(r"(.*?)([0-9]*)", name, re.DOTALL).groups()  # type: ignore[union-attr]
        numbers.setdefault(stem if digits else name, []).extend([int(digits)] if digits else [])
    shown = [f"{s}{min(n)}..{max(n)}" if len(n) > 1 else f"{s}{n[0] if n else ''}" for s, n in numbers.items()]
    return ", ".join(shown) if len(shown) <= 40 else ", ".join(shown[:40]) + f" and {len(shown) - 40} more"
