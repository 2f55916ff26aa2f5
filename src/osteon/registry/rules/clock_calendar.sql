-- The days an imprecise date may mean, on a calendar clock: its month, its year, or half a year
-- either way of a guess.

CREATE OR REPLACE TEMP MACRO earliest(t, p) AS
    CASE p
        WHEN 'month' THEN date_trunc('month', t)::DATE
        WHEN 'year' THEN date_trunc('year', t)::DATE
        WHEN 'estimated' THEN t - 183
        ELSE t
    END;

CREATE OR REPLACE TEMP MACRO latest(t, p) AS
    CASE p
        WHEN 'month' THEN last_day(t)
        WHEN 'year' THEN make_date(year(t), 12, 31)
        WHEN 'estimated' THEN t + 183
        ELSE t
    END;

-- When each patient was diagnosed (first tumour).
CREATE OR REPLACE TEMP VIEW diagnoses AS
SELECT
    patient_id,
    min(earliest(diagnosis, diagnosis_precision)) AS earliest,
    min(latest(diagnosis, diagnosis_precision)) AS latest
FROM tumours
WHERE diagnosis IS NOT NULL
GROUP BY patient_id;

-- The newest day in the registry; a day in the future (T013) must not make everybody look lost.
CREATE OR REPLACE TEMP VIEW data_cut AS
SELECT max(greatest(last_contact, death)) AS day
FROM patients JOIN current_imports USING (import_id)
WHERE greatest(last_contact, death) <= imported_at::DATE;
