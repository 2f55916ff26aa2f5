"""Cox, Fine-Gray and Firth models: sums over risk sets, and what follows from a fit."""
