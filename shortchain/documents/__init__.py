"""Documents: tickets, invoices, credit notes and purchase notes, numbered without gaps and never changed."""
