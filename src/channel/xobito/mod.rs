//! Xobito.
