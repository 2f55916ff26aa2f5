-- What several rules ask for. They live for one check only, so a newer osteon never meets old ones.

-- The last day each patient was known to be alive, or died, as `patients` says.
CREATE OR REPLACE TEMP VIEW told_ends AS
SELECT
    patient_id,
    greatest(
        latest(last_contact, last_contact_precision), latest(death, death_precision)
    ) AS latest
FROM patients
WHERE last_contact IS NOT NULL OR death IS NOT NULL;

-- Whoever is examined or treated, or gives blood, is alive on that day.
CREATE OR REPLACE TEMP VIEW seen AS
SELECT patient_id, earliest(date, date_precision) AS day FROM exams
UNION ALL
SELECT patient_id, earliest(start, start_precision) FROM treatments
UNION ALL
SELECT patient_id, earliest(date, date_precision) FROM labs
UNION ALL
SELECT patient_id, earliest(date, date_precision) FROM performance_status;

-- The last day each patient was known to be alive, or died: as told, or seen later all the same.
CREATE OR REPLACE TEMP VIEW ends AS
SELECT
    told_ends.patient_id,
    greatest(told_ends.latest, CASE WHEN any_value(death) IS NULL THEN max(seen.day) END) AS latest
FROM told_ends JOIN patients USING (patient_id) LEFT JOIN seen USING (patient_id)
GROUP BY told_ends.patient_id, told_ends.latest;

-- Days of death that no later contact contradicts.
CREATE OR REPLACE TEMP VIEW deaths AS
SELECT patient_id, latest(death, death_precision) AS latest
FROM patients
WHERE death IS NOT NULL
  AND (last_contact IS NULL
       OR earliest(last_contact, last_contact_precision) <= latest(death, death_precision));

-- Lesions that are there and count: as `osteon.cohort.bone_metastasis` has it.
CREATE OR REPLACE TEMP VIEW positive_findings AS
SELECT *
FROM bone_findings
WHERE coalesce(sstr_rads, '') NOT IN ('1A', '1B', '2')
  AND (status = 'accepted'
       OR (status IS NULL
           AND coalesce(sstr_rads, '') <> '3B' AND coalesce(sstr_uptake, '') <> 'equivocal'))
  AND (sstr_uptake IN ('positive', 'equivocal')
       OR ct_correlate = 'present' OR mr_correlate = 'present');

-- Everything that says "bone metastasis", and the days it can mean.
CREATE OR REPLACE TEMP VIEW bone_evidence AS
SELECT
    patient_id,
    earliest(date, date_precision) AS earliest,
    latest(date, date_precision) AS latest,
    tumour_id  -- empty where the source does not say
FROM metastases
WHERE site = 'bone' AND coalesce(status, 'accepted') <> 'rejected'
UNION ALL
SELECT patient_id, earliest(date, date_precision), latest(date, date_precision), NULL
FROM exams
WHERE bone_read = 'positive'
UNION ALL
SELECT patient_id, earliest(date, date_precision), latest(date, date_precision), NULL
FROM exams SEMI JOIN positive_findings USING (patient_id, exam_id);

-- Rows that were set aside because of their day, each rule that does so having run by now.
CREATE OR REPLACE TEMP VIEW impossible_days AS
SELECT row_id FROM stored.check_findings WHERE rule IN ('T019', 'T020', 'T021', 'T080');
