"""What columns and values are called in English and German exports. Only `draft` reads this.

Names are compared in lower case, without blanks and signs, umlauts written out.
"""

from __future__ import annotations

PATIENT_ID = (
    "patientid patid pid id pseudonym patient patientennummer patientnummer patnr patientnr "
    "patientenid studienid studyid subject subjectid sampleid recordid fallnummer"
)

COLUMNS: dict[str, dict[str, str]] = {
    "patients": {
        "sex": "sex gender geschlecht geschl male maennlich sexomicsdatainferred",
        "birth": "birth birthdate dateofbirth dob geburtsdatum gebdat gebdatum geburtsjahr birthyear",
        "age_years": "age alter ageyears ageatdiagnosis alterbeidiagnose alterbeied agenumeric",
        "first_visit": (
            "firstvisit firstvisitdate datefirstvisit erstvorstellung erstvorstellungsdatum "
            "erstkontakt aufnahmedatum entry"
        ),
        "last_contact": (
            "lastcontact lastcontactdate lastfollowup datelastfollowup lastseen letzterkontakt "
            "letztesfollowup lfu lastfu letztelebendmeldung datumvitalstatus stop"
        ),
        "death": "death deathdate dateofdeath dod sterbedatum todesdatum todestag verstorbenam tod verstorben",
        "cause_of_death": "causeofdeath todesursache todtumorbedingt tumourdeath",
    },
    "tumours": {
        "tumour_id": "tumourid tumorid tumornummer tumornr",
        "diagnosis": (
            "diagnosis diagnosisdate dateofdiagnosis datediagnosis diagnosedatum erstdiagnose "
            "erstdiagnosedatum datumerstdiagnose ed"
        ),
        "topography": (
            "topography topographie lokalisation localisation location primarysite primaertumor "
            "primaerlokalisation primariuslokalisation icdotopography icdotopographie icdot icdotopo"
        ),
        "morphology": "morphology morphologie histology histologie icdomorphology icdomorphologie icdom icdomorph",
        "basis": "basis basisofdiagnosis diagnosesicherung",
        "grade": "grade grading whograde whograding tumourgrade tumorgrade",
        "ki67_percent": "ki67percent ki67 ki67index mib1 proliferationsindex ki67prozent",
        "mitoses_per_2mm2": "mitosesper2mm2 mitoses mitosen mitosenzahl mitoticcount mitoserate",
        "differentiation": "differentiation differenzierung",
        "grade_edition": "gradeedition whoedition",
        "m_category": "mcategory mkategorie mstage mstadium tnmm cm pm m",
        "stage": "stage stadium uicc uiccstage uiccstadium tumourstage tumorstadium",
        "stage_edition": "stageedition uiccedition tnmedition tnmversion",
    },
    "metastases": {
        "site": (
            "site metastasissite metastasensite metastase fernmetastase fmlokalisation "
            "lokalisationfernmetastase metastasenlokalisation"
        ),
        "date": "date datum metastasisdate fmdatum fmdiagnosedatum datummetastase",
        "status": "status",
    },
    "exams": {
        "exam_id": "examid untersuchungsid untersuchungsnummer accession accessionnumber studyuid",
        "date": "date datum examdate scandate untersuchungsdatum datumuntersuchung",
        "modality": "modality modalitaet untersuchungsart untersuchung bildgebung",
        "tracer": "tracer radiopharmakon",
        "ct_protocol": "ctprotocol ctprotokoll",
        "field_of_view": "fieldofview fov untersuchungsbereich",
        "bone_read": "boneread knochenbefund skelettbefund",
        "injected_mbq": "injectedmbq aktivitaet activity injizierteaktivitaet dosismbq activitymbq mbq",
        "reader": "reader befunder",
    },
    "bone_findings": {
        "exam_id": "examid untersuchungsid untersuchungsnummer accession accessionnumber",
        "lesion_id": "lesionid laesion laesionsid lesion laesionsnummer",
        "site": "site bone knochen lokalisation",
        "sstr_uptake": "sstruptake uptake anreicherung sstr",
        "ct_correlate": "ctcorrelate ctkorrelat",
        "mr_correlate": "mrcorrelate mrkorrelat mrtkorrelat",
        "pattern": "pattern muster ctmuster",
        "sstr_rads": "sstrrads",
        "suv_max": "suvmax",
        "hu_mean": "humean hu dichte",
        "reader": "reader befunder",
        "status": "status",
    },
    "treatments": {
        "treatment_id": "treatmentid therapieid",
        "kind": "kind therapieart treatmentkind treatmenttype",
        "atc": "atc atccode",
        "dose": "dose dosis",
        "dose_unit": "doseunit dosiseinheit",
        "interval_days": "intervaldays intervall interval",
        "start": "start startdate beginn therapiebeginn beginndatum von",
        "end": "end enddate ende therapieende enddatum bis",
        "end_reason": "endreason endegrund",
    },
    "skeletal_events": {
        "event_id": "eventid ereignisid",
        "date": "date datum eventdate ereignisdatum sredatum",
        "component": "component sre ereignis ereignisart sretyp event",
        "site": "site bone knochen lokalisation",
        "lesion_id": "lesionid laesionsid",
        "trigger": "trigger anlass",
        "prophylactic": "prophylactic prophylaktisch",
        "status": "status",
    },
    "labs": {
        "date": "date datum sampledate labordatum abnahmedatum entnahmedatum",
        "analyte": "analyte analyt parameter laborparameter test",
        "loinc": "loinc loinccode",
        "value": "value wert ergebnis messwert result",
        "unit": "unit einheit",
        "upper_limit_normal": "upperlimitnormal uln obergrenze normobergrenze",
    },
    "functional_status": {
        "date": "date datum",
        "syndrome": "syndrome syndrom funktionell functioning karzinoidsyndrom carcinoidsyndrome",
        "biochemical": "biochemical biochemisch",
        "syndrome_name": "syndromename",
    },
    "performance_status": {
        "date": "date datum ecogdatum",
        "ecog": "ecog ecogps performancestatus allgemeinzustand",
    },
    "board_decisions": {
        "date": "date datum boarddate konferenzdatum",
        "topic": "topic fragestellung question",
        "decision": "decision beschluss empfehlung recommendation",
        "reason": "reason begruendung",
    },
    "assignments": {"value": "arm studienarm treatmentarm randomisation randomisierung"},
    "outcomes": {"name": "outcome endpoint endpunkt", "date": "date datum eventdate"},
}
"""Names of each contract column, separated by blanks. A column called "name" is a patient's."""

GENERIC = {"date", "status", "reader", "value", "reason", "start", "end", "unit"}
"""Contract columns whose names say nothing about the table they belong to."""

VALUES: dict[str, dict[str, str]] = {
    "sex": {
        "female": "f w weiblich female frau",
        "male": "m maennlich male mann",
        "diverse": "d divers diverse",
        "unknown": "u x unbekannt unknown",
    },
    "grade": {"G1": "1 g1", "G2": "2 g2", "G3": "3 g3", "NEC": "nec", "GX": "x gx"},
    "stage": {
        "I": "1 i ia ib ic stage1",
        "II": "2 ii iia iib iic stage2",
        "III": "3 iii iiia iiib iiic stage3",
        "IV": "4 iv iva ivb ivc stage4",
    },
    "m_category": {"M0": "0 m0", "M1": "1 m1", "MX": "x mx"},
    "cause_of_death": {"tumour": "j ja tumour tumor", "other": "n nein other andere"},
    "basis": {"histology": "7 71 72 73 histologie histology", "cytology": "5 zytologie cytology"},
    "differentiation": {"well": "well gut g", "poor": "poor schlecht s"},
    "site": {
        "bone": "oss bone knochen",
        "marrow": "mar marrow knochenmark",
        "liver": "hep liver leber",
        "lung": "pul lung lunge",
        "brain": "bra brain hirn gehirn",
        "lymph_node": "lym lymphknoten lymphnode",
        "pleura": "ple pleura",
        "peritoneum": "per peritoneum",
        "adrenal": "adr nebenniere adrenal",
        "skin": "ski haut skin",
        "other": "oth andere other",
        "generalised": "gen generalisiert generalised",
    },
    "syndrome": {"present": "1 ja j yes y true", "absent": "0 nein n no false"},
    "biochemical": {"raised": "1 ja erhoeht raised", "normal": "0 nein normal"},
    "pattern": {
        "osteolytic": "lytisch osteolytisch lytic osteolytic",
        "osteoblastic": "sklerotisch osteoblastisch blastic sclerotic osteoblastic",
        "mixed": "gemischt mixed",
    },
    "ct_correlate": {"present": "ja yes 1 present", "absent": "nein no 0 absent"},
    "mr_correlate": {"present": "ja yes 1 present", "absent": "nein no 0 absent"},
    "sstr_uptake": {"positive": "positiv positive ja 1", "negative": "negativ negative nein 0"},
    "modality": {
        "sstr_pet_ct": "dotatocpetct dotatatepetct sstrpetct ga68petct petct",
        "ct": "ct",
        "mri": "mrt mri mr",
        "bone_scintigraphy": "skelettszintigraphie knochenszintigraphie bonescan",
        "fdg_pet_ct": "fdgpetct",
    },
    "bone_read": {"positive": "positiv positive", "negative": "negativ negative"},
    "kind": {
        "drug": "drug medikament systemisch syst",
        "prrt": "prrt",
        "sirt": "sirt",
        "radiotherapy": "radiotherapy strahlentherapie bestrahlung radiatio st",
        "surgery": "surgery operation op chirurgie",
    },
}
"""What the categories of a contract column are called in exports."""


def plain(name: str) -> str:
    """Write a name as it is compared.

    >>> plain("Ki-67 (%)"), plain("Primärtumor_Größe")
    ('ki67', 'primaertumorgroesse')
    """
    lower = name.lower()
    for umlaut, letters in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("ß", "ss")):
        lower = lower.replace(umlaut, letters)
    return "".join(sign for sign in lower if sign.isalnum())
