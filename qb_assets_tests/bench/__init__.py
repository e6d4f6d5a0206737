"""Speed and memory: `make bench`. Not part of the tests, since machines differ."""
