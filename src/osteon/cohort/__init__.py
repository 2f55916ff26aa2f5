"""What a protocol defines: eligibility, bone metastasis, skeletal events, exposure, follow-up."""

from osteon.cohort.build import Cohort, build_cohort

__all__ = ["Cohort", "build_cohort"]
