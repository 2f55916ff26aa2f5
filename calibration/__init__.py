"""How the conditioned scenarios of ``osteon.simulate`` got their patients; not part of the package."""
