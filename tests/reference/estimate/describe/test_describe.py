"""Quartiles and the median's order-statistic limits against quantile() and qbinom()."""

from osteon.estimate import median_of_values


def test_quartiles(cohort, expected, close):
    for kind, name in (("r", "type_7"), ("spss", "type_6")):
        m = median_of_values(cohort["marker"], quartiles=kind)
        quartiles = ("first quartile", "median", "third quartile")
        close([m.quartile_1, m.median, m.quartile_3], expected[name], at=quartiles)


def test_limits(cohort, expected, close):
    for n, name in ((None, "limits"), (30, "limits_of_30")):
        m = median_of_values(cohort["marker"][:n])
        close([m.conf_low, m.conf_high], expected[name], at=("low", "high"))
