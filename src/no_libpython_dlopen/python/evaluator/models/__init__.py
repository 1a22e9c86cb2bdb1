"""What built-ins and the standard library return, for the evaluator."""
