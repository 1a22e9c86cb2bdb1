"""What output formats share: code frames, diffs, paths, fingerprints, severities and totals."""
