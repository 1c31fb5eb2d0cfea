"""What passes between the command line and the work: options, reports, names. Standard library only."""
