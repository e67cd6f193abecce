"""`python -m reprise.cli`: the same as `reprise`."""

from reprise.cli import main

if __name__ == "__main__":
    main()
