"""AWS on the loopback interface: S3, DynamoDB and one secret over HTTP, fast and countable."""
