"""The deeds. One public function is one deed and one transaction; workflows never call one another."""
