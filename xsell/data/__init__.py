"""Tables, numbering, what a model is fitted on, and cuts."""
