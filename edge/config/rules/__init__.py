"""A rule of one's own: ``parser.parse`` makes a tree of its text, or says what is wrong and in which column."""
