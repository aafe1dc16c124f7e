"""The embedded AWS: MiniStack, completed, and deployed to by the real SAM CLI."""
