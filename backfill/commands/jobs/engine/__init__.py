"""What does the jobs of a plan: this process, or a cluster that exists."""
