"""Answers as students write them: wrong ones, each with words that a good diagnosis has; right ones in odd styles."""

WRONG, RIGHT = [], []


def wrong(formula, says):
    def remember(answer):
        WRONG.append((answer, formula, says))
        return answer

    return remember


def right(formula):
    def remember(answer):
        RIGHT.append((answer, formula))
        return answer

    return remember
