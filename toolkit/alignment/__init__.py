"""What :mod:`toolkit.align` weighs: words, names, numbers, denials and hedges of a claim against a source's."""
