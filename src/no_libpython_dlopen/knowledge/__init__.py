"""Facts about the outside world, each in one place: names, platforms, link references."""
