"""Weakens the template in one place at a time, and asks the tests whether they notice.

A test that passes on the template proves little by itself: it might pass on any. Each mutant here
is the template with one control removed or widened. A mutant that no test notices is a control that
is claimed, not proven.
"""
