"""Bring exported orders and CRM records into Cometly: the right events, each exactly once."""

__version__ = "0.1.0"
API = "https://app.cometly.com"  # unless somebody says otherwise
