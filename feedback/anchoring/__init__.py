"""Where text stands: the normal text of an article and links into it."""
