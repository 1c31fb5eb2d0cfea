"""What each command does: read tables, call pure rooms, write tables, return a Report."""
