"""The desk's commands, one module each: arguments in, an Answer out."""
