-- Each import empties its trail again, and reads all of it for each task: its dead rows must not pile up.
vacuum analyze muster.import_trail
