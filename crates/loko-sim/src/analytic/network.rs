//! The quick look.
