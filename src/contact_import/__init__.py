"""Contacts from CSV files and webhooks, into Cellcast.

Read the package in its import order and you read the data's way:
event, source, text, rows, columns, contacts, batches, sender, outcomes, report.
"""
