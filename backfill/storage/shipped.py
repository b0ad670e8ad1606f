"""The mappings that come with the program, as files: finding them takes no reading."""

from pathlib import Path


def shipped_mappings() -> dict[str, Path]:
    """The files of the presets, by name, in order of the names."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "mappings"  # in a wheel they are in the package, in a checkout next to it
    folder = installed if installed.is_dir() else package.parent / "mappings"
    return {path.stem: path for path in sorted(folder.glob("*.yaml"))}
