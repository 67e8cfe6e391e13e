"""Reading typed values out of a run of text: numbers, dates, contacts, spoken numbers. Pure, no layout."""
