"""The two ways in which an API key is not that of its Space, as errors."""

from backfill.errors import UsageError


def known_as(space: str, other: str) -> UsageError:
    return UsageError(
        f"space {space}: its API key is known here as that of space {other}; one Space would get two ledgers, so use "
        f"--space {other}"
    )


def other_than_before(space: str) -> UsageError:
    return UsageError(
        f"space {space}: comes with another API key than before; one client's orders would end up in another's "
        "account, so check the key, or say --key-rotated (in a jobs plan key-rotated: true) if this Space's key was "
        "replaced"
    )
