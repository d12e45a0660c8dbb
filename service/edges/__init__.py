"""Every side effect, one file per outside thing: `<technology>_<role>.py`."""
