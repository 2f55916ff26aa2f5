"""The primary tumour: ICD-O-3 codes, WHO grade, UICC stage.

Sources: WHO 2019/2022 for grade (the higher of Ki-67 and mitoses decides); SEER and ICD-O-3 for
codes; M1a/M1b/M1c of jejunum and ileum as in UICC/AJCC 8.
"""

from __future__ import annotations

SEXES = ("female", "male", "diverse", "unknown")
GRADES = ("G1", "G2", "G3", "NEC", "MiNEN", "GX")
STAGES = ("I", "II", "III", "IV")
M_CATEGORIES = ("M0", "M1", "M1a", "M1b", "M1c", "MX")
M1 = ("M1", "M1a", "M1b", "M1c")
DIFFERENTIATION = ("well", "poor", "unknown")
BASES_OF_DIAGNOSIS = {
    "histology": "tissue of primary or metastasis",
    "cytology": "cells only",
    "clinical": "imaging, laboratory or clinical",
    "unknown": "not recorded",
}
CAUSES_OF_DEATH = ("tumour", "other", "unknown")

TOPOGRAPHY = {
    "C17.0": "duodenum",
    "C17.1": "jejunum",
    "C17.2": "ileum",
    "C17.3": "Meckel's diverticulum",
    "C17.8": "small bowel, overlapping",
    "C17.9": "small bowel, not specified",
    "C25": "pancreas",
    "C34": "lung",
    "C18": "colon",
    "C20": "rectum",
}
MORPHOLOGY = {
    "8240/3": "neuroendocrine tumour, G1 or not specified",
    "8241/3": "enterochromaffin-cell tumour",
    "8249/3": "neuroendocrine tumour, G2 or G3",
    "8246/3": "neuroendocrine carcinoma",
    "8013/3": "large-cell neuroendocrine carcinoma",
    "8041/3": "small-cell neuroendocrine carcinoma",
    "8154/3": "mixed neuroendocrine-non-neuroendocrine neoplasm",
}

SYNDROME = ("present", "absent", "unknown")
BIOCHEMICAL = ("raised", "normal", "unknown")


def grade_from_ki67(ki67_percent: float) -> str:
    """WHO 2019 grade of a well differentiated tumour from Ki-67 alone.

    >>> [grade_from_ki67(k) for k in (2.9, 3, 20, 20.1)]
    ['G1', 'G2', 'G2', 'G3']
    """
    if ki67_percent < 3:
        return "G1"
    return "G2" if ki67_percent <= 20 else "G3"
