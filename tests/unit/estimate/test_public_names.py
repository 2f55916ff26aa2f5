import osteon.estimate as estimate


def test_all_names_exist_and_are_sorted():
    assert all(hasattr(estimate, name) for name in estimate.__all__)
    assert sorted(estimate.__all__) == estimate.__all__


def test_every_public_name_has_a_docstring():
    assert all(getattr(estimate, name).__doc__ for name in estimate.__all__)
