"""From a neuroendocrine-tumour centre's records to an audited study of bone metastases."""

__version__ = "0.1.0"
