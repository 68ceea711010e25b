"""The contract suite: plays the consumer of the contract, against the mock or a host. It never imports the mock."""
