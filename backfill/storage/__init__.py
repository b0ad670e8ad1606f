"""Disk, memory and stores: files written whole or not at all, private ones, scratch, bounded maps, remote files."""
