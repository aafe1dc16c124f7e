"""What runs inside the emulator's own process; nothing outside this package imports MiniStack."""
