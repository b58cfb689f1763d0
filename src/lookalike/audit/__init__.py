"""What a test suite gets from the mocks that it has, whatever library made them, as exchanges."""
