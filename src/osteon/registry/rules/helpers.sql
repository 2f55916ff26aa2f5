-- What several rules ask for. They live for one check only, so a newer osteon never meets old ones.

-- The last day each patient was known to be alive, or died.
CREATE OR REPLACE TEMP VIEW ends AS
SELECT
    patient_id,
    greatest(
        latest(last_contact, last_contact_precision), latest(death, death_precision)
    ) AS latest
FROM patients
WHERE last_contact IS NOT NULL OR death IS NOT NULL;

-- Days of death that no later contact contradicts.
CREATE OR REPLACE TEMP VIEW deaths AS
SELECT patient_id, latest(death, death_precision) AS latest
FROM patients
WHERE death IS NOT NULL
  AND (last_contact IS NULL
       OR earliest(last_contact, last_contact_precision) <= latest(death, death_precision));

-- Lesions that are there and count.
CREATE OR REPLACE TEMP VIEW positive_findings AS
SELECT *
FROM bone_findings
WHERE coalesce(status, 'accepted') = 'accepted'
  AND (sstr_uptake = 'positive' OR ct_correlate = 'present' OR mr_correlate = 'present');

-- Everything that says "bone metastasis", and the days it can mean.
CREATE OR REPLACE TEMP VIEW bone_evidence AS
SELECT patient_id, earliest(date, date_precision) AS earliest, latest(date, date_precision) AS latest
FROM metastases
WHERE site = 'bone' AND coalesce(status, 'accepted') <> 'rejected'
UNION ALL
SELECT patient_id, earliest(date, date_precision), latest(date, date_precision)
FROM exams
WHERE bone_read = 'positive'
UNION ALL
SELECT patient_id, earliest(date, date_precision), latest(date, date_precision)
FROM exams SEMI JOIN positive_findings USING (patient_id, exam_id);

-- Rows that were set aside because of their day, each rule that does so having run by now.
CREATE OR REPLACE TEMP VIEW impossible_days AS
SELECT row_id FROM stored.check_findings WHERE rule IN ('T019', 'T020', 'T021');
