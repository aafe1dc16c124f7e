"""The doctor: looks at a deployed stack, and says what is wrong with it and how it is mended."""
