"""What an evaluation found, gathered for a page that is passed on."""
