"""Completions of single CloudFormation resource types, one module for each service."""
