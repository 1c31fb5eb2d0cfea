"""What is offered to whom: from a fitted model to tables of offers."""
