"""The pages that anybody may see: none of them sets a cookie."""
