"""How bone is looked at, what is seen there, and what happens there.

Sources: SSTR-RADS 1.0, Werner 2018, J Nucl Med 59:1085 (doi:10.2967/jnumed.117.206631);
skeletal-related events as in the EU label of denosumab 120 mg; other variants as named below.
"""

from __future__ import annotations

MODALITIES = {
    "sstr_pet_ct": "somatostatin-receptor PET with CT",
    "sstr_pet_mr": "somatostatin-receptor PET with MR",
    "sstr_spect_ct": "somatostatin-receptor scintigraphy with SPECT/CT",
    "fdg_pet_ct": "FDG PET with CT",
    "ct": "CT alone",
    "mri": "MR alone",
    "bone_scintigraphy": "bone scintigraphy",
}
SSTR_MODALITIES = ("sstr_pet_ct", "sstr_pet_mr", "sstr_spect_ct")

CT_PROTOCOLS = {
    "diagnostic": "full dose; could have shown a correlate",
    "low_dose": "for attenuation and place; no correlate on it is weak evidence",
    "none": "no CT in this exam",
}
FIELDS_OF_VIEW = {
    "whole_body": "skull to feet",
    "trunk": "skull base to mid-thigh",
    "partial": "less than the trunk; bone outside it was not looked at",
}
BONE_READS = {
    "positive": "at least one bone metastasis",
    "negative": "bone looked at, no metastasis",
    "equivocal": "a focus that needs adjudication",
    "not_read": "bone was not reported on",
}

UPTAKE = {
    "positive": "pathological focal uptake",
    "equivocal": "faint or unspecific",
    "negative": "none above bone",
    "not_assessed": "not looked at with this modality",
}
CORRELATE = {
    "present": "a morphological correlate at the lesion",
    "absent": "looked for and not seen",
    "not_assessable": "not covered, no adequate exam, metal or motion",
}
PATTERNS = {
    "osteolytic": "less dense than the bone around it",
    "osteoblastic": "denser than the bone around it",
    "mixed": "both",
    "no_correlate": "no change on CT (intertrabecular)",
    "not_assessable": "no diagnostic CT, or one that could not show it",
}
VISIBLE_PATTERNS = ("osteoblastic", "osteolytic", "mixed")
ADJUDICATION = {
    "accepted": "counts",
    "pending": "waits for adjudication; does not count yet",
    "rejected": "judged not to be a metastasis, or not an event",
}
SSTR_RADS = {
    "1A": "benign",
    "1B": "benign, with uptake",
    "2": "likely benign",
    "3A": "equivocal soft tissue",
    "3B": "equivocal bone",
    "3C": "intense uptake, site atypical",
    "3D": "anatomically suspicious, no uptake",
    "4": "intense uptake, typical site, no definitive anatomic finding",
    "5": "uptake and anatomic finding",
}
BENIGN_RADS = ("1A", "1B", "2")
EQUIVOCAL_RADS = "3B"
"""Equivocal bone: counts once a reader has accepted it in so many words."""

EVENT_COMPONENTS = {
    "pathological_fracture": "fracture at a metastasis",
    "radiation_to_bone": "external beam to bone; PRRT and SIRT are not this",
    "surgery_to_bone": "surgery for a bone metastasis",
    "spinal_cord_compression": "compression of spinal cord or cauda equina",
    "hypercalcaemia": "albumin-corrected calcium >= 3.0 mmol/l",
    "bone_seeking_radionuclide": "Ra-223, Sr-89, Sm-153",
    "fragility_fracture": "fracture without a metastasis at the site; never an SRE",
}
EVENT_TRIGGERS = {
    "symptom": "found because the patient had symptoms",
    "scheduled_imaging": "found on a planned exam",
    "unknown": "not recorded",
}

_REGULATORY = (
    "pathological_fracture",
    "radiation_to_bone",
    "surgery_to_bone",
    "spinal_cord_compression",
)
SRE_VARIANTS = {
    "sre_regulatory": _REGULATORY,
    "sre_plus_hypercalcaemia": (*_REGULATORY, "hypercalcaemia"),
    "sre_narrow": ("pathological_fracture", "spinal_cord_compression"),
    "sse": _REGULATORY,  # symptomatic only: `cohort.skeletal_events` asks for trigger = symptom
}
"""Components of each named variant of the skeletal-related event (SRE).

``sre_regulatory``: EU label of denosumab 120 mg. ``sre_plus_hypercalcaemia``: Osteoporos Int
2013 (doi:10.1007/s00198-013-2530-3). ``sre_narrow``: Garcia-Torralba 2021
(doi:10.1016/j.ctrv.2021.102168). ``sse``: symptomatic skeletal events.
"""

METASTASIS_SITES = {
    "bone": "OSS",
    "marrow": "MAR",
    "liver": "HEP",
    "lung": "PUL",
    "brain": "BRA",
    "lymph_node": "LYM",
    "pleura": "PLE",
    "peritoneum": "PER",
    "adrenal": "ADR",
    "skin": "SKI",
    "other": "OTH",
    "generalised": "GEN",  # never to be read as bone
}
"""Site -> oBDS code (``Fernmetastase/Lokalisation``); marrow is not bone."""
