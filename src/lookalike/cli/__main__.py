"""`python -m lookalike.cli`: the command line where its script is not on the path."""

from lookalike.cli import main

if __name__ == "__main__":
    main()
