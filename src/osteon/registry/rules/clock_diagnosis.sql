-- The days an imprecise time may mean, on a clock that counts days from diagnosis: it is told as the
-- first day of its month or year.

CREATE OR REPLACE TEMP MACRO earliest(t, p) AS
    CASE p WHEN 'estimated' THEN t - 183 ELSE t END;

CREATE OR REPLACE TEMP MACRO latest(t, p) AS
    CASE p WHEN 'month' THEN t + 30 WHEN 'year' THEN t + 365 WHEN 'estimated' THEN t + 183 ELSE t END;

-- When each patient was diagnosed: day 0 of this clock, unless a tumour says otherwise.
CREATE OR REPLACE TEMP VIEW diagnoses AS
SELECT
    patients.patient_id,
    coalesce(min(earliest(diagnosis, diagnosis_precision)), 0) AS earliest,
    coalesce(min(latest(diagnosis, diagnosis_precision)), 0) AS latest
FROM patients LEFT JOIN tumours USING (patient_id)
GROUP BY patients.patient_id;
