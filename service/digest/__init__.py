"""What goes into which digest, and when. Pure."""
