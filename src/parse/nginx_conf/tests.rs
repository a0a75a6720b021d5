//! Tests of what a configuration says.
