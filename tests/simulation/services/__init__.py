"""AWS in memory: boto3 clients that keep the documented semantics, each call through a border."""
