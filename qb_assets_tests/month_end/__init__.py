"""The end of a month, from the nightly sync to the checks of the books."""
