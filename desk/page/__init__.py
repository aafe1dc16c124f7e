"""The page that `desk report` writes: numbers, charts, and the document that holds them."""
