"""`python -m gmm_tutorial.homework answers.py`: see `gmm_tutorial.homework.grading`."""

import sys

from gmm_tutorial.homework.grading import main

if __name__ == "__main__":
    sys.exit(main())
