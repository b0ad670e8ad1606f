"""Many files, mappings and Spaces in one go. Empty, for the processes that read load nothing of what sends."""
