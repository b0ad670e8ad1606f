"""A near fit: the preset that a header nearly fits, with its columns renamed to those of the file."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

import yaml

from backfill.commands.init.guess import likely_share
from backfill.commands.init.naming import words
from backfill.commands.init.preset import Fit, columns_of
from backfill.commands.init.sample import Sample
from backfill.commands.init.trim import trimmed
from backfill.errors import MappingError
from backfill.files.head import place
from backfill.mapping import Mapping, closeness, load, load_text, preset_text
from backfill.mapping.yaml_text import scalar, shown

ALIKE = 0.9  # of the letters of two names, without blanks and signs
MOST_CHANGES = 4  # in a header that is still that export's
FEWEST = 3  # names by which a preset is known, that the file has
_EXAMPLES = re.compile(r"^(?:#[^\n]*\n|\n)*tests:.*", re.MULTILINE | re.DOTALL)  # of the preset's own columns
_HELD = ("not_all_of", "later_than", "first_by")
_READ = ("email", "event_time", "amount")


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A preset with the names of its columns that the file has otherwise, and those that it has not at all."""

    preset: Mapping
    renamed: dict[str, str]
    lacks: tuple[str, ...]
    lost: int  # fields that none of the preset's columns is left for

    @property
    def changes(self) -> int:
        return len(self.renamed) + len(self.lacks) + self.lost


def near_fit(sample: Sample) -> Fit | None:
    """The preset that the header nearly fits, if one does so better than any other and the values are of its kind."""
    close = (load(name) for name, missing in closeness(sample.header) if missing)
    found = [one for preset in close if not preset.refuse and (one := _candidate(preset, sample))]
    least = min((one.changes for one in found), default=0)
    best = [one for one in found if one.changes == least]
    return _fit(best[0], sample) if len(best) == 1 else None


def lacking(sample: Sample, preset: Mapping) -> str:
    """Say what the file lacks of a preset that its header fits, where that is too much: then it is another's export.

    Of an export that some column was left out of, the person is told to export it too.
    """
    names = [*sample.names, *(name for line in sample.headers for name in line)]
    lost = [group for group in preset.required if not any(place(names, name, preset) for name in group)]
    if len(lost) < FEWEST or 3 * len(lost) < len(preset.required):
        return ""
    lacks = ", ".join(" or ".join(map(shown, group)) for group in lost)
    return f"has the names that the preset {preset.name} is known by, but not {lacks}"


def nearest(sample: Sample) -> str:
    """Say which preset the header comes close to, and what it lacks; nothing where none is close."""
    for name, missing in closeness(sample.header)[:1]:
        preset = load(name)
        known = len(preset.detect) - len(missing)
        if (
            missing
            and known >= FEWEST
            and not preset.refuse
            and not any(place(sample.header, one, preset) for one in preset.detect_not)
        ):
            lacks = ", ".join(map(shown, missing))
            return f"close to the preset {name}, whose files also have {lacks}: backfill presets {name} prints it"
    return ""


def _candidate(preset: Mapping, sample: Sample) -> _Candidate | None:
    header = list(sample.header)
    if any(place(header, name, preset) for name in preset.detect_not):
        return None
    absent = [name for name in dict.fromkeys((*preset.detect, *preset.columns)) if not place(header, name, preset)]
    taken = {at for name in preset.columns for at in place(header, name, preset)}
    free = [name for at, name in enumerate(header) if at not in taken]
    renamed = {name: found for name in absent if (found := _alike(name, free))}
    lacks = tuple(name for name in preset.detect if name in absent and name not in renamed)
    there = {name for name in preset.columns if name not in absent or name in renamed}
    lost = [group for group in preset.required if not there.intersection(group)]
    fits = not _fixed(preset).intersection(lost) and 2 * len(lost) <= len(preset.required)
    known = len(preset.detect) - len(lacks)
    used = any(name in preset.columns for name in lacks)
    small = len(renamed) + len(lacks) + len(lost) <= MOST_CHANGES and len(set(renamed.values())) == len(renamed)
    one = _Candidate(preset, renamed, lacks, len(lost))
    return one if fits and small and not used and known >= min(FEWEST, len(preset.detect)) else None


def _fixed(preset: Mapping) -> set[tuple[str, ...]]:
    """The groups of columns that the keys and the choice of rows are made of: without them it is another mapping."""
    free = {
        group
        for template in preset.events
        for name, cell in template.fields.items()
        if name != "order_id"
        for group in cell.alternatives
    }
    return {*preset.required} - free


def _alike(name: str, free: list[str]) -> str | None:
    """The one name that says the same in other letters: Order status_, Canceled at."""
    own = "".join(words(name))
    near = [other for other in free if other and SequenceMatcher(None, own, "".join(words(other))).ratio() >= ALIKE]
    same = [other for other in near if "".join(words(other)) == own]
    found = same or near
    return found[0] if own and len(found) == 1 else None


def _fit(one: _Candidate, sample: Sample) -> Fit | None:
    text = _renamed(_EXAMPLES.sub("", preset_text(one.preset.name)), one.renamed)
    try:
        if not _is_of_its_kind(load_text(text, one.preset.name), sample):
            return None
        made = trimmed(text, sample)
        mapping = made.mapping()
    except MappingError:
        return None
    changes = [f"the file has {shown(new)} where the preset reads {shown(old)}" for old, new in one.renamed.items()]
    changes += [f"the file lacks {shown(name)}, by which the preset is known" for name in one.lacks]
    return Fit(mapping, made.text, (*changes, *made.changes), tuple(made.asks), tuple(made.questions))


def _is_of_its_kind(mapping: Mapping, sample: Sample) -> bool:
    """Whether the cells can be what the mapping takes them for, and some row meets each of its conditions."""
    for field in _READ:
        columns = columns_of(sample, mapping, field)
        if columns and not any(likely_share(field, column) for column in columns):
            return False
    for condition in mapping.where:
        column = next((sample.columns[at] for at in place(sample.names, condition.column, mapping)), None)
        texts = {text.casefold() for text in column.filled.tolist()} if column else set()
        if condition.one_of and texts and not texts & {text.casefold() for text in condition.one_of}:
            return False
    return True


# --- the text


def _renamed(text: str, names: dict[str, str]) -> str:
    """The preset's text with other names of columns; comments and layout stay."""
    marks = {(node.start_mark.index, node.end_mark.index): node for node in _columns(yaml.compose(text))}
    for (start, end), node in sorted(marks.items(), reverse=True):
        if node.value in names:
            text = text[:start] + scalar(names[node.value]) + text[end:]
        elif "{" in node.value:
            new = node.value
            for old, other in names.items():
                new = new.replace("{" + old + "}", "{" + other + "}")
            text = text[:start] + scalar(new) + text[end:] if new != node.value else text
    return text


def _columns(root: yaml.Node | None) -> Iterator[yaml.ScalarNode]:
    """The scalars that are a column's name, or a template with some."""
    for key, part in _entries(root):
        if key.value in ("detect", "detect_not"):
            yield from _scalars(part)
        elif key.value == "source":
            yield from _of_source(part)
        elif key.value == "lookups":
            yield from (node for _, lookup in _entries(part) for _, on in _entries(lookup) for node in _scalars(on))
        elif key.value == "where":
            yield from _of_where(part)
        elif key.value == "events":
            yield from (node for event in part.value for node in _of_event(event))


def _of_source(source: yaml.Node) -> Iterator[yaml.ScalarNode]:
    for key, value in _entries(source):
        if key.value in ("group_by", "sum", "optional"):
            yield from _scalars(value)
        elif key.value == "aliases":
            yield from (name for name, _ in _entries(value))


def _of_where(where: yaml.Node) -> Iterator[yaml.ScalarNode]:
    """The columns of conditions, and those that a condition holds them against."""
    for name, test in _entries(where):
        yield name
        yield from (node for key, other in _entries(test) if key.value in _HELD for node in _scalars(other))


def _of_event(event: yaml.Node) -> Iterator[yaml.ScalarNode]:
    for key, value in _entries(event):
        if key.value == "where":
            yield from _of_where(value)
        elif key.value == "fields":
            yield from (node for _, cell in _entries(value) for node in _of_cell(cell))
        elif key.value in ("event_name", "idempotency_key"):
            yield from _of_cell(value)


def _of_cell(cell: yaml.Node) -> Iterator[yaml.ScalarNode]:
    """A cell's columns: it is one, a list of them, or has them under some of its keys."""
    yield from _scalars(cell)
    for key, value in _entries(cell):
        if key.value in ("column", "first_of", "template", "minor_units", "timezone_column"):
            yield from _scalars(value)


def _scalars(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    """A scalar, or those of a list."""
    found = node.value if isinstance(node, yaml.SequenceNode) else [node]
    yield from (item for item in found if isinstance(item, yaml.ScalarNode))


def _entries(node: yaml.Node | None) -> list[tuple[yaml.ScalarNode, yaml.Node]]:
    """A mapping's entries; of anything else none."""
    return node.value if isinstance(node, yaml.MappingNode) else []
