"""Long runs that no test repeats: do the intervals that osteon prints cover what they should?"""
