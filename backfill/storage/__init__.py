"""This machine's disk and memory: files written whole or not at all, private ones, scratch, maps of bounded size."""
