"""The rules that a network for electronic invoices asks of a document, on plain bytes: nothing of ours is known here."""
