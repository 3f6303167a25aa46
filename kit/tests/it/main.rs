//! Integration tests of kit.
