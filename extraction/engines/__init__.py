"""Reading media: engines that turn pixels and sound into words, and the process they live in."""
