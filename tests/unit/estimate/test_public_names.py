import osteon.estimate as estimate


def test_all_names_exist_and_are_sorted():
    assert all(hasattr(estimate, name) for name in estimate.__all__)
    in_order = sorted(estimate.__all__, key=lambda n: (not n.isupper(), not n[0].isupper(), n))
    assert in_order == estimate.__all__  # constants, classes, functions


def test_every_public_name_has_a_docstring():
    assert all(getattr(estimate, name).__doc__ for name in estimate.__all__)
