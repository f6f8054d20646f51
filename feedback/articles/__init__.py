"""Articles: the pages of a site."""
