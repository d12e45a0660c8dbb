"""Story -> Summary. Pure."""
