"""What the command `mockserver`, or `python -m mockserver`, runs."""

import gc

__all__ = ["run"]


def run() -> None:
    """Run the command line, without garbage collection until something is served: a start makes nothing to collect."""
    gc.disable()
    from mockserver.cli import main  # what is imported from here on is most of a start

    main(prog_name="mockserver")


if __name__ == "__main__":
    run()
