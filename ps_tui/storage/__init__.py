"""Where sessions are kept. The only package with SQL; each backend has a folder."""
