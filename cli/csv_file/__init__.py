"""csv_file: from a CSV file, as spreadsheets write them, to events that were all checked before the first is used."""
