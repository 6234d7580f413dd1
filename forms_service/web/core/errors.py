"""What can go wrong with a page itself; the other facts live where they are raised."""


class PageTooOld(Exception):
    """The key of a summary page is none of ours, or of keys that have been changed."""


class TrapFilled(Exception):
    """A box that no person sees was filled in."""


class DraftUnavailable(Exception):
    """There is no built PDF of this version that could hold what was typed."""


class FileMissing(Exception):
    """No file was chosen, or an empty one."""
