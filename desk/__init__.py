"""What an operator does by hand: send failed events again, replay files, verify receipts.

It runs under the operator's own credentials, beside the function and with its code.
"""
