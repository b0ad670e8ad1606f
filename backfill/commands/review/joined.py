"""Joined: what is wrong with a cell of a lookup's file, as the person sees it who has the rows that it is joined to."""

from collections.abc import Sequence

from backfill.commands.review.reject_rows import Fault
from backfill.survey.passes import Survey


def traced(fault: Fault, rows: Sequence[dict[str, str]], survey: Survey) -> Fault:
    """A fault of a joined cell as one of the cell that joins: where that is which must be mended.

    `rows` are the cells of an order's rows.
    """
    if (found := survey.mapping.lookup_of(fault.column)) is None:
        return fault
    joined = next(one for one in survey.lookups if one.name == found[0])
    here, there, column = joined.lookup.here, joined.lookup.there, found[1]
    ids = next((cells[here] for cells in rows if cells.get(here, "").strip()), "")
    files = " and ".join(joined.files)
    if not ids:
        return fault._replace(column=here, reason=f"it leads to no row of {files}: {fault.reason}")
    if (place := joined.found_at(ids)) is None:
        said = f"no {there} of {files} is this: {fault.reason}"
        return fault._replace(column=here, reason=f"{said}; write another here, or add it there and start again")
    said = f"it leads to row {place[1]:,} of {place[0]}, whose {column} is the matter: {fault.reason}"
    return fault._replace(column=here, reason=f"{said}; mend it there and start again, or write another here")
