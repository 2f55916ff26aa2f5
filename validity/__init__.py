"""Long runs that no test repeats: do the intervals that osteon prints cover what they should?

`designs` and `samples` draw patients, `models` and `courses` those of other models, `truths` says
what is true of them. `cases` makes intervals of a sample, `tally` counts, `kept` remembers,
`choices` and `advice` say what follows, `gaps` what has no row, `page` writes it down; `coverage`
runs it all.
"""
