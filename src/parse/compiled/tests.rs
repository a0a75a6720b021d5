//! Tests of compiled formats.
